//! Adam.

use num_traits::Float;

use super::moments::{RunningMean, bias_correction};
use super::{Context, Transform};
use crate::error::{Result, check};
use crate::scalar::Scalar;
use crate::simd::zip3;

/// Divides the running mean of the updates by the root of the running mean of their squares.
///
/// # Maths
/// ```text
/// m ← β₁m + (1 − β₁)u     m̂ = m/(1 − β₁ᵗ)
/// v ← β₂v + (1 − β₂)u²    v̂ = v/(1 − β₂ᵗ),  or with AMSGrad  max v/(1 − β₂ᵗ)
/// u ← m̂/(√v̂ + ε)
/// ```
/// t counts from 1, the maximum runs over all steps so far. Defaults: β₁ = 0.9, β₂ = 0.999,
/// ε = 10⁻⁸.
///
/// # Failure modes
/// A decay rate outside [0, 1); ε not above zero. An update whose square overflows fails the step.
///
/// # Reference
/// Kingma & Ba, *Adam: a method for stochastic optimization*, ICLR 2015; Reddi, Kale & Kumar, *On
/// the convergence of Adam and beyond*, ICLR 2018.
///
/// # Example
/// ```
/// use arginv::optimizer::{Chain, ScaleByAdam};
///
/// let adam: Chain<f64> = Chain::new(1e-3)?.then(ScaleByAdam::new().with_betas(0.8, 0.99)?);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleByAdam {
    beta1: f64,
    beta2: f64,
    eps: f64,
    amsgrad: bool,
}

impl Default for ScaleByAdam {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            amsgrad: false,
        }
    }
}

impl ScaleByAdam {
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

    /// The maximum of v in the place of v.
    #[must_use]
    pub fn with_amsgrad(mut self) -> Self {
        self.amsgrad = true;
        self
    }
}

impl<T: Scalar> Transform<T> for ScaleByAdam {
    fn state_len(&self, num_params: usize) -> usize {
        if self.amsgrad {
            3 * num_params
        } else {
            2 * num_params
        }
    }

    fn update(&self, state: &mut [T], updates: &mut [T], context: &Context<'_, T>) {
        let first = RunningMean::<T>::new(self.beta1);
        let second = RunningMean::<T>::new(self.beta2);
        let unbias_m = T::lit(1.0 / bias_correction(self.beta1, context.step));
        let unbias_root = T::lit(1.0 / bias_correction(self.beta2, context.step).sqrt());
        let eps = T::lit(self.eps);
        let scaled = |m: T, v: T| m * unbias_m / (Float::sqrt(v) * unbias_root + eps);

        let (mean, rest) = state.split_at_mut(updates.len());
        let (square, max_square) = rest.split_at_mut(updates.len());
        if self.amsgrad {
            let moments = mean.iter_mut().zip(square);
            for ((u, (m, v)), max_v) in updates.iter_mut().zip(moments).zip(max_square) {
                let m = first.update(m, *u);
                *max_v = Float::max(*max_v, second.update(v, *u * *u));
                *u = scaled(m, *max_v);
            }
        } else {
            zip3(
                updates,
                mean,
                square,
                #[inline(always)]
                |u, m, v| {
                    *u = scaled(first.update(m, *u), second.update(v, *u * *u));
                },
            );
        }
    }
}
