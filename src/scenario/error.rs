//! Why manifests, trace and settings make no scenario.

use thiserror::Error;

/// Why manifests, trace and settings make no scenario.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScenarioError {
    /// A metric of the autoscaler has no source in the plant.
    #[error(
        "{place}: the {kind} metric `{name}` is not mapped, say what it reads with --metric {name}=rate (or in-flight, backlog, column:NAME)"
    )]
    UnmappedMetric {
        /// File, line and column of the autoscaler.
        place: String,
        /// The metric's type.
        kind: &'static str,
        /// The metric's name.
        name: String,
    },
    /// What is to wake a sleeping workload reads 0 as long as it sleeps.
    #[error(
        "KEDA would never wake `{0}`: without replicas nothing is in flight; expected a trigger that reads rate, backlog \
         (of a broker) or column:NAME, or minReplicaCount from 1"
    )]
    SleepsForEver(String),
    /// A trace column was asked for that the trace does not have.
    #[error("the trace has no column `{name}`, it has {known}")]
    UnknownColumn {
        /// The column asked for.
        name: String,
        /// The columns there are.
        known: String,
    },
    /// A Pods metric cannot read a column: a column is one value for all pods.
    #[error(
        "the Pods metric `{0}` cannot read a trace column, expected rate, in-flight or backlog"
    )]
    ColumnOfPods(String),
    /// A Resource metric of something else than cpu and memory.
    #[error("the resource `{0}` is not modelled, expected a Resource metric of cpu or memory")]
    UnknownResource(String),
    /// A backend's figures make no queue.
    #[error("backend `{backend}`: {problem}")]
    Service {
        /// The backend.
        backend: String,
        /// Why not.
        problem: String,
    },
    /// A backend was asked for that there is not.
    #[error("there is no backend `{name}`, there are {known}")]
    UnknownBackend {
        /// The backend asked for.
        name: String,
        /// The backends there are.
        known: String,
    },
    /// The trace makes no arrival rates.
    #[error("{name}: {problem}")]
    Trace {
        /// The trace.
        name: String,
        /// Why not.
        problem: String,
    },
    /// The trace carries no request at all.
    #[error("the trace `{0}` carries no request: every value is zero")]
    NoRequests(String),
    /// A value is out of its range.
    #[error("{key} is `{value}`, expected {expected}")]
    OutOfRange {
        /// The setting.
        key: &'static str,
        /// What was said.
        value: String,
        /// What would do.
        expected: &'static str,
    },
    /// A replica without cpu.
    #[error(
        "{place}: the containers of {workload} request no cpu and have no cpu limit, expected more than zero; --cpu-request or --cpu-limit fills it in"
    )]
    NoCpu {
        /// File, line and column of the workload.
        place: String,
        /// Its kind and name.
        workload: String,
    },
    /// A backend of the scenario file has a name that cannot be told from others.
    #[error("the backend name `{0}` is built in or empty, expected another one")]
    BackendName(String),
    /// Something is to happen when the trace is over.
    #[error(
        "disturbances: a {kind} at {at}, when the trace is over: expected a time before its end at {end}"
    )]
    AfterTheEnd {
        /// What.
        kind: &'static str,
        /// When.
        at: String,
        /// When the trace ends.
        end: String,
    },
    /// Something is to happen to nodes that there are none of.
    #[error(
        "disturbances: a {0} happens to nodes, and there are none: `nodes` or `replicas-per-node` makes some"
    )]
    NoNodes(&'static str),
    /// Two settings exclude one another.
    #[error("{0} and {1} exclude one another, give one of them")]
    Exclusive(&'static str, &'static str),
    /// A metric's target cannot be met by any rate.
    #[error(
        "the target of the metric `{name}` is {target}, which a replica passes without any request: {why}"
    )]
    Unreachable {
        /// The metric.
        name: String,
        /// Its target.
        target: String,
        /// Why.
        why: String,
    },
}
