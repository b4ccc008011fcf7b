//! The inverse solvers' claims: what is exact, what is invariant, what fails and how it says so.

use arginv::inverse::{
    Evaluations, Globalization, Request, SampleReport, Status, StopRule, invert,
};
use arginv::prelude::*;
use faer::{Mat, MatRef, mat};
use num_dual::DualNum;
use proptest::prelude::*;

/// A smooth map of ℝ³ with a well-conditioned Jacobian everywhere, mixed by a matrix on both sides.
#[derive(Clone)]
struct Mixed {
    before: [[f64; 3]; 3],
    scale: f64,
}

const IDENTITY: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

impl Map<f64> for Mixed {
    fn input_dim(&self) -> usize {
        3
    }

    fn output_dim(&self) -> usize {
        3
    }

    fn eval<D: DualNum<Primitive = f64> + Copy>(&self, x: &[D], y: &mut [D]) {
        let z: Vec<D> = self
            .before
            .iter()
            .map(|row| x[0] * row[0] + x[1] * row[1] + x[2] * row[2])
            .collect();
        for i in 0..3 {
            let next = z[(i + 1) % 3];
            y[i] = (z[i] * 2.0 + next.sin() * 0.5 + z[i] * next * 0.1) * self.scale;
        }
    }
}

/// As [`Mixed`], with a fourth output: overdetermined.
#[derive(Clone)]
struct Tall(Mixed);

impl Map<f64> for Tall {
    fn input_dim(&self) -> usize {
        3
    }

    fn output_dim(&self) -> usize {
        4
    }

    fn eval<D: DualNum<Primitive = f64> + Copy>(&self, x: &[D], y: &mut [D]) {
        self.0.eval(x, &mut y[..3]);
        let sum = y[0] + y[1] - y[2];
        y[3] = (sum * (1.0 / self.0.scale)).sin() * self.0.scale;
    }
}

fn forward<P: Simulator<f64>>(p: &P, x: MatRef<'_, f64>) -> Mat<f64> {
    let mut y = Mat::zeros(p.output_dim(), x.ncols());
    p.forward(x, y.as_mut()).unwrap();
    y
}

/// Δx after `steps` plain steps.
fn steps<P, S>(p: &P, solver: &mut S, x: &Mat<f64>, target: &Mat<f64>) -> Mat<f64>
where
    P: Simulator<f64>,
    S: InverseSolver<f64, P>,
{
    let found = invert(p, solver, x.as_ref(), target.as_ref()).unwrap();
    for report in &found.reports {
        assert!(report.status.is_success(), "{report:?}");
    }
    found.x
}

fn plain<D>(solver: Descent<f64, D>, count: usize) -> Descent<f64, D> {
    solver
        .with_globalization(Globalization::none())
        .with_stop(StopRule::steps(count).unwrap())
}

fn distance(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    (a - b).norm_max() / b.norm_max().max(1.0)
}

fn rotation(angle: f64) -> [[f64; 3]; 3] {
    let (s, c) = angle.sin_cos();
    [[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]
}

/// x with A·x given, for a 3 × 3 A.
fn solve3(a: &[[f64; 3]; 3], b: &Mat<f64>) -> Mat<f64> {
    use faer::linalg::solvers::Solve;
    let a = Mat::from_fn(3, 3, |i, j| a[i][j]);
    a.partial_piv_lu().solve(b)
}

/// Whether the iterates of a solver map as x → A⁻¹x when the simulator becomes P(A·), and stay when
/// it becomes c·P.
fn invariances<P, S>(
    make: impl Fn(Mixed) -> P,
    solver: impl Fn() -> S,
    a: [[f64; 3]; 3],
    c: f64,
) -> (f64, f64)
where
    P: Simulator<f64>,
    S: InverseSolver<f64, P>,
{
    let mixed = |before, scale| make(Mixed { before, scale });
    let x = mat![[0.3, -0.2], [0.1, 0.4], [-0.5, 0.2]];
    let wanted = mat![[0.5, -0.1], [0.2, 0.1], [-0.3, 0.5]];
    let p = mixed(IDENTITY, 1.0);
    let plain = steps(&p, &mut solver(), &x, &forward(&p, wanted.as_ref()));
    let turned = mixed(a, 1.0);
    let x_turned = solve3(&a, &x);
    let target = forward(&p, wanted.as_ref());
    let in_x = steps(&turned, &mut solver(), &x_turned, &target);
    let scaled = mixed(IDENTITY, c);
    let target = forward(&scaled, wanted.as_ref());
    let in_y = steps(&scaled, &mut solver(), &x, &target);
    (
        distance(&in_x, &solve3(&a, &plain)),
        distance(&in_y, &plain),
    )
}

const SHEAR: [[f64; 3]; 3] = [[2.0, 1.0, 0.0], [0.0, 0.5, 3.0], [0.0, 0.0, 10.0]];
// Three steps amplify rounding by at most a few condition numbers (20 for SHEAR): 1e-12 ≫ 60·20·ε.
const EXACT: f64 = 1e-12;

#[test]
fn newton_and_gauss_newton_iterates_are_scale_invariant() {
    for c in [1e-6, 1e6] {
        let newton = invariances(Auto::new, || plain(Newton::new(), 3), SHEAR, c);
        let gauss = invariances(Auto::new, || plain(GaussNewton::new(), 3), SHEAR, c);
        let tall = |mixed| Auto::new(Tall(mixed));
        let overdetermined = invariances(tall, || plain(GaussNewton::new(), 3), SHEAR, c);
        for (in_x, in_y) in [newton, gauss, overdetermined] {
            assert!(in_x < EXACT, "{in_x}");
            assert!(in_y < EXACT, "{in_y}");
        }
    }
}

#[test]
fn saddle_free_newton_is_invariant_under_rotation_and_output_scale() {
    let solver = || plain(SaddleFreeNewton::new(), 3);
    for c in [1e-6, 1e6] {
        let (in_x, in_y) = invariances(Auto::new, solver, rotation(0.7), c);
        assert!(in_x < EXACT, "{in_x}");
        assert!(in_y < EXACT, "{in_y}");
    }
}

#[test]
fn gradient_descent_is_not_scale_invariant() {
    let solver = || plain(GradientDescent::new(0.01).unwrap(), 3);
    let (in_x, in_y) = invariances(Auto::new, solver, SHEAR, 3.0);
    assert!(in_x > 1e-3, "{in_x}");
    assert!(in_y > 1e-3, "{in_y}");
}

#[test]
fn the_analytic_inverse_is_scale_invariant() {
    // eˣ scaled: the linear part carries c; the inverse undoes it exactly up to rounding.
    for c in [1e-6, 1e6] {
        let scaled = Compose::new(Linear::new(mat![[c]]).unwrap(), Exponential).unwrap();
        let x = mat![[0.3, -1.0]];
        let plain = invert(
            &Exponential,
            &mut Analytic::new(),
            x.as_ref(),
            mat![[2.0, 0.1]].as_ref(),
        );
        let target = mat![[2.0 * c, 0.1 * c]];
        let in_y = invert(&scaled, &mut Analytic::new(), x.as_ref(), target.as_ref());
        // ln amplifies the relative rounding of its argument to an absolute one: a few ε.
        assert!(distance(&in_y.unwrap().x, &plain.unwrap().x) < 1e-14);
        // x → a·x: P(a·) from x/a.
        let turned = Compose::new(Exponential, Linear::new(mat![[c]]).unwrap()).unwrap();
        let x_turned = mat![[0.3 / c, -1.0 / c]];
        let found = invert(
            &turned,
            &mut Analytic::new(),
            x_turned.as_ref(),
            mat![[2.0, 0.1]].as_ref(),
        )
        .unwrap();
        assert!((found.x[(0, 0)] * c - 2f64.ln()).abs() < 1e-14);
    }
}

#[test]
fn the_analytic_inverse_maps_with_any_linear_change_of_x_and_scale_of_y() {
    let sine = Sine::new(2.0, 0.4, 1.5).unwrap();
    let a = mat![[2.0, 1.0], [0.5, 3.0]];
    let (x, target) = (
        mat![[0.7, -2.0], [0.1, 0.3]],
        mat![[0.4, -0.2], [0.5, -0.9]],
    );
    let plain = steps(&sine, &mut Analytic::new(), &x, &target);
    let turn = Linear::new(a.clone()).unwrap();
    let mut x_turned = Mat::zeros(2, 2);
    turn.inverse(x.as_ref(), x.as_ref(), x_turned.as_mut())
        .unwrap();
    let turned = Compose::new(sine, turn).unwrap();
    let in_x = steps(&turned, &mut Analytic::new(), &x_turned, &target);
    // cond(A) < 4 and numbers of size 2: some ten ε.
    assert!(distance(&(&a * in_x), &plain) < 1e-14);
    for c in [1e-6, 1e6] {
        let scale = Linear::new(mat![[c, 0.0], [0.0, c]]).unwrap();
        let scaled = Compose::new(scale, sine).unwrap();
        let target = &target * faer::Scale(c);
        let in_y = steps(&scaled, &mut Analytic::new(), &x, &target);
        assert!(distance(&in_y, &plain) < 1e-14);
    }
}

#[test]
fn newton_converges_quadratically() {
    let p = Auto::new(Mixed {
        before: IDENTITY,
        scale: 1.0,
    });
    let wanted = mat![[0.5], [0.2], [-0.3]];
    let target = forward(&p, wanted.as_ref());
    let x = mat![[0.9], [-0.3], [0.4]];
    let errors: Vec<f64> = (1..=4)
        .map(|k| {
            let found = steps(&p, &mut plain(Newton::new(), k), &x, &target);
            (found - &wanted).norm_max()
        })
        .collect();
    // Order from three errors above rounding: log(e₂/e₁)/log(e₁/e₀) → 2.
    let order = (errors[2] / errors[1]).ln() / (errors[1] / errors[0]).ln();
    assert!(order > 1.8, "order {order} from {errors:?}");
}

#[test]
fn least_squares_solvers_reach_the_minimum_of_an_overdetermined_problem() {
    let p = Auto::new(Tall(Mixed {
        before: IDENTITY,
        scale: 1.0,
    }));
    let x = mat![[0.3], [0.1], [-0.5]];
    let target = mat![[0.5], [0.1], [-0.4], [2.0]];
    let stop = StopRule::stationary(1e-14).unwrap();
    let gauss = steps(&p, &mut GaussNewton::new().with_stop(stop), &x, &target);
    let levenberg = steps(
        &p,
        &mut LevenbergMarquardt::new().with_stop(stop),
        &x,
        &target,
    );
    // A predicted decrease of 1e-14 of the value leaves x within its root, times the conditioning.
    assert!(distance(&gauss, &levenberg) < 1e-6);
    let mut gradient = Mat::zeros(3, 1);
    let residual = forward(&p, gauss.as_ref()) - &target;
    p.vjp(gauss.as_ref(), residual.as_ref(), gradient.as_mut())
        .unwrap();
    assert!(residual.norm_max() > 0.1);
    assert!(gradient.norm_max() < 1e-6, "{gradient:?}");
    // To the residual tolerance the same problem has no solution, and says so.
    let found = invert(
        &p,
        &mut LevenbergMarquardt::new(),
        x.as_ref(),
        target.as_ref(),
    )
    .unwrap();
    assert_eq!(found.reports[0].status, Status::Stationary);
    assert_eq!(found.x, x);
}

#[test]
fn underdetermined_steps_are_the_shortest() {
    let p = Linear::new(mat![[1.0, 2.0, 2.0]]).unwrap();
    let x = mat![[1.0], [1.0], [1.0]];
    for found in [
        steps(&p, &mut GaussNewton::new(), &x, &mat![[14.0]]),
        steps(&p, &mut LevenbergMarquardt::new(), &x, &mat![[14.0]]),
    ] {
        // Δx = Jᵀ(JJᵀ)⁻¹·9 = (1, 2, 2); LM ends within its residual tolerance of it.
        assert!(
            distance(&found, &mat![[2.0], [3.0], [3.0]]) < 1e-9,
            "{found:?}"
        );
    }
}

#[test]
fn globalized_solvers_reach_far_targets() {
    let x = mat![[-12.0, 0.0, 5.0]];
    let target = mat![[1.0, 1e3, 1e-3]];
    let radius = Globalization::trust_region(1.0).unwrap();
    let damping = Globalization::damping(1e-3).unwrap();
    let expected = mat![[0.0, 1e3_f64.ln(), 1e-3_f64.ln()]];
    let converge = StopRule::relative_residual(1e-12)
        .unwrap()
        .with_cap(300)
        .unwrap();
    let found = [
        steps(
            &Exponential,
            &mut Newton::new().with_stop(converge),
            &x,
            &target,
        ),
        steps(
            &Exponential,
            &mut Newton::new().with_globalization(radius).with_stop(converge),
            &x,
            &target,
        ),
        steps(
            &Exponential,
            &mut Newton::new()
                .with_globalization(damping)
                .with_stop(converge),
            &x,
            &target,
        ),
        steps(
            &Exponential,
            &mut GaussNewton::new()
                .with_globalization(radius)
                .with_stop(converge),
            &x,
            &target,
        ),
        steps(
            &Exponential,
            &mut LevenbergMarquardt::new().with_stop(converge),
            &x,
            &target,
        ),
    ];
    for found in found {
        // The residual tolerance is relative to the larger of target and P(x₀) ≤ 150: 150·1e-12/1e-3.
        assert!(distance(&found, &expected) < 1e-6, "{found:?}");
    }
}

/// y = (x₁², x₂): ½‖P(x) − (4, 0)‖² has a saddle at 0, with Hessian diag(−8, 1).
struct Fold;

impl Map<f64> for Fold {
    fn input_dim(&self) -> usize {
        2
    }

    fn output_dim(&self) -> usize {
        2
    }

    fn eval<D: DualNum<Primitive = f64> + Copy>(&self, x: &[D], y: &mut [D]) {
        y[0] = x[0] * x[0];
        y[1] = x[1];
    }
}

#[test]
fn saddle_free_newton_leaves_a_saddle_that_newton_goes_to() {
    let start = mat![[0.1], [0.5]];
    let mut solver = SaddleFreeNewton::new()
        .with_globalization(Globalization::backtracking())
        .with_stop(StopRule::default_residual());
    let found = steps(&Auto::new(Fold), &mut solver, &start, &mat![[4.0], [0.0]]);
    assert!(distance(&found, &mat![[2.0], [0.0]]) < 1e-9, "{found:?}");
    // Newton on the gradient, by hand: x₁ − L'/L'' = x₁ − 2x₁(x₁² − 4)/(6x₁² − 8), and x₂ → 0.
    let x: f64 = (0..20).fold(0.1, |x: f64, _| {
        x - 2.0 * x * (x * x - 4.0) / (6.0 * x * x - 8.0)
    });
    assert!(x.abs() < 1e-12, "Newton goes to the saddle: {x}");
}

proptest! {
    #[test]
    fn saddle_free_newton_is_newton_where_the_hessian_is_positive_definite(
        entries in prop::collection::vec(-1.0..1.0, 9), x in prop::collection::vec(-1.0..1.0, 3),
    ) {
        // A linear map, diagonally dominant: H = AᵀA, and Newton's step is the exact solution.
        let a = Mat::from_fn(3, 3, |i, j| entries[3 * i + j] + if i == j { 4.0 } else { 0.0 });
        let p = Linear::new(a).unwrap();
        let start = Mat::from_fn(3, 1, |i, _| x[i]);
        let target = mat![[1.0], [-2.0], [0.5]];
        let newton = steps(&p, &mut plain(Newton::new(), 1), &start, &target);
        let saddle_free = steps(&p, &mut plain(SaddleFreeNewton::new(), 1), &start, &target);
        // cond(A)² ≤ 25, and H is formed: 25·10·ε.
        prop_assert!(distance(&saddle_free, &newton) < 1e-13);
    }

    #[test]
    fn a_small_saddle_free_step_never_increases_the_loss(
        x in prop::collection::vec(-2.0..2.0, 2), target in prop::collection::vec(-1.0..1.0, 2),
    ) {
        let p = Sine::new(2.0, 0.4, 3.0).unwrap();
        let start = Mat::from_fn(2, 1, |i, _| x[i]);
        let target = Mat::from_fn(2, 1, |i, _| target[i]);
        // A step short beside the map's wavelength 2π/γ, whatever the curvature.
        let mut solver = SaddleFreeNewton::new().with_step_cap(1e-4).unwrap();
        let found = steps(&p, &mut solver, &start, &target);
        let loss = |x: &Mat<f64>| (forward(&p, x.as_ref()) - &target).squared_norm_l2();
        let (before, after) = (loss(&start), loss(&found));
        prop_assert!(after <= before * (1.0 + 1e-12), "{after} > {before}");
    }

    #[test]
    fn the_authors_cap_limits_the_loss_change_along_flat_directions(
        x in prop::collection::vec(-2.0..2.0, 2), target in prop::collection::vec(-1.0..1.0, 2),
    ) {
        let p = Sine::new(4.0, 0.4, 3.0).unwrap();
        let start = Mat::from_fn(2, 1, |i, _| x[i]);
        let target = Mat::from_fn(2, 1, |i, _| target[i]);
        let cap = 0.2;
        let mut capped = SaddleFreeNewton::new().with_max_loss_change(cap).unwrap();
        let found = steps(&p, &mut capped, &start, &target);
        let reference = authors_step(&p, &start, &target, cap);
        // Both compute a 2 × 2 eigenbasis; the directions' conditioning is at most 1/gap.
        prop_assert!(distance(&found, &(&start + &reference)) < 1e-8, "{found:?} {reference:?}");
    }
}

/// The authors' step, written out with faer's general eigendecomposition and a product for the mean.
fn authors_step(p: &Sine<f64>, x: &Mat<f64>, target: &Mat<f64>, cap: f64) -> Mat<f64> {
    let residual = forward(p, x.as_ref()) - target;
    let (mut jac, mut curvature) = (Mat::zeros(2, 2), Mat::zeros(2, 2));
    p.jacobian(x.as_ref(), jac.as_mut()).unwrap();
    p.curvature(x.as_ref(), residual.as_ref(), curvature.as_mut())
        .unwrap();
    let hessian = jac.transpose() * &jac + curvature;
    let gradient = jac.transpose() * &residual;
    let eigen = hessian.self_adjoint_eigen(faer::Side::Lower).unwrap();
    let values = [eigen.S()[0], eigen.S()[1]];
    let mean = (values[0] * values[1]).abs().sqrt();
    let g = eigen.U().transpose() * gradient;
    let step = Mat::from_fn(2, 1, |k, _| {
        let newton = (g[(k, 0)] / values[k]).abs();
        let length = if values[k] > mean {
            newton
        } else {
            newton.min(cap / g[(k, 0)].abs())
        };
        -g[(k, 0)].signum() * length
    });
    eigen.U() * step
}

#[test]
fn along_a_flat_direction_the_step_is_zero_without_a_cap_and_the_cap_with_one() {
    // y = (x₁, 0·x₂ + x₁) would be singular; a loss with a gradient and no curvature does it:
    // L = y₁²/2 + y₂, H = diag(1, 0), g = (y₁, 1).
    struct Tilted;
    impl Loss<f64> for Tilted {
        fn value(&self, y: &[f64], _: &[f64]) -> f64 {
            0.5 * y[0] * y[0] + y[1]
        }
        fn gradient(&self, y: &[f64], _: &[f64], out: &mut [f64]) {
            out.copy_from_slice(&[y[0], 1.0]);
        }
        fn hessian_mul(&self, _: &[f64], _: &[f64], v: &[f64], out: &mut [f64]) {
            out.copy_from_slice(&[v[0], 0.0]);
        }
    }
    let p = Linear::new(mat![[1.0, 0.0], [0.0, 1.0]]).unwrap();
    let (x, y) = (mat![[3.0], [5.0]], mat![[0.0], [0.0]]);
    let mut free = SaddleFreeNewton::new();
    let found = targets(&p, &Tilted, &mut free, 1.0, x.as_ref(), y.as_ref()).unwrap();
    assert_eq!(found.x_tilde, mat![[0.0], [5.0]]);
    let mut capped = SaddleFreeNewton::new().with_max_loss_change(0.2).unwrap();
    let found = targets(&p, &Tilted, &mut capped, 1.0, x.as_ref(), y.as_ref()).unwrap();
    assert_eq!(found.x_tilde, mat![[0.0], [4.8]]);
}

#[test]
fn a_start_on_the_solution_costs_nothing_and_moves_nothing() {
    let p = Counted::new(Exponential);
    let found = invert(
        &p,
        &mut Newton::new(),
        mat![[0.0]].as_ref(),
        mat![[1.0]].as_ref(),
    )
    .unwrap();
    assert_eq!(found.reports[0].status, Status::Converged);
    assert_eq!(found.reports[0].iterations, 0);
    assert_eq!(found.reports[0].evaluations.derivative, 0);
    assert_eq!(found.x, mat![[0.0]]);
}

#[test]
fn reports_count_what_the_simulator_was_asked() {
    let p = Counted::new(Exponential);
    let mut solver = Newton::new();
    let found = invert(&p, &mut solver, mat![[0.5]].as_ref(), mat![[3.0]].as_ref()).unwrap();
    let report = &found.reports[0];
    let counts = p.counts();
    assert_eq!(report.evaluations.forward, counts.forward.samples);
    assert_eq!(report.evaluations.derivative, counts.jacobian.samples);
    assert_eq!(report.evaluations.derivative, report.iterations);
    assert!(report.residual <= 1e-11 && report.residual >= 0.0);
}

/// A batch with one bad sample: its name, x, targets, and what must be said of it.
type BadSample = (&'static str, Mat<f64>, Mat<f64>, fn(&Status) -> bool);

fn bad_samples() -> Vec<BadSample> {
    let non_finite = |s: &Status| matches!(s, Status::NonFinite { .. });
    let x = mat![[0.5, 1.0, -2.0, 0.3, 1.5]];
    let y = mat![[1.0, 2.0, 3.0, 4.0, 5.0]];
    let with = |m: &Mat<f64>, v: f64| {
        let mut m = m.clone();
        m[(0, 2)] = v;
        m
    };
    vec![
        ("NaN in x", with(&x, f64::NAN), y.clone(), non_finite),
        ("infinite x", with(&x, f64::INFINITY), y.clone(), non_finite),
        ("overflowing x", with(&x, 1e308), y.clone(), non_finite),
        ("NaN target", x.clone(), with(&y, f64::NAN), non_finite),
        (
            "infinite target",
            x.clone(),
            with(&y, f64::INFINITY),
            non_finite,
        ),
        ("unreachable target", x.clone(), with(&y, -1.0), |s| {
            !s.is_success()
        }),
        ("singular Jacobian", with(&x, 0.0), y.clone(), |s| {
            !s.is_success()
        }),
    ]
}

/// Solves a batch with a bad sample and without it; every other sample must agree bit for bit.
fn others_are_untouched<S: InverseSolver<f64, Square>>(solver: &mut S, expects_failure: bool) {
    for (what, x, y, expected) in bad_samples() {
        let found = invert(&Square, solver, x.as_ref(), y.as_ref()).unwrap();
        let keep = [0, 1, 3, 4];
        let without = |m: &Mat<f64>| Mat::from_fn(1, 4, |_, j| m[(0, keep[j])]);
        let alone = invert(&Square, solver, without(&x).as_ref(), without(&y).as_ref()).unwrap();
        for (k, &j) in keep.iter().enumerate() {
            assert_eq!(
                found.x[(0, j)].to_bits(),
                alone.x[(0, k)].to_bits(),
                "{what}"
            );
            assert_eq!(found.reports[j], alone.reports[k], "{what}");
        }
        let report = &found.reports[2];
        if expects_failure {
            assert!(expected(&report.status), "{what}: {:?}", report.status);
            assert_eq!(found.x[(0, 2)].to_bits(), x[(0, 2)].to_bits(), "{what}");
        }
    }
}

#[test]
fn one_bad_sample_costs_no_other_its_result() {
    others_are_untouched(&mut Newton::new(), true);
    others_are_untouched(&mut GaussNewton::new(), true);
    others_are_untouched(&mut LevenbergMarquardt::new(), true);
    // Descent takes its step whatever the target, and the analytic inverse knows √ at 0.
    others_are_untouched(
        &mut SaddleFreeNewton::new().with_step_cap(0.1).unwrap(),
        false,
    );
    others_are_untouched(&mut GradientDescent::new(0.01).unwrap(), false);
    others_are_untouched(&mut Analytic::new(), false);
    let mut chain = Fallback::chain((
        Newton::new(),
        LevenbergMarquardt::new(),
        GradientDescent::new(0.01).unwrap(),
    ));
    others_are_untouched(&mut chain, false);
}

/// P(x) = x², which refuses negative x with an error.
struct Refusing;

impl Simulator<f64> for Refusing {
    fn input_dim(&self) -> usize {
        1
    }

    fn output_dim(&self) -> usize {
        1
    }

    fn forward(&self, x: MatRef<'_, f64>, mut y: faer::MatMut<'_, f64>) -> Result<(), Failure> {
        for j in 0..x.ncols() {
            if x[(0, j)] < 0.0 {
                return Err(Failure::msg("negative").at(j));
            }
            y[(0, j)] = x[(0, j)] * x[(0, j)];
        }
        Ok(())
    }
}

#[test]
fn a_simulator_that_errs_on_one_sample_keeps_the_others() {
    let p = FiniteDiff::new(Refusing);
    let x = mat![[1.0, -1.0, 2.0]];
    let found = invert(
        &p,
        &mut Newton::new(),
        x.as_ref(),
        mat![[2.0, 2.0, 2.0]].as_ref(),
    )
    .unwrap();
    assert!(found.reports[0].status.is_success() && found.reports[2].status.is_success());
    assert!(
        matches!(&found.reports[1].status, Status::Failed { message } if &**message == "negative")
    );
}

#[test]
fn fallback_reports_who_served_and_why_the_others_failed() {
    let mut chain: Fallback<f64, Vec<Box<dyn InverseSolver<f64, Square>>>> = Fallback::boxed(vec![
        Box::new(Newton::new()),
        Box::new(Analytic::new()),
        Box::new(GradientDescent::new(0.1).unwrap()),
    ])
    .unwrap();
    let x = mat![[1.0, 0.0, 1.0]];
    let found = invert(
        &Square,
        &mut chain,
        x.as_ref(),
        mat![[4.0, 4.0, -4.0]].as_ref(),
    )
    .unwrap();
    let served: Vec<_> = found.reports.iter().map(|r| r.solver).collect();
    assert_eq!(served, ["Newton", "Analytic", "GradientDescent"]);
    assert!(found.reports[0].attempts.is_empty());
    assert_eq!(found.reports[1].attempts.len(), 1);
    assert_eq!(found.reports[1].attempts[0].status, Status::Singular);
    let failed: Vec<_> = found.reports[2].attempts.iter().map(|a| a.solver).collect();
    assert_eq!(failed, ["Newton", "Analytic"]);
    assert_eq!(found.reports[2].attempts[1].status, Status::NoSolution);
    assert_eq!(found.reports[2].evaluations.inverse, 1);
    assert!(Fallback::<f64, Vec<Box<dyn InverseSolver<f64, Square>>>>::boxed(vec![]).is_err());
}

#[test]
fn a_chain_in_which_all_fail_says_so() {
    let mut chain = Fallback::new(Newton::new(), Analytic::new());
    let found = invert(
        &Square,
        &mut chain,
        mat![[1.0]].as_ref(),
        mat![[-4.0]].as_ref(),
    )
    .unwrap();
    assert_eq!(found.reports[0].status, Status::NoSolution);
    assert_eq!(found.reports[0].attempts.len(), 1);
    assert_eq!(found.x, mat![[1.0]]);
}

#[test]
fn empty_batches_and_batches_of_one() {
    let none = Mat::<f64>::zeros(1, 0);
    let found = invert(&Square, &mut Newton::new(), none.as_ref(), none.as_ref()).unwrap();
    assert!(found.reports.is_empty());
    let one = mat![[3.0]];
    let found = invert(
        &Square,
        &mut Newton::new(),
        one.as_ref(),
        mat![[4.0]].as_ref(),
    )
    .unwrap();
    assert!((found.x[(0, 0)] - 2.0_f64).abs() < 1e-12);
}

#[test]
fn wrong_calls_are_typed_errors() {
    let (x, y) = (mat![[1.0, 2.0]], mat![[1.0]]);
    let error = invert(&Square, &mut Newton::new(), x.as_ref(), y.as_ref())
        .err()
        .unwrap();
    assert!(
        matches!(error, Error::Shape { what: "y_star", .. }),
        "{error}"
    );
    let tall = Linear::new(mat![[1.0], [2.0]]).unwrap();
    let error = invert(
        &tall,
        &mut Newton::new(),
        mat![[1.0]].as_ref(),
        mat![[1.0], [1.0]].as_ref(),
    )
    .err()
    .unwrap();
    assert!(matches!(error, Error::NotSquare { .. }), "{error}");
    assert!(error.to_string().contains("GaussNewton"));
    for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        assert!(GradientDescent::<f64>::new(bad).is_err());
        assert!(
            SaddleFreeNewton::<f64>::new()
                .with_max_loss_change(bad)
                .is_err()
        );
        assert!(Newton::<f64>::new().with_step_cap(bad).is_err());
        assert!(Globalization::trust_region(bad).is_err());
        assert!(Globalization::damping(bad).is_err());
    }
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        assert!(StopRule::residual(bad).is_err());
        assert!(StopRule::relative_residual(bad).is_err());
        assert!(StopRule::relative_step(bad).is_err());
        assert!(StopRule::stationary(bad).is_err());
        assert!(Analytic::<f64>::new().with_tolerance(bad).is_err());
    }
    assert!(StopRule::steps(0).is_err());
    assert!(StopRule::default_residual().with_cap(0).is_err());
    for eta in [f64::NAN, 0.0, -0.5, 1.5] {
        assert!(
            targets(
                &Square,
                &L2,
                &mut Newton::new(),
                eta,
                y.as_ref(),
                y.as_ref()
            )
            .is_err()
        );
    }
}

#[test]
fn a_wrong_analytic_inverse_is_rejected() {
    struct Wrong;
    impl Simulator<f64> for Wrong {
        fn input_dim(&self) -> usize {
            1
        }
        fn output_dim(&self) -> usize {
            1
        }
        fn forward(&self, x: MatRef<'_, f64>, mut y: faer::MatMut<'_, f64>) -> Result<(), Failure> {
            y.copy_from(x);
            Ok(())
        }
    }
    impl LocalInverse<f64> for Wrong {
        fn inverse(
            &self,
            _: MatRef<'_, f64>,
            y: MatRef<'_, f64>,
            mut x: faer::MatMut<'_, f64>,
        ) -> Result<(), Failure> {
            x.copy_from(y * faer::Scale(1.01));
            Ok(())
        }
    }
    let found = invert(
        &Wrong,
        &mut Analytic::new(),
        mat![[1.0]].as_ref(),
        mat![[2.0]].as_ref(),
    )
    .unwrap();
    assert_eq!(found.reports[0].status, Status::Rejected);
    assert!((found.reports[0].residual - 0.02).abs() < 1e-12);
    assert_eq!(found.x, mat![[1.0]]);
}

#[test]
fn strided_views_are_taken() {
    let x = mat![[1.0], [-1.0], [2.0]];
    let y = mat![[4.0], [9.0], [2.0]];
    let found = invert(
        &Square,
        &mut Newton::new(),
        x.as_ref().transpose(),
        y.as_ref().transpose(),
    )
    .unwrap();
    for (j, root) in [2.0, -3.0, 2f64.sqrt()].into_iter().enumerate() {
        assert!((found.x[(0, j)] - root).abs() < 1e-11);
    }
    // Solving into a strided view, too.
    let request_x = mat![[1.0, -1.0]];
    let request_y = mat![[1.0, 1.0]];
    let target = mat![[4.0, 9.0]];
    let request = Request::new(request_x.as_ref(), request_y.as_ref(), target.as_ref());
    let mut dx = Mat::zeros(2, 1);
    let mut reports = vec![SampleReport::default(); 2];
    Newton::new()
        .solve(&Square, &request, dx.as_mut().transpose_mut(), &mut reports)
        .unwrap();
    assert!((dx[(0, 0)] - 1.0_f64).abs() < 1e-12 && (dx[(1, 0)] + 2.0_f64).abs() < 1e-12);
}

#[test]
fn single_precision_solves_to_its_own_tolerance() {
    let p = Sine::<f32>::new(1.0, 0.3, 1.0).unwrap();
    let x = mat![[0.1_f32, -0.2], [0.2, 0.1]];
    let target = mat![[0.3_f32, -0.1], [-0.4, 0.2]];
    for report in [
        invert(&p, &mut Newton::new(), x.as_ref(), target.as_ref())
            .unwrap()
            .reports,
        invert(
            &p,
            &mut LevenbergMarquardt::new(),
            x.as_ref(),
            target.as_ref(),
        )
        .unwrap()
        .reports,
        invert(&p, &mut Analytic::new(), x.as_ref(), target.as_ref())
            .unwrap()
            .reports,
    ]
    .concat()
    {
        assert!(report.status.is_success(), "{report:?}");
        // ε^¾ of the scale 0.4, and √ε for the analytic inverse, which is far better than that.
        assert!(report.residual < 4e-6, "{report:?}");
    }
}

#[test]
fn evaluations_add() {
    let mut sum = Evaluations::default();
    sum += Evaluations {
        forward: 1,
        derivative: 2,
        curvature: 3,
        inverse: 4,
    };
    assert_eq!(
        (sum.forward, sum.derivative, sum.curvature, sum.inverse),
        (1, 2, 3, 4)
    );
}
