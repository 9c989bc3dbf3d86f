//! A trace made of another: on other steps, a part of it, larger or smaller, slower or faster, several in a row. What
//! was recorded is neither invented nor lost on the way: each file says what it keeps.
//!
//! Entry points are methods of [`Trace`](crate::trace::Trace).

mod error;
mod rates;
mod resample;
mod rescale;
mod slice;
mod splice;

pub(crate) use error::MAX_SPAN;
pub use error::{EditError, MAX_STEPS};
pub(crate) use resample::on_steps;
