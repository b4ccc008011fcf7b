//! What can be set on the command line, and what of it makes sense.

use arginv::Result;
use arginv::prelude::*;
use clap::{Args, ValueEnum};
use serde::Serialize;

/// A run keeps three numbers a step.
const MOST_STEPS: usize = 100_000_000;
const MOST_SAMPLES: usize = 1_000_000;

/// How the network learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Scale-invariant physics: saddle-free Newton targets, Adam on the network.
    Sip,
    Adam,
    Sgd,
    Adadelta,
    Adagrad,
    Rmsprop,
}

impl Method {
    pub const ALL: [Self; 6] = [
        Self::Sip,
        Self::Adam,
        Self::Sgd,
        Self::Adadelta,
        Self::Adagrad,
        Self::Rmsprop,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Sip => "SIP",
            Self::Adam => "Adam",
            Self::Sgd => "SGD",
            Self::Adadelta => "Adadelta",
            Self::Adagrad => "Adagrad",
            Self::Rmsprop => "RMSprop",
        }
    }

    /// The authors' learning rate.
    pub fn learning_rate(self, xi: f64) -> f64 {
        match self {
            Self::Sip | Self::Adam => 1e-3,
            Self::Sgd => 1e-2 / (xi * xi),
            Self::Adadelta | Self::Adagrad => 3e-3,
            Self::Rmsprop => 3e-5,
        }
    }
}

/// Where ξ scales: inside the sine, as the authors ran it, or outside, as the text writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    Input,
    Output,
}

/// Number type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    F32,
    F64,
}

/// Units of the hidden layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Units {
    Relu,
    Tanh,
}

impl Units {
    pub fn activation(self) -> Activation {
        match self {
            Self::Relu => Activation::Relu,
            Self::Tanh => Activation::Tanh,
        }
    }
}

/// How x is pulled to x̃.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pull {
    /// Squared distance
    L2,
    /// Absolute distance, as the authors
    L1,
    /// Squared to 0.01, absolute beyond: quieter than L1 near the solution
    Huber,
}

impl Pull {
    pub fn proxy(self) -> Proxy {
        match self {
            Self::L2 => Proxy::L2,
            Self::L1 => Proxy::L1,
            Self::Huber => Proxy::Huber { delta: 0.01 },
        }
    }
}

/// One training run.
#[derive(Clone, Debug, Args, Serialize)]
pub struct Settings {
    /// How the network learns
    #[arg(long, value_enum, default_value = "sip")]
    pub method: Method,
    /// Form of the simulator
    #[arg(long, value_enum, default_value = "input")]
    pub form: Form,
    /// Conditioning ξ; 1 is well-conditioned
    #[arg(
        long,
        default_value_t = 32.0,
        value_name = "X",
        allow_negative_numbers = true
    )]
    pub xi: f64,
    /// Rotation φ in degrees
    #[arg(
        long,
        default_value_t = 45.0,
        value_name = "DEGREES",
        allow_negative_numbers = true
    )]
    pub phi: f64,
    /// Scale γ
    #[arg(
        long,
        default_value_t = 10.0,
        value_name = "G",
        allow_negative_numbers = true
    )]
    pub gamma: f64,
    /// Training steps
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    pub steps: usize,
    /// Samples a step
    #[arg(long, default_value_t = 100, value_name = "B")]
    pub batch: usize,
    /// Learning rate of the network optimizer [default: the authors']
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub lr: Option<f64>,
    /// Step size η in y-space (SIP)
    #[arg(
        long,
        default_value_t = 1.0,
        value_name = "E",
        allow_negative_numbers = true
    )]
    pub eta: f64,
    /// Proxy loss (SIP)
    #[arg(long, value_enum, default_value = "huber")]
    pub proxy: Pull,
    /// Seed of weights and batches
    #[arg(long, default_value_t = 0, value_name = "S")]
    pub seed: u64,
    /// Number type
    #[arg(long, value_enum, default_value = "f32")]
    pub precision: Precision,
    /// Units of the hidden layers
    #[arg(long, value_enum, default_value = "relu")]
    pub activation: Units,
}

impl Settings {
    /// The settings with the learning rate filled in, refused where no run could use them.
    pub fn checked(mut self) -> Result<Self, String> {
        for (name, value, most) in [
            ("steps", self.steps, MOST_STEPS),
            ("batch", self.batch, MOST_SAMPLES),
        ] {
            if !(1..=most).contains(&value) {
                return Err(format!("`{name}` is {value}, must be from 1 to {most}"));
            }
        }
        self.lr = Some(
            self.lr
                .unwrap_or_else(|| self.method.learning_rate(self.xi)),
        );
        // The library checks the rest where it is used.
        crate::training::Run::<f64>::new(&self).map_err(|error| error.to_string())?;
        Ok(self)
    }

    pub fn simulator<T: Scalar>(&self) -> Result<Sine<T>> {
        let phi = self.phi.to_radians();
        match self.form {
            Form::Input => Sine::input_scaled(self.xi, phi, self.gamma),
            Form::Output => Sine::output_scaled(self.xi, phi, self.gamma),
        }
    }
}
