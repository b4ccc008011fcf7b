//! Simulators y = P(x) and what more they can do than run forward.
//!
//! A batch is a matrix whose **columns are samples**: x is n × B, y is m × B. A user implements
//! [`Simulator`] alone, or writes the map once over [`num_dual`]'s numbers ([`Map`], wrapped in
//! [`Auto`]), or adds derivatives by hand. Capabilities are traits, so that a solver which needs
//! what a simulator lacks does not compile.

mod auto;
mod compose;
mod counted;
mod elementwise;
mod exponential;
mod finite_diff;
mod forward;
mod from_fn;
mod linear;
mod product;
mod sine;
mod square;
mod with_inverse;

pub use auto::{Auto, Map};
pub use compose::Compose;
pub use counted::{Calls, Counted, Counts};
pub use exponential::Exponential;
pub use finite_diff::FiniteDiff;
pub use from_fn::{FromFn, from_fn};
pub use linear::Linear;
pub use sine::Sine;
pub use square::Square;
pub use with_inverse::WithInverse;

pub use num_dual::DualNum;

use faer::{MatMut, MatRef};

use crate::error::{Failure, check};
use crate::scalar::Scalar;

/// A forward map y = P(x), x ∈ ℝⁿ, y ∈ ℝᵐ, on a batch of columns.
///
/// # Contract
/// Columns are independent: column j of `y` depends on column j of `x` alone, and not on B.
/// The caller passes `x` of n × B and `y` of m × B, both with contiguous columns (row stride 1).
/// An `Err` makes the caller try the samples one by one; a sample without a value may also be
/// answered with NaN, which marks that sample alone as failed.
///
/// # Example
/// ```
/// use arginv::{Failure, Simulator};
/// use faer::{MatMut, MatRef, mat};
///
/// struct Cube;
/// impl Simulator<f64> for Cube {
///     fn input_dim(&self) -> usize { 1 }
///     fn output_dim(&self) -> usize { 1 }
///     fn forward(&self, x: MatRef<'_, f64>, mut y: MatMut<'_, f64>) -> Result<(), Failure> {
///         for j in 0..x.ncols() {
///             y[(0, j)] = x[(0, j)].powi(3);
///         }
///         Ok(())
///     }
/// }
/// let x = mat![[1.0, 2.0]];
/// let mut y = faer::Mat::zeros(1, 2);
/// Cube.forward(x.as_ref(), y.as_mut())?;
/// assert_eq!(y, mat![[1.0, 8.0]]);
/// # Ok::<(), arginv::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a simulator over `{T}`",
    label = "no forward map y = P(x)",
    note = "implement `Simulator<{T}>`, or implement `Map` and wrap it: `Auto::new(map)`"
)]
pub trait Simulator<T: Scalar> {
    /// n, the length of x.
    fn input_dim(&self) -> usize;

    /// m, the length of y.
    fn output_dim(&self) -> usize;

    /// Writes P(x) into `y`, m × B.
    ///
    /// # Errors
    /// Whatever keeps the simulator from giving a value.
    fn forward(&self, x: MatRef<'_, T>, y: MatMut<'_, T>) -> Result<(), Failure>;
}

/// Products of the Jacobian with a vector: forward mode.
#[diagnostic::on_unimplemented(
    message = "the simulator `{Self}` lacks the capability `Jvp`: products J·v",
    label = "no Jacobian-vector product",
    note = "wrap the map in `Auto::new(map)` or the simulator in `FiniteDiff::new(simulator)`, or implement `Jvp<{T}>`"
)]
pub trait Jvp<T: Scalar>: Simulator<T> {
    /// Writes J(x)·v column by column: `v` is n × B, `out` m × B.
    ///
    /// # Errors
    /// Whatever keeps the simulator from giving a value.
    fn jvp(&self, x: MatRef<'_, T>, v: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<(), Failure>;
}

/// Products of the transposed Jacobian with a vector: reverse mode.
#[diagnostic::on_unimplemented(
    message = "the simulator `{Self}` lacks the capability `Vjp`: products Jᵀ·w",
    label = "no vector-Jacobian product",
    note = "wrap the map in `Auto::new(map)` or the simulator in `FiniteDiff::new(simulator)`, or implement `Vjp<{T}>`"
)]
pub trait Vjp<T: Scalar>: Simulator<T> {
    /// Writes J(x)ᵀ·w column by column: `w` is m × B, `out` n × B.
    ///
    /// # Errors
    /// Whatever keeps the simulator from giving a value.
    fn vjp(&self, x: MatRef<'_, T>, w: MatRef<'_, T>, out: MatMut<'_, T>) -> Result<(), Failure>;
}

/// The dense Jacobian.
#[diagnostic::on_unimplemented(
    message = "the simulator `{Self}` lacks the capability `Jacobian`",
    label = "no dense Jacobian",
    note = "wrap the map in `Auto::new(map)` or the simulator in `FiniteDiff::new(simulator)`, or implement `Jacobian<{T}>`"
)]
pub trait Jacobian<T: Scalar>: Vjp<T> {
    /// Writes ∂P/∂x: `jac` is m × (n·B), sample j's Jacobian in columns j·n to (j+1)·n.
    ///
    /// # Errors
    /// Whatever keeps the simulator from giving a value.
    fn jacobian(&self, x: MatRef<'_, T>, jac: MatMut<'_, T>) -> Result<(), Failure>;

    /// Writes P(x) and ∂P/∂x together, for simulators that share work between them.
    ///
    /// # Errors
    /// Whatever keeps the simulator from giving a value.
    fn forward_jacobian(
        &self,
        x: MatRef<'_, T>,
        y: MatMut<'_, T>,
        jac: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        self.forward(x, y)?;
        self.jacobian(x, jac)
    }
}

/// Second derivatives, contracted with a vector in y-space.
#[diagnostic::on_unimplemented(
    message = "the simulator `{Self}` lacks the capability `Curvature`: second derivatives Σᵢ wᵢ∇²Pᵢ",
    label = "no curvature, which saddle-free Newton needs",
    note = "wrap the map in `Auto::new(map)` or the simulator in `FiniteDiff::new(simulator)`, implement `Curvature<{T}>`, or use a solver that works without: `Newton`, `GaussNewton`, `LevenbergMarquardt`, `GradientDescent`"
)]
pub trait Curvature<T: Scalar>: Jacobian<T> {
    /// Writes Σᵢ wᵢ∇²Pᵢ(x): `w` is m × B, `h` is n × (n·B), sample j's symmetric matrix in columns
    /// j·n to (j+1)·n.
    ///
    /// # Errors
    /// Whatever keeps the simulator from giving a value.
    fn curvature(
        &self,
        x: MatRef<'_, T>,
        w: MatRef<'_, T>,
        h: MatMut<'_, T>,
    ) -> Result<(), Failure>;
}

/// An inverse known in closed form, near a given x.
#[diagnostic::on_unimplemented(
    message = "the simulator `{Self}` lacks the capability `LocalInverse`: an inverse of its own",
    label = "no analytic inverse",
    note = "implement `LocalInverse<{T}>`, add it by `WithInverse::new(simulator, closure)`, or use an iterative solver: `Newton`, `LevenbergMarquardt`, `SaddleFreeNewton`"
)]
pub trait LocalInverse<T: Scalar>: Simulator<T> {
    /// Writes P⁻¹(y_target; x), the solution nearest to x: `x` and `x_out` are n × B, `y_target`
    /// is m × B. A sample without a solution gets NaN in every row.
    ///
    /// # Errors
    /// Whatever keeps the simulator from giving a value.
    fn inverse(
        &self,
        x: MatRef<'_, T>,
        y_target: MatRef<'_, T>,
        x_out: MatMut<'_, T>,
    ) -> Result<(), Failure>;
}

/// Checks x (n × B) and returns B.
fn batch_of<T: Scalar, P: Simulator<T> + ?Sized>(
    simulator: &P,
    x: MatRef<'_, T>,
) -> Result<usize, Failure> {
    check::shape("x", x, simulator.input_dim(), x.ncols())?;
    Ok(x.ncols())
}

/// Checks x and y (m × B).
fn check_forward<T: Scalar, P: Simulator<T> + ?Sized>(
    simulator: &P,
    x: MatRef<'_, T>,
    y: MatRef<'_, T>,
) -> Result<(), Failure> {
    let batch = batch_of(simulator, x)?;
    Ok(check::shape("y", y, simulator.output_dim(), batch)?)
}

/// Checks x, v (n × B) and J·v (m × B).
fn check_jvp<T: Scalar, P: Simulator<T> + ?Sized>(
    simulator: &P,
    x: MatRef<'_, T>,
    v: MatRef<'_, T>,
    out: MatRef<'_, T>,
) -> Result<(), Failure> {
    let batch = batch_of(simulator, x)?;
    check::shape("v", v, simulator.input_dim(), batch)?;
    Ok(check::shape("J·v", out, simulator.output_dim(), batch)?)
}

/// Checks x, w (m × B) and Jᵀ·w (n × B).
fn check_vjp<T: Scalar, P: Simulator<T> + ?Sized>(
    simulator: &P,
    x: MatRef<'_, T>,
    w: MatRef<'_, T>,
    out: MatRef<'_, T>,
) -> Result<(), Failure> {
    let batch = batch_of(simulator, x)?;
    check::shape("w", w, simulator.output_dim(), batch)?;
    Ok(check::shape("Jᵀ·w", out, simulator.input_dim(), batch)?)
}

/// Checks x and the Jacobian (m × nB).
fn check_jacobian<T: Scalar, P: Simulator<T> + ?Sized>(
    simulator: &P,
    x: MatRef<'_, T>,
    jac: MatRef<'_, T>,
) -> Result<(), Failure> {
    let columns = simulator
        .input_dim()
        .saturating_mul(batch_of(simulator, x)?);
    Ok(check::shape(
        "the Jacobian",
        jac,
        simulator.output_dim(),
        columns,
    )?)
}

/// Checks x, w (m × B) and the curvature (n × nB).
fn check_curvature<T: Scalar, P: Simulator<T> + ?Sized>(
    simulator: &P,
    x: MatRef<'_, T>,
    w: MatRef<'_, T>,
    h: MatRef<'_, T>,
) -> Result<(), Failure> {
    let (n, batch) = (simulator.input_dim(), batch_of(simulator, x)?);
    check::shape("w", w, simulator.output_dim(), batch)?;
    Ok(check::shape(
        "the curvature",
        h,
        n,
        n.saturating_mul(batch),
    )?)
}

/// Checks x, y (m × B) and the inverse (n × B).
fn check_inverse<T: Scalar, P: Simulator<T> + ?Sized>(
    simulator: &P,
    x: MatRef<'_, T>,
    y_target: MatRef<'_, T>,
    x_out: MatRef<'_, T>,
) -> Result<(), Failure> {
    let batch = batch_of(simulator, x)?;
    check::shape("y_target", y_target, simulator.output_dim(), batch)?;
    Ok(check::shape("x_out", x_out, simulator.input_dim(), batch)?)
}
