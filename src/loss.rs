//! Losses L(y, y*) and the Newton step on them in y-space.
//!
//! With r = y − y* and step size η:
//!
//! | loss | L | Newton step Δy |
//! |---|---|---|
//! | [`L2`] | ½‖r‖² | −ηr |
//! | [`WeightedL2`] | ½rᵀWr | −ηr |
//! | [`Huber`] | Σ ½rᵢ² to δ, then δ(\|rᵢ\| − ½δ) | −ηr; where \|rᵢ\| > δ the safe step |
//! | [`LogCosh`] | Σ log cosh rᵢ | −½η·sinh 2r; where \|rᵢ\| ≥ 1.0886… the safe step −ηr |
//! | [`AutoLoss`] | any, written once | in the eigenbasis of ∇²L, saddle-free |
//! | one's own | any | the same, or its own |

mod auto;
mod batch;
mod elementwise;
mod forward;
mod huber;
mod l2;
mod log_cosh;
mod weighted_l2;

pub use auto::{AutoLoss, LossMap};
pub use huber::Huber;
pub use l2::L2;
pub use log_cosh::LogCosh;
pub use weighted_l2::WeightedL2;

use faer::{MatMut, MatRef};

use crate::error::{Result, check};
use crate::scalar::Scalar;

/// A loss of one sample, L(y, y*), twice differentiable in y.
///
/// A loss is written for one sample, on slices of length m; what works on a batch is provided.
/// `&L`, `Box<L>` and `Arc<L>` are losses where `L` is one, `dyn Loss<T>` included.
///
/// # Contract
/// All slices of one call have the length m that [`check_dim`](Loss::check_dim) accepted. The
/// Hessian is symmetric. Every element of `out` is written; what it held before is not read.
///
/// # Example
/// The quartic loss ¼Σ(y − y*)⁴, whose Hessian vanishes at the minimum:
/// ```
/// use arginv::Loss;
///
/// struct Quartic;
/// impl Loss<f64> for Quartic {
///     fn value(&self, y: &[f64], target: &[f64]) -> f64 {
///         y.iter().zip(target).map(|(y, t)| (y - t).powi(4) / 4.0).sum()
///     }
///     fn gradient(&self, y: &[f64], target: &[f64], out: &mut [f64]) {
///         for (i, o) in out.iter_mut().enumerate() {
///             *o = (y[i] - target[i]).powi(3);
///         }
///     }
///     fn hessian_mul(&self, y: &[f64], target: &[f64], v: &[f64], out: &mut [f64]) {
///         for (i, o) in out.iter_mut().enumerate() {
///             *o = 3.0 * (y[i] - target[i]).powi(2) * v[i];
///         }
///     }
/// }
/// let mut dy = [0.0];
/// Quartic.newton_step(&[3.0], &[0.0], 1.0, &mut dy);
/// assert!((dy[0] + 1.0).abs() < 1e-12); // Newton shrinks the error of a quartic by one third
/// ```
pub trait Loss<T: Scalar> {
    /// L(y, y*).
    fn value(&self, y: &[T], target: &[T]) -> T;

    /// Writes ∇L, the gradient with respect to y.
    fn gradient(&self, y: &[T], target: &[T], out: &mut [T]);

    /// Writes ∇²L·v.
    fn hessian_mul(&self, y: &[T], target: &[T], v: &[T], out: &mut [T]);

    /// Writes the Newton step Δy = −η·(∇²L)⁻¹∇L.
    ///
    /// The default assembles ∇²L from products and solves in its eigenbasis, saddle-free: along an
    /// eigenvector with eigenvalue λ the step is −η·g̃/|λ|, and 0 where |λ| is not above rounding,
    /// ε·m·max|λ|. So it is Newton's step where the Hessian is positive definite and never ascends
    /// where it is not; where the Hessian is not finite it is NaN. It allocates; losses with a
    /// closed form override it.
    fn newton_step(&self, y: &[T], target: &[T], eta: T, out: &mut [T]) {
        crate::linalg::safe_newton_step(self, y, target, eta, out);
    }

    /// Accepts or refuses outputs of length m.
    ///
    /// # Errors
    /// A loss with weights of its own refuses an m that is not theirs.
    fn check_dim(&self, _output_dim: usize) -> Result<()> {
        Ok(())
    }

    /// Writes the loss of every sample: `y` and `target` are m × B, `out` has length B.
    ///
    /// # Errors
    /// Shapes that do not match, or an m that [`check_dim`](Loss::check_dim) refuses.
    fn values(&self, y: MatRef<'_, T>, target: MatRef<'_, T>, out: &mut [T]) -> Result<()> {
        batch::check(self, y, target)?;
        check::length("out", out.len(), y.ncols())?;
        let (mut y, mut target) = (batch::Columns::new(y), batch::Columns::new(target));
        for (j, o) in out.iter_mut().enumerate() {
            *o = self.value(y.get(j), target.get(j));
        }
        Ok(())
    }

    /// Writes ∇L of every sample: all matrices are m × B.
    ///
    /// # Errors
    /// Shapes that do not match, or an m that [`check_dim`](Loss::check_dim) refuses.
    fn gradients(&self, y: MatRef<'_, T>, target: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<()> {
        batch::check(self, y, target)?;
        batch::map(y, target, out, |y, target, out| {
            self.gradient(y, target, out);
        })
    }

    /// Writes the Newton step of every sample with step size η: all matrices are m × B.
    ///
    /// # Errors
    /// Shapes that do not match, an m that [`check_dim`](Loss::check_dim) refuses, or an η that is
    /// not finite and greater than 0.
    fn newton_steps(
        &self,
        y: MatRef<'_, T>,
        target: MatRef<'_, T>,
        eta: T,
        out: MatMut<'_, T>,
    ) -> Result<()> {
        batch::check(self, y, target)?;
        check::positive("eta", eta.as_f64())?;
        batch::map(y, target, out, |y, target, out| {
            self.newton_step(y, target, eta, out);
        })
    }
}
