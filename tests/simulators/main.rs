//! The simulators' derivatives and inverses, against dual numbers, differences and brute force.

mod adapters;
mod derivatives;
mod inverses;
mod linear;
mod misuse;

use arginv::prelude::*;
use num_dual::DualNum;

/// The sine problem written once, to be differentiated by dual numbers.
#[derive(Clone, Copy)]
pub(crate) struct SineMap {
    pub(crate) amplitude: f64,
    pub(crate) frequency: f64,
    pub(crate) slope: f64,
    pub(crate) phi: f64,
}

impl SineMap {
    pub(crate) fn of(xi: f64, phi: f64, gamma: f64, output_scaled: bool) -> Self {
        let (amplitude, frequency) = if output_scaled {
            (1.0 / xi, gamma)
        } else {
            (1.0, gamma / xi)
        };
        Self {
            amplitude,
            frequency,
            slope: gamma * xi,
            phi,
        }
    }
}

impl<T: Scalar> Map<T> for SineMap {
    fn input_dim(&self) -> usize {
        2
    }

    fn output_dim(&self) -> usize {
        2
    }

    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        let (s, c) = (T::lit(self.phi.sin()), T::lit(self.phi.cos()));
        let (z0, z1) = (x[0] * c - x[1] * s, x[0] * s + x[1] * c);
        y[0] = (z0 * T::lit(self.frequency)).sin() * T::lit(self.amplitude);
        y[1] = z1 * T::lit(self.slope);
    }
}

/// A map of the plane with every kind of second derivative.
#[derive(Clone, Copy)]
pub(crate) struct Swirl;

impl<T: Scalar> Map<T> for Swirl {
    fn input_dim(&self) -> usize {
        2
    }

    fn output_dim(&self) -> usize {
        2
    }

    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        y[0] = x[0] * x[1].cos() + x[0] * x[0] * T::lit(0.3);
        y[1] = (x[0] * T::lit(0.5)).exp() * x[1].sin() + x[1];
    }
}

/// Swirl∘Sine in one map.
#[derive(Clone, Copy)]
pub(crate) struct SwirlOfSine(pub(crate) SineMap);

impl<T: Scalar> Map<T> for SwirlOfSine {
    fn input_dim(&self) -> usize {
        2
    }

    fn output_dim(&self) -> usize {
        2
    }

    fn eval<D: DualNum<Primitive = T> + Copy>(&self, x: &[D], y: &mut [D]) {
        let mut z = [x[0]; 2];
        self.0.eval(x, &mut z);
        Swirl.eval(&z, y);
    }
}

pub(crate) fn column<T: Scalar>(values: &[f64]) -> Mat<T> {
    Mat::from_fn(values.len(), 1, |i, _| T::lit(values[i]))
}

pub(crate) fn forward<T: Scalar>(p: &impl Simulator<T>, x: &Mat<T>) -> Mat<T> {
    let mut y = Mat::zeros(p.output_dim(), x.ncols());
    p.forward(x.as_ref(), y.as_mut()).unwrap();
    y
}

pub(crate) fn inverse<T: Scalar>(p: &impl LocalInverse<T>, x: &Mat<T>, y: &Mat<T>) -> Mat<T> {
    let mut out = Mat::zeros(p.input_dim(), x.ncols());
    p.inverse(x.as_ref(), y.as_ref(), out.as_mut()).unwrap();
    out
}

/// Largest |a − b| relative to the largest |b|, or to 1 where that is smaller.
pub(crate) fn difference<T: Scalar>(a: &Mat<T>, b: &Mat<T>) -> f64 {
    (a - b).norm_max().as_f64() / b.norm_max().as_f64().max(1.0)
}
