//! Activations by their formulas in double precision, and the loops that apply them.

use crate::elementary::{SIN_COS_REACH, exp_neg, normal_tail, sin_cos};
use crate::scalar::Scalar;
use crate::simd::vectorized;

/// A smooth σ with its slope, in double precision for both number types.
pub(super) trait Curve: Copy {
    /// (σ(x), σ'(x)) where [`serves`](Curve::serves) holds; straight-line code.
    fn eval(self, x: f64) -> (f64, f64);

    /// Whether [`eval`](Curve::eval) is made for x.
    #[inline(always)]
    fn serves(self, _x: f64) -> bool {
        true
    }

    /// (σ(x), σ'(x)) for every x.
    fn anywhere(self, x: f64) -> (f64, f64) {
        self.eval(x)
    }
}

/// x as far as it matters: an infinite one would give ∞·0.
#[inline(always)]
fn clamp(x: f64, bound: f64) -> f64 {
    let x = if x > bound { bound } else { x };
    if x < -bound { -bound } else { x }
}

/// (σ(x), 1 − σ(x)) of the logistic function, each accurate relative to itself.
#[inline(always)]
fn logistic(x: f64) -> (f64, f64) {
    let e = exp_neg(x.abs());
    let (large, small) = (1.0 / (1.0 + e), e / (1.0 + e));
    if x < 0.0 {
        (small, large)
    } else {
        (large, small)
    }
}

#[derive(Clone, Copy)]
pub(super) struct Sigmoid;
impl Curve for Sigmoid {
    #[inline(always)]
    fn eval(self, x: f64) -> (f64, f64) {
        let (p, q) = logistic(x);
        (p, p * q)
    }
}

#[derive(Clone, Copy)]
pub(super) struct Silu;
impl Curve for Silu {
    #[inline(always)]
    fn eval(self, x: f64) -> (f64, f64) {
        let (p, q) = logistic(x);
        // Beyond 750 p or q is 0.
        let near = clamp(x, 750.0);
        let value = if x < 0.0 { near * p } else { x * p };
        (value, p + near * p * q)
    }
}

#[derive(Clone, Copy)]
pub(super) struct Gelu;
impl Curve for Gelu {
    #[inline(always)]
    fn eval(self, x: f64) -> (f64, f64) {
        const INVERSE_SQRT_TAU: f64 = 0.398_942_280_401_432_7;
        let (tail, kernel) = normal_tail(x.abs());
        let cdf = if x < 0.0 { tail } else { 1.0 - tail };
        // Beyond 40 the tail and the kernel are 0.
        let near = clamp(x, 40.0);
        let value = if x < 0.0 { near * cdf } else { x * cdf };
        (value, cdf + near * kernel * INVERSE_SQRT_TAU)
    }
}

#[derive(Clone, Copy)]
pub(super) struct Sine {
    pub(super) omega: f64,
}
impl Curve for Sine {
    #[inline(always)]
    fn eval(self, x: f64) -> (f64, f64) {
        let (sin, cos) = sin_cos(self.omega * x);
        (sin, self.omega * cos)
    }

    #[inline(always)]
    fn serves(self, x: f64) -> bool {
        (self.omega * x).abs() <= SIN_COS_REACH
    }

    fn anywhere(self, x: f64) -> (f64, f64) {
        if self.serves(x) {
            return self.eval(x);
        }
        let phase = self.omega * x;
        (libm::sin(phase), self.omega * libm::cos(phase))
    }
}

/// Elements of one step of the loops: their arguments stay in first-level cache.
const CHUNK: usize = 64;

/// values ← σ(values).
pub(super) fn evaluate<T: Scalar>(values: &mut [T], curve: impl Curve) {
    vectorized(
        #[inline(always)]
        || {
            for values in values.chunks_mut(CHUNK) {
                chunk(values, &mut [], curve);
            }
        },
    );
}

/// values ← σ(values), slopes ← σ′(values).
pub(super) fn evaluate_with_slopes<T: Scalar>(
    values: &mut [T],
    slopes: &mut [T],
    curve: impl Curve,
) {
    vectorized(
        #[inline(always)]
        || {
            for (values, slopes) in values.chunks_mut(CHUNK).zip(slopes.chunks_mut(CHUNK)) {
                chunk(values, slopes, curve);
            }
        },
    );
}

/// One step; without slopes to write where there are none.
#[inline(always)]
fn chunk<T: Scalar, C: Curve>(values: &mut [T], slopes: &mut [T], curve: C) {
    let mut arguments = [T::zero(); CHUNK];
    let arguments = &mut arguments[..values.len()];
    arguments.copy_from_slice(values);
    if slopes.is_empty() {
        for (v, &x) in values.iter_mut().zip(&*arguments) {
            *v = T::lit(curve.eval(x.as_f64()).0);
        }
    } else {
        for ((v, s), &x) in values.iter_mut().zip(slopes.iter_mut()).zip(&*arguments) {
            let (value, slope) = curve.eval(x.as_f64());
            (*v, *s) = (T::lit(value), T::lit(slope));
        }
    }
    // An element's bits must not depend on its neighbours: the far ones alone are done again.
    if arguments.iter().all(|x| curve.serves(x.as_f64())) {
        return;
    }
    for (i, x) in arguments.iter().map(|x| x.as_f64()).enumerate() {
        if !curve.serves(x) {
            let (value, slope) = curve.anywhere(x);
            values[i] = T::lit(value);
            if let Some(s) = slopes.get_mut(i) {
                *s = T::lit(slope);
            }
        }
    }
}
