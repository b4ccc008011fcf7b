//! Inverse solvers: Δx with P(x + Δx) ≈ ỹ, local to x, sample by sample.
//!
//! A solver is a [`Direction`] × a [`Globalization`] × a [`StopRule`], run by one loop
//! ([`Descent`]); the named solvers are such compositions. [`Analytic`] uses the simulator's own
//! inverse, and [`Fallback`] chains solvers so that one takes over where another fails.
//!
//! | solver | solves | needs | default |
//! |---|---|---|---|
//! | [`Analytic`] | P(x + Δx) = ỹ | [`LocalInverse`](crate::LocalInverse) | checks P(x + Δx) |
//! | [`Newton`] | P(x + Δx) = ỹ, m = n | [`Jacobian`](crate::Jacobian) | backtracking, to the residual tolerance |
//! | [`GaussNewton`] | min ½‖P(x + Δx) − ỹ‖², any m, n | [`Jacobian`](crate::Jacobian) | backtracking, to the residual tolerance |
//! | [`LevenbergMarquardt`] | the same | [`Jacobian`](crate::Jacobian) | damping, to the residual tolerance |
//! | [`SaddleFreeNewton`] | min L(P(x + Δx), ·) | [`Curvature`](crate::Curvature) | one step |
//! | [`GradientDescent`] | the same | [`Vjp`](crate::Vjp) | one step |

mod analytic;
mod descent;
mod direction;
pub(crate) mod evaluate;
mod fallback;
mod gauss_newton;
mod globalization;
mod gradient_descent;
mod newton;
mod run;
mod saddle_free;
mod status;
mod stop;
mod targets;

pub use analytic::Analytic;
pub use descent::Descent;
pub use direction::{Direction, Linearization, Model, Prediction, StepSettings};
pub use fallback::{Fallback, Members};
pub use gauss_newton::{GaussNewton, GaussNewtonDirection, LevenbergMarquardt};
pub use globalization::Globalization;
pub use gradient_descent::{GradientDescent, GradientDirection};
pub use newton::{Newton, NewtonDirection};
pub use saddle_free::{SaddleFreeDirection, SaddleFreeNewton};
pub use status::{Attempt, Evaluations, Quantity, SampleReport, Status};
pub use stop::StopRule;
pub use targets::{TargetStep, TargetsOutcome, targets};

use faer::{Mat, MatMut, MatRef};

use crate::error::{Error, Result, check};
use crate::loss::{L2, Loss};
use crate::scalar::Scalar;
use crate::simulator::Simulator;

/// What an inverse solver is asked for, on a batch of B samples.
#[derive(Clone, Copy)]
pub struct Request<'a, T: Scalar> {
    /// Where the solve starts and stays near, n × B.
    pub x: MatRef<'a, T>,
    /// P(x), m × B.
    pub y: MatRef<'a, T>,
    /// ỹ = y + Δy, what P(x + Δx) should be, m × B.
    pub y_target: MatRef<'a, T>,
    /// The loss that descent solvers minimise.
    pub loss: &'a dyn Loss<T>,
    /// The loss's target, m × B: y + η(y* − y), which is y* at η = 1 and ỹ for quadratic losses.
    pub loss_target: MatRef<'a, T>,
}

impl<'a, T: Scalar> Request<'a, T> {
    /// Asks for P(x + Δx) = ỹ, with ½‖·‖² as the loss of descent solvers.
    #[must_use]
    pub fn new(x: MatRef<'a, T>, y: MatRef<'a, T>, y_target: MatRef<'a, T>) -> Self {
        Self {
            x,
            y,
            y_target,
            loss: &L2,
            loss_target: y_target,
        }
    }

    /// Number of samples B.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.x.ncols()
    }

    /// Checks every shape against a simulator, and those of a solver's answer.
    ///
    /// # Errors
    /// The first that does not fit, by name.
    pub fn check<P: Simulator<T> + ?Sized>(
        &self,
        simulator: &P,
        dx: MatRef<'_, T>,
        reports: &[SampleReport<T>],
    ) -> Result<()> {
        let (n, m, batch) = (
            check::dimension("the simulator's input dimension", simulator.input_dim())?,
            check::dimension("the simulator's output dimension", simulator.output_dim())?,
            self.batch(),
        );
        check::shape("x", self.x, n, batch)?;
        check::shape("y", self.y, m, batch)?;
        check::shape("y_target", self.y_target, m, batch)?;
        check::shape("loss_target", self.loss_target, m, batch)?;
        check::shape("dx", dx, n, batch)?;
        check::length("reports", reports.len(), batch)?;
        self.loss.check_dim(m)
    }
}

/// Anything that answers a [`Request`].
///
/// # Contract
/// `solve` writes every column of `dx` and every report. A column whose status is not a
/// [success](Status::is_success) is 0. Samples are independent: what a solver answers for one does
/// not depend, in any bit, on the others in the batch. `Err` is for faults of the call only.
///
/// # Example
/// One's own solver, a damped fixed-point iteration for maps near the identity:
/// ```
/// use arginv::inverse::{InverseSolver, Request, SampleReport, Status};
/// use arginv::{Result, Scalar, Simulator};
/// use faer::MatMut;
///
/// struct FixedPoint;
/// impl<T: Scalar, P: Simulator<T> + ?Sized> InverseSolver<T, P> for FixedPoint {
///     fn solve(
///         &mut self,
///         simulator: &P,
///         request: &Request<'_, T>,
///         mut dx: MatMut<'_, T>,
///         reports: &mut [SampleReport<T>],
///     ) -> Result<()> {
///         request.check(simulator, dx.as_ref(), reports)?;
///         for (j, report) in reports.iter_mut().enumerate() {
///             for i in 0..dx.nrows() {
///                 dx[(i, j)] = T::lit(0.5) * (request.y_target[(i, j)] - request.y[(i, j)]);
///             }
///             *report = SampleReport::new("FixedPoint", Status::Stepped);
///         }
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot invert the simulator `{P}` over `{T}`",
    label = "not an inverse solver for this simulator",
    note = "the simulator lacks a capability that the solver needs (see the bounds below), or `InverseSolver<{T}, {P}>` is not implemented"
)]
pub trait InverseSolver<T: Scalar, P: Simulator<T> + ?Sized> {
    /// Writes Δx (n × B) and a report a sample.
    ///
    /// # Errors
    /// Shapes that do not fit, or a problem the solver is not for.
    fn solve(
        &mut self,
        simulator: &P,
        request: &Request<'_, T>,
        dx: MatMut<'_, T>,
        reports: &mut [SampleReport<T>],
    ) -> Result<()>;

    /// The solver's name in reports.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }
}

impl<T: Scalar, P: Simulator<T> + ?Sized, S: InverseSolver<T, P> + ?Sized> InverseSolver<T, P>
    for Box<S>
{
    fn solve(
        &mut self,
        simulator: &P,
        request: &Request<'_, T>,
        dx: MatMut<'_, T>,
        reports: &mut [SampleReport<T>],
    ) -> Result<()> {
        (**self).solve(simulator, request, dx, reports)
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }
}

impl<T: Scalar, P: Simulator<T> + ?Sized, S: InverseSolver<T, P> + ?Sized> InverseSolver<T, P>
    for &mut S
{
    fn solve(
        &mut self,
        simulator: &P,
        request: &Request<'_, T>,
        dx: MatMut<'_, T>,
        reports: &mut [SampleReport<T>],
    ) -> Result<()> {
        (**self).solve(simulator, request, dx, reports)
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }
}

/// The answer of [`invert`].
#[derive(Clone, Debug)]
pub struct Inversion<T> {
    /// x + Δx, n × B; where a sample failed, the x it started from.
    pub x: Mat<T>,
    /// A report a sample.
    pub reports: Vec<SampleReport<T>>,
}

/// Solves P(x̃) = y* near `x`, without any network.
///
/// # Shapes
/// `x` n × B, `y_star` m × B.
///
/// # Errors
/// Shapes that do not fit, a simulator that fails as a whole, or a problem the solver is not for.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::inverse::invert;
/// use faer::mat;
///
/// // y = x²: from 1 to √2, and from −1 to −√2.
/// let found = invert(&Square, &mut Newton::new(), mat![[1.0, -1.0]].as_ref(), mat![[2.0, 2.0]].as_ref())?;
/// assert!((found.x[(0, 0)] - 2f64.sqrt()).abs() < 1e-12);
/// assert!((found.x[(0, 1)] + 2f64.sqrt()).abs() < 1e-12);
/// assert!(found.reports.iter().all(|r| r.status.is_success()));
/// # Ok::<(), arginv::Error>(())
/// ```
pub fn invert<T, P, S>(
    simulator: &P,
    solver: &mut S,
    x: MatRef<'_, T>,
    y_star: MatRef<'_, T>,
) -> Result<Inversion<T>>
where
    T: Scalar,
    P: Simulator<T> + ?Sized,
    S: InverseSolver<T, P> + ?Sized,
{
    let outcome = targets(simulator, &L2, solver, 1.0, x, y_star)?;
    Ok(Inversion {
        x: outcome.x_tilde,
        reports: outcome.reports,
    })
}

/// Refuses a simulator that a solver for square systems can't take.
fn require_square<T: Scalar, P: Simulator<T> + ?Sized>(
    solver: &'static str,
    simulator: &P,
) -> Result<()> {
    let (n, m) = (simulator.input_dim(), simulator.output_dim());
    if n == m {
        Ok(())
    } else {
        Err(Error::NotSquare {
            solver,
            input_dim: n,
            output_dim: m,
        })
    }
}
