//! Steps: exact on quadratics, safe elsewhere.

use arginv::loss::{AutoLoss, Huber, L2, LogCosh, WeightedL2};
use arginv::{Loss, Scalar};
use proptest::prelude::*;

use crate::fixtures::*;

in_both_precisions! {
    the_step_solves_newtons_equation
    the_step_minimises_a_quadratic
    quadratic_steps_scale_with_y
    steps_never_ascend
    far_steps_end_at_the_target
    log_cosh_changes_to_the_safe_step_at_its_threshold
    the_default_step_is_saddle_free
    the_default_step_never_ascends_to_first_order
}

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
        let huber = Huber::new(r / 2.0).unwrap();
        let far: &[&dyn Loss<T>] = if r > 1.1 { &[&huber, &LogCosh] } else { &[&huber] };
        for &loss in far {
            let end = added(&y, &step(loss, &y, &t, 1.0), T::one());
            prop_assert!(distance(&end, &t) <= 2.0 * eps::<T>() * r);
        }
    });
}

fn log_cosh_changes_to_the_safe_step_at_its_threshold<T: Scalar>() {
    // The root of sinh 2r = 4r is 1.0886594…
    for (r, is_newton) in [
        (0.1, true),
        (1.08865, true),
        (1.08866, false),
        (50.0, false),
    ] {
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
