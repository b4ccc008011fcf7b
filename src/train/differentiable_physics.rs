//! Training by the gradient of L∘P: what SIP replaces.

use faer::{Mat, MatRef};

use super::learner::Learner;
use super::{NetworkStep, StepReport};
use crate::error::Result;
use crate::inverse::{
    Quantity, SampleReport, Status,
    evaluate::{block, block_mut, copy_from, isolate},
};
use crate::loss::Loss;
use crate::network::Network;
use crate::scalar::Scalar;
use crate::simulator::Vjp;

/// Training of x = f(y; θ) by the gradient of the mean of L(P(f(y*; θ)), y*) with respect to θ.
///
/// # Contract
/// As for [`Sip`](super::Sip): samples that fail are left out of the mean and reported.
///
/// # Reference
/// Thuerey et al., *Physics-based Deep Learning*, chapter *Differentiable Physics*.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use faer::mat;
///
/// let network = Mlp::new(&[1, 16, 1], Activation::Tanh)?;
/// let mut theta = network.init(0);
/// let mut method = DifferentiablePhysics::new(Exponential, L2, network, adam(1e-2)?)?;
/// let y_star = mat![[0.5, 1.0, 2.0]];
/// let first = method.step(&mut theta, y_star.as_ref())?;
/// for _ in 0..200 {
///     method.step(&mut theta, y_star.as_ref())?;
/// }
/// assert!(method.step(&mut theta, y_star.as_ref())?.loss < 0.01_f64 * first.loss);
/// # Ok::<(), arginv::Error>(())
/// ```
pub struct DifferentiablePhysics<T: Scalar, P, L, N: Network<T>, O> {
    simulator: P,
    loss: L,
    learner: Learner<T, N, O>,
    x: Vec<T>,
    y: Vec<T>,
    y_star: Vec<T>,
    dl_dy: Vec<T>,
    dl_dx: Vec<T>,
    reports: Vec<SampleReport<T>>,
}

impl<T, P, L, N, O> DifferentiablePhysics<T, P, L, N, O>
where
    T: Scalar,
    P: Vjp<T>,
    L: Loss<T>,
    N: Network<T>,
    O: NetworkStep<T, N>,
{
    /// Assembles the parts.
    ///
    /// # Errors
    /// As for [`Sip::new`](super::Sip::new).
    pub fn new(simulator: P, loss: L, network: N, optimizer: O) -> Result<Self> {
        let (n, m) = (simulator.input_dim(), simulator.output_dim());
        loss.check_dim(m)?;
        Ok(Self {
            learner: Learner::new(network, optimizer, m, n)?,
            simulator,
            loss,
            x: Vec::new(),
            y: Vec::new(),
            y_star: Vec::new(),
            dl_dy: Vec::new(),
            dl_dx: Vec::new(),
            reports: Vec::new(),
        })
    }

    /// One update of θ on the targets `y_star`, m × B.
    ///
    /// # Errors
    /// As for [`Sip::step`](super::Sip::step).
    pub fn step(&mut self, theta: &mut [T], y_star: MatRef<'_, T>) -> Result<StepReport<T>> {
        self.learner.predict(theta, y_star)?;
        let (n, m, batch) = (
            self.simulator.input_dim(),
            self.simulator.output_dim(),
            y_star.ncols(),
        );
        copy_from(&mut self.x, self.learner.x());
        copy_from(&mut self.y_star, y_star);
        for buffer in [&mut self.y, &mut self.dl_dy] {
            buffer.resize(m * batch, T::zero());
        }
        self.dl_dx.resize(n * batch, T::zero());
        self.reports.resize_with(batch, SampleReport::default);
        for report in &mut self.reports {
            report.reset("DifferentiablePhysics");
        }
        let (simulator, reports) = (&self.simulator, &mut self.reports);
        let (x, y) = (&self.x, &mut self.y);
        isolate(
            batch,
            |columns| simulator.forward(block(x, n, columns.clone()), block_mut(y, m, columns)),
            |j, message| reports[j].status = Status::Failed { message },
        );
        for j in 0..batch {
            let columns = j * m..(j + 1) * m;
            self.loss.gradient(
                &self.y[columns.clone()],
                &self.y_star[columns.clone()],
                &mut self.dl_dy[columns],
            );
        }
        let (w, dl_dx) = (&self.dl_dy, &mut self.dl_dx);
        isolate(
            batch,
            |columns| {
                simulator.vjp(
                    block(x, n, columns.clone()),
                    block(w, m, columns.clone()),
                    block_mut(dl_dx, n, columns),
                )
            },
            |j, message| reports[j].status = Status::Failed { message },
        );
        let (mut used, mut sum) = (0, T::zero());
        for (j, report) in self.reports.iter_mut().enumerate() {
            report.evaluations.forward = 1;
            report.evaluations.derivative = 1;
            let columns = j * m..(j + 1) * m;
            let (y, y_star) = (&self.y[columns.clone()], &self.y_star[columns]);
            let parts = [
                (Quantity::Target, y_star),
                (Quantity::X, &self.x[j * n..(j + 1) * n]),
                (Quantity::Output, y),
                (Quantity::Derivative, &self.dl_dx[j * n..(j + 1) * n]),
            ];
            if report.status != Status::Unsolved {
                continue;
            }
            report.status = Status::first_non_finite(&parts).unwrap_or(Status::Stepped);
            if report.status.is_success() {
                used += 1;
                sum += self.loss.value(y, y_star);
            }
        }
        let loss = sum / T::lit(used as f64);
        let report = StepReport {
            loss,
            proxy: T::nan(),
            samples: batch,
            used,
        };
        if used == 0 {
            return Ok(report);
        }
        let weight = T::one() / T::lit(used as f64);
        let (dl_dx, reports) = (&self.dl_dx, &self.reports);
        self.learner.update(theta, Some(loss), |mut out| {
            for (j, report) in reports.iter().enumerate() {
                for i in 0..n {
                    out[(i, j)] = if report.status.is_success() {
                        dl_dx[j * n + i] * weight
                    } else {
                        T::zero()
                    };
                }
            }
            T::nan()
        })?;
        Ok(report)
    }

    /// What became of each sample of the last batch.
    #[must_use]
    pub fn reports(&self) -> &[SampleReport<T>] {
        &self.reports
    }

    /// The simulator.
    #[must_use]
    pub fn simulator(&self) -> &P {
        &self.simulator
    }

    /// The network's architecture.
    #[must_use]
    pub fn network(&self) -> &N {
        &self.learner.network
    }

    /// The network's prediction in the last step, n × B.
    #[must_use]
    pub fn prediction(&self) -> MatRef<'_, T> {
        self.learner.x()
    }

    /// y = P(x) in the last step, m × B.
    #[must_use]
    pub fn y(&self) -> Mat<T> {
        let m = self.simulator.output_dim();
        block(&self.y, m, 0..self.reports.len()).to_owned()
    }
}
