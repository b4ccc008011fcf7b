//! Single parts: averages, clipping, a centered mean square, overflow.

use arginv::optimizer::{
    Averaged, Chain, ClipByGlobalNorm, ClipByValue, Context, ScaleByRmsprop, Transform, adam, sgd,
};
use arginv::{Error, Optimizer, Scalar};
use proptest::prelude::*;

use crate::fixture::Fixture;

fn centered_rmsprop_bears_a_constant_gradient_in<T: Scalar>() {
    // v − a² is rounding only, of either sign, once both averages have arrived.
    let scaling = ScaleByRmsprop::new()
        .with_centered()
        .with_alpha(0.5)
        .unwrap();
    let mut chain = Chain::new(1e-9).unwrap().then(scaling);
    let gradient: Vec<T> = (1..50).map(|i| T::lit(0.37 * f64::from(i))).collect();
    let mut theta = vec![T::zero(); gradient.len()];
    for _ in 0..300 {
        chain.step(&mut theta, &gradient, None).unwrap();
    }
}

#[test]
fn centered_rmsprop_bears_a_constant_gradient() {
    centered_rmsprop_bears_a_constant_gradient_in::<f32>();
    centered_rmsprop_bears_a_constant_gradient_in::<f64>();
}

#[test]
fn averages_are_those_of_the_iterates_that_count() {
    let fixture = Fixture::load();
    let mut uniform = Averaged::uniform(adam(5e-2).unwrap()).starting_after(3);
    let mut theta = fixture.start::<f64>();
    let mut sum = vec![0.0; theta.len()];
    for step in 0..20 {
        fixture.step(&mut uniform, &mut theta).unwrap();
        if step < 3 {
            assert_eq!(uniform.average(), None);
            continue;
        }
        for (sum, &p) in sum.iter_mut().zip(&theta) {
            *sum += p;
        }
        let count = f64::from(step - 2);
        for (&a, &sum) in uniform.average().unwrap().iter().zip(&sum) {
            assert!((a - sum / count).abs() < 1e-14); // 17 means of numbers near 1
        }
    }
    // The average doesn't steer.
    let mut plain = adam(5e-2).unwrap();
    let mut unaveraged = fixture.start::<f64>();
    for _ in 0..20 {
        fixture.step(&mut plain, &mut unaveraged).unwrap();
    }
    assert_eq!(theta, unaveraged);
    assert_eq!(uniform.inner().steps(), 20);

    let before = uniform.average().unwrap().to_vec();
    let bad = vec![f64::NAN; theta.len()];
    assert!(uniform.step(&mut theta, &bad, None).is_err());
    assert!(uniform.step(&mut theta[1..], &bad[1..], None).is_err());
    assert_eq!(uniform.average().unwrap(), before);
}

#[test]
fn clipping_tames_a_gradient_whose_norm_overflows() {
    let mut chain = sgd(1.0).unwrap().then(ClipByGlobalNorm::new(2.0).unwrap());
    let mut theta = [0.0_f32; 4];
    chain.step(&mut theta, &[f32::MAX; 4], None).unwrap();
    for p in theta {
        assert!((p + 1.0).abs() < 1e-6, "{theta:?}"); // a few roundings in f32
    }
}

proptest! {
    #[test]
    fn norm_clipping_keeps_the_direction(
        gradient in prop::collection::vec(-1.0..1.0, 1..20),
        exponent in -12.0..300.0,
        max_norm in 0.1..10.0,
    ) {
        let scale = 10_f64.powf(exponent);
        let gradient: Vec<f64> = gradient.iter().map(|g| g * scale).collect();
        let mut clipped = gradient.clone();
        let context = Context { params: &gradient, step: 0, loss: None };
        ClipByGlobalNorm::new(max_norm).unwrap().update(&mut [], &mut clipped, &context);
        // hypot neither over- nor underflows; it rounds once per element.
        let norm = |v: &[f64]| v.iter().fold(0.0, |n: f64, v| n.hypot(*v));
        prop_assert!(norm(&clipped) <= max_norm * (1.0 + 1e-13));
        if norm(&gradient) < max_norm - 2e-6 {
            prop_assert_eq!(clipped, gradient);
        } else if norm(&gradient) > max_norm {
            // 1e-6 of PyTorch's denominator, against a norm of at least 0.1.
            prop_assert!(norm(&clipped) > max_norm * (1.0 - 2e-5));
            let ratio = norm(&clipped) / norm(&gradient);
            for (c, g) in clipped.iter().zip(&gradient) {
                prop_assert!((c - ratio * g).abs() <= 1e-12 * max_norm);
            }
        }
    }

    #[test]
    fn value_clipping_is_clamping(gradient in prop::collection::vec(-1e3..1e3, 1..20), limit in 1e-3..1e3) {
        let mut clipped: Vec<f64> = gradient.clone();
        let context = Context { params: &gradient, step: 0, loss: None };
        ClipByValue::new(limit).unwrap().update(&mut [], &mut clipped, &context);
        for (c, g) in clipped.iter().zip(&gradient) {
            prop_assert_eq!(*c, g.clamp(-limit, limit));
        }
    }
}

#[test]
fn optimizers_can_be_chosen_while_running_and_sent_to_threads() {
    fn assert_send_sync<V: Send + Sync + Clone>(_: &V) {}
    assert_send_sync(&adam::<f32>(1e-3).unwrap());
    assert_send_sync(&Averaged::uniform(sgd::<f64>(0.1).unwrap()));

    let chosen: Vec<Box<dyn Optimizer<f64>>> = vec![
        Box::new(sgd(0.1).unwrap()),
        Box::new(Averaged::uniform(adam(0.1).unwrap())),
    ];
    for mut optimizer in chosen {
        let mut theta = [1.0];
        optimizer.step(&mut theta, &[1.0], None).unwrap();
        let by_reference: &mut dyn Optimizer<f64> = &mut optimizer;
        by_reference.step(&mut theta, &[1.0], None).unwrap();
        assert!((theta[0] - 0.8).abs() < 1e-7); // Adam's ε = 1e-8 beside a gradient of 1
    }
}

#[test]
fn a_square_that_overflows_fails_the_step() {
    let mut theta = [1.0_f32, 2.0];
    let mut chain = adam(1e-3).unwrap();
    // 1e25² is infinite in f32, and Adam's update then 0: only the state shows it.
    let error = chain.step(&mut theta, &[1.0, 1e25], None).unwrap_err();
    assert!(
        matches!(
            error,
            Error::NonFinite {
                what: "update",
                index: 1
            }
        ),
        "{error}"
    );
    assert_eq!((theta, chain.steps()), ([1.0, 2.0], 0));
    chain.step(&mut theta, &[1.0, 1.0], None).unwrap();
    assert!((theta[1] - 1.999).abs() < 1e-6);
}
