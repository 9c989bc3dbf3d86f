//! Drawings: the PNG of a report over time, that of advice over cost, that of a backtest, and the axes that the terminal chart shares.
//!
//! It draws what it is given and knows no file and no font but its own. Entry points: [`png()`],
//! [`advice_png`] and [`backtest_png`].

mod axis;
mod canvas;
mod error;
mod front;
mod overlay;
mod page;
pub(super) mod palette;
mod panels;
mod plotter;
mod scale;
mod steps;

pub use error::ChartError;
pub use front::advice_png;
pub use overlay::backtest_png;
pub use page::png;
pub(super) use page::tolerance;
pub(crate) use scale::time_step;
