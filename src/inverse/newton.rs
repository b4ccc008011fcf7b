//! Newton's method on P(x) = ỹ.

use super::gauss_newton::{Damped, JACOBIAN, jacobians, largest_curvature, predict};
use super::{
    Descent, Direction, Evaluations, Globalization, Linearization, Model, Prediction, Status,
    StepSettings, StopRule, require_square,
};
use crate::error::{Failure, Result};
use crate::linalg::Lu;
use crate::scalar::Scalar;
use crate::simulator::Jacobian;

/// Newton's method on P(x) = ỹ, for as many outputs as inputs.
///
/// # Maths
/// J(x)·d = ỹ − P(x), by LU with partial pivoting. With damping μ, (JᵀJ + μI)d = Jᵀ(ỹ − P(x)).
///
/// # Contract
/// The iterates are invariant: under y → Ay they stay, under x → Ax they map with A, for any
/// invertible A (backtracking keeps this under x → Ax and y → cy). Near a regular root the
/// convergence is quadratic.
///
/// # Failure modes
/// [`Singular`](super::Status::Singular) where J has no inverse; [`Stalled`](super::Status::Stalled)
/// where no halving of the step decreases the residual;
/// [`MaxIterations`](super::Status::MaxIterations).
///
/// # Reference
/// Nocedal & Wright, *Numerical Optimization*, 2006, algorithm 11.1.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::inverse::invert;
/// use faer::mat;
///
/// let found = invert(&Exponential, &mut Newton::new(), mat![[0.0]].as_ref(), mat![[5.0]].as_ref())?;
/// assert!((found.x[(0, 0)] - 5f64.ln()).abs() < 1e-12);
/// # Ok::<(), arginv::Error>(())
/// ```
pub type Newton<T> = Descent<T, NewtonDirection<T>>;

impl<T: Scalar> Newton<T> {
    /// Newton's method with backtracking, to [`StopRule::default_residual`].
    #[must_use]
    pub fn new() -> Self {
        Self::of(
            NewtonDirection::default(),
            Globalization::backtracking(),
            StopRule::default_residual(),
        )
    }
}

impl<T: Scalar> Default for Newton<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The direction of [`Newton`].
#[derive(Clone)]
pub struct NewtonDirection<T: Scalar> {
    lu: Lu<T>,
    damped: Damped<T>,
    change: Vec<T>,
}

impl<T: Scalar> Default for NewtonDirection<T> {
    fn default() -> Self {
        Self {
            lu: Lu::default(),
            damped: Damped::default(),
            change: Vec::new(),
        }
    }
}

impl<T: Scalar, P: Jacobian<T> + ?Sized> Direction<T, P> for NewtonDirection<T> {
    fn name(&self) -> &'static str {
        "Newton"
    }

    fn minimises_loss(&self) -> bool {
        false
    }

    fn check(&self, simulator: &P) -> Result<()> {
        require_square("Newton", simulator)
    }

    fn model_len(&self, input_dim: usize, output_dim: usize) -> usize {
        input_dim * output_dim
    }

    fn cost(&self) -> Evaluations {
        JACOBIAN
    }

    fn linearize(
        &mut self,
        simulator: &P,
        at: &Linearization<'_, T>,
        models: &mut [T],
    ) -> Result<(), Failure> {
        jacobians(simulator, at, models)
    }

    fn largest_curvature(&self, model: &Model<'_, T>) -> T {
        largest_curvature(model)
    }

    fn step(
        &mut self,
        model: &Model<'_, T>,
        settings: &StepSettings<T>,
        dx: &mut [T],
    ) -> Result<Prediction<T>, Status> {
        if settings.damping > T::zero() {
            return self.damped.step(model, settings, dx);
        }
        if !self.lu.factor(dx.len(), model.data) {
            return Err(Status::Singular);
        }
        for (d, &r) in dx.iter_mut().zip(model.residual) {
            *d = -r;
        }
        self.lu.solve(dx);
        Ok(predict(model, dx, &mut self.change).limited(settings, dx))
    }
}
