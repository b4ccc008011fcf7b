//! Errors: which argument, which sample, and what to do about it.
//!
//! A fault of the call (a wrong shape, a senseless setting) is an [`Error`]. A fault of one sample
//! (NaN, a singular Jacobian, an unreachable target) is a [`Status`](crate::inverse::Status) of
//! that sample and costs the others nothing.

use crate::scalar::Scalar;

/// What can be wrong with a call.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A matrix has the wrong number of rows or columns.
    #[error("{what} must be {} × {} (rows × columns), got {} × {}", expected.0, expected.1, got.0, got.1)]
    Shape {
        /// The argument, as the documentation names it.
        what: &'static str,
        /// Rows and columns it must have.
        expected: (usize, usize),
        /// Rows and columns it has.
        got: (usize, usize),
    },

    /// A slice has the wrong length.
    #[error("{what} must have length {expected}, got {got}")]
    Length {
        /// The argument, as the documentation names it.
        what: &'static str,
        /// The length it must have.
        expected: usize,
        /// The length it has.
        got: usize,
    },

    /// A dimension is zero where there must be at least one.
    #[error("{what} is zero, must be at least 1")]
    ZeroDimension {
        /// The dimension.
        what: &'static str,
    },

    /// A setting has a value without a meaning.
    #[error("`{name}` is {value}, must be {requirement}")]
    InvalidParameter {
        /// The setting's name.
        name: &'static str,
        /// The value given.
        value: String,
        /// What the value must satisfy.
        requirement: &'static str,
    },

    /// A number that must be finite is NaN or infinite.
    #[error("{what} is not finite at index {index}: remove or replace the value")]
    NonFinite {
        /// The argument or quantity.
        what: &'static str,
        /// Where in it, counting from 0 (column by column for a matrix).
        index: usize,
    },

    /// A solver for square systems was given another one.
    #[error(
        "{solver} needs as many outputs as inputs, got {output_dim} outputs and {input_dim} inputs: \
         use GaussNewton or LevenbergMarquardt"
    )]
    NotSquare {
        /// The solver.
        solver: &'static str,
        /// Number of inputs n.
        input_dim: usize,
        /// Number of outputs m.
        output_dim: usize,
    },

    /// A matrix has no factorization of the kind needed.
    #[error("{what} is not {requirement}")]
    Matrix {
        /// The matrix.
        what: &'static str,
        /// The property it lacks.
        requirement: &'static str,
    },

    /// The simulator reported an error that is not one sample's.
    #[error("the simulator failed{}: {source}", sample.map(|s| format!(" at sample {s}")).unwrap_or_default())]
    Simulator {
        /// The sample (column), where it is known.
        sample: Option<usize>,
        /// The simulator's own error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a simulator returns when it fails: any error converts by `?`.
///
/// Like `anyhow::Error` it does not implement [`std::error::Error`] itself; that is what lets every
/// error convert into it.
///
/// # Example
/// ```
/// use arginv::Failure;
///
/// fn read(text: &str) -> Result<f64, Failure> {
///     Ok(text.parse::<f64>()?)
/// }
/// assert!(read("1.5").is_ok());
/// assert_eq!(read("?").unwrap_err().to_string(), "invalid float literal");
/// ```
#[derive(Debug)]
pub struct Failure {
    sample: Option<usize>,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Failure {
    /// A failure described by a text.
    #[must_use]
    pub fn msg(text: impl Into<String>) -> Self {
        Self {
            sample: None,
            source: text.into().into(),
        }
    }

    /// Names the sample (column of the batch) that failed.
    #[must_use]
    pub fn at(mut self, sample: usize) -> Self {
        self.sample = Some(sample);
        self
    }

    /// The sample that failed, where the simulator named it.
    #[must_use]
    pub fn sample(&self) -> Option<usize> {
        self.sample
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Failure {
    fn from(source: E) -> Self {
        Self {
            sample: None,
            source: Box::new(source),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.source.fmt(f)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure.source.downcast::<Error>() {
            Ok(own) => *own,
            Err(source) => Error::Simulator {
                sample: failure.sample,
                source,
            },
        }
    }
}

/// Checks of arguments, shared by every public entry.
pub(crate) mod check {
    use super::{Error, Result, Scalar};
    use crate::simd::all_finite;
    use faer::MatRef;

    /// A matrix of exactly `rows` × `cols`.
    pub(crate) fn shape<T>(
        what: &'static str,
        matrix: MatRef<'_, T>,
        rows: usize,
        cols: usize,
    ) -> Result<()> {
        dims(what, (matrix.nrows(), matrix.ncols()), (rows, cols))
    }

    /// As [`shape`], for anything with rows and columns.
    pub(crate) fn dims(
        what: &'static str,
        got: (usize, usize),
        expected: (usize, usize),
    ) -> Result<()> {
        if got == expected {
            Ok(())
        } else {
            Err(Error::Shape {
                what,
                expected,
                got,
            })
        }
    }

    /// A slice of exactly `expected` elements.
    pub(crate) fn length(what: &'static str, got: usize, expected: usize) -> Result<()> {
        if got == expected {
            Ok(())
        } else {
            Err(Error::Length {
                what,
                expected,
                got,
            })
        }
    }

    /// A dimension of at least one.
    pub(crate) fn dimension(what: &'static str, value: usize) -> Result<usize> {
        if value == 0 {
            Err(Error::ZeroDimension { what })
        } else {
            Ok(value)
        }
    }

    fn require<V: Copy + std::fmt::Display>(
        name: &'static str,
        value: V,
        requirement: &'static str,
        holds: bool,
    ) -> Result<V> {
        if holds {
            Ok(value)
        } else {
            Err(Error::InvalidParameter {
                name,
                value: value.to_string(),
                requirement,
            })
        }
    }

    /// A finite number.
    pub(crate) fn finite(name: &'static str, value: f64) -> Result<f64> {
        require(name, value, "finite", value.is_finite())
    }

    /// A finite number above zero.
    pub(crate) fn positive(name: &'static str, value: f64) -> Result<f64> {
        let holds = value.is_finite() && value > 0.0;
        require(name, value, "finite and greater than 0", holds)
    }

    /// A finite number of at least zero.
    pub(crate) fn non_negative(name: &'static str, value: f64) -> Result<f64> {
        let holds = value.is_finite() && value >= 0.0;
        require(name, value, "finite and at least 0", holds)
    }

    /// A number in (0, 1].
    pub(crate) fn fraction(name: &'static str, value: f64) -> Result<f64> {
        let holds = value > 0.0 && value <= 1.0;
        require(name, value, "greater than 0 and at most 1", holds)
    }

    /// A number in [0, 1), as decay rates are.
    pub(crate) fn decay(name: &'static str, value: f64) -> Result<f64> {
        let holds = (0.0..1.0).contains(&value);
        require(name, value, "at least 0 and less than 1", holds)
    }

    /// A count of at least one.
    pub(crate) fn count(name: &'static str, value: usize) -> Result<usize> {
        require(name, value, "at least 1", value >= 1)
    }

    /// Index of the first number that is not finite.
    pub(crate) fn first_non_finite<T: Scalar>(values: &[T]) -> Option<usize> {
        if all_finite(values) {
            return None;
        }
        values
            .iter()
            .position(|&v| !num_traits::Float::is_finite(v))
    }

    /// Every number finite.
    pub(crate) fn require_finite<T: Scalar>(what: &'static str, values: &[T]) -> Result<()> {
        match first_non_finite(values) {
            None => Ok(()),
            Some(index) => Err(Error::NonFinite { what, index }),
        }
    }
}
