//! Settings that have no meaning, and matrices that are no weights.

use arginv::loss::{Huber, WeightedL2};
use arginv::{Error, Loss, Scalar};
use faer::{Mat, MatRef};

use crate::fixtures::*;

in_both_precisions! {
    bad_parameters_are_refused
    full_weights_are_judged_in_any_units
    slight_asymmetry_is_averaged
}

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
        // A pivot of ε, which is rounding.
        [
            [1.0, 1.0, 0.0],
            [1.0, 1.0 + eps::<T>(), 0.0],
            [0.0, 0.0, 1.0],
        ],
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

fn slight_asymmetry_is_averaged<T: Scalar>() {
    let slight = eps::<T>().sqrt();
    let mut w = matrix::<T>(&W);
    w[(0, 1)] += T::lit(slight);
    let loss = WeightedL2::full(w.as_ref()).unwrap();
    let zero = [T::zero(); 3];
    for (i, j) in [(0, 1), (1, 0)] {
        let mut unit = zero;
        unit[i] = T::one();
        let column = hessian_mul(&loss, &zero, &zero, &unit);
        let expected = 1.0 + slight / 2.0;
        assert!((column[j].as_f64() - expected).abs() <= eps::<T>());
    }
}
