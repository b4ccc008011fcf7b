//! One training run, step by step.

use std::time::{Duration, Instant};

use arginv::prelude::*;
use arginv::{Network, Optimizer, Result};
use faer::{Mat, MatMut, MatRef};
use rand::RngExt;
use rand::distr::uniform::SampleUniform;
use serde::Serialize;

use crate::settings::{Method, Settings};

/// Sizes of the network's layers, as the authors'.
const LAYERS: [usize; 5] = [2, 32, 64, 32, 2];
/// The authors' limit of the loss's change a saddle-free step.
const MAX_LOSS_CHANGE: f64 = 0.2;

/// A number type that can be drawn.
pub trait Real: Scalar + SampleUniform {}
impl<T: Scalar + SampleUniform> Real for T {}

type Batches<T> = Targets<T, Box<dyn Fn(&mut ChaCha8Rng, MatMut<'_, T>)>>;

type Step<T> = Box<dyn Optimizer<T>>;
type BySip<T> = Sip<T, Sine<T>, L2, SaddleFreeNewton<T>, Mlp, Step<T>>;
type ByGradient<T> = DifferentiablePhysics<T, Sine<T>, L2, Mlp, Step<T>>;

/// The two ways from a batch to a step of θ.
enum Trainer<T: Scalar> {
    Sip(Box<BySip<T>>),
    Physics(Box<ByGradient<T>>),
}

/// A training run between two steps.
pub struct Run<T: Scalar> {
    simulator: Sine<T>,
    trainer: Trainer<T>,
    batches: Batches<T>,
    theta: Vec<T>,
    y_star: Mat<T>,
    closest: Mat<T>,
    time: Duration,
    record: Record,
}

/// What a run leaves: a value a step.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Record {
    /// Mean distance of the prediction to the closest exact solution.
    pub x_distance: Vec<f64>,
    /// Mean loss in y.
    pub y_loss: Vec<f64>,
    /// Seconds since the start, training alone.
    pub seconds: Vec<f64>,
    /// Samples that had no target, over the whole run.
    pub failed: usize,
}

/// A run in a few numbers.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Summary {
    pub x_distance: f64,
    pub x_distance_first: f64,
    pub y_loss: f64,
    pub us_per_step: f64,
    pub failed_samples: usize,
}

impl<T: Real> Run<T> {
    pub fn new(settings: &Settings) -> Result<Self> {
        let simulator = settings.simulator::<T>()?;
        let network = Mlp::new(&LAYERS, settings.activation.activation())?;
        let theta = network.init(settings.seed);
        let optimizer = optimizer(settings)?;
        let trainer = if settings.method == Method::Sip {
            let solver = SaddleFreeNewton::new().with_max_loss_change(MAX_LOSS_CHANGE)?;
            let sip = Sip::new(simulator, L2, solver, network, optimizer)?
                .with_eta(settings.eta)?
                .with_proxy(settings.proxy.proxy())?;
            Trainer::Sip(Box::new(sip))
        } else {
            let physics = DifferentiablePhysics::new(simulator, L2, network, optimizer)?;
            Trainer::Physics(Box::new(physics))
        };
        let reach = simulator.reachable()[0];
        let sampler = move |rng: &mut ChaCha8Rng, mut y: MatMut<'_, T>| {
            for j in 0..y.ncols() {
                y[(0, j)] = reach * rng.random_range(-T::lit(1.0)..T::lit(1.0));
                y[(1, j)] = rng.random_range(-T::lit(1.0)..T::lit(1.0));
            }
        };
        let batches: Batches<T> =
            Targets::new(Box::new(sampler) as _, settings.batch)?.with_seed(settings.seed);
        Ok(Self {
            simulator,
            trainer,
            batches,
            theta,
            y_star: Mat::zeros(2, settings.batch),
            closest: Mat::zeros(2, settings.batch),
            time: Duration::ZERO,
            record: Record::default(),
        })
    }

    /// Trains for one step, timed, and measures what it predicted, not timed.
    pub fn step(&mut self) -> Result<()> {
        let step = self.record.x_distance.len() as u64;
        let start = Instant::now();
        self.batches.fill(step, self.y_star.as_mut());
        let y_star = self.y_star.as_ref();
        let report = match &mut self.trainer {
            Trainer::Sip(sip) => sip.step(&mut self.theta, y_star)?,
            Trainer::Physics(physics) => physics.step(&mut self.theta, y_star)?,
        };
        self.time += start.elapsed();
        let distance = self.distance()?;
        self.record.x_distance.push(distance);
        self.record.y_loss.push(report.loss.as_f64());
        self.record.seconds.push(self.time.as_secs_f64());
        self.record.failed += report.samples - report.used;
        Ok(())
    }

    /// Mean ‖x − x*‖₂ of the last prediction to the closest of all exact solutions.
    fn distance(&mut self) -> Result<f64> {
        let x = match &self.trainer {
            Trainer::Sip(sip) => sip.prediction(),
            Trainer::Physics(physics) => physics.prediction(),
        };
        self.simulator
            .inverse(x, self.y_star.as_ref(), self.closest.as_mut())?;
        Ok(mean_distance(x, self.closest.as_ref()))
    }

    pub fn record(&self) -> &Record {
        &self.record
    }
}

fn optimizer<T: Scalar>(settings: &Settings) -> Result<Step<T>> {
    let rate = settings
        .lr
        .unwrap_or_else(|| settings.method.learning_rate(settings.xi));
    Ok(match settings.method {
        Method::Sip | Method::Adam => Box::new(adam(rate)?),
        Method::Sgd => Box::new(sgd(rate)?),
        Method::Adadelta => Box::new(adadelta(rate)?),
        Method::Adagrad => Box::new(adagrad(rate)?),
        Method::Rmsprop => Box::new(rmsprop(rate)?),
    })
}

fn mean_distance<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> f64 {
    let distance = |j: usize| {
        let (d0, d1) = (a[(0, j)] - b[(0, j)], a[(1, j)] - b[(1, j)]);
        d0.as_f64().hypot(d1.as_f64())
    };
    (0..a.ncols()).map(distance).sum::<f64>() / a.ncols() as f64
}

impl Record {
    /// Means over the last 10 % of the steps.
    pub fn summary(&self) -> Summary {
        let steps = self.x_distance.len();
        let tail = steps - steps.div_ceil(10);
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        Summary {
            x_distance: mean(&self.x_distance[tail..]),
            x_distance_first: self.x_distance[0],
            y_loss: mean(&self.y_loss[tail..]),
            us_per_step: 1e6 * self.seconds[steps - 1] / steps as f64,
            failed_samples: self.failed,
        }
    }
}
