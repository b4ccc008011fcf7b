#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod argmin;
mod elementary;
mod error;
pub mod inverse;
pub(crate) mod linalg;
pub mod loss;
pub mod network;
pub mod optimizer;
pub mod prelude;
mod scalar;
mod simd;
pub mod simulator;
pub mod train;

pub use error::{Error, Failure, Result};
pub use inverse::InverseSolver;
pub use loss::Loss;
pub use network::{Network, ParamJacobian};
pub use optimizer::{Optimizer, Transform};
pub use scalar::Scalar;
pub use simulator::{Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp};
