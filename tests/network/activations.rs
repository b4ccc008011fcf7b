//! σ and σ′, one number at a time.

use arginv::Scalar;
use arginv::network::{Activation, Mlp, MlpTape, Network};
use faer::Mat;
use num_dual::{Dual64, DualNum};
use num_traits::Float;
use proptest::prelude::*;

use super::ACTIVATIONS;

/// σ by its definition over dual numbers; erf's is not among their functions.
fn definition(activation: Activation, z: Dual64) -> Option<Dual64> {
    let sigmoid = (Dual64::from(1.0) + (-z).exp()).recip();
    Some(match activation {
        Activation::Relu if z.re > 0.0 => z,
        Activation::Relu => Dual64::from(0.0),
        Activation::Tanh => z.tanh(),
        Activation::Sigmoid => sigmoid,
        Activation::Silu => z * sigmoid,
        Activation::Sine { omega } => (z * omega).sin(),
        Activation::Identity => z,
        _ => return None,
    })
}

/// Fourth-order central difference.
fn difference(f: impl Fn(f64) -> f64, z: f64, h: f64) -> f64 {
    (f(z - 2.0 * h) - 8.0 * f(z - h) + 8.0 * f(z + h) - f(z + 2.0 * h)) / (12.0 * h)
}

proptest! {
    #[test]
    fn value_and_derivative_are_the_definitions(z in -30.0_f64..30.0) {
        for activation in ACTIVATIONS {
            let Some(expected) = definition(activation, Dual64::from(z).derivative()) else { continue };
            // A few roundings; the argument 3z of the sine reaches 90, whose rounding counts 90 ε.
            let tolerance = 4.0 * f64::EPSILON * (25.0 + z.abs());
            prop_assert!((activation.value(z) - expected.re).abs() <= tolerance, "{activation:?}");
            prop_assert!((activation.derivative(z) - expected.eps).abs() <= 3.0 * tolerance, "{activation:?}");
        }
    }

    #[test]
    fn gelu_derivative_is_the_difference_quotient(z in -10.0_f64..10.0) {
        let expected = difference(|z| Activation::Gelu.value(z), z, 1e-3);
        // Truncation h⁴/30·max|σ⁗′| ≈ 1e-13·4, rounding |σ|ε/h ≤ 10·2e-13·1.5.
        prop_assert!((Activation::Gelu.derivative(z) - expected).abs() <= 5e-12);
    }

    #[test]
    fn single_precision_is_double_rounded(z in -30.0_f32..30.0) {
        for activation in ACTIVATIONS {
            let (value, slope) = (activation.value(z), activation.derivative(z));
            let (value64, slope64) = (activation.value(f64::from(z)), activation.derivative(f64::from(z)));
            // As above; in GELU's derivative z²/2 ≤ 450 is rounded under an exponential ≤ e⁻⁴⁵⁰.
            let tolerance = 4.0 * f64::from(f32::EPSILON) * (25.0 + f64::from(z.abs()));
            prop_assert!((f64::from(value) - value64).abs() <= tolerance, "{activation:?}");
            prop_assert!((f64::from(slope) - slope64).abs() <= 3.0 * tolerance, "{activation:?}");
        }
    }

    #[test]
    fn no_finite_number_gives_nan(bits in any::<u64>()) {
        let (single, double) = (f32::from_bits(bits as u32), f64::from_bits(bits));
        for activation in ACTIVATIONS {
            if single.is_finite() && !overflows(activation, single) {
                prop_assert!(!activation.value(single).is_nan(), "{activation:?}");
                prop_assert!(!activation.derivative(single).is_nan(), "{activation:?}");
            }
            if double.is_finite() && !overflows(activation, double) {
                prop_assert!(!activation.value(double).is_nan(), "{activation:?}");
                prop_assert!(!activation.derivative(double).is_nan(), "{activation:?}");
            }
        }
    }
}

/// The documented exception.
fn overflows<T: Scalar>(activation: Activation, z: T) -> bool {
    matches!(activation, Activation::Sine { omega } if Float::is_infinite(T::lit(omega) * z))
}

in_both_precisions! {
    extreme_arguments_have_the_limits_values nan_stays_nan
    a_batch_is_computed_as_its_numbers_are
}

/// A layer with W = 1 and b = 0 shows the loops over a batch: their bits are those of the function
/// of one number, whatever its neighbours, also where the sine needs its argument reduced at length.
fn a_batch_is_computed_as_its_numbers_are<T: Scalar>() {
    let numbers: Vec<T> = (0..301)
        .map(|k| {
            let scale = [1e-3, 1.0, 30.0, 1e5, 1e12][k % 5];
            T::lit(scale * (1.7 * k as f64).sin())
        })
        .collect();
    let input = Mat::from_fn(1, numbers.len(), |_, j| numbers[j]);
    for activation in ACTIVATIONS {
        let network = Mlp::new(&[1, 1], Activation::Identity).unwrap();
        let network = network.with_output_activation(activation).unwrap();
        let (theta, mut tape) = ([T::one(), T::zero()], MlpTape::default());
        let output = network.forward(&theta, input.as_ref(), &mut tape).unwrap();
        for (j, &z) in numbers.iter().enumerate() {
            assert_eq!(output[(0, j)], activation.value(z), "{activation:?}");
        }
        let ones = Mat::full(1, numbers.len(), T::one());
        let (mut grad, mut dx) = ([T::zero(); 2], Mat::zeros(1, numbers.len()));
        network
            .backward_with_input(&theta, &mut tape, ones.as_ref(), &mut grad, dx.as_mut())
            .unwrap();
        for (j, &z) in numbers.iter().enumerate() {
            assert_eq!(dx[(0, j)], activation.derivative(z), "{activation:?}");
        }
    }
}

/// Beyond the sine's fast range: against the C library on the same product.
#[test]
fn sines_of_large_numbers_are_reduced() {
    let omega = 3.0;
    for k in 0..200 {
        let z = 1.07_f64.powi(k) * 1e5;
        // Two roundings of 1 at most.
        let error = Activation::Sine { omega }.value(z) - (omega * z).sin();
        assert!(error.abs() <= 2.0 * f64::EPSILON, "{z}: {error}");
    }
}

fn extreme_arguments_have_the_limits_values<T: Scalar>() {
    let (inf, large) = (T::infinity(), T::lit(1e30));
    for (activation, left, right) in [
        (Activation::Relu, 0.0, None),
        (Activation::Tanh, -1.0, Some(1.0)),
        (Activation::Sigmoid, 0.0, Some(1.0)),
        (Activation::Silu, 0.0, None),
        (Activation::Gelu, 0.0, None),
    ] {
        for z in [large, Float::max_value(), inf] {
            assert_eq!(activation.value(-z), T::lit(left), "{activation:?}");
            assert_eq!(
                activation.value(z),
                right.map_or(z, T::lit),
                "{activation:?}"
            );
            assert_eq!(activation.derivative(-z), T::zero(), "{activation:?}");
            let slope = if right.is_some() { T::zero() } else { T::one() };
            assert_eq!(activation.derivative(z), slope, "{activation:?}");
        }
    }
    let sine = Activation::Sine { omega: 1.0 };
    assert!(Float::abs(sine.value(large)) <= T::one() && sine.value(inf).is_nan());
    assert_eq!(Activation::Identity.value(inf), inf);
}

fn nan_stays_nan<T: Scalar>() {
    for activation in ACTIVATIONS {
        assert!(activation.value(T::nan()).is_nan(), "{activation:?}");
        let slope = activation.derivative(T::nan());
        assert_eq!(
            slope.is_nan(),
            activation != Activation::Identity,
            "{activation:?}"
        );
    }
}

#[test]
fn gelu_agrees_with_published_tables() {
    // Φ: Abramowitz & Stegun, Table 26.1 (15 places); erf: their Table 7.1 (10 places).
    for (z, phi) in [
        (0.5, 0.691_462_461_274_013),
        (1.0, 0.841_344_746_068_543),
        (2.0, 0.977_249_868_051_821),
    ] {
        assert!(
            (Activation::Gelu.value(z) - z * phi).abs() <= 1e-15 * z,
            "Φ({z})"
        );
        assert!(
            (Activation::Gelu.value(-z) + z * (1.0 - phi)).abs() <= 1e-15 * z,
            "Φ(-{z})"
        );
    }
    for (x, erf) in [
        (0.5, 0.520_499_877_8),
        (1.0, 0.842_700_792_9),
        (1.5, 0.966_105_146_5),
        (2.0, 0.995_322_265_0),
    ] {
        let z = x * std::f64::consts::SQRT_2;
        let expected = 0.5 * z * (1.0 + erf);
        assert!(
            (Activation::Gelu.value(z) - expected).abs() <= 0.5 * z * 0.51e-10,
            "erf({x})"
        );
    }
}
