//! Where training batches come from.

use std::marker::PhantomData;

use faer::{Mat, MatMut};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::error::{Result, check};
use crate::scalar::Scalar;

/// Batches of targets y*, drawn by a function of a random number generator.
///
/// # Contract
/// Batch k depends on the seed and on k alone, so that a run resumed at step k sees the batches that
/// an unbroken one would.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use rand::RngExt;
///
/// let uniform = |rng: &mut ChaCha8Rng, mut y: MatMut<'_, f32>| {
///     for j in 0..y.ncols() {
///         y[(0, j)] = rng.random_range(-1.0..1.0);
///     }
/// };
/// let targets = Targets::new(uniform, 100)?.with_seed(7);
/// assert_eq!(targets.draw(3, 1), targets.draw(3, 1));
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Targets<T, F> {
    sampler: F,
    batch: usize,
    seed: u64,
    scalar: PhantomData<fn() -> T>,
}

impl<T: Scalar, F: Fn(&mut ChaCha8Rng, MatMut<'_, T>)> Targets<T, F> {
    /// Batches of `batch` columns that `sampler` fills (m × B); seed 0.
    ///
    /// # Errors
    /// An empty batch.
    pub fn new(sampler: F, batch: usize) -> Result<Self> {
        Ok(Self {
            sampler,
            batch: check::count("batch", batch)?,
            seed: 0,
            scalar: PhantomData,
        })
    }

    /// Sets the seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Writes batch number `step` into `y_star`, m × B.
    pub fn fill(&self, step: u64, y_star: MatMut<'_, T>) {
        (self.sampler)(&mut generator(self.seed, step), y_star);
    }

    /// Batch number `step`, `rows` × B.
    #[must_use]
    pub fn draw(&self, step: u64, rows: usize) -> Mat<T> {
        let mut y_star = Mat::zeros(rows, self.batch);
        self.fill(step, y_star.as_mut());
        y_star
    }
}

/// Batches of pairs (x*, y*) for supervised training.
///
/// # Contract
/// As for [`Targets`]; the sampler fills x* (n × B) and y* (m × B).
#[derive(Clone, Debug)]
pub struct Pairs<T, F> {
    sampler: F,
    batch: usize,
    seed: u64,
    scalar: PhantomData<fn() -> T>,
}

impl<T: Scalar, F: Fn(&mut ChaCha8Rng, MatMut<'_, T>, MatMut<'_, T>)> Pairs<T, F> {
    /// Batches of `batch` pairs of columns that `sampler` fills; seed 0.
    ///
    /// # Errors
    /// An empty batch.
    pub fn new(sampler: F, batch: usize) -> Result<Self> {
        Ok(Self {
            sampler,
            batch: check::count("batch", batch)?,
            seed: 0,
            scalar: PhantomData,
        })
    }

    /// Sets the seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Batch number `step`: x* (`x_rows` × B) and y* (`y_rows` × B).
    #[must_use]
    pub fn draw(&self, step: u64, x_rows: usize, y_rows: usize) -> (Mat<T>, Mat<T>) {
        let mut x_star = Mat::zeros(x_rows, self.batch);
        let mut y_star = Mat::zeros(y_rows, self.batch);
        let rng = &mut generator(self.seed, step);
        (self.sampler)(rng, x_star.as_mut(), y_star.as_mut());
        (x_star, y_star)
    }
}

/// An independent stream for every step.
fn generator(seed: u64, step: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(step);
    rng
}
