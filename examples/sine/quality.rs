//! How good trained networks are, over settings and seeds: the table of docs/benchmarks.md.

use std::error::Error;

use indicatif::{ProgressBar, ProgressStyle};

use crate::settings::{Form, Method, Precision, Pull, Settings, Units};
use crate::training::Run;

const SEEDS: u64 = 5;
/// (form, steps, values of ξ)
const STUDIES: [(Form, usize, &[f64]); 2] = [
    (Form::Input, 20_000, &[1.0, 32.0]),
    (Form::Output, 10_000, &[1.0, 8.0, 32.0]),
];

/// Prints the mean and range of the x-distance for Adam and SIP with the Huber and the L1 proxy.
pub fn quality() -> Result<(), Box<dyn Error>> {
    let settings = STUDIES
        .iter()
        .map(|(_, _, xis)| 2 * xis.len())
        .sum::<usize>();
    let bar = ProgressBar::new(3 * SEEDS * settings as u64).with_style(
        ProgressStyle::with_template("{bar:40} {percent:>3} %  {eta} left")?,
    );
    println!("| form | ξ | φ | Adam | SIP | SIP, L1 proxy |");
    println!("|---|---|---|---|---|---|");
    for (form, steps, xis) in STUDIES {
        for &xi in xis {
            for phi in [0.0, 45.0] {
                let cell = |method, proxy| -> Result<String, Box<dyn Error>> {
                    let mut distances = Vec::new();
                    for seed in 0..SEEDS {
                        let settings = Settings {
                            method,
                            form,
                            xi,
                            phi,
                            gamma: 10.0,
                            steps,
                            batch: 100,
                            lr: None,
                            eta: 1.0,
                            proxy,
                            seed,
                            precision: Precision::F32,
                            activation: Units::Relu,
                        };
                        let mut run = Run::<f32>::new(&settings)?;
                        for _ in 0..steps {
                            run.step()?;
                        }
                        distances.push(run.record().summary().x_distance);
                        bar.inc(1);
                    }
                    let mean = distances.iter().sum::<f64>() / SEEDS as f64;
                    let low = distances.iter().copied().fold(f64::INFINITY, f64::min);
                    let high = distances.iter().copied().fold(0.0, f64::max);
                    Ok(format!("{mean:.2e} ({low:.2e}–{high:.2e})"))
                };
                let form = format!("{form:?}").to_lowercase();
                let (adam, sip, l1) = (
                    cell(Method::Adam, Pull::L1)?,
                    cell(Method::Sip, Pull::Huber)?,
                    cell(Method::Sip, Pull::L1)?,
                );
                bar.suspend(|| println!("| {form} | {xi} | {phi}° | {adam} | {sip} | {l1} |"));
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}
