//! The one table of optimizers that the suite runs over.

use arginv::optimizer::schedule::{
    cosine, exponential, inverse_time, piecewise, plateau, steps, warmup,
};
use arginv::optimizer::{
    Chain, ClipByGlobalNorm, ClipByValue, Momentum, ScaleByAdadelta, ScaleByAdagrad, ScaleByAdam,
    ScaleByLion, ScaleByNAdam, ScaleByRAdam, ScaleByRmsprop, WeightDecay, adadelta, adagrad, adam,
    adamw, amsgrad, lion, nadam, radam, rmsprop, sgd,
};
use arginv::{Result, Scalar};

pub(crate) type Make<T> = fn() -> Result<Chain<T>>;

/// All optimizers and settings; the names are those of the recorded trajectories.
pub(crate) fn table<T: Scalar>() -> Vec<(&'static str, Make<T>)> {
    vec![
        ("sgd", || sgd(1e-3)),
        ("sgd momentum", || Ok(sgd(1e-3)?.then(Momentum::new(0.9)?))),
        ("sgd dampening", || {
            Ok(sgd(5e-3)?.then(Momentum::new(0.9)?.with_dampening(0.3)?))
        }),
        ("sgd nesterov", || {
            Ok(sgd(2e-3)?.then(Momentum::new(0.9)?.with_nesterov()?))
        }),
        ("sgd weight decay", || {
            Ok(sgd(5e-3)?
                .then(WeightDecay::new(0.1)?)
                .then(Momentum::new(0.5)?))
        }),
        ("adam", || adam(1e-3)),
        ("adam fast", || adam(5e-2)),
        ("adam betas eps", || {
            let adam = ScaleByAdam::new().with_betas(0.8, 0.95)?.with_eps(1e-4)?;
            Ok(Chain::new(2e-2)?.then(adam))
        }),
        ("adam weight decay", || {
            Ok(adam(2e-2)?.preceded_by(WeightDecay::new(0.1)?))
        }),
        ("amsgrad", || {
            let amsgrad = ScaleByAdam::new().with_amsgrad().with_betas(0.9, 0.9)?;
            Ok(Chain::new(5e-2)?.then(amsgrad))
        }),
        ("amsgrad defaults", || amsgrad(1e-3)),
        ("adamw", || adamw(1e-3)),
        ("adamw weight decay", || {
            Ok(adam(5e-2)?.then(WeightDecay::new(0.3)?))
        }),
        ("nadam", || nadam(2e-3)),
        ("nadam momentum decay", || {
            let nadam = ScaleByNAdam::new().with_betas(0.8, 0.99)?;
            Ok(Chain::new(2e-2)?.then(nadam.with_momentum_decay(0.1)?))
        }),
        ("nadam weight decay", || {
            Ok(nadam(2e-2)?.preceded_by(WeightDecay::new(0.1)?))
        }),
        ("nadam decoupled", || {
            Ok(nadam(2e-2)?.then(WeightDecay::new(0.1)?))
        }),
        ("radam", || radam(1e-3)),
        ("radam betas eps", || {
            let radam = ScaleByRAdam::new().with_betas(0.8, 0.9)?.with_eps(1e-6)?;
            Ok(Chain::new(2e-2)?.then(radam))
        }),
        ("radam weight decay", || {
            Ok(radam(2e-2)?.preceded_by(WeightDecay::new(0.1)?))
        }),
        ("radam decoupled", || {
            Ok(radam(2e-2)?.then(WeightDecay::new(0.1)?))
        }),
        ("adagrad", || adagrad(1e-2)),
        ("adagrad initial", || {
            let adagrad = ScaleByAdagrad::new().with_initial(0.1)?.with_eps(1e-3)?;
            Ok(Chain::new(0.2)?.then(adagrad))
        }),
        ("adagrad lr decay", || adagrad(inverse_time(0.2, 0.05)?)),
        ("adagrad weight decay", || {
            Ok(adagrad(0.1)?.preceded_by(WeightDecay::new(0.1)?))
        }),
        ("adadelta", || adadelta(1.0)),
        ("adadelta rho eps", || {
            let adadelta = ScaleByAdadelta::new().with_rho(0.8)?.with_eps(1e-4)?;
            Ok(Chain::new(0.5)?.then(adadelta))
        }),
        ("adadelta weight decay", || {
            Ok(adadelta(3.0)?.preceded_by(WeightDecay::new(0.1)?))
        }),
        ("rmsprop", || rmsprop(1e-2)),
        ("rmsprop alpha eps", || {
            let rmsprop = ScaleByRmsprop::new().with_alpha(0.9)?.with_eps(1e-4)?;
            Ok(Chain::new(1e-3)?.then(rmsprop))
        }),
        ("rmsprop centered", || {
            Ok(Chain::new(1e-3)?.then(ScaleByRmsprop::new().with_centered()))
        }),
        ("rmsprop momentum", || {
            Ok(rmsprop(1e-3)?.then(Momentum::new(0.8)?))
        }),
        ("rmsprop all", || {
            Ok(Chain::new(1e-3)?
                .then(WeightDecay::new(0.1)?)
                .then(ScaleByRmsprop::new().with_centered())
                .then(Momentum::new(0.8)?))
        }),
        ("lion", || lion(1e-4)),
        ("lion betas weight decay", || {
            Ok(Chain::new(1e-2)?
                .then(ScaleByLion::new().with_betas(0.8, 0.95)?)
                .then(WeightDecay::new(0.3)?))
        }),
        ("step", || sgd(steps(5e-3, 7, 0.7)?)),
        ("exponential", || sgd(exponential(5e-3, 0.97)?)),
        ("cosine", || sgd(cosine(5e-3, 100)?.with_final(0.1)?)),
        ("piecewise", || {
            sgd(piecewise(&[(0, 5e-3), (15, 5e-4), (60, 5e-5)])?)
        }),
        ("custom", || sgd(|t: u64| 5e-3 / (1.0 + t as f64).sqrt())),
        ("warm-up", || sgd(warmup(50, 5e-3)?)),
        ("warm-up cosine", || {
            adam(warmup(20, cosine(5e-2, 80)?)?.with_start(0.1)?)
        }),
        ("plateau", || {
            let rate = plateau(1e-2)?.with_factor(0.5)?.with_patience(2);
            let rate = rate.with_threshold(1e-2)?.with_cooldown(3);
            Ok(sgd(rate)?.then(Momentum::new(0.9)?))
        }),
        ("plateau absolute", || {
            let rate = plateau(1e-2)?.with_factor(0.3)?.with_patience(4);
            let rate = rate.with_absolute_threshold(0.05)?.with_min_rate(1e-3)?;
            Ok(sgd(rate)?.then(Momentum::new(0.9)?))
        }),
        ("clip norm", || {
            Ok(sgd(20.0)?.then(ClipByGlobalNorm::new(1e-3)?))
        }),
        ("clip norm adam", || {
            Ok(adam(5e-2)?.preceded_by(ClipByGlobalNorm::new(5.0)?))
        }),
        ("clip value", || {
            Ok(sgd(1e-2)?
                .then(ClipByValue::new(0.5)?)
                .then(Momentum::new(0.9)?))
        }),
    ]
}
