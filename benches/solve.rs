//! Local inverses of the two-dimensional sine (ξ = 1, φ = 15°, γ = 1), B at a time.

use arginv::inverse::{Request, SampleReport, StopRule};
use arginv::prelude::*;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

type Solver = (&'static str, Box<dyn InverseSolver<f64, Sine<f64>>>);

fn solvers(criterion: &mut Criterion) {
    let sine = Sine::new(1.0, 15f64.to_radians(), 1.0).unwrap();
    let mut group = criterion.benchmark_group("solve/sine");
    for batch in [1, 100, 10_000] {
        // Roots within the sine's rising branch, starts 0.2 away in a direction that turns with j.
        let angle = |j: usize| j as f64 * 2.399_963;
        let root = Mat::from_fn(2, batch, |i, j| 0.8 * (angle(j) * (1.0 + i as f64)).sin());
        let x = Mat::from_fn(2, batch, |i, j| {
            let (s, c) = (3.0 * angle(j)).sin_cos();
            root[(i, j)] + 0.2 * [c, s][i]
        });
        let (mut y, mut target) = (Mat::zeros(2, batch), Mat::zeros(2, batch));
        sine.forward(x.as_ref(), y.as_mut()).unwrap();
        sine.forward(root.as_ref(), target.as_mut()).unwrap();
        let request = Request::new(x.as_ref(), y.as_ref(), target.as_ref());
        let stop = StopRule::residual(1e-10).unwrap();
        let solvers: [Solver; 5] = [
            ("Analytic", Box::new(Analytic::new())),
            ("Newton", Box::new(Newton::new().with_stop(stop))),
            ("GaussNewton", Box::new(GaussNewton::new().with_stop(stop))),
            (
                "LevenbergMarquardt",
                Box::new(LevenbergMarquardt::new().with_stop(stop)),
            ),
            (
                "SaddleFreeNewton, one step",
                Box::new(SaddleFreeNewton::new()),
            ),
        ];
        group.throughput(Throughput::Elements(batch as u64));
        for (name, mut solver) in solvers {
            let mut dx = Mat::zeros(2, batch);
            let mut reports = vec![SampleReport::default(); batch];
            solver
                .solve(&sine, &request, dx.as_mut(), &mut reports)
                .unwrap();
            assert!(reports.iter().all(|report| report.status.is_success()));
            group.bench_function(BenchmarkId::new(name, batch), |b| {
                b.iter(|| {
                    solver
                        .solve(&sine, &request, dx.as_mut(), &mut reports)
                        .unwrap();
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, solvers);
criterion_main!(benches);
