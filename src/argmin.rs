//! Training methods as argmin `Solver`s: argmin's `Executor` is the loop, with its observers,
//! stop rules and time-outs.
//!
//! The problem is the source of batches: [`Targets`] for [`Sip`] and [`DifferentiablePhysics`],
//! [`Pairs`] for [`Supervised`]. The parameter of the state is θ, the cost is the batch's mean loss
//! before the update. Key-values for observers: `proxy`, `samples` and `failed`.
//!
//! # Example
//! ```
//! use arginv::prelude::*;
//! use rand::RngExt;
//!
//! let network = Mlp::new(&[1, 16, 1], Activation::Tanh)?;
//! let theta = network.init(0);
//! let sip = Sip::new(Exponential, L2, Newton::new(), network, adam(1e-2)?)?;
//! let sampler = |rng: &mut ChaCha8Rng, mut y: MatMut<'_, f64>| {
//!     for j in 0..y.ncols() {
//!         y[(0, j)] = rng.random_range(0.5..2.0);
//!     }
//! };
//! let result = Executor::new(Targets::new(sampler, 10)?, sip)
//!     .configure(|state| state.param(theta).max_iters(100))
//!     .run()
//!     .map_err(|error| error.to_string())?;
//! assert_eq!(result.state().get_iter(), 100);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod batches;

pub use batches::{Pairs, Targets};

use argmin::core::{Error as ArgminError, IterState, KV, Problem, Solver};
use faer::Mat;

use crate::inverse::InverseSolver;
use crate::loss::Loss;
use crate::network::Network;
use crate::scalar::Scalar;
use crate::simulator::{Simulator, Vjp};
use crate::train::{DifferentiablePhysics, NetworkStep, Sip, StepReport, Supervised};

/// argmin's state for training: the parameter is θ.
pub type TrainState<T> = IterState<Vec<T>, (), (), (), (), T>;

type Iteration<T> = Result<(TrainState<T>, Option<KV>), ArgminError>;

impl<T, P, L, S, N, O, F> Solver<Targets<T, F>, TrainState<T>> for Sip<T, P, L, S, N, O>
where
    T: Scalar,
    P: Simulator<T>,
    L: Loss<T>,
    S: InverseSolver<T, P>,
    N: Network<T>,
    O: NetworkStep<T, N>,
    F: Fn(&mut rand::rngs::ChaCha8Rng, faer::MatMut<'_, T>),
{
    fn name(&self) -> &str {
        "SIP"
    }

    fn next_iter(
        &mut self,
        problem: &mut Problem<Targets<T, F>>,
        state: TrainState<T>,
    ) -> Iteration<T> {
        let rows = self.simulator().output_dim();
        iterate(problem, state, |batches, step, theta| {
            let y_star = batches.draw(step, rows);
            self.step(theta, y_star.as_ref())
        })
    }
}

impl<T, P, L, N, O, F> Solver<Targets<T, F>, TrainState<T>> for DifferentiablePhysics<T, P, L, N, O>
where
    T: Scalar,
    P: Vjp<T>,
    L: Loss<T>,
    N: Network<T>,
    O: NetworkStep<T, N>,
    F: Fn(&mut rand::rngs::ChaCha8Rng, faer::MatMut<'_, T>),
{
    fn name(&self) -> &str {
        "Differentiable physics"
    }

    fn next_iter(
        &mut self,
        problem: &mut Problem<Targets<T, F>>,
        state: TrainState<T>,
    ) -> Iteration<T> {
        let rows = self.simulator().output_dim();
        iterate(problem, state, |batches, step, theta| {
            let y_star = batches.draw(step, rows);
            self.step(theta, y_star.as_ref())
        })
    }
}

impl<T, N, O, F> Solver<Pairs<T, F>, TrainState<T>> for Supervised<T, N, O>
where
    T: Scalar,
    N: Network<T>,
    O: NetworkStep<T, N>,
    F: Fn(&mut rand::rngs::ChaCha8Rng, faer::MatMut<'_, T>, faer::MatMut<'_, T>),
{
    fn name(&self) -> &str {
        "Supervised"
    }

    fn next_iter(
        &mut self,
        problem: &mut Problem<Pairs<T, F>>,
        state: TrainState<T>,
    ) -> Iteration<T> {
        let (m, n) = (self.network().input_dim(), self.network().output_dim());
        iterate(problem, state, |batches, step, theta| {
            let (x_star, y_star): (Mat<T>, Mat<T>) = batches.draw(step, n, m);
            self.step(theta, y_star.as_ref(), x_star.as_ref())
        })
    }
}

/// One iteration: takes θ out of the state, steps, and puts it back.
fn iterate<T: Scalar, Q>(
    problem: &mut Problem<Q>,
    mut state: TrainState<T>,
    step: impl FnOnce(&Q, u64, &mut [T]) -> crate::Result<StepReport<T>>,
) -> Iteration<T> {
    let mut theta = state.take_param().ok_or_else(|| {
        ArgminError::msg("no initial parameters: call `.configure(|state| state.param(theta))`")
    })?;
    let iteration = argmin::core::State::get_iter(&state);
    let report = problem.problem("batch_count", |batches| {
        Ok(step(batches, iteration, &mut theta)?)
    })?;
    let cost = if report.used > 0 {
        report.loss
    } else {
        state.get_cost()
    };
    let kv = argmin::kv!(
        "proxy" => report.proxy;
        "samples" => report.samples as u64;
        "failed" => (report.samples - report.used) as u64;
    );
    Ok((state.param(theta).cost(cost), Some(kv)))
}
