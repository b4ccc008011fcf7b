//! Closed-form decays.

use std::f64::consts::PI;

use super::Schedule;
use crate::error::{Error, Result, check};

/// Made by [`steps`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steps {
    initial: f64,
    every: u64,
    factor: f64,
}

/// ηₜ = η₀·`factor`^⌊t/`every`⌋.
///
/// # Errors
/// η₀ not finite and above zero; `every` zero; `factor` outside (0, 1].
pub fn steps(learning_rate: f64, every: u64, factor: f64) -> Result<Steps> {
    Ok(Steps {
        initial: check::positive("learning_rate", learning_rate)?,
        every: at_least_one("every", every)?,
        factor: check::fraction("factor", factor)?,
    })
}

impl Schedule for Steps {
    fn rate(&self, step: u64) -> f64 {
        self.initial * self.factor.powf((step / self.every) as f64)
    }
}

/// Made by [`exponential`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    initial: f64,
    factor: f64,
}

/// ηₜ = η₀·`factor`ᵗ.
///
/// # Errors
/// η₀ not finite and above zero; `factor` outside (0, 1].
pub fn exponential(learning_rate: f64, factor: f64) -> Result<Exponential> {
    Ok(Exponential {
        initial: check::positive("learning_rate", learning_rate)?,
        factor: check::fraction("factor", factor)?,
    })
}

impl Schedule for Exponential {
    fn rate(&self, step: u64) -> f64 {
        self.initial * self.factor.powf(step as f64)
    }
}

/// Made by [`inverse_time`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseTime {
    initial: f64,
    decay: f64,
}

/// ηₜ = η₀/(1 + `decay`·t), the `lr_decay` of PyTorch's Adagrad.
///
/// # Errors
/// η₀ not finite and above zero; `decay` negative or not finite.
pub fn inverse_time(learning_rate: f64, decay: f64) -> Result<InverseTime> {
    Ok(InverseTime {
        initial: check::positive("learning_rate", learning_rate)?,
        decay: check::non_negative("decay", decay)?,
    })
}

impl Schedule for InverseTime {
    fn rate(&self, step: u64) -> f64 {
        self.initial / (1.0 + self.decay * step as f64)
    }
}

/// Made by [`cosine`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    initial: f64,
    total: u64,
    last: f64,
}

/// ηₜ = η_end + (η₀ − η_end)·(1 + cos(πt/`total`))/2, and η_end from t = `total` on.
///
/// η_end is 0 unless [`with_final`](Cosine::with_final) sets it. (PyTorch's schedule rises again
/// after `total` steps; this one stays.)
///
/// # Errors
/// η₀ not finite and above zero; `total` zero.
///
/// # Reference
/// Loshchilov & Hutter, *SGDR: Stochastic gradient descent with warm restarts*, ICLR 2017.
pub fn cosine(learning_rate: f64, total: u64) -> Result<Cosine> {
    Ok(Cosine {
        initial: check::positive("learning_rate", learning_rate)?,
        total: at_least_one("total", total)?,
        last: 0.0,
    })
}

impl Cosine {
    /// Ends at this fraction of η₀.
    ///
    /// # Errors
    /// A fraction outside (0, 1].
    pub fn with_final(mut self, fraction: f64) -> Result<Self> {
        self.last = self.initial * check::fraction("final fraction", fraction)?;
        Ok(self)
    }
}

impl Schedule for Cosine {
    fn rate(&self, step: u64) -> f64 {
        if step >= self.total {
            return self.last;
        }
        let phase = PI * step as f64 / self.total as f64;
        self.last + (self.initial - self.last) * 0.5 * (1.0 + phase.cos())
    }
}

/// Made by [`piecewise`].
#[derive(Clone, Debug, PartialEq)]
pub struct Piecewise {
    pieces: Vec<(u64, f64)>,
}

/// ηₜ constant on pieces, each given by its first step and its learning rate.
///
/// # Errors
/// No piece; a first piece that doesn't start at 0; starts that don't rise; a learning rate not
/// finite and above zero.
///
/// # Example
/// ```
/// use arginv::optimizer::schedule::{Schedule, piecewise};
///
/// let rate = piecewise(&[(0, 1e-2), (100, 1e-3)])?;
/// assert_eq!((rate.rate(99), rate.rate(100)), (1e-2, 1e-3));
/// # Ok::<(), arginv::Error>(())
/// ```
pub fn piecewise(pieces: &[(u64, f64)]) -> Result<Piecewise> {
    let starts_rise = pieces.windows(2).all(|w| w[0].0 < w[1].0);
    if pieces.first().is_none_or(|first| first.0 != 0) || !starts_rise {
        return Err(Error::InvalidParameter {
            name: "pieces",
            value: format!("{pieces:?}"),
            requirement: "a list of (first step, learning rate) whose steps rise from 0",
        });
    }
    for &(_, rate) in pieces {
        check::positive("learning_rate", rate)?;
    }
    Ok(Piecewise {
        pieces: pieces.to_vec(),
    })
}

impl Schedule for Piecewise {
    fn rate(&self, step: u64) -> f64 {
        let begun = self.pieces.partition_point(|&(start, _)| start <= step);
        // The first piece starts at 0, so that at least one has begun.
        self.pieces[begun - 1].1
    }
}

pub(super) fn at_least_one(name: &'static str, value: u64) -> Result<u64> {
    if value == 0 {
        return Err(Error::InvalidParameter {
            name,
            value: "0".into(),
            requirement: "at least 1",
        });
    }
    Ok(value)
}
