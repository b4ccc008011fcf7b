//! What a solver chooses its steps by: local models and the steps they give.

use faer::MatRef;

use super::{Evaluations, Status};
use crate::error::{Failure, Result};
use crate::loss::Loss;
use crate::scalar::Scalar;
use crate::simulator::Simulator;

/// Points at which a direction evaluates its local models: A columns each.
#[derive(Clone, Copy)]
pub struct Linearization<'a, T: Scalar> {
    /// x, n × A.
    pub x: MatRef<'a, T>,
    /// P(x), m × A.
    pub y: MatRef<'a, T>,
    /// What P(x) should be, m × A.
    pub target: MatRef<'a, T>,
    /// The loss, for directions that minimise it.
    pub loss: &'a dyn Loss<T>,
}

/// The local model of one sample, as its direction stored it.
#[derive(Clone, Copy)]
pub struct Model<'a, T> {
    /// n, the length of x.
    pub input_dim: usize,
    /// What [`Direction::linearize`] wrote for this sample.
    pub data: &'a [T],
    /// P(x) − target, length m.
    pub residual: &'a [T],
}

/// What a globalization asks of a direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepSettings<T> {
    /// μ ≥ 0, added to the model's curvature in every direction.
    pub damping: T,
    /// Largest first-order change of the merit function, where limited.
    pub max_loss_change: Option<T>,
}

impl<T: Scalar> Default for StepSettings<T> {
    fn default() -> Self {
        Self {
            damping: T::zero(),
            max_loss_change: None,
        }
    }
}

/// What the local model says of a step d.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prediction<T> {
    /// First-order change ∇φᵀd of the merit function φ; negative for a descent.
    pub slope: T,
    /// −∇φᵀd − ½dᵀBd with the model's positive semidefinite curvature B.
    pub decrease: T,
}

impl<T: Scalar> Prediction<T> {
    /// Scales the step and what is predicted of it by `factor` ≤ 1.
    pub(super) fn scaled(self, factor: T, dx: &mut [T]) -> Self {
        for d in dx {
            *d *= factor;
        }
        // −∇φᵀd is linear in the factor and dᵀBd quadratic.
        let curvature = -self.slope - self.decrease;
        let slope = self.slope * factor;
        Self {
            slope,
            decrease: -slope - curvature * factor * factor,
        }
    }

    /// Shortens the step so that its first-order change is at most the limit.
    pub(super) fn limited(self, settings: &StepSettings<T>, dx: &mut [T]) -> Self {
        match settings.max_loss_change {
            Some(limit) if -self.slope > limit => self.scaled(limit / -self.slope, dx),
            _ => self,
        }
    }
}

/// A way to choose steps: what to evaluate at a point, and the step its local model gives.
///
/// # Contract
/// Samples are independent. [`linearize`](Direction::linearize) writes
/// [`model_len`](Direction::model_len) numbers a sample; [`step`](Direction::step) uses nothing
/// else of the sample, so that it can be asked again with other settings.
pub trait Direction<T: Scalar, P: Simulator<T> + ?Sized> {
    /// The solver's name in reports.
    fn name(&self) -> &'static str;

    /// Whether the merit function is the loss L(P(x), target), rather than ½‖P(x) − target‖².
    fn minimises_loss(&self) -> bool;

    /// Refuses simulators the direction is not for.
    ///
    /// # Errors
    /// A number of inputs or outputs that the direction can't work with.
    fn check(&self, _simulator: &P) -> Result<()> {
        Ok(())
    }

    /// Length of the model of one sample.
    fn model_len(&self, input_dim: usize, output_dim: usize) -> usize;

    /// Evaluations of derivatives a linearization takes.
    fn cost(&self) -> Evaluations;

    /// Evaluates derivatives at A points and stores A models.
    ///
    /// # Errors
    /// What the simulator reports.
    fn linearize(
        &mut self,
        simulator: &P,
        at: &Linearization<'_, T>,
        models: &mut [T],
    ) -> Result<(), Failure>;

    /// Largest curvature of the model along a coordinate: the scale of damping.
    fn largest_curvature(&self, model: &Model<'_, T>) -> T;

    /// Writes the step into `dx` (length n).
    ///
    /// # Errors
    /// The status of a sample whose model has no step.
    fn step(
        &mut self,
        model: &Model<'_, T>,
        settings: &StepSettings<T>,
        dx: &mut [T],
    ) -> Result<Prediction<T>, Status>;
}
