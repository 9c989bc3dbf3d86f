//! Workloads as data: reading them, and what their numbers mean. Knows nothing of manifests, pods or the HPA.
//!
//! [`read`] turns a CSV or a Prometheus `query_range` answer into a [`Trace`]: a step series with a stated unit and
//! notes on everything that was decided on the way; [`read_recording`] keeps every series of the file as found. [`arrivals`] turns that into requests per second, which is what
//! the engine plays. [`Series::from_notation`] and [`Profile`] make small workloads for tests and documents.

mod arrivals;
mod assemble;
mod blocks;
mod cadence;
mod calendar;
mod collector;
mod csv;
mod error;
mod events;
mod gaps;
mod infer;
mod labels;
mod merge;
mod names;
mod notation;
mod note;
mod options;
mod prometheus;
mod raw;
mod read;
mod recorder;
mod recording;
mod selector;
mod series;
mod sink;
mod synthetic;
mod unit;

pub use arrivals::{ArrivalTrace, ConversionError, CpuConversion, arrivals};
pub use error::{TraceError, TraceProblem};
pub use events::EventTimes;
pub use notation::NotationError;
pub use note::{Merge, StepsEnd, TraceNote};
pub use options::{BadCells, GapFill, ReadOptions, TraceFormat};
pub use read::{Trace, read, read_recording};
pub use recording::{RecordedSeries, Recording, SeriesKind, TimeBase};
pub use series::{Series, Step};
pub use synthetic::Profile;
pub use unit::{TraceUnit, UnitChoice, UnitSource};
