//! Maps of unequal dimensions, badly scaled points, every elementary function.

use arginv::prelude::*;
use arginv::simulator::DualNum;
use faer::mat;
use proptest::prelude::*;

use crate::derivatives::compare;
use crate::difference;

/// ℝ² → ℝ³.
#[derive(Clone, Copy)]
struct Lift;
impl<T: Scalar> Map<T> for Lift {
    fn input_dim(&self) -> usize {
        2
    }
    fn output_dim(&self) -> usize {
        3
    }
    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        y[0] = x[0] * x[1];
        y[1] = x[0].sin() + x[1];
        y[2] = x[1] * x[1] * x[0];
    }
}

/// ℝ³ → ℝ.
#[derive(Clone, Copy)]
struct Drop;
impl<T: Scalar> Map<T> for Drop {
    fn input_dim(&self) -> usize {
        3
    }
    fn output_dim(&self) -> usize {
        1
    }
    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        y[0] = x[0].cos() * x[1] + x[2] * x[2] - x[0] * x[2];
    }
}

/// Outer∘Inner in one map, through at most three numbers.
#[derive(Clone, Copy)]
struct Then<Inner, Outer>(Inner, Outer);
impl<T: Scalar, Inner: Map<T>, Outer: Map<T>> Map<T> for Then<Inner, Outer> {
    fn input_dim(&self) -> usize {
        self.0.input_dim()
    }
    fn output_dim(&self) -> usize {
        self.1.output_dim()
    }
    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        let mut z = [x[0]; 3];
        let z = &mut z[..self.0.output_dim()];
        self.0.eval(x, z);
        self.1.eval(z, y);
    }
}

/// The chain rule against one map: sums of up to 27 terms, each of a few roundings.
fn composition<T: Scalar>(x: &[f64], w: &[f64], v: &[f64]) {
    let bound = 200.0 * T::eps().as_f64();
    let narrow = Compose::new(Auto::new(Drop), Auto::new(Lift)).unwrap();
    let (first, second) = compare::<T, _, _>(
        &narrow,
        &Auto::new(Then(Lift, Drop)),
        &x[..2],
        &w[..1],
        &v[..2],
    );
    assert!(first < bound && second < bound, "{first} {second}");
    // 3 → 1 → 1, with hand-written derivatives outside.
    let wide = Compose::new(Exponential, Auto::new(Drop)).unwrap();
    let (first, second) = compare::<T, _, _>(&wide, &Auto::new(Then(Drop, Exp)), x, &w[..1], v);
    assert!(first < bound && second < bound, "{first} {second}");
}

#[derive(Clone, Copy)]
struct Exp;
impl<T: Scalar> Map<T> for Exp {
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

/// Elementary functions, one an output, of a number away from their singularities.
#[derive(Clone, Copy)]
struct Functions;
impl<T: Scalar> Map<T> for Functions {
    fn input_dim(&self) -> usize {
        2
    }
    fn output_dim(&self) -> usize {
        16
    }
    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        let (a, b) = (x[0], x[1]);
        let half = (a * T::lit(0.5)).sin();
        y.copy_from_slice(&[
            a / b,
            b.recip(),
            b.sqrt(),
            b.cbrt(),
            b.ln(),
            a.exp_m1(),
            (a * a).ln_1p(),
            b.powi(-2),
            a.powi(3),
            b.powf(T::lit(1.5)),
            half.asin() + half.acos() * half,
            a.atan(),
            a.atan2(b),
            a.sinh() - a.cosh() * b,
            a.tanh() * a.tan(),
            b.powd(a),
        ]);
    }
}

proptest! {
    #[test]
    fn composition_obeys_the_chain_rule_in_unequal_dimensions(
        x in prop::collection::vec(-1.0..1.0, 3),
        w in prop::collection::vec(-1.0..1.0, 3),
        v in prop::collection::vec(-1.0..1.0, 3),
    ) {
        composition::<f64>(&x, &w, &v);
        composition::<f32>(&x, &w, &v);
    }

    #[test]
    fn dual_numbers_know_every_elementary_function(
        a in -0.9..0.9, b in 1.0..3.0,
        w in prop::collection::vec(-1.0..1.0, 16),
        v in prop::collection::vec(-1.0..1.0, 2),
    ) {
        let (exact, near) = (Auto::new(Functions), FiniteDiff::new(Auto::new(Functions)));
        // Third and fourth derivatives of up to 100 multiply ε^⅔ and ε^½.
        let (first, second) = compare::<f64, _, _>(&exact, &near, &[a, b], &w, &v);
        prop_assert!(first < 5e-9 && second < 5e-6, "{first} {second}");
        let (first, second) = compare::<f32, _, _>(&exact, &near, &[a, b], &w, &v);
        prop_assert!(first < 5e-3 && second < 0.2, "{first} {second}");
    }
}

#[test]
fn differences_take_a_step_that_suits_each_component() {
    // Along the small component alone; the steps of the large one are longer than the sine's period.
    let p = from_fn(2, 1, |x: &[f64], y: &mut [f64]| {
        y[0] = x[0] * 1e-6 + x[1].sin();
    });
    let p = FiniteDiff::new(p);
    let (x, v) = (mat![[1e6], [0.3]], mat![[0.0], [1.0]]);
    let mut out = Mat::zeros(1, 1);
    p.jvp(x.as_ref(), v.as_ref(), out.as_mut()).unwrap();
    assert!((out[(0, 0)] - 0.3f64.cos()).abs() < 1e-9, "{out:?}");
    // Along both, as the Jacobian says.
    let (v, mut jac) = (mat![[1e6], [2.0]], Mat::zeros(1, 2));
    p.jvp(x.as_ref(), v.as_ref(), out.as_mut()).unwrap();
    p.jacobian(x.as_ref(), jac.as_mut()).unwrap();
    assert!(difference(&out, &(jac * v)) < 1e-9);
    // v = 0 is no direction.
    p.jvp(x.as_ref(), Mat::zeros(2, 1).as_ref(), out.as_mut())
        .unwrap();
    assert_eq!(out[(0, 0)], 0.0);
}

#[test]
fn differences_follow_the_scale_they_are_told() {
    // sin(x/10⁻⁴) varies on a scale of 1e-4: a step of 6e-6 is 0.06 of it, one of 6e-10 is not.
    let p = from_fn(1, 1, |x: &[f64], y: &mut [f64]| y[0] = (1e4 * x[0]).sin());
    let x = mat![[2e-5]];
    let exact = 1e4 * 0.2f64.cos();
    let error = |p: &FiniteDiff<_>| {
        let mut jac = Mat::zeros(1, 1);
        p.jacobian(x.as_ref(), jac.as_mut()).unwrap();
        (jac[(0, 0)] / exact - 1.0).abs()
    };
    let plain = FiniteDiff::new(&p);
    let told = plain.with_scale(1e-4).unwrap();
    assert!(error(&plain) > 1e-4 && error(&told) < 1e-9);
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(plain.with_scale(bad).is_err());
    }
}

#[test]
fn outputs_are_zero_before_a_sample_is_mapped() {
    struct Sum;
    impl Map<f64> for Sum {
        fn input_dim(&self) -> usize {
            3
        }
        fn output_dim(&self) -> usize {
            1
        }
        fn eval<D: DualNum<Primitive = f64> + Copy>(&self, x: &[D], y: &mut [D]) {
            for &x in x {
                y[0] += x * x;
            }
        }
    }
    let closure = from_fn(3, 1, |x: &[f64], y: &mut [f64]| {
        for x in x {
            y[0] += x * x;
        }
    });
    let x = mat![[1.0, 2.0], [0.0, 1.0], [3.0, 1.0]];
    for p in [&Auto::new(Sum) as &dyn Simulator<f64>, &closure] {
        let mut y = mat![[f64::NAN, 7.0]];
        p.forward(x.as_ref(), y.as_mut()).unwrap();
        assert_eq!(y, mat![[10.0, 6.0]]);
    }
    let (mut jac, mut h) = (Mat::zeros(1, 6), Mat::zeros(3, 6));
    let p = Auto::new(Sum);
    p.jacobian(x.as_ref(), jac.as_mut()).unwrap();
    p.curvature(x.as_ref(), mat![[1.0, 1.0]].as_ref(), h.as_mut())
        .unwrap();
    assert_eq!(jac, mat![[2.0, 0.0, 6.0, 4.0, 2.0, 2.0]]);
    assert_eq!(
        h,
        Mat::from_fn(3, 6, |i, j| if j % 3 == i { 2.0 } else { 0.0 })
    );
}

#[test]
fn pointers_hand_on_the_fused_evaluation() {
    // By default a Jacobian with the value is two calls; the pointer must not fall back on that.
    let counted = Counted::new(Square);
    let x = mat![[3.0]];
    let (mut y, mut jac) = (Mat::zeros(1, 1), Mat::zeros(1, 1));
    let boxed: Box<dyn Jacobian<f64>> = Box::new(counted.clone());
    let shared = std::sync::Arc::new(counted.clone());
    for p in [&&counted as &dyn Jacobian<f64>, &boxed, &shared] {
        p.forward_jacobian(x.as_ref(), y.as_mut(), jac.as_mut())
            .unwrap();
        assert_eq!((y[(0, 0)], jac[(0, 0)]), (9.0, 6.0));
    }
    let counts = counted.counts();
    assert_eq!((counts.forward.calls, counts.jacobian.calls), (0, 3));
    let boxed: Box<dyn LocalInverse<f64> + Send + Sync> = Box::new(Square);
    let mut root = Mat::zeros(1, 1);
    boxed
        .inverse(x.as_ref(), y.as_ref(), root.as_mut())
        .unwrap();
    assert_eq!(root[(0, 0)], 3.0);
}
