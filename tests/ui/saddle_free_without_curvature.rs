// Must not compile, and say that `Curvature` is what is missing; .ci/run checks it.
use arginv::prelude::*;

fn main() {
    let forward_only = from_fn(1, 1, |x: &[f64], y: &mut [f64]| y[0] = x[0]);
    let (x, y) = (Mat::zeros(1, 1), Mat::zeros(1, 1));
    let mut solver = SaddleFreeNewton::new();
    let _ = arginv::inverse::invert(&forward_only, &mut solver, x.as_ref(), y.as_ref());
}
