//! Gradients and Hessian products.

use arginv::loss::{AutoLoss, LogCosh};
use arginv::{Loss, Scalar};
use proptest::prelude::*;

use crate::fixtures::*;

in_both_precisions! {
    derivatives_are_those_of_dual_numbers
    derivatives_are_those_of_central_differences
    auto_loss_gives_the_derivatives_of_rosenbrock
    log_cosh_is_accurate_at_all_scales
}

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
