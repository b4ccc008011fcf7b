//! Eigendecomposition of symmetric matrices, and Newton steps that are safe in its basis.

use faer::diag::DiagMut;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{MatMut, MatRef, Par, Spec};
use num_traits::Float;

use super::{dot, max_abs};
use crate::loss::Loss;
use crate::scalar::Scalar;
use crate::simd;

/// A = V·diag(λ)·Vᵀ with its workspace.
pub(crate) struct SymmetricEigen<T> {
    dim: usize,
    values: Vec<T>,
    vectors: Vec<T>,
    scratch: Option<MemBuffer>,
}

impl<T: Scalar> Default for SymmetricEigen<T> {
    fn default() -> Self {
        Self {
            dim: 0,
            values: Vec::new(),
            vectors: Vec::new(),
            scratch: None,
        }
    }
}

impl<T: Scalar> Clone for SymmetricEigen<T> {
    /// A clone starts without the workspace.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T: Scalar> SymmetricEigen<T> {
    /// Decomposes the symmetric n × n matrix `a`; false where it is not finite or does not converge.
    pub(crate) fn decompose(&mut self, n: usize, a: &[T]) -> bool {
        self.resize(n);
        if !simd::all_finite(a) {
            return false;
        }
        match n {
            1 => {
                self.values[0] = a[0];
                self.vectors[0] = T::one();
                true
            }
            2 => {
                self.decompose_2x2(a);
                true
            }
            _ => self.decompose_dense(a),
        }
    }

    /// Eigenvalues; in no particular order.
    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    /// Eigenvector of eigenvalue k.
    pub(crate) fn vector(&self, k: usize) -> &[T] {
        &self.vectors[k * self.dim..(k + 1) * self.dim]
    }

    fn resize(&mut self, n: usize) {
        if n == self.dim {
            return;
        }
        self.dim = n;
        self.values.resize(n, T::zero());
        self.vectors.resize(n * n, T::zero());
        if n > 2 {
            self.scratch = Some(MemBuffer::new(self_adjoint_evd_scratch::<T>(
                n,
                ComputeEigenvectors::Yes,
                Par::Seq,
                Spec::default(),
            )));
        }
    }

    /// One Jacobi rotation: exact, and 20 times cheaper than the general routine.
    fn decompose_2x2(&mut self, a: &[T]) {
        let (a11, a21, a22) = (a[0], a[1], a[3]);
        let (mut t, mut c, mut s) = (T::zero(), T::one(), T::zero());
        if a21 != T::zero() {
            let theta = (a22 - a11) / (T::lit(2.0) * a21);
            let sign = if theta < T::zero() {
                -T::one()
            } else {
                T::one()
            };
            // Where θ² overflows t is 0, as it is to rounding.
            t = sign / (Float::abs(theta) + Float::sqrt(theta * theta + T::one()));
            c = T::one() / Float::sqrt(T::one() + t * t);
            s = t * c;
        }
        self.values[0] = a11 - t * a21;
        self.values[1] = a22 + t * a21;
        self.vectors.copy_from_slice(&[c, -s, s, c]);
    }

    fn decompose_dense(&mut self, a: &[T]) -> bool {
        let n = self.dim;
        let Some(scratch) = self.scratch.as_mut() else {
            return false;
        };
        self_adjoint_evd(
            MatRef::from_column_major_slice(a, n, n),
            DiagMut::from_slice_mut(&mut self.values),
            Some(MatMut::from_column_major_slice_mut(&mut self.vectors, n, n)),
            Par::Seq,
            MemStack::new(scratch),
            Spec::default(),
        )
        .is_ok()
            && simd::all_finite(&self.values)
    }
}

/// The default of [`Loss::newton_step`], which documents it.
pub(crate) fn safe_newton_step<T: Scalar, L: Loss<T> + ?Sized>(
    loss: &L,
    y: &[T],
    target: &[T],
    eta: T,
    out: &mut [T],
) {
    let m = out.len();
    let mut gradient = vec![T::zero(); m];
    let mut unit = vec![T::zero(); m];
    let mut hessian = vec![T::zero(); m * m];
    loss.gradient(y, target, &mut gradient);
    for (i, column) in hessian.chunks_exact_mut(m.max(1)).enumerate() {
        unit[i] = T::one();
        loss.hessian_mul(y, target, &unit, column);
        unit[i] = T::zero();
    }
    let mut eigen = SymmetricEigen::default();
    if !eigen.decompose(m, &hessian) {
        out.fill(T::nan());
        return;
    }
    let floor = T::eps() * T::lit(m as f64) * max_abs(eigen.values());
    out.fill(T::zero());
    for k in 0..m {
        let (lambda, v) = (Float::abs(eigen.values()[k]), eigen.vector(k));
        if lambda > floor {
            let step = -eta * dot(v, &gradient) / lambda;
            for (o, &v) in out.iter_mut().zip(v) {
                *o += step * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reconstruct(eigen: &SymmetricEigen<f64>, n: usize) -> Vec<f64> {
        let mut a = vec![0.0; n * n];
        for k in 0..n {
            let v = eigen.vector(k);
            for j in 0..n {
                for i in 0..n {
                    a[j * n + i] += eigen.values()[k] * v[i] * v[j];
                }
            }
        }
        a
    }

    proptest! {
        #[test]
        fn v_lambda_vt_gives_the_matrix_back(n in 1usize..7, entries in prop::collection::vec(-10.0..10.0, 49)) {
            let mut a = vec![0.0; n * n];
            for j in 0..n {
                for i in 0..n {
                    a[j * n + i] = entries[i.max(j) * 7 + i.min(j)];
                }
            }
            let mut eigen = SymmetricEigen::default();
            prop_assert!(eigen.decompose(n, &a));
            // Backward stability: a modest multiple of n·ε·‖A‖, and ‖A‖ ≤ 10n here.
            let tolerance = 20.0 * (n * n) as f64 * 10.0 * f64::EPSILON;
            for (r, a) in reconstruct(&eigen, n).iter().zip(&a) {
                prop_assert!((r - a).abs() <= tolerance, "{r} against {a}");
            }
        }
    }

    #[test]
    fn two_by_two_keeps_a_tiny_eigenvalue() {
        // [[1, 1], [1, 1 + δ]] has eigenvalues 2 + δ/2 and δ/2 to first order.
        let delta = 1e-9;
        let mut eigen = SymmetricEigen::default();
        assert!(eigen.decompose(2, &[1.0, 1.0, 1.0, 1.0 + delta]));
        let small = eigen.values()[0].min(eigen.values()[1]);
        assert!((small - delta / 2.0).abs() < 2.0 * f64::EPSILON);
    }

    #[test]
    fn nan_is_refused() {
        let mut eigen = SymmetricEigen::default();
        for n in 1..5 {
            assert!(!eigen.decompose(n, &vec![f64::NAN; n * n]));
            assert!(!eigen.decompose(n, &vec![f64::INFINITY; n * n]));
        }
    }
}
