//! Steps 1 and 2 of SIP, without a network: from x and y* to x̃.

use faer::{Mat, MatRef};
use num_traits::Float;

use super::evaluate::{block, block_mut, copy_from, isolate};
use super::{InverseSolver, Quantity, Request, SampleReport, Status};
use crate::error::{Result, check};
use crate::loss::Loss;
use crate::scalar::Scalar;
use crate::simulator::Simulator;

/// What [`targets`] found.
#[derive(Clone, Debug)]
pub struct TargetsOutcome<T> {
    /// x̃ = x + Δx, n × B; x itself where the sample failed.
    pub x_tilde: Mat<T>,
    /// y = P(x), m × B.
    pub y: Mat<T>,
    /// A report a sample.
    pub reports: Vec<SampleReport<T>>,
}

/// The targets x̃ = P⁻¹(y + Δy; x) of a batch, for training with any framework.
///
/// # Maths
/// y = P(x); Δy is the loss's Newton step from y to y*, scaled by η; x̃ = x + Δx with Δx from the
/// inverse solver. Train on ½‖x − x̃‖² with x̃ held constant.
///
/// # Shapes
/// `x` n × B, `y_star` m × B.
///
/// # Errors
/// Shapes that do not fit, η outside (0, 1], or a problem the solver is not for. What is wrong with
/// one sample is in its report.
///
/// # Reference
/// Holl, Koltun, Thuerey, *Scale-invariant Learning by Physics Inversion*, 2022, eq. 5–6.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use faer::mat;
///
/// let mut solver = Newton::new();
/// let x = mat![[1.0, -1.0]];       // what some network predicts
/// let y_star = mat![[4.0, 4.0]];
/// let outcome = targets(&Square, &L2, &mut solver, 1.0, x.as_ref(), y_star.as_ref())?;
/// assert!((outcome.x_tilde[(0, 0)] - 2.0_f64).abs() < 1e-12);
/// assert!((outcome.x_tilde[(0, 1)] + 2.0_f64).abs() < 1e-12); // its own branch
/// # Ok::<(), arginv::Error>(())
/// ```
pub fn targets<T, P, L, S>(
    simulator: &P,
    loss: &L,
    solver: &mut S,
    eta: f64,
    x: MatRef<'_, T>,
    y_star: MatRef<'_, T>,
) -> Result<TargetsOutcome<T>>
where
    T: Scalar,
    P: Simulator<T> + ?Sized,
    L: Loss<T>,
    S: InverseSolver<T, P> + ?Sized,
{
    let mut step = TargetStep::new();
    step.compute(simulator, loss, solver, eta, x, y_star)?;
    let mut x_tilde = x.to_owned();
    for (j, report) in step.reports.iter().enumerate() {
        if report.status.is_success() {
            for i in 0..x.nrows() {
                x_tilde[(i, j)] += step.dx()[(i, j)];
            }
        }
    }
    Ok(TargetsOutcome {
        x_tilde,
        y: step.y().to_owned(),
        reports: step.reports,
    })
}

/// [`targets`] with its memory, for loops: nothing is allocated once the batch has been seen.
#[derive(Clone, Debug)]
pub struct TargetStep<T> {
    x: Vec<T>,
    y: Vec<T>,
    y_star: Vec<T>,
    y_target: Vec<T>,
    loss_target: Vec<T>,
    dx: Mat<T>,
    reports: Vec<SampleReport<T>>,
    rows: usize,
}

impl<T: Scalar> TargetStep<T> {
    /// Empty memory.
    #[must_use]
    pub fn new() -> Self {
        Self {
            x: Vec::new(),
            y: Vec::new(),
            y_star: Vec::new(),
            y_target: Vec::new(),
            loss_target: Vec::new(),
            dx: Mat::new(),
            reports: Vec::new(),
            rows: 0,
        }
    }

    /// Computes Δx for a batch; see [`targets`].
    ///
    /// # Errors
    /// As for [`targets`].
    pub fn compute<P, L, S>(
        &mut self,
        simulator: &P,
        loss: &L,
        solver: &mut S,
        eta: f64,
        x: MatRef<'_, T>,
        y_star: MatRef<'_, T>,
    ) -> Result<()>
    where
        P: Simulator<T> + ?Sized,
        L: Loss<T>,
        S: InverseSolver<T, P> + ?Sized,
    {
        let eta = T::lit(check::fraction("eta", eta)?);
        let (n, m, batch) = (simulator.input_dim(), simulator.output_dim(), x.ncols());
        check::dimension("the simulator's input dimension", n)?;
        check::dimension("the simulator's output dimension", m)?;
        check::shape("x", x, n, batch)?;
        check::shape("y_star", y_star, m, batch)?;
        loss.check_dim(m)?;
        self.rows = m;
        copy_from(&mut self.x, x);
        copy_from(&mut self.y_star, y_star);
        for buffer in [&mut self.y, &mut self.y_target, &mut self.loss_target] {
            buffer.resize(m * batch, T::zero());
        }
        self.dx.resize_with(n, batch, |_, _| T::zero());
        self.reports.resize_with(batch, SampleReport::default);

        let mut failures = Vec::new();
        let (x, y) = (&self.x, &mut self.y);
        isolate(
            batch,
            |columns| simulator.forward(block(x, n, columns.clone()), block_mut(y, m, columns)),
            |j, message| failures.push((j, message)),
        );
        for (j, _) in &failures {
            self.y[j * m..(j + 1) * m].fill(T::nan());
        }
        for j in 0..batch {
            let columns = j * m..(j + 1) * m;
            loss.newton_step(
                &self.y[columns.clone()],
                &self.y_star[columns.clone()],
                eta,
                &mut self.y_target[columns],
            );
        }
        for (k, step) in self.y_target.iter_mut().enumerate() {
            let (y, y_star) = (self.y[k], self.y_star[k]);
            *step += y;
            // At η = 1 exactly y*, so that descent works on L∘P itself.
            self.loss_target[k] = if eta == T::one() {
                y_star
            } else {
                y + eta * (y_star - y)
            };
        }
        let request = Request {
            x: block(&self.x, n, 0..batch),
            y: block(&self.y, m, 0..batch),
            y_target: block(&self.y_target, m, 0..batch),
            loss: &loss,
            loss_target: block(&self.loss_target, m, 0..batch),
        };
        solver.solve(simulator, &request, self.dx.as_mut(), &mut self.reports)?;
        for (j, message) in failures {
            self.reports[j].status = Status::Failed { message };
        }
        for (j, report) in self.reports.iter_mut().enumerate() {
            report.evaluations.forward += 1;
            // A solver of one's own may claim success too lightly.
            let finite = (0..n).all(|i| Float::is_finite(self.dx[(i, j)]));
            if report.status.is_success() && !finite {
                report.status = Status::NonFinite { at: Quantity::Step };
                self.dx.col_mut(j).fill(T::zero());
            }
        }
        Ok(())
    }

    /// Δx, n × B; 0 where the sample failed.
    #[must_use]
    pub fn dx(&self) -> MatRef<'_, T> {
        self.dx.as_ref()
    }

    /// y = P(x), m × B.
    #[must_use]
    pub fn y(&self) -> MatRef<'_, T> {
        block(&self.y, self.rows, 0..self.reports.len())
    }

    /// A report a sample.
    #[must_use]
    pub fn reports(&self) -> &[SampleReport<T>] {
        &self.reports
    }

    /// Whether sample j has a target; false where there is no such sample.
    #[must_use]
    pub fn succeeded(&self, j: usize) -> bool {
        let report = self.reports.get(j);
        report.is_some_and(|report| report.status.is_success())
    }

    /// Number of samples that have a target.
    #[must_use]
    pub fn count(&self) -> usize {
        let succeeded = |report: &&SampleReport<T>| report.status.is_success();
        self.reports.iter().filter(succeeded).count()
    }

    /// Mean of L(P(x), y*) over the samples that have a target; NaN where none has.
    pub fn mean_loss<L: Loss<T>>(&self, loss: &L) -> T {
        let (m, mut sum) = (self.rows, T::zero());
        for j in (0..self.reports.len()).filter(|&j| self.succeeded(j)) {
            let columns = j * m..(j + 1) * m;
            sum += loss.value(&self.y[columns.clone()], &self.y_star[columns]);
        }
        sum / T::lit(self.count() as f64)
    }
}

impl<T: Scalar> Default for TargetStep<T> {
    fn default() -> Self {
        Self::new()
    }
}
