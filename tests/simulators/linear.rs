use arginv::prelude::*;
use arginv::simulator::WithInverse;
use faer::mat;
use proptest::prelude::*;

use crate::{column, difference, forward, inverse};

/// Entries in (−1, 1) without a pattern, so that every matrix of them has full rank.
fn entries<T: Scalar>(rows: usize, cols: usize, seed: u32) -> Mat<T> {
    let mut state = seed;
    Mat::from_fn(rows, cols, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        T::lit(f64::from(state) / 2f64.powi(31) - 1.0)
    })
}

/// Columns of a batch against each of them alone, bit for bit, in everything a linear map can do.
fn columns_are_independent<T: Scalar>(m: usize, n: usize, batch: usize) {
    let p = Linear::new(entries::<T>(m, n, 0)).unwrap();
    let (x, v) = (entries::<T>(n, batch, 1), entries::<T>(n, batch, 2));
    let w = entries::<T>(m, batch, 3);
    let all = |x: MatRef<'_, T>, v: MatRef<'_, T>, w: MatRef<'_, T>| {
        let outputs = || Mat::<T>::zeros(m, x.ncols());
        let inputs = || Mat::<T>::zeros(n, x.ncols());
        let mut out = [outputs(), outputs(), inputs(), inputs()];
        p.forward(x, out[0].as_mut()).unwrap();
        p.jvp(x, v, out[1].as_mut()).unwrap();
        p.vjp(x, w, out[2].as_mut()).unwrap();
        p.inverse(x, w, out[3].as_mut()).unwrap();
        out
    };
    let together = all(x.as_ref(), v.as_ref(), w.as_ref());
    for j in 0..batch {
        let one = |a: &Mat<T>| a.subcols(j, 1).to_owned();
        let alone = all(one(&x).as_ref(), one(&v).as_ref(), one(&w).as_ref());
        for (capability, (together, alone)) in together.iter().zip(&alone).enumerate() {
            assert!(
                *alone == together.subcols(j, 1),
                "{m} × {n}, column {j} of {batch}, capability {capability}"
            );
        }
    }
}

#[test]
fn linear_columns_do_not_know_of_each_other() {
    // 600 is longer than the blocks in which general products sum.
    for (m, n) in [(1, 1), (2, 2), (5, 3), (3, 5), (17, 33), (3, 600), (600, 3)] {
        for batch in [2, 9] {
            columns_are_independent::<f32>(m, n, batch);
            columns_are_independent::<f64>(m, n, batch);
        }
    }
}

/// The inverse of a matrix of any shape, of condition number up to 10^`decades`.
fn linear_inverse<T: Scalar>(m: usize, n: usize, decades: f64, values: &[f64]) {
    // A = U·S·V with U, V = 1 − 2uuᵀ/uᵀu.
    let reflection = |dim: usize, values: &[f64]| {
        let u = Mat::from_fn(dim, 1, |i, _| values[i] + 0.1);
        let square = u.squared_norm_l2();
        Mat::<f64>::identity(dim, dim) - faer::Scale(2.0 / square) * (&u * u.transpose())
    };
    let rank = m.min(n);
    let scale = Mat::from_fn(m, n, |i, j| {
        let power = -decades * i as f64 / (rank as f64 - 1.0).max(1.0);
        if i == j { 10f64.powf(power) } else { 0.0 }
    });
    let v = reflection(n, &values[6..6 + n]);
    let a = reflection(m, &values[..m]) * scale * &v;
    let a = Mat::<T>::from_fn(m, n, |i, j| T::lit(a[(i, j)]));
    let p = Linear::new(a.clone()).unwrap();
    let start = column::<T>(&values[12..12 + n]);
    let target = column::<T>(&values[18..18 + m]);
    let found = inverse(&p, &start, &target);
    let residual = forward(&p, &found) - &target;
    let size = found.norm_max().as_f64().max(1.0);
    // A solution by QR solves a problem within a few ε of this one: the residual is some ε·‖A‖‖x‖,
    // whatever the condition number.
    let bound = 100.0 * T::eps().as_f64() * size;
    if m <= n {
        let residual = residual.norm_max().as_f64();
        assert!(residual < bound, "{m} × {n}: {residual} against {bound}");
    } else {
        // Aᵀr = 0 at the least-squares solution; r itself is not small.
        let normal = (a.transpose() * &residual).norm_max().as_f64();
        assert!(normal < bound, "{m} × {n}: {normal} against {bound}");
    }
    // The nearest: the step has no part along V's last rows, which A does not see. Rounding A turns
    // them by some εκ.
    let unseen = v.subrows(rank, n - rank);
    let step = Mat::from_fn(n, 1, |i, _| found[(i, 0)].as_f64() - start[(i, 0)].as_f64());
    let stray = (unseen * step).norm_max();
    let bound = 0.2 * 10f64.powf(decades) * bound;
    assert!(stray < bound, "{m} × {n}: {stray} against {bound}");
}

proptest! {
    #[test]
    fn the_linear_inverse_solves_and_is_nearest(
        m in 1usize..7, n in 1usize..7,
        values in prop::collection::vec(-1.0..1.0, 24),
        decades in 0.0..4.0,
    ) {
        linear_inverse::<f64>(m, n, decades, &values);
        linear_inverse::<f32>(m, n, decades, &values);
    }
}

#[test]
fn the_linear_inverse_is_backward_stable() {
    // Hilbert's matrix of order 10 has the condition number 1.6e13: an explicit inverse leaves a
    // residual of 1e-6.
    let hilbert = Mat::<f64>::from_fn(10, 10, |i, j| 1.0 / (i + j + 1) as f64);
    let target = &hilbert * entries::<f64>(10, 1, 4);
    let p = Linear::new(hilbert).unwrap();
    let found = inverse(&p, &Mat::zeros(10, 1), &target);
    assert!(difference(&forward(&p, &found), &target) < 1e-14);
}

#[test]
fn strided_views_have_the_same_products() {
    let p = Linear::new(entries::<f64>(3, 2, 0)).unwrap();
    let (x, w) = (entries::<f64>(5, 2, 1), entries::<f64>(5, 3, 2));
    let (mut y, mut v, mut z) = (Mat::zeros(5, 3), Mat::zeros(5, 2), Mat::zeros(5, 2));
    p.forward(x.transpose(), y.as_mut().transpose_mut())
        .unwrap();
    p.vjp(x.transpose(), w.transpose(), v.as_mut().transpose_mut())
        .unwrap();
    p.inverse(x.transpose(), w.transpose(), z.as_mut().transpose_mut())
        .unwrap();
    let (x, w) = (x.transpose().to_owned(), w.transpose().to_owned());
    let mut plain = Mat::zeros(2, 5);
    p.vjp(x.as_ref(), w.as_ref(), plain.as_mut()).unwrap();
    assert_eq!(y.transpose(), forward(&p, &x));
    assert_eq!(v.transpose(), plain);
    assert_eq!(z.transpose(), inverse(&p, &x, &w));
}

#[test]
fn an_inverse_can_be_added_to_any_simulator() {
    let cubed = from_fn(1, 1, |x: &[f64], y: &mut [f64]| y[0] = x[0].powi(3));
    let root = |_: &[f64], y: &[f64], x: &mut [f64]| x[0] = y[0].cbrt();
    let p = WithInverse::new(FiniteDiff::new(&cubed), root);
    let x = inverse(&p, &mat![[0.0, 0.0]], &mat![[8.0, -27.0]]);
    assert!(difference(&x, &mat![[2.0, -3.0]]) < 1e-15);
    // The derivatives are the simulator's, called as such.
    let counted = Counted::new(FiniteDiff::new(&cubed));
    let p = WithInverse::new(&counted, root);
    let (mut y, mut jac) = (Mat::zeros(1, 2), Mat::zeros(1, 2));
    p.forward_jacobian(x.as_ref(), y.as_mut(), jac.as_mut())
        .unwrap();
    let counts = counted.counts();
    assert_eq!((counts.forward.calls, counts.jacobian.calls), (0, 1));
    assert!(difference(&jac, &mat![[12.0, 27.0]]) < 1e-9);
    // What the closure does not write is no solution.
    let none = WithInverse::new(&cubed, |_: &[f64], _: &[f64], _: &mut [f64]| ());
    assert!(inverse(&none, &mat![[0.0]], &mat![[8.0]])[(0, 0)].is_nan());
    let mut wrong = Mat::zeros(2, 1);
    assert!(
        none.inverse(y.as_ref(), y.as_ref(), wrong.as_mut())
            .is_err()
    );
}
