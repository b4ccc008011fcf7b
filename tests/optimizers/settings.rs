//! Senseless settings.

use arginv::optimizer::schedule::{
    self, cosine, exponential, inverse_time, piecewise, plateau, steps, warmup,
};
use arginv::optimizer::{
    Averaged, Chain, ClipByGlobalNorm, ClipByValue, Momentum, ScaleByAdadelta, ScaleByAdagrad,
    ScaleByAdam, ScaleByLion, ScaleByNAdam, ScaleByRAdam, ScaleByRmsprop, WeightDecay, adadelta,
    adagrad, adam, adamw, amsgrad, lion, nadam, radam, rmsprop, sgd,
};
use arginv::{Error, Result};

/// Name of the parameter that an error blames.
pub(crate) fn blamed<V: std::fmt::Debug>(result: Result<V>) -> &'static str {
    match result.unwrap_err() {
        Error::InvalidParameter { name, .. } => name,
        other => panic!("{other}"),
    }
}

#[test]
fn senseless_settings_are_refused_by_name() {
    let bad_rates = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-3, 0.0, -0.0];
    for rate in bad_rates {
        for make in [
            sgd, adam, adamw, amsgrad, nadam, radam, adagrad, adadelta, rmsprop, lion,
        ] as [fn(f64) -> Result<Chain<f64>>; 10]
        {
            assert_eq!(blamed(make(rate)), "learning_rate");
        }
        assert_eq!(blamed(schedule::constant(rate)), "learning_rate");
        assert_eq!(blamed(steps(rate, 1, 0.5)), "learning_rate");
        assert_eq!(blamed(exponential(rate, 0.5)), "learning_rate");
        assert_eq!(blamed(inverse_time(rate, 0.5)), "learning_rate");
        assert_eq!(blamed(cosine(rate, 10)), "learning_rate");
        assert_eq!(blamed(piecewise(&[(0, 1.0), (1, rate)])), "learning_rate");
        assert_eq!(blamed(warmup(10, rate)), "learning_rate");
        assert_eq!(blamed(plateau(rate)), "learning_rate");
    }
    for rate in [f64::NAN, f64::INFINITY, -1e-3] {
        let closure = move |_: u64| rate;
        assert_eq!(blamed(sgd::<f64>(closure)), "learning_rate");
    }

    for beta in [f64::NAN, -0.1, 1.0, 1.5] {
        assert_eq!(blamed(ScaleByAdam::new().with_betas(beta, 0.9)), "beta1");
        assert_eq!(blamed(ScaleByAdam::new().with_betas(0.9, beta)), "beta2");
        assert_eq!(blamed(ScaleByNAdam::new().with_betas(beta, 0.9)), "beta1");
        assert_eq!(blamed(ScaleByNAdam::new().with_betas(0.9, beta)), "beta2");
        assert_eq!(blamed(ScaleByRAdam::new().with_betas(beta, 0.9)), "beta1");
        assert_eq!(blamed(ScaleByRAdam::new().with_betas(0.9, beta)), "beta2");
        assert_eq!(blamed(ScaleByLion::new().with_betas(beta, 0.9)), "beta1");
        assert_eq!(blamed(ScaleByLion::new().with_betas(0.9, beta)), "beta2");
        assert_eq!(blamed(ScaleByAdadelta::new().with_rho(beta)), "rho");
        assert_eq!(blamed(ScaleByRmsprop::new().with_alpha(beta)), "alpha");
        assert_eq!(blamed(Momentum::new(beta)), "momentum");
        let momentum = Momentum::new(0.9).unwrap();
        assert_eq!(blamed(momentum.with_dampening(beta)), "dampening");
        let sgd = || sgd::<f64>(0.1).unwrap();
        assert_eq!(blamed(Averaged::exponential(sgd(), beta)), "decay");
        let plateau = plateau(1.0).unwrap();
        assert_eq!(blamed(plateau.with_factor(beta)), "factor");
        assert_eq!(blamed(plateau.with_threshold(beta)), "threshold");
    }
    for value in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        assert_eq!(blamed(ScaleByAdam::new().with_eps(value)), "eps");
        assert_eq!(blamed(ScaleByNAdam::new().with_eps(value)), "eps");
        assert_eq!(blamed(ScaleByRAdam::new().with_eps(value)), "eps");
        assert_eq!(blamed(ScaleByAdagrad::new().with_eps(value)), "eps");
        assert_eq!(blamed(ScaleByAdadelta::new().with_eps(value)), "eps");
        assert_eq!(blamed(ScaleByRmsprop::new().with_eps(value)), "eps");
        assert_eq!(blamed(ClipByValue::new(value)), "limit");
        assert_eq!(blamed(ClipByGlobalNorm::new(value)), "max_norm");
        assert_eq!(blamed(steps(1.0, 1, value)), "factor");
        assert_eq!(blamed(exponential(1.0, value)), "factor");
        let cosine = cosine(1.0, 10).unwrap();
        assert_eq!(blamed(cosine.with_final(value)), "final fraction");
        let warmup = warmup(10, 1.0).unwrap();
        assert_eq!(blamed(warmup.with_start(value)), "start fraction");
    }
    for value in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(blamed(WeightDecay::new(value)), "weight_decay");
        assert_eq!(blamed(inverse_time(1.0, value)), "decay");
        let nadam = ScaleByNAdam::new().with_momentum_decay(value);
        assert_eq!(blamed(nadam), "momentum_decay");
        let adagrad = ScaleByAdagrad::new().with_initial(value);
        assert_eq!(blamed(adagrad), "initial");
        let plateau = plateau(1.0).unwrap();
        assert_eq!(blamed(plateau.with_min_rate(value)), "min_rate");
        assert_eq!(blamed(plateau.with_absolute_threshold(value)), "threshold");
    }

    assert_eq!(blamed(steps(1.0, 0, 0.5)), "every");
    assert_eq!(blamed(cosine(1.0, 0)), "total");
    assert_eq!(blamed(warmup(0, 1.0)), "steps");
    for pieces in [&[][..], &[(1, 1.0)], &[(0, 1.0), (5, 0.1), (5, 0.01)]] {
        assert_eq!(blamed(piecewise(pieces)), "pieces");
    }
    let still = Momentum::new(0.0).unwrap();
    assert_eq!(blamed(still.with_nesterov()), "momentum");
    let damped = Momentum::new(0.9).unwrap().with_dampening(0.1).unwrap();
    assert_eq!(blamed(damped.with_nesterov()), "dampening");
    let nesterov = Momentum::new(0.9).unwrap().with_nesterov().unwrap();
    assert_eq!(blamed(nesterov.with_dampening(0.1)), "dampening");
}
