//! Gauss–Newton and Levenberg–Marquardt: least squares on P(x) − ỹ, for any m and n.

use faer::MatMut;
use num_traits::Float;

use super::{
    Descent, Direction, Evaluations, Globalization, Linearization, Model, Prediction, Status,
    StepSettings, StopRule,
};
use crate::error::Failure;
use crate::linalg::{LeastSquares, dot, mat_vec};
use crate::scalar::Scalar;
use crate::simulator::Jacobian;

/// Gauss–Newton: the least-squares step for overdetermined problems, the shortest exact step for
/// underdetermined ones, Newton's for square ones.
///
/// # Maths
/// d minimises ‖J·d + P(x) − ỹ‖₂, and ‖d‖₂ among those that do; by column-pivoted QR of J or Jᵀ,
/// never by forming JᵀJ.
///
/// # Contract
/// The iterates are invariant under y → cy, and map with A under x → Ax where m ≥ n.
///
/// # Failure modes
/// [`Singular`](super::Status::Singular) where J has not full rank;
/// [`Stationary`](super::Status::Stationary) at a least-squares solution whose residual is above the
/// tolerance: ask for [`StopRule::stationary`] where that is the wanted end.
///
/// # Reference
/// Nocedal & Wright, *Numerical Optimization*, 2006, §10.3; Björck, *Numerical Methods for Least
/// Squares Problems*, 1996, §2.7.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::inverse::{StopRule, invert};
/// use faer::mat;
///
/// // Three equations in one unknown: the least-squares solution is the mean.
/// let map = Linear::new(mat![[1.0], [1.0], [1.0]])?;
/// let mut solver = GaussNewton::new().with_stop(StopRule::stationary(1e-12)?);
/// let found = invert(&map, &mut solver, mat![[0.0]].as_ref(), mat![[1.0], [2.0], [6.0]].as_ref())?;
/// assert!((found.x[(0, 0)] - 3.0_f64).abs() < 1e-14);
/// # Ok::<(), arginv::Error>(())
/// ```
pub type GaussNewton<T> = Descent<T, GaussNewtonDirection<T, false>>;

/// Levenberg–Marquardt: Gauss–Newton with damping that follows how well the model predicts.
///
/// # Maths
/// (JᵀJ + μI)d = −Jᵀ(P(x) − ỹ), as the least-squares problem ‖(J; √μ·I)d + (P(x) − ỹ; 0)‖₂.
/// μ starts at 10⁻³ times the largest diagonal element of JᵀJ.
///
/// # Failure modes
/// [`Stationary`](super::Status::Stationary) as for [`GaussNewton`];
/// [`Stalled`](super::Status::Stalled) where no damping decreases the residual.
///
/// # Reference
/// Levenberg 1944; Marquardt 1963; Nielsen's update of μ in Madsen, Nielsen, Tingleff, *Methods for
/// Non-Linear Least Squares Problems*, 2004, algorithm 3.16.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::inverse::invert;
/// use faer::mat;
///
/// // From x = −12 Newton's first step for eˣ = 1 overflows; this one recovers.
/// let mut solver = LevenbergMarquardt::new();
/// let found = invert(&Exponential, &mut solver, mat![[-12.0]].as_ref(), mat![[1.0]].as_ref())?;
/// assert!((found.x[(0, 0)] - 0.0_f64).abs() < 1e-10);
/// # Ok::<(), arginv::Error>(())
/// ```
pub type LevenbergMarquardt<T> = Descent<T, GaussNewtonDirection<T, true>>;

impl<T: Scalar> GaussNewton<T> {
    /// Gauss–Newton with backtracking, to [`StopRule::default_residual`].
    #[must_use]
    pub fn new() -> Self {
        Self::of(
            GaussNewtonDirection::default(),
            Globalization::backtracking(),
            StopRule::default_residual(),
        )
    }
}

impl<T: Scalar> Default for GaussNewton<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Scalar> LevenbergMarquardt<T> {
    /// Levenberg–Marquardt to [`StopRule::default_residual`].
    #[must_use]
    pub fn new() -> Self {
        Self::of(
            GaussNewtonDirection::default(),
            Globalization::DEFAULT_DAMPING,
            StopRule::default_residual(),
        )
    }
}

impl<T: Scalar> Default for LevenbergMarquardt<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The direction of [`GaussNewton`] and, meant to be damped, of [`LevenbergMarquardt`].
#[derive(Clone)]
pub struct GaussNewtonDirection<T: Scalar, const DAMPED: bool> {
    qr: LeastSquares<T>,
    damped: Damped<T>,
    minus_residual: Vec<T>,
    change: Vec<T>,
}

impl<T: Scalar, const DAMPED: bool> Default for GaussNewtonDirection<T, DAMPED> {
    fn default() -> Self {
        Self {
            qr: LeastSquares::default(),
            damped: Damped::default(),
            minus_residual: Vec::new(),
            change: Vec::new(),
        }
    }
}

impl<T, P, const DAMPED: bool> Direction<T, P> for GaussNewtonDirection<T, DAMPED>
where
    T: Scalar,
    P: Jacobian<T> + ?Sized,
{
    fn name(&self) -> &'static str {
        if DAMPED {
            "LevenbergMarquardt"
        } else {
            "GaussNewton"
        }
    }

    fn minimises_loss(&self) -> bool {
        false
    }

    fn model_len(&self, input_dim: usize, output_dim: usize) -> usize {
        input_dim * output_dim
    }

    fn cost(&self) -> Evaluations {
        JACOBIAN
    }

    fn linearize(
        &mut self,
        simulator: &P,
        at: &Linearization<'_, T>,
        models: &mut [T],
    ) -> Result<(), Failure> {
        jacobians(simulator, at, models)
    }

    fn largest_curvature(&self, model: &Model<'_, T>) -> T {
        largest_curvature(model)
    }

    fn step(
        &mut self,
        model: &Model<'_, T>,
        settings: &StepSettings<T>,
        dx: &mut [T],
    ) -> Result<Prediction<T>, Status> {
        if settings.damping > T::zero() {
            return self.damped.step(model, settings, dx);
        }
        let m = model.residual.len();
        if !self.qr.factor(m, dx.len(), model.data) {
            return Err(Status::Singular);
        }
        negate(model.residual, &mut self.minus_residual);
        self.qr.solve(&self.minus_residual, dx);
        Ok(predict(model, dx, &mut self.change).limited(settings, dx))
    }
}

/// The damped least-squares step, shared with [`Newton`](super::Newton).
#[derive(Clone)]
pub(super) struct Damped<T: Scalar> {
    qr: LeastSquares<T>,
    augmented: Vec<T>,
    rhs: Vec<T>,
    change: Vec<T>,
}

impl<T: Scalar> Default for Damped<T> {
    fn default() -> Self {
        Self {
            qr: LeastSquares::default(),
            augmented: Vec::new(),
            rhs: Vec::new(),
            change: Vec::new(),
        }
    }
}

impl<T: Scalar> Damped<T> {
    pub(super) fn step(
        &mut self,
        model: &Model<'_, T>,
        settings: &StepSettings<T>,
        dx: &mut [T],
    ) -> Result<Prediction<T>, Status> {
        let (m, n) = (model.residual.len(), dx.len());
        let root = Float::sqrt(settings.damping);
        self.augmented.clear();
        for (j, column) in model.data.chunks_exact(m).enumerate() {
            self.augmented.extend_from_slice(column);
            self.augmented
                .extend((0..n).map(|i| if i == j { root } else { T::zero() }));
        }
        negate(model.residual, &mut self.rhs);
        self.rhs.resize(m + n, T::zero());
        if !self.qr.factor(m + n, n, &self.augmented) {
            return Err(Status::Singular);
        }
        self.qr.solve(&self.rhs, dx);
        Ok(predict(model, dx, &mut self.change).limited(settings, dx))
    }
}

/// What a linearization by one Jacobian costs.
pub(super) const JACOBIAN: Evaluations = Evaluations {
    forward: 0,
    derivative: 1,
    curvature: 0,
    inverse: 0,
};

/// Stores the Jacobians, m × n a sample.
pub(super) fn jacobians<T: Scalar, P: Jacobian<T> + ?Sized>(
    simulator: &P,
    at: &Linearization<'_, T>,
    models: &mut [T],
) -> Result<(), Failure> {
    let (n, m) = (at.x.nrows(), at.y.nrows());
    let columns = n * at.x.ncols();
    simulator.jacobian(
        at.x,
        MatMut::from_column_major_slice_mut(models, m, columns),
    )
}

/// The largest diagonal element of JᵀJ.
pub(super) fn largest_curvature<T: Scalar>(model: &Model<'_, T>) -> T {
    model
        .data
        .chunks_exact(model.residual.len())
        .fold(T::zero(), |largest, column| {
            Float::max(largest, dot(column, column))
        })
}

/// What the linear model r + J·d says of ½‖r‖².
pub(super) fn predict<T: Scalar>(
    model: &Model<'_, T>,
    dx: &[T],
    change: &mut Vec<T>,
) -> Prediction<T> {
    change.resize(model.residual.len(), T::zero());
    mat_vec(model.data, dx, change);
    let slope = dot(model.residual, change);
    Prediction {
        slope,
        decrease: -slope - T::lit(0.5) * dot(change, change),
    }
}

fn negate<T: Scalar>(residual: &[T], out: &mut Vec<T>) {
    out.clear();
    out.extend(residual.iter().map(|&r| -r));
}
