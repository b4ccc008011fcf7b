//! Initial parameters of a layer.

use faer::Mat;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::scalar::Scalar;

/// How weights and biases are drawn, by the names in use.
///
/// Drawn in double precision, so that both precisions start from the same numbers up to rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// Weights and biases uniform in ±1/√fan_in: the default of PyTorch's linear layer.
    #[default]
    FanInUniform,
    /// Uniform in ±√(6/(fan_in + fan_out)), biases 0 (Glorot & Bengio 2010).
    XavierUniform,
    /// Normal with variance 2/(fan_in + fan_out), biases 0 (Glorot & Bengio 2010).
    XavierNormal,
    /// Uniform in ±√(6/fan_in), biases 0 (He et al. 2015, for ReLU).
    KaimingUniform,
    /// Normal with variance 2/fan_in, biases 0 (He et al. 2015, for ReLU).
    KaimingNormal,
    /// Normal with variance 1/fan_in, biases 0 (LeCun et al. 1998).
    LecunNormal,
    /// Orthonormal rows or columns, biases 0 (Saxe et al. 2014).
    Orthogonal,
    /// For sine units: the first layer uniform in ±1/fan_in, the others in ±√(6/fan_in)/ω, biases in
    /// ±1/√fan_in (Sitzmann et al. 2020).
    Siren {
        /// ω of the activation.
        omega: f64,
    },
}

impl Init {
    /// Draws the weights (fan_out × fan_in, column-major) and biases of layer `index`.
    pub(super) fn draw<T: Scalar>(
        self,
        index: usize,
        fan_in: usize,
        rng: &mut ChaCha8Rng,
        weights: &mut [T],
        biases: &mut [T],
    ) {
        let (inputs, outputs) = (fan_in as f64, biases.len() as f64);
        let fan_in_bound = 1.0 / inputs.sqrt();
        biases.fill(T::lit(0.0));
        match self {
            Self::FanInUniform => {
                uniform(fan_in_bound, rng, weights);
                uniform(fan_in_bound, rng, biases);
            }
            Self::XavierUniform => uniform((6.0 / (inputs + outputs)).sqrt(), rng, weights),
            Self::XavierNormal => normal((2.0 / (inputs + outputs)).sqrt(), rng, weights),
            Self::KaimingUniform => uniform((6.0 / inputs).sqrt(), rng, weights),
            Self::KaimingNormal => normal((2.0 / inputs).sqrt(), rng, weights),
            Self::LecunNormal => normal(fan_in_bound, rng, weights),
            Self::Orthogonal => orthogonal(fan_in, rng, weights),
            Self::Siren { omega } => {
                let bound = if index == 0 {
                    1.0 / inputs
                } else {
                    (6.0 / inputs).sqrt() / omega
                };
                uniform(bound, rng, weights);
                uniform(fan_in_bound, rng, biases);
            }
        }
    }
}

fn uniform<T: Scalar>(bound: f64, rng: &mut ChaCha8Rng, values: &mut [T]) {
    for v in values {
        *v = T::lit(bound * (2.0 * rng.random::<f64>() - 1.0));
    }
}

fn normal<T: Scalar>(deviation: f64, rng: &mut ChaCha8Rng, values: &mut [T]) {
    for v in values {
        let draw: f64 = rng.sample(StandardNormal);
        *v = T::lit(deviation * draw);
    }
}

/// Q of a normal matrix's QR, with the signs of R's diagonal, which makes it uniformly distributed.
fn orthogonal<T: Scalar>(fan_in: usize, rng: &mut ChaCha8Rng, weights: &mut [T]) {
    let rows = weights.len() / fan_in;
    let (tall, thin) = (rows.max(fan_in), rows.min(fan_in));
    let draws = Mat::from_fn(tall, thin, |_, _| rng.sample::<f64, _>(StandardNormal));
    let qr = draws.qr();
    let (q, r) = (qr.compute_thin_Q(), qr.thin_R());
    for (j, column) in weights.chunks_exact_mut(rows).enumerate() {
        for (i, w) in column.iter_mut().enumerate() {
            let (row, col) = if rows >= fan_in { (i, j) } else { (j, i) };
            *w = T::lit(q[(row, col)] * r[(col, col)].signum());
        }
    }
}
