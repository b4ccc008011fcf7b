//! Losses behind references and smart pointers.

use std::sync::Arc;

use faer::{MatMut, MatRef};

use super::Loss;
use crate::error::Result;
use crate::scalar::Scalar;

// Every method is passed on, so that a loss's own step and batch methods stay in force.
macro_rules! forward {
    ($pointer:ty) => {
        impl<T: Scalar, L: Loss<T> + ?Sized> Loss<T> for $pointer {
            fn value(&self, y: &[T], target: &[T]) -> T {
                (**self).value(y, target)
            }

            fn gradient(&self, y: &[T], target: &[T], out: &mut [T]) {
                (**self).gradient(y, target, out);
            }

            fn hessian_mul(&self, y: &[T], target: &[T], v: &[T], out: &mut [T]) {
                (**self).hessian_mul(y, target, v, out);
            }

            fn newton_step(&self, y: &[T], target: &[T], eta: T, out: &mut [T]) {
                (**self).newton_step(y, target, eta, out);
            }

            fn check_dim(&self, output_dim: usize) -> Result<()> {
                (**self).check_dim(output_dim)
            }

            fn values(&self, y: MatRef<'_, T>, target: MatRef<'_, T>, out: &mut [T]) -> Result<()> {
                (**self).values(y, target, out)
            }

            fn gradients(
                &self,
                y: MatRef<'_, T>,
                target: MatRef<'_, T>,
                out: MatMut<'_, T>,
            ) -> Result<()> {
                (**self).gradients(y, target, out)
            }

            fn newton_steps(
                &self,
                y: MatRef<'_, T>,
                target: MatRef<'_, T>,
                eta: T,
                out: MatMut<'_, T>,
            ) -> Result<()> {
                (**self).newton_steps(y, target, eta, out)
            }
        }
    };
}

forward!(&L);
forward!(Box<L>);
forward!(Arc<L>);
