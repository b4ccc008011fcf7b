//! Rectified Adam.

use num_traits::Float;

use super::moments::{RunningMean, bias_correction, count};
use super::{Context, Transform};
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// [`ScaleByAdam`](super::ScaleByAdam) that divides by the mean square only once enough steps make
/// it trustworthy, and then as far as its variance allows.
///
/// # Maths
/// ```text
/// m ← β₁m + (1 − β₁)u     m̂ = m/(1 − β₁ᵗ)     v ← β₂v + (1 − β₂)u²
/// ρ∞ = 2/(1 − β₂) − 1     ρₜ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ)
/// u ← m̂·r·√(1 − β₂ᵗ)/(√v + ε)    where ρₜ > 5,    r² = (ρₜ−4)(ρₜ−2)ρ∞/((ρ∞−4)(ρ∞−2)ρₜ)
/// u ← m̂                          otherwise
/// ```
/// t counts from 1. Defaults: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.
///
/// # Failure modes
/// A decay rate outside [0, 1); ε not above zero. An update whose square overflows fails the step.
///
/// # Reference
/// Liu et al., *On the variance of the adaptive learning rate and beyond*, ICLR 2020.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleByRAdam {
    beta1: f64,
    beta2: f64,
    eps: f64,
}

impl Default for ScaleByRAdam {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
        }
    }
}

impl ScaleByRAdam {
    /// With the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decay rates of the mean and of the mean square.
    ///
    /// # Errors
    /// One outside [0, 1).
    pub fn with_betas(mut self, beta1: f64, beta2: f64) -> Result<Self> {
        self.beta1 = check::decay("beta1", beta1)?;
        self.beta2 = check::decay("beta2", beta2)?;
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

    /// r·√(1 − β₂ᵗ) where ρₜ > 5.
    fn rectification(&self, step: u64) -> Option<f64> {
        let t = count(step);
        let unbiased = bias_correction(self.beta2, step);
        let rho_inf = 2.0 / (1.0 - self.beta2) - 1.0;
        let rho = rho_inf - 2.0 * t * self.beta2.powf(t) / unbiased;
        let r2 = (rho - 4.0) * (rho - 2.0) * rho_inf / ((rho_inf - 4.0) * (rho_inf - 2.0) * rho);
        (rho > 5.0).then(|| (r2 * unbiased).sqrt())
    }
}

impl<T: Scalar> Transform<T> for ScaleByRAdam {
    fn state_len(&self, num_params: usize) -> usize {
        2 * num_params
    }

    fn update(&self, state: &mut [T], updates: &mut [T], context: &Context<'_, T>) {
        let (mean, square) = state.split_at_mut(updates.len());
        let first = RunningMean::<T>::new(self.beta1);
        let second = RunningMean::<T>::new(self.beta2);
        let rectification = self.rectification(context.step).map(T::lit);
        let unbias_m = T::lit(1.0 / bias_correction(self.beta1, context.step));
        let eps = T::lit(self.eps);
        for (u, (m, v)) in updates.iter_mut().zip(mean.iter_mut().zip(square)) {
            let m = first.update(m, *u) * unbias_m;
            let v = second.update(v, *u * *u);
            *u = match rectification {
                Some(r) => m * r / (Float::sqrt(v) + eps),
                None => m,
            };
        }
    }
}
