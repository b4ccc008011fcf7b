//! Lion.

use super::moments::RunningMean;
use super::{Context, Transform};
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// The sign of an interpolation between momentum and update: every coordinate moves by ±η.
///
/// # Maths
/// ```text
/// c = β₁m + (1 − β₁)u
/// m ← β₂m + (1 − β₂)u
/// u ← sign(c),   sign(0) = 0
/// ```
/// Defaults: β₁ = 0.9, β₂ = 0.99. The paper's decoupled weight decay is the stage
/// [`WeightDecay`](super::WeightDecay) behind this one.
///
/// # Failure modes
/// A decay rate outside [0, 1).
///
/// # Reference
/// Chen et al., *Symbolic discovery of optimization algorithms*, arXiv:2302.06675, 2023, algorithm 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleByLion {
    beta1: f64,
    beta2: f64,
}

impl Default for ScaleByLion {
    fn default() -> Self {
        Self {
            beta1: 0.9,
            beta2: 0.99,
        }
    }
}

impl ScaleByLion {
    /// With the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Weights of the momentum in the update, and in the momentum to come.
    ///
    /// # Errors
    /// One outside [0, 1).
    pub fn with_betas(mut self, beta1: f64, beta2: f64) -> Result<Self> {
        self.beta1 = check::decay("beta1", beta1)?;
        self.beta2 = check::decay("beta2", beta2)?;
        Ok(self)
    }
}

impl<T: Scalar> Transform<T> for ScaleByLion {
    fn state_len(&self, num_params: usize) -> usize {
        num_params
    }

    fn update(&self, momentum: &mut [T], updates: &mut [T], _: &Context<'_, T>) {
        let interpolation = RunningMean::<T>::new(self.beta1);
        let mean = RunningMean::<T>::new(self.beta2);
        for (u, m) in updates.iter_mut().zip(momentum) {
            let mut c = *m;
            interpolation.update(&mut c, *u);
            mean.update(m, *u);
            *u = sign(c);
        }
    }
}

/// −1, 0 or 1 (a float's `signum` has no 0).
fn sign<T: Scalar>(v: T) -> T {
    if v > T::zero() {
        T::one()
    } else if v < T::zero() {
        -T::one()
    } else {
        T::zero()
    }
}
