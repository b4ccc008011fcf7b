//! y = A·x.

use faer::{Mat, MatMut, MatRef};
use num_traits::Float;

use super::product::product;
use super::{
    Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp, check_curvature, check_forward,
    check_inverse, check_jacobian, check_jvp, check_vjp,
};
use crate::error::{Error, Failure, Result, check};
use crate::linalg::dot;
use crate::scalar::Scalar;

/// y = A·x for an m × n matrix of full rank.
///
/// # Maths
/// The inverse is x + A⁺(y − Ax): the solution where A is square, the one nearest to x where there
/// are many (m < n), the least-squares solution, whatever x, where there is none (m > n). It is
/// solved by the column-pivoted QR factorization of A, or of Aᵀ where m < n, made once.
///
/// # Failure modes
/// A target that a tall A does not reach gets its least-squares solution, not NaN.
///
/// # Reference
/// Golub, Van Loan, *Matrix Computations*, 2013, §5.5–5.6.
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
    transposed: Mat<T>,
    factors: Factors<T>,
}

impl<T: Scalar> Linear<T> {
    /// The map x ↦ `matrix`·x.
    ///
    /// # Errors
    /// A matrix that is empty, not finite, or not of full rank to working precision: a pivot not
    /// above max(m, n)·ε times the largest.
    pub fn new(matrix: Mat<T>) -> Result<Self> {
        let (m, n) = (matrix.nrows(), matrix.ncols());
        check::dimension("the matrix's number of rows", m)?;
        check::dimension("the matrix's number of columns", n)?;
        for j in 0..n {
            if let Some(i) = check::first_non_finite(matrix.col_as_slice(j)) {
                return Err(Error::NonFinite {
                    what: "matrix",
                    index: j * m + i,
                });
            }
        }
        let transposed = matrix.transpose().to_owned();
        let factors = Factors::new(&matrix).ok_or(Error::Matrix {
            what: "the matrix",
            requirement: "of full rank",
        })?;
        Ok(Self {
            matrix,
            transposed,
            factors,
        })
    }

    /// A.
    #[must_use]
    pub fn matrix(&self) -> MatRef<'_, T> {
        self.matrix.as_ref()
    }
}

/// A·Π = Q·R, or Aᵀ·Π = Q·R for a wide A, whichever has at least as many rows as columns.
#[derive(Clone, Debug)]
struct Factors<T> {
    /// Qᵀ of a tall A, Q of a wide one: n × m.
    rotation: Mat<T>,
    /// R, upper triangular.
    triangle: Mat<T>,
    /// The column of A or Aᵀ that pivoting moved to each place.
    order: Vec<usize>,
}

impl<T: Scalar> Factors<T> {
    /// None where A is not of full rank.
    fn new(a: &Mat<T>) -> Option<Self> {
        let tall = a.nrows() >= a.ncols();
        let qr = if tall {
            a.col_piv_qr()
        } else {
            a.transpose().col_piv_qr()
        };
        let triangle = qr.thin_R().to_owned();
        // Pivoting makes the diagonal fall, so that its last entry bounds the rank.
        let pivot = |i: usize| Float::abs(triangle[(i, i)]);
        let floor = T::eps() * T::lit(a.nrows().max(a.ncols()) as f64) * pivot(0);
        if !(pivot(triangle.ncols() - 1) > floor && triangle.is_all_finite()) {
            return None;
        }
        let q = qr.compute_thin_Q();
        Some(Self {
            rotation: if tall { q.transpose().to_owned() } else { q },
            order: qr.P().arrays().0.to_vec(),
            triangle,
        })
    }

    /// t ← R⁻¹·t.
    fn solve(&self, t: &mut [T]) {
        for i in (0..t.len()).rev() {
            let (above, here) = t.split_at_mut(i);
            let column = self.triangle.col_as_slice(i);
            here[0] /= column[i];
            for (t, &r) in above.iter_mut().zip(column) {
                *t -= r * here[0];
            }
        }
    }

    /// t ← R⁻ᵀ·t.
    fn solve_transposed(&self, t: &mut [T]) {
        for i in 0..t.len() {
            let column = self.triangle.col_as_slice(i);
            t[i] = (t[i] - dot(&column[..i], &t[..i])) / column[i];
        }
    }
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
        product(y, self.matrix.as_ref(), x);
        Ok(())
    }
}

impl<T: Scalar> Jvp<T> for Linear<T> {
    fn jvp(&self, x: MatRef<'_, T>, v: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<(), Failure> {
        check_jvp(self, x, v, out.as_ref())?;
        product(out, self.matrix.as_ref(), v);
        Ok(())
    }
}

impl<T: Scalar> Vjp<T> for Linear<T> {
    fn vjp(&self, x: MatRef<'_, T>, w: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<(), Failure> {
        check_vjp(self, x, w, out.as_ref())?;
        product(out, self.transposed.as_ref(), w);
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
        let Factors {
            rotation, order, ..
        } = &self.factors;
        if self.matrix.nrows() >= self.matrix.ncols() {
            // x = Π·R⁻¹·Qᵀ·y
            product(x_out.as_mut(), rotation.as_ref(), y_target);
            let mut t = vec![T::zero(); order.len()];
            for j in 0..x.ncols() {
                for (i, t) in t.iter_mut().enumerate() {
                    *t = x_out[(i, j)];
                }
                self.factors.solve(&mut t);
                for (&place, &t) in order.iter().zip(&t) {
                    x_out[(place, j)] = t;
                }
            }
        } else {
            // x + Q·R⁻ᵀ·Πᵀ·(y − Ax)
            let mut residual = Mat::zeros(self.matrix.nrows(), x.ncols());
            product(residual.as_mut(), self.matrix.as_ref(), x);
            let mut t: Mat<T> = Mat::zeros(order.len(), x.ncols());
            for j in 0..x.ncols() {
                let t = t.col_as_slice_mut(j);
                for (&place, t) in order.iter().zip(t.iter_mut()) {
                    *t = y_target[(place, j)] - residual[(place, j)];
                }
                self.factors.solve_transposed(t);
            }
            product(x_out.as_mut(), rotation.as_ref(), t.as_ref());
            x_out += x;
        }
        Ok(())
    }
}
