//! What every optimizer must do.

use arginv::optimizer::Chain;
use arginv::{Error, Optimizer, Scalar};
use num_traits::Float;

use crate::fixture::Fixture;
use crate::table::{Make, table};

/// Runs a check on every case of the table in both precisions.
macro_rules! for_all {
    ($check:ident) => {
        #[test]
        fn $check() {
            let fixture = Fixture::load();
            for (name, make) in table::<f32>() {
                check::$check(&format!("{name} in f32"), &fixture, make);
            }
            for (name, make) in table::<f64>() {
                check::$check(&format!("{name} in f64"), &fixture, make);
            }
        }
    };
}

for_all!(reduces_a_convex_quadratic);
for_all!(refused_steps_leave_no_trace);
for_all!(overflow_never_reaches_theta_or_the_state);
for_all!(same_steps_give_the_same_bits);
for_all!(a_coordinate_at_rest_stays);

mod check {
    use super::*;

    fn run<T: Scalar>(fixture: &Fixture, chain: &mut Chain<T>, theta: &mut [T], steps: usize) {
        for _ in 0..steps {
            fixture.step(chain, theta).unwrap();
        }
    }

    fn bits<T: Scalar>(theta: &[T]) -> Vec<u64> {
        theta.iter().map(|v| v.as_f64().to_bits()).collect()
    }

    pub(super) fn reduces_a_convex_quadratic<T: Scalar>(name: &str, _: &Fixture, make: Make<T>) {
        let curvature = [1.0, 2.0, 4.0].map(T::lit);
        let minimum = [0.5, -0.5, 1.0].map(T::lit);
        let value = |x: &[T]| {
            let terms = (0..3).map(|i| curvature[i] * Float::powi(x[i] - minimum[i], 2));
            terms.fold(T::zero(), |sum, term| sum + term)
        };
        let mut theta = [1.5, -1.5, 0.0].map(T::lit);
        let first = value(&theta);
        let mut chain = make().unwrap();
        for _ in 0..5000 {
            let gradient: Vec<T> = (0..3)
                .map(|i| curvature[i] * (theta[i] - minimum[i]))
                .collect();
            let loss = value(&theta);
            chain.step(&mut theta, &gradient, Some(loss)).unwrap();
        }
        // The schedules that decay fast end after a path of 0.1 in units of 1/curvature.
        assert!(value(&theta) < T::lit(0.9) * first, "{name}");
    }

    pub(super) fn refused_steps_leave_no_trace<T: Scalar>(
        name: &str,
        fixture: &Fixture,
        make: Make<T>,
    ) {
        for before in [0, 1, 7] {
            let mut chain = make().unwrap();
            let mut theta = fixture.start::<T>();
            run(fixture, &mut chain, &mut theta, before);
            let (mut untouched, mut reference) = (chain.clone(), theta.clone());

            let good = fixture.gradient(&theta);
            let loss = Some(fixture.loss(&theta));
            for (index, value) in [(0, T::nan()), (4, T::infinity()), (9, T::neg_infinity())] {
                let mut bad = good.clone();
                bad[index] = value;
                let error = chain.step(&mut theta, &bad, loss).unwrap_err();
                let expected =
                    matches!(error, Error::NonFinite { what: "gradient", index: i } if i == index);
                assert!(expected, "{name}: {error}");
                let mut lost = theta.clone();
                lost[index] = value;
                let error = chain.step(&mut lost, &good, loss).unwrap_err();
                let expected =
                    matches!(error, Error::NonFinite { what: "params", index: i } if i == index);
                assert!(expected, "{name}: {error}");
            }
            let error = chain.step(&mut theta, &good[1..], loss).unwrap_err();
            let expected = matches!(
                error,
                Error::Length {
                    what: "gradient",
                    expected: 10,
                    got: 9
                }
            );
            assert!(expected, "{name}: {error}");
            let error = chain.step(&mut [], &[], loss).unwrap_err();
            let expected = matches!(error, Error::ZeroDimension { what: "params" });
            assert!(expected, "{name}: {error}");
            if before > 0 {
                let error = chain.step(&mut theta[1..], &good[1..], loss).unwrap_err();
                let expected = matches!(
                    error,
                    Error::Length {
                        what: "params",
                        expected: 10,
                        got: 9
                    }
                );
                assert!(expected, "{name}: {error}");
            }

            assert_eq!(bits(&theta), bits(&reference), "{name}");
            run(fixture, &mut chain, &mut theta, 20);
            run(fixture, &mut untouched, &mut reference, 20);
            assert_eq!(bits(&theta), bits(&reference), "{name}");
        }
    }

    pub(super) fn overflow_never_reaches_theta_or_the_state<T: Scalar>(
        name: &str,
        fixture: &Fixture,
        make: Make<T>,
    ) {
        for before in [0, 3] {
            let mut chain = make().unwrap();
            let mut theta = fixture.start::<T>();
            run(fixture, &mut chain, &mut theta, before);
            let (mut untouched, mut reference) = (chain.clone(), theta.clone());
            let huge = vec![T::max_value(); theta.len()];
            let loss = Some(fixture.loss(&theta));
            match chain.step(&mut theta, &huge, loss) {
                Ok(()) => assert!(theta.iter().all(|&v| Float::is_finite(v)), "{name}"),
                Err(Error::NonFinite {
                    what: "update",
                    index: 0,
                }) => {
                    assert_eq!(bits(&theta), bits(&reference), "{name}");
                    run(fixture, &mut chain, &mut theta, 20);
                    run(fixture, &mut untouched, &mut reference, 20);
                    assert_eq!(bits(&theta), bits(&reference), "{name}");
                }
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }

    pub(super) fn same_steps_give_the_same_bits<T: Scalar>(
        name: &str,
        fixture: &Fixture,
        make: Make<T>,
    ) {
        let mut chain = make().unwrap();
        let mut theta = fixture.start::<T>();
        run(fixture, &mut chain, &mut theta, 30);
        let (mut copy, mut copied) = (chain.clone(), theta.clone());
        run(fixture, &mut chain, &mut theta, 30);
        run(fixture, &mut copy, &mut copied, 30);
        assert_eq!(bits(&theta), bits(&copied), "{name}: cloned in mid-run");
        assert_eq!((chain.steps(), copy.steps()), (60, 60));

        for mut fresh in [make().unwrap(), {
            chain.reset();
            chain
        }] {
            let mut again = fixture.start::<T>();
            run(fixture, &mut fresh, &mut again, 60);
            assert_eq!(bits(&theta), bits(&again), "{name}: from the start");
        }
    }

    pub(super) fn a_coordinate_at_rest_stays<T: Scalar>(
        name: &str,
        fixture: &Fixture,
        make: Make<T>,
    ) {
        // θ = 0 with gradient 0, as weights behind a dead ReLU: no 0/0 and no drift.
        let mut chain = make().unwrap();
        let mut theta = fixture.start::<T>();
        theta.push(T::zero());
        for _ in 0..50 {
            let mut gradient = fixture.gradient(&theta[..10]);
            gradient.push(T::zero());
            let loss = fixture.loss(&theta[..10]);
            chain.step(&mut theta, &gradient, Some(loss)).unwrap();
        }
        assert_eq!(theta[10], T::zero(), "{name}");
    }
}
