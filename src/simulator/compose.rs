//! Composition P₂∘P₁.

use std::marker::PhantomData;

use faer::{Mat, MatMut, MatRef};

use super::product::product;
use super::{
    Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp, check_curvature, check_forward,
    check_inverse, check_jacobian, check_jvp, check_vjp,
};
use crate::error::{Failure, Result, check};
use crate::scalar::Scalar;

/// The simulator P₂∘P₁: first P₁, then P₂.
///
/// # Maths
/// J = J₂J₁, and Σᵢwᵢ∇²Pᵢ = J₁ᵀ(Σᵢwᵢ∇²P₂ᵢ)J₁ + Σⱼ(J₂ᵀw)ⱼ∇²P₁ⱼ. The inverse takes P₂'s near P₁(x),
/// then P₁'s near x: nearest in each part, which need not be nearest in the whole.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use faer::mat;
///
/// let p = Compose::new(Exponential, Square)?; // exp(x²)
/// let mut jac = faer::Mat::<f64>::zeros(1, 1);
/// p.jacobian(mat![[1.0]].as_ref(), jac.as_mut())?;
/// assert!((jac[(0, 0)] - 2.0 * 1f64.exp()).abs() < 1e-15);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compose<T, P2, P1> {
    outer: P2,
    inner: P1,
    scalar: PhantomData<fn(T) -> T>,
}

impl<T: Scalar, P2: Simulator<T>, P1: Simulator<T>> Compose<T, P2, P1> {
    /// P₂∘P₁.
    ///
    /// # Errors
    /// P₂ takes another number of inputs than P₁ gives outputs.
    pub fn new(outer: P2, inner: P1) -> Result<Self> {
        check::length(
            "the outer simulator's input",
            outer.input_dim(),
            inner.output_dim(),
        )?;
        Ok(Self {
            outer,
            inner,
            scalar: PhantomData,
        })
    }

    fn between(&self, x: MatRef<'_, T>) -> Result<Mat<T>, Failure> {
        let mut z = Mat::zeros(self.inner.output_dim(), x.ncols());
        self.inner.forward(x, z.as_mut())?;
        Ok(z)
    }
}

impl<T: Scalar, P2: Simulator<T>, P1: Simulator<T>> Simulator<T> for Compose<T, P2, P1> {
    fn input_dim(&self) -> usize {
        self.inner.input_dim()
    }

    fn output_dim(&self) -> usize {
        self.outer.output_dim()
    }

    fn forward(&self, x: MatRef<'_, T>, y: MatMut<'_, T>) -> Result<(), Failure> {
        check_forward(self, x, y.as_ref())?;
        self.outer.forward(self.between(x)?.as_ref(), y)
    }
}

impl<T: Scalar, P2: Jvp<T>, P1: Jvp<T>> Jvp<T> for Compose<T, P2, P1> {
    fn jvp(&self, x: MatRef<'_, T>, v: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<(), Failure> {
        check_jvp(self, x, v, out.as_ref())?;
        let mut inner = Mat::zeros(self.inner.output_dim(), x.ncols());
        self.inner.jvp(x, v, inner.as_mut())?;
        self.outer
            .jvp(self.between(x)?.as_ref(), inner.as_ref(), out)
    }
}

impl<T: Scalar, P2: Vjp<T>, P1: Vjp<T>> Vjp<T> for Compose<T, P2, P1> {
    fn vjp(&self, x: MatRef<'_, T>, w: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<(), Failure> {
        check_vjp(self, x, w, out.as_ref())?;
        let mut outer = Mat::zeros(self.outer.input_dim(), x.ncols());
        self.outer
            .vjp(self.between(x)?.as_ref(), w, outer.as_mut())?;
        self.inner.vjp(x, outer.as_ref(), out)
    }
}

impl<T: Scalar, P2: Jacobian<T>, P1: Jacobian<T>> Jacobian<T> for Compose<T, P2, P1> {
    fn jacobian(&self, x: MatRef<'_, T>, jac: MatMut<'_, T>) -> Result<(), Failure> {
        let mut y = Mat::zeros(self.outer.output_dim(), x.ncols());
        self.forward_jacobian(x, y.as_mut(), jac)
    }

    fn forward_jacobian(
        &self,
        x: MatRef<'_, T>,
        y: MatMut<'_, T>,
        mut jac: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_forward(self, x, y.as_ref())?;
        check_jacobian(self, x, jac.as_ref())?;
        let (n, k, batch) = (x.nrows(), self.inner.output_dim(), x.ncols());
        let mut z = Mat::zeros(k, batch);
        let mut inner = Mat::zeros(k, n * batch);
        let mut outer = Mat::zeros(y.nrows(), k * batch);
        self.inner.forward_jacobian(x, z.as_mut(), inner.as_mut())?;
        self.outer.forward_jacobian(z.as_ref(), y, outer.as_mut())?;
        for j in 0..batch {
            product(
                jac.as_mut().subcols_mut(j * n, n),
                outer.subcols(j * k, k),
                inner.subcols(j * n, n),
            );
        }
        Ok(())
    }
}

impl<T: Scalar, P2: Curvature<T>, P1: Curvature<T>> Curvature<T> for Compose<T, P2, P1> {
    fn curvature(
        &self,
        x: MatRef<'_, T>,
        w: MatRef<'_, T>,
        mut h: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_curvature(self, x, w, h.as_ref())?;
        let (n, k, batch) = (x.nrows(), self.inner.output_dim(), x.ncols());
        let mut z = Mat::zeros(k, batch);
        let mut inner = Mat::zeros(k, n * batch);
        let mut outer = Mat::zeros(k, k * batch);
        let mut weights = Mat::zeros(k, batch);
        self.inner.forward_jacobian(x, z.as_mut(), inner.as_mut())?;
        self.outer.vjp(z.as_ref(), w, weights.as_mut())?;
        self.outer.curvature(z.as_ref(), w, outer.as_mut())?;
        self.inner.curvature(x, weights.as_ref(), h.as_mut())?;
        let mut bent = Mat::zeros(k, n);
        for j in 0..batch {
            let inner = inner.subcols(j * n, n);
            product(bent.as_mut(), outer.subcols(j * k, k), inner);
            let entry = |a: usize, b: usize| {
                (0..k).fold(T::zero(), |sum, i| sum + inner[(i, a)] * bent[(i, b)])
            };
            for a in 0..n {
                for b in 0..=a {
                    // Rounding makes the product of three matrices a little asymmetric.
                    h[(a, j * n + b)] += T::lit(0.5) * (entry(a, b) + entry(b, a));
                    h[(b, j * n + a)] = h[(a, j * n + b)];
                }
            }
        }
        Ok(())
    }
}

impl<T: Scalar, P2: LocalInverse<T>, P1: LocalInverse<T>> LocalInverse<T> for Compose<T, P2, P1> {
    fn inverse(
        &self,
        x: MatRef<'_, T>,
        y_target: MatRef<'_, T>,
        x_out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_inverse(self, x, y_target, x_out.as_ref())?;
        let z = self.between(x)?;
        let mut wanted = Mat::zeros(z.nrows(), z.ncols());
        self.outer.inverse(z.as_ref(), y_target, wanted.as_mut())?;
        self.inner.inverse(x, wanted.as_ref(), x_out)
    }
}
