//! The network's side of a training step, shared by all methods.

use faer::{Mat, MatMut, MatRef};

use super::NetworkStep;
use crate::error::{Result, check};
use crate::network::Network;
use crate::scalar::Scalar;

/// A network, the step that trains it, and the memory both need.
pub(super) struct Learner<T, N: Network<T>, O>
where
    T: Scalar,
{
    pub(super) network: N,
    pub(super) optimizer: O,
    tape: N::Tape,
    input: Mat<T>,
    x: Mat<T>,
    dl_dx: Mat<T>,
    gradient: Vec<T>,
    bad: Vec<usize>,
}

impl<T: Scalar, N: Network<T>, O: NetworkStep<T, N>> Learner<T, N, O> {
    /// Joins network and optimizer, for inputs of length `input_dim` and outputs of `output_dim`.
    pub(super) fn new(
        network: N,
        optimizer: O,
        input_dim: usize,
        output_dim: usize,
    ) -> Result<Self> {
        check::length("the network's input", network.input_dim(), input_dim)?;
        check::length("the network's output", network.output_dim(), output_dim)?;
        Ok(Self {
            network,
            optimizer,
            tape: N::Tape::default(),
            input: Mat::new(),
            x: Mat::new(),
            dl_dx: Mat::new(),
            gradient: Vec::new(),
            bad: Vec::new(),
        })
    }

    /// Evaluates x = f(input; θ) and keeps it. A sample whose input is not finite, or on which the
    /// network overflows, is evaluated at 0 instead and has x = NaN.
    pub(super) fn predict(&mut self, params: &[T], input: MatRef<'_, T>) -> Result<()> {
        let (rows, batch) = (self.network.input_dim(), input.ncols());
        check::length("theta", params.len(), self.network.num_params())?;
        check::shape("the network's input", input, rows, batch)?;
        self.input.resize_with(rows, batch, |_, _| T::zero());
        self.input.copy_from(input);
        // NaN on the tape would reach every weight: 0·NaN is NaN.
        self.bad.clear();
        let input = &mut self.input;
        self.bad
            .extend((0..batch).filter(|&j| !finite(input.as_ref(), j)));
        zero_columns(input, &self.bad);
        self.forward(params)?;
        let known = self.bad.len();
        let x = &self.x;
        self.bad
            .extend((0..batch).filter(|&j| !finite(x.as_ref(), j)));
        if self.bad.len() > known {
            check::require_finite("theta", params)?;
            zero_columns(&mut self.input, &self.bad);
            self.forward(params)?;
        }
        for &j in &self.bad {
            self.x.as_mut().col_mut(j).fill(T::nan());
        }
        Ok(())
    }

    fn forward(&mut self, params: &[T]) -> Result<()> {
        let x = self
            .network
            .forward(params, self.input.as_ref(), &mut self.tape)?;
        self.x.resize_with(x.nrows(), x.ncols(), |_, _| T::zero());
        self.x.copy_from(x);
        Ok(())
    }

    /// The last prediction, output_dim × B.
    pub(super) fn x(&self) -> MatRef<'_, T> {
        self.x.as_ref()
    }

    /// Moves θ along the gradient with respect to x that `write` puts down. `write` returns the proxy
    /// loss, which the optimizer's schedule sees where there is no other `loss`.
    pub(super) fn update(
        &mut self,
        params: &mut [T],
        loss: Option<T>,
        write: impl FnOnce(MatMut<'_, T>) -> T,
    ) -> Result<T> {
        let (rows, batch) = (self.x.nrows(), self.x.ncols());
        self.dl_dx.resize_with(rows, batch, |_, _| T::zero());
        let proxy = write(self.dl_dx.as_mut());
        self.optimizer.step(
            &self.network,
            params,
            &mut self.tape,
            self.dl_dx.as_ref(),
            Some(loss.unwrap_or(proxy)),
            &mut self.gradient,
        )?;
        Ok(proxy)
    }
}

fn finite<T: Scalar>(matrix: MatRef<'_, T>, j: usize) -> bool {
    (0..matrix.nrows()).all(|i| num_traits::Float::is_finite(matrix[(i, j)]))
}

fn zero_columns<T: Scalar>(matrix: &mut Mat<T>, columns: &[usize]) {
    for &j in columns {
        matrix.as_mut().col_mut(j).fill(T::zero());
    }
}
