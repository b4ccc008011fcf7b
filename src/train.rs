//! Training a network x = f(y; θ) through a simulator.
//!
//! | method | learns from | gradient in x-space |
//! |---|---|---|
//! | [`Sip`] | y* | x − x̃ with x̃ = P⁻¹(y + Δy; x) |
//! | [`DifferentiablePhysics`] | y* | Jᵀ∇L, the gradient of L∘P |
//! | [`Supervised`] | pairs (x*, y*) | x − x* |
//!
//! Each has a `step` for one's own loop and is an argmin `Solver` for argmin's `Executor`.
//! [`targets`] is SIP without a network: what someone who trains with another framework calls.

mod differentiable_physics;
mod learner;
mod proxy;
mod sip;
mod supervised;

pub use differentiable_physics::DifferentiablePhysics;
pub use proxy::Proxy;
pub use sip::Sip;
pub use supervised::Supervised;

pub use crate::inverse::{TargetStep, TargetsOutcome, targets};

use faer::MatRef;

use crate::error::Result;
use crate::network::Network;
use crate::optimizer::Optimizer;
use crate::scalar::Scalar;

/// How a wanted change of the network's output reaches θ.
///
/// Every [`Optimizer`] is one, by the backward pass. Steps that need more than the gradient
/// (Gauss–Newton, half-inverse gradients) implement it directly.
pub trait NetworkStep<T: Scalar, N: Network<T>> {
    /// Moves `params` for the gradient `dl_dout` (output_dim × B) of the loss with respect to the
    /// network's output. The tape is that of the forward pass at `params`; `gradient` is scratch
    /// space.
    ///
    /// # Errors
    /// A gradient that is not finite; then θ has not changed.
    fn step(
        &mut self,
        network: &N,
        params: &mut [T],
        tape: &mut N::Tape,
        dl_dout: MatRef<'_, T>,
        loss: Option<T>,
        gradient: &mut Vec<T>,
    ) -> Result<()>;
}

impl<T: Scalar, N: Network<T>, O: Optimizer<T>> NetworkStep<T, N> for O {
    fn step(
        &mut self,
        network: &N,
        params: &mut [T],
        tape: &mut N::Tape,
        dl_dout: MatRef<'_, T>,
        loss: Option<T>,
        gradient: &mut Vec<T>,
    ) -> Result<()> {
        gradient.resize(network.num_params(), T::zero());
        network.backward(params, tape, dl_dout, gradient)?;
        Optimizer::step(self, params, gradient, loss)
    }
}

/// What one training step saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport<T> {
    /// Mean of the loss L(P(x), y*) over the samples used, before the update; NaN where none was.
    /// For [`Supervised`], of the proxy loss.
    pub loss: T,
    /// Mean of the proxy loss over the samples used; NaN where none was.
    pub proxy: T,
    /// Samples in the batch.
    pub samples: usize,
    /// Samples that moved θ; the others failed and were left out.
    pub used: usize,
}
