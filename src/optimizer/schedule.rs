//! Learning rates ηₜ that change from step to step, t counting from 0.
//!
//! Definitions are those of PyTorch's schedulers, stepped after every update. A constant learning
//! rate is a plain number, and a schedule of one's own a closure `|t| …`.
//!
//! # Example
//! ```
//! use arginv::optimizer::schedule::{Schedule, cosine, plateau, warmup};
//! use arginv::optimizer::{Chain, adam, sgd};
//!
//! let rate = warmup(500, cosine(1e-3, 20_000)?)?.with_start(0.1)?;
//! assert_eq!(rate.rate(0), 1e-4);
//! assert_eq!(rate.rate(500), 1e-3);
//! let a: Chain<f32> = adam(rate)?;
//! let b: Chain<f32> = sgd(|t: u64| 0.1 / (1.0 + t as f64).sqrt())?;
//! let c: Chain<f32> = sgd(plateau(0.1)?.with_patience(200))?; // its steps must be given the loss
//! # Ok::<(), arginv::Error>(())
//! ```

use crate::error::{Result, check};

mod decay;
mod plateau;
mod warmup;

pub use decay::{
    Cosine, Exponential, InverseTime, Piecewise, Steps, cosine, exponential, inverse_time,
    piecewise, steps,
};
pub use plateau::{Plateau, plateau};
pub use warmup::{Warmup, warmup};

/// The learning rate as a function of the step and, where it likes, of the losses seen.
///
/// # Contract
/// [`rate`](Schedule::rate) is finite and not negative: a [`Chain`](super::Chain) refuses to step
/// otherwise. [`observe`](Schedule::observe) is called once after every step that succeeded.
pub trait Schedule: CloneSchedule + Send + Sync {
    /// ηₜ for t = `step`, given the losses observed so far.
    fn rate(&self, step: u64) -> f64;

    /// Learns the loss at which the step `step` was taken.
    fn observe(&mut self, _step: u64, _loss: f64) {}

    /// Whether steps without a loss are refused.
    fn needs_loss(&self) -> bool {
        false
    }

    /// Forgets the losses observed.
    fn reset(&mut self) {}
}

/// What lets a boxed [`Schedule`] be copied; every schedule that is `Clone` has it.
pub trait CloneSchedule {
    /// A copy with its state.
    fn clone_box(&self) -> Box<dyn Schedule>;
}

impl<S: Schedule + Clone + 'static> CloneSchedule for S {
    fn clone_box(&self) -> Box<dyn Schedule> {
        Box::new(self.clone())
    }
}

impl<F: Fn(u64) -> f64 + Clone + Send + Sync + 'static> Schedule for F {
    fn rate(&self, step: u64) -> f64 {
        self(step)
    }
}

/// What an optimizer takes for its learning rate: a number above zero, a schedule, or a closure
/// `|t| …`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a learning rate",
    note = "a learning rate is an `f64`, a `Schedule`, or a closure `|t: u64| -> f64`"
)]
pub trait IntoSchedule {
    /// Checks and boxes it.
    ///
    /// # Errors
    /// A learning rate at step 0 that is NaN, infinite or negative; a number that is zero.
    fn into_schedule(self) -> Result<Box<dyn Schedule>>;
}

impl IntoSchedule for f64 {
    fn into_schedule(self) -> Result<Box<dyn Schedule>> {
        check::positive("learning_rate", self)?;
        Ok(Box::new(Constant(self)))
    }
}

impl<S: Schedule + 'static> IntoSchedule for S {
    fn into_schedule(self) -> Result<Box<dyn Schedule>> {
        check::non_negative("learning_rate", self.rate(0))?;
        Ok(Box::new(self))
    }
}

/// A learning rate that stays as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant(f64);

impl Schedule for Constant {
    fn rate(&self, _step: u64) -> f64 {
        self.0
    }
}

/// ηₜ = `learning_rate`; the number alone means the same.
///
/// # Errors
/// A learning rate that is not finite and above zero.
pub fn constant(learning_rate: f64) -> Result<Constant> {
    check::positive("learning_rate", learning_rate).map(Constant)
}

/// ηₜ = 0: θ stays as it is. As a plain number 0 is refused, being a mistake more often than a wish.
#[must_use]
pub fn zero() -> Constant {
    Constant(0.0)
}
