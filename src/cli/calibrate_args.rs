//! What was typed after `calibrate`.

use std::path::PathBuf;

use clap::Args;

use super::args::InputArgs;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  kubectl get pods -l app=web -o json | scaleplan calibrate --pods - -o scenario.yaml
  scaleplan calibrate --capacity steps.csv --latency histogram.json -o scenario.yaml
  scaleplan calibrate --rate rate.csv --usage cpu.csv --usage-replicas 4
  scaleplan calibrate --capacity steps.csv --users envelope.csv --load load.csv
  scaleplan calibrate hpa.yaml --capacity steps.csv --trace load.csv --recorded replicas.csv -o scenario.yaml

Writes a scenario file for --scenario, each value below its source and the interval that it is known to. Of the cpu per
request that several inputs tell the weighed mean counts, unless one is 1.5 times another: then, and for all else, the
last of this order: --rate and --usage, --capacity, --recorded. What a scenario file given with --scenario says is kept,
and wins.

With --recorded the run is replayed: every setting of simulate may be given then, see scaleplan simulate --help.

Exit codes: 0 written, 2 wrong usage or unreadable input.")]
pub(super) struct CalibrateArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Pods or VirtualMachineInstances, as kubectl get -o json prints them, with events of image pulls where they are at
    /// hand: startup times; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "Measurements")]
    pub(super) pods: Vec<PathBuf>,
    /// A load test in steps, a CSV with rps and users, median_millicores, ready_pods: cpu per request, and the knee
    #[arg(long, value_name = "FILE", help_heading = "Measurements")]
    pub(super) capacity: Option<PathBuf>,
    /// Requests/s over time, read as a trace is: with --usage cpu per request and idle cpu
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Measurements",
        requires = "usage"
    )]
    pub(super) rate: Option<PathBuf>,
    /// Cpu of all replicas together over time, in cores or millicores
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Measurements",
        requires = "rate"
    )]
    pub(super) usage: Option<PathBuf>,
    /// Replicas that --rate and --usage are of
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        help_heading = "Measurements",
        requires = "usage"
    )]
    pub(super) usage_replicas: u32,
    /// A latency histogram, series with le labels as Prometheus has them: service time and its variability
    #[arg(long, value_name = "FILE", help_heading = "Measurements")]
    pub(super) latency: Option<PathBuf>,
    /// The replicas of a recorded run of the autoscaler in MANIFEST under --trace: the cpu per request with which a replay
    /// comes nearest to them
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Measurements",
        requires = "trace"
    )]
    pub(super) recorded: Option<PathBuf>,
    /// The column of the recorded replicas [default: spec_replicas, replicas, desired or the only one]
    #[arg(
        long,
        value_name = "COLUMN",
        help_heading = "Measurements",
        requires = "recorded"
    )]
    pub(super) recorded_column: Option<String>,
    /// The column of the ready ones, which tell the startup [default: ready_replicas, ready or available_replicas, if there]
    #[arg(
        long,
        value_name = "COLUMN",
        help_heading = "Measurements",
        requires = "recorded"
    )]
    pub(super) ready_column: Option<String>,
    /// When the trace begins, where it tells no date: 2026-09-09T06:36:50Z
    #[arg(
        long,
        value_name = "DATE",
        help_heading = "Measurements",
        requires = "recorded"
    )]
    pub(super) trace_start: Option<jiff::Timestamp>,
    /// Users over time, to be made requests/s by the load test of --capacity; see --load
    #[arg(long, value_name = "FILE", help_heading = "Measurements", requires_all = ["capacity", "load"])]
    pub(super) users: Option<PathBuf>,
    /// The column of the users [default: the only one, or the first called users]
    #[arg(
        long,
        value_name = "COLUMN",
        help_heading = "Measurements",
        requires = "users"
    )]
    pub(super) users_column: Option<String>,
    /// Where the requests/s of --users go, a CSV for --trace
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Measurements",
        requires = "users"
    )]
    pub(super) load: Option<PathBuf>,
    /// The scenario file to write, or - for standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(super) output: PathBuf,
}
