//! Scale-invariant physics training.

use faer::{Mat, MatRef, unzip, zip};

use super::learner::Learner;
use super::{NetworkStep, Proxy, StepReport, TargetStep};
use crate::error::{Result, check};
use crate::inverse::{InverseSolver, SampleReport};
use crate::loss::Loss;
use crate::network::Network;
use crate::scalar::Scalar;
use crate::simulator::Simulator;

/// Scale-invariant physics (SIP) training of x = f(y; θ) through y = P(x).
///
/// # Maths
/// One step on a batch of targets y*:
/// 1. predict x = f(y*; θ) and simulate y = P(x);
/// 2. Δy = −η(∇²L)⁻¹∇L, a Newton step on the loss; η(y* − y) for L2;
/// 3. x̃ = x + Δx with P(x̃) ≈ y + Δy, by the inverse solver, local to x;
/// 4. with x̃ constant, step θ on the proxy loss, the mean of ½‖x − x̃‖² (or ‖x − x̃‖₁) over the
///    samples that have an x̃. More than one such update a solve is an option.
///
/// # Contract
/// A sample that fails is left out of the mean, counted, and named in
/// [`reports`](Sip::reports); it changes nothing about the others. Where no sample has a target, θ
/// and the optimizer stay as they are. Where θ's gradient is not finite, `step` errs before θ
/// changes.
///
/// # Reference
/// Holl, Koltun, Thuerey, *Scale-invariant Learning by Physics Inversion*, 2022, algorithm 1;
/// Thuerey et al., *Physics-based Deep Learning*, chapter *Scale-invariance and inversion*.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use faer::mat;
///
/// let network = Mlp::new(&[1, 16, 1], Activation::Tanh)?;
/// let mut theta = network.init(0);
/// let mut sip = Sip::new(Exponential, L2, Newton::new(), network, adam(1e-2)?)?;
/// let y_star = mat![[0.5, 1.0, 2.0, 3.0]];
/// let first = sip.step(&mut theta, y_star.as_ref())?;
/// for _ in 0..200 {
///     sip.step(&mut theta, y_star.as_ref())?;
/// }
/// let last = sip.step(&mut theta, y_star.as_ref())?;
/// assert!(last.loss < 0.01_f64 * first.loss);
/// # Ok::<(), arginv::Error>(())
/// ```
pub struct Sip<T: Scalar, P, L, S, N: Network<T>, O> {
    simulator: P,
    loss: L,
    solver: S,
    learner: Learner<T, N, O>,
    targets: TargetStep<T>,
    x_tilde: Mat<T>,
    difference: Mat<T>,
    eta: f64,
    proxy: Proxy,
    updates: usize,
}

impl<T, P, L, S, N, O> Sip<T, P, L, S, N, O>
where
    T: Scalar,
    P: Simulator<T>,
    L: Loss<T>,
    S: InverseSolver<T, P>,
    N: Network<T>,
    O: NetworkStep<T, N>,
{
    /// Assembles the parts, with η = 1, the L2 proxy and one network update a solve.
    ///
    /// # Errors
    /// A network whose input is not as long as y or whose output is not as long as x, or a loss for
    /// another number of outputs.
    pub fn new(simulator: P, loss: L, solver: S, network: N, optimizer: O) -> Result<Self> {
        let (n, m) = (simulator.input_dim(), simulator.output_dim());
        loss.check_dim(m)?;
        Ok(Self {
            learner: Learner::new(network, optimizer, m, n)?,
            simulator,
            loss,
            solver,
            targets: TargetStep::new(),
            x_tilde: Mat::new(),
            difference: Mat::new(),
            eta: 1.0,
            proxy: Proxy::L2,
            updates: 1,
        })
    }

    /// Sets η, the part of the way to y* that one step takes in y-space.
    ///
    /// # Errors
    /// η outside (0, 1].
    pub fn with_eta(mut self, eta: f64) -> Result<Self> {
        self.eta = check::fraction("eta", eta)?;
        Ok(self)
    }

    /// Sets the proxy loss.
    ///
    /// # Errors
    /// A threshold of [`Proxy::Huber`] that is not positive and finite.
    pub fn with_proxy(mut self, proxy: Proxy) -> Result<Self> {
        self.proxy = proxy.checked()?;
        Ok(self)
    }

    /// Sets the number of network updates for each solve.
    ///
    /// # Errors
    /// Zero.
    pub fn with_updates_per_solve(mut self, updates: usize) -> Result<Self> {
        self.updates = check::count("updates", updates)?;
        Ok(self)
    }

    /// One SIP update of θ on the targets `y_star`, m × B.
    ///
    /// # Errors
    /// Shapes that do not fit; θ or its gradient not finite. θ has then not changed by the update
    /// that failed.
    pub fn step(&mut self, theta: &mut [T], y_star: MatRef<'_, T>) -> Result<StepReport<T>> {
        let targets = &mut self.targets;
        self.learner.predict(theta, y_star)?;
        targets.compute(
            &self.simulator,
            &self.loss,
            &mut self.solver,
            self.eta,
            self.learner.x(),
            y_star,
        )?;
        let (used, loss) = (targets.count(), targets.mean_loss(&self.loss));
        let mut report = StepReport {
            loss,
            proxy: T::nan(),
            samples: y_star.ncols(),
            used,
        };
        if used == 0 {
            return Ok(report);
        }
        let (proxy, succeeded) = (self.proxy, |j| targets.succeeded(j));
        report.proxy = self.learner.update(theta, Some(loss), |out| {
            proxy.gradient(targets.dx(), succeeded, used, out)
        })?;
        if self.updates > 1 {
            let (n, batch) = (targets.dx().nrows(), targets.dx().ncols());
            for buffer in [&mut self.x_tilde, &mut self.difference] {
                buffer.resize_with(n, batch, |_, _| T::zero());
            }
            zip!(&mut self.x_tilde, self.learner.x(), targets.dx())
                .for_each(|unzip!(x_tilde, x, dx)| *x_tilde = *x + *dx);
            for _ in 1..self.updates {
                self.learner.predict(theta, y_star)?;
                zip!(&mut self.difference, &self.x_tilde, self.learner.x())
                    .for_each(|unzip!(difference, x_tilde, x)| *difference = *x_tilde - *x);
                let difference = self.difference.as_ref();
                self.learner.update(theta, Some(loss), |out| {
                    proxy.gradient(difference, succeeded, used, out)
                })?;
            }
        }
        Ok(report)
    }

    /// What the inverse solver said of each sample of the last batch.
    #[must_use]
    pub fn reports(&self) -> &[SampleReport<T>] {
        self.targets.reports()
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
}
