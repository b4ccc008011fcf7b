//! Several solutions: y = x² has two for each y > 0.
//!
//! Trained on pairs from both branches, a network learns their mean, 0, which solves nothing. SIP
//! inverts near what the network predicts and so stays on one branch.

use arginv::prelude::*;
use rand::RngExt;

const STEPS: u64 = 3000;
const BATCH: usize = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let network = Mlp::new(&[1, 32, 32, 1], Activation::Tanh)?;
    let start: Vec<f64> = network.init(0);
    let targets = |rng: &mut ChaCha8Rng, mut y: MatMut<'_, f64>| {
        for j in 0..y.ncols() {
            y[(0, j)] = rng.random_range(0.05..1.0);
        }
    };
    let pairs = |rng: &mut ChaCha8Rng, mut x: MatMut<'_, f64>, mut y: MatMut<'_, f64>| {
        for j in 0..y.ncols() {
            x[(0, j)] = rng.random_range(-1.0..1.0);
            y[(0, j)] = x[(0, j)] * x[(0, j)];
        }
    };

    let sip = Sip::new(Square, L2, Newton::new(), network.clone(), adam(3e-3)?)?;
    let by_sip = Executor::new(Targets::new(targets, BATCH)?, sip)
        .configure(|state| state.param(start.clone()).max_iters(STEPS))
        .run()
        .map_err(|error| error.to_string())?;
    let supervised = Supervised::new(network.clone(), adam(3e-3)?)?;
    let by_pairs = Executor::new(Pairs::new(pairs, BATCH)?, supervised)
        .configure(|state| state.param(start).max_iters(STEPS))
        .run()
        .map_err(|error| error.to_string())?;

    let y = Mat::from_fn(1, 10, |_, j| 0.1 * (j + 1) as f64);
    let predict = |theta: Option<Vec<f64>>| -> arginv::Result<Mat<f64>> {
        let mut tape = Default::default();
        let theta = theta.unwrap_or_default();
        Ok(network.forward(&theta, y.as_ref(), &mut tape)?.to_owned())
    };
    let sip = predict(by_sip.state().clone().take_param())?;
    let pairs = predict(by_pairs.state().clone().take_param())?;
    println!("   y      ±√y      SIP   |x² − y|   supervised   |x² − y|");
    for j in 0..y.ncols() {
        let (y, a, b) = (y[(0, j)], sip[(0, j)], pairs[(0, j)]);
        println!(
            "{y:>4.1} {:>8.4} {a:>8.4} {:>10.1e} {b:>12.4} {:>10.1e}",
            y.sqrt(),
            (a * a - y).abs(),
            (b * b - y).abs(),
        );
    }
    Ok(())
}
