//! What each `Init` draws.

use arginv::network::{Activation, Init, Mlp, Network};
use faer::{Mat, MatRef};

const OMEGA: f64 = 30.0;

/// θ of a network 100-80-60, and each layer's weights and biases by size.
fn draw(init: Init, seed: u64) -> Vec<(Mat<f64>, Vec<f64>)> {
    let network = Mlp::new(&[100, 80, 60], Activation::Tanh)
        .unwrap()
        .with_init(init)
        .unwrap();
    let theta: Vec<f64> = network.init(seed);
    (0..2)
        .map(|k| {
            let (weights, biases) = network.layer_params(&theta, k).unwrap();
            (weights.to_owned(), biases.to_vec())
        })
        .collect()
}

fn entries(a: MatRef<'_, f64>) -> Vec<f64> {
    (0..a.ncols())
        .flat_map(|j| a.col(j).iter().copied().collect::<Vec<_>>())
        .collect()
}

/// Mean 0 and the variance `variance`, both within five standard errors; `kurtosis` is the
/// distribution's fourth moment over its squared variance.
fn assert_moments(values: &[f64], variance: f64, kurtosis: f64, what: Init) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let second = values.iter().map(|v| v * v).sum::<f64>() / n;
    assert!(
        mean.abs() <= 5.0 * (variance / n).sqrt(),
        "{what:?}: mean {mean}"
    );
    let error = variance * ((kurtosis - 1.0) / n).sqrt();
    assert!(
        (second - variance).abs() <= 5.0 * error,
        "{what:?}: {second} for {variance}"
    );
}

fn assert_uniform(values: &[f64], bound: f64, what: Init) {
    let largest = values.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    assert!(largest <= bound, "{what:?}: {largest} beyond {bound}");
    // That none of n numbers lies in the outer tenth has probability 0.9ⁿ.
    assert!(
        largest > 0.9 * bound,
        "{what:?}: {largest} far below {bound}"
    );
    assert_moments(values, bound * bound / 3.0, 1.8, what);
}

fn assert_normal(values: &[f64], deviation: f64, what: Init) {
    assert_moments(values, deviation * deviation, 3.0, what);
    let n = values.len() as f64;
    // The probability of one standard deviation is erf(1/√2), its sampling error √(p(1−p)/n).
    let p = 0.682_689_492_137_086;
    let within = values.iter().filter(|v| v.abs() <= deviation).count() as f64 / n;
    assert!(
        (within - p).abs() <= 5.0 * (p * (1.0 - p) / n).sqrt(),
        "{what:?}: {within}"
    );
}

#[test]
fn weights_have_the_stated_distribution() {
    for (k, fan_in, fan_out) in [(0, 100.0_f64, 80.0_f64), (1, 80.0, 60.0)] {
        let weights = |init| entries(draw(init, 7)[k].0.as_ref());
        let uniform = |init, bound| assert_uniform(&weights(init), bound, init);
        let normal = |init, deviation| assert_normal(&weights(init), deviation, init);
        uniform(Init::FanInUniform, 1.0 / fan_in.sqrt());
        uniform(Init::XavierUniform, (6.0 / (fan_in + fan_out)).sqrt());
        uniform(Init::KaimingUniform, (6.0 / fan_in).sqrt());
        let siren = if k == 0 {
            1.0 / fan_in
        } else {
            (6.0 / fan_in).sqrt() / OMEGA
        };
        uniform(Init::Siren { omega: OMEGA }, siren);
        normal(Init::XavierNormal, (2.0 / (fan_in + fan_out)).sqrt());
        normal(Init::KaimingNormal, (2.0 / fan_in).sqrt());
        normal(Init::LecunNormal, (1.0 / fan_in).sqrt());
    }
}

#[test]
fn biases_are_uniform_or_zero() {
    for init in [Init::FanInUniform, Init::Siren { omega: OMEGA }] {
        for (layer, fan_in) in draw(init, 7).iter().zip([100.0_f64, 80.0]) {
            assert_uniform(&layer.1, 1.0 / fan_in.sqrt(), init);
        }
    }
    for init in [
        Init::XavierUniform,
        Init::XavierNormal,
        Init::KaimingUniform,
        Init::KaimingNormal,
        Init::LecunNormal,
        Init::Orthogonal,
    ] {
        assert!(
            draw(init, 7)
                .iter()
                .all(|(_, b)| b.iter().all(|&v| v == 0.0)),
            "{init:?}"
        );
    }
}

#[test]
fn orthogonal_weights_are_orthonormal() {
    for sizes in [[3, 8], [8, 3], [5, 5]] {
        let network = Mlp::new(&sizes, Activation::Tanh).unwrap();
        let network = network.with_init(Init::Orthogonal).unwrap();
        let theta: Vec<f64> = network.init(3);
        let (w, _) = network.layer_params(&theta, 0).unwrap();
        let gram = if w.nrows() >= w.ncols() {
            w.transpose() * w
        } else {
            w * w.transpose()
        };
        let error = (gram
            - Mat::<f64>::identity(w.nrows().min(w.ncols()), w.nrows().min(w.ncols())))
        .norm_max();
        // Householder QR is orthogonal to n·ε.
        assert!(error <= 8.0 * f64::EPSILON, "{sizes:?}: {error}");
    }
}

/// Of both signs: without the sign of R, Q's first entry would always be negative.
#[test]
fn orthogonal_weights_point_every_way() {
    let first = |seed| draw(Init::Orthogonal, seed)[0].0[(0, 0)];
    let negative = (0..20).filter(|&seed| first(seed) < 0.0).count();
    // Fair coins leave 2..=18 with probability 4e-5.
    assert!((2..=18).contains(&negative), "{negative} of 20");
}

#[test]
fn seeds_repeat_and_differ_and_precisions_agree() {
    for init in [Init::FanInUniform, Init::KaimingNormal, Init::Orthogonal] {
        let network = Mlp::new(&[2, 5, 2], Activation::Relu)
            .unwrap()
            .with_init(init)
            .unwrap();
        let double: Vec<f64> = network.init(4);
        assert_eq!(double, Network::<f64>::init(&network, 4));
        assert_ne!(double, Network::<f64>::init(&network, 5));
        let rounded: Vec<f32> = double.iter().map(|&v| v as f32).collect();
        assert_eq!(rounded, Network::<f32>::init(&network, 4));
    }
}

/// Recorded: a seed means the same numbers in every release and on every machine.
#[test]
fn a_seed_draws_the_recorded_numbers() {
    let first = |init: Init| {
        let network = Mlp::new(&[2, 2], Activation::Relu)
            .unwrap()
            .with_init(init)
            .unwrap();
        let theta: Vec<f64> = network.init(0);
        [theta[0], theta[1], theta[2]]
    };
    let recorded = [
        (
            Init::FanInUniform,
            [
                0.295_677_288_055_032_74,
                -0.048_193_962_520_350_06,
                0.281_631_074_645_562_1,
            ],
        ),
        (
            Init::KaimingNormal,
            [
                0.699_960_794_626_815_4,
                -0.144_061_635_427_847_64,
                0.302_886_280_245_585_56,
            ],
        ),
    ];
    for (init, expected) in recorded {
        // The scale is a square root and a product: a few roundings.
        for (got, expected) in first(init).into_iter().zip(expected) {
            assert!(
                (got - expected).abs() <= 4.0 * f64::EPSILON,
                "{init:?}: {:?}",
                first(init)
            );
        }
    }
}
