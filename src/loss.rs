//! Losses L(y, y*) and the Newton step on them in y-space.

use crate::error::Result;
use crate::scalar::Scalar;

/// A loss of one sample, L(y, y*), twice differentiable in y.
///
/// A loss is written for one sample, on slices of length m; what works on a batch is provided.
///
/// # Contract
/// All slices of one call have the length m that [`check_dim`](Loss::check_dim) accepted. The
/// Hessian is symmetric.
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
    /// where it is not. It allocates; losses with a closed form override it.
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
}
