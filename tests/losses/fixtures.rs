//! Losses with known derivatives, and small helpers.

use arginv::loss::{Huber, L2, LogCosh, LossMap, WeightedL2};
use arginv::{Error, Loss, Scalar};
use faer::Mat;
use num_dual::DualNum;
use proptest::prelude::*;

/// Positive definite, eigenvalues between 1 and 5.
pub(crate) const W: [[f64; 3]; 3] = [[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]];
pub(crate) const DIAGONAL: [f64; 3] = [4.0, 0.5, 1.0];
pub(crate) const DELTA: f64 = 1.0;

/// The shipped losses written again, by their definitions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Definition {
    L2,
    Diagonal,
    Full,
    Huber,
    LogCosh,
}

impl<T: Scalar> LossMap<T> for Definition {
    fn value<D: DualNum<Primitive = T> + Copy>(&self, y: &[D], target: &[T]) -> D {
        let r: Vec<D> = y.iter().zip(target).map(|(&y, &t)| y - t).collect();
        let delta = T::lit(DELTA);
        let half = T::lit(0.5);
        let term = |i: usize, r_i: D| match self {
            Definition::L2 => r_i * r_i * half,
            Definition::Diagonal => r_i * r_i * half * T::lit(DIAGONAL[i]),
            Definition::Full => {
                let wr = r.iter().zip(&W[i]).map(|(&r_j, &w)| r_j * T::lit(w));
                r_i * wr.sum::<D>() * half
            }
            Definition::Huber if r_i.abs() <= delta => r_i * r_i * half,
            Definition::Huber => (r_i.abs() - half * delta) * delta,
            Definition::LogCosh => r_i.cosh().ln(),
        };
        r.iter().enumerate().map(|(i, &r_i)| term(i, r_i)).sum()
    }
}

/// Σ cosh rᵢ + ½(Σ rᵢ)²: convex, not separable, for any m.
pub(crate) struct Coupled;

impl<T: Scalar> LossMap<T> for Coupled {
    fn value<D: DualNum<Primitive = T> + Copy>(&self, y: &[D], target: &[T]) -> D {
        let residuals = || y.iter().zip(target).map(|(&y, &t)| y - t);
        let sum: D = residuals().sum();
        residuals().map(|r| r.cosh()).sum::<D>() + sum * sum * T::lit(0.5)
    }
}

/// (1 − y₀)² + 100(y₁ − y₀²)², which has a region of indefinite Hessian.
pub(crate) struct Rosenbrock;

impl<T: Scalar> LossMap<T> for Rosenbrock {
    fn value<D: DualNum<Primitive = T> + Copy>(&self, y: &[D], _target: &[T]) -> D {
        let valley = y[1] - y[0] * y[0];
        let rest = y[0] - T::one();
        rest * rest + valley * valley * T::lit(100.0)
    }
}

/// ½r₀² − ½r₁² + r₂: a saddle with a direction without curvature, for m = 3 only.
pub(crate) struct Saddle;

impl<T: Scalar> LossMap<T> for Saddle {
    fn value<D: DualNum<Primitive = T> + Copy>(&self, y: &[D], target: &[T]) -> D {
        let r = |i: usize| y[i] - target[i];
        (r(0) * r(0) - r(1) * r(1)) * T::lit(0.5) + r(2)
    }

    fn check_dim(&self, output_dim: usize) -> Result<(), Error> {
        if output_dim == 3 {
            return Ok(());
        }
        Err(Error::Length {
            what: "y",
            expected: 3,
            got: output_dim,
        })
    }
}

pub(crate) fn lits<T: Scalar>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&v| T::lit(v)).collect()
}

pub(crate) fn matrix<T: Scalar>(rows: &[[f64; 3]; 3]) -> Mat<T> {
    Mat::from_fn(3, 3, |i, j| T::lit(rows[i][j]))
}

/// The shipped losses for m = 3, each with its definition; the quadratic ones first.
pub(crate) fn shipped<T: Scalar>() -> Vec<(Box<dyn Loss<T>>, Definition)> {
    let diagonal = WeightedL2::diagonal(&lits::<T>(&DIAGONAL)).unwrap();
    let full = WeightedL2::full(matrix::<T>(&W).as_ref()).unwrap();
    vec![
        (Box::new(L2), Definition::L2),
        (Box::new(diagonal), Definition::Diagonal),
        (Box::new(full), Definition::Full),
        (Box::new(Huber::new(DELTA).unwrap()), Definition::Huber),
        (Box::new(LogCosh), Definition::LogCosh),
    ]
}

pub(crate) fn gradient<T: Scalar>(loss: &dyn Loss<T>, y: &[T], target: &[T]) -> Vec<T> {
    let mut out = vec![T::nan(); y.len()];
    loss.gradient(y, target, &mut out);
    out
}

pub(crate) fn hessian_mul<T: Scalar>(loss: &dyn Loss<T>, y: &[T], target: &[T], v: &[T]) -> Vec<T> {
    let mut out = vec![T::nan(); y.len()];
    loss.hessian_mul(y, target, v, &mut out);
    out
}

pub(crate) fn step<T: Scalar>(loss: &dyn Loss<T>, y: &[T], target: &[T], eta: f64) -> Vec<T> {
    let mut out = vec![T::nan(); y.len()];
    loss.newton_step(y, target, T::lit(eta), &mut out);
    out
}

/// y + factor·Δy.
pub(crate) fn added<T: Scalar>(y: &[T], dy: &[T], factor: T) -> Vec<T> {
    y.iter().zip(dy).map(|(&y, &d)| y + factor * d).collect()
}

pub(crate) fn scaled<T: Scalar>(values: &[T], c: f64) -> Vec<T> {
    values.iter().map(|&v| v * T::lit(c)).collect()
}

/// ‖a − b‖∞ in double precision; NaN where an element is NaN.
pub(crate) fn distance<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(&a, &b)| (a - b).as_f64().abs());
    differences.fold(0.0, |m, d| if d <= m { m } else { d })
}

pub(crate) fn eps<T: Scalar>() -> f64 {
    T::eps().as_f64()
}

pub(crate) fn triple(limit: f64) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-limit..limit, 3)
}

pub(crate) fn pair(limit: f64) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-limit..limit, 2)
}

/// Numbers of either sign from 1e-30 to 1e30.
pub(crate) fn any_scale() -> impl Strategy<Value = f64> {
    (any::<bool>(), -30.0..30.0)
        .prop_map(|(sign, exponent)| if sign { 1.0 } else { -1.0 } * 10f64.powf(exponent))
}
