//! The loops and products that a pass through a network consists of.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use crate::scalar::Scalar;
use crate::simd::vectorized;

/// out = a·b on one thread.
pub(super) fn product<T: Scalar>(out: MatMut<'_, T>, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    matmul(out, Accum::Replace, a, b, T::one(), Par::Seq);
}

/// Writes the sum of the columns.
pub(super) fn sum_columns<T: Scalar>(columns: &[T], sum: &mut [T]) {
    vectorized(
        #[inline(always)]
        || {
            sum.fill(T::zero());
            for column in columns.chunks_exact(sum.len()) {
                for (s, &v) in sum.iter_mut().zip(column) {
                    *s += v;
                }
            }
        },
    );
}
