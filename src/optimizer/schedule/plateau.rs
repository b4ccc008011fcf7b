//! Reducing the learning rate when the loss stops falling.

use super::Schedule;
use crate::error::{Result, check};

/// A smaller change of the learning rate is not made, as in PyTorch.
const MIN_CHANGE: f64 = 1e-8;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Threshold {
    Relative(f64),
    Absolute(f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Memory {
    rate: f64,
    best: f64,
    bad_steps: u64,
    cooldown_left: u64,
}

/// Made by [`plateau`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plateau {
    initial: f64,
    factor: f64,
    patience: u64,
    threshold: Threshold,
    cooldown: u64,
    min_rate: f64,
    memory: Memory,
}

/// η ← max(`factor`·η, η_min) after more than `patience` steps in a row without a new best loss;
/// then the count rests for `cooldown` steps.
///
/// A loss is a new best below best·(1 − threshold), which means positive losses, or below best −
/// threshold where that is [absolute](Plateau::with_absolute_threshold). A loss that is NaN is not a
/// new best. Defaults are PyTorch's: factor 0.1, patience 10, relative threshold 10⁻⁴, cooldown 0,
/// η_min 0. Steps are counted, not epochs, and each sees the loss of its own batch: with small
/// batches patience must be large.
///
/// # Errors
/// η₀ not finite and above zero.
pub fn plateau(learning_rate: f64) -> Result<Plateau> {
    let initial = check::positive("learning_rate", learning_rate)?;
    Ok(Plateau {
        initial,
        factor: 0.1,
        patience: 10,
        threshold: Threshold::Relative(1e-4),
        cooldown: 0,
        min_rate: 0.0,
        memory: Memory::new(initial),
    })
}

impl Memory {
    fn new(rate: f64) -> Self {
        Self {
            rate,
            best: f64::INFINITY,
            bad_steps: 0,
            cooldown_left: 0,
        }
    }
}

impl Plateau {
    /// What the learning rate is multiplied by.
    ///
    /// # Errors
    /// A factor outside [0, 1).
    pub fn with_factor(mut self, factor: f64) -> Result<Self> {
        self.factor = check::decay("factor", factor)?;
        Ok(self)
    }

    /// Steps without a new best that are borne.
    #[must_use]
    pub fn with_patience(mut self, patience: u64) -> Self {
        self.patience = patience;
        self
    }

    /// By what fraction of the best loss a new best must lie below it.
    ///
    /// # Errors
    /// A threshold outside [0, 1).
    pub fn with_threshold(mut self, threshold: f64) -> Result<Self> {
        self.threshold = Threshold::Relative(check::decay("threshold", threshold)?);
        Ok(self)
    }

    /// By how much a new best must lie below the best loss.
    ///
    /// # Errors
    /// A threshold that is negative or not finite.
    pub fn with_absolute_threshold(mut self, threshold: f64) -> Result<Self> {
        self.threshold = Threshold::Absolute(check::non_negative("threshold", threshold)?);
        Ok(self)
    }

    /// Steps after a reduction during which none is counted as bad.
    #[must_use]
    pub fn with_cooldown(mut self, cooldown: u64) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// The least learning rate.
    ///
    /// # Errors
    /// One that is negative or not finite.
    pub fn with_min_rate(mut self, min_rate: f64) -> Result<Self> {
        self.min_rate = check::non_negative("min_rate", min_rate)?;
        Ok(self)
    }

    fn is_new_best(&self, loss: f64) -> bool {
        match self.threshold {
            Threshold::Relative(t) => loss < self.memory.best * (1.0 - t),
            Threshold::Absolute(t) => loss < self.memory.best - t,
        }
    }
}

impl Schedule for Plateau {
    fn rate(&self, _step: u64) -> f64 {
        self.memory.rate
    }

    fn observe(&mut self, _step: u64, loss: f64) {
        let is_new_best = self.is_new_best(loss);
        let memory = &mut self.memory;
        if is_new_best {
            memory.best = loss;
            memory.bad_steps = 0;
        } else {
            memory.bad_steps += 1;
        }
        if memory.cooldown_left > 0 {
            memory.cooldown_left -= 1;
            memory.bad_steps = 0;
        }
        if memory.bad_steps > self.patience {
            let reduced = (memory.rate * self.factor).max(self.min_rate);
            if memory.rate - reduced > MIN_CHANGE {
                memory.rate = reduced;
            }
            memory.cooldown_left = self.cooldown;
            memory.bad_steps = 0;
        }
    }

    fn needs_loss(&self) -> bool {
        true
    }

    fn reset(&mut self) {
        self.memory = Memory::new(self.initial);
    }
}
