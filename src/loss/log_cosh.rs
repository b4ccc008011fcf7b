use num_traits::Float;

use super::Loss;
use super::elementwise::{map, map_mul, sum};
use crate::scalar::Scalar;

/// Quadratic near the target, linear far from it, and smooth between.
///
/// # Maths
/// With r = y − y*, element by element, L = log cosh r, ∇L = tanh r, ∇²L = sech² r. Newton's step
/// is −η·tanh r/sech² r = −η·½sinh 2r. It overshoots the target, and by more the farther it is: a
/// full step, η = 1, lands on r − ½sinh 2r, and L, even and growing in |r|, decreases exactly where
///
/// |r − ½sinh 2r| < |r| ⟺ ½|sinh 2r| < 2|r| ⟺ |r| < 1.08865…,
///
/// the positive root of sinh 2r = 4r. Elsewhere the safe step takes its place: to the minimum,
/// Δy = −ηr. As L is convex, no step with η ≤ 1 then ascends.
///
/// # Shapes
/// Any m.
///
/// # Failure modes
/// None: value, gradient and step are finite and accurate for every finite r.
///
/// # Example
/// ```
/// use arginv::{Loss, loss::LogCosh};
///
/// let mut dy = [0.0; 2];
/// LogCosh.newton_step(&[0.5, 40.0], &[0.0, 0.0], 1.0, &mut dy);
/// assert_eq!(dy, [-0.5 * 1f64.sinh(), -40.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCosh;

/// log cosh r without overflow for large and without cancellation for small |r|.
fn log_cosh<T: Scalar>(r: T) -> T {
    let r = Float::abs(r);
    let two = T::lit(2.0);
    if r < T::one() {
        // cosh r − 1 = 2·sinh²(r/2)
        let s = Float::sinh(r / two);
        Float::ln_1p(two * s * s)
    } else {
        r + Float::ln_1p(Float::exp(-two * r)) - T::lit(std::f64::consts::LN_2)
    }
}

impl<T: Scalar> Loss<T> for LogCosh {
    fn value(&self, y: &[T], target: &[T]) -> T {
        sum(y, target, log_cosh)
    }

    fn gradient(&self, y: &[T], target: &[T], out: &mut [T]) {
        map(y, target, out, Float::tanh);
    }

    fn hessian_mul(&self, y: &[T], target: &[T], v: &[T], out: &mut [T]) {
        map_mul(y, target, v, out, |r| {
            let sech = T::one() / Float::cosh(r);
            sech * sech
        });
    }

    fn newton_step(&self, y: &[T], target: &[T], eta: T, out: &mut [T]) {
        let two = T::lit(2.0);
        map(y, target, out, |r| {
            let newton = Float::sinh(two * r) / two;
            if Float::abs(newton) < two * Float::abs(r) {
                -eta * newton
            } else {
                -eta * r
            }
        });
    }
}
