//! What was typed after `scaleplan lint` and `scaleplan explain`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::args::ColourChoice;
use crate::lint::{Choice, KubernetesVersion, Severity};
use crate::scenario::{MetricMapping, Settings, Slo, Span};
use crate::trace::TraceUnit;
use crate::units::Quantity;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  scaleplan lint                                  every manifest below the working folder
  scaleplan lint k8s/ --fail-on error             warnings are told, errors fail
  helm template ./chart | scaleplan lint -
  scaleplan lint k8s/ -o github -o sarif=scaleplan.sarif
  scaleplan lint k8s/ --write-baseline scaleplan-baseline.json
  scaleplan lint k8s/ --trace load.csv --slo 'p99<300ms'   and what a replay of that load shows
  scaleplan explain SP204                         what a rule is about

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or unreadable input.
Settings of lint may stand in .scaleplan.yaml, see docs/ci.md; a flag wins over it. (scaleplan.yaml, without the dot, is a
scenario that `scaleplan init` writes.)")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(super) struct LintArgs {
    /// Manifests: YAML or JSON files, folders, .gz, or - for standard input [default: the working folder]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Only these rules: codes (SP204), their beginnings (SP2), names (static-replicas) or all
    #[arg(
        long,
        value_name = "RULES",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub(super) select: Vec<Choice>,
    /// Not these rules; of two that fit, the longer code wins
    #[arg(
        long,
        value_name = "RULES",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub(super) ignore: Vec<Choice>,
    /// Another severity for a rule: error, warning or info
    #[arg(
        long,
        value_name = "RULE=LEVEL",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub(super) severity: Vec<SeverityChoice>,
    /// The least severity that makes the exit code 1 [default: warning]
    #[arg(long, value_enum, value_name = "LEVEL", help_heading = "Rules")]
    pub(super) fail_on: Option<FailOnSeverity>,
    /// Files and folders to leave out, also where they are named: a name, or a path with *, ** and ?
    #[arg(long, value_name = "PATTERN", help_heading = "Rules")]
    pub(super) exclude: Vec<String>,
    /// Findings that this file knows are not told; --write-baseline makes it, wherever lint is started it holds
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub(super) baseline: Option<PathBuf>,
    /// Writes every finding to a baseline, and ends with 0
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Rules",
        conflicts_with = "baseline"
    )]
    pub(super) write_baseline: Option<PathBuf>,
    /// Settings from this file [default: .scaleplan.yaml here or in a folder above]
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Rules",
        conflicts_with = "no_config"
    )]
    pub(super) config: Option<PathBuf>,
    /// No settings from a file
    #[arg(long, help_heading = "Rules")]
    pub(super) no_config: bool,
    /// The version of the cluster, such as 1.33 [default: the newest that is known]
    #[arg(long, value_name = "VERSION", help_heading = "Cluster")]
    pub(super) kubernetes_version: Option<KubernetesVersion>,
    /// What the cluster has for workloads, such as cpu=64,memory=256Gi
    #[arg(
        long,
        value_name = "RESOURCE=AMOUNT",
        value_delimiter = ',',
        help_heading = "Cluster"
    )]
    pub(super) capacity: Vec<Capacity>,
    /// How many nodes it has
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..), help_heading = "Cluster")]
    pub(super) nodes: Option<i32>,
    /// KubeVirt's cpuAllocationRatio: virtual cpus for each requested core [default: 10]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..), help_heading = "Cluster")]
    pub(super) cpu_allocation_ratio: Option<i64>,
    /// The load to replay, as of simulate: makes the rules SP9 run
    #[arg(long, short, value_name = "FILE", help_heading = "Replay")]
    pub(super) trace: Option<PathBuf>,
    /// What is assumed of the workload, as of simulate (see scaleplan init); without --trace an embedded day is replayed
    #[arg(long, short, value_name = "FILE", help_heading = "Replay")]
    pub(super) scenario: Option<PathBuf>,
    /// The autoscaler or ScaledObject to replay where there are several, as NAME or NAMESPACE/NAME; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Replay")]
    pub(super) hpa: Vec<String>,
    #[command(flatten)]
    pub(super) replayed: ReplayArgs,
    /// The form of the report, to standard output or to a file; may be repeated [default: text]
    #[arg(long, short, value_name = "FORM[=FILE]", help_heading = "Output")]
    pub(super) output: Vec<LintOutput>,
    /// How many findings each rule has of each severity, in place of the findings
    #[arg(long, help_heading = "Output")]
    pub(super) statistics: bool,
    /// No summary and no notes; findings and errors still appear
    #[arg(long, short, help_heading = "Output")]
    pub(super) quiet: bool,
    /// Colour in the terminal
    #[arg(long, value_enum, default_value_t = ColourChoice::Auto, value_name = "WHEN", alias = "colour", help_heading = "Output")]
    pub(super) color: ColourChoice,
    /// Mends what can surely be mended, in the files, and tells what is left
    #[arg(long, conflicts_with = "write_baseline")]
    pub(super) fix: bool,
    /// Lists every rule and ends
    #[arg(long)]
    pub(super) list_rules: bool,
}

/// What a replay is most often told beside its load; all else stands in the scenario file.
#[derive(Args, Debug)]
pub(super) struct ReplayArgs {
    /// The objective, as of simulate [default: the scenario file's, else 99%<300ms]
    #[arg(long, value_name = "SLO", help_heading = "Replay")]
    pub(super) slo: Option<Slo>,
    /// What one number of the trace means, as of simulate
    #[arg(long, value_name = "UNIT", help_heading = "Replay")]
    unit: Option<TraceUnit>,
    /// The trace's time column, by name or number from 1
    #[arg(long, value_name = "COLUMN", help_heading = "Replay")]
    time_column: Option<String>,
    /// The trace's load column, by name or number from 1
    #[arg(long, value_name = "COLUMN", help_heading = "Replay")]
    value_column: Option<String>,
    /// Which series of a Prometheus answer to read, as a metric name or selector
    #[arg(long, value_name = "SELECTOR", help_heading = "Replay")]
    series: Option<String>,
    /// How far apart rows are that carry no time
    #[arg(long, value_name = "TIME", help_heading = "Replay")]
    step: Option<Span>,
    /// The step in which the rows of an event log are counted
    #[arg(long, value_name = "TIME", help_heading = "Replay")]
    event_step: Option<Span>,
    /// What a metric of the autoscaler reads, as of simulate, such as http_requests=rate; may be repeated
    #[arg(long, value_name = "NAME=SOURCE", help_heading = "Replay")]
    metric: Vec<MetricMapping>,
    /// Cpu time of one request
    #[arg(long, value_name = "TIME", help_heading = "Replay")]
    cpu_per_request: Option<Span>,
    /// Replicas that the trace's peak needs at the metric target
    #[arg(long, value_name = "N", help_heading = "Replay")]
    peak_replicas: Option<f64>,
    /// Multiplies the trace's arrival rate
    #[arg(long, value_name = "FACTOR", help_heading = "Replay")]
    rate_scale: Option<f64>,
}

impl ReplayArgs {
    /// As settings of a scenario.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            slo: self.slo,
            unit: self.unit,
            time_column: self.time_column.clone(),
            value_column: self.value_column.clone(),
            series: self.series.clone(),
            step: self.step,
            event_step: self.event_step,
            metric: self.metric.clone(),
            cpu_per_request: self.cpu_per_request,
            peak_replicas: self.peak_replicas,
            rate_scale: self.rate_scale,
            ..Settings::default()
        }
    }

    /// The first of these flags that was given.
    pub(super) fn first_given(&self) -> Option<&'static str> {
        let given = [
            ("--slo", self.slo.is_some()),
            ("--unit", self.unit.is_some()),
            ("--time-column", self.time_column.is_some()),
            ("--value-column", self.value_column.is_some()),
            ("--series", self.series.is_some()),
            ("--step", self.step.is_some()),
            ("--event-step", self.event_step.is_some()),
            ("--metric", !self.metric.is_empty()),
            ("--cpu-per-request", self.cpu_per_request.is_some()),
            ("--peak-replicas", self.peak_replicas.is_some()),
            ("--rate-scale", self.rate_scale.is_some()),
        ];
        let first = given.iter().find(|(_, is_given)| *is_given);
        first.map(|(flag, _)| *flag)
    }
}

#[derive(Args, Debug)]
pub(super) struct RuleArgs {
    /// A rule of lint, by code (SP204) or name (static-replicas), or the beginning of codes (SP2), which lists them
    #[arg(value_name = "RULE", required = true)]
    pub(super) topic: Option<String>,
    /// Colour in the terminal
    #[arg(long, value_enum, default_value_t = ColourChoice::Auto, value_name = "WHEN", alias = "colour")]
    pub(super) color: ColourChoice,
}

/// The least severity that makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOnSeverity {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Any finding
    Info,
    /// Nothing
    Never,
}

/// A form and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LintOutput {
    pub(super) form: LintForm,
    /// `None` is standard output.
    pub(super) file: Option<PathBuf>,
}

/// The forms of a lint report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LintForm {
    Text,
    Json,
    Sarif,
    Junit,
    Github,
    Gitlab,
}

/// `RULE=LEVEL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeverityChoice(pub(super) Choice, pub(super) Severity);

/// `cpu=64` or `memory=256Gi`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Capacity {
    Cpu(Quantity),
    Memory(Quantity),
}

impl FailOnSeverity {
    /// Whether a finding of this severity makes the exit code 1.
    pub(super) fn includes(self, severity: Severity) -> bool {
        let least = match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
            Self::Never => return false,
        };
        severity >= least
    }
}

impl FromStr for FailOnSeverity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        <Self as ValueEnum>::from_str(text, false).map_err(|_| {
            format!("`{text}` is no level, expected `error`, `warning`, `info` or `never`")
        })
    }
}

impl FromStr for LintOutput {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (form, file) = match text.split_once('=') {
            Some((form, file)) => (form, Some(file)),
            None => (text, None),
        };
        let form = match form {
            "text" => LintForm::Text,
            "json" => LintForm::Json,
            "sarif" => LintForm::Sarif,
            "junit" => LintForm::Junit,
            "github" => LintForm::Github,
            "gitlab" => LintForm::Gitlab,
            _ => {
                return Err(format!(
                    "`{form}` is no form, expected `text`, `json`, `sarif`, `junit`, `github` or `gitlab`"
                ));
            }
        };
        if file == Some("") {
            return Err(format!(
                "no file after `{text}`, expected one such as `sarif=report.sarif`"
            ));
        }
        Ok(Self {
            form,
            file: file.filter(|file| *file != "-").map(PathBuf::from),
        })
    }
}

impl FromStr for SeverityChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rule, level) = text.split_once('=').ok_or_else(|| {
            format!("`{text}` sets no severity, expected one such as `SP204=error`")
        })?;
        let choice = rule.parse::<Choice>().map_err(|error| error.to_string())?;
        Ok(Self(choice, read_severity(level)?))
    }
}

impl FromStr for Capacity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            format!(
                "`{text}` is no capacity, expected `cpu` or `memory` with an amount, such as `cpu=64`"
            )
        };
        let (resource, amount) = text.split_once('=').ok_or_else(refuse)?;
        let amount = read_amount(amount)?;
        match resource {
            "cpu" => Ok(Self::Cpu(amount)),
            "memory" => Ok(Self::Memory(amount)),
            _ => Err(refuse()),
        }
    }
}

/// Reads `error`, `warning` or `info`.
pub(super) fn read_severity(text: &str) -> Result<Severity, String> {
    let found = Severity::ALL
        .into_iter()
        .find(|it| it.name() == text.trim());
    found.ok_or_else(|| format!("`{text}` is no severity, expected `error`, `warning` or `info`"))
}

/// Reads an amount of a resource that is more than nothing.
pub(super) fn read_amount(text: &str) -> Result<Quantity, String> {
    Quantity::parse(text.trim())
        .ok()
        .filter(|amount| amount.milli_value() > 0)
        .ok_or_else(|| format!("`{text}` is no amount, expected one such as `64` or `256Gi`"))
}
