//! The simulator's own inverse, checked.

use faer::MatMut;
use num_traits::Float;

use super::evaluate::{block, block_mut, column, column_mut, copy_from, isolate};
use super::{InverseSolver, Quantity, Request, SampleReport, Status};
use crate::error::{Result, check};
use crate::linalg::max_abs;
use crate::scalar::Scalar;
use crate::simulator::LocalInverse;

/// Asks the simulator for P⁻¹(ỹ; x) and checks that P maps the answer to ỹ.
///
/// # Contract
/// Success means ‖P(x̃) − ỹ‖∞ ≤ tolerance · max(‖ỹ‖∞, ‖P(x)‖∞); the tolerance is √ε unless set.
///
/// # Failure modes
/// [`NoSolution`](super::Status::NoSolution) where the inverse gives NaN,
/// [`Rejected`](super::Status::Rejected) where the residual is above the tolerance: a wrong inverse,
/// or one too ill-conditioned for the precision.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::inverse::invert;
/// use faer::mat;
///
/// let found = invert(&Square, &mut Analytic::new(), mat![[-1.0, 1.0]].as_ref(), mat![[9.0, -9.0]].as_ref())?;
/// assert_eq!(found.x[(0, 0)], -3.0);
/// assert!(!found.reports[1].status.is_success()); // no real root of −9
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Analytic<T> {
    tolerance: Option<f64>,
    x: Vec<T>,
    target: Vec<T>,
    inverse: Vec<T>,
    y: Vec<T>,
}

impl<T: Scalar> Analytic<T> {
    /// The inverse with its default tolerance.
    #[must_use]
    pub fn new() -> Self {
        Self {
            tolerance: None,
            x: Vec::new(),
            target: Vec::new(),
            inverse: Vec::new(),
            y: Vec::new(),
        }
    }

    /// Sets the relative residual above which an inverse is rejected.
    ///
    /// # Errors
    /// A tolerance that is negative or not finite.
    pub fn with_tolerance(mut self, tolerance: f64) -> Result<Self> {
        self.tolerance = Some(check::non_negative("tolerance", tolerance)?);
        Ok(self)
    }
}

impl<T: Scalar> Default for Analytic<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Scalar, P: LocalInverse<T> + ?Sized> InverseSolver<T, P> for Analytic<T> {
    fn solve(
        &mut self,
        simulator: &P,
        request: &Request<'_, T>,
        mut dx: MatMut<'_, T>,
        reports: &mut [SampleReport<T>],
    ) -> Result<()> {
        request.check(simulator, dx.as_ref(), reports)?;
        let (n, m, batch) = (
            simulator.input_dim(),
            simulator.output_dim(),
            request.batch(),
        );
        copy_from(&mut self.x, request.x);
        copy_from(&mut self.target, request.y_target);
        self.inverse.resize(n * batch, T::zero());
        self.y.resize(m * batch, T::zero());
        for (j, report) in reports.iter_mut().enumerate() {
            report.reset("Analytic");
            let parts = [
                (Quantity::X, column(&self.x, n, j)),
                (Quantity::Target, column(&self.target, m, j)),
            ];
            if let Some(status) = Status::first_non_finite(&parts) {
                report.status = status;
            }
            report.evaluations.inverse = 1;
        }
        let (x, target, inverse) = (&self.x, &self.target, &mut self.inverse);
        isolate(
            batch,
            |columns| {
                simulator.inverse(
                    block(x, n, columns.clone()),
                    block(target, m, columns.clone()),
                    block_mut(inverse, n, columns),
                )
            },
            |j, message| mark_failed(&mut reports[j], message),
        );
        for (j, report) in reports.iter_mut().enumerate() {
            let inverse = column_mut(&mut self.inverse, n, j);
            let solved = check::first_non_finite(inverse).is_none();
            if report.status == Status::Unsolved && !solved {
                report.status = Status::NoSolution;
            }
            if report.status == Status::Unsolved {
                report.evaluations.forward = 1;
                report.iterations = 1;
                // P is evaluated where the caller will be: at x + Δx as rounded.
                for (i, (v, &x)) in inverse.iter_mut().zip(column(&self.x, n, j)).enumerate() {
                    dx[(i, j)] = *v - x;
                    *v = x + dx[(i, j)];
                }
            } else {
                inverse.copy_from_slice(column(&self.x, n, j));
            }
        }
        let (inverse, y) = (&self.inverse, &mut self.y);
        isolate(
            batch,
            |columns| {
                simulator.forward(block(inverse, n, columns.clone()), block_mut(y, m, columns))
            },
            |j, message| mark_failed(&mut reports[j], message),
        );
        let tolerance = self.tolerance.map_or_else(|| Float::sqrt(T::eps()), T::lit);
        for (j, report) in reports.iter_mut().enumerate() {
            if report.status == Status::Unsolved {
                let (y, target) = (column(&self.y, m, j), column(&self.target, m, j));
                let (mut residual, mut scale) = (T::zero(), max_abs(target));
                for (i, (&y, &target)) in y.iter().zip(target).enumerate() {
                    let error = Float::abs(y - target);
                    // Written so that NaN wins.
                    residual = if error <= residual { residual } else { error };
                    scale = Float::max(scale, Float::abs(request.y[(i, j)]));
                }
                report.residual = residual;
                report.status = if residual <= tolerance * scale {
                    Status::Converged
                } else {
                    Status::Rejected
                };
            }
            if !report.status.is_success() {
                dx.as_mut().col_mut(j).fill(T::zero());
            }
        }
        Ok(())
    }

    fn name(&self) -> &'static str {
        "Analytic"
    }
}

fn mark_failed<T>(report: &mut SampleReport<T>, message: std::sync::Arc<str>) {
    if report.status == Status::Unsolved {
        report.status = Status::Failed { message };
    }
}
