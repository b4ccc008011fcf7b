//! Activation functions σ and their derivatives.

use num_traits::Float;

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
            Self::Sigmoid => sigmoid(z),
            Self::Silu => times(z, sigmoid(z)),
            Self::Gelu => times(z, normal_cdf(z)),
            Self::Sine { omega } => Float::sin(T::lit(omega) * z),
            Self::Identity => z,
        }
    }

    /// σ′(z).
    #[inline]
    pub fn derivative<T: Scalar>(self, z: T) -> T {
        match self {
            Self::Silu => {
                let s = sigmoid(z);
                s + times(z, s * (T::one() - s))
            }
            Self::Gelu => {
                let density = Float::exp(-T::lit(0.5) * z * z)
                    * T::lit(
                        0.5 * std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2,
                    );
                normal_cdf(z) + times(z, density)
            }
            Self::Sine { omega } => T::lit(omega) * Float::cos(T::lit(omega) * z),
            other => other.derivative_from_value(other.value(z)),
        }
    }

    /// Whether σ′ follows from σ, so that z need not be kept.
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

    /// Replaces each column z of `values` by σ(z + b), and keeps z + b in `pre` where σ′ needs it.
    pub(super) fn apply<T: Scalar>(self, biases: &[T], values: &mut [T], pre: &mut Vec<T>) {
        // The match stands outside the loops, which then vectorize.
        match self {
            Self::Relu => add_and_map(values, biases, relu),
            Self::Tanh => add_and_map(values, biases, tanh),
            other => {
                add_and_map(values, biases, identity);
                if !other.has_derivative_from_value() {
                    pre.clear();
                    pre.extend_from_slice(values);
                }
                if other != Self::Identity {
                    values.iter_mut().for_each(|z| *z = other.value(*z));
                }
            }
        }
    }

    /// δ ← δ∘σ′, from z or from a = σ(z) as [`has_derivative_from_value`] says.
    ///
    /// [`has_derivative_from_value`]: Self::has_derivative_from_value
    pub(super) fn chain<T: Scalar>(self, z_or_value: &[T], delta: &mut [T]) {
        match self {
            Self::Identity => {}
            Self::Relu => combine(delta, z_or_value, through_relu),
            Self::Tanh => combine(delta, z_or_value, through_tanh),
            Self::Sigmoid => combine(delta, z_or_value, through_sigmoid),
            other => {
                for (d, &z) in delta.iter_mut().zip(z_or_value) {
                    *d *= other.derivative(z);
                }
            }
        }
    }
}

// What runs inside `vectorized` must be inlined there, or it is compiled for the smallest machine.

#[inline(always)]
fn identity<T: Scalar>(z: T) -> T {
    z
}

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

/// v ← f(v + b) in each column.
fn add_and_map<T: Scalar>(columns: &mut [T], b: &[T], f: impl Fn(T) -> T) {
    vectorized(
        #[inline(always)]
        || {
            for column in columns.chunks_exact_mut(b.len()) {
                for (v, &b) in column.iter_mut().zip(b) {
                    *v = f(*v + b);
                }
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

/// z·w where w → 0 faster than 1/z: 0 there, not ∞·0.
fn times<T: Scalar>(z: T, w: T) -> T {
    if w == T::zero() { T::zero() } else { z * w }
}

fn sigmoid<T: Scalar>(z: T) -> T {
    // The exponential of a negative number cannot overflow.
    let e = Float::exp(-Float::abs(z));
    let small = e / (T::one() + e);
    if z >= T::zero() {
        T::one() - small
    } else {
        small
    }
}

fn normal_cdf<T: Scalar>(z: T) -> T {
    T::lit(0.5 * libm::erfc(-z.as_f64() * std::f64::consts::FRAC_1_SQRT_2))
}
