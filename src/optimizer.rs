//! Network optimizers as chains of small transforms.
//!
//! A [`Transform`] maps the gradient, or what an earlier transform made of it, to an update of the
//! same length. A [`Chain`] applies its transforms in order and adds the result to θ: the sign lives
//! in the learning-rate stage, which multiplies by −lr. Named optimizers ([`adam`], [`sgd`], …) are
//! chains of a few words.

use crate::error::Result;
use crate::scalar::Scalar;

/// What a transform may know beside the updates.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a, T> {
    /// θ before the update.
    pub params: &'a [T],
    /// Number of this update, counting from 0.
    pub step: u64,
    /// Loss of this batch, where the trainer knows it: the plateau schedule asks for it.
    pub loss: Option<T>,
}

/// One stage of an optimizer.
///
/// # Contract
/// [`init`](Transform::init) is called before the first update and whenever the number of
/// parameters changes; it sets all state to its start. `update` works in place and does not
/// allocate.
pub trait Transform<T: Scalar>: Send {
    /// Sets the state for `num_params` parameters to its start.
    fn init(&mut self, num_params: usize);

    /// Turns the updates of the stage before (the gradient, for the first) into this one's.
    fn update(&mut self, updates: &mut [T], context: &Context<'_, T>);

    /// A copy with its state.
    fn clone_box(&self) -> Box<dyn Transform<T>>;
}

/// Anything that moves θ along a gradient.
pub trait Optimizer<T: Scalar> {
    /// Moves `params` by one step for the gradient of the batch just seen.
    ///
    /// # Errors
    /// Lengths that differ; a gradient that is not finite. Then neither θ nor the optimizer's state
    /// has changed.
    fn step(&mut self, params: &mut [T], gradient: &[T], loss: Option<T>) -> Result<()>;
}
