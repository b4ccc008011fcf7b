//! One's own simulator and one's own inverse solver, each a short `impl`, in a chain and in training.
//!
//! The simulator is Kepler's equation: from eccentricity-free anomaly x (radians) to mean anomaly
//! y = x − e·sin x. The solver is the fixed-point iteration x ← y + e·sin x, Kepler's own, which
//! needs no derivative; Newton takes over where it is too slow.

use arginv::inverse::{Request, SampleReport, Status, invert};
use arginv::prelude::*;
use num_dual::DualNum;
use rand::RngExt;

/// y = x − e·sin x, written once for numbers and dual numbers.
#[derive(Clone, Copy)]
struct Kepler {
    eccentricity: f64,
}

impl<T: Scalar> Map<T> for Kepler {
    fn input_dim(&self) -> usize {
        1
    }

    fn output_dim(&self) -> usize {
        1
    }

    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        y[0] = x[0] - x[0].sin() * T::lit(self.eccentricity);
    }
}

/// x ← x + (ỹ − P(x)), until the residual is small: converges where |1 − P′| < 1.
struct FixedPoint {
    tolerance: f64,
    iterations: usize,
}

impl<T: Scalar, P: Simulator<T>> InverseSolver<T, P> for FixedPoint {
    fn solve(
        &mut self,
        simulator: &P,
        request: &Request<'_, T>,
        mut dx: MatMut<'_, T>,
        reports: &mut [SampleReport<T>],
    ) -> arginv::Result<()> {
        request.check(simulator, dx.as_ref(), reports)?;
        let (mut x, mut y) = (request.x.to_owned(), request.y.to_owned());
        for _ in 0..self.iterations {
            x += request.y_target - &y;
            simulator.forward(x.as_ref(), y.as_mut())?;
        }
        dx.copy_from(&x - request.x);
        for (j, report) in reports.iter_mut().enumerate() {
            let residual = (y.col(j) - request.y_target.col(j)).norm_max();
            let solved = residual <= T::lit(self.tolerance);
            let status = if solved {
                Status::Converged
            } else {
                Status::MaxIterations
            };
            *report = SampleReport::new("FixedPoint", status);
            report.iterations = self.iterations;
            report.residual = residual;
            if !solved {
                dx.as_mut().col_mut(j).fill(T::lit(0.0));
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let kepler = Auto::new(Kepler { eccentricity: 0.6 });
    let own = FixedPoint {
        tolerance: 1e-10,
        iterations: 30,
    };
    let mut solver = Fallback::new(own, Newton::new());

    // Standalone: the anomalies of a dozen times.
    let y = Mat::from_fn(1, 12, |_, j| 0.25 + 0.5 * j as f64);
    let found = invert(&kepler, &mut solver, y.as_ref(), y.as_ref())?;
    println!("mean anomaly   eccentric anomaly   residual   served by (after)");
    for (j, report) in found.reports.iter().enumerate() {
        let before: Vec<_> = report.attempts.iter().map(|a| a.solver).collect();
        println!(
            "{:>12.2} {:>19.10} {:>10.1e}   {} ({})",
            y[(0, j)],
            found.x[(0, j)],
            report.residual,
            report.solver,
            before.join(", "),
        );
        if !report.status.is_success() {
            return Err(report.status.to_string().into());
        }
    }

    // In training: a network that solves Kepler's equation.
    let network = Mlp::new(&[1, 32, 32, 1], Activation::Tanh)?;
    let theta = network.init(0);
    let sampler = |rng: &mut ChaCha8Rng, mut y: MatMut<'_, f64>| {
        for j in 0..y.ncols() {
            y[(0, j)] = rng.random_range(0.0..std::f64::consts::PI);
        }
    };
    let sip = Sip::new(kepler, L2, solver, network, adam(3e-3)?)?;
    let result = Executor::new(Targets::new(sampler, 64)?, sip)
        .configure(|state| state.param(theta).max_iters(2000))
        .run()
        .map_err(|error| error.to_string())?;
    println!(
        "\nA network trained with it: best mean loss in y {:.1e} in {} steps.",
        result.state().get_best_cost(),
        result.state().get_iter(),
    );
    Ok(())
}
