//! What the training methods owe to each other, and what one bad sample may cost.

use arginv::inverse::{Request, SampleReport, Status};
use arginv::prelude::*;
use arginv::train::TargetStep;
use faer::mat;
use rand::RngExt;

const SEED: u64 = 3;

fn network(activation: Activation) -> Mlp {
    Mlp::new(&[2, 16, 16, 2], activation).unwrap()
}

fn batch<T: Scalar>(columns: usize) -> Mat<T> {
    let uniform = |rng: &mut ChaCha8Rng, mut y: MatMut<'_, T>| {
        for j in 0..y.ncols() {
            for i in 0..2 {
                y[(i, j)] = T::lit(rng.random_range(-1.0..1.0));
            }
        }
    };
    Targets::new(uniform, columns).unwrap().draw(0, 2)
}

fn sine<T: Scalar>() -> Sine<T> {
    Sine::new(2.0, 0.5, 1.5).unwrap()
}

/// θ moved by −gradient: plain descent with rate 1 shows the gradient itself.
fn moved<T: Scalar>(theta: &[T], after: &[T]) -> Vec<f64> {
    theta
        .iter()
        .zip(after)
        .map(|(&a, &b)| (a - b).as_f64())
        .collect()
}

fn relative_difference(a: &[f64], b: &[f64]) -> f64 {
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|d| d * d).sum::<f64>().sqrt();
    norm(&mut a.iter().zip(b).map(|(a, b)| a - b)) / norm(&mut b.iter().copied())
}

/// The θ-gradients of SIP with one gradient-descent step and of differentiable physics.
fn first_order<T: Scalar, L: Loss<T> + Clone>(loss: L, eta: f64) -> (Vec<f64>, Vec<f64>) {
    let net = network(Activation::Tanh);
    let theta: Vec<T> = net.init(SEED);
    let y_star = batch::<T>(20);
    let descent = GradientDescent::new(1.0).unwrap();
    let mut sip = Sip::new(
        sine(),
        loss.clone(),
        descent,
        net.clone(),
        sgd(1.0).unwrap(),
    )
    .unwrap()
    .with_eta(eta)
    .unwrap();
    let mut physics = DifferentiablePhysics::new(sine(), loss, net, sgd(1.0).unwrap()).unwrap();
    let (mut a, mut b) = (theta.clone(), theta.clone());
    sip.step(&mut a, y_star.as_ref()).unwrap();
    physics.step(&mut b, y_star.as_ref()).unwrap();
    (moved(&theta, &a), moved(&theta, &b))
}

#[test]
fn sip_with_one_gradient_step_is_differentiable_physics() {
    // Reading a gradient off θ ± g costs an ulp of θ: ε·|θ|/|g| with |g| of about 0.1.
    let gradients = [
        first_order::<f64, _>(L2, 1.0),
        first_order::<f64, _>(LogCosh, 1.0),
        first_order::<f64, _>(Huber::new(0.5).unwrap(), 1.0),
        first_order::<f64, _>(WeightedL2::diagonal(&[2.0, 0.5]).unwrap(), 1.0),
    ];
    for (sip, physics) in gradients {
        assert!(relative_difference(&sip, &physics) < 1e-13);
    }
    let (sip, physics) = first_order::<f32, _>(L2, 1.0);
    assert!(relative_difference(&sip, &physics) < 1e-5);
}

#[test]
fn eta_scales_the_first_order_step() {
    for eta in [0.5, 0.1] {
        let (sip, physics) = first_order::<f64, _>(L2, eta);
        let scaled: Vec<f64> = physics.iter().map(|g| g * eta).collect();
        // y + η(y* − y) rounds: some ε of y over η(y* − y).
        assert!(relative_difference(&sip, &scaled) < 1e-12);
    }
}

#[test]
fn eta_times_the_network_rate_is_the_effective_rate_to_first_order() {
    // θ after SIP with (η, ρ) against (1, ηρ): the difference is second order in ηρ.
    let net = network(Activation::Tanh);
    let theta: Vec<f64> = net.init(SEED);
    let y_star = batch::<f64>(20);
    let run = |eta: f64, rate: f64| {
        let mut sip = Sip::new(sine(), L2, Newton::new(), net.clone(), sgd(rate).unwrap())
            .unwrap()
            .with_eta(eta)
            .unwrap();
        let mut after = theta.clone();
        sip.step(&mut after, y_star.as_ref()).unwrap();
        moved(&theta, &after)
    };
    // Newton's inverse bends: x̃(η) − x = η·J⁻¹Δy + O(η²), so the mismatch falls with η.
    let mismatch = |eta: f64| {
        let small: Vec<f64> = run(eta, 1e-2).iter().map(|d| d / eta).collect();
        let smaller: Vec<f64> = run(0.5 * eta, 2e-2).iter().map(|d| d / eta).collect();
        relative_difference(&small, &smaller)
    };
    let (coarse, fine) = (mismatch(0.02), mismatch(0.002));
    assert!(fine < 0.2 * coarse && fine < 1e-3, "{coarse} → {fine}");
}

#[test]
fn sip_on_an_invertible_linear_map_is_supervised_training() {
    let p = Linear::new(mat![[2.0, 1.0], [-0.5, 3.0]]).unwrap();
    let net = network(Activation::Tanh);
    let y_star = batch::<f64>(20);
    let mut x_star = Mat::zeros(2, 20);
    p.inverse(Mat::zeros(2, 20).as_ref(), y_star.as_ref(), x_star.as_mut())
        .unwrap();

    let theta: Vec<f64> = net.init(SEED);
    let x = batch::<f64>(20);
    let outcome = targets(
        &p,
        &L2,
        &mut Newton::new(),
        1.0,
        x.as_ref(),
        y_star.as_ref(),
    )
    .unwrap();
    // One solve with cond(A) < 2.
    assert!((outcome.x_tilde - &x_star).norm_max() < 1e-14);

    let (mut a, mut b) = (theta.clone(), theta);
    let mut sip = Sip::new(p, L2, Newton::new(), net.clone(), adam(1e-3).unwrap()).unwrap();
    let mut supervised = Supervised::new(net, adam(1e-3).unwrap()).unwrap();
    for _ in 0..50 {
        sip.step(&mut a, y_star.as_ref()).unwrap();
        supervised
            .step(&mut b, y_star.as_ref(), x_star.as_ref())
            .unwrap();
    }
    // Targets equal to 1e-15, carried through 50 steps of Adam, which divides by small moments.
    let difference = a.iter().zip(&b).map(|(a, b)| (a - b).abs());
    let largest = difference.fold(0.0, f64::max);
    assert!(largest < 1e-10, "{largest}");
}

#[test]
fn proxies_have_the_gradients_of_their_losses() {
    // One linear layer with inputs 1: the bias's gradient is the mean of the proxy's.
    let p = Linear::new(mat![[1.0]]).unwrap();
    let net = Mlp::new(&[1, 1], Activation::Identity).unwrap();
    let y_star = mat![[3.0, 0.5]];
    // θ = (0, 0), so x = 0 and x̃ − x = y*.
    let cases = [
        (Proxy::L2, (9.0 + 0.25) / 4.0, 3.5 / 2.0),
        (Proxy::L1, 3.5 / 2.0, 1.0),
        (Proxy::Huber { delta: 1.0 }, (2.5 + 0.125) / 2.0, 1.5 / 2.0),
    ];
    for (proxy, value, gradient) in cases {
        let mut theta = vec![0.0, 0.0];
        let report = Sip::new(p.clone(), L2, Newton::new(), net.clone(), sgd(1.0).unwrap())
            .unwrap()
            .with_proxy(proxy)
            .unwrap()
            .step(&mut theta, y_star.as_ref())
            .unwrap();
        assert_eq!(report.proxy, value, "{proxy:?}");
        assert_eq!(theta[1], gradient, "{proxy:?}");
    }
    for delta in [0.0, -1.0, f64::NAN] {
        let sip = Sip::new(p.clone(), L2, Newton::new(), net.clone(), sgd(1.0).unwrap()).unwrap();
        assert!(sip.with_proxy(Proxy::Huber { delta }).is_err());
    }
}

#[test]
fn several_updates_a_solve_keep_the_targets() {
    let p = Linear::new(mat![[2.0, 1.0], [-0.5, 3.0]]).unwrap();
    let net = network(Activation::Tanh);
    let y_star = batch::<f64>(10);
    let theta: Vec<f64> = net.init(SEED);
    // On a linear map the targets stay as θ moves, so 3 updates a solve are 3 solves.
    let make = || {
        Sip::new(
            p.clone(),
            L2,
            Newton::new(),
            net.clone(),
            adam(1e-3).unwrap(),
        )
        .unwrap()
    };
    let (mut a, mut b) = (theta.clone(), theta);
    let mut thrice = make().with_updates_per_solve(3).unwrap();
    thrice.step(&mut a, y_star.as_ref()).unwrap();
    let mut once = make();
    for _ in 0..3 {
        once.step(&mut b, y_star.as_ref()).unwrap();
    }
    for (a, b) in a.iter().zip(&b) {
        assert!((a - b).abs() < 1e-12);
    }
    assert!(make().with_updates_per_solve(0).is_err());
    assert!(make().with_eta(f64::NAN).is_err());
}

/// A batch whose sample `bad` is spoiled, and the same batch without it.
fn with_and_without(bad: usize, value: f64) -> (Mat<f64>, Mat<f64>) {
    let mut whole = batch::<f64>(9);
    let without = Mat::from_fn(2, 8, |i, j| whole[(i, if j < bad { j } else { j + 1 })]);
    whole[(0, bad)] = value;
    (whole, without)
}

#[test]
fn a_bad_sample_is_left_out_of_the_step_and_named() {
    // NaN, and a target no sine reaches.
    for (value, solver_fails) in [(f64::NAN, true), (3.0, true)] {
        let (whole, without) = with_and_without(4, value);
        let net = network(Activation::Relu);
        let theta: Vec<f64> = net.init(SEED);
        let make = || Sip::new(sine(), L2, Newton::new(), net.clone(), sgd(0.1).unwrap()).unwrap();
        let (mut a, mut b) = (theta.clone(), theta.clone());
        let mut sip = make();
        let report = sip.step(&mut a, whole.as_ref()).unwrap();
        let mut reference = make();
        let expected = reference.step(&mut b, without.as_ref()).unwrap();
        assert_eq!((report.samples, report.used), (9, 8));
        assert_eq!(sip.reports()[4].status.is_success(), !solver_fails);
        assert_eq!(report.loss.to_bits(), expected.loss.to_bits());
        assert_eq!(report.proxy.to_bits(), expected.proxy.to_bits());
        for (j, k) in (0..9).filter(|&j| j != 4).zip(0..8) {
            assert_eq!(sip.reports()[j], reference.reports()[k]);
        }
        // The θ-gradient sums over 9 columns instead of 8: the same up to the order of the sum.
        assert!(relative_difference(&moved(&theta, &a), &moved(&theta, &b)) < 1e-12);
    }
    let (whole, without) = with_and_without(4, f64::INFINITY);
    let net = network(Activation::Relu);
    let theta: Vec<f64> = net.init(SEED);
    let make = || DifferentiablePhysics::new(sine(), L2, net.clone(), sgd(0.1).unwrap()).unwrap();
    let (mut a, mut b) = (theta.clone(), theta.clone());
    let report = make().step(&mut a, whole.as_ref()).unwrap();
    make().step(&mut b, without.as_ref()).unwrap();
    assert_eq!((report.samples, report.used), (9, 8));
    assert!(relative_difference(&moved(&theta, &a), &moved(&theta, &b)) < 1e-12);
}

#[test]
fn targets_of_the_others_are_bit_identical() {
    let (whole, without) = with_and_without(4, f64::NAN);
    let (x, x_without) = with_and_without(4, 0.5);
    let mut solver = Fallback::new(
        SaddleFreeNewton::new().with_max_loss_change(0.2).unwrap(),
        GradientDescent::new(1e-3).unwrap(),
    );
    let mut step = TargetStep::new();
    step.compute(&sine(), &L2, &mut solver, 0.7, x.as_ref(), whole.as_ref())
        .unwrap();
    let mut alone = TargetStep::new();
    alone
        .compute(
            &sine(),
            &L2,
            &mut solver,
            0.7,
            x_without.as_ref(),
            without.as_ref(),
        )
        .unwrap();
    assert_eq!(step.count(), 8);
    for (j, k) in (0..9).filter(|&j| j != 4).zip(0..8) {
        for i in 0..2 {
            assert_eq!(step.dx()[(i, j)].to_bits(), alone.dx()[(i, k)].to_bits());
        }
    }
}

/// Claims success for every sample, with NaN for the second.
struct Careless;

impl InverseSolver<f64, Sine<f64>> for Careless {
    fn solve(
        &mut self,
        _: &Sine<f64>,
        _: &Request<'_, f64>,
        mut dx: MatMut<'_, f64>,
        reports: &mut [SampleReport<f64>],
    ) -> arginv::Result<()> {
        dx.fill(0.1);
        dx[(0, 1)] = f64::NAN;
        reports.fill(SampleReport::new("Careless", Status::Stepped));
        Ok(())
    }
}

#[test]
fn a_careless_solver_costs_only_its_bad_sample() {
    let net = network(Activation::Relu);
    let mut theta: Vec<f64> = net.init(SEED);
    let mut sip = Sip::new(sine(), L2, Careless, net, sgd(0.1).unwrap()).unwrap();
    let report = sip.step(&mut theta, batch(5).as_ref()).unwrap();
    assert_eq!(report.used, 4);
    assert!(matches!(sip.reports()[1].status, Status::NonFinite { .. }));
    assert!(theta.iter().all(|t| t.is_finite()));
}

#[test]
fn batches_without_a_usable_sample_move_nothing() {
    let net = network(Activation::Relu);
    let theta: Vec<f64> = net.init(SEED);
    let mut after = theta.clone();
    let mut sip = Sip::new(sine(), L2, Newton::new(), net, adam(0.1).unwrap()).unwrap();
    for y_star in [Mat::zeros(2, 0), Mat::from_fn(2, 3, |_, _| f64::NAN)] {
        let report = sip.step(&mut after, y_star.as_ref()).unwrap();
        assert_eq!((report.used, report.samples), (0, y_star.ncols()));
        assert!(report.loss.is_nan());
        assert_eq!(after, theta);
    }
}

#[test]
fn wrong_calls_are_typed_errors_and_leave_theta() {
    let net = network(Activation::Relu);
    let mut sip = Sip::new(sine(), L2, Newton::new(), net.clone(), adam(0.1).unwrap()).unwrap();
    let mut theta: Vec<f64> = net.init(SEED);
    let wrong_rows = Mat::zeros(3, 4);
    assert!(sip.step(&mut theta, wrong_rows.as_ref()).is_err());
    assert!(sip.step(&mut theta[1..], batch(4).as_ref()).is_err());
    theta[7] = f64::NAN;
    let error = sip.step(&mut theta, batch(4).as_ref()).unwrap_err();
    assert!(
        matches!(error, Error::NonFinite { index: 7, .. }),
        "{error}"
    );
    let wide = Mlp::new(&[3, 4, 2], Activation::Relu).unwrap();
    assert!(Sip::new(sine::<f64>(), L2, Newton::new(), wide, adam(0.1).unwrap()).is_err());
    let weights = WeightedL2::diagonal(&[1.0, 2.0, 3.0]).unwrap();
    assert!(
        Sip::new(
            sine::<f64>(),
            weights,
            Newton::new(),
            net,
            adam(0.1).unwrap()
        )
        .is_err()
    );
}

#[test]
fn argmins_executor_runs_the_same_steps() {
    let net = network(Activation::Tanh);
    let theta: Vec<f64> = net.init(SEED);
    let sampler = |rng: &mut ChaCha8Rng, mut y: MatMut<'_, f64>| {
        for j in 0..y.ncols() {
            for i in 0..2 {
                y[(i, j)] = rng.random_range(-0.5..0.5);
            }
        }
    };
    let make = || {
        Sip::new(sine(), L2, Newton::new(), net.clone(), adam(1e-3).unwrap())
            .unwrap()
            .with_proxy(Proxy::L1)
            .unwrap()
    };
    let batches = || Targets::new(sampler, 10).unwrap().with_seed(5);
    let result = Executor::new(batches(), make())
        .configure(|state| state.param(theta.clone()).max_iters(20))
        .run()
        .unwrap();
    let mut by_hand = theta.clone();
    let (mut sip, batches) = (make(), batches());
    for step in 0..20 {
        sip.step(&mut by_hand, batches.draw(step, 2).as_ref())
            .unwrap();
    }
    let mut state = result.state().clone();
    assert_eq!(state.take_param().unwrap(), by_hand);

    let physics = DifferentiablePhysics::new(sine(), L2, net.clone(), adam(1e-3).unwrap()).unwrap();
    let result = Executor::new(batches, physics)
        .configure(|state| state.param(theta.clone()).max_iters(5))
        .run()
        .unwrap();
    assert_eq!(result.state().get_iter(), 5);

    let pairs = |rng: &mut ChaCha8Rng, mut x: MatMut<'_, f64>, mut y: MatMut<'_, f64>| {
        for j in 0..x.ncols() {
            for i in 0..2 {
                x[(i, j)] = rng.random_range(-0.5..0.5);
                y[(i, j)] = 2.0 * x[(i, j)];
            }
        }
    };
    let supervised = Supervised::new(net.clone(), adam(1e-2).unwrap()).unwrap();
    let result = Executor::new(Pairs::new(pairs, 50).unwrap(), supervised)
        .configure(|state| state.param(theta).max_iters(500))
        .run()
        .unwrap();
    assert!(result.state().get_best_cost() < 1e-3);

    let no_theta = Executor::new(Targets::new(sampler, 10).unwrap(), make()).run();
    assert!(no_theta.err().unwrap().to_string().contains("param(theta)"));
}

/// Mean |x² − y| and mean |x| of a network trained on y = x², by SIP and on both branches.
fn square_root(sip: bool) -> (f64, f64) {
    let net = Mlp::new(&[1, 32, 32, 1], Activation::Tanh).unwrap();
    let mut theta: Vec<f64> = net.init(SEED);
    let uniform = |rng: &mut ChaCha8Rng, mut y: MatMut<'_, f64>| {
        for j in 0..y.ncols() {
            y[(0, j)] = rng.random_range(0.1..1.0);
        }
    };
    let batches = Targets::new(uniform, 50).unwrap();
    if sip {
        let mut method = Sip::new(
            Square,
            L2,
            Analytic::new(),
            net.clone(),
            adam(3e-3).unwrap(),
        )
        .unwrap();
        for step in 0..1500 {
            method
                .step(&mut theta, batches.draw(step, 1).as_ref())
                .unwrap();
        }
    } else {
        let mut method = Supervised::new(net.clone(), adam(3e-3).unwrap()).unwrap();
        for step in 0..1500 {
            let y = batches.draw(step, 1);
            let x = Mat::from_fn(1, 50, |_, j| {
                y[(0, j)].sqrt() * if j % 2 == 0 { 1.0 } else { -1.0 }
            });
            method.step(&mut theta, y.as_ref(), x.as_ref()).unwrap();
        }
    }
    let y = Mat::from_fn(1, 91, |_, j| 0.1 + 0.01 * j as f64);
    let mut tape = Default::default();
    let x = net.forward(&theta, y.as_ref(), &mut tape).unwrap();
    let mean = |f: &dyn Fn(usize) -> f64| (0..91).map(f).sum::<f64>() / 91.0;
    (
        mean(&|j| (x[(0, j)] * x[(0, j)] - y[(0, j)]).abs()),
        mean(&|j| x[(0, j)].abs()),
    )
}

#[test]
fn sip_picks_a_branch_where_supervised_training_averages_them() {
    // Mean |x| on a branch is about 0.71; the average of both branches is 0.
    let (residual, size) = square_root(true);
    assert!(residual < 0.01 && size > 0.6, "SIP: {residual}, {size}");
    let (residual, size) = square_root(false);
    assert!(
        residual > 0.3 && size < 0.2,
        "supervised: {residual}, {size}"
    );
}
