use faer::{Mat, MatRef, Side};
use num_traits::Float;

use super::Loss;
use super::elementwise::step_to_target;
use crate::error::{Error, Result, check};
use crate::scalar::Scalar;

/// Half the squared distance in the norm of a symmetric positive definite matrix W.
///
/// # Maths
/// L = ½(y − y*)ᵀW(y − y*), ∇L = W(y − y*), ∇²L = W. W drops out of the Newton step,
/// Δy = η(y* − y): it weighs the samples' losses, and not the step in y-space.
///
/// # Shapes
/// m is the size of W; [`check_dim`](Loss::check_dim) refuses any other.
///
/// # Failure modes
/// The value overflows where L2's does; the step does not.
///
/// # Example
/// ```
/// use arginv::{Loss, loss::WeightedL2};
/// use faer::mat;
///
/// let full = WeightedL2::full(mat![[2.0, 1.0], [1.0, 2.0]].as_ref())?;
/// assert!((full.value(&[1.0, 1.0], &[0.0, 0.0]) - 3.0_f64).abs() < 1e-15);
///
/// let diagonal = WeightedL2::diagonal(&[4.0, 1.0])?;
/// assert_eq!(diagonal.value(&[1.0, 1.0], &[0.0, 0.0]), 2.5);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WeightedL2<T> {
    weights: Weights<T>,
}

#[derive(Clone, Debug)]
enum Weights<T> {
    Diagonal(Vec<T>),
    /// W and its Cholesky factor: the value ½‖Lᵀr‖² cannot be negative, as ½rᵀWr can by rounding.
    Full {
        matrix: Mat<T>,
        factor: Mat<T>,
    },
}

impl<T: Scalar> WeightedL2<T> {
    /// W = diag(`weights`).
    ///
    /// # Errors
    /// No weights; a weight that is not finite or not greater than 0.
    pub fn diagonal(weights: &[T]) -> Result<Self> {
        check::dimension("length of weights", weights.len())?;
        let bad = |w: T| !(Float::is_finite(w) && w > T::zero());
        if let Some(index) = weights.iter().position(|&w| bad(w)) {
            return Err(Error::InvalidParameter {
                name: "weights",
                value: format!("{} at index {index}", weights[index]),
                requirement: "finite and greater than 0",
            });
        }
        Ok(Self {
            weights: Weights::Diagonal(weights.to_vec()),
        })
    }

    /// W = `weights`, m × m, symmetric and positive definite.
    ///
    /// Both properties are judged relative to √(wᵢᵢwⱼⱼ), the bound on |wᵢⱼ|, and so do not depend on
    /// the units of y. Symmetric means to √ε: a matrix that was inverted numerically passes, and
    /// its symmetric part is used. Positive definite means that no pivot of the Cholesky
    /// factorization is lost in rounding: each is above m·ε·wᵢᵢ.
    ///
    /// # Errors
    /// A matrix that is not square, is empty, not finite, not symmetric or not positive definite.
    pub fn full(weights: MatRef<'_, T>) -> Result<Self> {
        let what = "weights";
        let m = check::dimension("number of rows of weights", weights.nrows())?;
        check::shape(what, weights, m, m)?;
        let entry = |k: usize| weights[(k % m, k / m)];
        if let Some(index) = (0..m * m).position(|k| !Float::is_finite(entry(k))) {
            return Err(Error::NonFinite { what, index });
        }
        let refuse = |requirement| Error::Matrix { what, requirement };
        let matrix = symmetric_part(weights).ok_or(refuse("symmetric"))?;
        let factor = cholesky(matrix.as_ref()).ok_or(refuse("positive definite"))?;
        Ok(Self {
            weights: Weights::Full { matrix, factor },
        })
    }

    /// m, the size of W.
    #[must_use]
    pub fn dim(&self) -> usize {
        match &self.weights {
            Weights::Diagonal(weights) => weights.len(),
            Weights::Full { matrix, .. } => matrix.nrows(),
        }
    }

    /// out = W·v.
    fn mul(&self, v: impl Iterator<Item = T>, out: &mut [T]) {
        match &self.weights {
            Weights::Diagonal(weights) => {
                for ((o, v), &w) in out.iter_mut().zip(v).zip(weights) {
                    *o = w * v;
                }
            }
            Weights::Full { matrix, .. } => {
                out.fill(T::zero());
                for (j, v) in (0..matrix.ncols()).zip(v) {
                    for (o, &w) in out.iter_mut().zip(matrix.col_as_slice(j)) {
                        *o += w * v;
                    }
                }
            }
        }
    }
}

/// ½(A + Aᵀ), if A is symmetric to √ε.
fn symmetric_part<T: Scalar>(a: MatRef<'_, T>) -> Option<Mat<T>> {
    let root = |i: usize| Float::sqrt(Float::abs(a[(i, i)]));
    let tolerance = Float::sqrt(T::eps());
    let symmetric =
        |i: usize, j: usize| Float::abs(a[(i, j)] - a[(j, i)]) <= tolerance * root(i) * root(j);
    let m = a.nrows();
    let half = T::lit(0.5);
    (0..m)
        .all(|j| (0..j).all(|i| symmetric(i, j)))
        .then(|| Mat::from_fn(m, m, |i, j| half * a[(i, j)] + half * a[(j, i)]))
}

/// L with A = LLᵀ, if A is positive definite to working precision.
fn cholesky<T: Scalar>(a: MatRef<'_, T>) -> Option<Mat<T>> {
    let factor = a.llt(Side::Lower).ok()?.L().to_owned();
    let floor = Float::sqrt(T::lit(a.nrows() as f64) * T::eps());
    (0..a.nrows())
        .all(|i| factor[(i, i)] > floor * Float::sqrt(a[(i, i)]))
        .then_some(factor)
}

fn residuals<T: Scalar>(y: &[T], target: &[T]) -> impl Iterator<Item = T> {
    y.iter().zip(target).map(|(&y, &t)| y - t)
}

impl<T: Scalar> Loss<T> for WeightedL2<T> {
    fn value(&self, y: &[T], target: &[T]) -> T {
        let sum = match &self.weights {
            Weights::Diagonal(weights) => residuals(y, target)
                .zip(weights)
                .fold(T::zero(), |s, (r, &w)| s + w * r * r),
            Weights::Full { factor, .. } => (0..factor.ncols()).fold(T::zero(), |s, j| {
                let column = factor.col_as_slice(j);
                let z = residuals(y, target)
                    .zip(column)
                    .fold(T::zero(), |z, (r, &l)| z + l * r);
                s + z * z
            }),
        };
        T::lit(0.5) * sum
    }

    fn gradient(&self, y: &[T], target: &[T], out: &mut [T]) {
        self.mul(residuals(y, target), out);
    }

    fn hessian_mul(&self, _y: &[T], _target: &[T], v: &[T], out: &mut [T]) {
        self.mul(v.iter().copied(), out);
    }

    fn newton_step(&self, y: &[T], target: &[T], eta: T, out: &mut [T]) {
        step_to_target(y, target, eta, out);
    }

    fn check_dim(&self, output_dim: usize) -> Result<()> {
        check::length("y", output_dim, self.dim())
    }
}
