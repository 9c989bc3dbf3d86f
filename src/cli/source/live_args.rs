//! The flags of live sources.

use std::path::PathBuf;

use clap::Args;

use crate::scenario::Span;

/// Which Prometheus is asked, for what, and who asks.
///
/// Secrets come from files or the environment: a command line is seen by everybody on the machine.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct PrometheusArgs {
    /// Ask a Prometheus, or what speaks its API, for the workload, in place of --trace
    #[arg(
        long,
        value_name = "URL",
        requires = "query",
        conflicts_with = "trace",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) prometheus: Option<String>,
    /// What to ask for, in PromQL: requests per second, such as sum(rate(http_requests_total{app="web"}[1m])); --step is
    /// the step of the answer [default: 15s]
    #[arg(
        long,
        value_name = "PROMQL",
        requires = "prometheus",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) query: Option<String>,
    /// How far back to ask [default: 1d]
    #[arg(
        long,
        value_name = "TIME",
        requires = "prometheus",
        conflicts_with = "start",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) since: Option<Span>,
    /// The first time to ask for, as 2026-11-24T09:00:00Z or seconds since 1970
    #[arg(
        long,
        value_name = "TIME",
        requires = "prometheus",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) start: Option<String>,
    /// The last time to ask for [default: now]
    #[arg(
        long,
        value_name = "TIME",
        requires = "prometheus",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) end: Option<String>,
    /// A file with a bearer token [default: the environment's SCALEPLAN_PROMETHEUS_TOKEN]
    #[arg(
        long,
        value_name = "FILE",
        requires = "prometheus",
        conflicts_with = "prometheus_basic_file",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) prometheus_token_file: Option<PathBuf>,
    /// A file with USER:PASSWORD for basic authentication [default: the environment's SCALEPLAN_PROMETHEUS_BASIC]
    #[arg(
        long,
        value_name = "FILE",
        requires = "prometheus",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) prometheus_basic_file: Option<PathBuf>,
    /// A file of PEM certificates to trust in place of the system's
    #[arg(
        long,
        value_name = "FILE",
        requires = "prometheus",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) prometheus_ca: Option<PathBuf>,
    /// The tenant whose data is asked for, where there are several (X-Scope-OrgID)
    #[arg(
        long,
        value_name = "ID",
        requires = "prometheus",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) prometheus_tenant: Option<String>,
    /// How long one answer may take [default: 1m]
    #[arg(
        long,
        value_name = "TIME",
        requires = "prometheus",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) prometheus_timeout: Option<Span>,
}

/// Which autoscaler is asked of a cluster.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::cli) struct ClusterArgs {
    /// Ask a cluster, by running your own kubectl, for this autoscaler, its workload and Services, in place of manifests
    #[arg(
        long,
        value_name = "NAMESPACE/NAME",
        conflicts_with = "manifests",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) from_kubectl: Option<String>,
    /// The kubectl context to use [default: the current one]
    #[arg(
        long,
        value_name = "NAME",
        requires = "from_kubectl",
        help_heading = "Live sources"
    )]
    pub(in crate::cli) context: Option<String>,
}
