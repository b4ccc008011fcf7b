//! When a solve ends, and what counts as success.

use super::Status;
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// The test that ends a solve with success, and the cap that ends it without.
///
/// # Example
/// ```
/// use arginv::inverse::StopRule;
///
/// let one_step = StopRule::steps(1)?;
/// let tight = StopRule::residual(1e-10)?.with_cap(20)?;
/// assert!(StopRule::residual(f64::NAN).is_err());
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StopRule {
    test: Test,
    cap: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Test {
    Steps,
    Residual { relative: f64, absolute: f64 },
    DefaultResidual,
    Step { relative: f64 },
    Stationary { relative: f64 },
}

/// What a stop rule looks at after an accepted step.
pub(super) struct Progress<T> {
    pub(super) iterations: usize,
    pub(super) residual: T,
    pub(super) scale: T,
    pub(super) step: T,
    pub(super) x: T,
}

impl StopRule {
    /// Iterations after which a solve to a tolerance gives up, unless [`with_cap`](Self::with_cap)
    /// says otherwise.
    pub const DEFAULT_CAP: usize = 100;

    /// Success after exactly this many steps.
    ///
    /// # Errors
    /// Zero steps.
    pub fn steps(count: usize) -> Result<Self> {
        Ok(Self {
            test: Test::Steps,
            cap: check::count("steps", count)?,
        })
    }

    pub(super) const ONE_STEP: Self = Self {
        test: Test::Steps,
        cap: 1,
    };

    /// Success where ‖P(x) − target‖∞ ≤ ε^¾ · max(‖target‖∞, ‖P(x₀)‖∞): 1.8e-12 of the scale in
    /// f64, 6.4e-6 in f32.
    #[must_use]
    pub fn default_residual() -> Self {
        Self {
            test: Test::DefaultResidual,
            cap: Self::DEFAULT_CAP,
        }
    }

    /// Success where ‖P(x) − target‖∞ ≤ `tolerance`, in the units of y.
    ///
    /// # Errors
    /// A tolerance that is negative or not finite.
    pub fn residual(tolerance: f64) -> Result<Self> {
        Ok(Self {
            test: Test::Residual {
                relative: 0.0,
                absolute: check::non_negative("tolerance", tolerance)?,
            },
            cap: Self::DEFAULT_CAP,
        })
    }

    /// Success where ‖P(x) − target‖∞ ≤ `tolerance` · max(‖target‖∞, ‖P(x₀)‖∞).
    ///
    /// # Errors
    /// A tolerance that is negative or not finite.
    pub fn relative_residual(tolerance: f64) -> Result<Self> {
        Ok(Self {
            test: Test::Residual {
                relative: check::non_negative("tolerance", tolerance)?,
                absolute: 0.0,
            },
            cap: Self::DEFAULT_CAP,
        })
    }

    /// Success where a step's length is at most `tolerance` · ‖x‖₂. It says nothing of the residual.
    ///
    /// # Errors
    /// A tolerance that is negative or not finite.
    pub fn relative_step(tolerance: f64) -> Result<Self> {
        Ok(Self {
            test: Test::Step {
                relative: check::non_negative("tolerance", tolerance)?,
            },
            cap: Self::DEFAULT_CAP,
        })
    }

    /// Success at a minimum of the merit function, whatever its value: the predicted decrease is at
    /// most `tolerance` of the value. The rule for overdetermined least squares, whose residual
    /// does not vanish.
    ///
    /// # Errors
    /// A tolerance that is negative or not finite.
    pub fn stationary(tolerance: f64) -> Result<Self> {
        Ok(Self {
            test: Test::Stationary {
                relative: check::non_negative("tolerance", tolerance)?,
            },
            cap: Self::DEFAULT_CAP,
        })
    }

    /// Gives up after this many iterations.
    ///
    /// # Errors
    /// Zero.
    pub fn with_cap(mut self, iterations: usize) -> Result<Self> {
        self.cap = check::count("iterations", iterations)?;
        Ok(self)
    }

    pub(super) fn counts_steps(&self) -> bool {
        self.test == Test::Steps
    }

    /// Whether x satisfies the test before any step.
    pub(super) fn met_at_start<T: Scalar>(&self, residual: T, scale: T) -> bool {
        match self.test {
            Test::Residual { .. } | Test::DefaultResidual => self.residual_met(residual, scale),
            Test::Steps | Test::Step { .. } | Test::Stationary { .. } => false,
        }
    }

    /// The status after an accepted step; unsolved where the solve goes on.
    pub(super) fn after<T: Scalar>(&self, progress: &Progress<T>) -> Status {
        let met = match self.test {
            Test::Steps if progress.iterations >= self.cap => return Status::Stepped,
            Test::Residual { .. } | Test::DefaultResidual => {
                self.residual_met(progress.residual, progress.scale)
            }
            Test::Step { relative } => progress.step <= T::lit(relative) * progress.x,
            Test::Steps | Test::Stationary { .. } => false,
        };
        if met {
            Status::Converged
        } else if progress.iterations >= self.cap {
            Status::MaxIterations
        } else {
            Status::Unsolved
        }
    }

    /// The predicted decrease, as a fraction of the merit function, that counts as success.
    pub(super) fn stationary_tolerance<T: Scalar>(&self) -> Option<T> {
        match self.test {
            Test::Stationary { relative } => Some(T::lit(relative)),
            _ => None,
        }
    }

    fn residual_met<T: Scalar>(&self, residual: T, scale: T) -> bool {
        let tolerance = match self.test {
            Test::Residual { relative, absolute } => T::lit(absolute) + T::lit(relative) * scale,
            _ => num_traits::Float::powf(T::eps(), T::lit(0.75)) * scale,
        };
        residual <= tolerance
    }
}
