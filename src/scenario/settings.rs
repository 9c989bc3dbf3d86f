//! `Settings`: what a user can say beside manifests and a trace. One struct is the flags, the keys of the scenario file
//! and the text of both, so that they cannot drift apart.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr;

use clap::{Args, CommandFactory as _, FromArgMatches as _};
use serde::{Deserialize, Deserializer};

use super::{MetricSource, ServiceSamples, Slo, Span, settings_file};
use crate::stats::Distribution;
use crate::trace::{GapFill, TraceUnit};
use crate::units::Quantity;

/// What manifests and traces do not say. Every field is optional: a flag wins over the scenario file, that over the
/// manifest, that over the default.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[group(skip)]
pub struct Settings {
    /// What one number of the trace means: rps, rpm, count, counter, events, cores, millicores, percent or fraction
    /// [default: inferred from the trace, and stated]
    #[arg(long, value_name = "UNIT", help_heading = "Trace")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub unit: Option<TraceUnit>,
    /// The trace's time column, by name or number from 1 [default: inferred]
    #[arg(long, value_name = "COLUMN", help_heading = "Trace")]
    pub time_column: Option<String>,
    /// The trace's load column, by name or number from 1 [default: inferred]
    #[arg(long, value_name = "COLUMN", help_heading = "Trace")]
    pub value_column: Option<String>,
    /// Which series of a Prometheus answer to read, as a metric name or selector [default: their sum]
    #[arg(long, value_name = "SELECTOR", help_heading = "Trace")]
    pub series: Option<String>,
    /// How far apart rows are that carry no time
    #[arg(long, value_name = "TIME", help_heading = "Trace")]
    pub step: Option<Span>,
    /// The step in which the rows of an event log are counted [default: 15s]
    #[arg(long, value_name = "TIME", help_heading = "Trace")]
    pub event_step: Option<Span>,
    /// What a hole in the recording is filled with: hold (the last value) or zero [default: by the unit]
    #[arg(long, value_name = "FILL", help_heading = "Trace")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub gaps: Option<GapFill>,
    /// What percents and fractions of the trace are of, as a cpu quantity [default: the cpu request]
    #[arg(long, value_name = "CPU", help_heading = "Trace")]
    pub percent_of: Option<Amount>,

    /// Cpu time of one request, core-seconds [default: what --peak-replicas needs]
    #[arg(long, value_name = "TIME", help_heading = "Demand")]
    pub cpu_per_request: Option<Span>,
    /// Replicas that the trace's peak needs at the metric target [default: 60 % of maxReplicas]
    #[arg(long, value_name = "N", help_heading = "Demand")]
    pub peak_replicas: Option<f64>,
    /// Multiplies the trace's arrival rate [default: 1, or what --peak-replicas needs where a request would cost more
    /// cpu than its service time holds]
    #[arg(long, value_name = "FACTOR", help_heading = "Demand")]
    pub rate_scale: Option<f64>,

    /// Requested cpu of a replica [default: the manifest's, else 500m]
    #[arg(long, value_name = "CPU", help_heading = "Replica")]
    pub cpu_request: Option<Amount>,
    /// Most cpu that a replica can use [default: the manifest's, else the request, which is all that a busy node
    /// guarantees]
    #[arg(long, value_name = "CPU", help_heading = "Replica")]
    pub cpu_limit: Option<Amount>,
    /// Cpu used without any request [default: 0]
    #[arg(long, value_name = "CPU", help_heading = "Replica")]
    pub cpu_idle: Option<Amount>,
    /// Cpu used while the application starts [default: 0]
    #[arg(long, value_name = "CPU", help_heading = "Replica")]
    pub cpu_starting: Option<Amount>,
    /// Requested memory of a replica [default: the manifest's, else 512Mi]
    #[arg(long, value_name = "BYTES", help_heading = "Replica")]
    pub memory_request: Option<Amount>,
    /// Memory used without any request [default: half the requested memory]
    #[arg(long, value_name = "BYTES", help_heading = "Replica")]
    pub memory_idle: Option<Amount>,
    /// Memory of each request in flight [default: 1Mi]
    #[arg(long, value_name = "BYTES", help_heading = "Replica")]
    pub memory_per_request: Option<Amount>,
    /// Time from deletion until a pod with work left is gone [default: the manifest's, else 30s]
    #[arg(long, value_name = "TIME", help_heading = "Replica")]
    pub grace_period: Option<Span>,

    /// The objective: share of requests and latency, as `99%<300ms` or `p99<300ms` [default: 99%<300ms]
    #[arg(long, value_name = "SLO", help_heading = "Service")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub slo: Option<Slo>,
    /// Mean time that a request occupies a worker when cpu is free [default: 50ms]
    #[arg(long, value_name = "TIME", help_heading = "Service")]
    pub service_time: Option<Span>,
    /// Squared coefficient of variation of the service time: 0 fixed, 1 exponential [default: 1]
    #[arg(long, value_name = "SCV", help_heading = "Service")]
    pub service_scv: Option<f64>,
    /// A file of measured service times, one a line, in place of --service-time and --service-scv; a relative path in
    /// a scenario file is relative to that file
    #[arg(long, value_name = "FILE", help_heading = "Service")]
    pub service_samples: Option<ServiceSamples>,
    /// Requests that a replica serves at the same time [default: as many as its cpu can feed]
    #[arg(long, value_name = "N", help_heading = "Service")]
    pub concurrency: Option<u32>,
    /// How long a client waits for an answer; at least the latency of the objective [default: 30s]
    #[arg(long, value_name = "TIME", help_heading = "Service")]
    pub timeout: Option<Span>,

    /// Image pull of a container [default: 0..5s]
    #[arg(long, value_name = "TIMES", help_heading = "Startup")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub container_prepare: Option<Distribution>,
    /// Start of a container [default: 1..2s]
    #[arg(long, value_name = "TIMES", help_heading = "Startup")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub container_start: Option<Distribution>,
    /// Start of the application in a container [default: 5..30s]
    #[arg(long, value_name = "TIMES", help_heading = "Startup")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub container_ready: Option<Distribution>,
    /// Network path to a container [default: 100us]
    #[arg(long, value_name = "TIME", help_heading = "Startup")]
    pub container_path_latency: Option<Span>,
    /// Disk of a VM [default: 30..180s]
    #[arg(long, value_name = "TIMES", help_heading = "Startup")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub vm_prepare: Option<Distribution>,
    /// QEMU and firmware of a VM [default: 20..45s]
    #[arg(long, value_name = "TIMES", help_heading = "Startup")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub vm_start: Option<Distribution>,
    /// Start of the application in a VM [default: 5..30s]
    #[arg(long, value_name = "TIMES", help_heading = "Startup")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub vm_ready: Option<Distribution>,
    /// Network path to a VM [default: 750us]
    #[arg(long, value_name = "TIME", help_heading = "Startup")]
    pub vm_path_latency: Option<Span>,
    /// Time between two readiness probes [default: the manifest's, else 10s]
    #[arg(long, value_name = "TIME", help_heading = "Startup")]
    pub probe_period: Option<Span>,
    /// Time from a container's start to its first readiness probe [default: the manifest's, else 0s]
    #[arg(long, value_name = "TIME", help_heading = "Startup")]
    pub probe_initial_delay: Option<Span>,
    /// Probes in a row that must succeed [default: the manifest's, else 1]
    #[arg(long, value_name = "N", help_heading = "Startup")]
    pub probe_successes: Option<u32>,

    /// What a Pods, Object or External metric reads: NAME=rate, in-flight, backlog or column:NAME; may be repeated
    #[arg(long = "metric", value_name = "NAME=SOURCE", help_heading = "Metrics")]
    pub metric: Vec<MetricMapping>,
    /// Time between two looks at the usage counters (cAdvisor housekeeping) [default: 10s]
    #[arg(long, value_name = "TIME", help_heading = "Metrics")]
    pub usage_interval: Option<Span>,
    /// Time between two scrapes of metrics-server (--metric-resolution) [default: 15s]
    #[arg(long, value_name = "TIME", help_heading = "Metrics")]
    pub metrics_interval: Option<Span>,
    /// Scrape interval and rate window of custom and external metrics [default: 30s]
    #[arg(long, value_name = "TIME", help_heading = "Metrics")]
    pub custom_metrics_interval: Option<Span>,

    /// --horizontal-pod-autoscaler-sync-period [default: 15s]
    #[arg(long, value_name = "TIME", help_heading = "Controller")]
    pub sync_period: Option<Span>,
    /// --horizontal-pod-autoscaler-tolerance [default: 0.1]
    #[arg(long, value_name = "RATIO", help_heading = "Controller")]
    pub tolerance: Option<f64>,
    /// --horizontal-pod-autoscaler-downscale-stabilization [default: 5m]
    #[arg(long, value_name = "TIME", help_heading = "Controller")]
    pub downscale_stabilization: Option<Span>,
    /// --horizontal-pod-autoscaler-cpu-initialization-period [default: 5m]
    #[arg(long, value_name = "TIME", help_heading = "Controller")]
    pub cpu_initialization_period: Option<Span>,
    /// --horizontal-pod-autoscaler-initial-readiness-delay [default: 30s]
    #[arg(long, value_name = "TIME", help_heading = "Controller")]
    pub initial_readiness_delay: Option<Span>,

    /// Replicas when the trace begins [default: what its first rate needs at the target]
    #[arg(long, value_name = "N", help_heading = "Run")]
    pub initial_replicas: Option<u32>,
    /// How often the trace is replayed, with other phases and draws [default: 20]
    #[arg(long, value_name = "N", help_heading = "Run")]
    pub runs: Option<u32>,
    /// Seed of every random stream [default: 1]
    #[arg(long, value_name = "N", help_heading = "Run")]
    pub seed: Option<u64>,
    /// Price of one requested core for an hour, in any currency [default: 0.04]
    #[arg(long, value_name = "PRICE", help_heading = "Run")]
    pub price_per_core_hour: Option<f64>,

    /// Further backends, by name.
    #[arg(skip)]
    pub backends: BTreeMap<String, BackendSettings>,
}

/// A backend of the user's own: what differs from the built-in one that it resembles.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BackendSettings {
    /// The built-in backend that it resembles: `container` or `vm`.
    pub like: Resemblance,
    /// Image pull, or disk.
    #[serde(default, deserialize_with = "settings_file::optional")]
    pub prepare: Option<Distribution>,
    /// Container start, or QEMU and firmware.
    #[serde(default, deserialize_with = "settings_file::optional")]
    pub start: Option<Distribution>,
    /// Application start.
    #[serde(default, deserialize_with = "settings_file::optional")]
    pub ready: Option<Distribution>,
    /// Network path.
    #[serde(default)]
    pub path_latency: Option<Span>,
}

/// The built-in backends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resemblance {
    /// Like the built-in container.
    Container,
    /// Like the built-in virtual machine.
    Vm,
}

/// A Kubernetes quantity that is not negative, as the user wrote it: `250m`, `1.5`, `512Mi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub Quantity);

impl Amount {
    /// In whole units: cores, bytes.
    #[must_use]
    pub fn units(self) -> f64 {
        self.0.milli_value() as f64 / 1e3
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let quantity = Quantity::parse(text).map_err(|error| error.to_string())?;
        if quantity.milli_value() < 0 {
            return Err(format!(
                "`{}` is negative, expected zero or more",
                text.escape_debug()
            ));
        }
        Ok(Self(quantity))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        settings_file::parsed(deserializer)
    }
}

/// What a metric of the autoscaler reads, `NAME=SOURCE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricMapping {
    /// The metric's name.
    pub name: String,
    /// What it reads.
    pub source: MetricSource,
}

impl FromStr for MetricMapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, source) = text
            .rsplit_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| {
                format!(
                    "`{}` maps no metric, expected NAME=SOURCE such as `http_requests=rate`",
                    text.escape_debug()
                )
            })?;
        Ok(Self {
            name: name.to_owned(),
            source: source.parse()?,
        })
    }
}

impl<'de> Deserialize<'de> for MetricMapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        settings_file::parsed(deserializer)
    }
}

/// A command that has nothing but the settings, to ask it for their texts and to read a file's keys.
#[derive(clap::Parser)]
#[command(no_binary_name = true)]
struct Bare {
    #[command(flatten)]
    settings: Settings,
}

/// A scenario file with every key, its text and its default, all of it commented out.
#[must_use]
pub fn example_file() -> String {
    let mut file = String::from(
        "# A scaleplan scenario: what manifests and traces do not say. Every key is also a flag; a flag wins.\n\
         # Take out the # before a key to set it.\n",
    );
    let mut heading = String::new();
    for argument in Bare::command().get_arguments() {
        let Some(key) = argument.get_long().filter(|key| *key != "help") else {
            continue;
        };
        let section = argument.get_help_heading().unwrap_or_default();
        if section != heading {
            section.clone_into(&mut heading);
            let _ = write!(file, "\n# {section}\n");
        }
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let (text, default) = match help.rsplit_once(" [default: ") {
            Some((text, default)) => (text, Some(default.trim_end_matches(']'))),
            None => (help.as_str(), None),
        };
        let _ = match default {
            Some(default) => writeln!(file, "# {text}. Default: {default}."),
            None => writeln!(file, "# {text}."),
        };
        let _ = match example_value(key, default) {
            Some(value) if key == "metric" => writeln!(file, "#{key}: [{value}]"),
            Some(value) => writeln!(file, "#{key}: {value}"),
            None => writeln!(file, "#{key}:"),
        };
    }
    file.push_str(
        "\n# Further backends: like one of the built-in ones, but for what is given.\n\
         #backends:\n#  vm-on-fast-disks:\n#    like: vm\n#    prepare: 2..8s\n#    start: 20..45s\n#    ready: 5..30s\n#    path-latency: 750us\n",
    );
    file
}

/// The value to show for a key: its default where that is a value, else an example.
fn example_value(key: &str, default: Option<&str>) -> Option<String> {
    let example = match key {
        "unit" => "rps",
        "time-column" => "timestamp",
        "value-column" => "requests",
        "series" => "http_requests_total",
        "step" => "60s",
        "gaps" => "hold",
        "percent-of" | "cpu-limit" | "rate-scale" | "probe-successes" => "1",
        "cpu-per-request" => "5ms",
        "peak-replicas" => "6",
        "cpu-request" => "500m",
        "memory-request" => "512Mi",
        "memory-idle" => "256Mi",
        "service-samples" => "service-times.txt",
        "concurrency" => "8",
        "initial-replicas" => "2",
        "metric" => "http_requests_per_second=rate",
        "grace-period" => "30s",
        "probe-period" => "10s",
        "probe-initial-delay" => "0s",
        _ => {
            return default
                .filter(|default| !default.contains(' '))
                .map(str::to_owned);
        }
    };
    Some(example.to_owned())
}

impl Settings {
    /// Settings from flags alone, as a library's user may write them: `["--runs", "3"]`.
    ///
    /// # Errors
    /// When a flag is unknown or its value does not fit; the message is clap's.
    pub fn from_flags<'a>(flags: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let matches = Bare::command()
            .try_get_matches_from(flags)
            .map_err(|error| error.to_string())?;
        let bare = Bare::from_arg_matches(&matches).map_err(|error| error.to_string())?;
        Ok(bare.settings)
    }

    /// Settings from a scenario file's text.
    ///
    /// # Errors
    /// When the text is no YAML, a key is unknown or a value does not fit; names line and column.
    pub fn from_file(text: &str) -> Result<Self, String> {
        settings_file::read::<Bare>(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_sets_nothing_and_every_line_of_it_could() {
        let example = example_file();
        assert_eq!(Settings::from_file(&example), Ok(Settings::default()));
        let uncommented: Vec<&str> = example
            .lines()
            .filter_map(|line| {
                line.strip_prefix('#')
                    .filter(|rest| !rest.starts_with(' ') || rest.starts_with("  "))
            })
            .collect();
        let settings =
            Settings::from_file(&uncommented.join("\n")).expect("every example fits its key");
        assert_eq!(settings.runs, Some(20));
        assert_eq!(settings.backends.len(), 1);
        assert!(
            settings.unit.is_some() && settings.cpu_limit.is_some() && settings.tolerance.is_some()
        );
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_place() {
        let error = Settings::from_file("runs: 3\nrunz: 4\n").expect_err("no such key");
        assert!(
            error.contains("runz") && error.contains("line 2"),
            "{error}"
        );
    }

    #[test]
    fn flags_and_file_say_the_same() {
        let flags = Settings::from_flags([
            "--slo",
            "p99<250ms",
            "--vm-prepare",
            "2..8s",
            "--metric",
            "q=backlog",
        ]);
        let file = Settings::from_file("slo: 99%<250ms\nvm-prepare: 2..8s\nmetric: [q=backlog]\n");
        assert_eq!(flags, file);
    }
}
