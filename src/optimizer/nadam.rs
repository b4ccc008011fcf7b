//! Adam with Nesterov momentum.

use num_traits::Float;

use super::moments::{RunningMean, bias_correction, count};
use super::{Context, Transform};
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// [`ScaleByAdam`](super::ScaleByAdam) with Nesterov's momentum, whose strength grows with t.
///
/// # Maths
/// ```text
/// μₜ = β₁(1 − ½·0.96^(tψ))     Πₜ = μ₁⋯μₜ
/// m ← β₁m + (1 − β₁)u          v ← β₂v + (1 − β₂)u²     v̂ = v/(1 − β₂ᵗ)
/// u ← (μₜ₊₁·m/(1 − Πₜ₊₁) + (1 − μₜ)·u/(1 − Πₜ)) / (√v̂ + ε)
/// ```
/// t counts from 1. Defaults: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸, ψ = 0.004.
///
/// # Failure modes
/// A decay rate outside [0, 1); ε not above zero; ψ negative. An update whose square overflows fails
/// the step.
///
/// # Reference
/// Dozat, *Incorporating Nesterov momentum into Adam*, ICLR workshop 2016.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleByNAdam {
    beta1: f64,
    beta2: f64,
    eps: f64,
    momentum_decay: f64,
}

impl Default for ScaleByNAdam {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            momentum_decay: 4e-3,
        }
    }
}

impl ScaleByNAdam {
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

    /// ψ, how fast the momentum grows to β₁.
    ///
    /// # Errors
    /// ψ negative or not finite.
    pub fn with_momentum_decay(mut self, momentum_decay: f64) -> Result<Self> {
        self.momentum_decay = check::non_negative("momentum_decay", momentum_decay)?;
        Ok(self)
    }

    /// μₜ.
    fn momentum(&self, t: f64) -> f64 {
        self.beta1 * (1.0 - 0.5 * 0.96_f64.powf(t * self.momentum_decay))
    }
}

impl<T: Scalar> Transform<T> for ScaleByNAdam {
    fn state_len(&self, num_params: usize) -> usize {
        2 * num_params + 1
    }

    fn init(&self, state: &mut [T]) {
        if let Some(product) = state.last_mut() {
            *product = T::one();
        }
    }

    fn update(&self, state: &mut [T], updates: &mut [T], context: &Context<'_, T>) {
        let n = updates.len();
        let (mean, rest) = state.split_at_mut(n);
        let (square, product) = rest.split_at_mut(n);

        let t = count(context.step);
        let (now, next) = (self.momentum(t), self.momentum(t + 1.0));
        let mut decayed = now;
        for p in product {
            *p *= T::lit(now);
            decayed = p.as_f64();
        }
        let weight_m = T::lit(next / (1.0 - decayed * next));
        let weight_u = T::lit((1.0 - now) / (1.0 - decayed));

        let first = RunningMean::<T>::new(self.beta1);
        let second = RunningMean::<T>::new(self.beta2);
        let unbias_root = T::lit(1.0 / bias_correction(self.beta2, context.step).sqrt());
        let eps = T::lit(self.eps);
        for (u, (m, v)) in updates.iter_mut().zip(mean.iter_mut().zip(square)) {
            let m = first.update(m, *u);
            let root = Float::sqrt(second.update(v, *u * *u)) * unbias_root;
            *u = (weight_m * m + weight_u * *u) / (root + eps);
        }
    }
}
