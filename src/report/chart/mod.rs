//! Drawings: the PNG and SVG of a report over time, that of advice over cost, that of a backtest, and the axes that the terminal chart shares.
//!
//! It draws what it is given and knows no file and no font but its own. Entry points: [`png()`], [`svg()`],
//! [`advice_png`] and [`backtest_png`].

mod axis;
mod calendar;
mod canvas;
mod error;
mod front;
mod overlay;
mod page;
pub(super) mod palette;
mod panels;
mod picture;
mod plotter;
mod scale;
mod steps;
mod svg;

pub(super) use calendar::calendar_ticks;
pub use error::ChartError;
pub use front::advice_png;
pub use overlay::backtest_png;
pub(super) use page::tolerance;
pub use page::{png, svg};
pub use picture::{Picture, Theme};
pub(crate) use scale::{Tick, time_step, time_ticks};
