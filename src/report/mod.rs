//! Values in, bytes out: tables, CSV, JSON, YAML, Markdown and PNG of one judged outcome.
//!
//! It draws and does not compute: every figure is the scorecard's. It must not know the engine, the controller or where
//! its bytes go. Start at [`Report`] and [`table()`].

mod assumptions;
mod chart;
mod comparison_model;
mod comparison_table;
mod comparisons;
mod csv;
mod escape;
mod figure;
mod figures;
mod format;
mod input;
mod json;
mod lag_figures;
mod layout;
mod markdown;
mod model;
mod paint;
mod sentences;
mod sparkline;
mod table;
mod worst;
mod yaml;

pub use chart::{ChartError, png};
pub use csv::csv;
pub use input::{Colour, Detail, Report};
pub use json::json;
pub use markdown::markdown;
pub use table::table;
pub use yaml::yaml;
