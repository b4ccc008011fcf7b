//! A simulator from a closure.

use std::marker::PhantomData;

use faer::{MatMut, MatRef};

use super::{Simulator, check_forward};
use crate::error::Failure;
use crate::scalar::Scalar;

/// The simulator of [`from_fn`].
#[derive(Clone, Copy, Debug)]
pub struct FromFn<T, F> {
    input_dim: usize,
    output_dim: usize,
    map: F,
    scalar: PhantomData<fn(T) -> T>,
}

/// A simulator from a closure that maps one sample: n numbers in, m numbers out, which are 0 before;
/// NaN marks a sample without a value.
///
/// It runs forward only; [`FiniteDiff`](super::FiniteDiff) adds approximate derivatives, and a
/// [`Map`](super::Map) instead of a closure exact ones.
///
/// # Example
/// ```
/// use arginv::prelude::*;
///
/// let norm = from_fn(2, 1, |x: &[f64], y: &mut [f64]| y[0] = x[0].hypot(x[1]));
/// assert_eq!((norm.input_dim(), norm.output_dim()), (2, 1));
/// ```
pub fn from_fn<T: Scalar, F: Fn(&[T], &mut [T])>(
    input_dim: usize,
    output_dim: usize,
    map: F,
) -> FromFn<T, F> {
    FromFn {
        input_dim,
        output_dim,
        map,
        scalar: PhantomData,
    }
}

impl<T: Scalar, F: Fn(&[T], &mut [T])> Simulator<T> for FromFn<T, F> {
    fn input_dim(&self) -> usize {
        self.input_dim
    }

    fn output_dim(&self) -> usize {
        self.output_dim
    }

    fn forward(&self, x: MatRef<'_, T>, mut y: MatMut<'_, T>) -> Result<(), Failure> {
        check_forward(self, x, y.as_ref())?;
        y.fill(T::zero());
        for j in 0..x.ncols() {
            let contiguous = y.as_mut().col_mut(j).try_as_col_major_mut();
            match (x.col(j).try_as_col_major(), contiguous) {
                (Some(x), Some(y)) => (self.map)(x.as_slice(), y.as_slice_mut()),
                _ => {
                    let sample: Vec<T> = x.col(j).iter().copied().collect();
                    let mut value = vec![T::zero(); self.output_dim];
                    (self.map)(&sample, &mut value);
                    for (i, &v) in value.iter().enumerate() {
                        y[(i, j)] = v;
                    }
                }
            }
        }
        Ok(())
    }
}
