//! Derivatives of any simulator by central differences.

use faer::{Mat, MatMut, MatRef};
use num_traits::Float;

use super::{
    Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp, check_curvature, check_jacobian,
    check_jvp, check_vjp,
};
use crate::error::Failure;
use crate::scalar::Scalar;

/// A simulator with approximate derivatives, from its forward map alone.
///
/// # Maths
/// First derivatives by (P(x + h) − P(x − h))/2h with h = ε^⅓·max(|xᵢ|, 1): relative errors of about
/// ε^⅔ (4e-11 in f64, 2e-5 in f32) for maps that vary on a scale of 1. Second derivatives of wᵀP by
/// the four-point formula with h = ε^¼·max(|xᵢ|, 1): about ε^½ (1e-8, 3e-4). Where P varies on
/// another scale, rescale x.
///
/// # Failure modes
/// Each derivative evaluates P off x, where P may err or give NaN.
///
/// # Reference
/// Press et al., *Numerical Recipes*, 2007, §5.7.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use faer::mat;
///
/// let cube = from_fn(1, 1, |x: &[f64], y: &mut [f64]| y[0] = x[0].powi(3));
/// let mut jac = faer::Mat::zeros(1, 1);
/// FiniteDiff::new(cube).jacobian(mat![[2.0]].as_ref(), jac.as_mut())?;
/// assert!((jac[(0, 0)] - 12.0).abs() < 1e-8);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FiniteDiff<P>(P);

impl<P> FiniteDiff<P> {
    /// Wraps a simulator.
    pub fn new(simulator: P) -> Self {
        Self(simulator)
    }

    /// The simulator.
    pub fn get_ref(&self) -> &P {
        &self.0
    }
}

fn step<T: Scalar>(x: T, exponent: f64) -> T {
    let h = Float::powf(T::eps(), T::lit(exponent)) * Float::max(Float::abs(x), T::one());
    // A step that x + h carries exactly.
    (x + h) - x
}

impl<T: Scalar, P: Simulator<T>> Simulator<T> for FiniteDiff<P> {
    fn input_dim(&self) -> usize {
        self.0.input_dim()
    }

    fn output_dim(&self) -> usize {
        self.0.output_dim()
    }

    fn forward(&self, x: MatRef<'_, T>, y: MatMut<'_, T>) -> Result<(), Failure> {
        self.0.forward(x, y)
    }
}

impl<T: Scalar, P: Simulator<T>> Jvp<T> for FiniteDiff<P> {
    fn jvp(
        &self,
        x: MatRef<'_, T>,
        v: MatRef<'_, T>,
        mut out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_jvp(self, x, v, out.as_ref())?;
        let mut high = Mat::zeros(out.nrows(), x.ncols());
        // One step a sample: the largest component moves as a single one would.
        let steps: Vec<T> = (0..x.ncols())
            .map(|j| {
                let largest = |m: MatRef<'_, T>| {
                    (0..x.nrows()).fold(T::zero(), |s, i| Float::max(s, Float::abs(m[(i, j)])))
                };
                let length = largest(v);
                if length > T::zero() {
                    step(largest(x), 1.0 / 3.0) / length
                } else {
                    T::one()
                }
            })
            .collect();
        let moved = |sign: T| {
            Mat::from_fn(x.nrows(), x.ncols(), |i, j| {
                x[(i, j)] + sign * steps[j] * v[(i, j)]
            })
        };
        self.0.forward(moved(T::one()).as_ref(), high.as_mut())?;
        self.0.forward(moved(-T::one()).as_ref(), out.as_mut())?;
        for j in 0..x.ncols() {
            for i in 0..out.nrows() {
                out[(i, j)] = (high[(i, j)] - out[(i, j)]) / (T::lit(2.0) * steps[j]);
            }
        }
        Ok(())
    }
}

impl<T: Scalar, P: Simulator<T>> Vjp<T> for FiniteDiff<P> {
    fn vjp(
        &self,
        x: MatRef<'_, T>,
        w: MatRef<'_, T>,
        mut out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_vjp(self, x, w, out.as_ref())?;
        let n = x.nrows();
        let mut jac = Mat::zeros(w.nrows(), n * x.ncols());
        self.jacobian(x, jac.as_mut())?;
        for j in 0..x.ncols() {
            for k in 0..n {
                let products = (0..w.nrows()).map(|i| w[(i, j)] * jac[(i, j * n + k)]);
                out[(k, j)] = products.fold(T::zero(), |sum, p| sum + p);
            }
        }
        Ok(())
    }
}

impl<T: Scalar, P: Simulator<T>> Jacobian<T> for FiniteDiff<P> {
    fn jacobian(&self, x: MatRef<'_, T>, mut jac: MatMut<'_, T>) -> Result<(), Failure> {
        check_jacobian(self, x, jac.as_ref())?;
        let (n, m, batch) = (x.nrows(), jac.nrows(), x.ncols());
        let (mut low, mut high) = (Mat::zeros(m, batch), Mat::zeros(m, batch));
        let mut moved = x.to_owned();
        for k in 0..n {
            for j in 0..batch {
                moved[(k, j)] = x[(k, j)] + step(x[(k, j)], 1.0 / 3.0);
            }
            self.0.forward(moved.as_ref(), high.as_mut())?;
            for j in 0..batch {
                moved[(k, j)] = x[(k, j)] - step(x[(k, j)], 1.0 / 3.0);
            }
            self.0.forward(moved.as_ref(), low.as_mut())?;
            for j in 0..batch {
                let width = T::lit(2.0) * step(x[(k, j)], 1.0 / 3.0);
                moved[(k, j)] = x[(k, j)];
                for i in 0..m {
                    jac[(i, j * n + k)] = (high[(i, j)] - low[(i, j)]) / width;
                }
            }
        }
        Ok(())
    }
}

impl<T: Scalar, P: Simulator<T>> Curvature<T> for FiniteDiff<P> {
    fn curvature(
        &self,
        x: MatRef<'_, T>,
        w: MatRef<'_, T>,
        mut h: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_curvature(self, x, w, h.as_ref())?;
        let (n, m, batch) = (x.nrows(), w.nrows(), x.ncols());
        let mut y = Mat::zeros(m, batch);
        let mut moved = x.to_owned();
        let signs = [T::one(), -T::one()];
        h.fill(T::zero());
        for k in 0..n {
            for l in 0..=k {
                for one in signs {
                    for two in signs {
                        for j in 0..batch {
                            moved[(k, j)] += one * step(x[(k, j)], 0.25);
                            moved[(l, j)] += two * step(x[(l, j)], 0.25);
                        }
                        self.0.forward(moved.as_ref(), y.as_mut())?;
                        for j in 0..batch {
                            let products = (0..m).map(|i| w[(i, j)] * y[(i, j)]);
                            let value = products.fold(T::zero(), |sum, p| sum + p);
                            h[(k, j * n + l)] += one * two * value;
                            moved[(k, j)] = x[(k, j)];
                            moved[(l, j)] = x[(l, j)];
                        }
                    }
                }
                for j in 0..batch {
                    let area = T::lit(4.0) * step(x[(k, j)], 0.25) * step(x[(l, j)], 0.25);
                    let value = h[(k, j * n + l)] / area;
                    h[(k, j * n + l)] = value;
                    h[(l, j * n + k)] = value;
                }
            }
        }
        Ok(())
    }
}

impl<T: Scalar, P: LocalInverse<T>> LocalInverse<T> for FiniteDiff<P> {
    fn inverse(
        &self,
        x: MatRef<'_, T>,
        y_target: MatRef<'_, T>,
        x_out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        self.0.inverse(x, y_target, x_out)
    }
}
