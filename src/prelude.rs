//! What most programs need: `use arginv::prelude::*;`.

pub use crate::argmin::{Pairs, Targets, TrainState};
pub use crate::error::{Error, Failure};
pub use crate::inverse::{
    Analytic, Descent, Fallback, GaussNewton, GradientDescent, InverseSolver, LevenbergMarquardt,
    Newton, SaddleFreeNewton,
};
pub use crate::loss::{Huber, L2, LogCosh, Loss, WeightedL2};
pub use crate::network::{Activation, Init, Mlp, Network, ParamJacobian};
pub use crate::optimizer::{
    Optimizer, adadelta, adagrad, adam, adamw, amsgrad, lion, nadam, radam, rmsprop, sgd,
};
pub use crate::scalar::Scalar;
pub use crate::simulator::{
    Auto, Compose, Counted, Curvature, DualNum, Exponential, FiniteDiff, Jacobian, Jvp, Linear,
    LocalInverse, Map, Simulator, Sine, Square, Vjp, WithInverse, from_fn,
};
pub use crate::train::{DifferentiablePhysics, Proxy, Sip, Supervised, targets};

pub use ::argmin::core::observers::ObserverMode;
pub use ::argmin::core::{Executor, State};
pub use faer::{Mat, MatMut, MatRef};
pub use rand::rngs::ChaCha8Rng;
