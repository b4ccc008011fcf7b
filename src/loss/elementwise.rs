//! Losses that are functions of the residuals rᵢ = yᵢ − y*ᵢ one by one.

use crate::scalar::Scalar;

/// Σᵢ f(rᵢ).
pub(super) fn sum<T: Scalar>(y: &[T], target: &[T], f: impl Fn(T) -> T) -> T {
    y.iter()
        .zip(target)
        .fold(T::zero(), |s, (&y, &t)| s + f(y - t))
}

/// outᵢ = f(rᵢ).
pub(super) fn map<T: Scalar>(y: &[T], target: &[T], out: &mut [T], f: impl Fn(T) -> T) {
    for ((o, &y), &t) in out.iter_mut().zip(y).zip(target) {
        *o = f(y - t);
    }
}

/// outᵢ = f(rᵢ)·vᵢ.
pub(super) fn map_mul<T: Scalar>(
    y: &[T],
    target: &[T],
    v: &[T],
    out: &mut [T],
    f: impl Fn(T) -> T,
) {
    map(y, target, out, f);
    for (o, &v) in out.iter_mut().zip(v) {
        *o *= v;
    }
}

/// out = −η·r, the step whose full length ends at the target.
pub(super) fn step_to_target<T: Scalar>(y: &[T], target: &[T], eta: T, out: &mut [T]) {
    map(y, target, out, |r| -eta * r);
}
