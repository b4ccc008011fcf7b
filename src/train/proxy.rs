//! The proxy loss between x and the constant x̃.

use faer::{MatMut, MatRef};
use num_traits::Float;

use crate::error::{Result, check};
use crate::scalar::Scalar;

/// The loss that pulls the network's output x to its target x̃, mean over the samples used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Proxy {
    /// ½‖x − x̃‖₂²: the text's.
    #[default]
    L2,
    /// ‖x − x̃‖₁: the authors' for the sine problem.
    L1,
    /// ½dᵢ² for components of x − x̃ up to `delta`, `delta`·(|dᵢ| − ½`delta`) beyond: as robust as
    /// L1 against a few far targets, and as quiet as L2 near the solution.
    Huber {
        /// Threshold, in the units of x.
        delta: f64,
    },
}

impl Proxy {
    /// The proxy itself if its threshold makes sense.
    pub(super) fn checked(self) -> Result<Self> {
        if let Self::Huber { delta } = self {
            check::positive("delta", delta)?;
        }
        Ok(self)
    }

    /// Writes the gradient with respect to x, where `difference` is x̃ − x, and returns the mean
    /// loss; samples that are not `used` get zero. NaN where no sample is used.
    pub(super) fn gradient<T: Scalar>(
        self,
        difference: MatRef<'_, T>,
        used: impl Fn(usize) -> bool,
        count: usize,
        mut out: MatMut<'_, T>,
    ) -> T {
        let weight = T::one() / T::lit(count as f64);
        let mut sum = T::zero();
        for j in 0..difference.ncols() {
            let used = used(j);
            for i in 0..difference.nrows() {
                let d = difference[(i, j)];
                let (value, slope) = match self {
                    _ if !used => (T::zero(), T::zero()),
                    Self::L2 => (T::lit(0.5) * d * d, -d),
                    // At d = 0 the subgradient 0: nothing is left to do there.
                    Self::L1 if d == T::zero() => (T::zero(), T::zero()),
                    Self::L1 => (Float::abs(d), -Float::signum(d)),
                    Self::Huber { delta } => {
                        let delta = T::lit(delta);
                        let clipped = Float::max(Float::min(d, delta), -delta);
                        (clipped * (d - T::lit(0.5) * clipped), -clipped)
                    }
                };
                sum += value;
                out[(i, j)] = slope * weight;
            }
        }
        sum * weight
    }
}
