//! What keeps a step safe far from the solution.

use num_traits::Float;

use super::{Prediction, StepSettings};
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// How the length of a step is controlled.
///
/// # Reference
/// Backtracking: Armijo's condition (Nocedal & Wright, *Numerical Optimization*, 2006, §3.1).
/// Damping: Nielsen's update (Madsen, Nielsen, Tingleff, *Methods for Non-Linear Least Squares
/// Problems*, 2004, eq. 3.14–3.16). Trust region: Nocedal & Wright, algorithm 4.1.
/// Largest loss change: Holl, Koltun, Thuerey, *Scale-invariant Learning by Physics Inversion*, 2022.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Globalization {
    rule: Rule,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    None,
    StepCap(f64),
    MaxLossChange(f64),
    Backtracking,
    TrustRegion { radius: f64 },
    Damping { initial: f64 },
}

/// Armijo's constant.
const SUFFICIENT_DECREASE: f64 = 1e-4;
/// Gain ratio under which a trial of the trust region is rejected.
const ACCEPTED_GAIN: f64 = 1e-4;
/// Trials at one point after which a solve has stalled: 2⁻⁴⁰ is below any useful step.
const MAX_TRIALS: usize = 40;

impl Globalization {
    /// [`damping`](Self::damping) from 10⁻³, Levenberg–Marquardt's own.
    pub(super) const DEFAULT_DAMPING: Self = Self {
        rule: Rule::Damping { initial: 1e-3 },
    };

    /// Takes every step in full.
    #[must_use]
    pub fn none() -> Self {
        Self { rule: Rule::None }
    }

    /// Shortens steps to at most ‖Δx‖₂ = `length`, in the units of x.
    ///
    /// # Errors
    /// A length that is not positive and finite.
    pub fn step_cap(length: f64) -> Result<Self> {
        let length = check::positive("length", length)?;
        Ok(Self {
            rule: Rule::StepCap(length),
        })
    }

    /// Limits the first-order change of the loss a step: the authors' rule in the Hessian's
    /// eigenbasis for [`SaddleFreeNewton`](super::SaddleFreeNewton), of the whole step elsewhere.
    ///
    /// # Errors
    /// A limit that is not positive and finite.
    pub fn max_loss_change(limit: f64) -> Result<Self> {
        let limit = check::positive("max_loss_change", limit)?;
        Ok(Self {
            rule: Rule::MaxLossChange(limit),
        })
    }

    /// Halves a step until the merit function falls by 1e-4 of what its slope promises.
    #[must_use]
    pub fn backtracking() -> Self {
        Self {
            rule: Rule::Backtracking,
        }
    }

    /// Keeps ‖Δx‖₂ within a radius that follows how well the model predicts; starts at `radius`.
    ///
    /// # Errors
    /// A radius that is not positive and finite.
    pub fn trust_region(radius: f64) -> Result<Self> {
        let radius = check::positive("radius", radius)?;
        Ok(Self {
            rule: Rule::TrustRegion { radius },
        })
    }

    /// Adds μ to the model's curvature in every direction, where μ follows how well the model
    /// predicts; starts at `initial` times the largest diagonal element of the model's Hessian.
    ///
    /// # Errors
    /// A value that is not positive and finite.
    pub fn damping(initial: f64) -> Result<Self> {
        let initial = check::positive("initial", initial)?;
        Ok(Self {
            rule: Rule::Damping { initial },
        })
    }

    /// Whether a bad trial point is tried again with a shorter step.
    pub(super) fn retries(&self) -> bool {
        matches!(
            self.rule,
            Rule::Backtracking | Rule::TrustRegion { .. } | Rule::Damping { .. }
        )
    }

    /// Whether a rejected trial needs another solve of the model, not just a shorter step.
    pub(super) fn solves_again(&self) -> bool {
        matches!(self.rule, Rule::TrustRegion { .. } | Rule::Damping { .. })
    }
}

/// The state of a globalization for one sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Control<T> {
    /// Fraction of the direction (backtracking), radius, or damping μ.
    size: T,
    /// Growth of the damping at the next rejection.
    growth: T,
    /// Trials at the current point.
    trials: usize,
}

/// What to do with a trial point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accept,
    Retry,
    Stall,
}

impl<T: Scalar> Control<T> {
    pub(super) fn new(globalization: &Globalization) -> Self {
        let size = match globalization.rule {
            Rule::TrustRegion { radius } => T::lit(radius),
            // Negative until the first model tells the scale.
            Rule::Damping { .. } => -T::one(),
            _ => T::one(),
        };
        Self {
            size,
            growth: T::lit(2.0),
            trials: 0,
        }
    }

    /// Computes a step by `solve`, which maps settings to the direction in `dx`.
    pub(super) fn step<E>(
        &mut self,
        globalization: &Globalization,
        largest_curvature: T,
        dx: &mut [T],
        mut solve: impl FnMut(StepSettings<T>, &mut [T]) -> Result<Prediction<T>, E>,
    ) -> Result<Prediction<T>, E> {
        let plain = StepSettings::default();
        match globalization.rule {
            Rule::None | Rule::Backtracking => solve(plain, dx),
            Rule::StepCap(length) => {
                let prediction = solve(plain, dx)?;
                let norm = crate::linalg::norm(dx);
                let cap = T::lit(length);
                Ok(if norm > cap {
                    prediction.scaled(cap / norm, dx)
                } else {
                    prediction
                })
            }
            Rule::MaxLossChange(limit) => solve(
                StepSettings {
                    max_loss_change: Some(T::lit(limit)),
                    ..plain
                },
                dx,
            ),
            Rule::Damping { initial } => {
                if self.size < T::zero() {
                    let scale = if largest_curvature > T::zero() {
                        largest_curvature
                    } else {
                        T::one()
                    };
                    self.size = T::lit(initial) * scale;
                }
                let damping = self.size;
                solve(StepSettings { damping, ..plain }, dx)
            }
            Rule::TrustRegion { .. } => step_within(self.size, largest_curvature, dx, solve),
        }
    }

    /// Judges a trial by the merit function before and after; NaN after is a bad trial.
    pub(super) fn judge(
        &mut self,
        globalization: &Globalization,
        before: T,
        after: T,
        prediction: &Prediction<T>,
        step: T,
    ) -> Verdict {
        self.trials += 1;
        let verdict = match globalization.rule {
            Rule::None | Rule::StepCap(_) | Rule::MaxLossChange(_) => Verdict::Accept,
            Rule::Backtracking => {
                // Near the minimum the decrease drowns in rounding: allow for that much.
                let slack = T::lit(4.0) * T::eps() * Float::abs(before);
                let bound = before + T::lit(SUFFICIENT_DECREASE) * self.size * prediction.slope;
                if after <= bound + slack {
                    self.size = T::one();
                    Verdict::Accept
                } else {
                    self.size *= T::lit(0.5);
                    Verdict::Retry
                }
            }
            Rule::Damping { .. } => {
                let gain = (before - after) / prediction.decrease;
                if after <= before && gain > T::zero() {
                    let cubic = Float::powi(T::lit(2.0) * gain - T::one(), 3);
                    self.size *= Float::max(T::one() / T::lit(3.0), T::one() - cubic);
                    self.growth = T::lit(2.0);
                    Verdict::Accept
                } else {
                    self.size *= self.growth;
                    self.growth *= T::lit(2.0);
                    Verdict::Retry
                }
            }
            Rule::TrustRegion { .. } => {
                let gain = (before - after) / prediction.decrease;
                if gain > T::lit(0.75) && step > T::lit(0.8) * self.size {
                    self.size *= T::lit(2.0);
                } else if gain > T::lit(0.25) {
                    // Keep the radius.
                } else {
                    self.size = T::lit(0.25) * Float::min(step, self.size);
                }
                if gain > T::lit(ACCEPTED_GAIN) {
                    Verdict::Accept
                } else {
                    Verdict::Retry
                }
            }
        };
        match verdict {
            Verdict::Retry if self.trials >= MAX_TRIALS => Verdict::Stall,
            Verdict::Accept => {
                self.trials = 0;
                Verdict::Accept
            }
            other => other,
        }
    }

    /// Whether a trial at the current point was rejected.
    pub(super) fn was_rejected(&self) -> bool {
        self.trials > 0
    }

    /// The fraction of the direction that the next trial takes.
    pub(super) fn fraction(&self, globalization: &Globalization) -> T {
        match globalization.rule {
            Rule::Backtracking => self.size,
            _ => T::one(),
        }
    }
}

/// Finds the damping for which the step's length is the radius, or 0 where it is shorter without.
fn step_within<T: Scalar, E>(
    radius: T,
    largest_curvature: T,
    dx: &mut [T],
    mut solve: impl FnMut(StepSettings<T>, &mut [T]) -> Result<Prediction<T>, E>,
) -> Result<Prediction<T>, E> {
    let mut solve = |damping: T, dx: &mut [T]| {
        solve(
            StepSettings {
                damping,
                max_loss_change: None,
            },
            dx,
        )
    };
    if let Ok(prediction) = solve(T::zero(), dx)
        && crate::linalg::norm(dx) <= radius
    {
        return Ok(prediction);
    }
    // The length falls as the damping grows: bracket, then bisect on the logarithm.
    let unit = Float::max(largest_curvature, Float::min_positive_value());
    let (mut low, mut high) = (T::lit(1e-12) * unit, unit);
    let ten = T::lit(10.0);
    while {
        solve(high, dx)?;
        crate::linalg::norm(dx) > radius && Float::is_finite(high * ten)
    } {
        low = high;
        high *= ten;
    }
    for _ in 0..12 {
        let middle = Float::sqrt(low) * Float::sqrt(high);
        // A singular model at little damping counts as too long a step.
        let fits = solve(middle, dx).is_ok() && crate::linalg::norm(dx) <= radius;
        if fits {
            high = middle;
            if crate::linalg::norm(dx) > T::lit(0.8) * radius {
                break;
            }
        } else {
            low = middle;
        }
    }
    solve(high, dx)
}
