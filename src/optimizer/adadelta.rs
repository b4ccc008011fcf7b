//! Adadelta.

use num_traits::Float;

use super::moments::RunningMean;
use super::{Context, Transform};
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// Scales the updates by the root mean square of the past results over that of the past inputs, so
/// that the result has the unit of θ.
///
/// # Maths
/// ```text
/// v ← ρv + (1 − ρ)u²
/// u ← u·√(d + ε)/√(v + ε)
/// d ← ρd + (1 − ρ)u²
/// ```
/// Defaults: ρ = 0.9, ε = 10⁻⁶; the learning rate is usually 1.
///
/// # Failure modes
/// ρ outside [0, 1); ε not above zero. An update whose square overflows fails the step.
///
/// # Reference
/// Zeiler, *ADADELTA: an adaptive learning rate method*, arXiv:1212.5701, 2012.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleByAdadelta {
    rho: f64,
    eps: f64,
}

impl Default for ScaleByAdadelta {
    fn default() -> Self {
        Self {
            rho: 0.9,
            eps: 1e-6,
        }
    }
}

impl ScaleByAdadelta {
    /// With the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decay rate of both mean squares.
    ///
    /// # Errors
    /// ρ outside [0, 1).
    pub fn with_rho(mut self, rho: f64) -> Result<Self> {
        self.rho = check::decay("rho", rho)?;
        Ok(self)
    }

    /// What the first step starts from, and what keeps the denominator from zero.
    ///
    /// # Errors
    /// ε not finite and above zero.
    pub fn with_eps(mut self, eps: f64) -> Result<Self> {
        self.eps = check::positive("eps", eps)?;
        Ok(self)
    }
}

impl<T: Scalar> Transform<T> for ScaleByAdadelta {
    fn state_len(&self, num_params: usize) -> usize {
        2 * num_params
    }

    fn update(&self, state: &mut [T], updates: &mut [T], _: &Context<'_, T>) {
        let (squares, results) = state.split_at_mut(updates.len());
        let mean = RunningMean::<T>::new(self.rho);
        let eps = T::lit(self.eps);
        for (u, (v, d)) in updates.iter_mut().zip(squares.iter_mut().zip(results)) {
            let v = mean.update(v, *u * *u);
            *u *= Float::sqrt(*d + eps) / Float::sqrt(v + eps);
            mean.update(d, *u * *u);
        }
    }
}
