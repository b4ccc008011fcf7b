//! Loops compiled for the machine they run on.
//!
//! The crate is built for the oldest processor of its kind. The loops here are compiled for newer
//! ones as well, and the best is chosen at run time: Adam's update is four times faster for it. The
//! results are the same bits on all of them: nothing is fused or reordered.

use num_traits::Float;
use pulp::{Arch, NullaryFnOnce};

use crate::scalar::Scalar;

/// Runs a loop compiled for the vector instructions that the machine has. Give the closure
/// `#[inline(always)]`, or it stays scalar.
///
#[inline(always)]
pub(crate) fn vectorized(run: impl FnOnce()) {
    Arch::new().dispatch(run);
}

/// Clears the upper halves of the vector registers. faer's products leave them set, and until they
/// are cleared the SSE code of everything else runs several times slower.
#[inline]
pub(crate) fn clear_vector_state() {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        simd.avx._mm256_zeroupper();
    }
}

/// Applies `f` element by element. Give the closure `#[inline(always)]`, or it stays scalar.
pub(crate) fn zip3<T>(a: &mut [T], b: &mut [T], c: &mut [T], f: impl Fn(&mut T, &mut T, &mut T)) {
    struct Zip3<'a, T, F>(&'a mut [T], &'a mut [T], &'a mut [T], F);

    impl<T, F: Fn(&mut T, &mut T, &mut T)> NullaryFnOnce for Zip3<'_, T, F> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            run(self.0, self.1, self.2, self.3);
        }
    }

    // A function's arguments, unlike a struct's fields, are known not to overlap.
    #[inline(always)]
    fn run<T>(a: &mut [T], b: &mut [T], c: &mut [T], f: impl Fn(&mut T, &mut T, &mut T)) {
        for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
            f(a, b, c);
        }
    }

    Arch::new().dispatch(Zip3(a, b, c, f));
}

/// Whether every number is finite.
pub(crate) fn all_finite<T: Scalar>(values: &[T]) -> bool {
    const LANES: usize = 16;

    struct Zeros<'a, T>(&'a [[T; LANES]]);

    impl<T: Scalar> NullaryFnOnce for Zeros<'_, T> {
        type Output = [T; LANES];

        #[inline(always)]
        fn call(self) -> [T; LANES] {
            let mut sums = [T::lit(0.0); LANES];
            for chunk in self.0 {
                for (sum, &v) in sums.iter_mut().zip(chunk) {
                    *sum += v * T::lit(0.0);
                }
            }
            sums
        }
    }

    // 0·v is 0 exactly where v is finite. In lanes, since one sum would wait for each addition.
    let (chunks, rest) = values.as_chunks::<LANES>();
    let zeros = chunks.is_empty() || {
        let sums = Arch::new().dispatch(Zeros(chunks));
        sums.iter().all(|&sum| sum == T::lit(0.0))
    };
    zeros && rest.iter().all(|v| Float::is_finite(*v))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_is_looked_at() {
        for length in [0, 1, 15, 16, 17, 50] {
            let mut values = vec![f32::MAX; length];
            assert!(all_finite(&values));
            for k in 0..length {
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    values[k] = bad;
                    assert!(!all_finite(&values), "{bad} at {k} of {length}");
                }
                values[k] = -0.0;
            }
        }
    }

    #[test]
    fn zip3_reaches_every_element() {
        let (mut a, mut b, mut c) = ([1; 37], [2; 37], [3; 37]);
        zip3(&mut a, &mut b, &mut c, |a, b, c| {
            *a += *b * *c;
            *c = 0;
        });
        assert_eq!((a, c), ([7; 37], [0; 37]));
    }
}
