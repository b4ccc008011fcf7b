//! Adagrad.

use num_traits::Float;

use super::{Context, Transform};
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// Divides the updates by the root of the sum of all their squares.
///
/// # Maths
/// ```text
/// s ← s + u²
/// u ← u/(√s + ε)
/// ```
/// Defaults: s starts at 0, ε = 10⁻¹⁰. PyTorch's `lr_decay` is the schedule
/// [`inverse_time`](super::schedule::inverse_time).
///
/// # Failure modes
/// ε not above zero; a negative start of s. An update whose square overflows fails the step.
///
/// # Reference
/// Duchi, Hazan & Singer, *Adaptive subgradient methods for online learning and stochastic
/// optimization*, JMLR 12, 2011.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleByAdagrad {
    initial: f64,
    eps: f64,
}

impl Default for ScaleByAdagrad {
    fn default() -> Self {
        Self {
            initial: 0.0,
            eps: 1e-10,
        }
    }
}

impl ScaleByAdagrad {
    /// With the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts s at this value.
    ///
    /// # Errors
    /// One that is negative or not finite.
    pub fn with_initial(mut self, initial: f64) -> Result<Self> {
        self.initial = check::non_negative("initial", initial)?;
        Ok(self)
    }

    /// What keeps the denominator from zero.
    ///
    /// # Errors
    /// ε not finite and above zero.
    pub fn with_eps(mut self, eps: f64) -> Result<Self> {
        self.eps = check::positive("eps", eps)?;
        Ok(self)
    }
}

impl<T: Scalar> Transform<T> for ScaleByAdagrad {
    fn state_len(&self, num_params: usize) -> usize {
        num_params
    }

    fn init(&self, sum: &mut [T]) {
        sum.fill(T::lit(self.initial));
    }

    fn update(&self, sum: &mut [T], updates: &mut [T], _: &Context<'_, T>) {
        let eps = T::lit(self.eps);
        for (u, s) in updates.iter_mut().zip(sum) {
            *s += *u * *u;
            *u /= Float::sqrt(*s) + eps;
        }
    }
}
