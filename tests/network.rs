//! The network's values and derivatives, against hand calculation, differences and dual numbers.

use arginv::network::MlpTape;
use arginv::prelude::*;
use faer::mat;
use num_dual::{Dual64, DualNum};
use proptest::prelude::*;

const ACTIVATIONS: [Activation; 7] = [
    Activation::Relu,
    Activation::Tanh,
    Activation::Sigmoid,
    Activation::Silu,
    Activation::Gelu,
    Activation::Sine { omega: 1.5 },
    Activation::Identity,
];

const SHAPES: [&[usize]; 4] = [&[3, 2], &[2, 5, 1], &[2, 5, 4, 3], &[1, 4, 4, 4, 2]];

fn input<T: Scalar>(rows: usize, batch: usize) -> Mat<T> {
    Mat::from_fn(rows, batch, |i, j| {
        T::lit((1.0 + i as f64 + 1.7 * j as f64).sin())
    })
}

/// Weights of the outputs: the scalar differentiated is their product with the output.
fn weights<T: Scalar>(rows: usize, batch: usize) -> Mat<T> {
    Mat::from_fn(rows, batch, |i, j| {
        T::lit((0.3 + 2.0 * i as f64 - 0.9 * j as f64).cos())
    })
}

fn scalar(net: &Mlp, theta: &[f64], x: &Mat<f64>, w: &Mat<f64>) -> f64 {
    let mut tape = MlpTape::default();
    let out = net.forward(theta, x.as_ref(), &mut tape).unwrap();
    (0..w.ncols())
        .map(|j| (0..w.nrows()).map(|i| w[(i, j)] * out[(i, j)]).sum::<f64>())
        .sum()
}

/// The θ-gradient and the input gradient by the backward pass.
fn backward<T: Scalar>(net: &Mlp, theta: &[T], x: &Mat<T>, w: &Mat<T>) -> (Vec<T>, Mat<T>) {
    let mut tape = MlpTape::default();
    net.forward(theta, x.as_ref(), &mut tape).unwrap();
    let mut grad = vec![T::nan(); theta.len()];
    let mut plain = vec![T::nan(); theta.len()];
    let mut dx = Mat::zeros(x.nrows(), x.ncols());
    net.backward_with_input(theta, &mut tape, w.as_ref(), &mut grad, dx.as_mut())
        .unwrap();
    net.backward(theta, &mut tape, w.as_ref(), &mut plain)
        .unwrap();
    assert!(grad == plain);
    (grad, dx)
}

#[test]
fn backward_is_the_gradient() {
    for activation in ACTIVATIONS {
        for sizes in SHAPES {
            let net = Mlp::new(sizes, activation).unwrap();
            let mut theta: Vec<f64> = net.init(11);
            let (n, m) = (sizes[0], sizes[sizes.len() - 1]);
            let (mut x, w) = (input(n, 4), weights(m, 4));
            let (grad, dx) = backward(&net, &theta, &x, &w);
            // Central differences with h = 1e-5: h² = 1e-10 times third derivatives of order 1, and
            // ε/h = 2e-11. No ReLU changes side within h here.
            let (h, tolerance) = (1e-5, 1e-8);
            for k in 0..theta.len() {
                let at = theta[k];
                theta[k] = at + h;
                let high = scalar(&net, &theta, &x, &w);
                theta[k] = at - h;
                let low = scalar(&net, &theta, &x, &w);
                theta[k] = at;
                let difference = (high - low) / (2.0 * h);
                assert!(
                    (grad[k] - difference).abs() < tolerance,
                    "{activation:?} {sizes:?} θ{k}: {} against {difference}",
                    grad[k]
                );
            }
            for j in 0..4 {
                for i in 0..n {
                    let at = x[(i, j)];
                    x[(i, j)] = at + h;
                    let high = scalar(&net, &theta, &x, &w);
                    x[(i, j)] = at - h;
                    let low = scalar(&net, &theta, &x, &w);
                    x[(i, j)] = at;
                    assert!((dx[(i, j)] - (high - low) / (2.0 * h)).abs() < tolerance);
                }
            }
        }
    }
}

#[test]
fn single_precision_follows_double() {
    for activation in ACTIVATIONS {
        let net = Mlp::new(&[2, 16, 16, 2], activation).unwrap();
        let theta: Vec<f64> = net.init(5);
        let theta32: Vec<f32> = net.init(5);
        for (a, b) in theta.iter().zip(&theta32) {
            assert_eq!(*a as f32, *b);
        }
        let (grad, dx) = backward(&net, &theta, &input(2, 8), &weights(2, 8));
        let (grad32, dx32) = backward(&net, &theta32, &input(2, 8), &weights(2, 8));
        // Sums of some hundred rounded terms of size 1.
        let tolerance = 200.0 * f64::from(f32::EPSILON);
        for (a, b) in grad.iter().zip(&grad32) {
            assert!((a - f64::from(*b)).abs() < tolerance, "{activation:?}");
        }
        for j in 0..8 {
            assert!((dx[(0, j)] - f64::from(dx32[(0, j)])).abs() < tolerance);
        }
    }
}

#[test]
fn the_parameter_jacobian_is_the_backward_pass_sample_by_sample() {
    let net = Mlp::new(&[2, 5, 3], Activation::Silu).unwrap();
    let theta: Vec<f64> = net.init(1);
    let (x, w) = (input(2, 4), weights(3, 4));
    let (grad, _) = backward(&net, &theta, &x, &w);
    let mut tape = MlpTape::default();
    net.forward(&theta, x.as_ref(), &mut tape).unwrap();
    let mut jac = Mat::zeros(theta.len(), 12);
    net.param_jacobian(&theta, &mut tape, jac.as_mut()).unwrap();
    for (k, g) in grad.iter().enumerate() {
        let sum: f64 = (0..12).map(|c| jac[(k, c)] * w[(c % 3, c / 3)]).sum();
        // The same products, summed in another order.
        assert!((sum - g).abs() < 1e-13);
    }
    // Column j·m + i is output i of sample j alone: against differences for one.
    let mut moved = theta.clone();
    let (j, i, k) = (2, 1, 7);
    moved[k] += 1e-6;
    let mut other = MlpTape::default();
    let high = net.forward(&moved, x.as_ref(), &mut other).unwrap()[(i, j)];
    let low = net.forward(&theta, x.as_ref(), &mut tape).unwrap()[(i, j)];
    assert!(((high - low) / 1e-6 - jac[(k, 3 * j + i)]).abs() < 1e-5);
}

#[test]
fn a_network_computed_by_hand() {
    let net = Mlp::new(&[2, 2, 1], Activation::Relu).unwrap();
    // W₁ = (1 −1; 2 0.5), b₁ = (0, −1), W₂ = (3, −2), b₂ = 0.5.
    let theta = [1.0, 2.0, -1.0, 0.5, 0.0, -1.0, 3.0, -2.0, 0.5];
    let mut tape = MlpTape::default();
    // x = (2, 1): z = (1, 3.5), y = 3 − 7 + 0.5; x = (0, 1): z = (−1, −0.5), y = 0.5.
    let y = net
        .forward(&theta, mat![[2.0, 0.0], [1.0, 1.0]].as_ref(), &mut tape)
        .unwrap();
    assert_eq!(y.to_owned(), mat![[-3.5, 0.5]]);
    let mut grad = [0.0; 9];
    net.backward(&theta, &mut tape, mat![[1.0, 1.0]].as_ref(), &mut grad)
        .unwrap();
    assert_eq!(grad, [6.0, -4.0, 3.0, -2.0, 3.0, -2.0, 1.0, 3.5, 2.0]);
    let (w, b) = net.layer_params(&theta, 0).unwrap();
    assert_eq!((w[(1, 0)], b), (2.0, &[0.0, -1.0][..]));
    assert!(net.layer_params(&theta, 2).is_none());
    assert!(net.layer_params(&theta[..8], 1).is_none());
}

#[test]
fn initialisations_have_their_ranges_and_variances() {
    let (fan_in, fan_out) = (200, 300);
    let (i, o) = (fan_in as f64, fan_out as f64);
    // (initialisation, bound of |w| if uniform, variance, whether biases are drawn)
    let cases = [
        (
            Init::FanInUniform,
            Some(1.0 / i.sqrt()),
            1.0 / (3.0 * i),
            true,
        ),
        (
            Init::XavierUniform,
            Some((6.0 / (i + o)).sqrt()),
            2.0 / (i + o),
            false,
        ),
        (Init::XavierNormal, None, 2.0 / (i + o), false),
        (Init::KaimingUniform, Some((6.0 / i).sqrt()), 2.0 / i, false),
        (Init::KaimingNormal, None, 2.0 / i, false),
        (Init::LecunNormal, None, 1.0 / i, false),
        (
            Init::Siren { omega: 30.0 },
            Some(1.0 / i),
            1.0 / (3.0 * i * i),
            true,
        ),
    ];
    for (init, bound, variance, with_biases) in cases {
        let net = Mlp::new(&[fan_in, fan_out], Activation::Relu).unwrap();
        let net = net.with_init(init).unwrap();
        let theta: Vec<f64> = net.init(2);
        let (weights, biases) = theta.split_at(fan_in * fan_out);
        if let Some(bound) = bound {
            let largest = weights.iter().fold(0.0_f64, |m, w| m.max(w.abs()));
            assert!(
                largest <= bound && largest > 0.999 * bound,
                "{init:?}: {largest}"
            );
        }
        let measured = weights.iter().map(|w| w * w).sum::<f64>() / weights.len() as f64;
        // 60 000 draws: the variance is known to √(2/60 000) = 0.6 %; five times that.
        assert!(
            (measured / variance - 1.0).abs() < 0.03,
            "{init:?}: {measured} {variance}"
        );
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        assert!(mean.abs() < 5.0 * (variance / weights.len() as f64).sqrt());
        assert_eq!(biases.iter().any(|&b| b != 0.0), with_biases);
    }
    let siren = Mlp::new(&[2, 50, 50], Activation::Sine { omega: 30.0 }).unwrap();
    let siren = siren.with_init(Init::Siren { omega: 30.0 }).unwrap();
    let theta: Vec<f64> = siren.init(0);
    let (second, _) = siren.layer_params(&theta, 1).unwrap();
    assert!(second.norm_max() <= (6.0_f64 / 50.0).sqrt() / 30.0);
}

#[test]
fn orthogonal_weights_are_orthonormal() {
    for (inputs, outputs) in [(5, 9), (9, 5), (6, 6)] {
        let net = Mlp::new(&[inputs, outputs], Activation::Relu).unwrap();
        let net = net.with_init(Init::Orthogonal).unwrap();
        let theta: Vec<f64> = net.init(4);
        let (w, _) = net.layer_params(&theta, 0).unwrap();
        let gram = if outputs >= inputs {
            w.transpose() * w
        } else {
            w * w.transpose()
        };
        let identity = Mat::<f64>::identity(gram.nrows(), gram.ncols());
        assert!((gram - identity).norm_max() < 1e-14);
    }
}

#[test]
fn a_seed_gives_the_same_parameters_for_ever() {
    let net = Mlp::new(&[2, 3, 1], Activation::Relu).unwrap();
    let theta: Vec<f64> = net.init(0);
    let again: Vec<f64> = net.init(0);
    let other: Vec<f64> = net.init(1);
    assert_eq!(theta, again);
    assert_ne!(theta, other);
    // Recorded on the first run: a change breaks everybody's results.
    assert_eq!(theta[..3], GOLDEN);
}

const GOLDEN: [f64; 3] = [
    0.29567728805503274,
    -0.04819396252035006,
    0.2816310746455621,
];

#[test]
fn empty_batches_and_batches_of_one() {
    let net = Mlp::new(&[2, 4, 3], Activation::Tanh).unwrap();
    let theta: Vec<f64> = net.init(0);
    let mut tape = MlpTape::default();
    let out = net
        .forward(&theta, Mat::zeros(2, 0).as_ref(), &mut tape)
        .unwrap();
    assert_eq!((out.nrows(), out.ncols()), (3, 0));
    let mut grad = vec![1.0; theta.len()];
    net.backward(&theta, &mut tape, Mat::zeros(3, 0).as_ref(), &mut grad)
        .unwrap();
    assert!(grad.iter().all(|&g| g == 0.0));
    let x: Mat<f64> = input(2, 100);
    let whole = net
        .forward(&theta, x.as_ref(), &mut tape)
        .unwrap()
        .to_owned();
    for j in [0, 50, 99] {
        let one = net
            .forward(&theta, x.as_ref().subcols(j, 1), &mut tape)
            .unwrap();
        // Another batch size may take another kernel: equal to rounding.
        assert!((one.col(0) - whole.col(j)).norm_max() < 1e-15);
    }
}

#[test]
fn wrong_calls_are_typed_errors() {
    assert!(Mlp::new(&[2], Activation::Relu).is_err());
    assert!(Mlp::new(&[], Activation::Relu).is_err());
    assert!(Mlp::new(&[2, 0, 1], Activation::Relu).is_err());
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Mlp::new(&[2, 1], Activation::Sine { omega: bad }).is_err());
        let net = Mlp::new(&[2, 1], Activation::Relu).unwrap();
        assert!(net.with_init(Init::Siren { omega: bad }).is_err());
    }
    let net = Mlp::new(&[2, 4, 3], Activation::Tanh).unwrap();
    let theta: Vec<f64> = net.init(0);
    let (x, w) = (input(2, 5), weights(3, 5));
    let mut grad = theta.clone();
    let mut tape = MlpTape::default();
    // Before any forward pass.
    assert!(
        net.backward(&theta, &mut tape, w.as_ref(), &mut grad)
            .is_err()
    );
    assert!(
        net.param_jacobian(&theta, &mut tape, Mat::zeros(27, 15).as_mut())
            .is_err()
    );
    assert!(net.forward(&theta[1..], x.as_ref(), &mut tape).is_err());
    assert!(net.forward(&theta, w.as_ref(), &mut tape).is_err());
    net.forward(&theta, x.as_ref(), &mut tape).unwrap();
    assert!(
        net.backward(&theta, &mut tape, weights(3, 4).as_ref(), &mut grad)
            .is_err()
    );
    assert!(
        net.backward(&theta, &mut tape, weights(2, 5).as_ref(), &mut grad)
            .is_err()
    );
    assert!(
        net.backward(&theta, &mut tape, w.as_ref(), &mut grad[1..])
            .is_err()
    );
    assert!(
        net.param_jacobian(&theta, &mut tape, Mat::zeros(27, 14).as_mut())
            .is_err()
    );
    let mut dx = Mat::zeros(3, 5);
    let result = net.backward_with_input(&theta, &mut tape, w.as_ref(), &mut grad, dx.as_mut());
    assert!(result.is_err());
    // The tape of another network, with and without σ′ from the value.
    let other = Mlp::new(&[2, 5, 3], Activation::Silu).unwrap();
    let other_theta: Vec<f64> = other.init(0);
    let mut grad = other_theta.clone();
    assert!(
        other
            .backward(&other_theta, &mut tape, w.as_ref(), &mut grad)
            .is_err()
    );
    let same_sizes = Mlp::new(&[2, 4, 3], Activation::Silu).unwrap();
    let mut grad = theta.clone();
    assert!(
        same_sizes
            .backward(&theta, &mut tape, w.as_ref(), &mut grad)
            .is_err()
    );
}

/// σ over dual numbers, written independently.
fn dual(activation: Activation, z: f64) -> Option<f64> {
    let z = Dual64::from(z).derivative();
    let one = Dual64::from(1.0);
    let value = match activation {
        Activation::Tanh => z.tanh(),
        Activation::Sigmoid => one / ((-z).exp() + one),
        Activation::Silu => z / ((-z).exp() + one),
        Activation::Sine { omega } => (z * omega).sin(),
        Activation::Identity => z,
        _ => return None,
    };
    Some(value.eps)
}

proptest! {
    #[test]
    fn slopes_are_the_derivatives(z in -20.0..20.0f64) {
        for activation in ACTIVATIONS {
            let slope = activation.derivative(z);
            if let Some(expected) = dual(activation, z) {
                prop_assert!((slope - expected).abs() < 1e-13, "{activation:?} {slope} {expected}");
            }
            let h = 1e-5;
            if z.abs() > h {
                let difference = (activation.value(z + h) - activation.value(z - h)) / (2.0 * h);
                prop_assert!((slope - difference).abs() < 1e-8, "{activation:?} {slope} {difference}");
            }
        }
    }
}

#[test]
fn activations_have_limits_and_no_nan() {
    for z in [1e30, f64::INFINITY] {
        for (activation, high, low) in [
            (Activation::Relu, z, 0.0),
            (Activation::Tanh, 1.0, -1.0),
            (Activation::Sigmoid, 1.0, 0.0),
            (Activation::Silu, z, 0.0),
            (Activation::Gelu, z, 0.0),
            (Activation::Identity, z, -z),
        ] {
            assert_eq!(activation.value(z), high, "{activation:?}");
            assert_eq!(activation.value(-z), low, "{activation:?}");
            for at in [z, -z] {
                let slope = activation.derivative(at);
                assert!((0.0..=1.0).contains(&slope), "{activation:?}: {slope}");
                assert!(activation.derivative(at as f32).is_finite());
            }
        }
    }
    for activation in ACTIVATIONS {
        assert!(activation.value(f64::NAN).is_nan(), "{activation:?}");
    }
}

#[test]
fn gelu_has_the_tabulated_values() {
    // Φ(1) = 0.8413447460685429, Φ(2) = 0.9772498680518208 (Abramowitz & Stegun, table 26.1).
    for (z, cdf) in [
        (1.0_f64, 0.841_344_746_068_542_9),
        (2.0, 0.977_249_868_051_820_8),
    ] {
        assert!((Activation::Gelu.value(z) - z * cdf).abs() < 1e-15);
        assert!((Activation::Gelu.value(-z) + z * (1.0 - cdf)).abs() < 1e-15);
    }
}
