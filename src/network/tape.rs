//! What a forward pass leaves for the backward pass.

use super::Mlp;
use super::layer::Layer;
use crate::error::{Error, Result};
use crate::scalar::Scalar;

/// Columns that a forward pass computes. faer multiplies a single column by another routine, which
/// rounds otherwise; with a second beside it, the output does not depend on the batch.
pub(super) fn columns(batch: usize) -> usize {
    if batch == 1 { 2 } else { batch }
}

/// What [`Mlp`] remembers of a forward pass.
#[derive(Clone, Debug, Default)]
pub struct MlpTape<T> {
    /// The network of the last forward pass.
    network: Option<Mlp>,
    pub(super) batch: usize,
    /// Input of the network, then σ(z) of each layer, in [`columns`] columns.
    pub(super) values: Vec<Vec<T>>,
    /// z of each layer whose σ′ does not follow from σ(z).
    pub(super) pre: Vec<Vec<T>>,
    pub(super) delta: Vec<T>,
    pub(super) delta_before: Vec<T>,
}

impl<T: Scalar> MlpTape<T> {
    /// What σ′ of layer k is computed from.
    pub(super) fn for_derivative(&self, layer: &Layer, k: usize) -> &[T] {
        if layer.activation.has_derivative_from_value() {
            &self.values[k + 1]
        } else {
            &self.pre[k]
        }
    }

    pub(super) fn prepare(&mut self, network: &Mlp, batch: usize) {
        if self.network.as_ref() != Some(network) {
            self.network = Some(network.clone());
        }
        self.batch = batch;
        let sizes = network.sizes();
        self.values.resize_with(sizes.len(), Vec::new);
        self.pre.resize_with(sizes.len() - 1, Vec::new);
        for (values, &size) in self.values.iter_mut().zip(sizes) {
            values.resize(size * columns(batch), T::lit(0.0));
        }
    }

    /// Refuses the tape of another network, or of none.
    pub(super) fn check(&self, network: &Mlp) -> Result<()> {
        let value = match &self.network {
            Some(own) if own == network => return Ok(()),
            Some(_) => "another network's",
            None => "empty",
        };
        Err(Error::InvalidParameter {
            name: "tape",
            value: value.to_owned(),
            requirement: "that of a forward pass of this network",
        })
    }
}
