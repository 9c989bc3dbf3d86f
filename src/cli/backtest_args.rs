//! What was typed after `backtest`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::args::InputArgs;
use super::moment::Moment;
use crate::scenario::Span;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan backtest hpa.yaml --trace load.csv --recorded replicas.csv --scenario calibrated.yaml
  scaleplan backtest hpa.yaml --trace load.csv --recorded replicas.csv --png overlay.png -o json
  scaleplan backtest hpa.yaml --recorded hpa.csv --recorded-column replicas --metric-column cpu_percent

With --trace the load is played through pods and sensors; with --metric-column the autoscaler alone is driven by the
metric that was recorded beside it. Where one of trace and recording tells no date, both begin at the same time.

Exit codes: 0 the prediction holds, 1 see --fail-on, 2 wrong usage or unreadable input.")]
pub(super) struct BacktestArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// The recorded replicas: CSV, Prometheus and more, plain, .gz or .zst
    #[arg(long, value_name = "FILE")]
    pub(super) recorded: PathBuf,
    /// The column of the recorded replicas [default: spec_replicas, replicas, desired or the only one]
    #[arg(long, value_name = "COLUMN")]
    pub(super) recorded_column: Option<String>,
    /// Drive the autoscaler by this column of the recording, what it showed of its metric, and not by a trace
    #[arg(long, value_name = "COLUMN", conflicts_with = "trace")]
    pub(super) metric_column: Option<String>,
    /// The column of the recording that tells how many pods were in the metric [default: pods count after startup]
    #[arg(long, value_name = "COLUMN", requires = "metric_column")]
    pub(super) counted_column: Option<String>,
    /// With --metric-column: whose count each sync starts from
    #[arg(long, value_enum, default_value_t = FeedChoice::Own, value_name = "WHOSE", requires = "metric_column")]
    pub(super) feed: FeedChoice,
    /// A span in which somebody else changed the replicas, as two dates or two times since the recording began: 5m..6m; may
    /// be repeated
    #[arg(long, value_name = "FROM..TO")]
    pub(super) leave_out: Vec<LeftOut>,
    /// When the trace begins, where it tells no date: 2026-09-09T06:36:50Z
    #[arg(long, value_name = "DATE")]
    pub(super) trace_start: Option<jiff::Timestamp>,
    /// How far the mean error must at least be below that of the best constant count
    #[arg(
        long,
        default_value = "30%",
        value_name = "PERCENT",
        help_heading = "Thresholds",
        allow_hyphen_values = true
    )]
    pub(super) min_skill: Share,
    /// The most replicas between the peaks
    #[arg(
        long,
        default_value_t = 1,
        value_name = "N",
        help_heading = "Thresholds"
    )]
    pub(super) max_peak_error: u32,
    /// The largest deviation of the replica-hours
    #[arg(
        long,
        default_value = "15%",
        value_name = "PERCENT",
        help_heading = "Thresholds"
    )]
    pub(super) max_replica_hours_error: Share,
    /// The longest time between a recorded rise and the predicted one
    #[arg(
        long,
        default_value = "45s",
        value_name = "TIME",
        help_heading = "Thresholds"
    )]
    pub(super) max_rise_error: Span,
    /// The least share of the recorded changes that are predicted to the same count, within the time of --max-rise-error
    /// [default: not looked at]
    #[arg(long, value_name = "PERCENT", help_heading = "Thresholds")]
    pub(super) min_matched: Option<Share>,
    /// The form of the report
    #[arg(long, short, value_enum, default_value_t = BacktestFormat::Table, value_name = "FORM")]
    pub(super) output: BacktestFormat,
    /// Also draw recorded and predicted replicas, in PNG
    #[arg(long, value_name = "FILE")]
    pub(super) png: Option<PathBuf>,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value_t = BacktestFailOn::Missed, value_name = "VERDICT")]
    pub(super) fail_on: BacktestFailOn,
}

/// Whose count each sync starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FeedChoice {
    /// The autoscaler's own: its replicas are played
    Own,
    /// The recorded one: each decision is asked for by itself
    Recorded,
}

/// The forms of a backtest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum BacktestFormat {
    /// For reading
    Table,
    /// For programs; the schema is docs/backtest-schema.json
    Json,
    /// The same as JSON
    Yaml,
    /// For a pull request
    Markdown,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum BacktestFailOn {
    /// A threshold does not hold
    Missed,
    /// Nothing
    Never,
}

/// A share, typed as a percentage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share(pub(super) f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.strip_suffix('%')
            .and_then(|number| number.trim().parse::<f64>().ok())
            .filter(|percent| percent.is_finite() && percent.abs() <= 1000.0)
            .map(|percent| Self(percent / 100.0))
            .ok_or_else(|| "expected a percentage such as 30%".to_owned())
    }
}

/// A span that is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LeftOut {
    pub(super) from: Moment,
    pub(super) to: Moment,
}

impl FromStr for LeftOut {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split_once("..")
            .and_then(|(from, to)| {
                Some(Self {
                    from: from.parse().ok()?,
                    to: to.parse().ok()?,
                })
            })
            .ok_or_else(|| {
                "expected two dates such as 2026-09-25T22:32:05+05:00..2026-09-25T22:32:35+05:00, or two times since the \
                 recording began such as 5m..6m"
                    .to_owned()
            })
    }
}
