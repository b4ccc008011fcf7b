//! Networks x = f(y; θ): the architecture only, with θ in one flat slice outside.

mod activation;
mod backward;
mod curve;
mod init;
mod jacobian;
mod layer;
mod mlp;
mod product;
mod tanh;
mod tape;

pub use activation::Activation;
pub use init::Init;
pub use mlp::Mlp;
pub use tape::MlpTape;

use faer::{MatMut, MatRef};

use crate::error::Result;
use crate::scalar::Scalar;

/// A network x = f(y; θ) on a batch of columns.
///
/// # Contract
/// The architecture is fixed and holds no parameters: θ is a slice of [`num_params`] numbers that
/// the caller owns. What a forward pass must remember for the backward pass is on the `Tape`.
///
/// [`num_params`]: Network::num_params
pub trait Network<T: Scalar> {
    /// What [`backward`](Network::backward) needs to know of the forward pass.
    type Tape: Default;

    /// Length of one input column.
    fn input_dim(&self) -> usize;

    /// Length of one output column.
    fn output_dim(&self) -> usize;

    /// Length of θ.
    fn num_params(&self) -> usize;

    /// Draws initial parameters from a seed.
    fn init(&self, seed: u64) -> Vec<T>;

    /// Evaluates f(`input`; `params`) and returns the output, output_dim × B, which lies on the
    /// tape.
    ///
    /// # Errors
    /// A wrong length of `params` or wrong number of rows of `input`.
    fn forward<'t>(
        &self,
        params: &[T],
        input: MatRef<'_, T>,
        tape: &'t mut Self::Tape,
    ) -> Result<MatRef<'t, T>>;

    /// Writes into `grad` the gradient with respect to θ of Σⱼ `dl_dout`ⱼ·outputⱼ, for the inputs of
    /// the last forward pass on this tape. `dl_dout` is output_dim × B.
    ///
    /// # Errors
    /// A wrong length or shape, or one that is not the tape's.
    fn backward(
        &self,
        params: &[T],
        tape: &mut Self::Tape,
        dl_dout: MatRef<'_, T>,
        grad: &mut [T],
    ) -> Result<()>;
}

/// Per-sample derivatives of a network's outputs with respect to its parameters.
pub trait ParamJacobian<T: Scalar>: Network<T> {
    /// Writes ∂f/∂θ for the inputs of the last forward pass on this tape: `jac` is
    /// num_params × (output_dim·B); the gradient of output i of sample j is column
    /// j·output_dim + i.
    ///
    /// # Errors
    /// A wrong length or shape, or one that is not the tape's.
    fn param_jacobian(&self, params: &[T], tape: &mut Self::Tape, jac: MatMut<'_, T>)
    -> Result<()>;
}
