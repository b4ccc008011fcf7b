//! One sample's method over the columns of a batch.

use faer::{MatMut, MatRef};

use super::Loss;
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// `y` and `target` of one shape, with a number of rows that the loss accepts.
pub(super) fn check<T: Scalar, L: Loss<T> + ?Sized>(
    loss: &L,
    y: MatRef<'_, T>,
    target: MatRef<'_, T>,
) -> Result<()> {
    loss.check_dim(y.nrows())?;
    check::shape("target", target, y.nrows(), y.ncols())
}

/// The columns of a matrix as slices; one that is not contiguous is copied.
pub(super) struct Columns<'a, T> {
    matrix: MatRef<'a, T>,
    copy: Vec<T>,
}

impl<'a, T: Scalar> Columns<'a, T> {
    pub(super) fn new(matrix: MatRef<'a, T>) -> Self {
        Self {
            matrix,
            copy: Vec::new(),
        }
    }

    pub(super) fn get(&mut self, j: usize) -> &[T] {
        let column = self.matrix.col(j);
        match column.try_as_col_major() {
            Some(contiguous) => contiguous.as_slice(),
            None => {
                self.copy.clear();
                self.copy.extend(column.iter());
                &self.copy
            }
        }
    }
}

/// Calls `f(yⱼ, y*ⱼ, outⱼ)` for every column j.
pub(super) fn map<T: Scalar>(
    y: MatRef<'_, T>,
    target: MatRef<'_, T>,
    mut out: MatMut<'_, T>,
    f: impl Fn(&[T], &[T], &mut [T]),
) -> Result<()> {
    check::shape("out", out.as_ref(), y.nrows(), y.ncols())?;
    let mut copy = Vec::new();
    let (mut y, mut target) = (Columns::new(y), Columns::new(target));
    for j in 0..out.ncols() {
        let (y, target) = (y.get(j), target.get(j));
        let mut column = out.as_mut().col_mut(j);
        match column.as_mut().try_as_col_major_mut() {
            Some(contiguous) => f(y, target, contiguous.as_slice_mut()),
            None => {
                copy.resize(y.len(), T::zero());
                f(y, target, &mut copy);
                for (o, &c) in column.iter_mut().zip(&copy) {
                    *o = c;
                }
            }
        }
    }
    Ok(())
}
