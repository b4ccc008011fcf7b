//! Saddle-free Newton on L∘P.

use faer::MatMut;
use num_traits::Float;

use super::evaluate::{column, column_mut};
use super::gradient_descent::loss_gradients;
use super::{
    Descent, Direction, Evaluations, Globalization, Linearization, Model, Prediction, Status,
    StepSettings, StopRule,
};
use crate::error::Failure;
use crate::linalg::{SymmetricEigen, dot, mat_t_vec, max_abs};
use crate::scalar::Scalar;
use crate::simulator::Curvature;

/// Saddle-free Newton on L∘P, one step unless told otherwise.
///
/// # Maths
/// H = ∇²(L∘P) = Jᵀ(∇²L)J + Σᵢ(∂L/∂yᵢ)∇²Pᵢ = V·diag(λ)·Vᵀ and g̃ = VᵀJᵀ∇L. The step is
/// d = −V·(g̃/|λ|): Newton's where all λ > 0, and downhill along every eigenvector elsewhere.
///
/// With [`with_max_loss_change`](Descent::with_max_loss_change)(c), the step along an eigenvector
/// whose λ does not exceed the geometric mean of all |λ| is at most c/|g̃|, so that the loss changes
/// by at most c along it to first order.
///
/// Along λ = 0 (|λ| not above ε·n·max|λ|) the step is 0 without a cap, and c/|g̃| with one: the limit
/// for λ → 0. With damping μ, |λ| + μ stands for |λ|.
///
/// # Contract
/// The iterates are invariant under y → cy (L quadratic) and map with A under x → Ax, A orthogonal.
///
/// # Failure modes
/// [`NonFinite`](super::Status::NonFinite) where a derivative is. One step never fails otherwise;
/// nothing bounds its length without a cap or another globalization.
///
/// # Reference
/// Dauphin et al., *Identifying and attacking the saddle point problem in high-dimensional
/// non-convex optimization*, 2014; Holl, Koltun, Thuerey, *Scale-invariant Learning by Physics
/// Inversion*, 2022, for the cap.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::inverse::invert;
/// use faer::mat;
///
/// // L∘P = ½(x² − 4)² has a maximum at x = 0, to which Newton would go from 0.5.
/// let mut solver = SaddleFreeNewton::new();
/// let found = invert(&Square, &mut solver, mat![[0.5]].as_ref(), mat![[4.0]].as_ref())?;
/// assert!(found.x[(0, 0)] > 0.5);
/// # Ok::<(), arginv::Error>(())
/// ```
///
/// A simulator without second derivatives does not compile:
/// ```compile_fail,E0277
/// use arginv::prelude::*;
/// use arginv::inverse::invert;
/// use faer::mat;
///
/// let forward_only = from_fn(1, 1, |x: &[f64], y: &mut [f64]| y[0] = x[0]);
/// invert(&forward_only, &mut SaddleFreeNewton::new(), mat![[0.5]].as_ref(), mat![[4.0]].as_ref());
/// ```
pub type SaddleFreeNewton<T> = Descent<T, SaddleFreeDirection<T>>;

impl<T: Scalar> SaddleFreeNewton<T> {
    /// One uncapped step.
    #[must_use]
    pub fn new() -> Self {
        Self::of(
            SaddleFreeDirection::default(),
            Globalization::none(),
            StopRule::ONE_STEP,
        )
    }
}

impl<T: Scalar> Default for SaddleFreeNewton<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The direction of [`SaddleFreeNewton`]. A sample's model is its gradient (n) and Hessian (n × n).
#[derive(Clone)]
pub struct SaddleFreeDirection<T: Scalar> {
    loss_gradient: Vec<T>,
    jacobian: Vec<T>,
    curvature: Vec<T>,
    hessian_column: Vec<T>,
    eigen: SymmetricEigen<T>,
}

impl<T: Scalar> Default for SaddleFreeDirection<T> {
    fn default() -> Self {
        Self {
            loss_gradient: Vec::new(),
            jacobian: Vec::new(),
            curvature: Vec::new(),
            hessian_column: Vec::new(),
            eigen: SymmetricEigen::default(),
        }
    }
}

impl<T: Scalar, P: Curvature<T> + ?Sized> Direction<T, P> for SaddleFreeDirection<T> {
    fn name(&self) -> &'static str {
        "SaddleFreeNewton"
    }

    fn minimises_loss(&self) -> bool {
        true
    }

    fn model_len(&self, input_dim: usize, _output_dim: usize) -> usize {
        input_dim * (1 + input_dim)
    }

    fn cost(&self) -> Evaluations {
        Evaluations {
            derivative: 1,
            curvature: 1,
            ..Evaluations::default()
        }
    }

    fn linearize(
        &mut self,
        simulator: &P,
        at: &Linearization<'_, T>,
        models: &mut [T],
    ) -> Result<(), Failure> {
        let (n, m, batch) = (at.x.nrows(), at.y.nrows(), at.x.ncols());
        let w = loss_gradients(at, &mut self.loss_gradient)?;
        self.jacobian.resize(m * n * batch, T::zero());
        self.curvature.resize(n * n * batch, T::zero());
        self.hessian_column.resize(m, T::zero());
        simulator.jacobian(
            at.x,
            MatMut::from_column_major_slice_mut(&mut self.jacobian, m, n * batch),
        )?;
        simulator.curvature(
            at.x,
            w,
            MatMut::from_column_major_slice_mut(&mut self.curvature, n, n * batch),
        )?;
        for (j, model) in models.chunks_exact_mut(n * (n + 1)).enumerate() {
            let (gradient, hessian) = model.split_at_mut(n);
            let jacobian = column(&self.jacobian, m * n, j);
            mat_t_vec(jacobian, column(&self.loss_gradient, m, j), gradient);
            hessian.copy_from_slice(column(&self.curvature, n * n, j));
            let (Some(y), Some(target)) = (
                at.y.col(j).try_as_col_major(),
                at.target.col(j).try_as_col_major(),
            ) else {
                return Err(Failure::msg("y and target need contiguous columns"));
            };
            for k in 0..n {
                let product = &mut self.hessian_column;
                at.loss.hessian_mul(
                    y.as_slice(),
                    target.as_slice(),
                    column(jacobian, m, k),
                    product,
                );
                for (i, h) in column_mut(hessian, n, k).iter_mut().enumerate() {
                    *h += dot(column(jacobian, m, i), product);
                }
            }
        }
        Ok(())
    }

    fn largest_curvature(&self, model: &Model<'_, T>) -> T {
        let n = model.input_dim;
        let hessian = &model.data[n..];
        (0..n).fold(T::zero(), |largest, i| {
            Float::max(largest, Float::abs(hessian[i * n + i]))
        })
    }

    fn step(
        &mut self,
        model: &Model<'_, T>,
        settings: &StepSettings<T>,
        dx: &mut [T],
    ) -> Result<Prediction<T>, Status> {
        let n = dx.len();
        let (gradient, hessian) = model.data.split_at(n);
        if !self.eigen.decompose(n, hessian) {
            return Err(Status::Singular);
        }
        let values = self.eigen.values();
        let floor = T::eps() * T::lit(n as f64) * max_abs(values);
        let mean = geometric_mean(values);
        dx.fill(T::zero());
        let mut prediction = Prediction::default();
        for (k, &lambda) in values.iter().enumerate() {
            let vector = self.eigen.vector(k);
            let slope = dot(vector, gradient);
            let size = Float::abs(slope);
            if size == T::zero() {
                continue;
            }
            let curvature = Float::abs(lambda) + settings.damping;
            let newton = if curvature > floor {
                size / curvature
            } else {
                T::infinity()
            };
            let length = match settings.max_loss_change {
                Some(limit) if lambda <= mean => Float::min(newton, limit / size),
                _ if Float::is_finite(newton) => newton,
                _ => T::zero(),
            };
            let step = -length * Float::signum(slope);
            for (d, &v) in dx.iter_mut().zip(vector) {
                *d += step * v;
            }
            prediction.slope -= length * size;
            prediction.decrease +=
                length * size - T::lit(0.5) * Float::abs(lambda) * length * length;
        }
        Ok(prediction)
    }
}

/// The geometric mean of |λ|, with room for rounding so that the mean of equal numbers is not below
/// them. By logarithms: a product overflows in high dimension.
fn geometric_mean<T: Scalar>(values: &[T]) -> T {
    let count = T::lit(values.len() as f64);
    let mean = match values {
        [one] => Float::abs(*one),
        [one, two] => Float::sqrt(Float::abs(*one)) * Float::sqrt(Float::abs(*two)),
        _ => {
            let sum = values
                .iter()
                .fold(T::zero(), |sum, &v| sum + Float::ln(Float::abs(v)));
            Float::exp(sum / count)
        }
    };
    mean * (T::one() + T::lit(16.0) * count * T::eps())
}
