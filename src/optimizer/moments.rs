//! Running means.

use crate::scalar::Scalar;

/// a ← βa + (1 − β)v. Being convex it cannot overflow.
#[derive(Clone, Copy)]
pub(super) struct RunningMean<T> {
    keep: T,
    take: T,
}

impl<T: Scalar> RunningMean<T> {
    pub(super) fn new(beta: f64) -> Self {
        Self {
            keep: T::lit(beta),
            // In double precision: 1 − 0.999 has lost three digits of seven in single.
            take: T::lit(1.0 - beta),
        }
    }

    /// Takes `value` in and returns the new mean.
    #[inline]
    pub(super) fn update(self, mean: &mut T, value: T) -> T {
        *mean = self.keep * *mean + self.take * value;
        *mean
    }
}

/// 1 − βᵗ for the t-th update, `step` = t − 1: what a running mean that started at 0 falls short by.
pub(super) fn bias_correction(beta: f64, step: u64) -> f64 {
    1.0 - beta.powf(count(step))
}

/// The number t = `step` + 1 of an update, counting from 1.
pub(super) fn count(step: u64) -> f64 {
    step as f64 + 1.0
}
