//! References and smart pointers to a simulator can all that it can.

use std::sync::Arc;

use faer::{MatMut, MatRef};

use super::{Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp};
use crate::error::Failure;
use crate::scalar::Scalar;

macro_rules! forward_to_target {
    ($($pointer:ty),+) => {$(
        impl<T: Scalar, P: Simulator<T> + ?Sized> Simulator<T> for $pointer {
            fn input_dim(&self) -> usize {
                (**self).input_dim()
            }

            fn output_dim(&self) -> usize {
                (**self).output_dim()
            }

            fn forward(&self, x: MatRef<'_, T>, y: MatMut<'_, T>) -> Result<(), Failure> {
                (**self).forward(x, y)
            }
        }

        impl<T: Scalar, P: Jvp<T> + ?Sized> Jvp<T> for $pointer {
            fn jvp(
                &self,
                x: MatRef<'_, T>,
                v: MatRef<'_, T>,
                out: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                (**self).jvp(x, v, out)
            }
        }

        impl<T: Scalar, P: Vjp<T> + ?Sized> Vjp<T> for $pointer {
            fn vjp(
                &self,
                x: MatRef<'_, T>,
                w: MatRef<'_, T>,
                out: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                (**self).vjp(x, w, out)
            }
        }

        impl<T: Scalar, P: Jacobian<T> + ?Sized> Jacobian<T> for $pointer {
            fn jacobian(&self, x: MatRef<'_, T>, jac: MatMut<'_, T>) -> Result<(), Failure> {
                (**self).jacobian(x, jac)
            }

            fn forward_jacobian(
                &self,
                x: MatRef<'_, T>,
                y: MatMut<'_, T>,
                jac: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                (**self).forward_jacobian(x, y, jac)
            }
        }

        impl<T: Scalar, P: Curvature<T> + ?Sized> Curvature<T> for $pointer {
            fn curvature(
                &self,
                x: MatRef<'_, T>,
                w: MatRef<'_, T>,
                h: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                (**self).curvature(x, w, h)
            }
        }

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
