//! What was typed.

use std::any::TypeId;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::scenario::{FOLLOWED_VERSION, Settings};

/// Tells before production does what an autoscaling configuration will do: replays a workload trace through the real
/// Kubernetes HPA algorithm and a model of startup and queues, on containers and on KubeVirt VMs.
#[derive(Debug, Parser)]
#[command(
    name = "scaleplan",
    version,
    long_version = LONG_VERSION.as_str(),
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 clean, 1 objective missed, 2 wrong usage or unreadable input."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

impl Cli {
    /// Reads the command line of this process.
    pub(super) fn read() -> Result<Self, clap::Error> {
        let mut command = Self::command()
            .mut_subcommand("simulate", |simulate| simulate.mut_args(take_minus_signs));
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// Lets a setting that is no text take `-5s` as its value, so that the answer says what was expected there.
fn take_minus_signs(argument: clap::Arg) -> clap::Arg {
    let is_setting = argument.get_help_heading().is_some();
    let is_text = argument.get_value_parser().type_id() == TypeId::of::<String>();
    argument.allow_hyphen_values(is_setting && !is_text)
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Replay a trace through a HorizontalPodAutoscaler on containers and on VMs
    Simulate(Box<SimulateArgs>),
    /// Write a scenario file with every setting, commented out
    Init(InitArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan simulate                              an embedded autoscaler, a recorded day
  scaleplan simulate hpa.yaml --trace load.csv    the whole product in one line
  scaleplan simulate k8s/ --trace load.csv --png report.png
  helm template ./chart | scaleplan simulate - --trace load.csv -o json

A flag wins over the scenario file (--scenario), that over the manifest, that over the [default].
Times are written as 300ms, 15s, 1h30m; distributions of TIMES as 20s, 5..30s, exp(20s),
lognormal(20s, scv 1.5), gamma(20s, scv 0.5), hyperexp(20s, scv 4), pareto(20s, scv 4)
or samples(18s, 20s).")]
pub(super) struct SimulateArgs {
    /// Manifests: YAML or JSON files, folders, .gz, or - for standard input. The autoscaler, and its workload for
    /// requests, limits and probes [default: an embedded autoscaler]
    #[arg(value_name = "MANIFEST")]
    pub(super) manifests: Vec<PathBuf>,
    /// The workload: a CSV or the JSON answer of Prometheus' query_range, plain or .gz, or - for standard input
    /// [default: an embedded trace]
    #[arg(long, short, value_name = "FILE")]
    pub(super) trace: Option<PathBuf>,
    /// A scenario file with settings (see scaleplan init)
    #[arg(long, short, value_name = "FILE")]
    pub(super) scenario: Option<PathBuf>,
    /// The autoscaler to replay where the manifests hold several, as NAME or NAMESPACE/NAME
    #[arg(long, value_name = "NAME")]
    pub(super) hpa: Option<String>,
    /// Play only this backend: container, vm, or one of the scenario file; may be repeated [default: all]
    #[arg(long, value_name = "NAME")]
    pub(super) backend: Vec<String>,
    /// Also play each balancing strategy, and compare them
    #[arg(long)]
    pub(super) balancing_each: bool,
    /// Also play each optimization alone, and rank them by what they win
    #[arg(long)]
    pub(super) with_each: bool,
    /// The form of the report
    #[arg(long, short, value_enum, default_value_t = Format::Table, value_name = "FORM")]
    pub(super) output: Format,
    /// Also write the report as a picture, in PNG
    #[arg(long, value_name = "FILE")]
    pub(super) png: Option<PathBuf>,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Missed, value_name = "VERDICT")]
    pub(super) fail_on: FailOn,
    /// Colour in the terminal
    #[arg(long, value_enum, default_value_t = ColourChoice::Auto, value_name = "WHEN", alias = "colour")]
    pub(super) color: ColourChoice,
    /// No notes and no progress on standard error; errors still appear
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) settings: Settings,
}

#[derive(Args, Debug)]
pub(super) struct InitArgs {
    /// The file to write, or - for standard output
    #[arg(default_value = "scaleplan.yaml")]
    pub(super) file: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    pub(super) force: bool,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For reading
    Table,
    /// For reading, with every figure and every assumption
    Wide,
    /// For programs; the schema is docs/report-schema.json
    Json,
    /// The same as JSON
    Yaml,
    /// One figure a line
    Csv,
    /// For a pull request
    Markdown,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// The objective was missed, in more than 5 % of the runs, on the backend whose verdict counts
    Missed,
    /// Likewise, or it could not be proven
    Unproven,
    /// Nothing
    Never,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColourChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The version, and what is followed.
static LONG_VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{}\nfollows: {FOLLOWED_VERSION}", env!("CARGO_PKG_VERSION")));
