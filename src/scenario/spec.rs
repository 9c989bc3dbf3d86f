//! `Scenario`: everything a run depends on.

use super::{Activation, Assumptions, Backend, Disturbance, Fidelity, MetricSource, Slo};
use crate::hpa::{ControllerConfig, HpaSpec};
use crate::trace::{ArrivalTrace, Series};
use crate::units::SimDuration;

/// Everything a run depends on. Two equal scenarios leave equal outcomes.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The autoscaler's name, `namespace/name` where a namespace is given.
    pub name: String,
    /// What it scales.
    pub target: Target,
    /// The autoscaler.
    pub hpa: HpaSpec,
    /// What wakes the workload beside the autoscaler, and puts it to sleep: KEDA, where it made the autoscaler.
    pub activation: Option<Activation>,
    /// The controller's flags.
    pub controller: ControllerConfig,
    /// Where each of the autoscaler's metrics comes from, in order.
    pub metric_sources: Vec<MetricSource>,
    /// The request of one pod for each of the autoscaler's metrics, thousandths; `None` where a container states none.
    pub metric_requests: Vec<Option<i64>>,
    /// Columns of the trace that metrics read, by name.
    pub columns: Vec<(String, Series)>,
    /// When the sensors look.
    pub intervals: MetricsIntervals,
    /// The arrival rate over time, scaled as the assumptions say.
    pub trace: ArrivalTrace,
    /// The trace's name, as the report shows it.
    pub trace_name: String,
    /// When the trace begins; `None` where its times only count from an unknown beginning.
    pub trace_start: Option<jiff::Timestamp>,
    /// Steps longer than this get seeded arrivals within them.
    pub arrival_grain: SimDuration,
    /// Replicas when the trace begins.
    pub initial_replicas: u32,
    /// Replicas that there would be without the autoscaler: `spec.replicas` of the workload where its manifest has it,
    /// else the initial ones.
    pub unscaled_replicas: u32,
    /// The objective.
    pub slo: Slo,
    /// The backends that replay the trace.
    pub backends: Vec<Backend>,
    /// How closely requests are followed.
    pub fidelity: Fidelity,
    /// What happens beside the trace, in the order of time.
    pub disturbances: Vec<Disturbance>,
    /// The backend whose verdict counts: its index in `backends`.
    pub verdict_backend: usize,
    /// Arrival rate that brings one replica exactly to the metric target, requests/s.
    pub rate_at_target: f64,
    /// What the trace's rate was multiplied by.
    pub rate_scale: f64,
    /// Price of one requested core for an hour.
    pub price_per_core_hour: f64,
    /// How many times the trace is replayed, with other phases and draws.
    pub runs: u32,
    /// The seed of every random stream.
    pub seed: u64,
    /// Every number that was not said in the trace, and who said it.
    pub assumptions: Assumptions,
    /// What the reader should know before trusting the report.
    pub warnings: Vec<String>,
    /// What makes the verdict say less than it seems, to be told beside it.
    pub cautions: Vec<String>,
    /// Backends, as indices, of which no number of replicas holds the objective: their demand is what serves the load at all.
    pub out_of_reach: Vec<usize>,
}

/// What the autoscaler scales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its kind, as Kubernetes writes it.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// When the sensors look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricsIntervals {
    /// cAdvisor housekeeping: the grid on which usage counters are read.
    pub usage: SimDuration,
    /// metrics-server's scrape of the kubelets.
    pub resource: SimDuration,
    /// Scrape and rate window of custom and external metrics.
    pub custom: SimDuration,
}
