//! Drawings over time.

mod scale;

pub(crate) use scale::time_ticks;
