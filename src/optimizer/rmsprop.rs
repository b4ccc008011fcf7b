//! RMSprop.

use num_traits::Float;

use super::moments::RunningMean;
use super::{Context, Transform};
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// Divides the updates by their root mean square, or by their standard deviation.
///
/// # Maths
/// ```text
/// v ← αv + (1 − α)u²
/// u ← u/(√v + ε)
/// ```
/// Centered: a ← αa + (1 − α)u, and √max(v − a², 0) in the place of √v. (Rounding can make v − a²
/// negative; PyTorch then has NaN.) Defaults: α = 0.99, ε = 10⁻⁸, not centered. PyTorch's `momentum`
/// is the stage [`Momentum`](super::Momentum) behind this one.
///
/// # Failure modes
/// α outside [0, 1); ε not above zero. An update whose square overflows fails the step.
///
/// # Reference
/// Tieleman & Hinton, *Neural networks for machine learning*, lecture 6.5, 2012; centered: Graves,
/// *Generating sequences with recurrent neural networks*, arXiv:1308.0850, 2013.
///
/// # Example
/// ```
/// use arginv::optimizer::{Chain, Momentum, ScaleByRmsprop};
///
/// let optimizer: Chain<f32> = Chain::new(1e-3)?
///     .then(ScaleByRmsprop::new().with_centered())
///     .then(Momentum::new(0.9)?);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleByRmsprop {
    alpha: f64,
    eps: f64,
    centered: bool,
}

impl Default for ScaleByRmsprop {
    fn default() -> Self {
        Self {
            alpha: 0.99,
            eps: 1e-8,
            centered: false,
        }
    }
}

impl ScaleByRmsprop {
    /// With the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decay rate of the mean square.
    ///
    /// # Errors
    /// α outside [0, 1).
    pub fn with_alpha(mut self, alpha: f64) -> Result<Self> {
        self.alpha = check::decay("alpha", alpha)?;
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

    /// The standard deviation in the place of the root mean square.
    #[must_use]
    pub fn with_centered(mut self) -> Self {
        self.centered = true;
        self
    }
}

impl<T: Scalar> Transform<T> for ScaleByRmsprop {
    fn state_len(&self, num_params: usize) -> usize {
        if self.centered {
            2 * num_params
        } else {
            num_params
        }
    }

    fn update(&self, state: &mut [T], updates: &mut [T], _: &Context<'_, T>) {
        let (squares, means) = state.split_at_mut(updates.len());
        let mean = RunningMean::<T>::new(self.alpha);
        let eps = T::lit(self.eps);
        if self.centered {
            for (u, (v, a)) in updates.iter_mut().zip(squares.iter_mut().zip(means)) {
                let (v, a) = (mean.update(v, *u * *u), mean.update(a, *u));
                *u /= Float::sqrt(Float::max(v - a * a, T::zero())) + eps;
            }
        } else {
            for (u, v) in updates.iter_mut().zip(squares) {
                *u /= Float::sqrt(mean.update(v, *u * *u)) + eps;
            }
        }
    }
}
