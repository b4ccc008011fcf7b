//! A map whose gradient spans orders of magnitude: y = eˣ, x from −10 to 10.
//!
//! The gradient of ½(eˣ − y*)² scales as e²ˣ: training through the simulator sees the largest
//! targets and nothing else. SIP weighs all alike. Runs in argmin's `Executor` with an observer that
//! draws a progress bar.

use arginv::prelude::*;
use argmin::core::observers::Observe;
use argmin::core::{Error as ArgminError, KV};
use indicatif::{ProgressBar, ProgressStyle};
use rand::RngExt;

const STEPS: u64 = 3000;
const BATCH: usize = 100;
const LIMIT: f64 = 10.0;

/// Shows how far a run is and the batch's loss.
struct Progress(ProgressBar);

impl Observe<TrainState<f64>> for Progress {
    fn observe_iter(&mut self, state: &TrainState<f64>, _: &KV) -> Result<(), ArgminError> {
        self.0.set_position(state.get_iter());
        self.0.set_message(format!("loss {:.2e}", state.get_cost()));
        Ok(())
    }

    fn observe_final(&mut self, _: &TrainState<f64>) -> Result<(), ArgminError> {
        self.0.finish_and_clear();
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The network sees log y: an input on the scale of 1 is any network's business.
    let network = LogInput(Mlp::new(&[1, 32, 32, 1], Activation::Tanh)?);
    let theta: Vec<f64> = network.init(0);
    let sampler = |rng: &mut ChaCha8Rng, mut y: MatMut<'_, f64>| {
        for j in 0..y.ncols() {
            y[(0, j)] = rng.random_range(-LIMIT..LIMIT).exp();
        }
    };
    let bar = |name: &'static str| -> Result<Progress, Box<dyn std::error::Error>> {
        let style = ProgressStyle::with_template("{prefix:>22} {bar:30} {percent:>3} % {msg}")?;
        let bar = ProgressBar::new(STEPS).with_style(style);
        Ok(Progress(bar.with_prefix(name)))
    };

    // Newton from far below overflows; the analytic inverse takes those samples.
    let solver = Fallback::new(Newton::new(), Analytic::new());
    let sip = Sip::new(Exponential, L2, solver, network.clone(), adam(3e-3)?)?;
    let by_sip = Executor::new(Targets::new(sampler, BATCH)?, sip)
        .configure(|state| state.param(theta.clone()).max_iters(STEPS))
        .add_observer(bar("SIP")?, ObserverMode::Every(100))
        .run()
        .map_err(|error| error.to_string())?;
    let physics = DifferentiablePhysics::new(Exponential, L2, network.clone(), adam(3e-3)?)?;
    let by_gradient = Executor::new(Targets::new(sampler, BATCH)?, physics)
        .configure(|state| state.param(theta).max_iters(STEPS))
        .add_observer(bar("differentiable physics")?, ObserverMode::Every(100))
        .run()
        .map_err(|error| error.to_string())?;

    println!("   x*     by SIP   by gradients");
    let x_star = Mat::from_fn(1, 9, |_, j| -LIMIT + 2.5 * j as f64);
    let y = Mat::from_fn(1, 9, |_, j| x_star[(0, j)].exp());
    let predict = |theta: Option<Vec<f64>>| -> arginv::Result<Mat<f64>> {
        let mut tape = Default::default();
        let theta = theta.unwrap_or_default();
        Ok(network.forward(&theta, y.as_ref(), &mut tape)?.to_owned())
    };
    let sip = predict(by_sip.state().clone().take_param())?;
    let gradient = predict(by_gradient.state().clone().take_param())?;
    for j in 0..9 {
        println!(
            "{:>5.1} {:>10.3} {:>14.3}",
            x_star[(0, j)],
            sip[(0, j)],
            gradient[(0, j)]
        );
    }
    Ok(())
}

/// A network that sees the logarithm of its input, scaled to ±1: one's own `Network` is a wrapper.
#[derive(Clone)]
struct LogInput(Mlp);

impl Network<f64> for LogInput {
    type Tape = <Mlp as Network<f64>>::Tape;

    fn input_dim(&self) -> usize {
        1
    }

    fn output_dim(&self) -> usize {
        1
    }

    fn num_params(&self) -> usize {
        Network::<f64>::num_params(&self.0)
    }

    fn init(&self, seed: u64) -> Vec<f64> {
        self.0.init(seed)
    }

    fn forward<'t>(
        &self,
        params: &[f64],
        input: MatRef<'_, f64>,
        tape: &'t mut Self::Tape,
    ) -> arginv::Result<MatRef<'t, f64>> {
        let logarithm = Mat::from_fn(1, input.ncols(), |_, j| input[(0, j)].ln() / LIMIT);
        self.0.forward(params, logarithm.as_ref(), tape)
    }

    fn backward(
        &self,
        params: &[f64],
        tape: &mut Self::Tape,
        dl_dout: MatRef<'_, f64>,
        grad: &mut [f64],
    ) -> arginv::Result<()> {
        self.0.backward(params, tape, dl_dout, grad)
    }
}
