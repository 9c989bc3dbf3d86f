//! The HTML report: one file that asks nothing of any network, with charts to zoom, the decisions behind them, figures
//! and assumptions.
//!
//! What comes from files is escaped ([`markup`]), and the page's own policy allows no script or style but those that it
//! was written with ([`policy`]). Entry point: [`html()`].

mod comparisons;
mod data;
mod decisions;
mod figures;
mod markup;
mod page;
mod panels;
mod policy;

pub use page::html;
