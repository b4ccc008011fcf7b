//! The parameter Jacobian of a fully connected network.

use faer::{ColMut, ColRef, MatMut};

use super::{Mlp, MlpTape, ParamJacobian};
use crate::error::{Result, check};
use crate::scalar::Scalar;
use crate::simd::vectorized;

impl<T: Scalar> ParamJacobian<T> for Mlp {
    fn param_jacobian(
        &self,
        params: &[T],
        tape: &mut MlpTape<T>,
        mut jac: MatMut<'_, T>,
    ) -> Result<()> {
        tape.check(self)?;
        let (outputs, batch) = (self.sizes()[self.sizes().len() - 1], tape.batch);
        check::length("theta", params.len(), self.len())?;
        check::shape("jac", jac.as_ref(), self.len(), outputs * batch)?;
        for i in 0..outputs {
            // One reverse pass serves output i of all samples.
            tape.delta.clear();
            tape.delta.resize(outputs * batch, T::zero());
            tape.delta
                .iter_mut()
                .skip(i)
                .step_by(outputs)
                .for_each(|unit| *unit = T::one());
            self.reverse(params, tape, false, |layer, delta, h| {
                for j in 0..batch {
                    let column = jac.as_mut().col_mut(j * outputs + i);
                    let block = column.subrows_mut(layer.offset, layer.range().len());
                    outer(block, delta.col(j), h.col(j));
                }
            });
        }
        Ok(())
    }
}

/// Writes δ·h̃ᵀ column by column, which is a layer's part of a gradient.
fn outer<T: Scalar>(mut block: ColMut<'_, T>, delta: ColRef<'_, T>, h: ColRef<'_, T>) {
    let rows = delta.nrows();
    let slices = (
        block.as_mut().try_as_col_major_mut(),
        delta.try_as_col_major(),
    );
    if let (Some(block), Some(delta)) = slices {
        let (block, delta) = (block.as_slice_mut(), delta.as_slice());
        vectorized(
            #[inline(always)]
            || {
                for (column, &h) in block.chunks_exact_mut(rows).zip(h.iter()) {
                    for (out, &delta) in column.iter_mut().zip(delta) {
                        *out = delta * h;
                    }
                }
            },
        );
    } else {
        for (p, out) in block.iter_mut().enumerate() {
            *out = delta[p % rows] * h[p / rows];
        }
    }
}
