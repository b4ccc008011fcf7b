//! One layer of a fully connected network.

use faer::MatRef;

use super::Activation;

/// One layer's place in θ.
#[derive(Clone, Copy)]
pub(super) struct Layer {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) offset: usize,
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

    /// Both parts of a θ-like slice, to write.
    pub(super) fn parts_mut<'a, T>(&self, params: &'a mut [T]) -> (&'a mut [T], &'a mut [T]) {
        let len = self.inputs * self.outputs;
        let (weights, rest) = params[self.offset..].split_at_mut(len);
        (weights, &mut rest[..self.outputs])
    }
}
