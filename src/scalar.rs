//! The number types the crate computes in.

use argmin::core::ArgminFloat;
use faer::traits::RealField;
use num_dual::{DualNum, DualNumFloat};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A real number type: `f32` or `f64`, and no other.
///
/// Gathers what the crate's parts ask of a number: elementary functions ([`num_traits::Float`]),
/// dense linear algebra ([`faer`]), dual numbers over it ([`num_dual`]) and argmin's states
/// ([`ArgminFloat`]).
///
/// # Example
/// ```
/// use arginv::Scalar;
///
/// fn half<T: Scalar>(x: T) -> T {
///     T::lit(0.5) * x
/// }
/// assert_eq!(half(3.0_f32), 1.5);
/// ```
pub trait Scalar:
    sealed::Sealed
    // Dual numbers before RealField: the other way round rustc 1.95 cannot prove `T: Scalar` in the
    // header of `impl<T: Scalar> Trait<T> for …` (E0284).
    + DualNumFloat
    + DualNum<Primitive = Self>
    + RealField
    + ArgminFloat
    + Copy
    + Default
    + Send
    + Sync
    + 'static
{
    /// The type's name, `"f32"` or `"f64"`.
    const NAME: &'static str;

    /// The nearest value to a literal or a setting given in double precision.
    fn lit(value: f64) -> Self;

    /// This value in double precision, exactly.
    fn as_f64(self) -> f64;

    /// The relative spacing of numbers near one.
    fn eps() -> Self;
}

impl Scalar for f32 {
    const NAME: &'static str = "f32";

    #[inline]
    #[allow(clippy::cast_possible_truncation)]
    fn lit(value: f64) -> Self {
        value as f32
    }

    #[inline]
    fn as_f64(self) -> f64 {
        f64::from(self)
    }

    #[inline]
    fn eps() -> Self {
        f32::EPSILON
    }
}

impl Scalar for f64 {
    const NAME: &'static str = "f64";

    #[inline]
    fn lit(value: f64) -> Self {
        value
    }

    #[inline]
    fn as_f64(self) -> f64 {
        self
    }

    #[inline]
    fn eps() -> Self {
        f64::EPSILON
    }
}
