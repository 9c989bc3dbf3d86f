//! Workloads as data: reading them, and what their numbers mean. Knows nothing of manifests, pods or the HPA.
//!
//! [`read`] turns a CSV or a Prometheus `query_range` answer into a [`Trace`]: a step series with a stated unit and
//! notes on everything that was decided on the way; [`read_recording`] keeps every series of the file as found.
//! [`arrivals`] turns a trace into requests per second, which is what the engine plays. [`Survey`] says what a trace is
//! like, methods of [`Trace`] make others of it, [`WrittenTrace`] writes one so that it reads back.
//! [`Series::from_notation`] and [`Profile`] with [`Noise`] make workloads that nobody recorded.

mod arrivals;
mod assemble;
mod blocks;
mod cadence;
mod calendar;
mod clock_change;
mod collector;
mod csv;
mod detect;
mod edit;
mod error;
mod events;
mod format;
mod gaps;
mod infer;
mod json_stream;
mod labels;
mod lines;
mod load_tests;
mod logs;
mod merge;
mod monitoring;
mod names;
mod noise;
mod notation;
mod note;
mod options;
mod prometheus;
mod raw;
mod read;
mod recorder;
mod recording;
mod request_log;
mod selector;
mod series;
mod sink;
mod survey;
mod synthetic;
mod unit;
mod unpack;
mod written;

pub use arrivals::{ArrivalTrace, ConversionError, CpuConversion, arrivals};
pub use edit::{EditError, MAX_STEPS};
pub use error::{TraceError, TraceProblem};
pub use events::EventTimes;
pub use format::TraceFormat;
pub use noise::Noise;
pub use notation::NotationError;
pub use note::{Merge, StepsEnd, TraceNote};
pub use options::{BadCells, GapFill, ReadOptions};
pub use read::{Trace, read, read_recording};
pub use recording::{RecordedSeries, Recording, SeriesKind, TimeBase};
pub use series::{Series, Step};
pub use survey::{Burstiness, CoursePart, Gaps, Levels, Ramp, Season, SeasonPeriod, Steps, Survey};
pub use synthetic::{Growth, Profile};
pub use unit::{TraceUnit, UnitChoice, UnitSource};
pub use written::{TraceForm, WriteError, WriteNote, WrittenSeries, WrittenTrace};
