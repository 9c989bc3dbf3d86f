//! Quantities that cannot be confused with one another: times and Kubernetes quantities.
//!
//! The bottom floor: it imports nothing from the crate.

mod digits;
mod quantity;
mod time;

pub(crate) use digits::significant;
pub use quantity::{Quantity, QuantityError};
pub use time::{SimDuration, SimTime};
