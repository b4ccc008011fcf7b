//! Network optimizers as chains of small transforms.
//!
//! A [`Transform`] turns the gradient, or what the transform before made of it, into an update u of
//! the same length. A [`Chain`] applies its transforms in order and moves θ ← θ − ηₜ·u: the sign and
//! the learning rate ηₜ, a number or a [`schedule`], belong to the chain. Named optimizers are chains
//! of a few words:
//!
//! | | transforms | reference |
//! |---|---|---|
//! | [`sgd`] | none | Robbins & Monro 1951 |
//! | [`adam`] | [`ScaleByAdam`] | Kingma & Ba 2015 |
//! | [`adamw`] | [`ScaleByAdam`], [`WeightDecay`] | Loshchilov & Hutter 2019 |
//! | [`amsgrad`] | [`ScaleByAdam`] with its maximum | Reddi, Kale & Kumar 2018 |
//! | [`nadam`] | [`ScaleByNAdam`] | Dozat 2016 |
//! | [`radam`] | [`ScaleByRAdam`] | Liu et al. 2020 |
//! | [`adagrad`] | [`ScaleByAdagrad`] | Duchi, Hazan & Singer 2011 |
//! | [`adadelta`] | [`ScaleByAdadelta`] | Zeiler 2012 |
//! | [`rmsprop`] | [`ScaleByRmsprop`] | Tieleman & Hinton 2012 |
//! | [`lion`] | [`ScaleByLion`] | Chen et al. 2023 |
//!
//! Beside them: [`Momentum`], [`ClipByValue`], [`ClipByGlobalNorm`], and [`Averaged`] for averages of
//! the iterates. Definitions and default settings are PyTorch's, to rounding.
//!
//! # Example
//! ```
//! use arginv::optimizer::{Chain, ClipByGlobalNorm, Momentum, ScaleByAdam, WeightDecay};
//! use arginv::optimizer::{adam, schedule::cosine, sgd};
//! # use arginv::Optimizer;
//!
//! // Default settings; a number or a schedule is the learning rate.
//! let a: Chain<f64> = adam(1e-3)?;
//! let b: Chain<f64> = adam(cosine(1e-3, 20_000)?)?;
//! // Other settings: the chain written out.
//! let c: Chain<f64> = Chain::new(1e-3)?.then(ScaleByAdam::new().with_betas(0.8, 0.99)?);
//! let d: Chain<f64> = sgd(1e-2)?.then(Momentum::new(0.9)?.with_nesterov()?);
//! // Weight decay added to the gradient (L2), or to the update (decoupled).
//! let e: Chain<f64> = adam(1e-3)?.preceded_by(WeightDecay::new(1e-2)?);
//! let f: Chain<f64> = adam(1e-3)?.then(WeightDecay::new(1e-2)?);
//! // Clipping before everything else.
//! let mut g: Chain<f64> = adam(1e-3)?.preceded_by(ClipByGlobalNorm::new(1.0)?);
//!
//! let mut theta = [1.0, -2.0];
//! g.step(&mut theta, &[30.0, -40.0], None)?;
//! # assert!(theta[0] < 1.0 && theta[1] > -2.0);
//! # Ok::<(), arginv::Error>(())
//! ```

use std::fmt::Debug;

use crate::error::Result;
use crate::scalar::Scalar;

mod adadelta;
mod adagrad;
mod adam;
mod average;
mod chain;
mod clip;
mod lion;
mod moments;
mod momentum;
mod nadam;
mod named;
mod radam;
mod rmsprop;
pub mod schedule;
mod weight_decay;

pub use adadelta::ScaleByAdadelta;
pub use adagrad::ScaleByAdagrad;
pub use adam::ScaleByAdam;
pub use average::Averaged;
pub use chain::Chain;
pub use clip::{ClipByGlobalNorm, ClipByValue};
pub use lion::ScaleByLion;
pub use momentum::Momentum;
pub use nadam::ScaleByNAdam;
pub use named::{adadelta, adagrad, adam, adamw, amsgrad, lion, nadam, radam, rmsprop, sgd};
pub use radam::ScaleByRAdam;
pub use rmsprop::ScaleByRmsprop;
pub use schedule::{IntoSchedule, Schedule};
pub use weight_decay::WeightDecay;

/// What a transform may know beside the updates.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a, T> {
    /// θ before the update.
    pub params: &'a [T],
    /// Number of this update, counting from 0.
    pub step: u64,
    /// Loss of this batch, where the trainer knows it.
    pub loss: Option<T>,
}

/// One stage of an optimizer: settings only. Its state lies in the [`Chain`].
///
/// # Contract
/// - A transform asks for [`state_len`] numbers of state, is handed exactly so many, and remembers
///   nothing elsewhere: so a chain can be copied, saved and rolled back without knowing its parts.
/// - [`update`] works in place on as many updates as there are parameters and does not allocate.
/// - Updates and state that are not finite need no care: the [`Chain`] undoes such a step.
///
/// [`state_len`]: Transform::state_len
/// [`update`]: Transform::update
///
/// # Example
/// A sign descent with error feedback (what the sign leaves out is added to the next gradient):
/// ```
/// use arginv::optimizer::{Chain, Context, Transform};
/// use arginv::{Optimizer, Scalar};
///
/// #[derive(Debug)]
/// struct SignWithFeedback;
///
/// impl<T: Scalar> Transform<T> for SignWithFeedback {
///     fn state_len(&self, num_params: usize) -> usize {
///         num_params
///     }
///     fn update(&self, residual: &mut [T], updates: &mut [T], _: &Context<'_, T>) {
///         for (u, r) in updates.iter_mut().zip(residual) {
///             let wanted = *u + *r;
///             *u = if wanted > T::lit(0.0) { T::lit(1.0) } else { T::lit(-1.0) };
///             *r = wanted - *u;
///         }
///     }
/// }
///
/// let mut optimizer = Chain::new(0.1)?.then(SignWithFeedback);
/// let mut theta = [1.0_f64];
/// optimizer.step(&mut theta, &[0.3], None)?;
/// assert_eq!(theta, [0.9]);
/// # Ok::<(), arginv::Error>(())
/// ```
pub trait Transform<T: Scalar>: Debug + Send + Sync {
    /// How many numbers of state this transform keeps for `num_params` parameters.
    fn state_len(&self, _num_params: usize) -> usize {
        0
    }

    /// Sets the state to its start. It comes filled with zeros, and zeros are the default start.
    fn init(&self, _state: &mut [T]) {}

    /// Turns the updates of the stage before (the gradient, for the first) into this one's.
    fn update(&self, state: &mut [T], updates: &mut [T], context: &Context<'_, T>);
}

/// Anything that moves θ along a gradient.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an optimizer of `{T}`",
    note = "a transform becomes one in a chain: `Chain::new(learning_rate)?.then(transform)`"
)]
pub trait Optimizer<T: Scalar> {
    /// Moves `params` by one step for the gradient of the batch just seen.
    ///
    /// # Errors
    /// Lengths that differ; a gradient that is not finite. Then neither θ nor the optimizer's state
    /// has changed.
    fn step(&mut self, params: &mut [T], gradient: &[T], loss: Option<T>) -> Result<()>;
}

impl<T: Scalar, O: Optimizer<T> + ?Sized> Optimizer<T> for Box<O> {
    fn step(&mut self, params: &mut [T], gradient: &[T], loss: Option<T>) -> Result<()> {
        (**self).step(params, gradient, loss)
    }
}

impl<T: Scalar, O: Optimizer<T> + ?Sized> Optimizer<T> for &mut O {
    fn step(&mut self, params: &mut [T], gradient: &[T], loss: Option<T>) -> Result<()> {
        (**self).step(params, gradient, loss)
    }
}
