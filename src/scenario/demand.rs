//! Scaling the demand: what a request costs, by how much the trace is scaled, and what the metric target then means.

use super::choose::{Chooser, Chosen};
use super::range::{in_range, span_in_range, written};
use super::replica::Replica;
use super::{MetricSource, Origin, ScenarioError, Span};
use crate::hpa::{HpaSpec, MetricSpec, MetricTarget};

/// Cpu share of a request's service time where the trace is scaled to fit: a tenth, the rest is waiting on others.
const CPU_SHARE: f64 = 0.1;
/// Workers that a replica's cpu must be able to feed for its latency to be that of its service time: with fewer, chance
/// alone makes requests wait, and the assumed cost would decide the verdict.
const FEWEST_WORKERS: f64 = 5.0;
/// Share of its cpu limit at which a replica stands when it meets a target that says nothing of cpu.
const OCCUPANCY_AT_TARGET: f64 = 0.7;
/// Share of maxReplicas that the trace's peak needs at the target, where nobody says.
const PEAK_SHARE: f64 = 0.6;

/// What was settled.
pub(super) struct Demand {
    /// Core-seconds of one request.
    pub(super) cpu_per_request: f64,
    /// What the trace's rate is multiplied by.
    pub(super) rate_scale: f64,
    /// Requests/s that bring one replica to the metric target.
    pub(super) rate_at_target: f64,
}

/// The autoscaler as far as demand goes.
pub(super) struct Targets<'a> {
    pub(super) hpa: &'a HpaSpec,
    pub(super) sources: &'a [MetricSource],
    pub(super) requests: &'a [Option<i64>],
}

/// The load to be scaled.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// The trace's highest rate: requests/s, or cores.
    pub(super) peak: f64,
    /// Whether the trace counts cores.
    pub(super) in_cores: bool,
}

impl Load {
    /// The peak in requests/s, given what one costs.
    fn peak_rate(self, cpu_per_request: f64) -> f64 {
        if self.in_cores {
            self.peak / cpu_per_request
        } else {
            self.peak
        }
    }
}

/// What a user said about the demand.
struct Said {
    cost: Option<Chosen<Span>>,
    peak_replicas: Option<Chosen<f64>>,
    scale: Option<Chosen<f64>>,
}

impl Said {
    /// Refuses what no demand can be.
    fn check(&self) -> Result<(), ScenarioError> {
        if let Some(cost) = &self.cost {
            span_in_range(
                "cpu-per-request",
                cost.value,
                1e-6..=86_400.0,
                "a time from 1us to 24h",
            )?;
        }
        if let Some(wanted) = &self.peak_replicas {
            let most = f64::from(i32::MAX);
            in_range(
                "peak-replicas",
                wanted.value,
                1e-6..=most,
                "a number above zero, at most 2147483647",
            )?;
        }
        if let Some(scale) = &self.scale {
            in_range(
                "rate-scale",
                scale.value,
                1e-12..=1e12,
                "a number above zero, at most 1e12",
            )?;
        }
        Ok(())
    }
}

/// Settles what a request costs and by how much the trace is scaled.
pub(super) fn settle(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    targets: &Targets<'_>,
    load: Load,
) -> Result<Demand, ScenarioError> {
    let said = Said {
        cost: choose.said(|settings| &settings.cpu_per_request),
        peak_replicas: choose.said(|settings| &settings.peak_replicas),
        scale: choose.said(|settings| &settings.rate_scale),
    };
    said.check()?;
    let fixed_cost = said.cost.is_some() || rate_metric(targets).is_some() || load.in_cores;
    if said.peak_replicas.is_some() && said.scale.is_some() && fixed_cost {
        return Err(ScenarioError::Exclusive("--peak-replicas", "--rate-scale"));
    }
    let demand = match (&said.cost, rate_metric(targets)) {
        (Some(cost), _) => at_given_cost(choose, replica, targets, load, &said, cost),
        (None, Some(rate)) if cpu_at_target(targets, replica).is_none() => {
            at_given_rate(choose, replica, load, &said, rate)
        }
        (None, _) => at_given_peak(choose, replica, targets, load, &said)?,
    };
    demand.checked()
}

/// Settles what a request costs where there is no trace to say more.
pub(super) fn settle_without_trace(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    targets: &Targets<'_>,
) -> Result<Demand, ScenarioError> {
    let said = Said {
        cost: choose.said(|settings| &settings.cpu_per_request),
        peak_replicas: None,
        scale: None,
    };
    said.check()?;
    let no_load = Load {
        peak: 1.0,
        in_cores: false,
    };
    let demand = match (&said.cost, rate_metric(targets)) {
        (Some(cost), _) => at_given_cost(choose, replica, targets, no_load, &said, cost),
        (None, Some(rate)) if cpu_at_target(targets, replica).is_none() => {
            at_given_rate(choose, replica, no_load, &said, rate)
        }
        (None, _) => {
            let cores = cpu_at_target(targets, replica)
                .unwrap_or(OCCUPANCY_AT_TARGET * replica.pod.cpu_limit);
            if cores <= 0.0 {
                return Err(unreachable_cpu(targets, replica));
            }
            let cost = usual_cost(replica);
            choose.derived("cpu-per-request", milliseconds(cost), USUAL_COST);
            Demand {
                cpu_per_request: cost,
                rate_scale: 1.0,
                rate_at_target: rate_at_target(targets, replica, cost).unwrap_or(cores / cost),
            }
        }
    };
    demand.checked()
}

/// Somebody knows what a request costs: the trace means what it says, unless its peak is to need so many replicas.
fn at_given_cost(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    targets: &Targets<'_>,
    load: Load,
    said: &Said,
    cost: &Chosen<Span>,
) -> Demand {
    let cpu_per_request = cost.value.0;
    choose.note(
        "cpu-per-request",
        cost.value.to_string(),
        cost.origin.clone(),
    );
    let rate_at_target = rate_at_target(targets, replica, cpu_per_request)
        .unwrap_or(OCCUPANCY_AT_TARGET * replica.pod.cpu_limit / cpu_per_request);
    let rate_scale = scale_to_peak(
        choose,
        said,
        rate_at_target,
        load.peak_rate(cpu_per_request),
    );
    Demand {
        cpu_per_request,
        rate_scale,
        rate_at_target,
    }
}

/// The metric counts requests itself: the trace means what it says, and cpu follows from the target.
fn at_given_rate(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    load: Load,
    said: &Said,
    rate_at_target: f64,
) -> Demand {
    let at_target = OCCUPANCY_AT_TARGET * replica.pod.cpu_limit / rate_at_target;
    let cpu_per_request = at_target.min(dearest_request(replica));
    let why = if at_target <= dearest_request(replica) {
        "a replica at the metric target uses 70 % of its cpu limit"
    } else {
        "what leaves a replica's cpu five requests at a time; the metric says nothing of cpu"
    };
    choose.derived("cpu-per-request", milliseconds(cpu_per_request), why);
    let rate_scale = scale_to_peak(
        choose,
        said,
        rate_at_target,
        load.peak_rate(cpu_per_request),
    );
    Demand {
        cpu_per_request,
        rate_scale,
        rate_at_target,
    }
}

/// The trace's rate stays as it is, but for what was said.
fn scale_to_peak(
    choose: &mut Chooser<'_>,
    said: &Said,
    rate_at_target: f64,
    peak_rate: f64,
) -> f64 {
    if let Some(wanted) = &said.peak_replicas {
        choose.note("peak-replicas", number(wanted.value), wanted.origin.clone());
        let rate_scale = wanted.value * rate_at_target / peak_rate;
        choose.derived(
            "rate-scale",
            number(rate_scale),
            "the trace's peak then needs peak-replicas at the target",
        );
        return rate_scale;
    }
    let (rate_scale, origin) = match &said.scale {
        Some(scale) => (scale.value, scale.origin.clone()),
        None => (1.0, Origin::Default),
    };
    choose.note("rate-scale", number(rate_scale), origin);
    rate_scale
}

/// Nobody knows what a request costs: the trace's peak is to need so many replicas at the target.
///
/// That fixes the cost. Where a request would cost more cpu than its service time holds, the trace is too thin to be
/// taken as it is: then a request costs a tenth of its service time, and the trace is scaled.
fn at_given_peak(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    targets: &Targets<'_>,
    load: Load,
    said: &Said,
) -> Result<Demand, ScenarioError> {
    let by_default = (PEAK_SHARE * f64::from(targets.hpa.max_replicas))
        .round()
        .max(1.0);
    let (peak_replicas, origin) = match &said.peak_replicas {
        Some(wanted) => (wanted.value, wanted.origin.clone()),
        None => (by_default, Origin::Default),
    };
    choose.note("peak-replicas", number(peak_replicas), origin);
    let cores =
        cpu_at_target(targets, replica).unwrap_or(OCCUPANCY_AT_TARGET * replica.pod.cpu_limit);
    if cores <= 0.0 {
        return Err(unreachable_cpu(targets, replica));
    }
    let (given_scale, scale_origin) = match &said.scale {
        Some(scale) => (Some(scale.value), scale.origin.clone()),
        None => (None, Origin::Default),
    };
    let cost = peak_replicas * cores / (load.peak * given_scale.unwrap_or(1.0));
    let (cpu_per_request, rate_scale) = if !load.in_cores
        && (cost <= dearest_request(replica) || given_scale.is_some())
    {
        let why = "the trace's peak then needs peak-replicas at the target";
        choose.derived("cpu-per-request", milliseconds(cost), why);
        choose.note(
            "rate-scale",
            number(given_scale.unwrap_or(1.0)),
            scale_origin,
        );
        (cost, given_scale.unwrap_or(1.0))
    } else {
        let cost = usual_cost(replica);
        choose.derived("cpu-per-request", milliseconds(cost), USUAL_COST);
        if let Some(given) = given_scale {
            choose.note("rate-scale", number(given), scale_origin);
            let rate_at_target = rate_at_target(targets, replica, cost).unwrap_or(cores / cost);
            return Ok(Demand {
                cpu_per_request: cost,
                rate_scale: given,
                rate_at_target,
            });
        }
        let rate_scale = peak_replicas * cores / (cost * load.peak_rate(cost));
        let why = if load.in_cores {
            "the trace gives the shape of the load; its peak then needs peak-replicas at the target"
        } else {
            "the trace is too thin for the replicas and gives the shape of the load; its peak then needs peak-replicas \
             at the target"
        };
        choose.derived("rate-scale", number(rate_scale), why);
        (cost, rate_scale)
    };
    let rate_at_target =
        rate_at_target(targets, replica, cpu_per_request).unwrap_or(cores / cpu_per_request);
    Ok(Demand {
        cpu_per_request,
        rate_scale,
        rate_at_target,
    })
}

/// How the usual cost comes about.
const USUAL_COST: &str =
    "a tenth of the service time, or what leaves a replica's cpu five requests at a time";

/// What a request costs where neither user nor trace say more, core-seconds.
fn usual_cost(replica: &Replica) -> f64 {
    dearest_request(replica).min(CPU_SHARE * replica.serving.service_time())
}

/// The most that a request may cost for the replica's cpu to feed [`FEWEST_WORKERS`].
fn dearest_request(replica: &Replica) -> f64 {
    replica.serving.service_time() * replica.pod.cpu_limit / FEWEST_WORKERS
}

impl Demand {
    fn checked(self) -> Result<Self, ScenarioError> {
        let sensible = |value: f64| value.is_finite() && value > 0.0;
        let payable = (1e-12..=1e9).contains(&self.cpu_per_request);
        if payable && sensible(self.rate_scale) && sensible(self.rate_at_target) {
            return Ok(self);
        }
        Err(ScenarioError::OutOfRange {
            key: "the demand",
            value: format!(
                "{} core-seconds a request at {} times the trace's rate",
                number(self.cpu_per_request),
                number(self.rate_scale)
            ),
            expected: "figures that a replica can have: see --cpu-per-request, --peak-replicas, --rate-scale",
        })
    }
}

/// Requests/s that bring one replica to the target of the metric that asks for the most replicas.
fn rate_at_target(targets: &Targets<'_>, replica: &Replica, cost: f64) -> Option<f64> {
    let by_cpu = cpu_at_target(targets, replica).map(|cores| cores / cost);
    let rates = by_cpu
        .into_iter()
        .chain(rate_metric(targets))
        .chain(in_flight_metric(targets, replica));
    rates.filter(|rate| *rate > 0.0).min_by(f64::total_cmp)
}

/// Cores for requests that one replica uses at the tightest cpu target.
fn cpu_at_target(targets: &Targets<'_>, replica: &Replica) -> Option<f64> {
    each(targets)
        .filter(|(_, source, _)| **source == MetricSource::Cpu)
        .filter_map(|(metric, _, request)| match metric.target() {
            MetricTarget::Utilization(percent) => {
                let request = request.map_or(replica.pod.cpu_request, |milli| milli as f64 / 1e3);
                Some(f64::from(percent) / 100.0 * request)
            }
            MetricTarget::AverageValue(milli) => Some(milli as f64 / 1e3),
            MetricTarget::Value(_) => None,
        })
        .map(|cores| cores - replica.pod.cpu_idle)
        .min_by(f64::total_cmp)
}

fn rate_metric(targets: &Targets<'_>) -> Option<f64> {
    average_of(targets, &MetricSource::Rate)
}

/// Requests in flight over the service time are requests/s (Little's law).
fn in_flight_metric(targets: &Targets<'_>, replica: &Replica) -> Option<f64> {
    average_of(targets, &MetricSource::InFlight)
        .map(|requests| requests / replica.serving.service_time())
}

fn average_of(targets: &Targets<'_>, wanted: &MetricSource) -> Option<f64> {
    each(targets)
        .filter(|(_, source, _)| *source == wanted)
        .filter_map(|(metric, _, _)| match metric.target() {
            MetricTarget::AverageValue(milli) => Some(milli as f64 / 1e3),
            MetricTarget::Utilization(_) | MetricTarget::Value(_) => None,
        })
        .filter(|value| *value > 0.0)
        .min_by(f64::total_cmp)
}

fn each<'a>(
    targets: &Targets<'a>,
) -> impl Iterator<Item = (&'a MetricSpec, &'a MetricSource, Option<i64>)> {
    let requests = targets.requests.iter().copied();
    targets
        .hpa
        .metrics
        .iter()
        .zip(targets.sources)
        .zip(requests)
        .map(|((metric, source), request)| (metric, source, request))
}

fn unreachable_cpu(targets: &Targets<'_>, replica: &Replica) -> ScenarioError {
    let at_target = cpu_at_target(targets, replica).unwrap_or(0.0) + replica.pod.cpu_idle;
    ScenarioError::Unreachable {
        name: "cpu".to_owned(),
        target: format!("{at_target} cores a replica"),
        why: if replica.pod.cpu_request <= 0.0 {
            "a share of a cpu request of 0 is nothing".to_owned()
        } else {
            format!("it uses {} cores when idle", replica.pod.cpu_idle)
        },
    }
}

/// Four significant digits.
fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let digits = 3.0 - value.abs().log10().floor();
    let factor = 10_f64.powf(digits.clamp(-300.0, 300.0));
    written((value * factor).round() / factor)
}

fn milliseconds(seconds: f64) -> String {
    format!("{} core-ms", number(seconds * 1e3))
}
