//! Batched calls of the simulator in which one sample's error stays that sample's.

use std::sync::Arc;

use faer::{MatMut, MatRef};

use crate::error::Failure;
use crate::scalar::Scalar;

/// Runs `call` on all columns of `range`; where it errs, again on each column alone, and tells
/// `failed` which ones erred and why.
pub(crate) fn isolate(
    columns: usize,
    mut call: impl FnMut(std::ops::Range<usize>) -> Result<(), Failure>,
    mut failed: impl FnMut(usize, Arc<str>),
) {
    if columns == 0 {
        return;
    }
    let Err(whole) = call(0..columns) else {
        return;
    };
    if columns == 1 {
        failed(0, whole.to_string().into());
        return;
    }
    for j in 0..columns {
        if let Err(failure) = call(j..j + 1) {
            failed(j, failure.to_string().into());
        }
    }
}

/// Column j of a column-major buffer.
#[inline]
pub(crate) fn column<T>(buffer: &[T], rows: usize, j: usize) -> &[T] {
    &buffer[j * rows..(j + 1) * rows]
}

/// Column j of a column-major buffer, to write.
#[inline]
pub(crate) fn column_mut<T>(buffer: &mut [T], rows: usize, j: usize) -> &mut [T] {
    &mut buffer[j * rows..(j + 1) * rows]
}

/// A range of columns of a column-major buffer as a matrix.
pub(crate) fn block<T>(
    buffer: &[T],
    rows: usize,
    columns: std::ops::Range<usize>,
) -> MatRef<'_, T> {
    let count = columns.len();
    let part = &buffer[columns.start * rows..columns.end * rows];
    MatRef::from_column_major_slice(part, rows, count)
}

/// As [`block`], to write.
pub(crate) fn block_mut<T>(
    buffer: &mut [T],
    rows: usize,
    columns: std::ops::Range<usize>,
) -> MatMut<'_, T> {
    let count = columns.len();
    let part = &mut buffer[columns.start * rows..columns.end * rows];
    MatMut::from_column_major_slice_mut(part, rows, count)
}

/// Copies a matrix of any strides into a column-major buffer.
pub(crate) fn copy_from<T: Scalar>(buffer: &mut Vec<T>, source: MatRef<'_, T>) {
    buffer.clear();
    for j in 0..source.ncols() {
        match source.col(j).try_as_col_major() {
            Some(column) => buffer.extend_from_slice(column.as_slice()),
            None => buffer.extend((0..source.nrows()).map(|i| source[(i, j)])),
        }
    }
}

/// Copies the listed columns of one column-major buffer into another.
pub(crate) fn gather<T: Scalar>(from: &[T], rows: usize, columns: &[usize], into: &mut Vec<T>) {
    into.clear();
    for &j in columns {
        into.extend_from_slice(column(from, rows, j));
    }
}
