//! Heavy-ball and Nesterov momentum.

use super::{Context, Transform};
use crate::error::{Error, Result, check};
use crate::scalar::Scalar;

/// Momentum: a decaying sum of the updates.
///
/// # Maths
/// ```text
/// b ← u                     first
/// b ← μb + (1 − τ)u         then
/// u ← b,   or   u + μb      with Nesterov's
/// ```
/// # Failure modes
/// μ or the dampening τ outside [0, 1); Nesterov's with μ = 0 or τ > 0.
///
/// # Reference
/// Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964; Sutskever et
/// al., *On the importance of initialization and momentum in deep learning*, ICML 2013.
///
/// # Example
/// ```
/// use arginv::optimizer::{Chain, Momentum, sgd};
///
/// let nesterov: Chain<f64> = sgd(1e-2)?.then(Momentum::new(0.9)?.with_nesterov()?);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Momentum {
    momentum: f64,
    dampening: f64,
    nesterov: bool,
}

impl Momentum {
    /// Heavy-ball momentum μ.
    ///
    /// # Errors
    /// μ outside [0, 1).
    pub fn new(momentum: f64) -> Result<Self> {
        Ok(Self {
            momentum: check::decay("momentum", momentum)?,
            dampening: 0.0,
            nesterov: false,
        })
    }

    /// Takes only the fraction 1 − τ of each update in (0 by default).
    ///
    /// # Errors
    /// τ outside [0, 1), or above 0 with Nesterov's momentum.
    pub fn with_dampening(mut self, dampening: f64) -> Result<Self> {
        self.dampening = check::decay("dampening", dampening)?;
        self.check_nesterov()
    }

    /// Nesterov's look-ahead.
    ///
    /// # Errors
    /// Without momentum, or with dampening.
    pub fn with_nesterov(mut self) -> Result<Self> {
        self.nesterov = true;
        self.check_nesterov()
    }

    fn check_nesterov(self) -> Result<Self> {
        let invalid = |name, value: f64, requirement| {
            Err(Error::InvalidParameter {
                name,
                value: value.to_string(),
                requirement,
            })
        };
        if self.nesterov && self.momentum == 0.0 {
            return invalid("momentum", 0.0, "greater than 0 for Nesterov's momentum");
        }
        if self.nesterov && self.dampening > 0.0 {
            return invalid("dampening", self.dampening, "0 for Nesterov's momentum");
        }
        Ok(self)
    }
}

impl<T: Scalar> Transform<T> for Momentum {
    fn state_len(&self, num_params: usize) -> usize {
        num_params
    }

    fn update(&self, buffer: &mut [T], updates: &mut [T], context: &Context<'_, T>) {
        let momentum = T::lit(self.momentum);
        if context.step == 0 {
            buffer.copy_from_slice(updates);
        } else {
            let take = T::lit(1.0 - self.dampening);
            for (b, &u) in buffer.iter_mut().zip(&*updates) {
                *b = momentum * *b + take * u;
            }
        }
        if self.nesterov {
            for (u, &b) in updates.iter_mut().zip(&*buffer) {
                *u += momentum * b;
            }
        } else {
            updates.copy_from_slice(buffer);
        }
    }
}
