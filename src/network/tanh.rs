//! tanh of many numbers.

use std::any::Any;

use num_traits::Float;

use crate::elementary::INVERSE_FACTORIAL;
use crate::scalar::Scalar;

/// tanh z without branches, so that a loop over it vectorizes; the error is at most 3 units in the
/// last place.
///
/// # Maths
/// tanh|z| = E/(E + 2) with E = e^{2|z|} − 1, and with 2|z| = n·ln 2 + r, |r| ≤ ½ ln 2:
/// E = 2ⁿ(eʳ − 1) + (2ⁿ − 1), eʳ − 1 by its Taylor polynomial.
#[inline(always)]
pub(super) fn tanh<T: Scalar>(z: T) -> T {
    // tanh 20 rounds to 1. Not `min`, which would lose NaN.
    let limit = T::lit(20.0);
    let x = T::lit(2.0)
        * if Float::abs(z) > limit {
            limit
        } else {
            Float::abs(z)
        };
    // Numbers of size 1.5/ε have no fractional digits: adding one rounds.
    let rounder = T::lit(1.5) / T::eps();
    let shifted = x * T::lit(std::f64::consts::LOG2_E) + rounder;
    let n = shifted - rounder;
    let r = (x - n * T::lit(LN_2_HIGH)) - n * T::lit(std::f64::consts::LN_2 - LN_2_HIGH);
    let scale = power_of_two(shifted);
    let e = scale * exp_m1(r) + (scale - T::one());
    Float::copysign(e / (e + T::lit(2.0)), z)
}

/// ln 2 to 9 binary digits, whose products with a small integer are exact.
const LN_2_HIGH: f64 = 355.0 / 512.0;

/// eʳ − 1 for |r| ≤ ½ ln 2.
#[inline(always)]
fn exp_m1<T: Scalar>(r: T) -> T {
    // The first neglected term, relative to r, is below ε/4: 0.35⁷/8! and 0.35¹³/14!.
    let degree = if T::eps() > T::lit(1e-10) { 7 } else { 13 };
    let mut sum = T::zero();
    for &term in INVERSE_FACTORIAL[2..=degree].iter().rev() {
        sum = sum * r + T::lit(term);
    }
    r + r * r * sum
}

/// 2ⁿ from n + 1.5/ε, whose last binary digits are n's: moved to the exponent's place.
#[inline(always)]
fn power_of_two<T: Scalar>(shifted: T) -> T {
    let mut power = shifted;
    let any: &mut dyn Any = &mut power;
    if let Some(p) = any.downcast_mut::<f32>() {
        *p = f32::from_bits(p.to_bits().wrapping_add(127) << 23);
    } else if let Some(p) = any.downcast_mut::<f64>() {
        *p = f64::from_bits(p.to_bits().wrapping_add(1023) << 52);
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error in units in the last place over a fine grid of exponents and mantissas,
    /// against the C library's double precision.
    fn worst<T: Scalar>(reference: impl Fn(f64) -> f64) -> f64 {
        let mut worst = 0.0_f64;
        for i in 0..400_000 {
            let z = T::lit(2.0_f64.powf(-30.0 + 35.0 * f64::from(i) / 400_000.0));
            let expected = reference(z.as_f64());
            let ulp = T::eps().as_f64() * 2.0_f64.powi(expected.log2().floor() as i32);
            worst = worst.max((tanh(z).as_f64() - expected).abs() / ulp);
            assert_eq!(tanh(-z), -tanh(z));
        }
        worst
    }

    #[test]
    fn error_is_a_few_units_in_the_last_place() {
        let single = worst::<f32>(f64::tanh);
        assert!(single <= 3.0, "{single}");
        // The reference has an error of its own, up to 2.
        let double = worst::<f64>(libm::tanh);
        assert!(double <= 5.0, "{double}");
    }

    #[test]
    fn zeros_limits_and_nan() {
        assert!(tanh(-0.0_f64) == 0.0 && tanh(-0.0_f64).is_sign_negative());
        assert_eq!(tanh(f64::MIN_POSITIVE / 4.0), f64::MIN_POSITIVE / 4.0);
        assert_eq!(tanh(1e-40_f32), 1e-40);
        assert_eq!(
            [f32::INFINITY, f32::NEG_INFINITY, 1e30, 9.1].map(tanh),
            [1.0, -1.0, 1.0, 1.0]
        );
        assert_eq!(
            [f64::INFINITY, f64::NEG_INFINITY, 1e300, 19.1].map(tanh),
            [1.0, -1.0, 1.0, 1.0]
        );
        assert!(tanh(f64::NAN).is_nan() && tanh(f32::NAN).is_nan());
    }
}
