//! Training on pairs (x*, y*), with no simulator.

use faer::MatRef;

use super::learner::Learner;
use super::{NetworkStep, Proxy, StepReport};
use crate::error::{Result, check};
use crate::network::Network;
use crate::scalar::Scalar;

/// Training of x = f(y; θ) on known solutions: the mean of ½‖f(y*; θ) − x*‖² (or of ‖·‖₁).
///
/// # Contract
/// Samples whose x* or y* is not finite are left out of the mean and counted. Where several x* are
/// solutions for one y*, the network learns their mean, which need be none.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use faer::mat;
///
/// let network = Mlp::new(&[1, 16, 1], Activation::Tanh)?;
/// let mut theta = network.init(0);
/// let mut method = Supervised::new(network, adam(1e-2)?)?;
/// let (y, x) = (mat![[1.0, 2.0]], mat![[0.0, 0.5_f64.ln()]]);
/// let first = method.step(&mut theta, y.as_ref(), x.as_ref())?;
/// for _ in 0..200 {
///     method.step(&mut theta, y.as_ref(), x.as_ref())?;
/// }
/// assert!(method.step(&mut theta, y.as_ref(), x.as_ref())?.loss < 0.01_f64 * first.loss);
/// # Ok::<(), arginv::Error>(())
/// ```
pub struct Supervised<T: Scalar, N: Network<T>, O> {
    learner: Learner<T, N, O>,
    proxy: Proxy,
    difference: faer::Mat<T>,
    used: Vec<bool>,
}

impl<T, N, O> Supervised<T, N, O>
where
    T: Scalar,
    N: Network<T>,
    O: NetworkStep<T, N>,
{
    /// Assembles the parts, with the L2 loss in x-space.
    ///
    /// # Errors
    /// A network without inputs or outputs.
    pub fn new(network: N, optimizer: O) -> Result<Self> {
        let (m, n) = (network.input_dim(), network.output_dim());
        check::dimension("the network's input dimension", m)?;
        check::dimension("the network's output dimension", n)?;
        Ok(Self {
            learner: Learner::new(network, optimizer, m, n)?,
            proxy: Proxy::L2,
            difference: faer::Mat::new(),
            used: Vec::new(),
        })
    }

    /// Sets the loss in x-space.
    ///
    /// # Errors
    /// A threshold of [`Proxy::Huber`] that is not positive and finite.
    pub fn with_proxy(mut self, proxy: Proxy) -> Result<Self> {
        self.proxy = proxy.checked()?;
        Ok(self)
    }

    /// One update of θ on inputs `y_star` (m × B) and solutions `x_star` (n × B).
    ///
    /// # Errors
    /// As for [`Sip::step`](super::Sip::step).
    pub fn step(
        &mut self,
        theta: &mut [T],
        y_star: MatRef<'_, T>,
        x_star: MatRef<'_, T>,
    ) -> Result<StepReport<T>> {
        let (n, batch) = (self.learner.network.output_dim(), y_star.ncols());
        check::shape("x_star", x_star, n, batch)?;
        self.learner.predict(theta, y_star)?;
        self.difference.resize_with(n, batch, |_, _| T::zero());
        self.used.clear();
        for j in 0..batch {
            let mut finite = true;
            for i in 0..n {
                let d = x_star[(i, j)] - self.learner.x()[(i, j)];
                finite &= num_traits::Float::is_finite(d);
                self.difference[(i, j)] = d;
            }
            self.used.push(finite);
        }
        let count = self.used.iter().filter(|&&used| used).count();
        let mut report = StepReport {
            loss: T::nan(),
            proxy: T::nan(),
            samples: batch,
            used: count,
        };
        if count == 0 {
            return Ok(report);
        }
        let (proxy, difference, used) = (self.proxy, self.difference.as_ref(), &self.used);
        report.proxy = self.learner.update(theta, None, |out| {
            proxy.gradient(difference, |j| used[j], count, out)
        })?;
        report.loss = report.proxy;
        Ok(report)
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
