//! The main job: six methods from the same weights on the same batches.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::plot::{self, Curve};
use crate::settings::{Form, Method, Precision, Pull, Settings, Units};
use crate::training::{Record, Run, Summary};

/// Steps that one method takes before the next has its turn, so that a machine's moods hit all
/// methods alike.
const TURN: usize = 100;

/// Trains all methods, prints a table and writes curves and numbers to `out`.
pub fn compare(steps: usize, out: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(out)?;
    let settings: Vec<Settings> = Method::ALL
        .iter()
        .map(|&m| ill_conditioned(m, steps))
        .collect();
    let mut runs = settings
        .iter()
        .map(Run::<f32>::new)
        .collect::<Result<Vec<_>, _>>()?;

    println!(
        "y = P(x), a sine scaled by ξ = 32 and turned by φ = 45°: six ways to learn x = f(y)."
    );
    let bar =
        ProgressBar::new((steps * runs.len()) as u64).with_style(ProgressStyle::with_template(
            "{bar:40.cyan/blue} {percent:>3} %  {per_sec}  {eta} left  {msg}",
        )?);
    let mut done = 0;
    while done < steps {
        let turn = TURN.min(steps - done);
        for (run, settings) in runs.iter_mut().zip(&settings) {
            for _ in 0..turn {
                run.step()?;
            }
            bar.set_message(settings.method.name());
            bar.inc(turn as u64);
        }
        done += turn;
    }
    bar.finish_and_clear();

    let records: Vec<&Record> = runs.iter().map(Run::record).collect();
    let summaries: Vec<Summary> = records.iter().map(|record| record.summary()).collect();
    print!("{}", table(&summaries));
    write_csv(&out.join("curves.csv"), &records)?;
    write_json(&out.join("results.json"), &settings, &summaries)?;
    draw(out, &records)?;
    println!("Curves and numbers are in {}.", out.display());
    Ok(())
}

/// The case of the text's picture.
fn ill_conditioned(method: Method, steps: usize) -> Settings {
    Settings {
        method,
        form: Form::Input,
        xi: 32.0,
        phi: 45.0,
        gamma: 10.0,
        steps,
        batch: 100,
        lr: Some(method.learning_rate(32.0)),
        eta: 1.0,
        proxy: Pull::Huber,
        seed: 0,
        precision: Precision::F32,
        activation: Units::Relu,
    }
}

fn table(summaries: &[Summary]) -> String {
    let adam = summaries[1].us_per_step;
    let mut text = String::from("\nmethod      x-distance     y-loss   time a step / Adam's\n");
    for (method, s) in Method::ALL.iter().zip(summaries) {
        let _ = writeln!(
            text,
            "{:<10} {:>11.2e} {:>10.2e} {:>22.2}",
            method.name(),
            s.x_distance,
            s.y_loss,
            s.us_per_step / adam,
        );
    }
    text.push_str(
        "(x-distance to the closest exact solution, mean over the last 10 % of the steps)\n\n",
    );
    text
}

/// One row a step: the step, then x-distance, y-loss and seconds of each method.
fn write_csv(path: &Path, records: &[&Record]) -> Result<(), Box<dyn Error>> {
    let mut text = String::from("step");
    for method in Method::ALL {
        let name = method.name();
        write!(text, ",{name} x-distance,{name} y-loss,{name} seconds")?;
    }
    text.push('\n');
    for step in 0..records[0].x_distance.len() {
        write!(text, "{step}")?;
        for record in records {
            write!(
                text,
                ",{:.4e},{:.4e},{:.6}",
                record.x_distance[step], record.y_loss[step], record.seconds[step]
            )?;
        }
        text.push('\n');
    }
    Ok(fs::write(path, text)?)
}

fn write_json(
    path: &Path,
    settings: &[Settings],
    summaries: &[Summary],
) -> Result<(), Box<dyn Error>> {
    let runs: Vec<_> = settings
        .iter()
        .zip(summaries)
        .map(|(settings, results)| json!({ "settings": settings, "results": results }))
        .collect();
    let text = serde_json::to_string_pretty(&json!({ "runs": runs }))?;
    Ok(fs::write(path, text)?)
}

fn draw(out: &Path, records: &[&Record]) -> Result<(), Box<dyn Error>> {
    let curve = |x: fn(&Record) -> Vec<f64>| -> Vec<Curve> {
        Method::ALL
            .iter()
            .zip(records)
            .map(|(method, record)| Curve {
                name: method.name(),
                x: x(record),
                y: record.x_distance.clone(),
            })
            .collect()
    };
    let over_steps = curve(|record| (1..=record.x_distance.len()).map(|s| s as f64).collect());
    let over_time = curve(|record| record.seconds.clone());
    let title = "Learning to invert the sine, ξ = 32, φ = 45°";
    plot::save(
        &out.join("curves"),
        title,
        "distance to the closest solution",
        &[("training step", over_steps), ("time / s", over_time)],
    )
}
