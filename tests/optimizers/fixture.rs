//! The polynomial that record.py descends, and what it recorded.

use std::collections::BTreeMap;

use arginv::{Optimizer, Result, Scalar};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Fixture {
    scales: Vec<f64>,
    start: Vec<f64>,
    pub(crate) every: usize,
    pub(crate) cases: BTreeMap<String, Vec<Vec<f64>>>,
}

impl Fixture {
    pub(crate) fn load() -> Self {
        serde_json::from_str(include_str!("../fixtures/optimizers/trajectories.json")).unwrap()
    }

    pub(crate) fn start<T: Scalar>(&self) -> Vec<T> {
        self.start.iter().map(|&v| T::lit(v)).collect()
    }

    /// The polynomial of record.py.
    pub(crate) fn loss<T: Scalar>(&self, x: &[T]) -> T {
        let mut total = T::zero();
        for (i, &s) in self.scales.iter().enumerate() {
            let own = T::lit(0.5) * (x[i] - T::one()) * (x[i] - T::one());
            total += T::lit(s) * (own + T::lit(0.25) * x[i] * x[i] * x[i] * x[i]);
        }
        for (i, &s) in self.scales.iter().enumerate().skip(1) {
            let r = x[i] - x[i - 1] * x[i - 1];
            total += T::lit(0.25 * s) * r * r;
        }
        total
    }

    pub(crate) fn gradient<T: Scalar>(&self, x: &[T]) -> Vec<T> {
        let own = |(&s, &x): (&f64, &T)| T::lit(s) * ((x - T::one()) + x * x * x);
        let mut g: Vec<T> = self.scales.iter().zip(x).map(own).collect();
        for i in 0..x.len() - 1 {
            let w = T::lit(0.5 * self.scales[i + 1]);
            let r = x[i + 1] - x[i] * x[i];
            g[i] -= T::lit(2.0) * w * x[i] * r;
            g[i + 1] += w * r;
        }
        g
    }

    pub(crate) fn step<T: Scalar>(
        &self,
        optimizer: &mut dyn Optimizer<T>,
        theta: &mut [T],
    ) -> Result<()> {
        let (gradient, loss) = (self.gradient(theta), self.loss(theta));
        optimizer.step(theta, &gradient, Some(loss))
    }
}
