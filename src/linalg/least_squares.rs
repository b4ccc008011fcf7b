//! Least-squares and minimum-norm solutions by column-pivoted QR.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch as apply_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj as apply_q,
    apply_block_householder_sequence_transpose_on_the_left_in_place_with_conj as apply_qt,
};
use faer::linalg::qr::col_pivoting::factor;
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::{Conj, MatMut, MatRef, Par, Spec};
use num_traits::Float;

use crate::scalar::Scalar;
use crate::simd;

/// The x of least norm among those that minimise ‖A·x − b‖, for A of full rank.
///
/// A·Π = Q·R for a tall A; for a wide one the same of Aᵀ.
pub(crate) struct LeastSquares<T> {
    rows: usize,
    cols: usize,
    qr: Vec<T>,
    coefficients: Vec<T>,
    perm: Vec<usize>,
    perm_inv: Vec<usize>,
    rhs: Vec<T>,
    scratch: Option<MemBuffer>,
}

impl<T: Scalar> Default for LeastSquares<T> {
    fn default() -> Self {
        Self {
            rows: 0,
            cols: 0,
            qr: Vec::new(),
            coefficients: Vec::new(),
            perm: Vec::new(),
            perm_inv: Vec::new(),
            rhs: Vec::new(),
            scratch: None,
        }
    }
}

impl<T: Scalar> Clone for LeastSquares<T> {
    /// A clone starts without the workspace.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T: Scalar> LeastSquares<T> {
    /// Factors the m × n matrix `a`; false where it is not finite or its rank, to a tolerance of
    /// max(m, n)·ε, is below min(m, n).
    pub(crate) fn factor(&mut self, m: usize, n: usize, a: &[T]) -> bool {
        self.resize(m, n);
        if !simd::all_finite(a) {
            return false;
        }
        let (tall, thin) = (m.max(n), m.min(n));
        if m >= n {
            self.qr.copy_from_slice(a);
        } else {
            for (i, row) in self.qr.chunks_exact_mut(tall).enumerate() {
                for (j, q) in row.iter_mut().enumerate() {
                    *q = a[j * m + i];
                }
            }
        }
        if let Some(scratch) = self.scratch.as_mut() {
            factor::qr_in_place(
                MatMut::from_column_major_slice_mut(&mut self.qr, tall, thin),
                MatMut::from_column_major_slice_mut(&mut self.coefficients, 1, thin),
                &mut self.perm,
                &mut self.perm_inv,
                Par::Seq,
                MemStack::new(scratch),
                Spec::default(),
            );
        }
        // Pivoting makes the diagonal of R fall, so that its last entry bounds the rank.
        let diagonal = |i: usize| Float::abs(self.qr[i * tall + i]);
        let last = diagonal(thin - 1);
        last > T::eps() * T::lit(tall as f64) * diagonal(0)
    }

    /// Writes the solution for the right-hand side `b` (length m) into `x` (length n).
    pub(crate) fn solve(&mut self, b: &[T], x: &mut [T]) {
        let (tall, thin) = (self.rows.max(self.cols), self.rows.min(self.cols));
        let qr = MatRef::from_column_major_slice(&self.qr, tall, thin);
        let coefficients = MatRef::from_column_major_slice(&self.coefficients, 1, thin);
        let Some(scratch) = self.scratch.as_mut() else {
            return;
        };
        let stack = MemStack::new(scratch);
        self.rhs.fill(T::zero());
        if self.rows >= self.cols {
            // x = Π·R⁻¹·Qᵀ·b
            self.rhs.copy_from_slice(b);
            let mut rhs = MatMut::from_column_major_slice_mut(&mut self.rhs, tall, 1);
            apply_qt(qr, coefficients, Conj::No, rhs.as_mut(), Par::Seq, stack);
            solve_upper_triangular_in_place(
                qr.subrows(0, thin),
                rhs.as_mut().subrows_mut(0, thin),
                Par::Seq,
            );
            for (r, &column) in self.rhs.iter().zip(&self.perm) {
                x[column] = *r;
            }
        } else {
            // x = Q·R⁻ᵀ·Πᵀ·b
            for (r, &row) in self.rhs.iter_mut().zip(&self.perm) {
                *r = b[row];
            }
            let mut rhs = MatMut::from_column_major_slice_mut(&mut self.rhs, tall, 1);
            solve_lower_triangular_in_place(
                qr.subrows(0, thin).transpose(),
                rhs.as_mut().subrows_mut(0, thin),
                Par::Seq,
            );
            apply_q(qr, coefficients, Conj::No, rhs, Par::Seq, stack);
            x.copy_from_slice(&self.rhs);
        }
    }

    fn resize(&mut self, m: usize, n: usize) {
        if (m, n) == (self.rows, self.cols) {
            return;
        }
        (self.rows, self.cols) = (m, n);
        let (tall, thin) = (m.max(n), m.min(n));
        self.qr.resize(tall * thin, T::zero());
        self.coefficients.resize(thin, T::zero());
        self.perm = (0..thin).collect();
        self.perm_inv = (0..thin).collect();
        self.rhs.resize(tall, T::zero());
        let factoring =
            factor::qr_in_place_scratch::<usize, T>(tall, thin, 1, Par::Seq, Spec::default());
        let applying = apply_scratch::<T>(tall, 1, 1);
        self.scratch = Some(MemBuffer::new(factoring.or(applying)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{mat_t_vec, mat_vec};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn residual_is_orthogonal_and_the_norm_least(
            m in 1usize..7,
            n in 1usize..7,
            entries in prop::collection::vec(-1.0..1.0, 36),
            b in prop::collection::vec(-1.0..1.0, 6),
        ) {
            // Well conditioned: a scaled identity under the noise.
            let mut a = entries[..m * n].to_vec();
            for i in 0..m.min(n) {
                a[i * m + i] += 8.0;
            }
            let mut qr = LeastSquares::default();
            prop_assert!(qr.factor(m, n, &a));
            let mut x = vec![0.0; n];
            qr.solve(&b[..m], &mut x);
            let mut residual = vec![0.0; m];
            mat_vec(&a, &x, &mut residual);
            for (r, b) in residual.iter_mut().zip(&b) {
                *r -= b;
            }
            if m >= n {
                let mut normal = vec![0.0; n];
                mat_t_vec(&a, &residual, &mut normal);
                // ‖A‖² ε with ‖A‖ < 16 and room for the summation.
                prop_assert!(normal.iter().all(|v| v.abs() < 1e-12), "{normal:?}");
            } else {
                prop_assert!(residual.iter().all(|v| v.abs() < 1e-13), "{residual:?}");
                // Least norm: x lies in the range of Aᵀ, so projecting on it changes nothing.
                let mut transposed = vec![0.0; m * n];
                for j in 0..n {
                    for i in 0..m {
                        transposed[i * n + j] = a[j * m + i];
                    }
                }
                let mut coordinates = vec![0.0; m];
                let mut projection = LeastSquares::default();
                prop_assert!(projection.factor(n, m, &transposed));
                projection.solve(&x, &mut coordinates);
                let mut back = vec![0.0; n];
                mat_vec(&transposed, &coordinates, &mut back);
                for (back, x) in back.iter().zip(&x) {
                    prop_assert!((back - x).abs() < 1e-13);
                }
            }
        }
    }

    #[test]
    fn deficient_rank_and_non_finite_are_refused() {
        let mut qr = LeastSquares::default();
        for (m, n) in [(1, 1), (3, 2), (2, 3), (4, 4)] {
            assert!(!qr.factor(m, n, &vec![f64::NAN; m * n]));
            assert!(!qr.factor(m, n, &vec![0.0; m * n]));
        }
        assert!(!qr.factor(3, 2, &[1.0, 2.0, 3.0, 2.0, 4.0, 6.0]));
        assert!(!qr.factor(2, 3, &[1.0, 2.0, 2.0, 4.0, 3.0, 6.0]));
    }
}
