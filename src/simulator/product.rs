//! Matrix products whose columns do not depend on each other.

use faer::{MatMut, MatRef};

use crate::scalar::Scalar;
use crate::simd::vectorized;

/// Columns that share one pass over the left factor.
const BLOCK: usize = 8;

/// out = a·b.
///
/// Every element is summed in the order of a's columns, so that a column has the same bits in every
/// batch. faer's general product chooses its order by the number of columns and the strides.
pub(super) fn product<T: Scalar>(mut out: MatMut<'_, T>, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    vectorized(
        #[inline(always)]
        || {
            for start in (0..b.ncols()).step_by(BLOCK) {
                let width = BLOCK.min(b.ncols() - start);
                let b = b.subcols(start, width);
                let mut out = out.as_mut().subcols_mut(start, width);
                out.fill(T::zero());
                for k in 0..a.ncols() {
                    for j in 0..width {
                        add_multiple(out.as_mut(), j, b[(k, j)], a, k);
                    }
                }
            }
        },
    );
}

/// Adds factor·a₍ₖ₎ to column j of `out`.
#[inline(always)]
fn add_multiple<T: Scalar>(
    mut out: MatMut<'_, T>,
    j: usize,
    factor: T,
    a: MatRef<'_, T>,
    k: usize,
) {
    let contiguous = out.as_mut().col_mut(j).try_as_col_major_mut();
    match (contiguous, a.col(k).try_as_col_major()) {
        (Some(out), Some(a)) => {
            for (o, &a) in out.as_slice_mut().iter_mut().zip(a.as_slice()) {
                *o += factor * a;
            }
        }
        _ => {
            for i in 0..out.nrows() {
                out[(i, j)] += factor * a[(i, k)];
            }
        }
    }
}
