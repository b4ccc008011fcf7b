//! A linear rise before another schedule.

use super::decay::at_least_one;
use super::{IntoSchedule, Schedule};
use crate::error::{Result, check};

/// Made by [`warmup`].
pub struct Warmup {
    steps: u64,
    start: f64,
    after: Box<dyn Schedule>,
}

/// Rises in `steps` steps from a fraction s of the first learning rate η₀ of `after`, then follows
/// `after` from its beginning:
/// ```text
/// ηₜ = η₀·(s + (1 − s)·t/steps)   for t < steps
/// ηₜ = after(t − steps)            then
/// ```
/// s is 1/3, as PyTorch has it, unless [`with_start`](Warmup::with_start) sets it.
///
/// # Errors
/// `steps` zero; a number for `after` that is not a learning rate.
pub fn warmup(steps: u64, after: impl IntoSchedule) -> Result<Warmup> {
    Ok(Warmup {
        steps: at_least_one("steps", steps)?,
        start: 1.0 / 3.0,
        after: after.into_schedule()?,
    })
}

impl Warmup {
    /// Starts at this fraction of the first learning rate.
    ///
    /// # Errors
    /// A fraction outside (0, 1].
    pub fn with_start(mut self, fraction: f64) -> Result<Self> {
        self.start = check::fraction("start fraction", fraction)?;
        Ok(self)
    }
}

impl Schedule for Warmup {
    fn rate(&self, step: u64) -> f64 {
        match step.checked_sub(self.steps) {
            Some(step) => self.after.rate(step),
            None => {
                let risen = step as f64 / self.steps as f64;
                self.after.rate(0) * (self.start + (1.0 - self.start) * risen)
            }
        }
    }

    fn observe(&mut self, step: u64, loss: f64) {
        if let Some(step) = step.checked_sub(self.steps) {
            self.after.observe(step, loss);
        }
    }

    fn needs_loss(&self) -> bool {
        self.after.needs_loss()
    }

    fn reset(&mut self) {
        self.after.reset();
    }
}

impl Clone for Warmup {
    fn clone(&self) -> Self {
        Self {
            steps: self.steps,
            start: self.start,
            after: self.after.clone_box(),
        }
    }
}

impl std::fmt::Debug for Warmup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Warmup")
            .field("steps", &self.steps)
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}
