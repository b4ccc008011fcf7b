use num_dual::{Dual, DualNum, HyperDual};

use super::Loss;
use crate::error::Result;
use crate::scalar::Scalar;

/// The value of a loss, written once over any of [`num_dual`]'s numbers; [`AutoLoss`] adds the
/// derivatives.
///
/// # Contract
/// `y` and `target` have the same length. L is twice differentiable; at a branch or kink the
/// derivatives are those of the side taken.
pub trait LossMap<T: Scalar> {
    /// L(y, y*).
    fn value<D: DualNum<Primitive = T> + Copy>(&self, y: &[D], target: &[T]) -> D;

    /// Accepts or refuses outputs of length m, as [`Loss::check_dim`].
    ///
    /// # Errors
    /// A loss with weights of its own refuses an m that is not theirs.
    fn check_dim(&self, _output_dim: usize) -> Result<()> {
        Ok(())
    }
}

/// A loss with derivatives by automatic differentiation, exact to rounding.
///
/// # Maths
/// (∇L)ᵢ is the ε-part of L(y + εeᵢ) with ε² = 0, and (∇²L·v)ᵢ the ε₁ε₂-part of
/// L(y + ε₁eᵢ + ε₂v) with ε₁² = ε₂² = 0. The Newton step is the default of
/// [`Loss::newton_step`], saddle-free.
///
/// # Shapes
/// Any m that the map accepts. Gradient and Hessian product cost m evaluations each, the Newton
/// step m²; up to m = 16 the first two do not allocate.
///
/// # Reference
/// Fike, Alonso: The Development of Hyper-Dual Numbers for Exact Second-Derivative Calculations,
/// AIAA 2011-886.
///
/// # Example
/// ```
/// use arginv::loss::{AutoLoss, Loss, LossMap};
/// use arginv::Scalar;
/// use num_dual::DualNum;
///
/// /// 1 − cos r: a loss of angles.
/// struct Angle;
/// impl<T: Scalar> LossMap<T> for Angle {
///     fn value<D: DualNum<Primitive = T> + Copy>(&self, y: &[D], target: &[T]) -> D {
///         (-(y[0] - target[0]).cos()) + T::one()
///     }
/// }
/// let mut gradient = [0.0];
/// AutoLoss::new(Angle).gradient(&[1.0], &[0.5], &mut gradient);
/// assert_eq!(gradient, [0.5_f64.sin()]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct AutoLoss<F> {
    map: F,
}

impl<F> AutoLoss<F> {
    /// The loss whose value is `map`.
    pub fn new(map: F) -> Self {
        Self { map }
    }
}

/// Calls `f` with `values`, collected on the stack where they are few.
fn with_slice<D: Copy, R>(
    len: usize,
    value: impl Fn(usize) -> D,
    fill: D,
    f: impl FnOnce(&mut [D]) -> R,
) -> R {
    const FEW: usize = 16;
    if len <= FEW {
        let mut array = [fill; FEW];
        for (i, d) in array[..len].iter_mut().enumerate() {
            *d = value(i);
        }
        f(&mut array[..len])
    } else {
        f(&mut (0..len).map(value).collect::<Vec<_>>())
    }
}

impl<T: Scalar, F: LossMap<T>> Loss<T> for AutoLoss<F> {
    fn value(&self, y: &[T], target: &[T]) -> T {
        self.map.value(y, target)
    }

    fn gradient(&self, y: &[T], target: &[T], out: &mut [T]) {
        let dual = |i: usize| Dual::from_re(y[i]);
        with_slice(y.len(), dual, Dual::from_re(T::zero()), |duals| {
            for (i, o) in (0..y.len()).zip(out) {
                duals[i].eps = T::one();
                *o = self.map.value(duals, target).eps;
                duals[i].eps = T::zero();
            }
        });
    }

    fn hessian_mul(&self, y: &[T], target: &[T], v: &[T], out: &mut [T]) {
        let zero = T::zero();
        let m = y.len().min(v.len());
        let dual = |i: usize| HyperDual::new(y[i], zero, v[i], zero);
        with_slice(m, dual, HyperDual::from_re(zero), |duals| {
            for (i, o) in (0..m).zip(out) {
                duals[i].eps1 = T::one();
                *o = self.map.value(duals, target).eps1eps2;
                duals[i].eps1 = zero;
            }
        });
    }

    fn check_dim(&self, output_dim: usize) -> Result<()> {
        self.map.check_dim(output_dim)
    }
}
