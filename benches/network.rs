//! A pass through the network 2-32-64-32-2 with a batch of 100.

use std::hint::black_box;

use arginv::Scalar;
use arginv::network::{Activation, Mlp, MlpTape, Network, ParamJacobian};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use faer::Mat;

fn passes<T: Scalar>(c: &mut Criterion, activation: Activation) {
    let network = match Mlp::new(&[2, 32, 64, 32, 2], activation) {
        Ok(network) => network,
        Err(error) => return eprintln!("{error}"),
    };
    let theta: Vec<T> = network.init(0);
    let wave = |i, j| T::lit((1.0 + 1.7 * i as f64 + 2.3 * j as f64).sin());
    let (input, dl_dout) = (Mat::from_fn(2, 100, wave), Mat::from_fn(2, 100, wave));
    let (mut tape, mut grad) = (MlpTape::default(), vec![T::zero(); theta.len()]);
    let mut group = c.benchmark_group(format!("{activation:?} {}", T::NAME));
    for (name, forward, backward) in [
        ("forward", true, false),
        ("backward", false, true),
        ("both", true, true),
    ] {
        group.bench_function(BenchmarkId::from_parameter(name), |b| {
            b.iter(|| {
                if forward {
                    let output = network.forward(black_box(&theta), input.as_ref(), &mut tape);
                    black_box(output.is_ok());
                }
                if backward {
                    let dl_dout = black_box(dl_dout.as_ref());
                    let done = network.backward(&theta, &mut tape, dl_dout, &mut grad);
                    black_box(done.is_ok());
                }
            });
        });
    }
    let mut jac = Mat::zeros(theta.len(), 200);
    group.bench_function(BenchmarkId::from_parameter("param_jacobian"), |b| {
        b.iter(|| {
            let done = network.param_jacobian(black_box(&theta), &mut tape, jac.as_mut());
            black_box(done.is_ok());
        });
    });
    group.finish();
}

fn network(c: &mut Criterion) {
    let sine = Activation::Sine { omega: 30.0 };
    for activation in [
        Activation::Relu,
        Activation::Tanh,
        Activation::Silu,
        Activation::Gelu,
        sine,
    ] {
        passes::<f32>(c, activation);
        passes::<f64>(c, activation);
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(std::time::Duration::from_secs(2)).warm_up_time(std::time::Duration::from_millis(500));
    targets = network
}
criterion_main!(benches);
