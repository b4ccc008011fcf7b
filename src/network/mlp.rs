//! The fully connected network.

use faer::{MatMut, MatRef};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::layer::Layer;
use super::product::forward;
use super::tape::{MlpTape, columns};
use super::{Activation, Init, Network};
use crate::error::{Error, Result, check};
use crate::scalar::Scalar;

/// A fully connected network (multi-layer perceptron).
///
/// # Maths
/// h₀ = input, hₗ = σ(Wₗhₗ₋₁ + bₗ), output = W_L·h_{L−1} + b_L, without σ unless
/// [set](Mlp::with_output_activation).
///
/// # Contract
/// On x86-64 with AVX2 a column of the output is bit for bit the same in every batch, where no layer
/// has more than 512 inputs; elsewhere it is so up to rounding.
///
/// # Shapes
/// θ holds, layer by layer, Wₗ (out × in, column-major) and then bₗ (out).
///
/// # Failure modes
/// NaN in a column of the input is no error: it goes through to that column of the output.
///
/// # Example
/// ```
/// use arginv::network::{Activation, Mlp, Network};
/// use faer::mat;
///
/// let network = Mlp::new(&[2, 8, 1], Activation::Tanh)?;
/// let theta: Vec<f64> = network.init(0);
/// assert_eq!(theta.len(), (2 * 8 + 8) + (8 + 1));
/// let mut tape = Default::default();
/// let output = network.forward(&theta, mat![[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]].as_ref(), &mut tape)?;
/// assert_eq!((output.nrows(), output.ncols()), (1, 3));
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp {
    sizes: Vec<usize>,
    hidden: Activation,
    output: Activation,
    init: Init,
}

/// The most numbers of 8 bytes that an allocation can hold.
const MAX_PARAMS: usize = isize::MAX as usize / 8;

fn checked(activation: Activation) -> Result<Activation> {
    if let Activation::Sine { omega } = activation {
        check::positive("omega", omega)?;
    }
    Ok(activation)
}

impl Mlp {
    /// A network with layers of these sizes, input and output included.
    ///
    /// # Errors
    /// Fewer than two sizes, a size of zero, sizes whose θ no memory could hold, or an ω of
    /// [`Activation::Sine`] that is not positive and finite.
    pub fn new(sizes: &[usize], activation: Activation) -> Result<Self> {
        if sizes.len() < 2 {
            return Err(Error::Length {
                what: "sizes (input, hidden layers, output)",
                expected: 2,
                got: sizes.len(),
            });
        }
        for &size in sizes {
            check::dimension("a layer's size", size)?;
        }
        let fits = |total: usize, pair: &[usize]| {
            let layer = pair[0].checked_add(1)?.checked_mul(pair[1])?;
            total.checked_add(layer).filter(|&n| n < MAX_PARAMS)
        };
        if sizes.windows(2).try_fold(0, fits).is_none() {
            return Err(Error::InvalidParameter {
                name: "sizes",
                value: format!("{sizes:?}"),
                requirement: "small enough for theta to fit into memory",
            });
        }
        Ok(Self {
            sizes: sizes.to_vec(),
            hidden: checked(activation)?,
            output: Activation::Identity,
            init: Init::default(),
        })
    }

    /// Sets how θ is drawn.
    ///
    /// # Errors
    /// An ω of [`Init::Siren`] that is not positive and finite.
    pub fn with_init(mut self, init: Init) -> Result<Self> {
        if let Init::Siren { omega } = init {
            check::positive("omega", omega)?;
        }
        self.init = init;
        Ok(self)
    }

    /// Sets σ of the last layer, identity unless set.
    ///
    /// # Errors
    /// An ω of [`Activation::Sine`] that is not positive and finite.
    pub fn with_output_activation(mut self, activation: Activation) -> Result<Self> {
        self.output = checked(activation)?;
        Ok(self)
    }

    /// Sizes of the layers, input and output included.
    #[must_use]
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Weights (out × in) and biases of layer `index` in θ; `None` where there is no such layer or θ
    /// is too short.
    #[must_use]
    pub fn layer_params<'a, T>(
        &self,
        params: &'a [T],
        index: usize,
    ) -> Option<(MatRef<'a, T>, &'a [T])> {
        let layer = self.layers().nth(index)?;
        let end = layer.offset + (layer.inputs + 1) * layer.outputs;
        (end <= params.len()).then(|| (layer.weights(params), layer.biases(params)))
    }

    pub(super) fn layers(&self) -> impl Iterator<Item = Layer> + '_ {
        let last = self.sizes.len() - 2;
        let mut offset = 0;
        self.sizes.windows(2).enumerate().map(move |(k, pair)| {
            let layer = Layer {
                inputs: pair[0],
                outputs: pair[1],
                offset,
                height: pair[1] + usize::from(k < last),
                activation: if k == last { self.output } else { self.hidden },
            };
            offset += (layer.inputs + 1) * layer.outputs;
            layer
        })
    }

    pub(super) fn len(&self) -> usize {
        self.sizes.windows(2).map(|p| (p[0] + 1) * p[1]).sum()
    }
}

impl<T: Scalar> Network<T> for Mlp {
    type Tape = MlpTape<T>;

    fn input_dim(&self) -> usize {
        self.sizes[0]
    }

    fn output_dim(&self) -> usize {
        self.sizes[self.sizes.len() - 1]
    }

    fn num_params(&self) -> usize {
        self.len()
    }

    fn init(&self, seed: u64) -> Vec<T> {
        let mut params = vec![T::lit(0.0); self.len()];
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        for (k, layer) in self.layers().enumerate() {
            let (weights, biases) = layer.parts_mut(&mut params);
            self.init.draw(k, layer.inputs, rng, weights, biases);
        }
        params
    }

    fn forward<'t>(
        &self,
        params: &[T],
        input: MatRef<'_, T>,
        tape: &'t mut MlpTape<T>,
    ) -> Result<MatRef<'t, T>> {
        let batch = input.ncols();
        check::length("theta", params.len(), self.len())?;
        check::shape("the network's input", input, self.sizes[0], batch)?;
        tape.prepare(self, batch);
        let columns = columns(batch);
        load(&mut tape.values[0], self.sizes[0] + 1, input);
        for (k, layer) in self.layers().enumerate() {
            let (before, after) = tape.values.split_at_mut(k + 1);
            let (h, values) = (&before[k], &mut after[0]);
            forward(
                MatMut::from_column_major_slice_mut(values, layer.height, columns)
                    .subrows_mut(0, layer.outputs),
                layer.matrix(params),
                MatRef::from_column_major_slice(h, layer.inputs + 1, columns),
            );
            let slopes = &mut tape.slopes[k];
            layer.activation.apply(values, slopes);
            if layer.height > layer.outputs {
                fill_last_row(values, layer.height, T::one());
                fill_last_row(slopes, layer.height, T::zero());
            }
        }
        let outputs = self.sizes[self.sizes.len() - 1];
        let output = &tape.values[self.sizes.len() - 1][..outputs * batch];
        Ok(MatRef::from_column_major_slice(output, outputs, batch))
    }

    fn backward(
        &self,
        params: &[T],
        tape: &mut MlpTape<T>,
        dl_dout: MatRef<'_, T>,
        grad: &mut [T],
    ) -> Result<()> {
        self.check_backward(params, tape, dl_dout, grad)?;
        self.write_gradient(params, tape, dl_dout, grad, false);
        Ok(())
    }
}

/// Writes a matrix into columns of this height, and 1 into what is left of each.
pub(super) fn load<T: Scalar>(columns: &mut [T], height: usize, matrix: MatRef<'_, T>) {
    for (column, source) in columns.chunks_exact_mut(height).zip(matrix.col_iter()) {
        let (head, rest) = column.split_at_mut(matrix.nrows());
        for (value, &source) in head.iter_mut().zip(source.iter()) {
            *value = source;
        }
        rest.fill(T::one());
    }
}

fn fill_last_row<T: Scalar>(columns: &mut [T], height: usize, value: T) {
    for last in columns.iter_mut().skip(height - 1).step_by(height) {
        *last = value;
    }
}
