//! `Settings`: what a user can say beside manifests and a trace. One struct is the flags, the keys of the scenario file
//! and the text of both, so that they cannot drift apart.

use std::collections::BTreeMap;

use clap::{Args, CommandFactory as _, FromArgMatches as _};
use serde::Deserialize;

use super::{
    Amount, BackendSettings, Disturbance, Fidelity, MetricMapping, Optimization, RetryBudget,
    ServiceSamples, SessionAffinity, Slo, Span, settings_file,
};
use crate::stats::Distribution;
use crate::trace::{GapFill, TraceFormat, TraceUnit};
use crate::traffic::{Discipline, Strategy};

/// What manifests and traces do not say. Every field is optional: a flag wins over the scenario file, that over the
/// manifest, that over the default.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[group(skip)]
pub struct Settings {
    /// The trace's format: csv, grafana, prometheus, promtool, tsdb-dump, openmetrics, cloudwatch, datadog, otlp,
    /// access-log, json-log, k6, locust, vegeta, hey or parquet [default: told by its content]
    #[arg(long, value_name = "FORMAT", help_heading = "Trace")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub format: Option<TraceFormat>,
    /// What one number of the trace means: rps, rpm, count, counter, events, cores, millicores, percent or fraction
    /// [default: inferred from the trace, and stated]
    #[arg(long, value_name = "UNIT", help_heading = "Trace")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub unit: Option<TraceUnit>,
    /// The trace's time column, by name or number from 1, or the key in log lines of JSON [default: inferred]
    #[arg(long, value_name = "COLUMN", help_heading = "Trace")]
    pub time_column: Option<String>,
    /// The trace's load column, by name or number from 1 [default: inferred]
    #[arg(long, value_name = "COLUMN", help_heading = "Trace")]
    pub value_column: Option<String>,
    /// Which series of several to read, as a metric name or selector [default: their sum]
    #[arg(long, value_name = "SELECTOR", help_heading = "Trace")]
    pub series: Option<String>,
    /// How far apart rows are that carry no time; the step of a --query [default: 15s]
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

    /// The objective: share of requests and latency, as `99%<300ms` or `p99<300ms`; with `@99.9%` after it, in 99.9 % of the minutes [default: 99%<300ms]
    #[arg(long, value_name = "SLO", help_heading = "Service")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub slo: Option<Slo>,
    /// Mean time that a request occupies a worker when cpu is free [default: 50ms]
    #[arg(long, value_name = "TIME", help_heading = "Service")]
    pub service_time: Option<Span>,
    /// Squared coefficient of variation of the service time: 0 fixed, 1 exponential [default: 1]
    #[arg(long, value_name = "SCV", help_heading = "Service")]
    pub service_scv: Option<f64>,
    /// Times that a request occupies a worker when cpu is free, in place of --service-time and --service-scv
    /// [default: gamma of those two]
    #[arg(long, value_name = "TIMES", help_heading = "Service")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub service: Option<Distribution>,
    /// A file of measured service times, one a line, in place of --service, --service-time and --service-scv; a relative path in
    /// a scenario file is relative to that file
    #[arg(long, value_name = "FILE", help_heading = "Service")]
    pub service_samples: Option<ServiceSamples>,
    /// Requests that a replica serves at the same time [default: as many as its cpu can feed]
    #[arg(long, value_name = "N", help_heading = "Service")]
    pub concurrency: Option<u32>,
    /// In which order a replica serves: fifo, or processor-sharing (all at once, sharing the workers)
    /// [default: fifo]
    #[arg(long, value_name = "ORDER", help_heading = "Service")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub discipline: Option<Discipline>,
    /// Requests that may wait for a worker at one replica; more are refused [default: as many as come]
    #[arg(long, value_name = "N", help_heading = "Service")]
    pub queue_bound: Option<u32>,
    /// How long a client waits for an answer; at least the latency of the objective [default: 30s]
    #[arg(long, value_name = "TIME", help_heading = "Service")]
    pub timeout: Option<Span>,
    /// Further attempts of a client whose request was refused, failed or timed out [default: 0]
    #[arg(long, value_name = "N", help_heading = "Service")]
    pub retries: Option<u32>,
    /// Longest wait before the second attempt; it doubles with each further one [default: 100ms]
    #[arg(long, value_name = "TIME", help_heading = "Service")]
    pub retry_backoff: Option<Span>,
    /// Retries that all clients together may make, as a share of requests, or none for no such limit [default: 0.2]
    #[arg(long, value_name = "SHARE", help_heading = "Service")]
    pub retry_budget: Option<RetryBudget>,

    /// How a replica is chosen: random (kube-proxy), round-robin, least-connections, power-of-two or ip-hash
    /// [default: random]
    #[arg(long, value_name = "STRATEGY", help_heading = "Balancing")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub balancing: Option<Strategy>,
    /// Independent dispatchers, each with its own turn and counts, as IPVS on every node [default: 1]
    #[arg(long, value_name = "N", help_heading = "Balancing")]
    pub dispatchers: Option<u32>,
    /// How long a client's choice holds after its last request, or none [default: the Service's, else none]
    #[arg(long, value_name = "TIME", help_heading = "Balancing")]
    pub session_affinity: Option<SessionAffinity>,
    /// How long the TCP connections live that are balanced when opened [default: each request is balanced]
    #[arg(long, value_name = "TIMES", help_heading = "Balancing")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub connection_lifetime: Option<Distribution>,
    /// Clients that send the requests [default: 1000]
    #[arg(long, value_name = "N", help_heading = "Balancing")]
    pub clients: Option<u32>,
    /// Zipf exponent of the clients' shares, 0 for equal ones [default: 0]
    #[arg(long, value_name = "EXPONENT", help_heading = "Balancing")]
    pub client_skew: Option<f64>,

    /// Network path to a container, there and back [default: 100us]
    #[arg(long, value_name = "TIMES", help_heading = "Path")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub container_path_latency: Option<Distribution>,
    /// Network path to a VM, there and back [default: 0.5..1ms]
    #[arg(long, value_name = "TIMES", help_heading = "Path")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub vm_path_latency: Option<Distribution>,
    /// Bits/s that the path to one container carries [default: 10G]
    #[arg(long, value_name = "BITS", help_heading = "Path")]
    pub container_throughput: Option<Amount>,
    /// Bits/s that the path to one VM carries [default: 3.5G]
    #[arg(long, value_name = "BITS", help_heading = "Path")]
    pub vm_throughput: Option<Amount>,
    /// Connections to one container; requests beyond are refused [default: 100000]
    #[arg(long, value_name = "N", help_heading = "Path")]
    pub container_connections: Option<u32>,
    /// Connections to one VM; requests beyond are refused [default: 35000]
    #[arg(long, value_name = "N", help_heading = "Path")]
    pub vm_connections: Option<u32>,
    /// Size of a request with its headers [default: 1Ki]
    #[arg(long, value_name = "BYTES", help_heading = "Path")]
    pub request_size: Option<Amount>,
    /// Size of a response with its headers [default: 8Ki]
    #[arg(long, value_name = "BYTES", help_heading = "Path")]
    pub response_size: Option<Amount>,
    /// How long an idle connection is kept for another request, 0 for one each [default: 60s]
    #[arg(long, value_name = "TIME", help_heading = "Path")]
    pub keep_alive: Option<Span>,
    /// How long a closed connection is still remembered (conntrack's TIME_WAIT) [default: 120s]
    #[arg(long, value_name = "TIME", help_heading = "Path")]
    pub connection_linger: Option<Span>,
    /// A hop in front of the balancer (an ingress), there and back [default: 0]
    #[arg(long, value_name = "TIME", help_heading = "Path")]
    pub ingress_latency: Option<Span>,

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
    /// Image pulls of one node at the same time [default: all]
    #[arg(long, value_name = "N", help_heading = "Startup")]
    pub container_prepare_at_once: Option<u32>,
    /// Disks that the storage makes at the same time [default: all]
    #[arg(long, value_name = "N", help_heading = "Startup")]
    pub vm_prepare_at_once: Option<u32>,
    /// Replicas kept prepared and started, so that a new one only has to get ready [default: 0]
    #[arg(long, value_name = "N", help_heading = "Startup")]
    pub warm_pool: Option<u32>,
    /// Time between two readiness probes [default: the manifest's, else 10s]
    #[arg(long, value_name = "TIME", help_heading = "Startup")]
    pub probe_period: Option<Span>,
    /// Time from a container's start to its first readiness probe [default: the manifest's, else 0s]
    #[arg(long, value_name = "TIME", help_heading = "Startup")]
    pub probe_initial_delay: Option<Span>,
    /// Probes in a row that must succeed [default: the manifest's, else 1]
    #[arg(long, value_name = "N", help_heading = "Startup")]
    pub probe_successes: Option<u32>,

    /// From ready until the first request, and from deleted until the last one (kube-proxy) [default: 0..1s]
    #[arg(long, value_name = "TIMES", help_heading = "Endpoints and health")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub endpoint_delay: Option<Distribution>,
    /// How long a replica that is being deleted goes on taking requests [default: the manifest's preStop sleep,
    /// else 0]
    #[arg(long, value_name = "TIME", help_heading = "Endpoints and health")]
    pub pre_stop: Option<Span>,
    /// Probes or reports in a row that must fail until a replica is seen dead [default: the manifest's, else 3]
    #[arg(long, value_name = "N", help_heading = "Endpoints and health")]
    pub probe_failures: Option<u32>,
    /// Time between two reports of a VM's guest agent, which tell where no probe does [default: 10s]
    #[arg(long, value_name = "TIME", help_heading = "Endpoints and health")]
    pub guest_agent_interval: Option<Span>,
    /// From a node's death until its containers are seen as not ready [default: 40s]
    #[arg(long, value_name = "TIME", help_heading = "Endpoints and health")]
    pub container_node_lost_after: Option<Span>,
    /// From a node's death until its VMs are seen as not ready [default: 300s]
    #[arg(long, value_name = "TIME", help_heading = "Endpoints and health")]
    pub vm_node_lost_after: Option<Span>,
    /// From a node's being seen lost until its replicas are replaced [default: 300s]
    #[arg(long, value_name = "TIME", help_heading = "Endpoints and health")]
    pub eviction_after: Option<Span>,

    /// Nodes when the trace begins [default: always room, without any node]
    #[arg(long, value_name = "N", help_heading = "Nodes")]
    pub nodes: Option<u32>,
    /// Nodes that there can be [default: what maxReplicas needs]
    #[arg(long, value_name = "N", help_heading = "Nodes")]
    pub max_nodes: Option<u32>,
    /// Zones that the nodes are spread over [default: 3, or as many as there are nodes]
    #[arg(long, value_name = "N", help_heading = "Nodes")]
    pub zones: Option<u32>,
    /// Replicas that fit on one node [default: what maxReplicas needs]
    #[arg(long, value_name = "N", help_heading = "Nodes")]
    pub replicas_per_node: Option<u32>,
    /// From the first replica without room until a new node takes it [default: 45..90s]
    #[arg(long, value_name = "TIMES", help_heading = "Nodes")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub node_provisioning: Option<Distribution>,

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

    /// How closely requests are followed: fluid (in expectation) or discrete (one by one) [default: fluid]
    #[arg(long, value_name = "FIDELITY", help_heading = "Run")]
    #[serde(deserialize_with = "settings_file::optional")]
    pub fidelity: Option<Fidelity>,
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

    /// What-ifs to play, see docs/scenario-format.md: cdi-preload, qemu-snapshot, unified-readiness, sr-iov, dpdk,
    /// host-network, image-prepull, warm-pool
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        help_heading = "Optimizations"
    )]
    pub with: Vec<Optimization>,

    /// What happens beside the trace.
    #[arg(skip)]
    pub disturbances: Vec<Disturbance>,
    /// Further backends, by name.
    #[arg(skip)]
    pub backends: BTreeMap<String, BackendSettings>,
}

/// A command that has nothing but the settings, to ask it for their texts and to read a file's keys.
#[derive(clap::Parser)]
#[command(no_binary_name = true)]
pub(super) struct Bare {
    #[command(flatten)]
    settings: Settings,
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
