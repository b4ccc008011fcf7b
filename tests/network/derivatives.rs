//! backward, backward_with_input and param_jacobian against differences and each other.

use arginv::Scalar;
use arginv::network::{Activation, Init, Mlp, MlpTape, Network, ParamJacobian};
use faer::{Mat, MatRef, mat};

use super::{ACTIVATIONS, to_f64, wave};

const BATCH: usize = 5;

/// Networks of depth 1 to 4 with every activation, the output's included.
fn networks() -> impl Iterator<Item = Mlp> {
    let depths: [&[usize]; 4] = [&[3, 2], &[3, 5, 2], &[3, 5, 4, 2], &[3, 5, 4, 6, 2]];
    depths.into_iter().flat_map(|sizes| {
        ACTIVATIONS.into_iter().flat_map(move |hidden| {
            [Activation::Identity, hidden].map(|output| {
                Mlp::new(sizes, hidden)
                    .unwrap()
                    .with_output_activation(output)
                    .unwrap()
            })
        })
    })
}

/// Σⱼ vⱼ·f(yⱼ; θ).
fn objective(network: &Mlp, theta: &[f64], input: MatRef<'_, f64>, v: MatRef<'_, f64>) -> f64 {
    let mut tape = MlpTape::default();
    let output = network.forward(theta, input, &mut tape).unwrap();
    faer::zip!(output, v).map(|faer::unzip!(o, v)| o * v).sum()
}

/// Output, θ-gradient and input gradient.
fn derivatives<T: Scalar>(
    network: &Mlp,
    theta: &[T],
    input: MatRef<'_, T>,
    v: MatRef<'_, T>,
) -> (Mat<T>, Vec<T>, Mat<T>) {
    let mut tape = MlpTape::default();
    let output = network.forward(theta, input, &mut tape).unwrap().to_owned();
    // What the slices hold before must not matter.
    let mut grad = vec![T::nan(); theta.len()];
    let mut dl_dinput = Mat::full(input.nrows(), input.ncols(), T::nan());
    network
        .backward_with_input(theta, &mut tape, v, &mut grad, dl_dinput.as_mut())
        .unwrap();
    let mut alone = vec![T::nan(); theta.len()];
    network.backward(theta, &mut tape, v, &mut alone).unwrap();
    assert_eq!(alone, grad);
    (output, grad, dl_dinput)
}

fn assert_close(got: f64, expected: f64, tolerance: f64, what: impl std::fmt::Debug) {
    assert!(
        (got - expected).abs() <= tolerance * (1.0 + expected.abs()),
        "{what:?}: {got}, expected {expected}"
    );
}

#[test]
fn gradients_are_central_differences() {
    // Truncation h²/6·|f‴| ≈ 2e-13·|f‴| with |f‴| up to some 100 for the sine, rounding
    // |objective|·ε/h ≈ 10·2e-16/1e-6.
    const H: f64 = 1e-6;
    const TOLERANCE: f64 = 2e-8;
    for network in networks() {
        let theta: Vec<f64> = network.init(1);
        let (input, v) = (wave::<f64>(3, BATCH), wave::<f64>(2, BATCH));
        let (_, grad, dl_dinput) = derivatives(&network, &theta, input.as_ref(), v.as_ref());
        for p in 0..theta.len() {
            let at = |h: f64| {
                let mut moved = theta.clone();
                moved[p] += h;
                objective(&network, &moved, input.as_ref(), v.as_ref())
            };
            assert_close(
                grad[p],
                (at(H) - at(-H)) / (2.0 * H),
                TOLERANCE,
                (&network, p),
            );
        }
        for (i, j) in (0..3).flat_map(|i| (0..BATCH).map(move |j| (i, j))) {
            let at = |h: f64| {
                let mut moved = input.clone();
                moved[(i, j)] += h;
                objective(&network, &theta, moved.as_ref(), v.as_ref())
            };
            assert_close(
                dl_dinput[(i, j)],
                (at(H) - at(-H)) / (2.0 * H),
                TOLERANCE,
                (&network, i, j),
            );
        }
    }
}

#[test]
fn single_precision_agrees_with_double() {
    for network in networks() {
        let theta: Vec<f32> = network.init(1);
        let theta64: Vec<f64> = theta.iter().map(|&t| f64::from(t)).collect();
        let (input, v) = (wave::<f32>(3, BATCH), wave::<f32>(2, BATCH));
        let (out, grad, dx) = derivatives(&network, &theta, input.as_ref(), v.as_ref());
        let (input64, v64) = (to_f64(input.as_ref()), to_f64(v.as_ref()));
        let (out64, grad64, dx64) = derivatives(&network, &theta64, input64.as_ref(), v64.as_ref());
        // Each layer adds a few ε to numbers of order 1, and the sine's ω = 3 magnifies them by 3
        // a layer: 3⁴·ε ≈ 1e-5.
        const TOLERANCE: f64 = 1e-5;
        for (g, &e) in grad.iter().zip(&grad64) {
            assert_close(f64::from(*g), e, TOLERANCE, &network);
        }
        for (single, double) in [(out, out64), (dx, dx64)] {
            for j in 0..double.ncols() {
                for i in 0..double.nrows() {
                    assert_close(
                        f64::from(single[(i, j)]),
                        double[(i, j)],
                        TOLERANCE,
                        &network,
                    );
                }
            }
        }
    }
}

in_both_precisions! {
    jacobian_contracts_to_the_gradient a_tiny_network_by_hand jacobian_of_a_linear_layer_by_hand
}

fn jacobian_contracts_to_the_gradient<T: Scalar>() {
    for network in networks() {
        let theta: Vec<T> = network.init(2);
        let (input, v) = (wave::<T>(3, BATCH), wave::<T>(2, BATCH));
        let (_, grad, _) = derivatives(&network, &theta, input.as_ref(), v.as_ref());
        let mut tape = MlpTape::default();
        network.forward(&theta, input.as_ref(), &mut tape).unwrap();
        let mut jac = Mat::full(theta.len(), 2 * BATCH, T::nan());
        network
            .param_jacobian(&theta, &mut tape, jac.as_mut())
            .unwrap();
        for (p, g) in grad.iter().enumerate() {
            let sum: f64 = (0..2 * BATCH)
                .map(|c| jac[(p, c)].as_f64() * v[(c % 2, c / 2)].as_f64())
                .sum();
            // Ten products of order ≤ 10, summed in another order and through other sums.
            assert_close(g.as_f64(), sum, 200.0 * T::eps().as_f64(), (&network, p));
        }
    }
}

/// Into every second row of a matrix, and into one of reversed columns.
#[test]
fn jacobian_is_written_into_any_layout() {
    let network = Mlp::new(&[3, 5, 2], Activation::Tanh).unwrap();
    let theta: Vec<f64> = network.init(3);
    let mut tape = MlpTape::default();
    let input = wave::<f64>(3, BATCH);
    network.forward(&theta, input.as_ref(), &mut tape).unwrap();
    let (rows, cols) = (theta.len(), 2 * BATCH);
    let mut jac = Mat::zeros(rows, cols);
    network
        .param_jacobian(&theta, &mut tape, jac.as_mut())
        .unwrap();
    let mut transposed = Mat::zeros(cols, rows);
    network
        .param_jacobian(&theta, &mut tape, transposed.transpose_mut())
        .unwrap();
    assert_eq!(transposed.transpose(), jac.as_ref());
    let mut reversed = Mat::zeros(rows, cols);
    network
        .param_jacobian(&theta, &mut tape, reversed.as_mut().reverse_cols_mut())
        .unwrap();
    assert_eq!(reversed.as_ref().reverse_cols(), jac.as_ref());
}

/// Outputs y = θ₀·a + θ₁·b + θ₂: the derivatives are a, b, 1, and of nothing else.
fn jacobian_of_a_linear_layer_by_hand<T: Scalar>() {
    let network = Mlp::new(&[2, 1], Activation::Relu).unwrap();
    let theta: Vec<T> = network.init(0);
    let input = mat![[2.0, 3.0], [5.0, 7.0]];
    let input = Mat::from_fn(2, 2, |i, j| T::lit(input[(i, j)]));
    let mut tape = MlpTape::default();
    network.forward(&theta, input.as_ref(), &mut tape).unwrap();
    let mut jac = Mat::zeros(3, 2);
    network
        .param_jacobian(&theta, &mut tape, jac.as_mut())
        .unwrap();
    assert_eq!(
        to_f64(jac.as_ref()),
        mat![[2.0, 3.0], [5.0, 7.0], [1.0, 1.0]]
    );
}

/// W₁ = [1 −2; 3 0.5], b₁ = (0.5, −1), W₂ = [2 −1], b₂ = 0.25, y = (1, 2), dL/dx = 3: all numbers
/// are exact in binary.
fn a_tiny_network_by_hand<T: Scalar>() {
    let network = Mlp::new(&[2, 2, 1], Activation::Relu)
        .unwrap()
        .with_init(Init::Orthogonal)
        .unwrap();
    let theta = [1.0, 3.0, -2.0, 0.5, 0.5, -1.0, 2.0, -1.0, 0.25].map(T::lit);
    let input = Mat::from_fn(2, 1, |i, _| T::lit(1.0 + i as f64));
    // z₁ = (1 − 4 + 0.5, 3 + 1 − 1) = (−2.5, 3), h₁ = (0, 3), output −3 + 0.25.
    let (output, grad, dx) = derivatives(
        &network,
        &theta,
        input.as_ref(),
        mat![[T::lit(3.0)]].as_ref(),
    );
    assert_eq!(output[(0, 0)], T::lit(-2.75));
    // δ₂ = 3; dW₂ = 3·h₁; δ₁ = (0, −3); dW₁ = δ₁·yᵀ; dy = W₁ᵀδ₁.
    let expected = [0.0, -3.0, 0.0, -6.0, 0.0, -3.0, 0.0, 9.0, 3.0].map(T::lit);
    assert_eq!(grad, expected);
    assert_eq!(to_f64(dx.as_ref()), mat![[-9.0], [-1.5]]);
}
