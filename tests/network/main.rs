//! Networks against differences, hand computation, published values and their stated promises.

// Clippy counts only `#[test]` functions themselves as tests.
#![allow(clippy::unwrap_used, clippy::panic)]

/// Runs each generic test over `f32` and `f64`.
macro_rules! in_both_precisions {
    ($($test:ident)*) => { $(mod $test {
        #[test]
        fn in_f32() { super::$test::<f32>(); }
        #[test]
        fn in_f64() { super::$test::<f64>(); }
    })* };
}

mod activations;
mod contract;
mod derivatives;
mod init;

use arginv::Scalar;
use arginv::network::Activation;
use faer::{Mat, MatRef};

const ACTIVATIONS: [Activation; 7] = [
    Activation::Relu,
    Activation::Tanh,
    Activation::Sigmoid,
    Activation::Silu,
    Activation::Gelu,
    Activation::Sine { omega: 3.0 },
    Activation::Identity,
];

/// Numbers in ±1.5 that repeat nowhere in a test's matrices.
fn wave<T: Scalar>(rows: usize, cols: usize) -> Mat<T> {
    Mat::from_fn(rows, cols, |i, j| {
        T::lit(1.5 * (1.0 + 1.7 * i as f64 + 2.3 * j as f64).sin())
    })
}

fn to_f64<T: Scalar>(a: MatRef<'_, T>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)].as_f64())
}
