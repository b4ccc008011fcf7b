//! The one loop behind all iterative solvers.

use faer::MatMut;
use num_traits::Float;

use super::evaluate::{block, block_mut, column, column_mut, copy_from, gather, isolate};
use super::globalization::{Control, Verdict};
use super::stop::Progress;
use super::{
    Direction, Globalization, Linearization, Model, Prediction, Quantity, Request, SampleReport,
    Status, StopRule,
};
use crate::linalg::{max_abs, norm};
use crate::loss::{L2, Loss};
use crate::scalar::Scalar;
use crate::simd;
use crate::simulator::Simulator;

/// Everything by sample of the batch, except what is marked as by active sample.
#[derive(Clone, Default)]
pub(super) struct Workspace<T> {
    start: Vec<T>,
    total: Vec<T>,
    x: Vec<T>,
    y: Vec<T>,
    target: Vec<T>,
    residual: Vec<T>,
    models: Vec<T>,
    step: Vec<T>,
    samples: Vec<Sample<T>>,
    active: Vec<usize>,
    fresh: Vec<usize>,
    /// By active sample.
    trial_total: Vec<T>,
    trial_x: Vec<T>,
    trial_y: Vec<T>,
    /// By fresh sample.
    fresh_x: Vec<T>,
    fresh_y: Vec<T>,
    fresh_target: Vec<T>,
    fresh_models: Vec<T>,
}

#[derive(Clone, Copy)]
struct Sample<T> {
    control: Control<T>,
    prediction: Prediction<T>,
    merit: T,
    scale: T,
    fresh: bool,
}

/// What a solve decreases.
#[derive(Clone, Copy)]
pub(super) enum Merit<'a, T> {
    Residual,
    Loss(&'a dyn Loss<T>),
}

impl<T: Scalar> Merit<'_, T> {
    fn value(&self, y: &[T], target: &[T]) -> T {
        match self {
            Self::Residual => L2.value(y, target),
            Self::Loss(loss) => loss.value(y, target),
        }
    }
}

/// One call of `solve`.
pub(super) struct Run<'a, T: Scalar, P: ?Sized, D> {
    pub(super) merit: Merit<'a, T>,
    pub(super) n: usize,
    pub(super) m: usize,
    pub(super) batch: usize,
    pub(super) simulator: &'a P,
    pub(super) loss: &'a dyn Loss<T>,
    pub(super) direction: &'a mut D,
    pub(super) globalization: &'a Globalization,
    pub(super) stop: &'a StopRule,
    pub(super) work: &'a mut Workspace<T>,
    pub(super) reports: &'a mut [SampleReport<T>],
}

impl<T: Scalar, P: Simulator<T> + ?Sized, D: Direction<T, P>> Run<'_, T, P, D> {
    /// Solves the request and writes Δx.
    pub(super) fn solve(mut self, request: &Request<'_, T>, dx: MatMut<'_, T>) {
        self.start(request);
        while !self.work.active.is_empty() {
            self.linearize();
            self.propose();
            self.simulate();
            self.judge();
        }
        self.write(dx);
    }

    /// Whether anything asks for the merit function: a fixed number of plain steps does not.
    fn is_judged(&self) -> bool {
        self.globalization.retries() || !self.stop.counts_steps()
    }

    /// Copies the request and sorts out samples that can't or needn't be solved.
    fn start(&mut self, request: &Request<'_, T>) {
        let (n, m, judged) = (self.n, self.m, self.is_judged());
        let work = &mut *self.work;
        let target = if self.direction.minimises_loss() {
            request.loss_target
        } else {
            request.y_target
        };
        copy_from(&mut work.start, request.x);
        copy_from(&mut work.y, request.y);
        copy_from(&mut work.target, target);
        work.x.clone_from(&work.start);
        work.total.clear();
        for (buffer, rows) in [
            (&mut work.total, n),
            (&mut work.step, n),
            (&mut work.residual, m),
            (&mut work.models, self.direction.model_len(n, m)),
        ] {
            buffer.resize(rows * self.batch, T::zero());
        }
        work.active.clear();
        work.samples.clear();
        let all_finite = [&work.x, &work.y, &work.target]
            .iter()
            .all(|values| simd::all_finite(values));
        for (j, report) in self.reports.iter_mut().enumerate() {
            report.reset(self.direction.name());
            let (y, target) = (column(&work.y, m, j), column(&work.target, m, j));
            let fault = if all_finite {
                None
            } else {
                Status::first_non_finite(&[
                    (Quantity::X, column(&work.x, n, j)),
                    (Quantity::Target, target),
                    (Quantity::Output, y),
                ])
            };
            let residual = column_mut(&mut work.residual, m, j);
            subtract(y, target, residual);
            let scale = Float::max(max_abs(target), max_abs(y));
            work.samples.push(Sample {
                control: Control::new(self.globalization),
                prediction: Prediction::default(),
                merit: if judged {
                    self.merit.value(y, target)
                } else {
                    T::nan()
                },
                scale,
                fresh: true,
            });
            if let Some(status) = fault {
                report.status = status;
                continue;
            }
            report.residual = max_abs(residual);
            if self.stop.met_at_start(report.residual, scale) {
                report.status = Status::Converged;
            } else {
                work.active.push(j);
            }
        }
    }

    /// Evaluates derivatives at the points newly accepted.
    fn linearize(&mut self) {
        let (n, m) = (self.n, self.m);
        let len = self.direction.model_len(n, m);
        let cost = self.direction.cost();
        let work = &mut *self.work;
        work.fresh.clear();
        work.fresh
            .extend(work.active.iter().filter(|&&j| work.samples[j].fresh));
        for &j in &work.fresh {
            work.samples[j].fresh = false;
            self.reports[j].evaluations += cost;
        }
        let whole = work.fresh.len() == self.batch;
        if !whole {
            gather(&work.x, n, &work.fresh, &mut work.fresh_x);
            gather(&work.y, m, &work.fresh, &mut work.fresh_y);
            gather(&work.target, m, &work.fresh, &mut work.fresh_target);
            work.fresh_models.clear();
            work.fresh_models.resize(len * work.fresh.len(), T::zero());
        }
        let (x, y, target, models) = if whole {
            (&work.x, &work.y, &work.target, &mut work.models)
        } else {
            (
                &work.fresh_x,
                &work.fresh_y,
                &work.fresh_target,
                &mut work.fresh_models,
            )
        };
        let (simulator, loss, direction) = (self.simulator, self.loss, &mut *self.direction);
        let (fresh, reports) = (&work.fresh, &mut *self.reports);
        isolate(
            fresh.len(),
            |columns| {
                let at = Linearization {
                    x: block(x, n, columns.clone()),
                    y: block(y, m, columns.clone()),
                    target: block(target, m, columns.clone()),
                    loss,
                };
                direction.linearize(
                    simulator,
                    &at,
                    &mut models[columns.start * len..columns.end * len],
                )
            },
            |k, message| reports[fresh[k]].status = Status::Failed { message },
        );
        if !whole {
            for (k, &j) in work.fresh.iter().enumerate() {
                column_mut(&mut work.models, len, j).copy_from_slice(column(
                    &work.fresh_models,
                    len,
                    k,
                ));
            }
        }
        if whole && simd::all_finite(&work.models) {
            self.drop_ended();
            return;
        }
        for &j in &work.fresh {
            let report = &mut self.reports[j];
            if report.status == Status::Unsolved && !simd::all_finite(column(&work.models, len, j))
            {
                report.status = Status::NonFinite {
                    at: Quantity::Derivative,
                };
            }
        }
        self.drop_ended();
    }

    /// Computes steps and trial points.
    fn propose(&mut self) {
        let (n, m) = (self.n, self.m);
        let len = self.direction.model_len(n, m);
        let work = &mut *self.work;
        for &j in &work.active {
            let sample = &mut work.samples[j];
            // A sample that was only shortened keeps its direction.
            let shortened = sample.control.was_rejected() && !self.globalization.solves_again();
            if shortened {
                continue;
            }
            let model = Model {
                input_dim: n,
                data: column(&work.models, len, j),
                residual: column(&work.residual, m, j),
            };
            let direction = &mut *self.direction;
            let largest = direction.largest_curvature(&model);
            let step = column_mut(&mut work.step, n, j);
            let proposed =
                sample
                    .control
                    .step(self.globalization, largest, step, |settings, dx| {
                        direction.step(&model, &settings, dx)
                    });
            let report = &mut self.reports[j];
            match proposed {
                Err(status) => report.status = status,
                Ok(_) if !simd::all_finite(step) => {
                    report.status = Status::NonFinite { at: Quantity::Step };
                }
                Ok(prediction) => {
                    sample.prediction = prediction;
                    let rejected = sample.control.was_rejected();
                    report.status = ended_before(self.stop, sample, rejected);
                }
            }
        }
        self.drop_ended();
        let work = &mut *self.work;
        work.trial_total.clear();
        work.trial_x.clear();
        for &j in &work.active {
            let fraction = work.samples[j].control.fraction(self.globalization);
            let (start, total) = (column(&work.start, n, j), column(&work.total, n, j));
            for ((&start, &total), &step) in start.iter().zip(total).zip(column(&work.step, n, j)) {
                let trial = total + fraction * step;
                work.trial_total.push(trial);
                work.trial_x.push(start + trial);
            }
        }
    }

    /// Runs the simulator at all trial points.
    fn simulate(&mut self) {
        let (n, m) = (self.n, self.m);
        let work = &mut *self.work;
        work.trial_y.resize(m * work.active.len(), T::zero());
        for &j in &work.active {
            self.reports[j].evaluations.forward += 1;
        }
        let (x, y, active) = (&work.trial_x, &mut work.trial_y, &work.active);
        let (simulator, reports) = (self.simulator, &mut *self.reports);
        let retries = self.globalization.retries();
        let mut unusable = Vec::new();
        isolate(
            active.len(),
            |columns| simulator.forward(block(x, n, columns.clone()), block_mut(y, m, columns)),
            |k, message| {
                // Where a shorter step can be tried, an error at a trial point is a bad trial.
                unusable.push(k);
                if !retries {
                    reports[active[k]].status = Status::Failed { message };
                }
            },
        );
        for k in unusable {
            column_mut(&mut work.trial_y, m, k).fill(T::nan());
        }
    }

    /// Accepts or rejects each trial and applies the stop rule.
    fn judge(&mut self) {
        let (n, m) = (self.n, self.m);
        let (retries, judged) = (self.globalization.retries(), self.is_judged());
        let work = &mut *self.work;
        let all_finite = simd::all_finite(&work.trial_x) && simd::all_finite(&work.trial_y);
        for (k, &j) in work.active.iter().enumerate() {
            let report = &mut self.reports[j];
            if report.status != Status::Unsolved {
                continue;
            }
            let sample = &mut work.samples[j];
            let trial_x = column(&work.trial_x, n, k);
            let trial_y = column(&work.trial_y, m, k);
            let target = column(&work.target, m, j);
            let finite = all_finite || (simd::all_finite(trial_x) && simd::all_finite(trial_y));
            let residual = column_mut(&mut work.residual, m, j);
            let mut after = T::nan();
            if finite {
                if judged {
                    after = self.merit.value(trial_y, target);
                }
            } else if !retries {
                report.status = Status::NonFinite {
                    at: Quantity::Trial,
                };
                continue;
            }
            let fraction = sample.control.fraction(self.globalization);
            let step = if judged {
                fraction * norm(column(&work.step, n, j))
            } else {
                T::nan()
            };
            let verdict = sample.control.judge(
                self.globalization,
                sample.merit,
                after,
                &sample.prediction,
                step,
            );
            match verdict {
                Verdict::Retry => {}
                Verdict::Stall => report.status = Status::Stalled,
                Verdict::Accept => {
                    column_mut(&mut work.total, n, j).copy_from_slice(column(
                        &work.trial_total,
                        n,
                        k,
                    ));
                    column_mut(&mut work.x, n, j).copy_from_slice(trial_x);
                    column_mut(&mut work.y, m, j).copy_from_slice(trial_y);
                    subtract(trial_y, target, residual);
                    sample.merit = after;
                    sample.fresh = true;
                    report.iterations += 1;
                    report.residual = max_abs(residual);
                    report.status = self.stop.after(&Progress {
                        iterations: report.iterations,
                        residual: report.residual,
                        scale: sample.scale,
                        step,
                        x: if judged { norm(trial_x) } else { T::nan() },
                    });
                }
            }
        }
        self.drop_ended();
    }

    fn drop_ended(&mut self) {
        let reports = &*self.reports;
        self.work
            .active
            .retain(|&j| reports[j].status == Status::Unsolved);
    }

    /// Writes Δx; a failed column is 0.
    fn write(&self, mut dx: MatMut<'_, T>) {
        for (j, report) in self.reports.iter().enumerate() {
            let success = report.status.is_success();
            for (i, &total) in column(&self.work.total, self.n, j).iter().enumerate() {
                dx[(i, j)] = if success { total } else { T::zero() };
            }
        }
    }
}

/// Whether the model says that there is nothing left to gain.
fn ended_before<T: Scalar>(stop: &StopRule, sample: &Sample<T>, rejected: bool) -> Status {
    if stop.counts_steps() || rejected {
        return Status::Unsolved;
    }
    let gain = -sample.prediction.slope;
    let merit = Float::abs(sample.merit);
    let nothing_to_gain = |fraction: T| gain <= fraction * merit;
    if stop.stationary_tolerance().is_some_and(nothing_to_gain) {
        Status::Converged
    } else if nothing_to_gain(T::eps()) {
        Status::Stationary
    } else {
        Status::Unsolved
    }
}

fn subtract<T: Scalar>(a: &[T], b: &[T], out: &mut [T]) {
    for (o, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *o = a - b;
    }
}
