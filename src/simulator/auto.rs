//! Exact derivatives of a map written once, by dual numbers.

use faer::{MatMut, MatRef};
use num_dual::{Dual, DualNum, HyperDual};

use super::{
    Curvature, Jacobian, Jvp, Simulator, Vjp, check_curvature, check_forward, check_jacobian,
    check_jvp, check_vjp,
};
use crate::error::Failure;
use crate::scalar::Scalar;

/// A map of one sample, written once for every number type.
///
/// # Contract
/// `eval` gets n numbers and writes all m, which are 0 before. It uses nothing but the arithmetic of
/// `D`, and writes NaN where P has no value.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::simulator::DualNum;
/// use faer::mat;
///
/// struct Polar; // (r, φ) → (r cos φ, r sin φ)
/// impl<T: Scalar> Map<T> for Polar {
///     fn input_dim(&self) -> usize { 2 }
///     fn output_dim(&self) -> usize { 2 }
///     fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
///         y[0] = x[0] * x[1].cos();
///         y[1] = x[0] * x[1].sin();
///     }
/// }
/// let mut jac = faer::Mat::zeros(2, 2);
/// Auto::new(Polar).jacobian(mat![[2.0], [0.0]].as_ref(), jac.as_mut())?;
/// assert_eq!(jac, mat![[1.0, 0.0], [0.0, 2.0]]);
/// # Ok::<(), arginv::Error>(())
/// ```
pub trait Map<T: Scalar> {
    /// n, the length of x.
    fn input_dim(&self) -> usize;

    /// m, the length of y.
    fn output_dim(&self) -> usize;

    /// Writes P(x) into `y`.
    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]);
}

/// A simulator with every derivative, from a [`Map`].
///
/// # Maths
/// Forward mode: one dual-number pass of the map a directional derivative. A Jacobian and a product
/// Jᵀw take n passes, a curvature n(n + 1)/2 passes of hyper-dual numbers. Derivatives are exact to
/// rounding; the value that comes with a Jacobian may differ from `forward`'s by rounding too, since
/// dual numbers divide by multiplying with the reciprocal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Auto<M>(M);

/// Lengths up to which a sample's dual numbers live on the stack.
const SMALL: usize = 16;

impl<M> Auto<M> {
    /// Wraps a map.
    pub fn new(map: M) -> Self {
        Self(map)
    }

    /// The map.
    pub fn map(&self) -> &M {
        &self.0
    }
}

/// Calls `run` with buffers of n and m numbers.
fn with_buffers<D: Copy>(zero: D, n: usize, m: usize, run: impl FnOnce(&mut [D], &mut [D])) {
    if n <= SMALL && m <= SMALL {
        let (mut x, mut y) = ([zero; SMALL], [zero; SMALL]);
        run(&mut x[..n], &mut y[..m]);
    } else {
        let (mut x, mut y) = (vec![zero; n], vec![zero; m]);
        run(&mut x, &mut y);
    }
}

impl<T: Scalar, M: Map<T>> Simulator<T> for Auto<M> {
    fn input_dim(&self) -> usize {
        self.0.input_dim()
    }

    fn output_dim(&self) -> usize {
        self.0.output_dim()
    }

    fn forward(&self, x: MatRef<'_, T>, mut y: MatMut<'_, T>) -> Result<(), Failure> {
        check_forward(self, x, y.as_ref())?;
        with_buffers(T::lit(0.0), x.nrows(), y.nrows(), |sample, value| {
            for j in 0..x.ncols() {
                for (i, s) in sample.iter_mut().enumerate() {
                    *s = x[(i, j)];
                }
                value.fill(T::lit(0.0));
                self.0.eval(sample, value);
                for (i, &v) in value.iter().enumerate() {
                    y[(i, j)] = v;
                }
            }
        });
        Ok(())
    }
}

impl<M> Auto<M> {
    /// Differentiates sample j along each direction k < `directions`, whose components `seed`
    /// gives, and hands the dual outputs to `take`.
    fn differentiate<T: Scalar>(
        &self,
        x: MatRef<'_, T>,
        directions: usize,
        seed: impl Fn(usize, usize, usize) -> T,
        mut take: impl FnMut(usize, usize, &[Dual<T>]),
    ) where
        M: Map<T>,
    {
        let zero = Dual::new(T::lit(0.0), T::lit(0.0));
        with_buffers(zero, x.nrows(), self.0.output_dim(), |sample, value| {
            for j in 0..x.ncols() {
                for k in 0..directions {
                    for (i, s) in sample.iter_mut().enumerate() {
                        *s = Dual::new(x[(i, j)], seed(i, j, k));
                    }
                    value.fill(zero);
                    self.0.eval(sample, value);
                    take(j, k, value);
                }
            }
        });
    }
}

/// The unit vectors as directions.
fn unit<T: Scalar>(i: usize, _j: usize, k: usize) -> T {
    if i == k { T::one() } else { T::lit(0.0) }
}

impl<T: Scalar, M: Map<T>> Jvp<T> for Auto<M> {
    fn jvp(
        &self,
        x: MatRef<'_, T>,
        v: MatRef<'_, T>,
        mut out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_jvp(self, x, v, out.as_ref())?;
        self.differentiate(
            x,
            1,
            |i, j, _| v[(i, j)],
            |j, _, value| {
                for (i, d) in value.iter().enumerate() {
                    out[(i, j)] = d.eps;
                }
            },
        );
        Ok(())
    }
}

impl<T: Scalar, M: Map<T>> Vjp<T> for Auto<M> {
    fn vjp(
        &self,
        x: MatRef<'_, T>,
        w: MatRef<'_, T>,
        mut out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_vjp(self, x, w, out.as_ref())?;
        self.differentiate(x, x.nrows(), unit, |j, k, value| {
            let products = value.iter().enumerate().map(|(i, d)| w[(i, j)] * d.eps);
            out[(k, j)] = products.fold(T::lit(0.0), |sum, p| sum + p);
        });
        Ok(())
    }
}

impl<T: Scalar, M: Map<T>> Jacobian<T> for Auto<M> {
    fn jacobian(&self, x: MatRef<'_, T>, mut jac: MatMut<'_, T>) -> Result<(), Failure> {
        check_jacobian(self, x, jac.as_ref())?;
        let n = x.nrows();
        self.differentiate(x, n, unit, |j, k, value| {
            for (i, d) in value.iter().enumerate() {
                jac[(i, j * n + k)] = d.eps;
            }
        });
        Ok(())
    }

    fn forward_jacobian(
        &self,
        x: MatRef<'_, T>,
        mut y: MatMut<'_, T>,
        mut jac: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_forward(self, x, y.as_ref())?;
        check_jacobian(self, x, jac.as_ref())?;
        let n = x.nrows();
        self.differentiate(x, n, unit, |j, k, value| {
            for (i, d) in value.iter().enumerate() {
                y[(i, j)] = d.re;
                jac[(i, j * n + k)] = d.eps;
            }
        });
        Ok(())
    }
}

impl<T: Scalar, M: Map<T>> Curvature<T> for Auto<M> {
    fn curvature(
        &self,
        x: MatRef<'_, T>,
        w: MatRef<'_, T>,
        mut h: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_curvature(self, x, w, h.as_ref())?;
        let n = x.nrows();
        let none = T::lit(0.0);
        let zero = HyperDual::new(none, none, none, none);
        with_buffers(zero, n, self.0.output_dim(), |sample, value| {
            for j in 0..x.ncols() {
                for k in 0..n {
                    for l in 0..=k {
                        for (i, s) in sample.iter_mut().enumerate() {
                            let (one, two) = (unit(i, j, k), unit(i, j, l));
                            *s = HyperDual::new(x[(i, j)], one, two, none);
                        }
                        value.fill(zero);
                        self.0.eval(sample, value);
                        let products = value
                            .iter()
                            .enumerate()
                            .map(|(i, d)| w[(i, j)] * d.eps1eps2);
                        let sum = products.fold(none, |sum, p| sum + p);
                        h[(k, j * n + l)] = sum;
                        h[(l, j * n + k)] = sum;
                    }
                }
            }
        });
        Ok(())
    }
}
