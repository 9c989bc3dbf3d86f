//! Which candidates of a lattice to try: all of a small one, else a seeded search for several goals.
//!
//! Entry point: [`search`]. It appraises nothing itself and asks for batches whose make-up depends on the seed and on
//! earlier batches alone, so that the answer is the same on any number of threads.

mod contract;
mod course;
mod descent;
mod elites;
mod finalists;
mod ledger;
mod offspring;

#[cfg(test)]
mod landscapes;
#[cfg(test)]
mod tests;
pub(super) use contract::{Appraiser, Bar, Found, Limits, Progress, Ranked};
pub(super) use course::search;
pub(super) use finalists::{ALIKE, best_first};
