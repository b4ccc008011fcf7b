//! Activation functions σ and their derivatives.

use super::curve::{Curve, Gelu, Sigmoid, Silu, Sine, evaluate, evaluate_with_slopes};
use super::tanh::tanh;
use crate::scalar::Scalar;
use crate::simd::vectorized;

/// An activation function, applied element by element.
///
/// # Contract
/// NaN stays NaN (the derivative of the identity is 1 even there). From other arguments, however
/// large, no function and no derivative makes a NaN, and at ±∞ they have their limits' values; save
/// [`Sine`](Self::Sine), which is NaN where ωz is infinite: there is no limit.
///
/// # Example
/// ```
/// use arginv::network::Activation;
///
/// assert_eq!(Activation::Relu.value(-1.0_f32), 0.0);
/// assert_eq!(Activation::Tanh.derivative(0.0_f64), 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// max(z, 0); the derivative at 0 is 0.
    Relu,
    /// tanh z.
    Tanh,
    /// 1/(1 + e⁻ᶻ).
    Sigmoid,
    /// z/(1 + e⁻ᶻ), also called swish.
    Silu,
    /// z·Φ(z) with the normal distribution function Φ, by erf.
    Gelu,
    /// sin(ωz).
    Sine {
        /// ω.
        omega: f64,
    },
    /// z.
    Identity,
}

impl Activation {
    /// σ(z).
    #[inline]
    pub fn value<T: Scalar>(self, z: T) -> T {
        match self {
            Self::Relu => relu(z),
            Self::Tanh => tanh(z),
            Self::Sigmoid => T::lit(Sigmoid.anywhere(z.as_f64()).0),
            Self::Silu => T::lit(Silu.anywhere(z.as_f64()).0),
            Self::Gelu => T::lit(Gelu.anywhere(z.as_f64()).0),
            Self::Sine { omega } => T::lit(Sine { omega }.anywhere(z.as_f64()).0),
            Self::Identity => z,
        }
    }

    /// σ′(z).
    #[inline]
    pub fn derivative<T: Scalar>(self, z: T) -> T {
        match self {
            Self::Silu => T::lit(Silu.anywhere(z.as_f64()).1),
            Self::Gelu => T::lit(Gelu.anywhere(z.as_f64()).1),
            Self::Sine { omega } => T::lit(Sine { omega }.anywhere(z.as_f64()).1),
            other => other.derivative_from_value(other.value(z)),
        }
    }

    /// Whether σ′ follows from σ; where not, it is computed with σ and kept.
    pub(super) fn has_derivative_from_value(self) -> bool {
        !matches!(self, Self::Silu | Self::Gelu | Self::Sine { .. })
    }

    /// σ′(z) from a = σ(z), where [it follows](Self::has_derivative_from_value).
    #[inline]
    fn derivative_from_value<T: Scalar>(self, a: T) -> T {
        match self {
            Self::Relu if a > T::zero() => T::one(),
            // 0, or NaN.
            Self::Relu => a * T::zero(),
            Self::Tanh => T::one() - a * a,
            Self::Sigmoid => a * (T::one() - a),
            _ => T::one(),
        }
    }

    /// values ← σ(values), and slopes ← σ′(values) where they are kept.
    pub(super) fn apply<T: Scalar>(self, values: &mut [T], slopes: &mut [T]) {
        // The match stands outside the loops, which then vectorize.
        match self {
            Self::Identity => {}
            Self::Relu => map(values, relu),
            Self::Tanh => map(values, tanh),
            Self::Sigmoid => evaluate(values, Sigmoid),
            Self::Silu => evaluate_with_slopes(values, slopes, Silu),
            Self::Gelu => evaluate_with_slopes(values, slopes, Gelu),
            Self::Sine { omega } => evaluate_with_slopes(values, slopes, Sine { omega }),
        }
    }

    /// δ ← δ∘σ′, from what [`apply`](Self::apply) left.
    pub(super) fn chain<T: Scalar>(self, values: &[T], slopes: &[T], delta: &mut [T]) {
        match self {
            Self::Identity => {}
            Self::Relu => combine(delta, values, through_relu),
            Self::Tanh => combine(delta, values, through_tanh),
            Self::Sigmoid => combine(delta, values, through_sigmoid),
            Self::Silu | Self::Gelu | Self::Sine { .. } => combine(delta, slopes, times),
        }
    }
}

// What runs inside `vectorized` must be inlined there, or it is compiled for the smallest machine.

/// Not `max`, which would turn NaN into 0.
#[inline(always)]
fn relu<T: Scalar>(z: T) -> T {
    if z <= T::zero() { T::zero() } else { z }
}

#[inline(always)]
fn through_relu<T: Scalar>(d: T, a: T) -> T {
    if a <= T::zero() { T::zero() } else { d }
}

#[inline(always)]
fn through_tanh<T: Scalar>(d: T, a: T) -> T {
    d * (T::one() - a * a)
}

#[inline(always)]
fn through_sigmoid<T: Scalar>(d: T, a: T) -> T {
    d * (a * (T::one() - a))
}

#[inline(always)]
fn times<T: Scalar>(d: T, slope: T) -> T {
    d * slope
}

/// v ← f(v), element by element.
fn map<T: Scalar>(values: &mut [T], f: impl Fn(T) -> T) {
    vectorized(
        #[inline(always)]
        || {
            for v in values.iter_mut() {
                *v = f(*v);
            }
        },
    );
}

/// v ← f(v, w), element by element.
fn combine<T: Scalar>(values: &mut [T], with: &[T], f: impl Fn(T, T) -> T) {
    vectorized(
        #[inline(always)]
        || {
            for (v, &w) in values.iter_mut().zip(with) {
                *v = f(*v, w);
            }
        },
    );
}
