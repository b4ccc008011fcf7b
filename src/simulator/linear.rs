//! y = A·x.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::{
    Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp, check_curvature, check_forward,
    check_inverse, check_jacobian, check_jvp, check_vjp,
};
use crate::error::{Error, Failure, Result, check};
use crate::linalg::{LeastSquares, Lu};
use crate::scalar::Scalar;

/// y = A·x for an m × n matrix of full rank.
///
/// The inverse is x + A⁺(y − Ax): the solution where A is square, the one nearest to x where there
/// are many (m < n), the least-squares solution where there is none (m > n).
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use faer::mat;
///
/// let p = Linear::new(mat![[2.0, 0.0], [0.0, 0.5]])?;
/// let mut x = faer::Mat::zeros(2, 1);
/// p.inverse(mat![[0.0], [0.0]].as_ref(), mat![[1.0], [1.0]].as_ref(), x.as_mut())?;
/// assert_eq!(x, mat![[0.5], [2.0]]);
/// assert!(Linear::new(mat![[1.0, 2.0], [2.0, 4.0]]).is_err()); // rank 1
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Linear<T> {
    matrix: Mat<T>,
    pseudoinverse: Mat<T>,
}

impl<T: Scalar> Linear<T> {
    /// The map x ↦ `matrix`·x.
    ///
    /// # Errors
    /// A matrix that is empty, not finite, or not of full rank to working precision.
    pub fn new(matrix: Mat<T>) -> Result<Self> {
        let (m, n) = (matrix.nrows(), matrix.ncols());
        check::dimension("the matrix's number of rows", m)?;
        check::dimension("the matrix's number of columns", n)?;
        let columns: Vec<T> = (0..n)
            .flat_map(|j| (0..m).map(move |i| (i, j)))
            .map(|at| matrix[at])
            .collect();
        check::require_finite("matrix", &columns)?;
        let deficient = Error::Matrix {
            what: "the matrix",
            requirement: "of full rank",
        };
        let mut pseudoinverse = Mat::zeros(n, m);
        let mut unit = vec![T::zero(); m];
        let mut solution = vec![T::zero(); n];
        let (mut lu, mut qr) = (Lu::default(), LeastSquares::default());
        let regular = if m == n {
            lu.factor(n, &columns)
        } else {
            qr.factor(m, n, &columns)
        };
        if !regular {
            return Err(deficient);
        }
        for k in 0..m {
            unit.fill(T::zero());
            unit[k] = T::one();
            if m == n {
                solution.copy_from_slice(&unit);
                lu.solve(&mut solution);
            } else {
                qr.solve(&unit, &mut solution);
            }
            for (i, &s) in solution.iter().enumerate() {
                pseudoinverse[(i, k)] = s;
            }
        }
        Ok(Self {
            matrix,
            pseudoinverse,
        })
    }

    /// A.
    #[must_use]
    pub fn matrix(&self) -> MatRef<'_, T> {
        self.matrix.as_ref()
    }
}

fn multiply<T: Scalar>(out: MatMut<'_, T>, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    matmul(out, Accum::Replace, a, b, T::one(), Par::Seq);
}

impl<T: Scalar> Simulator<T> for Linear<T> {
    fn input_dim(&self) -> usize {
        self.matrix.ncols()
    }

    fn output_dim(&self) -> usize {
        self.matrix.nrows()
    }

    fn forward(&self, x: MatRef<'_, T>, y: MatMut<'_, T>) -> Result<(), Failure> {
        check_forward(self, x, y.as_ref())?;
        multiply(y, self.matrix.as_ref(), x);
        Ok(())
    }
}

impl<T: Scalar> Jvp<T> for Linear<T> {
    fn jvp(&self, x: MatRef<'_, T>, v: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<(), Failure> {
        check_jvp(self, x, v, out.as_ref())?;
        multiply(out, self.matrix.as_ref(), v);
        Ok(())
    }
}

impl<T: Scalar> Vjp<T> for Linear<T> {
    fn vjp(&self, x: MatRef<'_, T>, w: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<(), Failure> {
        check_vjp(self, x, w, out.as_ref())?;
        multiply(out, self.matrix.transpose(), w);
        Ok(())
    }
}

impl<T: Scalar> Jacobian<T> for Linear<T> {
    fn jacobian(&self, x: MatRef<'_, T>, mut jac: MatMut<'_, T>) -> Result<(), Failure> {
        check_jacobian(self, x, jac.as_ref())?;
        let n = self.matrix.ncols();
        for j in 0..x.ncols() {
            jac.as_mut()
                .subcols_mut(j * n, n)
                .copy_from(self.matrix.as_ref());
        }
        Ok(())
    }
}

impl<T: Scalar> Curvature<T> for Linear<T> {
    fn curvature(
        &self,
        x: MatRef<'_, T>,
        w: MatRef<'_, T>,
        mut h: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_curvature(self, x, w, h.as_ref())?;
        h.fill(T::zero());
        Ok(())
    }
}

impl<T: Scalar> LocalInverse<T> for Linear<T> {
    fn inverse(
        &self,
        x: MatRef<'_, T>,
        y_target: MatRef<'_, T>,
        mut x_out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_inverse(self, x, y_target, x_out.as_ref())?;
        let inverse = self.pseudoinverse.as_ref();
        multiply(x_out.as_mut(), inverse, y_target);
        if self.matrix.nrows() < self.matrix.ncols() {
            // x − A⁺Ax, what no output sees, stays.
            let seen = self.matrix.as_ref() * x;
            for (j, column) in (inverse * seen).col_iter().enumerate() {
                for (i, &part) in column.iter().enumerate() {
                    x_out[(i, j)] += x[(i, j)] - part;
                }
            }
        }
        Ok(())
    }
}
