//! Batch methods, pointers, and slices that do not match.

use std::sync::Arc;

use arginv::loss::{AutoLoss, L2, LogCosh, WeightedL2};
use arginv::{Error, Loss, Scalar};
use faer::Mat;

use crate::fixtures::*;

in_both_precisions! {
    batches_are_their_samples
    bad_batches_are_refused
    pointers_forward_everything
    mismatched_slices_do_not_panic
}

/// Bit patterns, one for all NaNs.
fn bits<T: Scalar>(values: &[T]) -> Vec<Option<u64>> {
    let number = |v: f64| (!v.is_nan()).then_some(v.to_bits());
    values.iter().map(|v| number(v.as_f64())).collect()
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
                for (j, &value) in values.iter().enumerate() {
                    let (y, t) = (y.col_as_slice(j), target.col_as_slice(j));
                    let at = format!("{definition:?}, sample {j} of {samples}");
                    assert_eq!(bits(&[value]), bits(&[loss.value(y, t)]), "{at}");
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
        AutoLoss::new(Saddle).gradients(a, b, out.as_mut()),
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
