//! Losses against dual numbers, central differences, closed forms and their stated promises.

use std::sync::Arc;

use arginv::loss::{AutoLoss, Huber, L2, LogCosh, LossMap, WeightedL2};
use arginv::{Error, Loss, Scalar};
use faer::{Mat, MatRef};
use num_dual::DualNum;
use proptest::prelude::*;

macro_rules! in_both_precisions {
    ($($test:ident)*) => { $(mod $test {
        #[test]
        fn in_f32() { super::$test::<f32>(); }
        #[test]
        fn in_f64() { super::$test::<f64>(); }
    })* };
}

in_both_precisions! {
    derivatives_are_those_of_dual_numbers
    derivatives_are_those_of_central_differences
    auto_loss_gives_the_derivatives_of_rosenbrock
    the_step_solves_newtons_equation
    the_step_minimises_a_quadratic
    quadratic_steps_scale_with_y
    steps_never_ascend
    far_steps_end_at_the_target
    log_cosh_changes_to_the_safe_step_at_its_threshold
    log_cosh_is_accurate_at_all_scales
    the_default_step_is_saddle_free
    the_default_step_never_ascends_to_first_order
    batches_are_their_samples
    bad_batches_are_refused
    bad_parameters_are_refused
    full_weights_are_judged_in_any_units
    pointers_forward_everything
    mismatched_slices_do_not_panic
}

// Fixtures

/// Positive definite, eigenvalues between 1 and 5.
const W: [[f64; 3]; 3] = [[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]];
const DIAGONAL: [f64; 3] = [4.0, 0.5, 1.0];
const DELTA: f64 = 1.0;

/// The shipped losses written again, by their definitions.
#[derive(Clone, Copy, Debug)]
enum Definition {
    L2,
    Diagonal,
    Full,
    Huber,
    LogCosh,
}

impl<T: Scalar> LossMap<T> for Definition {
    fn value<D: DualNum<Primitive = T> + Copy>(&self, y: &[D], target: &[T]) -> D {
        let r: Vec<D> = y.iter().zip(target).map(|(&y, &t)| y - t).collect();
        let delta = T::lit(DELTA);
        let half = T::lit(0.5);
        let term = |i: usize, r_i: D| match self {
            Definition::L2 => r_i * r_i * half,
            Definition::Diagonal => r_i * r_i * half * T::lit(DIAGONAL[i]),
            Definition::Full => {
                let wr = r.iter().zip(&W[i]).map(|(&r_j, &w)| r_j * T::lit(w));
                r_i * wr.sum::<D>() * half
            }
            Definition::Huber if r_i.abs() <= delta => r_i * r_i * half,
            Definition::Huber => (r_i.abs() - half * delta) * delta,
            Definition::LogCosh => r_i.cosh().ln(),
        };
        r.iter().enumerate().map(|(i, &r_i)| term(i, r_i)).sum()
    }
}

/// Σ cosh rᵢ + ½(Σ rᵢ)²: convex, not separable, for any m.
struct Coupled;

impl<T: Scalar> LossMap<T> for Coupled {
    fn value<D: DualNum<Primitive = T> + Copy>(&self, y: &[D], target: &[T]) -> D {
        let residuals = || y.iter().zip(target).map(|(&y, &t)| y - t);
        let sum: D = residuals().sum();
        residuals().map(|r| r.cosh()).sum::<D>() + sum * sum * T::lit(0.5)
    }
}

/// (1 − y₀)² + 100(y₁ − y₀²)², which has a region of indefinite Hessian.
struct Rosenbrock;

impl<T: Scalar> LossMap<T> for Rosenbrock {
    fn value<D: DualNum<Primitive = T> + Copy>(&self, y: &[D], _target: &[T]) -> D {
        let valley = y[1] - y[0] * y[0];
        let rest = y[0] - T::one();
        rest * rest + valley * valley * T::lit(100.0)
    }
}

/// ½r₀² − ½r₁² + r₂: a saddle with a direction without curvature.
struct Saddle;

impl<T: Scalar> LossMap<T> for Saddle {
    fn value<D: DualNum<Primitive = T> + Copy>(&self, y: &[D], target: &[T]) -> D {
        let r = |i: usize| y[i] - target[i];
        (r(0) * r(0) - r(1) * r(1)) * T::lit(0.5) + r(2)
    }
}

fn lits<T: Scalar>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&v| T::lit(v)).collect()
}

fn matrix<T: Scalar>(rows: &[[f64; 3]; 3]) -> Mat<T> {
    Mat::from_fn(3, 3, |i, j| T::lit(rows[i][j]))
}

/// The shipped losses for m = 3, each with its definition; the quadratic ones first.
fn shipped<T: Scalar>() -> Vec<(Box<dyn Loss<T>>, Definition)> {
    let diagonal = WeightedL2::diagonal(&lits::<T>(&DIAGONAL)).unwrap();
    let full = WeightedL2::full(matrix::<T>(&W).as_ref()).unwrap();
    vec![
        (Box::new(L2), Definition::L2),
        (Box::new(diagonal), Definition::Diagonal),
        (Box::new(full), Definition::Full),
        (Box::new(Huber::new(DELTA).unwrap()), Definition::Huber),
        (Box::new(LogCosh), Definition::LogCosh),
    ]
}

fn gradient<T: Scalar>(loss: &dyn Loss<T>, y: &[T], target: &[T]) -> Vec<T> {
    let mut out = vec![T::nan(); y.len()];
    loss.gradient(y, target, &mut out);
    out
}

fn hessian_mul<T: Scalar>(loss: &dyn Loss<T>, y: &[T], target: &[T], v: &[T]) -> Vec<T> {
    let mut out = vec![T::nan(); y.len()];
    loss.hessian_mul(y, target, v, &mut out);
    out
}

fn step<T: Scalar>(loss: &dyn Loss<T>, y: &[T], target: &[T], eta: f64) -> Vec<T> {
    let mut out = vec![T::nan(); y.len()];
    loss.newton_step(y, target, T::lit(eta), &mut out);
    out
}

/// y + factor·Δy.
fn added<T: Scalar>(y: &[T], dy: &[T], factor: T) -> Vec<T> {
    y.iter().zip(dy).map(|(&y, &d)| y + factor * d).collect()
}

fn scaled<T: Scalar>(values: &[T], c: f64) -> Vec<T> {
    values.iter().map(|&v| v * T::lit(c)).collect()
}

/// ‖a − b‖∞ in double precision; NaN where an element is NaN.
fn distance<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(&a, &b)| (a - b).as_f64().abs());
    differences.fold(0.0, |m, d| if d <= m { m } else { d })
}

fn eps<T: Scalar>() -> f64 {
    T::eps().as_f64()
}

fn triple(limit: f64) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-limit..limit, 3)
}

fn pair(limit: f64) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-limit..limit, 2)
}

/// Numbers of either sign from 1e-30 to 1e30.
fn any_scale() -> impl Strategy<Value = f64> {
    (any::<bool>(), -30.0..30.0)
        .prop_map(|(sign, exponent)| if sign { 1.0 } else { -1.0 } * 10f64.powf(exponent))
}

// Derivatives

fn derivatives_are_those_of_dual_numbers<T: Scalar>() {
    proptest!(|(y in triple(3.0), target in triple(3.0), v in triple(1.0))| {
        let (y, target, v) = (lits::<T>(&y), lits::<T>(&target), lits::<T>(&v));
        // Some ten operations on numbers up to |w|·|r| = 24, each rounded to ε.
        let tolerance = 300.0 * eps::<T>();
        for (loss, definition) in shipped::<T>() {
            let auto = AutoLoss::new(definition);
            let (a, b) = (loss.value(&y, &target), auto.value(&y, &target));
            prop_assert!(distance(&[a], &[b]) <= tolerance * (1.0 + b.as_f64()), "{definition:?}");
            let (a, b) = (gradient(&*loss, &y, &target), gradient(&auto, &y, &target));
            prop_assert!(distance(&a, &b) <= tolerance, "{definition:?}: {a:?}, {b:?}");
            let a = hessian_mul(&*loss, &y, &target, &v);
            let b = hessian_mul(&auto, &y, &target, &v);
            prop_assert!(distance(&a, &b) <= tolerance, "{definition:?}: {a:?}, {b:?}");
        }
    });
}

fn derivatives_are_those_of_central_differences<T: Scalar>() {
    // The step that balances truncation, h²·|L‴|/6, and rounding, ε·|L|/h.
    let h = eps::<T>().cbrt();
    let tolerance = |size: f64| 4.0 * h * h * (1.0 + size);
    proptest!(|(y in triple(3.0), target in triple(3.0), v in triple(1.0))| {
        // Differences across Huber's kink see neither side's curvature.
        let off_kink = |(y, t): (&f64, &f64)| ((y - t).abs() - DELTA).abs() > 2.0 * h;
        prop_assume!(y.iter().zip(&target).all(off_kink));
        let (y, target, v) = (lits::<T>(&y), lits::<T>(&target), lits::<T>(&v));
        let width = T::lit(2.0 * h);
        let (ahead, behind) = (added(&y, &v, T::lit(h)), added(&y, &v, T::lit(-h)));
        for (loss, definition) in shipped::<T>() {
            let slope = gradient(&*loss, &y, &target)
                .iter()
                .zip(&v)
                .fold(T::zero(), |s, (&g, &v)| s + g * v);
            let (a, b) = (loss.value(&ahead, &target), loss.value(&behind, &target));
            let difference = (a - b) / width;
            let size = loss.value(&y, &target).as_f64();
            prop_assert!(distance(&[slope], &[difference]) <= tolerance(size), "{definition:?}");

            let product = hessian_mul(&*loss, &y, &target, &v);
            let (a, b) = (gradient(&*loss, &ahead, &target), gradient(&*loss, &behind, &target));
            let difference: Vec<T> = a.iter().zip(&b).map(|(&a, &b)| (a - b) / width).collect();
            // |∇L| is at most Σ|w|·|r| = 33.
            prop_assert!(distance(&product, &difference) <= tolerance(33.0), "{definition:?}");
        }
    });
}

fn auto_loss_gives_the_derivatives_of_rosenbrock<T: Scalar>() {
    let loss = AutoLoss::new(Rosenbrock);
    proptest!(|(y in pair(2.0), v in pair(1.0))| {
        let (y, v) = (lits::<T>(&y), lits::<T>(&v));
        let (a, b) = (y[0].as_f64(), y[1].as_f64());
        let (p, q) = (v[0].as_f64(), v[1].as_f64());
        let expected_gradient =
            [2.0 * (a - 1.0) - 400.0 * a * (b - a * a), 200.0 * (b - a * a)];
        let expected_product = [
            (2.0 - 400.0 * (b - 3.0 * a * a)) * p - 400.0 * a * q,
            -400.0 * a * p + 200.0 * q,
        ];
        // Some ten operations on numbers up to 400·2·6 = 4800.
        let tolerance = 10.0 * 4800.0 * eps::<T>();
        let g = gradient(&loss, &y, &y);
        prop_assert!(distance(&g, &lits(&expected_gradient)) <= tolerance);
        let h = hessian_mul(&loss, &y, &y, &v);
        prop_assert!(distance(&h, &lits(&expected_product)) <= tolerance);
    });
}

#[test]
fn auto_loss_works_beyond_its_stack_buffer() {
    let loss = AutoLoss::new(Coupled);
    for m in [1, 16, 17, 40] {
        let y: Vec<f64> = (0..m).map(|i| (i as f64).sin()).collect();
        let v: Vec<f64> = (0..m).map(|i| (i as f64).cos()).collect();
        let zero = vec![0.0; m];
        let (sum_y, sum_v) = (y.iter().sum::<f64>(), v.iter().sum::<f64>());
        let g: Vec<f64> = y.iter().map(|y| y.sinh() + sum_y).collect();
        let h: Vec<f64> = y
            .iter()
            .zip(&v)
            .map(|(y, v)| y.cosh() * v + sum_v)
            .collect();
        // m terms below 2, each rounded to ε.
        let tolerance = 4.0 * m as f64 * f64::EPSILON;
        assert!(distance(&gradient(&loss, &y, &zero), &g) <= tolerance);
        assert!(distance(&hessian_mul(&loss, &y, &zero, &v), &h) <= tolerance);
    }
}

// Newton steps

fn the_step_solves_newtons_equation<T: Scalar>() {
    proptest!(|(r in triple(1.0), target in triple(3.0), eta in 0.01..1.0)| {
        let target = lits::<T>(&target);
        // Residuals at which no safe step applies.
        let y = added(&target, &lits(&r), T::lit(0.999));
        let mut losses: Vec<(Box<dyn Loss<T>>, String)> = shipped::<T>()
            .into_iter()
            .map(|(loss, definition)| (loss, format!("{definition:?}")))
            .collect();
        losses.push((Box::new(AutoLoss::new(Coupled)), "Coupled".to_owned()));
        for (loss, name) in losses {
            let dy = step(&*loss, &y, &target, eta);
            let product = hessian_mul(&*loss, &y, &target, &dy);
            let expected = scaled(&gradient(&*loss, &y, &target), -eta);
            // Numbers below 10, and a condition number below 6 where a system is solved.
            let tolerance = 100.0 * eps::<T>();
            prop_assert!(distance(&product, &expected) <= tolerance, "{name}");
        }
    });
}

fn the_step_minimises_a_quadratic<T: Scalar>() {
    proptest!(|(y in triple(100.0), target in triple(100.0))| {
        let (y, target) = (lits::<T>(&y), lits::<T>(&target));
        for (loss, definition) in shipped::<T>().into_iter().take(3) {
            let end = added(&y, &step(&*loss, &y, &target, 1.0), T::one());
            // Two roundings, of a difference below 200 and of a sum.
            prop_assert!(distance(&end, &target) <= 200.0 * eps::<T>(), "{definition:?}");

            let auto = AutoLoss::new(definition);
            let end = added(&y, &step(&auto, &y, &target, 1.0), T::one());
            // A system with condition number up to 8 and a solution below 200·√3.
            prop_assert!(distance(&end, &target) <= 2e4 * eps::<T>(), "{definition:?}");
        }
    });
}

fn quadratic_steps_scale_with_y<T: Scalar>() {
    proptest!(|(
        y in triple(10.0),
        target in triple(10.0),
        exponent in -20..20,
        c in 0.1..10.0,
        eta in 0.01..1.0,
    )| {
        let (y, target) = (lits::<T>(&y), lits::<T>(&target));
        for (loss, definition) in shipped::<T>().into_iter().take(3) {
            let dy = step(&*loss, &y, &target, eta);
            // Powers of two scale without rounding.
            let power = 2f64.powi(exponent);
            let of_scaled = step(&*loss, &scaled(&y, power), &scaled(&target, power), eta);
            prop_assert_eq!(&of_scaled, &scaled(&dy, power), "{:?}", definition);
            // Others round y, y* and Δy, all below 20c.
            let of_scaled = step(&*loss, &scaled(&y, c), &scaled(&target, c), eta);
            let tolerance = 3.0 * 20.0 * c * eps::<T>();
            prop_assert!(distance(&of_scaled, &scaled(&dy, c)) <= tolerance, "{definition:?}");
        }
    });
}

fn steps_never_ascend<T: Scalar>() {
    proptest!(|(y in any_scale(), t in any_scale(), r in -2.0..2.0, size in any_scale(), eta in 0.01..=1.0)| {
        let size = size.abs();
        let exact: [Box<dyn Loss<T>>; 3] = [
            Box::new(L2),
            Box::new(WeightedL2::diagonal(&[T::lit(size)]).unwrap()),
            Box::new(Huber::new(size).unwrap()),
        ];
        let change = |loss: &dyn Loss<T>, y: f64, t: f64| {
            let (y, t) = ([T::lit(y)], [T::lit(t)]);
            let end = added(&y, &step(loss, &y, &t, eta), T::one());
            (loss.value(&y, &t), loss.value(&end, &t))
        };
        // A step towards the target rounds to a point between or to the target's neighbour.
        for (k, loss) in exact.iter().enumerate() {
            let (before, after) = change(&**loss, y, t);
            prop_assert!(after <= before, "loss {k}: {before} to {after}");
        }
        // Just below its threshold log cosh may gain less than rounding takes.
        for (y, t) in [(y, t), (r, 0.0)] {
            let (before, after) = change(&LogCosh, y, t);
            let slack = T::lit(8.0) * T::eps();
            prop_assert!(after <= before * (T::one() + slack), "{before} to {after}");
        }
    });
}

fn far_steps_end_at_the_target<T: Scalar>() {
    proptest!(|(y in any_scale(), t in any_scale())| {
        let (y, t) = ([T::lit(y)], [T::lit(t)]);
        let r = (y[0] - t[0]).as_f64().abs();
        prop_assume!(r > 1.1);
        let huber = Huber::new(r / 2.0).unwrap();
        for loss in [&LogCosh as &dyn Loss<T>, &huber] {
            let end = added(&y, &step(loss, &y, &t, 1.0), T::one());
            prop_assert!(distance(&end, &t) <= 2.0 * eps::<T>() * r);
        }
    });
}

fn log_cosh_changes_to_the_safe_step_at_its_threshold<T: Scalar>() {
    // The root of sinh 2r = 4r is 1.088659492…
    for (r, is_newton) in [(0.1, true), (1.0886, true), (1.0887, false), (50.0, false)] {
        for r in [r, -r] {
            let expected = if is_newton {
                0.5 * f64::sinh(2.0 * r)
            } else {
                r
            };
            let dy = step(&LogCosh, &[T::lit(r)], &[T::zero()], 0.5)[0].as_f64();
            // sinh passes on the rounding of r at most threefold here.
            let tolerance = 8.0 * eps::<T>() * expected.abs();
            assert!((dy + 0.5 * expected).abs() <= tolerance, "{dy} at {r}");
        }
    }
}

fn log_cosh_is_accurate_at_all_scales<T: Scalar>() {
    // Thirty-digit arithmetic, rounded.
    let figures = [
        (1e-10, 5.0e-21),
        (0.5, 0.120_114_506_958_277_52),
        (1.0, 0.433_780_830_483_027_2),
        (20.0, 19.306_852_819_440_055),
        (1e30, 1e30),
    ];
    for (r, expected) in figures {
        for r in [r, -r] {
            let value = LogCosh.value(&[T::lit(r)], &[T::zero()]).as_f64();
            // Rounding of r enters twofold near 0, as L ≈ ½r².
            assert!(
                (value / expected - 1.0).abs() <= 4.0 * eps::<T>(),
                "{value} at {r}"
            );
            let slope = gradient(&LogCosh, &[T::lit(r)], &[T::zero()])[0].as_f64();
            assert!(
                (slope / r.tanh() - 1.0).abs() <= 4.0 * eps::<T>(),
                "{slope} at {r}"
            );
        }
    }
}

fn the_default_step_is_saddle_free<T: Scalar>() {
    // Closed forms: −g/|λ| along each axis, and 0 along the flat one.
    let dy = step(
        &AutoLoss::new(Saddle),
        &lits::<T>(&[3.0, 2.0, 1.0]),
        &[T::zero(); 3],
        0.5,
    );
    assert!(
        distance(&dy, &lits(&[-1.5, 1.0, 0.0])) <= 8.0 * eps::<T>(),
        "{dy:?}"
    );

    // At (0, 1) the Hessian of Rosenbrock's function is diag(−398, 200), its gradient (−2, 200).
    let y = lits::<T>(&[0.0, 1.0]);
    let dy = step(&AutoLoss::new(Rosenbrock), &y, &y, 1.0);
    assert!(
        distance(&dy, &lits(&[2.0 / 398.0, -1.0])) <= 8.0 * eps::<T>(),
        "{dy:?}"
    );
}

fn the_default_step_never_ascends_to_first_order<T: Scalar>() {
    let loss = AutoLoss::new(Rosenbrock);
    proptest!(|(y in pair(2.0))| {
        let y = lits::<T>(&y);
        let (g, dy) = (gradient(&loss, &y, &y), step(&loss, &y, &y, 1.0));
        let terms = [(g[0] * dy[0]).as_f64(), (g[1] * dy[1]).as_f64()];
        // ∇L·Δy is a sum of two terms, each known to rounding.
        let rounding = 16.0 * eps::<T>() * (terms[0].abs() + terms[1].abs());
        prop_assert!(terms[0] + terms[1] <= rounding, "{:?} at {:?}", terms, y);
    });
}

// Batches

fn bits<T: Scalar>(values: &[T]) -> Vec<u64> {
    values.iter().map(|v| v.as_f64().to_bits()).collect()
}

fn batches_are_their_samples<T: Scalar>() {
    let entry = |i: usize, j: usize, phase: f64| T::lit(3.0 * ((i + 5 * j) as f64 + phase).sin());
    for samples in [0, 1, 4] {
        let mut y = Mat::from_fn(3, samples, |i, j| entry(i, j, 0.0));
        if samples > 1 {
            y[(2, 1)] = T::nan(); // must stay with its sample
        }
        let target = Mat::from_fn(3, samples, |i, j| entry(i, j, 0.5));
        // The same matrices stored row by row.
        let (y_rows, target_rows) = (y.transpose().to_owned(), target.transpose().to_owned());
        let views = [
            (y.as_ref(), target.as_ref()),
            (y_rows.transpose(), target_rows.transpose()),
        ];
        for (loss, definition) in shipped::<T>() {
            for (y_view, target_view) in views {
                let mut values = vec![T::zero(); samples];
                loss.values(y_view, target_view, &mut values).unwrap();
                let mut gradients = Mat::<T>::zeros(3, samples);
                loss.gradients(y_view, target_view, gradients.as_mut())
                    .unwrap();
                let mut rows = Mat::<T>::zeros(samples, 3);
                let steps = rows.as_mut().transpose_mut();
                loss.newton_steps(y_view, target_view, T::lit(0.5), steps)
                    .unwrap();
                for j in 0..samples {
                    let (y, t) = (y.col_as_slice(j), target.col_as_slice(j));
                    let at = format!("{definition:?}, sample {j} of {samples}");
                    assert_eq!(bits(&[values[j]]), bits(&[loss.value(y, t)]), "{at}");
                    assert_eq!(
                        bits(gradients.col_as_slice(j)),
                        bits(&gradient(&*loss, y, t)),
                        "{at}"
                    );
                    let steps: Vec<T> = rows.row(j).iter().copied().collect();
                    assert_eq!(bits(&steps), bits(&step(&*loss, y, t, 0.5)), "{at}");
                }
            }
        }
    }
}

fn bad_batches_are_refused<T: Scalar>() {
    let zeros = |m: usize, samples: usize| Mat::<T>::zeros(m, samples);
    let (y, wrong_m, wrong_samples) = (zeros(3, 4), zeros(2, 4), zeros(3, 5));
    let one = T::one();
    for bad in [&wrong_m, &wrong_samples] {
        let shape = |result: Result<(), Error>, argument: &str| match result {
            Err(Error::Shape {
                what,
                expected,
                got,
            }) => {
                assert_eq!((what, expected, got), (argument, (3, 4), bad.shape()));
            }
            other => panic!("{other:?}"),
        };
        let mut out = zeros(3, 4);
        shape(L2.values(y.as_ref(), bad.as_ref(), &mut [one; 4]), "target");
        shape(
            L2.gradients(y.as_ref(), bad.as_ref(), out.as_mut()),
            "target",
        );
        shape(
            L2.newton_steps(y.as_ref(), bad.as_ref(), one, out.as_mut()),
            "target",
        );
        let mut out = bad.clone();
        shape(L2.gradients(y.as_ref(), y.as_ref(), out.as_mut()), "out");
        shape(
            L2.newton_steps(y.as_ref(), y.as_ref(), one, out.as_mut()),
            "out",
        );
    }
    let length = L2.values(y.as_ref(), y.as_ref(), &mut [one; 5]);
    assert!(matches!(
        length,
        Err(Error::Length {
            what: "out",
            expected: 4,
            got: 5
        })
    ));

    let weighted = WeightedL2::diagonal(&[one; 3]).unwrap();
    let mut out = zeros(2, 4);
    let (a, b) = (wrong_m.as_ref(), wrong_m.as_ref());
    for refused in [
        weighted.values(a, b, &mut [one; 4]),
        weighted.gradients(a, b, out.as_mut()),
        weighted.newton_steps(a, b, one, out.as_mut()),
    ] {
        assert!(matches!(
            refused,
            Err(Error::Length {
                what: "y",
                expected: 3,
                got: 2
            })
        ));
    }

    for eta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut out = zeros(3, 4);
        let refused = L2.newton_steps(y.as_ref(), y.as_ref(), T::lit(eta), out.as_mut());
        assert!(matches!(
            refused,
            Err(Error::InvalidParameter { name: "eta", .. })
        ));
    }
}

// Construction

fn bad_parameters_are_refused<T: Scalar>() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            Huber::new(bad),
            Err(Error::InvalidParameter { name: "delta", .. })
        ));
        match WeightedL2::diagonal(&lits::<T>(&[1.0, bad])) {
            Err(Error::InvalidParameter {
                name: "weights",
                value,
                ..
            }) => {
                assert!(value.ends_with("at index 1"), "{value}");
            }
            other => panic!("{other:?}"),
        }
    }
    let no_weights = WeightedL2::<T>::diagonal(&[]);
    assert!(matches!(no_weights, Err(Error::ZeroDimension { what }) if what.contains("weights")));

    let full = |m: MatRef<'_, T>| WeightedL2::full(m).unwrap_err();
    let empty = full(Mat::zeros(0, 0).as_ref());
    assert!(matches!(empty, Error::ZeroDimension { what } if what.contains("weights")));
    let oblong = full(Mat::zeros(2, 3).as_ref());
    assert!(matches!(
        oblong,
        Error::Shape {
            what: "weights",
            expected: (2, 2),
            got: (2, 3)
        }
    ));
    for bad in [f64::NAN, f64::INFINITY] {
        let mut w = matrix::<T>(&W);
        w[(1, 2)] = T::lit(bad);
        assert!(matches!(
            full(w.as_ref()),
            Error::NonFinite {
                what: "weights",
                index: 7
            }
        ));
    }
    let refused = |rows: &[[f64; 3]; 3], property: &str| match full(matrix(rows).as_ref()) {
        Error::Matrix { what, requirement } => {
            assert_eq!((what, requirement), ("weights", property), "{rows:?}");
        }
        other => panic!("{other:?}"),
    };
    refused(&[[4.0, 1.01, 0.5], W[1], W[2]], "symmetric");
    for not_definite in [
        [[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]], // eigenvalues −1, 1, 3
        [[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.0; 3]; 3],
        [0.1, 0.2, 0.7].map(|a| [0.1, 0.2, 0.7].map(|b| a * b)), // rank 1, to rounding
    ] {
        refused(&not_definite, "positive definite");
    }
}

fn full_weights_are_judged_in_any_units<T: Scalar>() {
    // Other units of y scale W to D·W·D, and an inversion leaves rounding in the symmetry.
    let noise = 1.0 + 10.0 * eps::<T>();
    for unit in [1e-8, 1.0, 1e8] {
        let units = [unit, 1.0, 1.0 / unit];
        let w = Mat::from_fn(3, 3, |i, j| {
            T::lit(W[i][j] * units[i] * units[j] * if i < j { noise } else { 1.0 })
        });
        let loss = WeightedL2::full(w.as_ref()).unwrap();
        let r: Vec<T> = units.iter().map(|u| T::lit(1.0 / u)).collect();
        // ½Σwᵢⱼ = 5, from some ten terms below 4.
        let value = loss.value(&r, &[T::zero(); 3]).as_f64();
        assert!((value - 5.0).abs() <= 100.0 * eps::<T>(), "{value}");
    }
}

// Everyday use

fn pointers_forward_everything<T: Scalar>() {
    fn check<T: Scalar, L: Loss<T>>(log_cosh: L, weighted: L) {
        // The own step, not the default of the trait, which would overshoot.
        let mut dy = [T::zero()];
        log_cosh.newton_step(&[T::lit(3.0)], &[T::zero()], T::one(), &mut dy);
        assert_eq!(dy[0], T::lit(-3.0));
        assert!(weighted.check_dim(2).is_ok() && weighted.check_dim(3).is_err());
        let y = Mat::from_fn(2, 1, |_, _| T::one());
        let (mut values, mut out) = ([T::zero()], y.clone());
        let target = Mat::zeros(2, 1);
        weighted
            .values(y.as_ref(), target.as_ref(), &mut values)
            .unwrap();
        assert_eq!(values[0], T::lit(2.0));
        weighted
            .gradients(y.as_ref(), target.as_ref(), out.as_mut())
            .unwrap();
        assert_eq!(out[(0, 0)], T::lit(2.0));
        weighted
            .newton_steps(y.as_ref(), target.as_ref(), T::one(), out.as_mut())
            .unwrap();
        assert_eq!(out[(0, 0)], -T::one());
    }
    let weighted = || WeightedL2::diagonal(&[T::lit(2.0); 2]).unwrap();
    check::<T, &dyn Loss<T>>(&LogCosh, &weighted());
    check::<T, Box<dyn Loss<T>>>(Box::new(LogCosh), Box::new(weighted()));
    check::<T, Arc<dyn Loss<T> + Send + Sync>>(Arc::new(LogCosh), Arc::new(weighted()));
}

fn mismatched_slices_do_not_panic<T: Scalar>() {
    let ones = [T::one(); 5];
    let lengths = [0, 1, 2, 3, 5];
    let mut losses: Vec<Box<dyn Loss<T>>> = shipped::<T>().into_iter().map(|l| l.0).collect();
    losses.push(Box::new(AutoLoss::new(Definition::L2)));
    for (k, loss) in losses.iter().enumerate() {
        for (y, target) in lengths
            .iter()
            .flat_map(|&y| lengths.map(|target| (y, target)))
        {
            let (y, target) = (&ones[..y], &ones[..target]);
            for length in lengths {
                let mut out = vec![T::zero(); length];
                loss.gradient(y, target, &mut out);
                loss.hessian_mul(y, target, &ones[..length], &mut out);
                loss.newton_step(y, target, T::one(), &mut out);
            }
            // What is compared agrees: ones against ones.
            assert_eq!(loss.value(y, target), T::zero(), "loss {k}");
        }
    }
}
