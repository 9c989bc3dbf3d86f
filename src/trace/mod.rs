//! Workloads as data: reading them, and what their numbers mean. Knows nothing of manifests, pods or the HPA.
//!
//! [`read`] turns a CSV or a Prometheus `query_range` answer into a [`Trace`]: a step series with a stated unit and
//! notes on everything that was decided on the way. [`arrivals`] turns that into requests per second, which is what
//! the engine plays. [`Series::from_notation`] and [`Profile`] make small workloads for tests and documents.

mod arrivals;
mod assemble;
mod cadence;
mod calendar;
mod csv;
mod edit;
mod error;
mod events;
mod gaps;
mod infer;
mod merge;
mod names;
mod noise;
mod notation;
mod note;
mod options;
mod prometheus;
mod raw;
mod read;
mod series;
mod survey;
mod synthetic;
mod unit;
mod written;

pub use arrivals::{ArrivalTrace, ConversionError, CpuConversion, arrivals};
pub use edit::EditError;
pub use error::{TraceError, TraceProblem};
pub use events::EventTimes;
pub use noise::Noise;
pub use notation::NotationError;
pub use note::{Merge, StepsEnd, TraceNote};
pub use options::{BadCells, GapFill, ReadOptions, TraceFormat};
pub use read::{Trace, read};
pub use series::{Series, Step};
pub use survey::{Burstiness, CoursePart, Gaps, Levels, Ramp, Season, SeasonPeriod, Steps, Survey};
pub use synthetic::{Growth, Profile};
pub use unit::{TraceUnit, UnitChoice, UnitSource};
pub use written::{TraceForm, WriteError, WriteNote, WrittenTrace};
