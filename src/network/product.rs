//! The matrix products that a pass through a network consists of, by faer on one thread.
//!
//! With h̃ = [h; 1] a layer is one product with the matrix of its parameters, z = [W b]·h̃, and so is
//! its gradient, [dW db] = δ·h̃ᵀ: the biases need no loops of their own.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use crate::scalar::Scalar;
use crate::simd::clear_vector_state;

/// The longest sums that all of faer's kernels for x86-64 form term after term. Longer ones they
/// split or not according to the number of columns, and a sample's bits would depend on its batch.
const DEPTH: usize = 512;

/// z = [W b]·h̃.
pub(super) fn forward<T: Scalar>(mut z: MatMut<'_, T>, weights: MatRef<'_, T>, h: MatRef<'_, T>) {
    let depth = weights.ncols();
    for start in (0..depth).step_by(DEPTH) {
        let len = DEPTH.min(depth - start);
        let accum = if start == 0 {
            Accum::Replace
        } else {
            Accum::Add
        };
        let (weights, h) = (weights.subcols(start, len), h.subrows(start, len));
        matmul(z.as_mut(), accum, weights, h, T::one(), Par::Seq);
    }
    clear_vector_state();
}

/// out = a·b.
pub(super) fn product<T: Scalar>(out: MatMut<'_, T>, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    matmul(out, Accum::Replace, a, b, T::one(), Par::Seq);
    clear_vector_state();
}

/// Up to this many rows a gradient is computed transposed: faer then takes 0.2 µs instead of 0.8
/// (2 × 33 from a batch of 100, f32) and 0.3 instead of 0.6 (f64); from 8 rows on it gains nothing
/// in f64. For the product forward, neither that nor a loop of dot products beats faer.
const FEW_ROWS: usize = 4;

/// grad = δ·h̃ᵀ.
pub(super) fn gradient<T: Scalar>(
    mut grad: MatMut<'_, T>,
    delta: MatRef<'_, T>,
    h: MatRef<'_, T>,
    scratch: &mut Vec<T>,
) {
    let (rows, cols) = (grad.nrows(), grad.ncols());
    if rows > FEW_ROWS || cols <= FEW_ROWS {
        return product(grad, delta, h.transpose());
    }
    scratch.resize(rows * cols, T::zero());
    let mut transposed = MatMut::from_column_major_slice_mut(scratch, cols, rows);
    product(transposed.as_mut(), h, delta.transpose());
    grad.copy_from(transposed.transpose());
}
