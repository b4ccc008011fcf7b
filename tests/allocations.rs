//! Nothing is allocated once the first batch has been seen.

use arginv::inverse::{Globalization, Request, SampleReport, StopRule};
use arginv::network::MlpTape;
use arginv::optimizer::{Chain, ClipByGlobalNorm, Momentum, WeightDecay};
use arginv::prelude::*;
use faer::mat;

const BATCH: usize = 64;

fn allocations(what: &str, mut run: impl FnMut()) {
    run();
    run();
    let count = allocation_counter::measure(run).count_total;
    assert_eq!(count, 0, "{what} allocates");
}

fn points(shift: f64) -> Mat<f64> {
    Mat::from_fn(2, BATCH, |i, j| {
        0.4 * (shift + 1.3 * j as f64 + i as f64).sin()
    })
}

fn solver<P: Simulator<f64>>(
    what: &str,
    p: &P,
    loss: &dyn Loss<f64>,
    mut solver: impl InverseSolver<f64, P>,
) {
    let (x, root) = (points(0.0), points(0.2));
    let (mut y, mut target) = (Mat::zeros(2, BATCH), Mat::zeros(2, BATCH));
    p.forward(x.as_ref(), y.as_mut()).unwrap();
    p.forward(root.as_ref(), target.as_mut()).unwrap();
    let request = Request {
        loss,
        ..Request::new(x.as_ref(), y.as_ref(), target.as_ref())
    };
    let mut dx = Mat::zeros(2, BATCH);
    let mut reports = vec![SampleReport::default(); BATCH];
    allocations(what, || {
        solver
            .solve(p, &request, dx.as_mut(), &mut reports)
            .unwrap();
    });
}

#[test]
fn solvers() {
    let sine = Sine::new(1.0, 0.3, 1.0).unwrap();
    let radius = Globalization::trust_region(0.1).unwrap();
    let damping = Globalization::damping(1e-3).unwrap();
    let twenty = StopRule::steps(20).unwrap();
    solver("Analytic", &sine, &L2, Analytic::new());
    solver("Newton", &sine, &L2, Newton::new());
    solver(
        "trust region",
        &sine,
        &L2,
        Newton::new().with_globalization(radius),
    );
    solver("GaussNewton", &sine, &L2, GaussNewton::new());
    solver("LevenbergMarquardt", &sine, &L2, LevenbergMarquardt::new());
    solver(
        "GradientDescent",
        &sine,
        &L2,
        GradientDescent::new(0.1).unwrap().with_stop(twenty),
    );
    let chain = Fallback::chain((
        Newton::new().with_stop(StopRule::residual(0.0).unwrap().with_cap(1).unwrap()),
        LevenbergMarquardt::new(),
    ));
    solver("Fallback", &sine, &L2, chain);
    let full = WeightedL2::full(mat![[2.0, 0.5], [0.5, 1.0]].as_ref()).unwrap();
    let losses: [(&str, Box<dyn Loss<f64>>); 5] = [
        ("L2", Box::new(L2)),
        (
            "diagonal",
            Box::new(WeightedL2::diagonal(&[1.0, 2.0]).unwrap()),
        ),
        ("full", Box::new(full)),
        ("Huber", Box::new(Huber::new(0.1).unwrap())),
        ("LogCosh", Box::new(LogCosh)),
    ];
    for (name, loss) in &losses {
        solver(name, &sine, loss, SaddleFreeNewton::new());
        let damped = SaddleFreeNewton::new().with_globalization(damping);
        solver(name, &sine, loss, damped.with_stop(twenty));
    }
    // Larger than the closed forms.
    let matrix = Mat::from_fn(2, 2, |i, j| if i == j { 2.0 } else { 0.3 });
    solver(
        "Linear",
        &Linear::new(matrix).unwrap(),
        &L2,
        SaddleFreeNewton::new(),
    );
}

#[test]
fn optimizers() {
    let optimizers: [(&str, Chain<f64>); 12] = [
        ("sgd", sgd(0.1).unwrap()),
        (
            "momentum",
            sgd(0.1).unwrap().then(Momentum::new(0.9).unwrap()),
        ),
        ("adam", adam(0.1).unwrap()),
        ("adamw", adamw(0.1).unwrap()),
        ("amsgrad", amsgrad(0.1).unwrap()),
        ("nadam", nadam(0.1).unwrap()),
        ("radam", radam(0.1).unwrap()),
        ("adagrad", adagrad(0.1).unwrap()),
        ("adadelta", adadelta(0.1).unwrap()),
        ("rmsprop", rmsprop(0.1).unwrap()),
        ("lion", lion(0.1).unwrap()),
        (
            "clipped and decayed",
            adam(0.1)
                .unwrap()
                .preceded_by(ClipByGlobalNorm::new(1.0).unwrap())
                .then(WeightDecay::new(0.1).unwrap()),
        ),
    ];
    for (name, mut optimizer) in optimizers {
        let mut theta = vec![1.0; 100];
        let gradient: Vec<f64> = (0..100).map(|k| f64::from(k).sin()).collect();
        allocations(name, || {
            optimizer.step(&mut theta, &gradient, Some(1.0)).unwrap();
        });
    }
}

#[test]
fn networks() {
    let sine = Activation::Sine { omega: 30.0 };
    for activation in [Activation::Relu, Activation::Tanh, Activation::Gelu, sine] {
        let net = Mlp::new(&[2, 32, 64, 32, 2], activation).unwrap();
        let theta: Vec<f64> = net.init(0);
        let mut grad = theta.clone();
        let mut tape = MlpTape::default();
        let (x, w) = (points(0.0), points(1.0));
        let mut jac = Mat::zeros(theta.len(), 2 * BATCH);
        allocations("the network", || {
            net.forward(&theta, x.as_ref(), &mut tape).unwrap();
            net.backward(&theta, &mut tape, w.as_ref(), &mut grad)
                .unwrap();
            net.param_jacobian(&theta, &mut tape, jac.as_mut()).unwrap();
        });
    }
}

#[test]
fn training_steps() {
    let sine = Sine::new(32.0, 0.8, 10.0).unwrap();
    let net = Mlp::new(&[2, 32, 64, 32, 2], Activation::Relu).unwrap();
    let mut theta: Vec<f64> = net.init(0);
    let y_star = points(0.5);
    let newton = SaddleFreeNewton::new().with_max_loss_change(0.2).unwrap();
    let mut sip = Sip::new(sine, L2, newton, net.clone(), adam(1e-3).unwrap()).unwrap();
    allocations("Sip", || {
        sip.step(&mut theta, y_star.as_ref()).unwrap();
    });
    let newton = SaddleFreeNewton::new();
    let sip = Sip::new(sine, L2, newton, net.clone(), adam(1e-3).unwrap()).unwrap();
    let mut sip = sip.with_updates_per_solve(3).unwrap();
    allocations("Sip with three updates", || {
        sip.step(&mut theta, y_star.as_ref()).unwrap();
    });
    let mut physics =
        DifferentiablePhysics::new(sine, L2, net.clone(), adam(1e-3).unwrap()).unwrap();
    allocations("DifferentiablePhysics", || {
        physics.step(&mut theta, y_star.as_ref()).unwrap();
    });
    let mut supervised = Supervised::new(net, adam(1e-3).unwrap()).unwrap();
    allocations("Supervised", || {
        supervised
            .step(&mut theta, y_star.as_ref(), y_star.as_ref())
            .unwrap();
    });
}
