//! Solvers in a chain: each takes the samples that the ones before it failed on.

use faer::{Mat, MatMut, MatRef};

use super::{Attempt, InverseSolver, Request, SampleReport};
use crate::error::{Result, check};
use crate::scalar::Scalar;
use crate::simulator::Simulator;

/// Tries solvers in order, sample by sample.
///
/// # Contract
/// The first member sees the whole batch, each further one only the samples that all before it
/// failed on. A report names the member that served its sample and, in
/// [`attempts`](SampleReport::attempts), why the others failed; evaluations are summed. A member
/// that is not for this problem at all (an `Err`, such as Newton's for a non-square one) ends the
/// call.
///
/// # Example
/// ```
/// use arginv::prelude::*;
/// use arginv::inverse::invert;
/// use faer::mat;
///
/// // At x = 0 the slope of x² vanishes and Newton has no step; the fallback takes over there only.
/// let mut solver = Fallback::new(Newton::new(), Analytic::new());
/// let found = invert(&Square, &mut solver, mat![[0.0, 1.0]].as_ref(), mat![[4.0, 4.0]].as_ref())?;
/// assert_eq!(found.reports[0].solver, "Analytic");
/// assert_eq!(found.reports[0].attempts[0].solver, "Newton");
/// assert_eq!(found.reports[1].solver, "Newton");
/// # Ok::<(), arginv::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fallback<T, M> {
    members: M,
    x: Mat<T>,
    y: Mat<T>,
    y_target: Mat<T>,
    loss_target: Mat<T>,
    dx: Mat<T>,
    failed: Vec<usize>,
    reports: Vec<SampleReport<T>>,
}

/// Any number of inverse solvers: tuples of two to six, or a `Vec` of boxes.
pub trait Members<T: Scalar, P: Simulator<T> + ?Sized> {
    /// How many.
    fn count(&self) -> usize;

    /// The one at `index`.
    fn member(&mut self, index: usize) -> Option<&mut dyn InverseSolver<T, P>>;
}

impl<T: Scalar, A, B> Fallback<T, (A, B)> {
    /// `first`, and `second` where it fails.
    #[must_use]
    pub fn new(first: A, second: B) -> Self {
        Self::over((first, second))
    }
}

impl<T: Scalar, P: Simulator<T> + ?Sized> Fallback<T, Vec<Box<dyn InverseSolver<T, P>>>> {
    /// A chain of a length known at run time.
    ///
    /// # Errors
    /// An empty chain.
    pub fn boxed(members: Vec<Box<dyn InverseSolver<T, P>>>) -> Result<Self> {
        check::count("number of members", members.len())?;
        Ok(Self::over(members))
    }
}

impl<T: Scalar, M> Fallback<T, M> {
    /// A chain of two to six solvers, as a tuple.
    #[must_use]
    pub fn chain(members: M) -> Self {
        Self::over(members)
    }

    fn over(members: M) -> Self {
        Self {
            members,
            x: Mat::new(),
            y: Mat::new(),
            y_target: Mat::new(),
            loss_target: Mat::new(),
            dx: Mat::new(),
            failed: Vec::new(),
            reports: Vec::new(),
        }
    }
}

impl<T, P, M> InverseSolver<T, P> for Fallback<T, M>
where
    T: Scalar,
    P: Simulator<T> + ?Sized,
    M: Members<T, P>,
{
    fn solve(
        &mut self,
        simulator: &P,
        request: &Request<'_, T>,
        mut dx: MatMut<'_, T>,
        reports: &mut [SampleReport<T>],
    ) -> Result<()> {
        if let Some(first) = self.members.member(0) {
            first.solve(simulator, request, dx.as_mut(), reports)?;
        }
        for index in 1..self.members.count() {
            self.failed.clear();
            let failures = reports
                .iter()
                .enumerate()
                .filter(|(_, report)| !report.status.is_success());
            self.failed.extend(failures.map(|(j, _)| j));
            if self.failed.is_empty() {
                break;
            }
            let failed = &self.failed;
            let count = failed.len();
            let part = Request {
                x: columns_of(request.x, failed, &mut self.x),
                y: columns_of(request.y, failed, &mut self.y),
                y_target: columns_of(request.y_target, failed, &mut self.y_target),
                loss: request.loss,
                loss_target: columns_of(request.loss_target, failed, &mut self.loss_target),
            };
            grow(&mut self.dx, dx.nrows(), count);
            if self.reports.len() < count {
                self.reports.resize_with(count, SampleReport::default);
            }
            let part_reports = &mut self.reports[..count];
            let mut part_dx = self.dx.as_mut().subcols_mut(0, count);
            let Some(member) = self.members.member(index) else {
                break;
            };
            member.solve(simulator, &part, part_dx.as_mut(), part_reports)?;
            for (k, &j) in failed.iter().enumerate() {
                merge(&mut reports[j], &mut part_reports[k]);
                dx.as_mut().col_mut(j).copy_from(part_dx.as_ref().col(k));
            }
        }
        Ok(())
    }

    fn name(&self) -> &'static str {
        "Fallback"
    }
}

/// Replaces an earlier member's report by a later one's, which inherits its history.
fn merge<T: Scalar>(earlier: &mut SampleReport<T>, later: &mut SampleReport<T>) {
    std::mem::swap(earlier, later);
    let (served, failed) = (earlier, later);
    failed.attempts.push(Attempt {
        solver: failed.solver,
        status: failed.status.clone(),
    });
    failed.attempts.append(&mut served.attempts);
    std::mem::swap(&mut served.attempts, &mut failed.attempts);
    served.evaluations += failed.evaluations;
}

/// Copies the listed columns into a buffer that only grows.
fn columns_of<'b, T: Scalar>(
    source: MatRef<'_, T>,
    columns: &[usize],
    buffer: &'b mut Mat<T>,
) -> MatRef<'b, T> {
    grow(buffer, source.nrows(), columns.len());
    for (k, &j) in columns.iter().enumerate() {
        buffer.as_mut().col_mut(k).copy_from(source.col(j));
    }
    buffer.as_ref().subcols(0, columns.len())
}

fn grow<T: Scalar>(buffer: &mut Mat<T>, rows: usize, columns: usize) {
    if buffer.nrows() != rows || buffer.ncols() < columns {
        *buffer = Mat::zeros(rows, columns);
    }
}

impl<T: Scalar, P: Simulator<T> + ?Sized> Members<T, P> for Vec<Box<dyn InverseSolver<T, P>>> {
    fn count(&self) -> usize {
        self.len()
    }

    fn member(&mut self, index: usize) -> Option<&mut dyn InverseSolver<T, P>> {
        self.get_mut(index)
            .map(|member| member as &mut dyn InverseSolver<T, P>)
    }
}

macro_rules! members_of_tuple {
    ($count:literal: $($name:ident $index:tt),+) => {
        impl<T: Scalar, P: Simulator<T> + ?Sized, $($name: InverseSolver<T, P>),+> Members<T, P>
            for ($($name,)+)
        {
            fn count(&self) -> usize {
                $count
            }

            fn member(&mut self, index: usize) -> Option<&mut dyn InverseSolver<T, P>> {
                match index {
                    $($index => Some(&mut self.$index),)+
                    _ => None,
                }
            }
        }
    };
}

members_of_tuple!(2: A 0, B 1);
members_of_tuple!(3: A 0, B 1, C 2);
members_of_tuple!(4: A 0, B 1, C 2, D 3);
members_of_tuple!(5: A 0, B 1, C 2, D 3, E 4);
members_of_tuple!(6: A 0, B 1, C 2, D 3, E 4, F 5);
