//! PyTorch's trajectories, and Lion's.

use std::collections::BTreeSet;

use arginv::optimizer::{Averaged, Chain, Momentum, adam, sgd};
use arginv::{Optimizer, Scalar};

use crate::fixture::Fixture;
use crate::table::table;

impl Fixture {
    /// The points that were recorded.
    fn trajectory<T: Scalar, O: Optimizer<T>>(
        &self,
        name: &str,
        mut optimizer: O,
        read: impl Fn(&O, &[T]) -> Vec<T>,
    ) -> Vec<Vec<T>> {
        let mut theta = self.start();
        let mut record = || {
            for _ in 0..self.every {
                self.step(&mut optimizer, &mut theta).unwrap();
            }
            read(&optimizer, &theta)
        };
        self.cases[name].iter().map(|_| record()).collect()
    }

    /// Largest error of a coordinate relative to it, over all points.
    fn error<T: Scalar>(&self, name: &str, points: &[Vec<T>]) -> f64 {
        let recorded = self.cases[name].iter().flatten();
        let pairs = points.iter().flatten().zip(recorded);
        pairs.fold(0.0, |worst, (p, r)| {
            f64::max(worst, (p.as_f64() - r).abs() / r.abs())
        })
    }
}

fn theta<T: Scalar, O>(_: &O, theta: &[T]) -> Vec<T> {
    theta.to_vec()
}

fn average<T: Scalar>(optimizer: &Averaged<T, Chain<T>>, _: &[T]) -> Vec<T> {
    optimizer.average().unwrap().to_vec()
}

fn exponential_average<T: Scalar>() -> Averaged<T, Chain<T>> {
    Averaged::exponential(adam(5e-2).unwrap(), 0.95).unwrap()
}

fn uniform_average<T: Scalar>() -> Averaged<T, Chain<T>> {
    let sgd = sgd(1e-2).unwrap().then(Momentum::new(0.9).unwrap());
    Averaged::uniform(sgd)
}

/// Errors of all recorded trajectories in this number type.
fn errors<T: Scalar>(fixture: &Fixture) -> Vec<(&'static str, f64)> {
    let mut errors = Vec::new();
    for (name, make) in table::<T>() {
        let points = fixture.trajectory(name, make().unwrap(), theta);
        errors.push((name, fixture.error(name, &points)));
    }
    for (name, make) in [
        (
            "average exponential",
            exponential_average as fn() -> Averaged<T, Chain<T>>,
        ),
        ("average uniform", uniform_average),
    ] {
        let points = fixture.trajectory(name, make(), average);
        errors.push((name, fixture.error(name, &points)));
    }
    errors
}

#[test]
fn table_and_record_name_the_same_cases() {
    let mut names: BTreeSet<_> = table::<f64>()
        .iter()
        .map(|case| case.0.to_owned())
        .collect();
    names.extend(["average exponential".into(), "average uniform".into()]);
    let recorded: BTreeSet<_> = Fixture::load().cases.into_keys().collect();
    assert_eq!(names, recorded);
}

#[test]
fn trajectories_are_pytorchs() {
    // 1e-6 is promised. The sides differ by operations rounded in another order, a few ε a step, and
    // the problem amplifies them by up to 10³.
    for (name, error) in errors::<f64>(&Fixture::load()) {
        assert!(error < 1e-11, "{name}: {error:e}");
    }
}

#[test]
fn trajectories_in_single_precision_are_pytorchs_in_double() {
    // 100 steps of a few ε = 1.2e-7, amplified as above and by division where θ crosses zero.
    for (name, error) in errors::<f32>(&Fixture::load()) {
        assert!(error < 1e-3, "{name}: {error:e}");
    }
}
