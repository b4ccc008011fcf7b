//! The optimizers by their names, with PyTorch's default settings.
//!
//! For other settings write the chain out: each function's page shows it.

use super::{
    Chain, IntoSchedule, ScaleByAdadelta, ScaleByAdagrad, ScaleByAdam, ScaleByLion, ScaleByNAdam,
    ScaleByRAdam, ScaleByRmsprop, WeightDecay,
};
use crate::error::Result;
use crate::scalar::Scalar;

/// Gradient descent, θ ← θ − ηₜ∇L. `.then(Momentum::new(0.9)?)` adds momentum.
///
/// # Errors
/// A learning rate that is not finite and above zero.
///
/// # Example
/// ```
/// use arginv::optimizer::{Chain, Momentum, sgd};
///
/// let plain: Chain<f64> = sgd(1e-2)?;
/// let heavy_ball: Chain<f64> = sgd(1e-2)?.then(Momentum::new(0.9)?);
/// # Ok::<(), arginv::Error>(())
/// ```
pub fn sgd<T: Scalar>(learning_rate: impl IntoSchedule) -> Result<Chain<T>> {
    Chain::new(learning_rate)
}

/// Adam: [`ScaleByAdam`] with β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸; often at learning rate 10⁻³.
///
/// # Errors
/// A learning rate that is not finite and above zero.
///
/// # Example
/// ```
/// use arginv::optimizer::{Chain, ScaleByAdam, adam};
///
/// let default: Chain<f64> = adam(1e-3)?;
/// let other: Chain<f64> = Chain::new(1e-3)?
///     .then(ScaleByAdam::new().with_betas(0.8, 0.99)?.with_eps(1e-6)?);
/// # Ok::<(), arginv::Error>(())
/// ```
pub fn adam<T: Scalar>(learning_rate: impl IntoSchedule) -> Result<Chain<T>> {
    Ok(Chain::new(learning_rate)?.then(ScaleByAdam::new()))
}

/// AdamW: [`adam`] with decoupled weight decay 0.01.
///
/// Other strengths: `adam(η)?.then(WeightDecay::new(λ)?)`.
///
/// # Errors
/// A learning rate that is not finite and above zero.
pub fn adamw<T: Scalar>(learning_rate: impl IntoSchedule) -> Result<Chain<T>> {
    Ok(adam(learning_rate)?.then(WeightDecay::new(0.01)?))
}

/// AMSGrad: [`adam`] with the largest mean square so far.
///
/// # Errors
/// A learning rate that is not finite and above zero.
pub fn amsgrad<T: Scalar>(learning_rate: impl IntoSchedule) -> Result<Chain<T>> {
    Ok(Chain::new(learning_rate)?.then(ScaleByAdam::new().with_amsgrad()))
}

/// NAdam: [`ScaleByNAdam`] with its defaults; often at learning rate 2·10⁻³.
///
/// # Errors
/// A learning rate that is not finite and above zero.
pub fn nadam<T: Scalar>(learning_rate: impl IntoSchedule) -> Result<Chain<T>> {
    Ok(Chain::new(learning_rate)?.then(ScaleByNAdam::new()))
}

/// RAdam: [`ScaleByRAdam`] with its defaults; often at learning rate 10⁻³.
///
/// # Errors
/// A learning rate that is not finite and above zero.
pub fn radam<T: Scalar>(learning_rate: impl IntoSchedule) -> Result<Chain<T>> {
    Ok(Chain::new(learning_rate)?.then(ScaleByRAdam::new()))
}

/// Adagrad: [`ScaleByAdagrad`] with its defaults; often at learning rate 10⁻².
///
/// # Errors
/// A learning rate that is not finite and above zero.
pub fn adagrad<T: Scalar>(learning_rate: impl IntoSchedule) -> Result<Chain<T>> {
    Ok(Chain::new(learning_rate)?.then(ScaleByAdagrad::new()))
}

/// Adadelta: [`ScaleByAdadelta`] with its defaults; usually at learning rate 1.
///
/// # Errors
/// A learning rate that is not finite and above zero.
pub fn adadelta<T: Scalar>(learning_rate: impl IntoSchedule) -> Result<Chain<T>> {
    Ok(Chain::new(learning_rate)?.then(ScaleByAdadelta::new()))
}

/// RMSprop: [`ScaleByRmsprop`] with its defaults; often at learning rate 10⁻².
///
/// # Errors
/// A learning rate that is not finite and above zero.
pub fn rmsprop<T: Scalar>(learning_rate: impl IntoSchedule) -> Result<Chain<T>> {
    Ok(Chain::new(learning_rate)?.then(ScaleByRmsprop::new()))
}

/// Lion: [`ScaleByLion`] with its defaults; often at a tenth of Adam's learning rate.
///
/// # Errors
/// A learning rate that is not finite and above zero.
pub fn lion<T: Scalar>(learning_rate: impl IntoSchedule) -> Result<Chain<T>> {
    Ok(Chain::new(learning_rate)?.then(ScaleByLion::new()))
}
