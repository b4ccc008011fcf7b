use arginv::prelude::*;
use num_dual::DualNum;
use proptest::prelude::*;

use crate::{SineMap, Swirl, SwirlOfSine, column, difference, forward};

/// All derivatives of two simulators of the same map at one point; the largest differences of
/// (first derivatives, second derivatives).
pub(crate) fn compare<T, P, Q>(p: &P, q: &Q, x: &[f64], w: &[f64], v: &[f64]) -> (f64, f64)
where
    T: Scalar,
    P: Curvature<T> + Jvp<T>,
    Q: Curvature<T> + Jvp<T>,
{
    let (x, w, v) = (column::<T>(x), column::<T>(w), column::<T>(v));
    let (n, m) = (p.input_dim(), p.output_dim());
    let mut first: f64 = 0.0;
    let mut put = |a: Mat<T>, b: Mat<T>| first = first.max(difference(&a, &b));
    let new = |rows: usize, cols: usize| (Mat::<T>::zeros(rows, cols), Mat::<T>::zeros(rows, cols));

    let (mut a, mut b) = new(m, n);
    p.jacobian(x.as_ref(), a.as_mut()).unwrap();
    q.jacobian(x.as_ref(), b.as_mut()).unwrap();
    let jac = a.clone();
    put(a, b);
    let ((mut a, mut b), (mut y, mut z)) = (new(m, n), new(m, 1));
    p.forward_jacobian(x.as_ref(), y.as_mut(), a.as_mut())
        .unwrap();
    q.forward_jacobian(x.as_ref(), z.as_mut(), b.as_mut())
        .unwrap();
    // Dual numbers divide by multiplying with the reciprocal: the value differs by rounding.
    put(y.clone(), forward(p, &x));
    put(a, b);
    put(y, z);
    let (mut a, mut b) = new(m, 1);
    p.jvp(x.as_ref(), v.as_ref(), a.as_mut()).unwrap();
    q.jvp(x.as_ref(), v.as_ref(), b.as_mut()).unwrap();
    put(a, b);
    let (mut a, mut b) = new(n, 1);
    p.vjp(x.as_ref(), w.as_ref(), a.as_mut()).unwrap();
    q.vjp(x.as_ref(), w.as_ref(), b.as_mut()).unwrap();
    put(a.clone(), b);
    // ⟨w, Jv⟩ = ⟨Jᵀw, v⟩
    let jv = &jac * &v;
    let (left, right) = ((w.transpose() * jv)[(0, 0)], (a.transpose() * &v)[(0, 0)]);
    let size = jac.norm_max().as_f64().max(1.0);
    first = first.max((left - right).as_f64().abs() / size);

    let (mut a, mut b) = new(n, n);
    p.curvature(x.as_ref(), w.as_ref(), a.as_mut()).unwrap();
    q.curvature(x.as_ref(), w.as_ref(), b.as_mut()).unwrap();
    assert_eq!(a, a.transpose().to_owned());
    (first, difference(&a, &b))
}

/// What two exact evaluations may differ by: a few roundings of sums of a handful of terms.
fn rounding<T: Scalar>() -> f64 {
    50.0 * T::eps().as_f64()
}

fn exact<T: Scalar>(
    p: &(impl Curvature<T> + Jvp<T>),
    q: &(impl Curvature<T> + Jvp<T>),
    x: &[f64],
    w: &[f64],
    v: &[f64],
) {
    let (first, second) = compare(p, q, x, w, v);
    assert!(
        first < rounding::<T>() && second < rounding::<T>(),
        "{first} {second}"
    );
}

#[test]
fn the_sines_derivatives_agree_where_it_is_ill_conditioned() {
    fn at<T: Scalar>(xi: f64, output_scaled: bool) {
        let (phi, gamma) = (45f64.to_radians(), 10.0);
        let sine = if output_scaled {
            Sine::<T>::output_scaled(xi, phi, gamma)
        } else {
            Sine::<T>::new(xi, phi, gamma)
        };
        let map = Auto::new(SineMap::of(xi, phi, gamma, output_scaled));
        for k in 0..20 {
            let x = [0.3 * f64::from(k) - 3.0, 1.0 - 0.2 * f64::from(k)];
            let sine = sine.as_ref().unwrap();
            exact(sine, &map, &x, &[0.7, -0.4], &[0.2, 0.9]);
            // The hand-written value has the same bits with the Jacobian and without.
            let (x, mut y, mut jac) = (column(&x), Mat::zeros(2, 1), Mat::zeros(2, 2));
            sine.forward_jacobian(x.as_ref(), y.as_mut(), jac.as_mut())
                .unwrap();
            assert_eq!(y, forward(sine, &x));
        }
    }
    for xi in [1.0, 8.0, 32.0] {
        for output_scaled in [false, true] {
            at::<f64>(xi, output_scaled);
            at::<f32>(xi, output_scaled);
        }
    }
}

/// Central differences: ε^⅔ and ε^½, times the map's next derivatives and frequency.
fn differences<T: Scalar>(
    p: &(impl Curvature<T> + Jvp<T> + Clone),
    x: &[f64],
    w: &[f64],
    v: &[f64],
) {
    let (first, second) = compare(p, &FiniteDiff::new(p.clone()), x, w, v);
    let eps = T::eps().as_f64();
    assert!(
        first < 50.0 * eps.powf(2.0 / 3.0),
        "first derivatives: {first}"
    );
    assert!(second < 200.0 * eps.sqrt(), "second derivatives: {second}");
}

fn all<T: Scalar>(x: &[f64], w: &[f64], v: &[f64], xi: f64, phi: f64) {
    for output_scaled in [false, true] {
        let sine = if output_scaled {
            Sine::<T>::output_scaled(xi, phi, 1.5)
        } else {
            Sine::<T>::input_scaled(xi, phi, 1.5)
        }
        .unwrap();
        let map = SineMap::of(xi, phi, 1.5, output_scaled);
        exact(&sine, &Auto::new(map), x, w, v);
        differences(&sine, x, w, v);
        // The inner map brings second derivatives of some ten times its own to the outer's.
        let composed = Compose::new(Auto::new(Swirl), sine).unwrap();
        let (first, second) = compare(&composed, &Auto::new(SwirlOfSine(map)), x, w, v);
        let amplified = 100.0 * rounding::<T>();
        assert!(first < amplified && second < amplified, "{first} {second}");
    }
    differences::<T>(&Auto::new(Swirl), x, w, v);
    let matrix = Mat::from_fn(2, 2, |i, j| T::lit(if i == j { 2.0 } else { x[i] / 4.0 }));
    differences(&Linear::new(matrix).unwrap(), x, w, v);
    let (x, w, v) = (&x[..1], &w[..1], &v[..1]);
    differences::<T>(&Exponential, x, w, v);
    differences::<T>(&Square, x, w, v);
    exact::<T>(&Exponential, &Auto::new(ExpMap), x, w, v);
    exact::<T>(&Square, &Auto::new(SquareMap), x, w, v);
}

#[derive(Clone, Copy)]
struct ExpMap;
impl<T: Scalar> Map<T> for ExpMap {
    fn input_dim(&self) -> usize {
        1
    }
    fn output_dim(&self) -> usize {
        1
    }
    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        y[0] = x[0].exp();
    }
}

#[derive(Clone, Copy)]
struct SquareMap;
impl<T: Scalar> Map<T> for SquareMap {
    fn input_dim(&self) -> usize {
        1
    }
    fn output_dim(&self) -> usize {
        1
    }
    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        y[0] = x[0] * x[0];
    }
}

proptest! {
    #[test]
    fn derivatives_agree_with_dual_numbers_and_differences(
        x in prop::collection::vec(-1.0..1.0, 2),
        w in prop::collection::vec(-1.0..1.0, 2),
        v in prop::collection::vec(-1.0..1.0, 2),
        xi in 0.7..1.5,
        phi in -3.0..3.0,
    ) {
        all::<f64>(&x, &w, &v, xi, phi);
        all::<f32>(&x, &w, &v, xi, phi);
    }
}

/// yᵢ = xᵢ·sin xᵢ₊₁ over any number of inputs: 20 lie on the heap, the first 3 of them on the stack.
#[derive(Clone, Copy)]
struct Ring(usize);

impl<T: Scalar> Map<T> for Ring {
    fn input_dim(&self) -> usize {
        self.0
    }

    fn output_dim(&self) -> usize {
        self.0
    }

    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        for (i, y) in y.iter_mut().enumerate() {
            *y = x[i] * x[(i + 1) % 3].sin();
        }
    }
}

#[test]
fn large_maps_have_the_derivatives_of_small_ones() {
    let at = |n: usize| Mat::from_fn(n, 1, |i, _| 0.1 + 0.07 * i as f64);
    let weights = |n: usize| Mat::from_fn(n, 1, |i, _| if i < 3 { 1.0 - i as f64 } else { 0.0 });
    let (small, large) = (Auto::new(Ring(3)), Auto::new(Ring(20)));
    let (mut a, mut b) = (Mat::zeros(3, 3), Mat::zeros(20, 20));
    small.jacobian(at(3).as_ref(), a.as_mut()).unwrap();
    large.jacobian(at(20).as_ref(), b.as_mut()).unwrap();
    assert_eq!(a, b.submatrix(0, 0, 3, 3).to_owned());
    small
        .curvature(at(3).as_ref(), weights(3).as_ref(), a.as_mut())
        .unwrap();
    large
        .curvature(at(20).as_ref(), weights(20).as_ref(), b.as_mut())
        .unwrap();
    assert_eq!(a, b.submatrix(0, 0, 3, 3).to_owned());
    assert_eq!(b.submatrix(3, 0, 17, 20).norm_max(), 0.0);
}

/// Column j of a batch against a batch of one, bit for bit.
fn columns_are_independent(p: &impl Curvature<f64>) {
    let x = Mat::from_fn(2, 7, |i, j| (0.3 * i as f64 - 0.2 * j as f64).sin());
    let y = forward(p, &x);
    let mut jac = Mat::zeros(2, 14);
    let mut h = Mat::zeros(2, 14);
    p.jacobian(x.as_ref(), jac.as_mut()).unwrap();
    p.curvature(x.as_ref(), y.as_ref(), h.as_mut()).unwrap();
    for j in 0..7 {
        let one = x.subcols(j, 1).to_owned();
        let alone = forward(p, &one);
        assert_eq!(alone, y.subcols(j, 1).to_owned());
        let (mut jac_one, mut h_one) = (Mat::zeros(2, 2), Mat::zeros(2, 2));
        p.jacobian(one.as_ref(), jac_one.as_mut()).unwrap();
        p.curvature(one.as_ref(), alone.as_ref(), h_one.as_mut())
            .unwrap();
        assert_eq!(jac_one, jac.subcols(2 * j, 2).to_owned());
        assert_eq!(h_one, h.subcols(2 * j, 2).to_owned());
    }
}

#[test]
fn columns_do_not_know_of_each_other() {
    let sine = Sine::new(2.0, 0.4, 1.5).unwrap();
    columns_are_independent(&sine);
    columns_are_independent(&Auto::new(Swirl));
    columns_are_independent(&FiniteDiff::new(Auto::new(Swirl)));
    columns_are_independent(&Compose::new(Auto::new(Swirl), sine).unwrap());
}
