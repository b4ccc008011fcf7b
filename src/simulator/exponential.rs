//! y = eˣ.

use faer::{MatMut, MatRef};
use num_traits::Float;

use super::elementwise::scalar_map;
use super::{
    Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp, check_curvature, check_forward,
    check_inverse, check_jacobian, check_jvp,
};
use crate::error::Failure;
use crate::scalar::Scalar;

/// y = eˣ, one-dimensional: a map whose gradient varies over orders of magnitude.
///
/// The inverse is ln y, NaN for y ≤ 0 and y = ∞.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use faer::mat;
///
/// let mut x = faer::Mat::zeros(1, 2);
/// Exponential.inverse(mat![[0.0, 0.0]].as_ref(), mat![[1.0, -1.0]].as_ref(), x.as_mut())?;
/// assert!(x[(0, 0)] == 0.0_f64 && x[(0, 1)].is_nan());
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exponential;

impl Exponential {
    fn value<T: Scalar>(x: T) -> T {
        Float::exp(x)
    }

    fn slope<T: Scalar>(x: T) -> T {
        Float::exp(x)
    }

    fn bend<T: Scalar>(x: T) -> T {
        Float::exp(x)
    }

    fn root<T: Scalar>(_x: T, y: T) -> T {
        if y > T::zero() && y < T::infinity() {
            Float::ln(y)
        } else {
            T::nan()
        }
    }
}

scalar_map!(Exponential);
