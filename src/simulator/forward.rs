//! References and smart pointers to a simulator can all that it can.

use std::sync::Arc;

use faer::{MatMut, MatRef};

use super::{Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp};
use crate::error::Failure;
use crate::scalar::Scalar;

/// Hands the forward map and all derivatives of a type on to the simulator P that it holds: the
/// type, what P is beside a simulator, further parameters, and how to reach P.
macro_rules! forward_derivatives {
    ($holder:ty, [$($sized:tt)*], [$($parameters:tt)*], $this:ident => $simulator:expr) => {
        impl<T: Scalar, P: Simulator<T> $($sized)*, $($parameters)*> Simulator<T> for $holder {
            fn input_dim(&self) -> usize {
                let $this = self;
                $simulator.input_dim()
            }

            fn output_dim(&self) -> usize {
                let $this = self;
                $simulator.output_dim()
            }

            fn forward(&self, x: MatRef<'_, T>, y: MatMut<'_, T>) -> Result<(), Failure> {
                let $this = self;
                $simulator.forward(x, y)
            }
        }

        impl<T: Scalar, P: Jvp<T> $($sized)*, $($parameters)*> Jvp<T> for $holder {
            fn jvp(
                &self,
                x: MatRef<'_, T>,
                v: MatRef<'_, T>,
                out: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                let $this = self;
                $simulator.jvp(x, v, out)
            }
        }

        impl<T: Scalar, P: Vjp<T> $($sized)*, $($parameters)*> Vjp<T> for $holder {
            fn vjp(
                &self,
                x: MatRef<'_, T>,
                w: MatRef<'_, T>,
                out: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                let $this = self;
                $simulator.vjp(x, w, out)
            }
        }

        impl<T: Scalar, P: Jacobian<T> $($sized)*, $($parameters)*> Jacobian<T> for $holder {
            fn jacobian(&self, x: MatRef<'_, T>, jac: MatMut<'_, T>) -> Result<(), Failure> {
                let $this = self;
                $simulator.jacobian(x, jac)
            }

            fn forward_jacobian(
                &self,
                x: MatRef<'_, T>,
                y: MatMut<'_, T>,
                jac: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                let $this = self;
                $simulator.forward_jacobian(x, y, jac)
            }
        }

        impl<T: Scalar, P: Curvature<T> $($sized)*, $($parameters)*> Curvature<T> for $holder {
            fn curvature(
                &self,
                x: MatRef<'_, T>,
                w: MatRef<'_, T>,
                h: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                let $this = self;
                $simulator.curvature(x, w, h)
            }
        }
    };
}

pub(super) use forward_derivatives;

macro_rules! forward_to_target {
    ($($pointer:ty),+) => {$(
        forward_derivatives!($pointer, [+ ?Sized], [], this => **this);

        impl<T: Scalar, P: LocalInverse<T> + ?Sized> LocalInverse<T> for $pointer {
            fn inverse(
                &self,
                x: MatRef<'_, T>,
                y_target: MatRef<'_, T>,
                x_out: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                (**self).inverse(x, y_target, x_out)
            }
        }
    )+};
}

forward_to_target!(&P, Box<P>, Arc<P>);
