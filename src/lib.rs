//! x = arginv P(y)

mod error;
pub(crate) mod linalg;
pub mod loss;
pub mod network;
pub mod optimizer;
mod scalar;
pub mod simulator;

pub use error::{Error, Failure, Result};
pub use loss::Loss;
pub use network::{Network, ParamJacobian};
pub use optimizer::{Optimizer, Transform};
pub use scalar::Scalar;
pub use simulator::{Curvature, Jacobian, Jvp, LocalInverse, Simulator, Vjp};
