//! Weight decay.

use super::{Context, Transform};
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// u ← u + λθ.
///
/// Where it stands says what it is: before a scaling it is the gradient of ½λ‖θ‖² (L2
/// regularization, PyTorch's `weight_decay`); behind all others it is decoupled, θ ← (1 − ηλ)θ − ηu,
/// as in AdamW.
///
/// # Failure modes
/// λ negative or not finite.
///
/// # Reference
/// Loshchilov & Hutter, *Decoupled weight decay regularization*, ICLR 2019.
///
/// # Example
/// ```
/// use arginv::optimizer::{Chain, WeightDecay, adam};
///
/// let l2: Chain<f64> = adam(1e-3)?.preceded_by(WeightDecay::new(1e-2)?);
/// let decoupled: Chain<f64> = adam(1e-3)?.then(WeightDecay::new(1e-2)?); // AdamW
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightDecay {
    weight_decay: f64,
}

impl WeightDecay {
    /// Decay of strength λ.
    ///
    /// # Errors
    /// λ negative or not finite.
    pub fn new(weight_decay: f64) -> Result<Self> {
        Ok(Self {
            weight_decay: check::non_negative("weight_decay", weight_decay)?,
        })
    }
}

impl<T: Scalar> Transform<T> for WeightDecay {
    fn update(&self, _: &mut [T], updates: &mut [T], context: &Context<'_, T>) {
        let weight_decay = T::lit(self.weight_decay);
        for (u, &p) in updates.iter_mut().zip(context.params) {
            *u += weight_decay * p;
        }
    }
}
