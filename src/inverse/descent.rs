//! Iterative solvers as compositions: direction × globalization × stop rule.

use faer::MatMut;

use super::run::{Merit, Run, Workspace};
use super::{Direction, Globalization, InverseSolver, Request, SampleReport, StopRule};
use crate::error::Result;
use crate::scalar::Scalar;
use crate::simulator::Simulator;

/// An iterative solver: a direction with its globalization and stop rule.
///
/// # Contract
/// Rounds of three batched calls at most: derivatives at the points newly accepted, then the
/// simulator at all trial points. A sample that has ended takes no further part. No allocation once
/// the buffers have grown to the batch.
///
/// # Example
/// ```
/// use arginv::inverse::{Globalization, Newton, StopRule};
///
/// let newton: Newton<f64> = Newton::new()
///     .with_globalization(Globalization::step_cap(0.5)?)
///     .with_stop(StopRule::residual(1e-10)?);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone)]
pub struct Descent<T, D> {
    pub(super) direction: D,
    globalization: Globalization,
    stop: StopRule,
    work: Workspace<T>,
}

impl<T: Scalar, D> Descent<T, D> {
    /// Composes a solver.
    #[must_use]
    pub fn of(direction: D, globalization: Globalization, stop: StopRule) -> Self {
        Self {
            direction,
            globalization,
            stop,
            work: Workspace::default(),
        }
    }

    /// Sets when the solve ends.
    #[must_use]
    pub fn with_stop(mut self, stop: StopRule) -> Self {
        self.stop = stop;
        self
    }

    /// Sets what keeps steps safe.
    #[must_use]
    pub fn with_globalization(mut self, globalization: Globalization) -> Self {
        self.globalization = globalization;
        self
    }

    /// Limits the first-order change of the loss a step: [`Globalization::max_loss_change`].
    ///
    /// # Errors
    /// A limit that is not positive and finite.
    pub fn with_max_loss_change(self, limit: f64) -> Result<Self> {
        Ok(self.with_globalization(Globalization::max_loss_change(limit)?))
    }

    /// Limits the length of a step: [`Globalization::step_cap`].
    ///
    /// # Errors
    /// A length that is not positive and finite.
    pub fn with_step_cap(self, length: f64) -> Result<Self> {
        Ok(self.with_globalization(Globalization::step_cap(length)?))
    }
}

impl<T, P, D> InverseSolver<T, P> for Descent<T, D>
where
    T: Scalar,
    P: Simulator<T> + ?Sized,
    D: Direction<T, P>,
{
    fn solve(
        &mut self,
        simulator: &P,
        request: &Request<'_, T>,
        dx: MatMut<'_, T>,
        reports: &mut [SampleReport<T>],
    ) -> Result<()> {
        request.check(simulator, dx.as_ref(), reports)?;
        self.direction.check(simulator)?;
        let merit = if self.direction.minimises_loss() {
            Merit::Loss(request.loss)
        } else {
            Merit::Residual
        };
        let run = Run {
            merit,
            n: simulator.input_dim(),
            m: simulator.output_dim(),
            batch: request.batch(),
            simulator,
            loss: request.loss,
            direction: &mut self.direction,
            globalization: &self.globalization,
            stop: &self.stop,
            work: &mut self.work,
            reports,
        };
        run.solve(request, dx);
        Ok(())
    }

    fn name(&self) -> &'static str {
        self.direction.name()
    }
}
