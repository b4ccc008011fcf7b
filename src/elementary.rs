//! Elementary functions as straight-line double-precision code, which the compiler vectorizes.
//!
//! The C library's take 3 to 8 ns a call, several times a unit's share of the products; these about
//! 1 ns. They have neither branches nor calls, and no fused multiply-add: the bits are the same on
//! every platform and at every place in a batch.

use std::f64::consts::{FRAC_2_PI, LOG2_E};

/// Where e^−a is taken as 0: below it the exponent field of a double runs out.
const EXP_END: f64 = 708.0;

/// Added to |v| < 2⁵¹ it rounds v to an integer, and leaves that integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// ln 2 in two parts; the first has 32 bits, so that its products with an exponent are exact.
const LN_2: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];

/// π/2 in three parts; the first two have 33 bits each, so that their products with an integer
/// below 2²⁰ are exact.
const FRAC_PI_2: [f64; 3] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_795_950_7e-21,
];

/// Largest |x| that [`sin_cos`] is made for: about 2²⁰·π/2.
pub(crate) const SIN_COS_REACH: f64 = 1.6e6;

/// 1/k! for k = 0 to 17.
pub(crate) const INVERSE_FACTORIAL: [f64; 18] = {
    let mut inverse = [1.0; 18];
    let mut factorial = 1.0;
    let mut k = 1;
    while k < 18 {
        factorial *= k as f64;
        inverse[k] = 1.0 / factorial;
        k += 1;
    }
    inverse
};

/// Σ 1/(first + step·k)!·sᵏ, by Horner's rule from the term 1/last!.
#[inline(always)]
fn factorial_series(s: f64, first: usize, step: usize, last: usize) -> f64 {
    let mut k = last;
    let mut sum = INVERSE_FACTORIAL[k];
    while k > first {
        k -= step;
        sum = sum * s + INVERSE_FACTORIAL[k];
    }
    sum
}

/// e^−a for a ≥ 0; 0 beyond 708.
#[inline(always)]
pub(crate) fn exp_neg(a: f64) -> f64 {
    // Not `min`, which would lose a NaN.
    let near = if a > EXP_END { EXP_END } else { a };
    let shifted = ROUND - near * LOG2_E;
    let n = shifted - ROUND;
    // e^−a = 2ⁿ·eʳ with |r| ≤ ½ ln 2, and eʳ by its Taylor polynomial.
    let r = (-near - n * LN_2[0]) - n * LN_2[1];
    // n lies in the low bits of `shifted`; biased by 1023 it is the exponent field of 2ⁿ.
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    let value = power + power * (r + r * r * factorial_series(r, 2, 1, 13));
    if a > EXP_END { 0.0 } else { value }
}

/// The normal distribution's tail over its kernel, ½ erfc(a/√2)·e^{a²/2}, as a polynomial in
/// t = (a − 5)/(a + 5): Chebyshev interpolation on t ∈ [−1, 1], error below 1e-17.
const NORMAL_TAIL: [f64; 24] = [
    0.076_919_304_975_006_29,
    -0.143_457_555_264_012,
    0.116_068_811_886_004_2,
    -0.080_883_877_264_127_7,
    0.047_855_352_284_125_87,
    -0.023_413_900_487_687_57,
    0.008_991_370_551_437_226,
    -0.002_378_844_356_690_593_5,
    0.000_219_550_729_201_735_07,
    0.000_134_276_842_741_055_96,
    -6.042_743_336_255_403e-5,
    9.613_132_975_731_71e-7,
    6.644_237_619_801_294e-6,
    -1.270_115_791_856_855_7e-6,
    -6.746_330_842_091_801e-7,
    2.434_764_719_501_633_5e-7,
    7.639_960_525_760_966e-8,
    -3.942_666_265_841_357e-8,
    -1.028_267_135_708_432e-8,
    6.002_792_545_999_300_5e-9,
    1.411_927_269_534_035_2e-9,
    -7.824_459_241_830_255e-10,
    -1.258_095_338_546_167_8e-10,
    6.211_513_799_055_627e-11,
];

/// (½ erfc(a/√2), e^{−a²/2}) for a ≥ 0: the normal distribution's tail and kernel.
#[inline(always)]
pub(crate) fn normal_tail(a: f64) -> (f64, f64) {
    // The tail at 40 is below 1e-350; for an infinite a, t would be NaN.
    let a = if a > 40.0 { 40.0 } else { a };
    let t = (a - 5.0) / (a + 5.0);
    let mut ratio = 0.0;
    for &c in NORMAL_TAIL.iter().rev() {
        ratio = ratio * t + c;
    }
    let kernel = exp_neg(0.5 * a * a);
    (kernel * ratio, kernel)
}

/// (sin x, cos x) for |x| ≤ [`SIN_COS_REACH`].
#[inline(always)]
pub(crate) fn sin_cos(x: f64) -> (f64, f64) {
    let shifted = x * FRAC_2_PI + ROUND;
    let quarter = shifted.to_bits();
    let q = shifted - ROUND;
    let r = ((x - q * FRAC_PI_2[0]) - q * FRAC_PI_2[1]) - q * FRAC_PI_2[2];
    let s = -r * r;
    let sin = r + r * s * factorial_series(s, 3, 2, 17);
    let cos = 1.0 + s * factorial_series(s, 2, 2, 16);
    // x = r + q·π/2: an odd q swaps the two; signs change in the second and third quarter turn.
    let (sin, cos) = if quarter & 1 == 0 {
        (sin, cos)
    } else {
        (cos, sin)
    };
    let flip = |v: f64, bit: u64| f64::from_bits(v.to_bits() ^ ((bit & 2) << 62));
    (flip(sin, quarter), flip(cos, quarter.wrapping_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Independent: the libm crate, accurate to about 1 ulp. A few roundings of 1.1e-16 each, no
    // cancellation: 1e-15 relative.
    fn close(a: f64, b: f64, rel: f64) -> bool {
        a == b || (a - b).abs() <= rel * b.abs()
    }

    proptest! {
        #[test]
        fn exponentials(a in 0.0..700.0_f64, exponent in -300.0..0.0_f64) {
            let small = 10_f64.powf(exponent);
            for a in [a, a / 100.0, small] {
                prop_assert!(close(exp_neg(a), libm::exp(-a), 1e-15));
            }
        }

        #[test]
        fn sines(x in -SIN_COS_REACH..SIN_COS_REACH, k in -1000..1000_i32) {
            // Near multiples of π/2 a function passes through 0, where the reduction shows.
            for x in [x, x / 1e6, f64::from(k) * std::f64::consts::FRAC_PI_2] {
                let (sin, cos) = sin_cos(x);
                prop_assert!(close(sin, libm::sin(x), 1e-15), "{x}: {sin} {}", libm::sin(x));
                prop_assert!(close(cos, libm::cos(x), 1e-15), "{x}: {cos} {}", libm::cos(x));
            }
        }

        #[test]
        fn normal_tails(a in 0.0..37.0_f64) {
            // The exponent a²/2 up to 684 is rounded to 1.1e-16 relative, so e^−a²/2 to 7.5e-14.
            let rel = 4e-15 + a * a * 1.2e-16;
            let (tail, kernel) = normal_tail(a);
            let exact = 0.5 * libm::erfc(a * std::f64::consts::FRAC_1_SQRT_2);
            prop_assert!(close(tail, exact, 2.0 * rel), "{a}: {tail} {exact}");
            prop_assert!(close(kernel, libm::exp(-0.5 * a * a), rel));
        }
    }

    #[test]
    fn ends_and_not_a_number() {
        assert_eq!(exp_neg(0.0), 1.0);
        assert_eq!(exp_neg(f64::INFINITY), 0.0);
        assert_eq!(normal_tail(0.0).1, 1.0);
        assert!((normal_tail(0.0).0 - 0.5).abs() < 2e-16);
        assert_eq!(normal_tail(f64::INFINITY), (0.0, 0.0));
        for value in [exp_neg(f64::NAN), normal_tail(f64::NAN).0] {
            assert!(value.is_nan());
        }
        assert!(sin_cos(f64::NAN).0.is_nan());
    }
}
