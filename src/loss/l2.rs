use super::Loss;
use super::elementwise::{map, map_mul, step_to_target, sum};
use crate::scalar::Scalar;

/// Half the squared distance.
///
/// # Maths
/// L = ½‖y − y*‖², ∇L = y − y*, ∇²L = I; the Newton step is Δy = η(y* − y), without a Hessian.
///
/// # Shapes
/// Any m.
///
/// # Failure modes
/// The value overflows for |yᵢ − y*ᵢ| above √MAX; gradient and step do not.
///
/// # Reference
/// Holl, Koltun, Thuerey: Scale-invariant Learning by Physics Inversion, NeurIPS 2022.
///
/// # Example
/// ```
/// use arginv::{Loss, loss::L2};
///
/// let mut dy = [0.0; 2];
/// L2.newton_step(&[1.0, 2.0], &[3.0, 2.0], 0.5, &mut dy);
/// assert_eq!(dy, [1.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct L2;

impl<T: Scalar> Loss<T> for L2 {
    fn value(&self, y: &[T], target: &[T]) -> T {
        T::lit(0.5) * sum(y, target, |r| r * r)
    }

    fn gradient(&self, y: &[T], target: &[T], out: &mut [T]) {
        map(y, target, out, |r| r);
    }

    fn hessian_mul(&self, y: &[T], target: &[T], v: &[T], out: &mut [T]) {
        map_mul(y, target, v, out, |_| T::one());
    }

    fn newton_step(&self, y: &[T], target: &[T], eta: T, out: &mut [T]) {
        step_to_target(y, target, eta, out);
    }
}
