//! Clipping.

use num_traits::Float;

use super::{Context, Transform};
use crate::error::{Result, check};
use crate::linalg::norm;
use crate::scalar::Scalar;

/// Limits every coordinate of the update: u ← min(max(u, −limit), limit).
///
/// # Failure modes
/// A limit that is not finite and above zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClipByValue {
    limit: f64,
}

impl ClipByValue {
    /// Clips to [−limit, limit].
    ///
    /// # Errors
    /// A limit that is not finite and above zero.
    pub fn new(limit: f64) -> Result<Self> {
        Ok(Self {
            limit: check::positive("limit", limit)?,
        })
    }
}

impl<T: Scalar> Transform<T> for ClipByValue {
    fn update(&self, _: &mut [T], updates: &mut [T], _: &Context<'_, T>) {
        let limit = T::lit(self.limit);
        for u in updates {
            *u = Float::min(Float::max(*u, -limit), limit);
        }
    }
}

/// Limits the Euclidean norm of the update over all parameters and keeps its direction.
///
/// # Maths
/// u ← u·min(1, max_norm/(‖u‖ + 10⁻⁶)). A norm beyond the largest number is clipped too.
///
/// # Failure modes
/// A norm that is not finite and above zero.
///
/// # Reference
/// Pascanu, Mikolov & Bengio, *On the difficulty of training recurrent neural networks*, ICML 2013.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClipByGlobalNorm {
    max_norm: f64,
}

impl ClipByGlobalNorm {
    /// Clips to ‖u‖ ≤ max_norm.
    ///
    /// # Errors
    /// A norm that is not finite and above zero.
    pub fn new(max_norm: f64) -> Result<Self> {
        Ok(Self {
            max_norm: check::positive("max_norm", max_norm)?,
        })
    }
}

impl<T: Scalar> Transform<T> for ClipByGlobalNorm {
    fn update(&self, _: &mut [T], updates: &mut [T], _: &Context<'_, T>) {
        let mut length = norm(updates);
        if !Float::is_finite(length) {
            // ‖u‖ overflows, ‖u‖/n cannot.
            let n = T::lit(updates.len() as f64);
            scale(updates, T::one() / n);
            length = norm(updates);
        }
        let factor = T::lit(self.max_norm) / (length + T::lit(1e-6));
        if factor < T::one() {
            scale(updates, factor);
        }
    }
}

fn scale<T: Scalar>(values: &mut [T], factor: T) {
    for v in values {
        *v *= factor;
    }
}
