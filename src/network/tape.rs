//! What a forward pass leaves for the backward pass.

use super::Mlp;
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
    /// h̃ = [h; 1] of the network's input and of each hidden layer, then the output, in [`columns`]
    /// columns.
    pub(super) values: Vec<Vec<T>>,
    /// σ′ of each layer where it does not follow from σ, laid out as the values after the layer.
    pub(super) slopes: Vec<Vec<T>>,
    /// ∂L/∂z of the layer at work and of the one before, laid out as the values after the layer.
    pub(super) delta: Vec<T>,
    pub(super) delta_before: Vec<T>,
    pub(super) scratch: Vec<T>,
}

impl<T: Scalar> MlpTape<T> {
    pub(super) fn prepare(&mut self, network: &Mlp, batch: usize) {
        if self.network.as_ref() != Some(network) {
            self.network = Some(network.clone());
        }
        self.batch = batch;
        let columns = columns(batch);
        self.values.resize_with(network.sizes().len(), Vec::new);
        self.slopes.resize_with(network.sizes().len() - 1, Vec::new);
        self.values[0].resize((network.sizes()[0] + 1) * columns, T::lit(0.0));
        for (k, layer) in network.layers().enumerate() {
            let len = layer.height * columns;
            self.values[k + 1].resize(len, T::lit(0.0));
            if !layer.activation.has_derivative_from_value() {
                self.slopes[k].resize(len, T::lit(0.0));
            }
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
