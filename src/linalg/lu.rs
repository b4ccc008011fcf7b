//! Square linear systems.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::partial_pivoting::{factor, solve};
use faer::perm::PermRef;
use faer::{MatMut, MatRef, Par, Spec};
use num_traits::Float;

use super::max_abs;
use crate::scalar::Scalar;
use crate::simd;

/// P·A = L·U by partial pivoting, with its workspace.
pub(crate) struct Lu<T> {
    dim: usize,
    lu: Vec<T>,
    perm: Vec<usize>,
    perm_inv: Vec<usize>,
    scratch: Option<MemBuffer>,
}

impl<T: Scalar> Default for Lu<T> {
    fn default() -> Self {
        Self {
            dim: 0,
            lu: Vec::new(),
            perm: Vec::new(),
            perm_inv: Vec::new(),
            scratch: None,
        }
    }
}

impl<T: Scalar> Clone for Lu<T> {
    /// A clone starts without the workspace.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T: Scalar> Lu<T> {
    /// Factors the n × n matrix `a`; false where it is not finite or singular to working precision:
    /// a pivot not above n·ε times the largest.
    pub(crate) fn factor(&mut self, n: usize, a: &[T]) -> bool {
        self.resize(n);
        if !simd::all_finite(a) {
            return false;
        }
        self.lu.copy_from_slice(a);
        if n <= 2 {
            self.factor_small();
        } else if let Some(scratch) = self.scratch.as_mut() {
            factor::lu_in_place(
                MatMut::from_column_major_slice_mut(&mut self.lu, n, n),
                &mut self.perm,
                &mut self.perm_inv,
                Par::Seq,
                MemStack::new(scratch),
                Spec::default(),
            );
        }
        self.is_regular()
    }

    /// Replaces `b` by A⁻¹b.
    pub(crate) fn solve(&mut self, b: &mut [T]) {
        let n = self.dim;
        match n {
            1 => b[0] /= self.lu[0],
            2 => {
                if self.perm[0] == 1 {
                    b.swap(0, 1);
                }
                b[1] -= self.lu[1] * b[0];
                b[1] /= self.lu[3];
                b[0] = (b[0] - self.lu[2] * b[1]) / self.lu[0];
            }
            _ => {
                let Some(scratch) = self.scratch.as_mut() else {
                    return;
                };
                let lu = MatRef::from_column_major_slice(&self.lu, n, n);
                solve::solve_in_place(
                    lu,
                    lu,
                    PermRef::new_checked(&self.perm, &self.perm_inv, n),
                    MatMut::from_column_major_slice_mut(b, n, 1),
                    Par::Seq,
                    MemStack::new(scratch),
                );
            }
        }
    }

    fn resize(&mut self, n: usize) {
        if n == self.dim {
            return;
        }
        self.dim = n;
        self.lu.resize(n * n, T::zero());
        self.perm = (0..n).collect();
        self.perm_inv = (0..n).collect();
        let factoring = factor::lu_in_place_scratch::<usize, T>(n, n, Par::Seq, Spec::default());
        let solving = solve::solve_in_place_scratch::<usize, T>(n, 1, Par::Seq);
        self.scratch = Some(MemBuffer::new(factoring.or(solving)));
    }

    fn factor_small(&mut self) {
        if self.dim < 2 {
            return;
        }
        let swap = Float::abs(self.lu[1]) > Float::abs(self.lu[0]);
        self.perm[0] = usize::from(swap);
        if swap {
            self.lu.swap(0, 1);
            self.lu.swap(2, 3);
        }
        if self.lu[0] != T::zero() {
            let multiplier = self.lu[1] / self.lu[0];
            self.lu[1] = multiplier;
            let product = multiplier * self.lu[2];
            self.lu[3] -= product;
        }
    }

    fn is_regular(&self) -> bool {
        let n = self.dim;
        let pivot = |i: usize| Float::abs(self.lu[i * n + i]);
        let largest = (0..n).fold(T::zero(), |m, i| Float::max(m, pivot(i)));
        let floor = T::eps() * T::lit(n as f64) * largest;
        (0..n).all(|i| pivot(i) > floor) && Float::is_finite(max_abs(&self.lu))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::mat_vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn solves_what_it_multiplied(
            n in 1usize..9,
            entries in prop::collection::vec(-1.0..1.0, 64),
            x in prop::collection::vec(-1.0..1.0, 8),
        ) {
            // Diagonally dominant, so that the condition number is at most about 3.
            let mut a = entries[..n * n].to_vec();
            for i in 0..n {
                a[i * n + i] += 2.0 * n as f64;
            }
            let mut b = vec![0.0; n];
            mat_vec(&a, &x[..n], &mut b);
            let mut lu = Lu::default();
            prop_assert!(lu.factor(n, &a));
            lu.solve(&mut b);
            for (b, x) in b.iter().zip(&x) {
                prop_assert!((b - x).abs() < 1e-14, "{b} against {x}");
            }
        }
    }

    #[test]
    fn needs_a_row_swap() {
        for n in [2, 3] {
            let mut a = vec![0.0; n * n];
            for i in 0..n {
                a[((i + 1) % n) * n + i] = 1.0;
            }
            let mut lu = Lu::default();
            assert!(lu.factor(n, &a));
            let mut b: Vec<f64> = (0..n).map(|i| i as f64).collect();
            lu.solve(&mut b);
            let expected: Vec<f64> = (0..n).map(|i| ((i + n - 1) % n) as f64).collect();
            assert_eq!(b, expected);
        }
    }

    #[test]
    fn singular_and_non_finite_are_refused() {
        let mut lu = Lu::default();
        for n in 1..5 {
            assert!(!lu.factor(n, &vec![0.0; n * n]));
            assert!(!lu.factor(n, &vec![f64::NAN; n * n]));
        }
        for n in 2..5 {
            assert!(!lu.factor(n, &vec![1.0; n * n]));
        }
    }
}
