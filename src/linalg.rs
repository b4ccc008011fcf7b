//! Small dense factorizations that keep their scratch space.
//!
//! Matrices are column-major slices. Every type here allocates when it meets a larger size than
//! before, and never again; all return `false` or a rank instead of panicking on a singular or
//! non-finite matrix.

mod eigen;
mod least_squares;
mod lu;

pub(crate) use eigen::{SymmetricEigen, safe_newton_step};
pub(crate) use least_squares::LeastSquares;
pub(crate) use lu::Lu;

use crate::scalar::Scalar;

/// aᵀb.
#[inline]
pub(crate) fn dot<T: Scalar>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::zero(), |s, (&a, &b)| s + a * b)
}

/// ‖a‖₂, scaled so that it neither overflows nor underflows.
pub(crate) fn norm<T: Scalar>(a: &[T]) -> T {
    let scale = max_abs(a);
    if scale == T::zero() || !num_traits::Float::is_finite(scale) {
        return scale;
    }
    let sum = a
        .iter()
        .fold(T::zero(), |s, &v| s + (v / scale) * (v / scale));
    scale * num_traits::Float::sqrt(sum)
}

/// ‖a‖∞; NaN where an element is NaN.
pub(crate) fn max_abs<T: Scalar>(a: &[T]) -> T {
    a.iter().fold(T::zero(), |m, &v| {
        let v = num_traits::Float::abs(v);
        // Written so that NaN wins.
        if v <= m { m } else { v }
    })
}

/// out = A·x for an m × n column-major matrix.
pub(crate) fn mat_vec<T: Scalar>(a: &[T], x: &[T], out: &mut [T]) {
    out.fill(T::zero());
    let m = out.len();
    for (column, &x) in a.chunks_exact(m).zip(x) {
        for (o, &a) in out.iter_mut().zip(column) {
            *o += a * x;
        }
    }
}

/// out = Aᵀ·y for an m × n column-major matrix.
pub(crate) fn mat_t_vec<T: Scalar>(a: &[T], y: &[T], out: &mut [T]) {
    for (o, column) in out.iter_mut().zip(a.chunks_exact(y.len())) {
        *o = dot(column, y);
    }
}
