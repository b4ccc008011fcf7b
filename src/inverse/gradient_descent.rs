//! Gradient descent on L∘P: the first-order fallback.

use faer::{MatMut, MatRef};

use super::gauss_newton::JACOBIAN;
use super::{
    Descent, Direction, Evaluations, Globalization, Linearization, Model, Prediction, Status,
    StepSettings, StopRule,
};
use crate::error::{Failure, Result, check};
use crate::linalg::dot;
use crate::scalar::Scalar;
use crate::simulator::Vjp;

/// Gradient descent on L∘P, one step unless told otherwise.
///
/// # Maths
/// d = −α·Jᵀ∇L. With damping μ, d = −Jᵀ∇L/(1/α + μ).
///
/// # Contract
/// Needs products Jᵀw only. It is not scale-invariant: under y → cy the step grows by c².
/// With it as inverse solver, SIP's θ-gradient is α times that of training through the simulator.
///
/// # Failure modes
/// One step never fails on finite derivatives; nothing says that it descends. With
/// [`Globalization::backtracking`] it does, or ends as [`Stalled`](super::Status::Stalled).
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::inverse::invert;
/// use faer::mat;
///
/// // L∘P = ½(x² − 4)² at x = 1: slope −6.
/// let found = invert(&Square, &mut GradientDescent::new(0.1)?, mat![[1.0]].as_ref(), mat![[4.0]].as_ref())?;
/// assert!((found.x[(0, 0)] - 1.6_f64).abs() < 1e-15);
/// # Ok::<(), arginv::Error>(())
/// ```
pub type GradientDescent<T> = Descent<T, GradientDirection<T>>;

impl<T: Scalar> GradientDescent<T> {
    /// One step of length α = `rate` times the gradient; α has the units of x²/L.
    ///
    /// # Errors
    /// A rate that is not positive and finite.
    pub fn new(rate: f64) -> Result<Self> {
        let direction = GradientDirection {
            rate: check::positive("rate", rate)?,
            loss_gradient: Vec::new(),
        };
        Ok(Self::of(
            direction,
            Globalization::none(),
            StopRule::ONE_STEP,
        ))
    }
}

/// The direction of [`GradientDescent`].
#[derive(Clone, Debug)]
pub struct GradientDirection<T> {
    rate: f64,
    loss_gradient: Vec<T>,
}

impl<T: Scalar, P: Vjp<T> + ?Sized> Direction<T, P> for GradientDirection<T> {
    fn name(&self) -> &'static str {
        "GradientDescent"
    }

    fn minimises_loss(&self) -> bool {
        true
    }

    fn model_len(&self, input_dim: usize, _output_dim: usize) -> usize {
        input_dim
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
        let (n, batch) = (at.x.nrows(), at.x.ncols());
        let w = loss_gradients(at, &mut self.loss_gradient)?;
        simulator.vjp(
            at.x,
            w,
            MatMut::from_column_major_slice_mut(models, n, batch),
        )
    }

    fn largest_curvature(&self, _model: &Model<'_, T>) -> T {
        T::lit(1.0 / self.rate)
    }

    fn step(
        &mut self,
        model: &Model<'_, T>,
        settings: &StepSettings<T>,
        dx: &mut [T],
    ) -> Result<Prediction<T>, Status> {
        let curvature = T::lit(1.0 / self.rate) + settings.damping;
        let rate = if settings.damping > T::zero() {
            T::one() / curvature
        } else {
            T::lit(self.rate)
        };
        for (d, &g) in dx.iter_mut().zip(model.data) {
            *d = -rate * g;
        }
        let slope = dot(model.data, dx);
        let decrease = -slope - T::lit(0.5 / self.rate) * dot(dx, dx);
        Ok(Prediction { slope, decrease }.limited(settings, dx))
    }
}

/// ∇L at every point, m × A, in a buffer that grows once.
pub(super) fn loss_gradients<'b, T: Scalar>(
    at: &Linearization<'_, T>,
    buffer: &'b mut Vec<T>,
) -> Result<MatRef<'b, T>, Failure> {
    let (m, batch) = (at.y.nrows(), at.y.ncols());
    buffer.resize(m * batch, T::zero());
    at.loss.gradients(
        at.y,
        at.target,
        MatMut::from_column_major_slice_mut(buffer, m, batch),
    )?;
    Ok(MatRef::from_column_major_slice(buffer, m, batch))
}
