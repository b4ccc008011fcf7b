use arginv::prelude::*;
use faer::mat;

use crate::Swirl;

/// Every capability with one argument of a wrong shape, each: a typed error, and no panic.
fn refuses_wrong_shapes<P: Curvature<f64> + Jvp<f64>>(p: &P) {
    let (n, m) = (p.input_dim(), p.output_dim());
    let z = |rows: usize, cols: usize| Mat::<f64>::zeros(rows, cols);
    let good = z(n, 3);
    for (x, out) in [
        (z(n + 1, 3), z(m, 3)),
        (z(n, 3), z(m + 1, 3)),
        (z(n, 3), z(m, 2)),
    ] {
        let mut out = out;
        assert!(p.forward(x.as_ref(), out.as_mut()).is_err());
        assert!(p.jvp(x.as_ref(), good.as_ref(), out.as_mut()).is_err());
    }
    for (w, out) in [
        (z(m + 1, 3), z(n, 3)),
        (z(m, 2), z(n, 3)),
        (z(m, 3), z(n + 1, 3)),
    ] {
        let mut out = out;
        assert!(p.vjp(good.as_ref(), w.as_ref(), out.as_mut()).is_err());
    }
    for mut jac in [z(m + 1, 3 * n), z(m, 3 * n + 1)] {
        assert!(p.jacobian(good.as_ref(), jac.as_mut()).is_err());
        assert!(
            p.forward_jacobian(good.as_ref(), z(m, 3).as_mut(), jac.as_mut())
                .is_err()
        );
    }
    let w = z(m, 3);
    for mut h in [z(n + 1, 3 * n), z(n, 3 * n + 1)] {
        assert!(p.curvature(good.as_ref(), w.as_ref(), h.as_mut()).is_err());
    }
    let mut h = z(n, 3 * n);
    assert!(
        p.curvature(good.as_ref(), z(m, 2).as_ref(), h.as_mut())
            .is_err()
    );
    // No samples are not a fault.
    assert!(p.forward(z(n, 0).as_ref(), z(m, 0).as_mut()).is_ok());
    assert!(p.jacobian(z(n, 0).as_ref(), z(m, 0).as_mut()).is_ok());
    assert!(
        p.curvature(z(n, 0).as_ref(), z(m, 0).as_ref(), z(n, 0).as_mut())
            .is_ok()
    );
}

#[test]
fn wrong_shapes_are_errors() {
    let sine = Sine::new(2.0, 0.3, 1.0).unwrap();
    refuses_wrong_shapes(&sine);
    refuses_wrong_shapes(&Square);
    refuses_wrong_shapes(&Exponential);
    refuses_wrong_shapes(&Linear::new(mat![[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]]).unwrap());
    refuses_wrong_shapes(&Auto::new(Swirl));
    refuses_wrong_shapes(&FiniteDiff::new(sine));
    refuses_wrong_shapes(&Compose::new(Auto::new(Swirl), sine).unwrap());
    refuses_wrong_shapes(&Counted::new(sine));
    let mut out = Mat::zeros(2, 3);
    let (x, y) = (Mat::zeros(2, 3), Mat::zeros(1, 3));
    assert!(sine.inverse(x.as_ref(), y.as_ref(), out.as_mut()).is_err());
    assert!(
        sine.inverse(x.as_ref(), x.as_ref(), out.as_mut().subcols_mut(0, 2))
            .is_err()
    );
    let closure = from_fn(2, 1, |x: &[f64], y: &mut [f64]| y[0] = x[0] + x[1]);
    assert!(closure.forward(y.as_ref(), out.as_mut()).is_err());
}

#[test]
fn views_of_any_stride_are_taken() {
    let x = Mat::from_fn(3, 2, |i, j| 0.1 * i as f64 - 0.2 * j as f64);
    let plain = x.transpose().to_owned();
    let sum = from_fn(2, 1, |x: &[f64], y: &mut [f64]| y[0] = x[0] + x[1]);
    let (mut a, mut b) = (Mat::zeros(1, 3), Mat::zeros(3, 1));
    sum.forward(plain.as_ref(), a.as_mut()).unwrap();
    sum.forward(x.transpose(), b.as_mut().transpose_mut())
        .unwrap();
    assert_eq!(a, b.transpose().to_owned());
    for p in [
        &Sine::new(2.0, 0.3, 1.0).unwrap() as &dyn Simulator<f64>,
        &Auto::new(Swirl),
    ] {
        let (mut a, mut b) = (Mat::zeros(2, 3), Mat::zeros(3, 2));
        p.forward(plain.as_ref(), a.as_mut()).unwrap();
        p.forward(x.transpose(), b.as_mut().transpose_mut())
            .unwrap();
        assert_eq!(a, b.transpose().to_owned());
    }
}

#[test]
fn senseless_settings_are_errors_that_name_them() {
    for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        for (error, name) in [
            (Sine::<f64>::new(bad, 0.0, 1.0), "xi"),
            (Sine::<f64>::output_scaled(1.0, 0.0, bad), "gamma"),
        ] {
            let message = error.err().unwrap().to_string();
            assert!(message.contains(name), "{message}");
        }
    }
    assert!(Sine::<f64>::new(1.0, f64::NAN, 1.0).is_err());
    // Sensible each, but not together in single precision.
    assert!(Sine::<f64>::new(1e30, 0.0, 1e15).is_ok());
    assert!(Sine::<f32>::new(1e30, 0.0, 1e15).is_err());
    assert!(Sine::<f32>::output_scaled(1e-30, 0.0, 1e25).is_err());
    let sine = Sine::<f32>::output_scaled(32.0, 0.1, 10.0).unwrap();
    assert_eq!((sine.xi(), sine.phi(), sine.gamma()), (32.0, 0.1, 10.0));
    assert!(Linear::<f64>::new(Mat::zeros(0, 2)).is_err());
    assert!(Linear::<f64>::new(Mat::zeros(2, 0)).is_err());
    assert!(Linear::new(mat![[1.0, f64::NAN]]).is_err());
    assert!(Linear::new(mat![[1.0, 2.0], [2.0, 4.0]]).is_err());
    assert!(Linear::new(mat![[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]).is_err());
    let mismatch = Compose::new(Square, Sine::<f64>::new(1.0, 0.0, 1.0).unwrap());
    assert!(mismatch.is_err());
}

#[test]
fn counts_are_kept_by_capability_and_shared_by_clones() {
    let p = Counted::new(Square);
    let shared = p.clone();
    let x = mat![[1.0, 2.0, 3.0]];
    let mut out = Mat::zeros(1, 3);
    let mut y = Mat::zeros(1, 3);
    p.forward(x.as_ref(), out.as_mut()).unwrap();
    p.forward(x.as_ref(), out.as_mut()).unwrap();
    p.jvp(x.as_ref(), x.as_ref(), out.as_mut()).unwrap();
    p.vjp(x.as_ref(), x.as_ref(), out.as_mut()).unwrap();
    p.jacobian(x.as_ref(), out.as_mut()).unwrap();
    shared
        .forward_jacobian(x.as_ref(), y.as_mut(), out.as_mut())
        .unwrap();
    p.curvature(x.as_ref(), x.as_ref(), out.as_mut()).unwrap();
    p.inverse(x.as_ref(), x.as_ref(), out.as_mut()).unwrap();
    let counts = shared.counts();
    let calls = [
        counts.forward,
        counts.jvp,
        counts.vjp,
        counts.jacobian,
        counts.curvature,
        counts.inverse,
    ];
    assert_eq!(calls.map(|c| c.calls), [2, 1, 1, 2, 1, 1]);
    assert_eq!(calls.map(|c| c.samples), [6, 3, 3, 6, 3, 3]);
    p.reset();
    assert_eq!(shared.counts(), Default::default());
}
