//! The fully connected network.

use faer::{MatMut, MatRef};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::layer::Layer;
use super::product::{product, sum_columns};
use super::tape::{MlpTape, columns};
use super::{Activation, Init, Network, ParamJacobian};
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

    fn layers(&self) -> impl Iterator<Item = Layer> + '_ {
        let last = self.sizes.len() - 2;
        let mut offset = 0;
        self.sizes.windows(2).enumerate().map(move |(k, pair)| {
            let layer = Layer {
                inputs: pair[0],
                outputs: pair[1],
                offset,
                activation: if k == last { self.output } else { self.hidden },
            };
            offset += (layer.inputs + 1) * layer.outputs;
            layer
        })
    }

    fn len(&self) -> usize {
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
        MatMut::from_column_major_slice_mut(&mut tape.values[0], self.sizes[0], columns)
            .subcols_mut(0, batch)
            .copy_from(input);
        for (k, layer) in self.layers().enumerate() {
            let (before, after) = tape.values.split_at_mut(k + 1);
            let (h, z) = (&before[k], &mut after[0]);
            product(
                MatMut::from_column_major_slice_mut(z, layer.outputs, columns),
                layer.weights(params),
                MatRef::from_column_major_slice(h, layer.inputs, columns),
            );
            let biases = layer.biases(params);
            layer.activation.apply(biases, z, &mut tape.pre[k]);
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
        tape.check(self)?;
        self.propagate(params, tape, dl_dout, grad, false)
    }
}

impl Mlp {
    /// As [`Network::backward`], and writes the gradient with respect to the input (input_dim × B)
    /// too.
    ///
    /// # Errors
    /// A wrong length or shape, or one that is not the tape's.
    pub fn backward_with_input<T: Scalar>(
        &self,
        params: &[T],
        tape: &mut MlpTape<T>,
        dl_dout: MatRef<'_, T>,
        grad: &mut [T],
        mut dl_dinput: MatMut<'_, T>,
    ) -> Result<()> {
        tape.check(self)?;
        let shape = (self.sizes[0], tape.batch);
        check::shape("dl_dinput", dl_dinput.as_ref(), shape.0, shape.1)?;
        self.propagate(params, tape, dl_dout, grad, true)?;
        let delta = MatRef::from_column_major_slice(&tape.delta, self.sizes[0], tape.batch);
        dl_dinput.copy_from(delta);
        Ok(())
    }

    /// The backward pass; leaves the gradient with respect to the input in the tape's δ if asked.
    fn propagate<T: Scalar>(
        &self,
        params: &[T],
        tape: &mut MlpTape<T>,
        dl_dout: MatRef<'_, T>,
        grad: &mut [T],
        to_input: bool,
    ) -> Result<()> {
        check::length("theta", params.len(), self.len())?;
        check::length("grad", grad.len(), self.len())?;
        let batch = tape.batch;
        check::shape("dl_dout", dl_dout, self.sizes[self.sizes.len() - 1], batch)?;
        let mut delta = std::mem::take(&mut tape.delta);
        let mut before = std::mem::take(&mut tape.delta_before);
        delta.resize(dl_dout.nrows() * batch, T::lit(0.0));
        MatMut::from_column_major_slice_mut(&mut delta, dl_dout.nrows(), batch).copy_from(dl_dout);
        for k in (0..self.sizes.len() - 1).rev() {
            let Some(layer) = self.layers().nth(k) else {
                break;
            };
            let z_or_value = tape.for_derivative(&layer, k);
            layer.activation.chain(z_or_value, &mut delta);
            let d = MatRef::from_column_major_slice(&delta, layer.outputs, batch);
            let h = &tape.values[k][..layer.inputs * batch];
            let h = MatRef::from_column_major_slice(h, layer.inputs, batch);
            let (weights, biases) = layer.parts_mut(grad);
            product(
                MatMut::from_column_major_slice_mut(weights, layer.outputs, layer.inputs),
                d,
                h.transpose(),
            );
            if k > 0 || to_input {
                before.resize(layer.inputs * batch, T::lit(0.0));
                product(
                    MatMut::from_column_major_slice_mut(&mut before, layer.inputs, batch),
                    layer.weights(params).transpose(),
                    d,
                );
            }
            sum_columns(&delta, biases);
            if k > 0 || to_input {
                std::mem::swap(&mut delta, &mut before);
            }
        }
        tape.delta = delta;
        tape.delta_before = before;
        Ok(())
    }
}

impl<T: Scalar> ParamJacobian<T> for Mlp {
    fn param_jacobian(
        &self,
        params: &[T],
        tape: &mut MlpTape<T>,
        mut jac: MatMut<'_, T>,
    ) -> Result<()> {
        tape.check(self)?;
        let outputs = self.sizes[self.sizes.len() - 1];
        check::length("theta", params.len(), self.len())?;
        let columns = outputs * tape.batch;
        check::shape("jac", jac.as_ref(), self.len(), columns)?;
        let units = faer::Mat::<T>::identity(outputs, outputs);
        let mut one = MlpTape::default();
        let mut grad = vec![T::lit(0.0); self.len()];
        for j in 0..tape.batch {
            let size = self.sizes[0];
            let input = &tape.values[0][j * size..(j + 1) * size];
            self.forward(
                params,
                MatRef::from_column_major_slice(input, size, 1),
                &mut one,
            )?;
            for i in 0..outputs {
                self.backward(params, &mut one, units.as_ref().subcols(i, 1), &mut grad)?;
                for (p, &g) in grad.iter().enumerate() {
                    jac[(p, j * outputs + i)] = g;
                }
            }
        }
        Ok(())
    }
}
