//! Transforms in order, then the step against their result.

use std::fmt;
use std::sync::Arc;

use super::{Context, IntoSchedule, Optimizer, Schedule, Transform};
use crate::error::{Error, Result, check};
use crate::scalar::Scalar;

/// An optimizer made of [`Transform`]s and a learning rate.
///
/// # Maths
/// ```text
/// u ← gradient;  u ← transform(u) for each in order;  θ ← θ − ηₜ·u
/// ```
/// A chain without transforms is gradient descent.
///
/// # Contract
/// The first step fixes the number of parameters, until [`reset`](Chain::reset). A step allocates
/// nothing after the first.
///
/// # Failure modes
/// After any error θ and the state are what they were before the call, bit for bit.
/// - [`Error::Length`], [`Error::ZeroDimension`]: slices of different or zero length.
/// - [`Error::NonFinite`] in `params` or `gradient`, found before anything is computed; in `update`,
///   where the moved θ or the state would overflow (a finite gradient whose square is not).
/// - [`Error::InvalidParameter`] for `loss`, where the schedule needs one and none is given, and for
///   `learning_rate`, where a schedule of one's own returns a negative or non-finite one.
///
/// # Example
/// ```
/// use arginv::Optimizer;
/// use arginv::optimizer::{Chain, Momentum};
///
/// let mut heavy_ball = Chain::new(0.1)?.then(Momentum::new(0.9)?);
/// let mut theta = [1.0_f64];
/// for _ in 0..200 {
///     let gradient = theta; // of ½θ²
///     heavy_ball.step(&mut theta, &gradient, None)?;
/// }
/// assert!(theta[0].abs() < 1e-3);
///
/// let before = theta;
/// assert!(heavy_ball.step(&mut theta, &[f64::NAN], None).is_err());
/// assert_eq!(theta, before);
/// # Ok::<(), arginv::Error>(())
/// ```
pub struct Chain<T: Scalar> {
    stages: Vec<Arc<dyn Transform<T>>>,
    schedule: Box<dyn Schedule>,
    step: u64,
    /// Length of each stage's share of `state`.
    state_lens: Vec<usize>,
    state: Vec<T>,
    /// The state before the step, to return to.
    saved: Vec<T>,
    updates: Vec<T>,
}

impl<T: Scalar> Chain<T> {
    /// Gradient descent with this learning rate, to be extended by [`then`](Chain::then).
    ///
    /// # Errors
    /// A learning rate that is not a finite number above zero; [`schedule::zero`] is the explicit way
    /// to have none.
    ///
    /// [`schedule::zero`]: super::schedule::zero
    pub fn new(learning_rate: impl IntoSchedule) -> Result<Self> {
        Ok(Self {
            stages: Vec::new(),
            schedule: learning_rate.into_schedule()?,
            step: 0,
            state_lens: Vec::new(),
            state: Vec::new(),
            saved: Vec::new(),
            updates: Vec::new(),
        })
    }

    /// Adds a transform behind those there are; the chain starts anew.
    #[must_use]
    pub fn then(mut self, transform: impl Transform<T> + 'static) -> Self {
        self.stages.push(Arc::new(transform));
        self.reset();
        self
    }

    /// Adds a transform before those there are; the chain starts anew.
    #[must_use]
    pub fn preceded_by(mut self, transform: impl Transform<T> + 'static) -> Self {
        self.stages.insert(0, Arc::new(transform));
        self.reset();
        self
    }

    /// Number of steps taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// Learning rate ηₜ of the next step.
    #[must_use]
    pub fn learning_rate(&self) -> f64 {
        self.schedule.rate(self.step)
    }

    /// Forgets all steps: the next one is the first, of any number of parameters.
    pub fn reset(&mut self) {
        self.step = 0;
        self.schedule.reset();
    }

    /// Allocates and sets all state to its start.
    fn start(&mut self, num_params: usize) {
        self.state_lens.clear();
        let lens = self.stages.iter().map(|s| s.state_len(num_params));
        self.state_lens.extend(lens);
        let total = self.state_lens.iter().sum();
        self.state.clear();
        self.state.resize(total, T::zero());
        self.saved.resize(total, T::zero());
        self.updates.resize(num_params, T::zero());
        let mut rest = self.state.as_mut_slice();
        for (stage, &len) in self.stages.iter().zip(&self.state_lens) {
            let (state, others) = rest.split_at_mut(len);
            stage.init(state);
            rest = others;
        }
    }

    fn run_stages(&mut self, context: &Context<'_, T>) {
        let mut rest = self.state.as_mut_slice();
        for (stage, &len) in self.stages.iter().zip(&self.state_lens) {
            let (state, others) = rest.split_at_mut(len);
            stage.update(state, &mut self.updates, context);
            rest = others;
        }
    }

    /// ηₜ of the step to be taken, checked.
    fn checked_rate(&self, loss: Option<T>) -> Result<T> {
        if loss.is_none() && self.schedule.needs_loss() {
            return Err(Error::InvalidParameter {
                name: "loss",
                value: "None".into(),
                requirement: "given, since the learning rate's schedule follows it",
            });
        }
        check::non_negative("learning_rate", self.learning_rate()).map(T::lit)
    }
}

impl<T: Scalar> Optimizer<T> for Chain<T> {
    fn step(&mut self, params: &mut [T], gradient: &[T], loss: Option<T>) -> Result<()> {
        let num_params = check::dimension("params", params.len())?;
        check::length("gradient", gradient.len(), num_params)?;
        if self.step > 0 {
            check::length("params", num_params, self.updates.len())?;
        }
        check::require_finite("params", params)?;
        check::require_finite("gradient", gradient)?;
        let rate = self.checked_rate(loss)?;

        if self.step == 0 {
            self.start(num_params);
        }
        self.saved.copy_from_slice(&self.state);
        self.updates.copy_from_slice(gradient);
        self.run_stages(&Context {
            params,
            step: self.step,
            loss,
        });
        // The moved θ takes the updates' place: θ itself is written only once all is known good.
        for (u, &p) in self.updates.iter_mut().zip(&*params) {
            *u = p - rate * *u;
        }
        let bad = check::first_non_finite(&self.updates)
            .or_else(|| check::first_non_finite(&self.state).map(|i| i % num_params));
        if let Some(index) = bad {
            std::mem::swap(&mut self.state, &mut self.saved);
            let what = "update";
            return Err(Error::NonFinite { what, index });
        }

        params.copy_from_slice(&self.updates);
        if let Some(loss) = loss {
            self.schedule.observe(self.step, loss.as_f64());
        }
        self.step += 1;
        Ok(())
    }
}

impl<T: Scalar> Clone for Chain<T> {
    fn clone(&self) -> Self {
        Self {
            stages: self.stages.clone(),
            schedule: self.schedule.clone_box(),
            step: self.step,
            state_lens: self.state_lens.clone(),
            state: self.state.clone(),
            saved: self.saved.clone(),
            updates: self.updates.clone(),
        }
    }
}

impl<T: Scalar> fmt::Debug for Chain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain")
            .field("stages", &self.stages)
            .field("learning_rate", &self.learning_rate())
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}
