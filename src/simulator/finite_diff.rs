//! Derivatives of any simulator by central differences.

use faer::{Mat, MatMut, MatRef};
use num_traits::Float;

use super::{
    Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp, check_curvature, check_jacobian,
    check_jvp, check_vjp,
};
use crate::error::{Failure, Result, check};
use crate::scalar::Scalar;

/// A simulator with approximate derivatives, from its forward map alone.
///
/// # Maths
/// First derivatives by (P(x + h) − P(x − h))/2h with hᵢ = ε^⅓·max(|xᵢ|, s): relative errors of about
/// ε^⅔ (4e-11 in f64, 2e-5 in f32) for maps that vary on the scale s, which is 1 unless
/// [set](FiniteDiff::with_scale). Along v the step is the longest in which no xᵢ moves by more than
/// its hᵢ. Second derivatives of wᵀP by the four-point formula with hᵢ = ε^¼·max(|xᵢ|, s): about
/// ε^½ (1e-8, 3e-4). A Jacobian or Jᵀw takes 2n evaluations, J·v two, a curvature 2n(n + 1).
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FiniteDiff<P> {
    simulator: P,
    scale: f64,
}

impl<P> FiniteDiff<P> {
    /// Wraps a simulator that varies on a scale of 1 in x.
    pub fn new(simulator: P) -> Self {
        Self {
            simulator,
            scale: 1.0,
        }
    }

    /// Sets s, the change of x over which P varies noticeably.
    ///
    /// # Errors
    /// A scale that is not positive and finite.
    pub fn with_scale(mut self, scale: f64) -> Result<Self> {
        self.scale = check::positive("scale", scale)?;
        Ok(self)
    }

    /// The simulator.
    pub fn get_ref(&self) -> &P {
        &self.simulator
    }

    /// The steps of a formula, relative to the size of x: ε^`root`.
    fn steps<T: Scalar>(&self, root: f64) -> Steps<T> {
        Steps {
            relative: Float::powf(T::eps(), T::lit(root)),
            scale: T::lit(self.scale),
        }
    }
}

/// Chooses the steps of one formula.
struct Steps<T> {
    relative: T,
    scale: T,
}

impl<T: Scalar> Steps<T> {
    /// h for one component, such that x + h is exact.
    fn at(&self, x: T) -> T {
        let h = self.relative * Float::max(Float::abs(x), self.scale);
        (x + h) - x
    }

    /// t such that no component of t·v exceeds its h; 1 where v = 0.
    fn along(&self, x: MatRef<'_, T>, v: MatRef<'_, T>, j: usize) -> T {
        let longest = (0..x.nrows())
            .map(|i| self.at(x[(i, j)]) / Float::abs(v[(i, j)]))
            .fold(T::infinity(), Float::min);
        if longest < T::infinity() {
            longest
        } else {
            T::one()
        }
    }
}

impl<T: Scalar, P: Simulator<T>> Simulator<T> for FiniteDiff<P> {
    fn input_dim(&self) -> usize {
        self.simulator.input_dim()
    }

    fn output_dim(&self) -> usize {
        self.simulator.output_dim()
    }

    fn forward(&self, x: MatRef<'_, T>, y: MatMut<'_, T>) -> Result<(), Failure> {
        self.simulator.forward(x, y)
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
        let formula = self.steps(1.0 / 3.0);
        let steps: Vec<T> = (0..x.ncols()).map(|j| formula.along(x, v, j)).collect();
        let moved = |sign: T| {
            Mat::from_fn(x.nrows(), x.ncols(), |i, j| {
                x[(i, j)] + sign * steps[j] * v[(i, j)]
            })
        };
        self.simulator
            .forward(moved(T::one()).as_ref(), high.as_mut())?;
        self.simulator
            .forward(moved(-T::one()).as_ref(), out.as_mut())?;
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
        let steps = self.steps(1.0 / 3.0);
        let (mut low, mut high) = (Mat::zeros(m, batch), Mat::zeros(m, batch));
        let mut moved = x.to_owned();
        for k in 0..n {
            for j in 0..batch {
                moved[(k, j)] = x[(k, j)] + steps.at(x[(k, j)]);
            }
            self.simulator.forward(moved.as_ref(), high.as_mut())?;
            for j in 0..batch {
                moved[(k, j)] = x[(k, j)] - steps.at(x[(k, j)]);
            }
            self.simulator.forward(moved.as_ref(), low.as_mut())?;
            for j in 0..batch {
                let width = T::lit(2.0) * steps.at(x[(k, j)]);
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
        let steps = self.steps(0.25);
        h.fill(T::zero());
        for k in 0..n {
            for l in 0..=k {
                for one in signs {
                    for two in signs {
                        for j in 0..batch {
                            moved[(k, j)] += one * steps.at(x[(k, j)]);
                            moved[(l, j)] += two * steps.at(x[(l, j)]);
                        }
                        self.simulator.forward(moved.as_ref(), y.as_mut())?;
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
                    let area = T::lit(4.0) * steps.at(x[(k, j)]) * steps.at(x[(l, j)]);
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
        self.simulator.inverse(x, y_target, x_out)
    }
}
