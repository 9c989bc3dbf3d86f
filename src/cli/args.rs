//! What was typed.

use std::any::TypeId;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use super::backtest_args::BacktestArgs;
use super::calibrate_args::CalibrateArgs;
use super::chart_args::ChartArgs;
use super::diff_args::DiffArgs;
use super::explain_run_args::{DecisionArgs, HoldArgs};
use super::lint_args::{LintArgs, RuleArgs};
use super::picture_args::PictureArgs;
use super::recommend_args::RecommendArgs;
use super::report_args::ReportArgs;
use super::source::{ClusterArgs, PrometheusArgs};
use super::trace::TraceArgs;
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
    after_help = "Exit codes: 0 clean, 1 objective missed or findings, 2 wrong usage or unreadable input."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

impl Cli {
    /// Reads the command line of this process.
    pub(super) fn read() -> Result<Self, clap::Error> {
        let mut command = Self::whole();
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }

    /// Every command with its flags.
    pub(super) fn whole() -> clap::Command {
        Self::command()
            .mut_subcommand("simulate", |simulate| simulate.mut_args(take_minus_signs))
            .mut_subcommand("diff", |diff| diff.mut_args(take_minus_signs))
            .mut_subcommand("recommend", |recommend| {
                recommend.mut_args(take_minus_signs)
            })
            .mut_subcommand("trace", |trace| {
                trace.mut_subcommands(|verb| verb.mut_args(take_negative_values))
            })
            .mut_subcommand("backtest", |backtest| backtest.mut_args(take_minus_signs))
            .mut_subcommand("calibrate", |calibrate| {
                calibrate
                    .mut_args(hide_of_replay)
                    .mut_args(take_minus_signs)
            })
            .mut_subcommand("explain", |explain| {
                explain.mut_subcommand("loop", |one| {
                    one.mut_args(take_minus_signs)
                        .mut_arg("trace", |trace| trace.help(LOOP_TRACE))
                })
            })
    }
}

/// What a trace is to `explain loop`, which needs none.
const LOOP_TRACE: &str = "The workload: adds its steepest rise, the target and minReplicas that this needs, and its peak \
                          [default: none]";

/// Leaves out of `calibrate --help` what only its replay of a recorded run takes: it is in `simulate --help`.
fn hide_of_replay(argument: clap::Arg) -> clap::Arg {
    let is_shown = match argument.get_help_heading() {
        Some(heading) => ["Measurements", "Trace"].contains(&heading),
        None => argument.get_id() != "color" && argument.get_id() != "backend",
    };
    argument.hide(!is_shown)
}

/// Lets a setting that is no text take `-5s` as its value, so that the answer says what was expected there.
fn take_minus_signs(argument: clap::Arg) -> clap::Arg {
    let is_setting = argument.get_help_heading().is_some();
    let is_text = argument.get_value_parser().type_id() == TypeId::of::<String>();
    argument.allow_hyphen_values(is_setting && !is_text)
}

/// The same where values that are no text belong to flags without a heading as well; files and columns do not.
fn take_negative_values(argument: clap::Arg) -> clap::Arg {
    let kind = argument.get_value_parser().type_id();
    let is_text = kind == TypeId::of::<String>() || kind == TypeId::of::<PathBuf>();
    if is_text || argument.is_positional() || !argument.get_action().takes_values() {
        return argument;
    }
    argument.allow_hyphen_values(true)
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Replay a trace through a HorizontalPodAutoscaler on containers and on VMs
    Simulate(Box<SimulateArgs>),
    /// Show a run that simulate saved as JSON: as a table, in Markdown, as pictures or a page
    Report(Box<ReportArgs>),
    /// Search the settings that meet the objective at the least cost, and patch the manifest
    Recommend(Box<RecommendArgs>),
    /// Hold a replay against the replicas of a recorded run
    Backtest(Box<BacktestArgs>),
    /// Turn measurements of a running system into a scenario file
    Calibrate(Box<CalibrateArgs>),
    /// Compare two versions of manifests: what changed, and what that does to the same load
    Diff(Box<DiffArgs>),
    /// Find autoscaling faults in manifests, without a cluster
    Lint(Box<LintArgs>),
    /// Explain a rule of lint, or a control loop, without playing anything
    Explain(ExplainArgs),
    /// Look at a workload, convert it, change it, make one up
    Trace(Box<TraceArgs>),
    /// Write a scenario file with every setting, commented out
    Init(InitArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print the manual, or write its pages into a folder
    Man(ManArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan simulate                              an embedded autoscaler, a recorded day
  scaleplan simulate hpa.yaml --trace load.csv    the whole product in one line
  scaleplan simulate k8s/ --trace load.csv --html report.html --png report.png
  helm template ./chart | scaleplan simulate - --trace load.csv -o json

A flag wins over the scenario file (--scenario), that over the manifest, that over the [default].
Times are written as 300ms, 15s, 1h30m; distributions of TIMES as 20s, 5..30s, exp(20s),
lognormal(20s, scv 1.5), gamma(20s, scv 0.5), hyperexp(20s, scv 4), pareto(20s, scv 4)
or samples(18s, 20s).")]
pub(super) struct SimulateArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Also play each balancing strategy, and compare them
    #[arg(long)]
    pub(super) balancing_each: bool,
    /// Also play each optimization alone, and rank them by what they win
    #[arg(long)]
    pub(super) with_each: bool,
    /// The form of the report
    #[arg(long, short, value_enum, default_value_t = Format::Table, value_name = "FORM")]
    pub(super) output: Format,
    #[command(flatten)]
    pub(super) chart: ChartArgs,
    #[command(flatten)]
    pub(super) pictures: PictureArgs,
    /// Keep every sync in JSON and YAML of traces of any length, for `scaleplan explain`; without this, of traces of up to
    /// 20,000 syncs, 83 hours at the usual period
    #[arg(long)]
    pub(super) every_sync: bool,
    /// What makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Missed, value_name = "VERDICT")]
    pub(super) fail_on: FailOn,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct ExplainArgs {
    #[command(subcommand)]
    pub(super) command: Option<ExplainCommand>,
    #[command(flatten)]
    pub(super) rule: RuleArgs,
}

/// What can be explained besides rules.
#[derive(Debug, Subcommand)]
pub(super) enum ExplainCommand {
    /// The control loop in closed form: how late it is, what load it can follow, what must stand by, whether it swings
    Loop(Box<LoopArgs>),
    /// One sync of a saved run, as `kubectl describe hpa` would show it, with its arithmetic
    Decision(DecisionArgs),
    /// What kept a saved run from removing replicas, over a span
    WhyNotDown(HoldArgs),
    /// What kept a saved run from adding replicas, over a span
    WhyNotUp(HoldArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan explain loop                              an embedded autoscaler
  scaleplan explain loop hpa.yaml                     your autoscaler, without any trace
  scaleplan explain loop hpa.yaml --trace load.csv    and what that load needs

Each line is a quantity, its result on each backend, and below it formula, numbers put in, and source.")]
pub(super) struct LoopArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// The form of the answer
    #[arg(long, short, value_enum, default_value_t = LoopFormat::Table, value_name = "FORM")]
    pub(super) output: LoopFormat,
}

/// The forms of an explained loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LoopFormat {
    /// For reading
    Table,
    /// For programs; the schema is docs/loop-schema.json
    Json,
    /// The same as JSON
    Yaml,
    /// For a pull request
    Markdown,
}

/// What is looked at, and what is assumed of it.
#[derive(Args, Debug)]
pub(super) struct InputArgs {
    /// Manifests: YAML or JSON files, folders, .gz, or - for standard input. The autoscaler, and its workload for
    /// requests, limits and probes [default: an embedded autoscaler]
    #[arg(value_name = "MANIFEST")]
    pub(super) manifests: Vec<PathBuf>,
    /// The workload: CSV, Prometheus, logs and more (--format), plain, .gz or .zst, or - for standard input
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
    /// Colour in the terminal
    #[arg(long, value_enum, default_value_t = ColourChoice::Auto, value_name = "WHEN", alias = "colour")]
    pub(super) color: ColourChoice,
    /// No notes and no progress on standard error; errors still appear
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) prometheus: PrometheusArgs,
    #[command(flatten)]
    pub(super) cluster: ClusterArgs,
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

#[derive(Args, Debug)]
#[command(after_help = "Example:
  scaleplan completions bash > ~/.local/share/bash-completion/completions/scaleplan")]
pub(super) struct CompletionsArgs {
    /// The shell that is to complete
    #[arg(value_enum)]
    pub(super) shell: ShellName,
}

/// A shell that completes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ShellName {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan man | man -l -
  scaleplan man --dir ~/.local/share/man/man1")]
pub(super) struct ManArgs {
    /// Write the pages of all commands into this folder, which is made if it is not there [default: print the main page]
    #[arg(long, value_name = "FOLDER")]
    pub(super) dir: Option<PathBuf>,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For reading
    Table,
    /// For reading, with every figure and every assumption
    Wide,
    /// For programs; the schema is docs/report-schema.json, or for advice docs/advice-schema.json
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
