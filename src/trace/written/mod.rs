//! A trace as text that reads back as the same trace: CSV, a Prometheus answer, OpenMetrics.
//!
//! Start at [`WrittenTrace`], or at [`WrittenSeries`] for every series of a file. Numbers are written in their shortest form that reads back exactly. A step that was not
//! recorded has an empty cell in CSV and no sample elsewhere; what it holds is the reader's to choose. Where the times
//! alone would not tell how long each step lasts, CSV has a column that does (`holds_ms`).

mod csv;
mod error;
mod layout;
mod number;
mod openmetrics;
mod prometheus;
mod written_series;
mod written_trace;

pub use error::{WriteError, WriteNote};
pub use written_series::WrittenSeries;
pub use written_trace::{TraceForm, WrittenTrace};
