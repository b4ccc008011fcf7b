//! Losses against dual numbers, central differences, closed forms and their stated promises.

/// Runs each generic test over `f32` and `f64`.
macro_rules! in_both_precisions {
    ($($test:ident)*) => { $(mod $test {
        #[test]
        fn in_f32() { super::$test::<f32>(); }
        #[test]
        fn in_f64() { super::$test::<f64>(); }
    })* };
}

mod batches;
mod construction;
mod derivatives;
mod fixtures;
mod newton_steps;
