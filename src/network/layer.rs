//! One layer of a fully connected network.

use std::ops::Range;

use faer::{MatMut, MatRef};

use super::Activation;

/// One layer's place in θ.
#[derive(Clone, Copy)]
pub(super) struct Layer {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) offset: usize,
    /// Rows of the layer's values on the tape: its outputs and, below all but the last layer's, a 1.
    pub(super) height: usize,
    pub(super) activation: Activation,
}

impl Layer {
    pub(super) fn weights<'a, T>(&self, params: &'a [T]) -> MatRef<'a, T> {
        let end = self.offset + self.inputs * self.outputs;
        MatRef::from_column_major_slice(&params[self.offset..end], self.outputs, self.inputs)
    }

    pub(super) fn biases<'a, T>(&self, params: &'a [T]) -> &'a [T] {
        let start = self.offset + self.inputs * self.outputs;
        &params[start..start + self.outputs]
    }

    /// [W b]: both parts as the one matrix that they are in memory.
    pub(super) fn matrix<'a, T>(&self, params: &'a [T]) -> MatRef<'a, T> {
        MatRef::from_column_major_slice(&params[self.range()], self.outputs, self.inputs + 1)
    }

    /// [W b] of a θ-like slice, to write.
    pub(super) fn matrix_mut<'a, T>(&self, params: &'a mut [T]) -> MatMut<'a, T> {
        let block = &mut params[self.range()];
        MatMut::from_column_major_slice_mut(block, self.outputs, self.inputs + 1)
    }

    /// The layer's place in θ.
    pub(super) fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.outputs * (self.inputs + 1)
    }

    /// Both parts of a θ-like slice, to write.
    pub(super) fn parts_mut<'a, T>(&self, params: &'a mut [T]) -> (&'a mut [T], &'a mut [T]) {
        let len = self.inputs * self.outputs;
        let (weights, rest) = params[self.offset..].split_at_mut(len);
        (weights, &mut rest[..self.outputs])
    }
}
