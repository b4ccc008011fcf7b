//! The text's sine problem.

use faer::{MatMut, MatRef};
use num_traits::Float;

use super::{
    Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp, check_curvature, check_forward,
    check_inverse, check_jacobian, check_jvp, check_vjp,
};
use crate::error::{Failure, Result, check};
use crate::scalar::Scalar;

/// The two-dimensional sine with conditioning ξ, rotation φ and scale γ.
///
/// # Maths
/// With z = R(φ)·x, R = (cos φ, −sin φ; sin φ, cos φ), both forms are y = (a·sin(b·z₁), c·z₂):
/// - [input-scaled](Sine::input_scaled), which the authors ran: y = (sin(γz₁/ξ), γξz₂);
/// - [output-scaled](Sine::output_scaled), which the text writes: y = (sin(γz₁)/ξ, ξγz₂).
///
/// ξ = 1, φ = 0 is well-conditioned (the text's ξ = 0 means ξ = 1). The inverse gives the closest of
/// all exact solutions z₁ = (arcsin(y₁/a) + 2πk)/b and (π − arcsin(y₁/a) + 2πk)/b to the current x,
/// NaN for |y₁| > a; up to a few roundings beyond a counts as a.
///
/// # Reference
/// Holl, Koltun, Thuerey, *Scale-invariant Learning by Physics Inversion*, 2022, §4.1.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use faer::mat;
///
/// let p = Sine::new(32.0, 45f64.to_radians(), 10.0)?;
/// let (x, mut y, mut back) = (mat![[0.5], [-0.2]], faer::Mat::zeros(2, 1), faer::Mat::zeros(2, 1));
/// p.forward(x.as_ref(), y.as_mut())?;
/// p.inverse(x.as_ref(), y.as_ref(), back.as_mut())?;
/// assert!((back - x).norm_max() < 1e-12);
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sine<T> {
    xi: f64,
    phi: f64,
    gamma: f64,
    cos: T,
    sin: T,
    amplitude: T,
    frequency: T,
    slope: T,
}

impl<T: Scalar> Sine<T> {
    /// The input-scaled form: [`Sine::input_scaled`].
    ///
    /// # Errors
    /// ξ or γ not positive and finite, φ not finite; factors of y that `T` cannot hold.
    pub fn new(xi: f64, phi: f64, gamma: f64) -> Result<Self> {
        Self::input_scaled(xi, phi, gamma)
    }

    /// y = (sin(γz₁/ξ), γξz₂); φ in radians.
    ///
    /// # Errors
    /// ξ or γ not positive and finite, φ not finite; factors of y that `T` cannot hold.
    pub fn input_scaled(xi: f64, phi: f64, gamma: f64) -> Result<Self> {
        Self::build(xi, phi, gamma, 1.0, gamma / xi)
    }

    /// y = (sin(γz₁)/ξ, ξγz₂); φ in radians.
    ///
    /// # Errors
    /// ξ or γ not positive and finite, φ not finite; factors of y that `T` cannot hold.
    pub fn output_scaled(xi: f64, phi: f64, gamma: f64) -> Result<Self> {
        Self::build(xi, phi, gamma, 1.0 / xi, gamma)
    }

    fn build(xi: f64, phi: f64, gamma: f64, amplitude: f64, frequency: f64) -> Result<Self> {
        check::positive("xi", xi)?;
        check::finite("phi", phi)?;
        check::positive("gamma", gamma)?;
        for (name, factor) in [
            ("the factor before the sine", amplitude),
            ("the factor in the sine", frequency),
            ("the sine's curvature", amplitude * frequency * frequency),
            ("gamma·xi", gamma * xi),
        ] {
            check::positive(name, T::lit(factor).as_f64())?;
        }
        Ok(Self {
            xi,
            phi,
            gamma,
            cos: T::lit(phi.cos()),
            sin: T::lit(phi.sin()),
            amplitude: T::lit(amplitude),
            frequency: T::lit(frequency),
            slope: T::lit(gamma * xi),
        })
    }

    /// ξ, the conditioning.
    #[must_use]
    pub fn xi(&self) -> f64 {
        self.xi
    }

    /// φ, the rotation in radians.
    #[must_use]
    pub fn phi(&self) -> f64 {
        self.phi
    }

    /// γ, the scale.
    #[must_use]
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// Largest |y₁| and |y₂| that have a solution.
    #[must_use]
    pub fn reachable(&self) -> [T; 2] {
        [self.amplitude, T::infinity()]
    }

    /// z = R·x of sample j.
    #[inline]
    fn rotated(&self, x: MatRef<'_, T>, j: usize) -> [T; 2] {
        let (x0, x1) = (x[(0, j)], x[(1, j)]);
        [self.cos * x0 - self.sin * x1, self.sin * x0 + self.cos * x1]
    }

    /// x = Rᵀ·z.
    #[inline]
    fn rotated_back(&self, z: [T; 2]) -> [T; 2] {
        [
            self.cos * z[0] + self.sin * z[1],
            self.cos * z[1] - self.sin * z[0],
        ]
    }

    /// ∂y₁/∂z₁, where ∂y₂/∂z₂ is the constant slope.
    #[inline]
    fn first_slope(&self, x: MatRef<'_, T>, j: usize) -> T {
        let [z0, _] = self.rotated(x, j);
        self.amplitude * self.frequency * Float::cos(self.frequency * z0)
    }

    #[inline]
    fn write_jacobian(&self, first: T, j: usize, jac: &mut MatMut<'_, T>) {
        jac[(0, 2 * j)] = first * self.cos;
        jac[(1, 2 * j)] = self.slope * self.sin;
        jac[(0, 2 * j + 1)] = -first * self.sin;
        jac[(1, 2 * j + 1)] = self.slope * self.cos;
    }
}

impl<T: Scalar> Simulator<T> for Sine<T> {
    fn input_dim(&self) -> usize {
        2
    }

    fn output_dim(&self) -> usize {
        2
    }

    fn forward(&self, x: MatRef<'_, T>, mut y: MatMut<'_, T>) -> Result<(), Failure> {
        check_forward(self, x, y.as_ref())?;
        for j in 0..x.ncols() {
            let [z0, z1] = self.rotated(x, j);
            y[(0, j)] = self.amplitude * Float::sin(self.frequency * z0);
            y[(1, j)] = self.slope * z1;
        }
        Ok(())
    }
}

impl<T: Scalar> Jvp<T> for Sine<T> {
    fn jvp(
        &self,
        x: MatRef<'_, T>,
        v: MatRef<'_, T>,
        mut out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_jvp(self, x, v, out.as_ref())?;
        for j in 0..x.ncols() {
            let [v0, v1] = self.rotated(v, j);
            out[(0, j)] = self.first_slope(x, j) * v0;
            out[(1, j)] = self.slope * v1;
        }
        Ok(())
    }
}

impl<T: Scalar> Vjp<T> for Sine<T> {
    fn vjp(
        &self,
        x: MatRef<'_, T>,
        w: MatRef<'_, T>,
        mut out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_vjp(self, x, w, out.as_ref())?;
        for j in 0..x.ncols() {
            let scaled = [self.first_slope(x, j) * w[(0, j)], self.slope * w[(1, j)]];
            let [o0, o1] = self.rotated_back(scaled);
            out[(0, j)] = o0;
            out[(1, j)] = o1;
        }
        Ok(())
    }
}

impl<T: Scalar> Jacobian<T> for Sine<T> {
    fn jacobian(&self, x: MatRef<'_, T>, mut jac: MatMut<'_, T>) -> Result<(), Failure> {
        check_jacobian(self, x, jac.as_ref())?;
        for j in 0..x.ncols() {
            self.write_jacobian(self.first_slope(x, j), j, &mut jac);
        }
        Ok(())
    }

    fn forward_jacobian(
        &self,
        x: MatRef<'_, T>,
        mut y: MatMut<'_, T>,
        mut jac: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_forward(self, x, y.as_ref())?;
        check_jacobian(self, x, jac.as_ref())?;
        for j in 0..x.ncols() {
            let [z0, z1] = self.rotated(x, j);
            let (sin, cos) = Float::sin_cos(self.frequency * z0);
            y[(0, j)] = self.amplitude * sin;
            y[(1, j)] = self.slope * z1;
            self.write_jacobian(self.amplitude * self.frequency * cos, j, &mut jac);
        }
        Ok(())
    }
}

impl<T: Scalar> Curvature<T> for Sine<T> {
    fn curvature(
        &self,
        x: MatRef<'_, T>,
        w: MatRef<'_, T>,
        mut h: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_curvature(self, x, w, h.as_ref())?;
        let factor = -self.amplitude * self.frequency * self.frequency;
        for j in 0..x.ncols() {
            let [z0, _] = self.rotated(x, j);
            let bend = factor * w[(0, j)] * Float::sin(self.frequency * z0);
            // Only z₁ = cos·x₁ − sin·x₂ curves.
            let mixed = -bend * self.cos * self.sin;
            h[(0, 2 * j)] = bend * self.cos * self.cos;
            h[(1, 2 * j)] = mixed;
            h[(0, 2 * j + 1)] = mixed;
            h[(1, 2 * j + 1)] = bend * self.sin * self.sin;
        }
        Ok(())
    }
}

impl<T: Scalar> LocalInverse<T> for Sine<T> {
    fn inverse(
        &self,
        x: MatRef<'_, T>,
        y_target: MatRef<'_, T>,
        mut x_out: MatMut<'_, T>,
    ) -> Result<(), Failure> {
        check_inverse(self, x, y_target, x_out.as_ref())?;
        for j in 0..x.ncols() {
            let [z0, _] = self.rotated(x, j);
            let angle = nearest_arcsine(y_target[(0, j)] / self.amplitude, self.frequency * z0);
            let z = [angle / self.frequency, y_target[(1, j)] / self.slope];
            let [x0, x1] = self.rotated_back(z);
            let found = Float::is_finite(x0) && Float::is_finite(x1);
            x_out[(0, j)] = if found { x0 } else { T::nan() };
            x_out[(1, j)] = if found { x1 } else { T::nan() };
        }
        Ok(())
    }
}

/// The solution of sin α = s nearest to `angle`; NaN where |s| exceeds 1 by more than rounding.
fn nearest_arcsine<T: Scalar>(s: T, angle: T) -> T {
    let beyond = Float::abs(s) - T::one();
    let rounding = T::lit(4.0) * T::eps();
    let s = if beyond > T::zero() && beyond <= rounding {
        Float::signum(s)
    } else {
        s
    };
    let period = T::lit(2.0) * T::PI();
    let nearest = |branch: T| branch + period * Float::round((angle - branch) / period);
    let rising = Float::asin(s);
    let (rising, falling) = (nearest(rising), nearest(T::PI() - rising));
    if Float::abs(rising - angle) <= Float::abs(falling - angle) {
        rising
    } else {
        falling
    }
}
