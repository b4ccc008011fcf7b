//! Shapes, tapes, batches and settings: answers to good calls and errors for bad ones.

use arginv::network::{Activation, Init, Mlp, MlpTape, Network, ParamJacobian};
use arginv::{Error, Scalar};
use faer::Mat;

use super::{ACTIVATIONS, wave};

fn network() -> Mlp {
    Mlp::new(&[2, 4, 3], Activation::Tanh).unwrap()
}

#[test]
fn senseless_settings_are_refused() {
    let relu = Activation::Relu;
    assert!(matches!(
        Mlp::new(&[], relu),
        Err(Error::Length { got: 0, .. })
    ));
    assert!(matches!(
        Mlp::new(&[3], relu),
        Err(Error::Length { got: 1, .. })
    ));
    for sizes in [[0, 2, 1], [2, 0, 1], [2, 1, 0]] {
        assert!(matches!(
            Mlp::new(&sizes, relu),
            Err(Error::ZeroDimension { .. })
        ));
    }
    for sizes in [[usize::MAX, 2], [1 << 40, 1 << 40], [1, usize::MAX / 2]] {
        assert!(matches!(
            Mlp::new(&sizes, relu),
            Err(Error::InvalidParameter { .. })
        ));
    }
    for omega in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let sine = Activation::Sine { omega };
        assert!(matches!(
            Mlp::new(&[1, 1], sine),
            Err(Error::InvalidParameter { .. })
        ));
        let output = network().with_output_activation(sine);
        assert!(matches!(output, Err(Error::InvalidParameter { .. })));
        let init = network().with_init(Init::Siren { omega });
        assert!(matches!(init, Err(Error::InvalidParameter { .. })));
    }
}

#[test]
fn layer_params_are_slices_of_theta() {
    let theta: Vec<f64> = (0..27).map(f64::from).collect();
    assert_eq!(Network::<f64>::num_params(&network()), theta.len());
    let network = network();
    let (w, b) = network.layer_params(&theta, 1).unwrap();
    assert_eq!((w.nrows(), w.ncols(), w[(1, 2)]), (3, 4, 12.0 + 7.0));
    assert_eq!(b, [24.0, 25.0, 26.0]);
    assert!(network.layer_params(&theta, 2).is_none());
    assert!(network.layer_params(&theta[..26], 1).is_none());
    assert!(network.layer_params(&theta[..26], 0).is_some());
}

/// Every call that takes a tape, with this tape and a batch of `batch`.
fn calls<T: Scalar>(network: &Mlp, tape: &mut MlpTape<T>, batch: usize) -> [Result<(), Error>; 3] {
    let theta: Vec<T> = network.init(0);
    let len = theta.len();
    let (inputs, outputs) = (network.sizes()[0], *network.sizes().last().unwrap());
    let dl_dout = wave(outputs, batch);
    let (mut grad, mut dl_dinput) = (vec![T::zero(); len], Mat::zeros(inputs, batch));
    [
        network.backward(&theta, tape, dl_dout.as_ref(), &mut grad),
        network.backward_with_input(
            &theta,
            tape,
            dl_dout.as_ref(),
            &mut grad,
            dl_dinput.as_mut(),
        ),
        network.param_jacobian(&theta, tape, Mat::zeros(len, outputs * batch).as_mut()),
    ]
}

in_both_precisions! {
    tapes_of_others_are_refused wrong_shapes_are_refused an_empty_batch_has_no_gradient
    a_tape_serves_any_batch_again nan_costs_no_other_column columns_do_not_depend_on_the_batch
    strided_and_reversed_inputs_are_read_right
}

fn tapes_of_others_are_refused<T: Scalar>() {
    let own = network();
    let others = [
        Mlp::new(&[2, 4, 4, 3], Activation::Tanh).unwrap(),
        Mlp::new(&[2, 5, 3], Activation::Tanh).unwrap(),
        Mlp::new(&[1, 4, 3], Activation::Tanh).unwrap(),
        Mlp::new(&[2, 3], Activation::Tanh).unwrap(),
        Mlp::new(&[2, 4, 3], Activation::Gelu).unwrap(),
        network().with_output_activation(Activation::Silu).unwrap(),
    ];
    for batch in [0, 1, 3] {
        for call in calls::<T>(&own, &mut MlpTape::default(), batch) {
            assert!(matches!(
                call,
                Err(Error::InvalidParameter { name: "tape", .. })
            ));
        }
        for other in &others {
            let mut tape = MlpTape::default();
            let input = wave::<T>(other.sizes()[0], batch);
            other
                .forward(&other.init(0), input.as_ref(), &mut tape)
                .unwrap();
            for call in calls(&own, &mut tape, batch) {
                assert!(matches!(
                    call,
                    Err(Error::InvalidParameter { name: "tape", .. })
                ));
            }
            // The tape is still good for its own network.
            assert!(calls(other, &mut tape, batch).iter().all(Result::is_ok));
        }
        // Another batch than the tape's.
        let mut tape = MlpTape::default();
        own.forward(&own.init(0), wave::<T>(2, batch).as_ref(), &mut tape)
            .unwrap();
        for call in calls(&own, &mut tape, batch + 1) {
            assert!(matches!(call, Err(Error::Shape { .. })));
        }
    }
}

fn wrong_shapes_are_refused<T: Scalar>() {
    let network = network();
    let theta: Vec<T> = network.init(0);
    let mut tape = MlpTape::default();
    let input = wave::<T>(2, 5);
    let short = network.forward(&theta[1..], input.as_ref(), &mut tape);
    assert!(matches!(
        short,
        Err(Error::Length {
            expected: 27,
            got: 26,
            ..
        })
    ));
    let rows = network.forward(&theta, wave::<T>(3, 5).as_ref(), &mut tape);
    assert!(matches!(
        rows,
        Err(Error::Shape {
            expected: (2, 5),
            got: (3, 5),
            ..
        })
    ));

    network.forward(&theta, input.as_ref(), &mut tape).unwrap();
    let (good, mut grad) = (wave::<T>(3, 5), vec![T::zero(); 27]);
    let mut dx = Mat::zeros(2, 5);
    for bad in [wave::<T>(2, 5), wave(3, 4), wave(5, 3), wave(0, 0)] {
        let back = network.backward(&theta, &mut tape, bad.as_ref(), &mut grad);
        assert!(matches!(back, Err(Error::Shape { .. })));
        let back =
            network.backward_with_input(&theta, &mut tape, bad.as_ref(), &mut grad, dx.as_mut());
        assert!(matches!(back, Err(Error::Shape { .. })));
    }
    for len in [0, 26, 28] {
        let back = network.backward(&theta, &mut tape, good.as_ref(), &mut vec![T::zero(); len]);
        assert!(matches!(back, Err(Error::Length { .. })));
        let theta = vec![T::zero(); len];
        let back = network.backward(&theta, &mut tape, good.as_ref(), &mut grad);
        assert!(matches!(back, Err(Error::Length { .. })));
        let jac = network.param_jacobian(&theta, &mut tape, Mat::zeros(27, 15).as_mut());
        assert!(matches!(jac, Err(Error::Length { .. })));
    }
    for (rows, cols) in [(2, 4), (3, 5), (0, 0)] {
        let mut dx = Mat::zeros(rows, cols);
        let back =
            network.backward_with_input(&theta, &mut tape, good.as_ref(), &mut grad, dx.as_mut());
        assert!(matches!(back, Err(Error::Shape { .. })));
    }
    for (rows, cols) in [(27, 5), (26, 15), (15, 27)] {
        let jac = network.param_jacobian(&theta, &mut tape, Mat::zeros(rows, cols).as_mut());
        assert!(matches!(jac, Err(Error::Shape { .. })));
    }
    // No refused call has spoilt the tape.
    network
        .backward(&theta, &mut tape, good.as_ref(), &mut grad)
        .unwrap();
}

fn an_empty_batch_has_no_gradient<T: Scalar>() {
    for sizes in [&[2, 3][..], &[2, 4, 3], &[2, 40, 3]] {
        let network = Mlp::new(sizes, Activation::Gelu).unwrap();
        let theta: Vec<T> = network.init(0);
        let mut tape = MlpTape::default();
        let output = network
            .forward(&theta, Mat::zeros(2, 0).as_ref(), &mut tape)
            .unwrap();
        assert_eq!((output.nrows(), output.ncols()), (3, 0));
        let mut grad = vec![T::one(); theta.len()];
        network
            .backward(&theta, &mut tape, Mat::zeros(3, 0).as_ref(), &mut grad)
            .unwrap();
        assert!(grad.iter().all(|&g| g == T::zero()));
        let mut dx = Mat::zeros(2, 0);
        network
            .backward_with_input(
                &theta,
                &mut tape,
                Mat::zeros(3, 0).as_ref(),
                &mut grad,
                dx.as_mut(),
            )
            .unwrap();
        let mut jac = Mat::zeros(theta.len(), 0);
        network
            .param_jacobian(&theta, &mut tape, jac.as_mut())
            .unwrap();
    }
}

/// Forward and backward on this batch with this tape.
fn both<T: Scalar>(network: &Mlp, tape: &mut MlpTape<T>, batch: usize) -> (Mat<T>, Vec<T>) {
    let theta: Vec<T> = network.init(0);
    let output = network
        .forward(&theta, wave(2, batch).as_ref(), tape)
        .unwrap()
        .to_owned();
    let mut grad = vec![T::nan(); theta.len()];
    network
        .backward(&theta, tape, wave(3, batch).as_ref(), &mut grad)
        .unwrap();
    (output, grad)
}

fn a_tape_serves_any_batch_again<T: Scalar>() {
    for activation in ACTIVATIONS {
        let network = Mlp::new(&[2, 4, 3], activation).unwrap();
        let mut tape: MlpTape<T> = MlpTape::default();
        // Through another network in between, too.
        let other = Mlp::new(&[2, 9, 5, 3], Activation::Silu).unwrap();
        for batch in [7, 1, 0, 100, 1] {
            both(&other, &mut tape, batch);
            assert_eq!(
                both(&network, &mut tape, batch),
                both(&network, &mut MlpTape::default(), batch)
            );
        }
    }
}

fn nan_costs_no_other_column<T: Scalar>() {
    for activation in ACTIVATIONS {
        let network = Mlp::new(&[2, 32, 16, 3], activation).unwrap();
        let theta: Vec<T> = network.init(0);
        let mut input = wave::<T>(2, 20);
        let (mut tape, mut spoilt) = (MlpTape::default(), MlpTape::default());
        let good = network.forward(&theta, input.as_ref(), &mut tape).unwrap();
        input[(1, 6)] = T::nan();
        let bad = network
            .forward(&theta, input.as_ref(), &mut spoilt)
            .unwrap();
        for j in 0..20 {
            for i in 0..3 {
                assert!(if j == 6 {
                    bad[(i, j)].is_nan()
                } else {
                    bad[(i, j)] == good[(i, j)]
                });
            }
        }
    }
}

/// Promised where it is tested, on x86-64 with AVX2. Long sums, too, which products split.
fn columns_do_not_depend_on_the_batch<T: Scalar>() {
    #[cfg(target_arch = "x86_64")]
    let promised = std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    let promised = false;
    if !promised {
        return;
    }
    for sizes in [
        &[2, 3][..],
        &[1, 8, 1],
        &[2, 32, 64, 32, 2],
        &[7, 33, 5, 3],
        &[3, 2000, 200, 1],
        &[600, 2],
        &[1100, 3],
    ] {
        let network = Mlp::new(sizes, Activation::Tanh).unwrap();
        let theta: Vec<T> = network.init(0);
        let input = wave::<T>(sizes[0], 100);
        let mut tape = MlpTape::default();
        let whole = network
            .forward(&theta, input.as_ref(), &mut tape)
            .unwrap()
            .to_owned();
        for batch in [1, 2, 3, 7, 33] {
            let part = network
                .forward(&theta, input.subcols(0, batch), &mut tape)
                .unwrap();
            assert_eq!(part, whole.subcols(0, batch), "{sizes:?}, batch {batch}");
        }
    }
}

/// Rows in reverse, and every second row of a taller matrix.
fn strided_and_reversed_inputs_are_read_right<T: Scalar>() {
    let network = network();
    let theta: Vec<T> = network.init(0);
    let tall = wave::<T>(4, 6);
    let copy = Mat::from_fn(2, 6, |i, j| tall[(3 - 2 * i, j)]);
    let mut tape = MlpTape::default();
    let expected = network
        .forward(&theta, copy.as_ref(), &mut tape)
        .unwrap()
        .to_owned();
    let strided = Mat::from_fn(6, 2, |j, i| copy[(i, j)]);
    let got = network
        .forward(&theta, strided.transpose(), &mut tape)
        .unwrap();
    assert_eq!(got, expected.as_ref());
    let flipped = Mat::from_fn(2, 6, |i, j| copy[(1 - i, j)]);
    let got = network
        .forward(&theta, flipped.as_ref().reverse_rows(), &mut tape)
        .unwrap();
    assert_eq!(got, expected.as_ref());
}
