//! What was typed after `scaleplan trace`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::noise_arg::NoiseArg;
use super::peak::Peak;
use super::shape::{GrowthArg, Shape};
use crate::cli::args::ColourChoice;
use crate::cli::moment::Moment;
use crate::cli::source::PrometheusArgs;
use crate::scenario::Span;
use crate::trace::{GapFill, TraceForm, TraceFormat, TraceUnit};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan trace info load.csv
  scaleplan trace convert answer.json --to csv -o load.csv.gz
  scaleplan trace slice load.csv --last 2d | scaleplan trace scale --peak 300rps - > peak.csv
  scaleplan trace synth diurnal spike:at=14h,peak=500 --noise poisson > load.csv
  scaleplan trace synth flash-crowd | scaleplan simulate hpa.yaml --trace -

Each reads what simulate reads, from a file or from - (standard input), and prints CSV that reads
back exactly. docs/traces.md tells how.")]
pub(in crate::cli) struct TraceArgs {
    #[command(subcommand)]
    pub(super) command: TraceCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum TraceCommand {
    /// Say what a trace is: unit, span, gaps, peaks, steepest rises, seasons, and what it cannot show
    Info(InfoArgs),
    /// Write a trace in another form
    Convert(ConvertArgs),
    /// Put a trace on steps of another length
    Resample(ResampleArgs),
    /// Cut out a part of a trace
    Slice(SliceArgs),
    /// Make a trace larger or smaller, slower or faster
    Scale(ScaleArgs),
    /// Put traces one after another
    Splice(SpliceArgs),
    /// Make up a trace: steps, ramps, spikes, flash crowds, days, weeks, with noise
    Synth(SynthArgs),
}

/// Where the trace comes from.
#[derive(Args, Debug)]
pub(super) struct WorkloadArgs {
    /// The trace, plain, .gz or .zst, or - for standard input
    #[arg(
        id = "trace",
        value_name = "FILE",
        required_unless_present = "prometheus"
    )]
    pub(super) file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) prometheus: PrometheusArgs,
    /// The step of the answer to --query [default: 15s]
    #[arg(
        long,
        value_name = "TIME",
        requires = "prometheus",
        help_heading = "Live sources"
    )]
    pub(super) step: Option<Span>,
}

/// How a trace is read, where its file does not say it well enough.
#[derive(Args, Debug)]
pub(super) struct ReadingArgs {
    /// The format of the file [default: told by its content]
    #[arg(long, value_name = "FORMAT", help_heading = "Reading")]
    pub(super) format: Option<TraceFormat>,
    /// What one number means: rps, rpm, count, counter, events, cores, millicores, percent or fraction
    /// [default: inferred, and stated]
    #[arg(long, value_name = "UNIT", help_heading = "Reading")]
    pub(super) unit: Option<TraceUnit>,
    /// The time column, by name or number from 1 [default: inferred]
    #[arg(long, value_name = "COLUMN", help_heading = "Reading")]
    pub(super) time_column: Option<String>,
    /// The load column, by name or number from 1 [default: inferred]
    #[arg(long, value_name = "COLUMN", help_heading = "Reading")]
    pub(super) value_column: Option<String>,
    /// A further column to keep beside the load; may be repeated
    #[arg(long, value_name = "COLUMN", help_heading = "Reading")]
    pub(super) column: Vec<String>,
    /// Which series to read, as a metric name or selector [default: their sum]
    #[arg(long, value_name = "SELECTOR", help_heading = "Reading")]
    pub(super) series: Option<String>,
    /// How far apart rows are that carry no time
    #[arg(long, value_name = "TIME", help_heading = "Reading")]
    pub(super) row_step: Option<Span>,
    /// The step in which the rows of an event log are counted [default: 15s]
    #[arg(long, value_name = "TIME", help_heading = "Reading")]
    pub(super) event_step: Option<Span>,
    /// What a hole in the recording is filled with: hold (the last value) or zero [default: by the unit]
    #[arg(long, value_name = "FILL", help_heading = "Reading")]
    pub(super) gaps: Option<GapFill>,
    /// No notes on standard error; errors still appear
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// Where the trace that was made goes.
#[derive(Args, Debug)]
pub(super) struct WritingArgs {
    /// The file to write, gzipped where its name ends in .gz [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan trace info load.csv
  kubectl logs deploy/gateway | scaleplan trace info -
  scaleplan trace info load.csv -o json")]
pub(super) struct InfoArgs {
    #[command(flatten)]
    pub(super) from: WorkloadArgs,
    /// The form of the answer
    #[arg(long, short, value_enum, default_value_t = InfoFormat::Table, value_name = "FORM")]
    pub(super) output: InfoFormat,
    /// Colour in the terminal
    #[arg(long, value_enum, default_value_t = ColourChoice::Auto, value_name = "WHEN", alias = "colour")]
    pub(super) color: ColourChoice,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}

/// The forms of what is told of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum InfoFormat {
    /// For reading
    Table,
    /// For programs; the schema is docs/trace-schema.json
    Json,
    /// The same as JSON
    Yaml,
    /// For a pull request
    Markdown,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan trace convert answer.json                     a Prometheus answer as CSV
  scaleplan trace convert load.csv --to openmetrics -o load.om
  scaleplan trace convert --prometheus http://localhost:9090 --query 'sum(rate(http_requests_total[1m]))' -o load.csv
  scaleplan trace convert dump.txt --each-series --to openmetrics -o all.om
  promtool tsdb create-blocks-from openmetrics load.om    and into a Prometheus")]
pub(super) struct ConvertArgs {
    #[command(flatten)]
    pub(super) from: WorkloadArgs,
    /// The form to write: csv, prometheus (JSON as of query_range) or openmetrics
    #[arg(long, value_name = "FORM", default_value = "csv")]
    pub(super) to: TraceForm,
    /// Write each series of the file as found, with its labels and counters as counters, in place of their sum
    #[arg(long, conflicts_with_all = ["series", "value_column", "unit", "column", "row_step", "event_step", "gaps"])]
    pub(super) each_series: bool,
    #[command(flatten)]
    pub(super) writing: WritingArgs,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan trace resample load.csv --step 1m
  scaleplan trace resample access.csv --step 1s           an event log, counted anew

Rates become their means, counts add up: the requests of the whole stay the same.")]
pub(super) struct ResampleArgs {
    /// The trace, plain or .gz, or - for standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// How long each step is to last
    #[arg(long, value_name = "TIME")]
    pub(super) step: Span,
    #[command(flatten)]
    pub(super) writing: WritingArgs,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan trace slice load.csv --from 6h --to 10h
  scaleplan trace slice load.csv --from 2026-03-14T09:00:00Z
  scaleplan trace slice load.csv --last 2d

A moment is a time since the beginning of the trace, or a date in UTC or with its offset.")]
pub(super) struct SliceArgs {
    /// The trace, plain or .gz, or - for standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Where the part begins [default: the beginning]
    #[arg(long, value_name = "MOMENT")]
    pub(super) from: Option<Moment>,
    /// Where the part ends [default: the end]
    #[arg(long, value_name = "MOMENT")]
    pub(super) to: Option<Moment>,
    /// The last so much of the trace
    #[arg(long, value_name = "TIME", conflicts_with_all = ["from", "to"])]
    pub(super) last: Option<Span>,
    #[command(flatten)]
    pub(super) writing: WritingArgs,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:
  scaleplan trace scale load.csv --factor 2
  scaleplan trace scale load.csv --peak 500rps
  scaleplan trace scale load.csv --stretch 0.1            a day in 2.4 hours, as high as it was",
    group = clap::ArgGroup::new("how").args(["factor", "peak", "stretch"]).required(true).multiple(true)
)]
pub(super) struct ScaleArgs {
    /// The trace, plain or .gz, or - for standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// What each number of the load is multiplied by
    #[arg(long, value_name = "FACTOR", conflicts_with = "peak")]
    pub(super) factor: Option<f64>,
    /// What the highest load is to be: 500rps, 12cores, or a number in the trace's unit
    #[arg(long, value_name = "LOAD")]
    pub(super) peak: Option<Peak>,
    /// How many times as long each step is to last; rates stay as they are
    #[arg(long, value_name = "FACTOR")]
    pub(super) stretch: Option<f64>,
    #[command(flatten)]
    pub(super) writing: WritingArgs,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan trace splice monday.csv black-friday.csv
  scaleplan trace splice calm.csv storm.csv calm.csv --gap 10m
  scaleplan trace splice january.csv march.csv --own-times   as the calendar has them")]
pub(super) struct SpliceArgs {
    /// The traces in their order, plain or .gz, or - for standard input
    #[arg(value_name = "FILE", required = true, num_args = 2..)]
    pub(super) files: Vec<PathBuf>,
    /// Time in between that counts as not recorded
    #[arg(long, value_name = "TIME", conflicts_with = "own_times")]
    pub(super) gap: Option<Span>,
    /// Leave each trace at its own calendar time; they must not overlap
    #[arg(long)]
    pub(super) own_times: bool,
    #[command(flatten)]
    pub(super) writing: WritingArgs,
    #[command(flatten)]
    pub(super) reading: ReadingArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan trace synth spike --base 50 --peak 400 --at 20m --hold 5m
  scaleplan trace synth weekly --peak 800 --noise ar1:0.1,0.9 --seed 7
  scaleplan trace synth diurnal flash-crowd:at=14h,peak=500 --noise poisson

Shapes: level, step, ramp, spike, flash-crowd, diurnal, weekly; several add up. Each may have its
own values behind a colon, as spike:at=2h,peak=300,hold=5m; a flag is for every shape that has no
value of its own, --base for the first alone. Rates are requests per second.
Noise: poisson, gaussian:0.1 (a share of each rate), ar1:0.1,0.9 (the same, each step like the one
before).")]
pub(super) struct SynthArgs {
    /// The shapes, each with its own values if need be
    #[arg(value_name = "SHAPE", required = true)]
    pub(super) shapes: Vec<Shape>,
    /// The rate before and after, and the lowest of a day [default: 10]
    #[arg(long, value_name = "RPS", help_heading = "Shape")]
    pub(super) base: Option<f64>,
    /// The highest rate [default: 100]
    #[arg(long, value_name = "RPS", help_heading = "Shape")]
    pub(super) peak: Option<f64>,
    /// When it begins to change [default: a quarter of the span]
    #[arg(long, value_name = "TIME", help_heading = "Shape")]
    pub(super) at: Option<Span>,
    /// How long it rises [default: a ramp a quarter of the span, a flash crowd 2m, a spike 0]
    #[arg(long, value_name = "TIME", help_heading = "Shape")]
    pub(super) rise: Option<Span>,
    /// How long it stays [default: a flash crowd 5m, a spike 2m]
    #[arg(long, value_name = "TIME", help_heading = "Shape")]
    pub(super) hold: Option<Span>,
    /// How long it falls; of a flash crowd, until nineteen in twenty have left [default: a flash crowd 30m, a spike 0]
    #[arg(long, value_name = "TIME", help_heading = "Shape")]
    pub(super) fall: Option<Span>,
    /// How a flash crowd grows [default: exponential]
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Shape")]
    pub(super) growth: Option<GrowthArg>,
    /// How long a day lasts [default: 24h]
    #[arg(long, value_name = "TIME", help_heading = "Shape")]
    pub(super) day: Option<Span>,
    /// What a day of the weekend rises above the base, as a share of what others do [default: 0.5]
    #[arg(long, value_name = "SHARE", help_heading = "Shape")]
    pub(super) weekend: Option<f64>,
    /// Chance upon the rates; may be repeated
    #[arg(long, value_name = "NOISE")]
    pub(super) noise: Vec<NoiseArg>,
    /// Which chance: the same number makes the same trace
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// How long the trace is [default: the longest of 1h, flash-crowd 2h, diurnal 1 day, weekly 14 days]
    #[arg(long, value_name = "TIME")]
    pub(super) span: Option<Span>,
    /// How long each step lasts
    #[arg(long, value_name = "TIME", default_value = "15s")]
    pub(super) step: Span,
    /// The date at which it begins [default: none; times count from 0]
    #[arg(long, value_name = "DATE")]
    pub(super) start: Option<Moment>,
    #[command(flatten)]
    pub(super) writing: WritingArgs,
    /// No notes on standard error; errors still appear
    #[arg(long, short)]
    pub(super) quiet: bool,
}
