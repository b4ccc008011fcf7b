//! y = x².

use faer::{MatMut, MatRef};
use num_traits::Float;

use super::elementwise::scalar_map;
use super::{
    Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp, check_curvature, check_forward,
    check_inverse, check_jacobian, check_jvp,
};
use crate::error::Failure;
use crate::scalar::Scalar;

/// y = x², one-dimensional: the simplest map with two solutions.
///
/// The inverse is √y with the sign of x, +√y for x = 0, NaN for y < 0, for y = ∞ and for an x that is
/// NaN.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use faer::mat;
///
/// let mut x = faer::Mat::zeros(1, 2);
/// Square.inverse(mat![[0.1, -0.1]].as_ref(), mat![[4.0, 4.0]].as_ref(), x.as_mut())?;
/// assert_eq!(x, mat![[2.0, -2.0]]);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Square;

impl Square {
    fn value<T: Scalar>(x: T) -> T {
        x * x
    }

    fn slope<T: Scalar>(x: T) -> T {
        x + x
    }

    fn bend<T: Scalar>(_x: T) -> T {
        T::lit(2.0)
    }

    fn root<T: Scalar>(x: T, y: T) -> T {
        let root = Float::sqrt(y);
        if !Float::is_finite(root) || Float::is_nan(x) {
            T::nan()
        } else if x < T::zero() {
            -root
        } else {
            root
        }
    }
}

scalar_map!(Square);
