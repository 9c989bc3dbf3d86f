//! Drawings over time: the PNG of a report, and the axes that the terminal chart shares.
//!
//! It draws timelines and knows no file and no font but its own. Entry point: [`png()`].

mod axis;
mod canvas;
mod error;
mod page;
mod palette;
mod panels;
mod plotter;
mod scale;
mod steps;

pub use error::ChartError;
pub use page::png;
pub(crate) use scale::time_step;
