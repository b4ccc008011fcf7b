//! What became of each sample.

use std::fmt;
use std::sync::Arc;

use crate::error::check;
use crate::scalar::Scalar;

/// A quantity that must be finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quantity {
    /// The start x.
    X,
    /// The target ỹ.
    Target,
    /// The simulator's output P(x) at the start.
    Output,
    /// The simulator's output at a trial point.
    Trial,
    /// A derivative of the simulator or of the loss.
    Derivative,
    /// The step Δx.
    Step,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X => "x",
            Self::Target => "the target",
            Self::Output => "P(x)",
            Self::Trial => "P at the next point",
            Self::Derivative => "a derivative",
            Self::Step => "the step",
        })
    }
}

/// How the solve of one sample ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// The stop rule's test was met.
    Converged,
    /// The fixed number of steps asked for was taken.
    Stepped,
    /// A quantity is NaN or infinite.
    NonFinite {
        /// Which one.
        at: Quantity,
    },
    /// The Jacobian or Hessian has no inverse to working precision.
    Singular,
    /// The derivatives say that no step decreases the residual, which is not zero: an unreachable
    /// target, or a local minimum.
    Stationary,
    /// No step that the globalization accepts was found.
    Stalled,
    /// The cap on iterations was reached before the test was met.
    MaxIterations,
    /// The simulator's own inverse has no solution for this target.
    NoSolution,
    /// The simulator's own inverse gave an x that P does not map to the target.
    Rejected,
    /// The simulator returned an error.
    Failed {
        /// The simulator's message.
        message: Arc<str>,
    },
    /// The solver did not reach this sample; solvers overwrite it.
    Unsolved,
}

impl Status {
    /// The status of a sample one of whose quantities is not finite: the first in order.
    pub(crate) fn first_non_finite<T: Scalar>(parts: &[(Quantity, &[T])]) -> Option<Self> {
        parts
            .iter()
            .find(|(_, values)| check::first_non_finite(values).is_some())
            .map(|&(at, _)| Self::NonFinite { at })
    }

    /// Whether the stated test was met; then Δx is to be used.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Converged | Self::Stepped)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converged => f.write_str("converged"),
            Self::Stepped => f.write_str("took the steps asked for"),
            Self::NonFinite { at } => write!(f, "{at} is not finite"),
            Self::Singular => f.write_str("the linear system is singular: add damping or a fallback"),
            Self::Stationary => f.write_str(
                "stationary away from the target: it is unreachable from here, or this is a local minimum",
            ),
            Self::Stalled => f.write_str("no step decreases the residual: check the derivatives"),
            Self::MaxIterations => f.write_str("the cap on iterations was reached"),
            Self::NoSolution => f.write_str("the analytic inverse has no solution for this target"),
            Self::Rejected => f.write_str("the analytic inverse's x does not give the target"),
            Self::Failed { message } => write!(f, "the simulator failed: {message}"),
            Self::Unsolved => f.write_str("not solved"),
        }
    }
}

/// Evaluations of the simulator that a sample took part in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Evaluations {
    /// Of P.
    pub forward: usize,
    /// Of its first derivatives: Jacobians or products with them.
    pub derivative: usize,
    /// Of its curvature.
    pub curvature: usize,
    /// Of its own inverse.
    pub inverse: usize,
}

impl std::ops::AddAssign for Evaluations {
    fn add_assign(&mut self, other: Self) {
        self.forward += other.forward;
        self.derivative += other.derivative;
        self.curvature += other.curvature;
        self.inverse += other.inverse;
    }
}

/// A solver of a [`Fallback`](super::Fallback) that was tried on a sample and failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// The solver.
    pub solver: &'static str,
    /// Why it failed.
    pub status: Status,
}

/// What a solver says of one sample.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleReport<T> {
    /// How it ended.
    pub status: Status,
    /// The solver that served the sample, or the last that was tried.
    pub solver: &'static str,
    /// Steps taken.
    pub iterations: usize,
    /// ‖P(x + Δx) − target‖∞ at the last point evaluated; NaN where there was none.
    pub residual: T,
    /// What it cost, earlier attempts included.
    pub evaluations: Evaluations,
    /// The solvers that failed before, in order.
    pub attempts: Vec<Attempt>,
}

impl<T: Scalar> SampleReport<T> {
    /// A report with nothing counted yet.
    #[must_use]
    pub fn new(solver: &'static str, status: Status) -> Self {
        Self {
            status,
            solver,
            iterations: 0,
            residual: T::nan(),
            evaluations: Evaluations::default(),
            attempts: Vec::new(),
        }
    }

    /// Starts afresh, keeping the memory.
    pub(crate) fn reset(&mut self, solver: &'static str) {
        self.status = Status::Unsolved;
        self.solver = solver;
        self.iterations = 0;
        self.residual = T::nan();
        self.evaluations = Evaluations::default();
        self.attempts.clear();
    }
}

impl<T: Scalar> Default for SampleReport<T> {
    fn default() -> Self {
        Self::new("", Status::Unsolved)
    }
}
