//! A simulator with an inverse of one's own.

use std::marker::PhantomData;

use faer::{MatMut, MatRef};

use super::forward::forward_derivatives;
use super::{Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp, check_inverse};
use crate::error::Failure;
use crate::scalar::Scalar;

/// Any simulator, with an inverse given as a closure on one sample: (x, y\*) ↦ P⁻¹(y\*; x).
///
/// # Contract
/// The closure gets x and y\* and writes the solution nearest to x, or NaN where there is none, to
/// its third argument, whose n numbers are NaN before. Every other capability is the simulator's.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::simulator::{DualNum, WithInverse};
/// use faer::mat;
///
/// struct Cube;
/// impl Map<f64> for Cube {
///     fn input_dim(&self) -> usize { 1 }
///     fn output_dim(&self) -> usize { 1 }
///     fn eval<D: DualNum<Primitive = f64> + Copy>(&self, x: &[D], y: &mut [D]) {
///         y[0] = x[0].powi(3);
///     }
/// }
/// let root = |_: &[f64], y: &[f64], x: &mut [f64]| x[0] = y[0].cbrt();
/// let p = WithInverse::new(Auto::new(Cube), root);
/// let mut x = faer::Mat::zeros(1, 1);
/// p.inverse(mat![[1.0]].as_ref(), mat![[8.0]].as_ref(), x.as_mut())?;
/// assert_eq!(x[(0, 0)], 2.0);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WithInverse<T, P, F> {
    simulator: P,
    inverse: F,
    scalar: PhantomData<fn(T) -> T>,
}

impl<T: Scalar, P: Simulator<T>, F: Fn(&[T], &[T], &mut [T])> WithInverse<T, P, F> {
    /// Adds `inverse` to `simulator`, or replaces its own.
    pub fn new(simulator: P, inverse: F) -> Self {
        Self {
            simulator,
            inverse,
            scalar: PhantomData,
        }
    }

    /// The simulator.
    pub fn get_ref(&self) -> &P {
        &self.simulator
    }
}

forward_derivatives!(WithInverse<T, P, F>, [], [F], this => this.simulator);

impl<T: Scalar, P: Simulator<T>, F: Fn(&[T], &[T], &mut [T])> LocalInverse<T>
    for WithInverse<T, P, F>
{
    fn inverse(
        &self,
        x: MatRef<'_, T>,
        y_target: MatRef<'_, T>,
        mut x_out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_inverse(self, x, y_target, x_out.as_ref())?;
        let mut start = vec![T::zero(); x.nrows()];
        let mut target = vec![T::zero(); y_target.nrows()];
        let mut found = start.clone();
        for j in 0..x.ncols() {
            copy_column(x, j, &mut start);
            copy_column(y_target, j, &mut target);
            found.fill(T::nan());
            (self.inverse)(&start, &target, &mut found);
            for (i, &f) in found.iter().enumerate() {
                x_out[(i, j)] = f;
            }
        }
        Ok(())
    }
}

fn copy_column<T: Scalar>(from: MatRef<'_, T>, j: usize, to: &mut [T]) {
    for (i, to) in to.iter_mut().enumerate() {
        *to = from[(i, j)];
    }
}
