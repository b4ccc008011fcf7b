//! The sine problem: SIP beside the gradient-based training it replaces.
//!
//! `cargo run --release --example sine` compares six methods; with `train`, one run as asked for.

mod compare;
mod plot;
mod quality;
mod settings;
mod training;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde_json::json;

use settings::{Precision, Settings};
use training::{Real, Record, Run};

/// Learns the inverse of a sine by scale-invariant physics and by gradients
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Steps of each method in the comparison
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    steps: usize,
    /// Where the comparison writes its pictures and numbers
    #[arg(long, default_value = "results/sine", value_name = "DIR")]
    out: std::path::PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// The table of docs/benchmarks.md: Adam and SIP over settings and seeds, some minutes
    Quality,
    /// One training run
    Train {
        #[command(flatten)]
        settings: Settings,
        /// Print one JSON object and nothing else
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            return usage(line.trim_start_matches("error: "));
        }
        Err(help) => {
            print!("{help}");
            return ExitCode::SUCCESS;
        }
    };
    let done = match cli.command {
        None if cli.steps == 0 => return usage("`steps` is 0, must be at least 1"),
        None => compare::compare(cli.steps, &cli.out),
        Some(Command::Quality) => quality::quality(),
        Some(Command::Train { settings, json }) => match settings.checked() {
            Ok(settings) => train(&settings, json),
            Err(message) => return usage(&message),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::from(2)
}

fn train(settings: &Settings, json: bool) -> Result<(), Box<dyn std::error::Error>> {
    let record = match settings.precision {
        Precision::F32 => run::<f32>(settings)?,
        Precision::F64 => run::<f64>(settings)?,
    };
    let summary = record.summary();
    if json {
        let mut object = serde_json::to_value(settings)?;
        if let (Some(object), Some(results)) =
            (object.as_object_mut(), json!(summary).as_object_mut())
        {
            object.append(results);
        }
        println!("{object}");
    } else {
        println!(
            "{} at ξ = {}, φ = {}°, γ = {}: x-distance {:.3e} (first {:.3e}), y-loss {:.3e}, {:.1} µs a step",
            settings.method.name(),
            settings.xi,
            settings.phi,
            settings.gamma,
            summary.x_distance,
            summary.x_distance_first,
            summary.y_loss,
            summary.us_per_step,
        );
    }
    Ok(())
}

fn run<T: Real>(settings: &Settings) -> arginv::Result<Record> {
    let mut run = Run::<T>::new(settings)?;
    for _ in 0..settings.steps {
        run.step()?;
    }
    Ok(run.record().clone())
}
