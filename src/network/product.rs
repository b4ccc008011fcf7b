//! The loops and products that a pass through a network consists of.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use crate::scalar::Scalar;

/// Runs a loop compiled for the vector instructions that the machine has.
///
/// Besides their width there is another reason: faer's products leave the upper halves of the vector
/// registers set, and until an AVX function returns, which clears them, the SSE code of everything
/// else runs several times slower. So after the last product of a pass such a loop must come.
#[inline(always)]
pub(super) fn vectorized(run: impl FnOnce()) {
    pulp::Arch::new().dispatch(run);
}

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
