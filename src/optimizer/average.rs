//! Averages of the iterates.

use super::Optimizer;
use super::moments::RunningMean;
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// An optimizer that also keeps an average of the θ it has passed through.
///
/// # Maths
/// After the k-th step that counts, from k = 0:
/// ```text
/// a ← θ                      k = 0
/// a ← a·k/(k + 1) + θ/(k + 1)     uniform (Polyak–Ruppert, SWA)
/// a ← decay·a + (1 − decay)·θ     exponential
/// ```
/// θ itself is moved as without the average.
///
/// # Failure modes
/// Those of the optimizer within; then the average is unchanged too.
///
/// # Reference
/// Polyak & Juditsky, *Acceleration of stochastic approximation by averaging*, SIAM J. Control Optim.
/// 30, 1992; Izmailov et al., *Averaging weights leads to wider optima and better generalization*,
/// UAI 2018.
///
/// # Example
/// ```
/// use arginv::Optimizer;
/// use arginv::optimizer::{Averaged, sgd};
///
/// let mut optimizer = Averaged::uniform(sgd(0.5)?);
/// let mut theta = [0.0_f64];
/// optimizer.step(&mut theta, &[-2.0], None)?; // θ = 1
/// optimizer.step(&mut theta, &[-2.0], None)?; // θ = 2
/// assert_eq!(optimizer.average(), Some(&[1.5][..]));
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Averaged<T, O> {
    inner: O,
    decay: Option<f64>,
    skip: u64,
    taken: u64,
    average: Vec<T>,
}

impl<T: Scalar, O: Optimizer<T>> Averaged<T, O> {
    /// The mean of all iterates.
    pub fn uniform(optimizer: O) -> Self {
        Self {
            inner: optimizer,
            decay: None,
            skip: 0,
            taken: 0,
            average: Vec::new(),
        }
    }

    /// The exponential average.
    ///
    /// # Errors
    /// A decay outside [0, 1).
    pub fn exponential(optimizer: O, decay: f64) -> Result<Self> {
        Ok(Self {
            decay: Some(check::decay("decay", decay)?),
            ..Self::uniform(optimizer)
        })
    }

    /// Leaves the first `steps` iterates out.
    #[must_use]
    pub fn starting_after(mut self, steps: u64) -> Self {
        self.skip = steps;
        self
    }

    /// The average so far, none before the first iterate that counts.
    pub fn average(&self) -> Option<&[T]> {
        (!self.average.is_empty()).then_some(&self.average)
    }

    /// The optimizer within.
    pub fn inner(&self) -> &O {
        &self.inner
    }
}

impl<T: Scalar, O: Optimizer<T>> Optimizer<T> for Averaged<T, O> {
    fn step(&mut self, params: &mut [T], gradient: &[T], loss: Option<T>) -> Result<()> {
        if !self.average.is_empty() {
            check::length("params", params.len(), self.average.len())?;
        }
        self.inner.step(params, gradient, loss)?;
        if let Some(k) = self.taken.checked_sub(self.skip) {
            if self.average.is_empty() {
                self.average.extend_from_slice(params);
            }
            let k = k as f64;
            let mean = RunningMean::new(self.decay.unwrap_or(k / (k + 1.0)));
            for (a, &p) in self.average.iter_mut().zip(&*params) {
                mean.update(a, p);
            }
        }
        self.taken += 1;
        Ok(())
    }
}
