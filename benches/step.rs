//! One training step on the sine problem (ξ = 32, φ = 45°, network 2-32-64-32-2), its batch drawn.

use arginv::prelude::*;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rand::RngExt;

fn steps<T: Scalar>(criterion: &mut Criterion) {
    let sine = Sine::<T>::new(32.0, 45f64.to_radians(), 10.0).unwrap();
    let network = Mlp::new(&[2, 32, 64, 32, 2], Activation::Relu).unwrap();
    let sampler = |rng: &mut ChaCha8Rng, mut y: MatMut<'_, T>| {
        for j in 0..y.ncols() {
            for i in 0..2 {
                y[(i, j)] = T::lit(rng.random_range(-1.0..1.0));
            }
        }
    };
    let mut group = criterion.benchmark_group(format!("step/{}", T::NAME));
    for batch in [10, 100, 1000] {
        let batches = Targets::new(sampler, batch).unwrap();
        let mut y_star = Mat::zeros(2, batch);
        let newton = SaddleFreeNewton::new().with_max_loss_change(0.2).unwrap();
        let adam_step = || adam(1e-3).unwrap();
        let mut sip = Sip::new(sine, L2, newton, network.clone(), adam_step())
            .unwrap()
            .with_proxy(Proxy::L1)
            .unwrap();
        let mut physics =
            DifferentiablePhysics::new(sine, L2, network.clone(), adam_step()).unwrap();
        let (mut theta, mut step) = (network.init(0), 0);
        group.bench_function(BenchmarkId::new("SIP", batch), |b| {
            b.iter(|| {
                step += 1;
                batches.fill(step, y_star.as_mut());
                sip.step(&mut theta, y_star.as_ref()).unwrap()
            });
        });
        let (mut theta, mut step) = (network.init(0), 0);
        group.bench_function(BenchmarkId::new("Adam", batch), |b| {
            b.iter(|| {
                step += 1;
                batches.fill(step, y_star.as_mut());
                physics.step(&mut theta, y_star.as_ref()).unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, steps::<f32>, steps::<f64>);
criterion_main!(benches);
