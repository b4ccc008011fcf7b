//! The way back through a fully connected network.

use faer::{MatMut, MatRef};

use super::layer::Layer;
use super::mlp::load;
use super::product::{gradient, product};
use super::{Mlp, MlpTape};
use crate::error::{Result, check};
use crate::scalar::Scalar;

impl Mlp {
    /// As [`backward`](super::Network::backward), and writes the gradient with respect to the input
    /// (input_dim × B) too.
    ///
    /// # Errors
    /// A wrong length or shape, or one that is not the tape's.
    pub fn backward_with_input<T: Scalar>(
        &self,
        params: &[T],
        tape: &mut MlpTape<T>,
        dl_dout: MatRef<'_, T>,
        grad: &mut [T],
        mut dl_dinput: MatMut<'_, T>,
    ) -> Result<()> {
        self.check_backward(params, tape, dl_dout, grad)?;
        let (rows, batch) = (self.sizes()[0], tape.batch);
        check::shape("dl_dinput", dl_dinput.as_ref(), rows, batch)?;
        self.write_gradient(params, tape, dl_dout, grad, true);
        let delta = MatRef::from_column_major_slice(&tape.delta[..rows * batch], rows, batch);
        dl_dinput.copy_from(delta);
        Ok(())
    }

    pub(super) fn check_backward<T: Scalar>(
        &self,
        params: &[T],
        tape: &MlpTape<T>,
        dl_dout: MatRef<'_, T>,
        grad: &[T],
    ) -> Result<()> {
        tape.check(self)?;
        check::length("theta", params.len(), self.len())?;
        check::length("grad", grad.len(), self.len())?;
        let outputs = self.sizes()[self.sizes().len() - 1];
        check::shape("dl_dout", dl_dout, outputs, tape.batch)
    }

    pub(super) fn write_gradient<T: Scalar>(
        &self,
        params: &[T],
        tape: &mut MlpTape<T>,
        dl_dout: MatRef<'_, T>,
        grad: &mut [T],
        to_input: bool,
    ) {
        tape.delta.resize(dl_dout.nrows() * tape.batch, T::zero());
        load(&mut tape.delta, dl_dout.nrows(), dl_dout);
        let mut scratch = std::mem::take(&mut tape.scratch);
        self.reverse(params, tape, to_input, |layer, delta, h| {
            gradient(layer.matrix_mut(grad), delta, h, &mut scratch);
        });
        tape.scratch = scratch;
    }

    /// Carries the tape's δ, which is ∂L/∂output before, from layer to layer towards the input, and
    /// shows each layer's δ = ∂L/∂z and h̃; ∂L/∂input is left there if asked.
    pub(super) fn reverse<T: Scalar>(
        &self,
        params: &[T],
        tape: &mut MlpTape<T>,
        to_input: bool,
        mut visit: impl FnMut(Layer, MatRef<'_, T>, MatRef<'_, T>),
    ) {
        let batch = tape.batch;
        for k in (0..self.sizes().len() - 1).rev() {
            let Some(layer) = self.layers().nth(k) else {
                break;
            };
            let delta = &mut tape.delta[..layer.height * batch];
            layer
                .activation
                .chain(&tape.values[k + 1], &tape.slopes[k], delta);
            let delta = MatRef::from_column_major_slice(delta, layer.height, batch);
            let delta = delta.subrows(0, layer.outputs);
            let h = &tape.values[k][..(layer.inputs + 1) * batch];
            visit(
                layer,
                delta,
                MatRef::from_column_major_slice(h, layer.inputs + 1, batch),
            );
            if k == 0 && !to_input {
                break;
            }
            let height = layer.inputs + usize::from(k > 0);
            tape.delta_before.resize(height * batch, T::zero());
            product(
                MatMut::from_column_major_slice_mut(&mut tape.delta_before, height, batch)
                    .subrows_mut(0, layer.inputs),
                layer.weights(params).transpose(),
                delta,
            );
            std::mem::swap(&mut tape.delta, &mut tape.delta_before);
        }
    }
}
