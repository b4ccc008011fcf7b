use arginv::inverse::invert;
use arginv::prelude::*;
use faer::mat;
use proptest::prelude::*;
use std::sync::Arc;

use crate::{Swirl, column, difference, forward, inverse};

/// P(P⁻¹(y; x)) against y. Rounding x by ε moves y by ε·|J||x|: the slope γξ times the size of x.
fn sine_round_trip<T: Scalar>(xi: f64, phi: f64, gamma: f64, x: &[f64], y: &[f64], output: bool) {
    let sine = if output {
        Sine::<T>::output_scaled(xi, phi, gamma)
    } else {
        Sine::<T>::input_scaled(xi, phi, gamma)
    }
    .unwrap();
    let amplitude = if output { 1.0 / xi } else { 1.0 };
    let target = column::<T>(&[y[0] * amplitude, y[1]]);
    let found = inverse(&sine, &column(x), &target);
    let size = found.norm_max().as_f64().max(1.0);
    let error = (forward(&sine, &found) - &target).norm_max().as_f64();
    let bound = 20.0 * T::eps().as_f64() * gamma * xi.max(1.0 / xi) * size;
    assert!(error < bound, "{error} against {bound}");
}

proptest! {
    #[test]
    fn sine_round_trips(
        xi in 0.1..32.0, phi in -3.0..3.0, gamma in 0.5..10.0,
        x in prop::collection::vec(-3.0..3.0, 2),
        y in prop::collection::vec(-1.0..1.0, 2),
    ) {
        for output in [false, true] {
            sine_round_trip::<f64>(xi, phi, gamma, &x, &y, output);
            sine_round_trip::<f32>(xi, phi, gamma, &x, &y, output);
        }
    }

    #[test]
    fn the_sines_inverse_is_the_nearest_solution(
        xi in 0.5..4.0, phi in -3.0..3.0,
        x in prop::collection::vec(-3.0..3.0, 2),
        y in prop::collection::vec(-1.0..1.0, 2),
    ) {
        let (gamma, x, target) = (2.0, column::<f64>(&x), column::<f64>(&y));
        let sine = Sine::new(xi, phi, gamma).unwrap();
        let found = inverse(&sine, &x, &target);
        let (s, c) = phi.sin_cos();
        let nearest = (-40..=40)
            .flat_map(|k| {
                let turn = std::f64::consts::TAU * f64::from(k);
                [y[0].asin() + turn, std::f64::consts::PI - y[0].asin() + turn]
            })
            .map(|angle| {
                let z = [angle * xi / gamma, y[1] / (gamma * xi)];
                let solution = column::<f64>(&[c * z[0] + s * z[1], c * z[1] - s * z[0]]);
                (solution - &x).norm_l2()
            })
            .fold(f64::INFINITY, f64::min);
        let distance = (found - &x).norm_l2();
        // Both are sums of a few rounded terms of size 10.
        prop_assert!((distance - nearest).abs() < 1e-12, "{distance} against {nearest}");
    }

    #[test]
    fn exponential_square_and_linear_round_trip(
        x in -5.0..5.0, y in 0.01..20.0, entries in prop::collection::vec(-1.0..1.0, 9),
        target in prop::collection::vec(-1.0..1.0, 3),
    ) {
        fn scalar<T: Scalar>(p: &impl LocalInverse<T>, x: f64, y: f64) {
            let target = column::<T>(&[y]);
            let back = forward(p, &inverse(p, &column(&[x]), &target));
            // |P′x/y| is at most ln y for eˣ and 2 for x², so a few ε.
            assert!(((back[(0, 0)] - target[(0, 0)]) / target[(0, 0)]).as_f64().abs() < 20.0 * T::eps().as_f64());
        }
        scalar::<f64>(&Exponential, x, y);
        scalar::<f32>(&Exponential, x, y);
        scalar::<f64>(&Square, x, y);
        scalar::<f32>(&Square, x, y);
        fn linear<T: Scalar>(entries: &[f64], target: &[f64]) {
            // Diagonally dominant: condition below 5.
            let matrix = Mat::from_fn(3, 3, |i, j| T::lit(entries[3 * i + j] + if i == j { 4.0 } else { 0.0 }));
            let p = Linear::new(matrix).unwrap();
            let target = column::<T>(target);
            let back = forward(&p, &inverse(&p, &column(&[0.0; 3]), &target));
            assert!(difference(&back, &target) < 50.0 * T::eps().as_f64());
        }
        linear::<f64>(&entries, &target);
        linear::<f32>(&entries, &target);
    }
}

#[test]
fn targets_out_of_reach_have_no_inverse() {
    let sine = Sine::output_scaled(4.0, 0.3, 1.0).unwrap();
    assert_eq!(sine.reachable()[0], 0.25);
    let x = inverse(
        &sine,
        &Mat::<f64>::zeros(2, 2),
        &mat![[0.2, 0.26], [0.0, 0.0]],
    );
    assert!(x[(0, 0)].is_finite() && x[(0, 1)].is_nan() && x[(1, 1)].is_nan());
    // NaN in every row, also where φ = 0 keeps the rows apart; the edge itself is within reach, and
    // so is what lies beyond it by rounding.
    let upright = Sine::new(1.0, 0.0, 1.0).unwrap();
    let edge = mat![
        [0.1, f64::NAN, 0.1, 1.0, 1.0 + f64::EPSILON, 1.0 + 1e-14],
        [f64::INFINITY, 0.0, f64::NAN, 0.0, 0.0, 0.0]
    ];
    let x = inverse(&upright, &Mat::zeros(2, 6), &edge);
    let none = |x: &Mat<f64>, j: usize| [x[(0, j)].is_nan(), x[(1, j)].is_nan()];
    for (j, expected) in [true, true, true, false, false, true]
        .into_iter()
        .enumerate()
    {
        assert_eq!(none(&x, j), [expected; 2], "{j}");
    }
    let x = inverse(&upright, &mat![[f64::NAN], [0.0]], &mat![[0.5], [0.5]]);
    assert_eq!(none(&x, 0), [true; 2]);
    for none in [-1.0, f64::NAN, f64::INFINITY] {
        let none = mat![[none]];
        assert!(inverse(&Square, &mat![[1.0]], &none)[(0, 0)].is_nan());
        assert!(inverse(&Exponential, &mat![[1.0]], &none)[(0, 0)].is_nan());
    }
    assert!(inverse(&Exponential, &mat![[1.0]], &mat![[0.0_f64]])[(0, 0)].is_nan());
    assert!(inverse(&Square, &mat![[f64::NAN]], &mat![[4.0]])[(0, 0)].is_nan());
}

#[test]
fn square_stays_on_its_branch() {
    let x = inverse(&Square, &mat![[-0.1, 0.1, 0.0]], &mat![[9.0, 9.0, 9.0]]);
    assert_eq!(x, mat![[-3.0, 3.0, 3.0]]);
}

#[test]
fn a_wide_linear_map_keeps_what_no_output_sees() {
    // x₁ + x₂ = 4 from (3, 0): half of the missing 1 to each.
    let wide = Linear::new(mat![[1.0, 1.0]]).unwrap();
    let x = inverse(&wide, &mat![[3.0], [0.0]], &mat![[4.0]]);
    assert!(difference(&x, &mat![[3.5], [0.5]]) < 1e-15);
    // Of a tall one the least-squares solution, wherever it starts.
    let tall = Linear::new(mat![[1.0], [1.0]]).unwrap();
    let x = inverse(&tall, &mat![[7.0]], &mat![[1.0], [3.0]]);
    assert!((x[(0, 0)] - 2.0_f64).abs() < 1e-15);
}

#[test]
fn composition_inverts_part_by_part() {
    let p = Compose::new(Exponential, Square).unwrap();
    let x = inverse(&p, &mat![[-1.0]], &mat![[4f64.exp()]]);
    assert!((x[(0, 0)] + 2.0).abs() < 1e-14);
}

#[test]
fn pointers_to_simulators_are_simulators() {
    let (x, target) = (mat![[0.5], [0.2]], mat![[0.3], [0.9]]);
    let direct = invert(
        &Auto::new(Swirl),
        &mut Newton::new(),
        x.as_ref(),
        target.as_ref(),
    )
    .unwrap();
    let boxed: Box<dyn Curvature<f64>> = Box::new(Auto::new(Swirl));
    let shared = Arc::new(Auto::new(Swirl));
    let by_box = invert(&boxed, &mut Newton::new(), x.as_ref(), target.as_ref()).unwrap();
    let by_arc = invert(&shared, &mut Newton::new(), x.as_ref(), target.as_ref()).unwrap();
    let by_reference = invert(&&*shared, &mut Newton::new(), x.as_ref(), target.as_ref()).unwrap();
    for other in [by_box, by_arc, by_reference] {
        assert_eq!(other.x, direct.x);
    }
    let mut saddle_free = SaddleFreeNewton::new();
    assert!(invert(&*boxed, &mut saddle_free, x.as_ref(), target.as_ref()).is_ok());
}
