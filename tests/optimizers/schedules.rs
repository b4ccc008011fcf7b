//! Schedules, beyond what the record shows.

use arginv::optimizer::schedule::{self, Schedule, cosine, piecewise, plateau, warmup};
use arginv::optimizer::{Momentum, adam, sgd};
use arginv::{Error, Optimizer};

use crate::settings::blamed;

#[test]
fn zero_learning_rate_needs_to_be_spelled_out() {
    let mut frozen = adam(schedule::zero()).unwrap();
    let mut theta = [1.0, 2.0];
    frozen.step(&mut theta, &[1.0, 1.0], None).unwrap();
    assert_eq!(theta, [1.0, 2.0]);
}

#[test]
fn a_schedule_that_turns_senseless_stops_the_step_before_it() {
    for (value, shown) in [(f64::NAN, "NaN"), (-0.1, "-0.1"), (f64::INFINITY, "inf")] {
        let rate = move |t: u64| if t < 2 { 0.1 } else { value };
        let mut chain = sgd(rate).unwrap().then(Momentum::new(0.9).unwrap());
        let mut theta = [1.0];
        chain.step(&mut theta, &[1.0], None).unwrap();
        chain.step(&mut theta, &[1.0], None).unwrap();
        let before = theta;
        match chain.step(&mut theta, &[1.0], None).unwrap_err() {
            Error::InvalidParameter { name, value, .. } => {
                assert_eq!((name, value.as_str()), ("learning_rate", shown));
            }
            other => panic!("{other}"),
        }
        assert_eq!((theta, chain.steps()), (before, 2));
    }
}

#[test]
fn plateau_without_a_loss_is_refused() {
    for mut chain in [
        sgd::<f64>(plateau(0.1).unwrap()).unwrap(),
        sgd(warmup(3, plateau(0.1).unwrap()).unwrap()).unwrap(),
    ] {
        let mut theta = [1.0];
        assert_eq!(blamed(chain.step(&mut theta, &[1.0], None)), "loss");
        assert_eq!((theta, chain.steps()), ([1.0], 0));
        chain.step(&mut theta, &[1.0], Some(1.0)).unwrap();
    }
}

#[test]
fn plateau_follows_losses_after_its_warm_up_and_bears_nan() {
    let mut rate = warmup(5, plateau(1.0).unwrap().with_patience(1)).unwrap();
    for t in 0..5 {
        rate.observe(t, 1.0); // not counted
    }
    assert_eq!(rate.rate(5), 1.0);
    rate.observe(5, 1.0); // a best
    rate.observe(6, f64::NAN);
    assert_eq!(rate.rate(7), 1.0);
    rate.observe(7, f64::NAN);
    assert_eq!(rate.rate(8), 0.1);
    rate.reset();
    assert_eq!(rate.rate(8), 1.0);
}

#[test]
fn schedules_end_as_they_say() {
    // PyTorch's cosine rises again after its end, so that the record cannot tell.
    let to_zero = cosine(2.0, 10).unwrap();
    assert_eq!((to_zero.rate(0), to_zero.rate(10)), (2.0, 0.0));
    assert!((to_zero.rate(5) - 1.0).abs() < 1e-15); // cos(π/2) = 6e-17
    let to_tenth = to_zero.with_final(0.1).unwrap();
    for t in [10, 11, 15, 1000, u64::MAX] {
        assert_eq!((to_zero.rate(t), to_tenth.rate(t)), (0.0, 0.2));
    }
    let risen = warmup(4, 1.0).unwrap().with_start(0.2).unwrap();
    let rates: Vec<f64> = (0..6).map(|t| risen.rate(t)).collect();
    for (rate, expected) in rates.iter().zip([0.2, 0.4, 0.6, 0.8, 1.0, 1.0]) {
        assert!((rate - expected).abs() < 1e-15, "{rates:?}"); // a few roundings near 1
    }
    let stairs = piecewise(&[(0, 3.0), (4, 2.0), (9, 1.0)]).unwrap();
    let rates = [0, 3, 4, 8, 9, u64::MAX].map(|t| stairs.rate(t));
    assert_eq!(rates, [3.0, 3.0, 2.0, 2.0, 1.0, 1.0]);
}
