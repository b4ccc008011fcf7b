use num_traits::Float;

use super::Loss;
use super::elementwise::{map, map_mul, step_to_target, sum};
use crate::error::{Result, check};
use crate::scalar::Scalar;

/// Quadratic near the target, linear beyond δ: outliers pull with a bounded force.
///
/// # Maths
/// With r = y − y*, element by element,
///
/// | | \|r\| ≤ δ | \|r\| > δ |
/// |---|---|---|
/// | L | ½r² | δ(\|r\| − ½δ) |
/// | ∇L | r | δ·sign r |
/// | ∇²L | 1 | 0 |
///
/// Where ∇²L = 0 there is no Newton step. The safe step there is the one of the quadratic
/// ½(δ/|r₀|)r² + ½δ(|r₀| − δ), which touches L at the present r₀ and lies above it everywhere: to
/// its minimum, r = 0. So the step is Δy = −ηr on both sides of δ, and never ascends for η ≤ 2.
///
/// # Shapes
/// Any m.
///
/// # Contract
/// δ is finite and greater than 0.
///
/// # Reference
/// Huber: Robust Estimation of a Location Parameter, Ann. Math. Statist. 35 (1964).
///
/// # Example
/// ```
/// use arginv::{Loss, loss::Huber};
///
/// let huber = Huber::new(1.0)?;
/// assert_eq!(huber.value(&[0.5], &[0.0]), 0.125);
/// assert_eq!(huber.value(&[3.0], &[0.0]), 2.5);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    delta: f64,
}

impl Huber {
    /// The loss with its change from quadratic to linear at |r| = δ.
    ///
    /// # Errors
    /// δ is not finite or not greater than 0.
    pub fn new(delta: f64) -> Result<Self> {
        let delta = check::positive("delta", delta)?;
        Ok(Self { delta })
    }

    /// δ.
    #[must_use]
    pub fn delta(&self) -> f64 {
        self.delta
    }
}

impl<T: Scalar> Loss<T> for Huber {
    fn value(&self, y: &[T], target: &[T]) -> T {
        let (delta, half) = (T::lit(self.delta), T::lit(0.5));
        sum(y, target, |r| {
            let r = Float::abs(r);
            if r <= delta {
                half * r * r
            } else {
                delta * (r - half * delta)
            }
        })
    }

    fn gradient(&self, y: &[T], target: &[T], out: &mut [T]) {
        let delta = T::lit(self.delta);
        map(y, target, out, |r| Float::clamp(r, -delta, delta));
    }

    fn hessian_mul(&self, y: &[T], target: &[T], v: &[T], out: &mut [T]) {
        let delta = T::lit(self.delta);
        map_mul(y, target, v, out, |r| {
            if Float::abs(r) <= delta {
                T::one()
            } else {
                T::zero()
            }
        });
    }

    fn newton_step(&self, y: &[T], target: &[T], eta: T, out: &mut [T]) {
        step_to_target(y, target, eta, out);
    }
}
