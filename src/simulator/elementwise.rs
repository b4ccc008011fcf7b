//! Derivatives of one-dimensional maps from f, f′ and f″.

/// Implements all derivative capabilities of a one-dimensional simulator whose inherent functions
/// `value`, `slope`, `bend` and `root` (the solution nearest to x) work on one number.
macro_rules! scalar_map {
    ($simulator:ty) => {
        impl<T: Scalar> Simulator<T> for $simulator {
            fn input_dim(&self) -> usize {
                1
            }

            fn output_dim(&self) -> usize {
                1
            }

            fn forward(&self, x: MatRef<'_, T>, mut y: MatMut<'_, T>) -> Result<(), Failure> {
                check_forward(self, x, y.as_ref())?;
                for j in 0..x.ncols() {
                    y[(0, j)] = Self::value(x[(0, j)]);
                }
                Ok(())
            }
        }

        impl<T: Scalar> Jvp<T> for $simulator {
            fn jvp(
                &self,
                x: MatRef<'_, T>,
                v: MatRef<'_, T>,
                mut out: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                check_jvp(self, x, v, out.as_ref())?;
                for j in 0..x.ncols() {
                    out[(0, j)] = Self::slope(x[(0, j)]) * v[(0, j)];
                }
                Ok(())
            }
        }

        impl<T: Scalar> Vjp<T> for $simulator {
            fn vjp(
                &self,
                x: MatRef<'_, T>,
                w: MatRef<'_, T>,
                out: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                self.jvp(x, w, out)
            }
        }

        impl<T: Scalar> Jacobian<T> for $simulator {
            fn jacobian(&self, x: MatRef<'_, T>, mut jac: MatMut<'_, T>) -> Result<(), Failure> {
                check_jacobian(self, x, jac.as_ref())?;
                for j in 0..x.ncols() {
                    jac[(0, j)] = Self::slope(x[(0, j)]);
                }
                Ok(())
            }
        }

        impl<T: Scalar> Curvature<T> for $simulator {
            fn curvature(
                &self,
                x: MatRef<'_, T>,
                w: MatRef<'_, T>,
                mut h: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                check_curvature(self, x, w, h.as_ref())?;
                for j in 0..x.ncols() {
                    h[(0, j)] = w[(0, j)] * Self::bend(x[(0, j)]);
                }
                Ok(())
            }
        }

        impl<T: Scalar> LocalInverse<T> for $simulator {
            fn inverse(
                &self,
                x: MatRef<'_, T>,
                y_target: MatRef<'_, T>,
                mut x_out: MatMut<'_, T>,
            ) -> Result<(), Failure> {
                check_inverse(self, x, y_target, x_out.as_ref())?;
                for j in 0..x.ncols() {
                    x_out[(0, j)] = Self::root(x[(0, j)], y_target[(0, j)]);
                }
                Ok(())
            }
        }
    };
}

pub(super) use scalar_map;
