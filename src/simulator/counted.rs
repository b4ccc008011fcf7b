//! Counting what a simulator is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use faer::{MatMut, MatRef};

use super::{Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp};
use crate::error::Failure;
use crate::scalar::Scalar;

/// Calls of one capability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Calls {
    /// Batched calls.
    pub calls: usize,
    /// Samples in all of them together.
    pub samples: usize,
}

/// Calls of each capability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counts {
    /// P(x).
    pub forward: Calls,
    /// J·v.
    pub jvp: Calls,
    /// Jᵀ·w.
    pub vjp: Calls,
    /// J, with or without P(x).
    pub jacobian: Calls,
    /// Σᵢ wᵢ∇²Pᵢ.
    pub curvature: Calls,
    /// P⁻¹(y; x).
    pub inverse: Calls,
}

/// A simulator that counts its calls; clones share the counts.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::inverse::invert;
/// use faer::mat;
///
/// let p = Counted::new(Square);
/// invert(&p, &mut Newton::new(), mat![[1.0, 2.0]].as_ref(), mat![[2.0, 5.0]].as_ref())?;
/// assert!(p.counts().jacobian.samples > 0);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Counted<P> {
    simulator: P,
    counters: Arc<[Counter; 6]>,
}

#[derive(Debug, Default)]
struct Counter {
    calls: AtomicUsize,
    samples: AtomicUsize,
}

#[derive(Clone, Copy)]
enum Capability {
    Forward,
    Jvp,
    Vjp,
    Jacobian,
    Curvature,
    Inverse,
}

impl<P> Counted<P> {
    /// Wraps a simulator, with all counts at zero.
    pub fn new(simulator: P) -> Self {
        Self {
            simulator,
            counters: Arc::default(),
        }
    }

    /// The simulator.
    pub fn get_ref(&self) -> &P {
        &self.simulator
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let read = |capability: Capability| {
            let counter = &self.counters[capability as usize];
            Calls {
                calls: counter.calls.load(Ordering::Relaxed),
                samples: counter.samples.load(Ordering::Relaxed),
            }
        };
        Counts {
            forward: read(Capability::Forward),
            jvp: read(Capability::Jvp),
            vjp: read(Capability::Vjp),
            jacobian: read(Capability::Jacobian),
            curvature: read(Capability::Curvature),
            inverse: read(Capability::Inverse),
        }
    }

    /// Sets all counts to zero.
    pub fn reset(&self) {
        for counter in self.counters.iter() {
            counter.calls.store(0, Ordering::Relaxed);
            counter.samples.store(0, Ordering::Relaxed);
        }
    }

    fn count<T: Scalar>(&self, capability: Capability, x: MatRef<'_, T>) {
        let counter = &self.counters[capability as usize];
        counter.calls.fetch_add(1, Ordering::Relaxed);
        counter.samples.fetch_add(x.ncols(), Ordering::Relaxed);
    }
}

impl<T: Scalar, P: Simulator<T>> Simulator<T> for Counted<P> {
    fn input_dim(&self) -> usize {
        self.simulator.input_dim()
    }

    fn output_dim(&self) -> usize {
        self.simulator.output_dim()
    }

    fn forward(&self, x: MatRef<'_, T>, y: MatMut<'_, T>) -> Result<(), Failure> {
        self.count(Capability::Forward, x);
        self.simulator.forward(x, y)
    }
}

impl<T: Scalar, P: Jvp<T>> Jvp<T> for Counted<P> {
    fn jvp(&self, x: MatRef<'_, T>, v: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<(), Failure> {
        self.count(Capability::Jvp, x);
        self.simulator.jvp(x, v, out)
    }
}

impl<T: Scalar, P: Vjp<T>> Vjp<T> for Counted<P> {
    fn vjp(&self, x: MatRef<'_, T>, w: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<(), Failure> {
        self.count(Capability::Vjp, x);
        self.simulator.vjp(x, w, out)
    }
}

impl<T: Scalar, P: Jacobian<T>> Jacobian<T> for Counted<P> {
    fn jacobian(&self, x: MatRef<'_, T>, jac: MatMut<'_, T>) -> Result<(), Failure> {
        self.count(Capability::Jacobian, x);
        self.simulator.jacobian(x, jac)
    }

    fn forward_jacobian(
        &self,
        x: MatRef<'_, T>,
        y: MatMut<'_, T>,
        jac: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        self.count(Capability::Jacobian, x);
        self.simulator.forward_jacobian(x, y, jac)
    }
}

impl<T: Scalar, P: Curvature<T>> Curvature<T> for Counted<P> {
    fn curvature(
        &self,
        x: MatRef<'_, T>,
        w: MatRef<'_, T>,
        h: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        self.count(Capability::Curvature, x);
        self.simulator.curvature(x, w, h)
    }
}

impl<T: Scalar, P: LocalInverse<T>> LocalInverse<T> for Counted<P> {
    fn inverse(
        &self,
        x: MatRef<'_, T>,
        y_target: MatRef<'_, T>,
        x_out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        self.count(Capability::Inverse, x);
        self.simulator.inverse(x, y_target, x_out)
    }
}
