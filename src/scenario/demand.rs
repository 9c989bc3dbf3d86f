//! Scaling the demand: what a request costs, by how much the trace is scaled, and what the metric target then means.

use super::choose::Chooser;
use super::replica::Replica;
use super::{MetricSource, Origin, ScenarioError};
use crate::hpa::{HpaSpec, MetricSpec, MetricTarget};

/// Cpu share of a request's service time where the trace is scaled to fit: a tenth, the rest is waiting on others.
const CPU_SHARE: f64 = 0.1;
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

/// Settles what a request costs and by how much the trace is scaled.
///
/// `peak` is the trace's highest rate in requests/s; of a cpu trace it is in cores.
pub(super) fn settle(
    choose: &mut Chooser<'_>,
    replica: &Replica,
    targets: &Targets<'_>,
    peak: f64,
    trace_is_cpu: bool,
) -> Result<Demand, ScenarioError> {
    let cost = choose.said(|settings| &settings.cpu_per_request);
    let wanted = choose.said(|settings| &settings.peak_replicas);
    let scale = choose.said(|settings| &settings.rate_scale);
    positive("peak-replicas", wanted.as_ref().map(|wanted| wanted.value))?;
    positive("rate-scale", scale.as_ref().map(|scale| scale.value))?;
    positive("cpu-per-request", cost.as_ref().map(|cost| cost.value.0))?;
    if cost.is_some() && wanted.is_some() && scale.is_some() {
        return Err(ScenarioError::Exclusive("--cpu-per-request with --rate-scale", "--peak-replicas"));
    }
    let default_peak = (PEAK_SHARE * f64::from(targets.hpa.max_replicas)).round().max(1.0);
    let peak_replicas = wanted.as_ref().map_or(default_peak, |wanted| wanted.value);
    let wanted_origin = wanted.as_ref().map_or(Origin::Default, |wanted| wanted.origin.clone());
    let service_time = replica.serving.service_time;
    let given_scale = scale.as_ref().map(|scale| scale.value);

    if let Some(cost) = cost {
        let rate_at_target = rate_at_target(targets, replica, cost.value.0)
            .unwrap_or(OCCUPANCY_AT_TARGET * replica.pod.cpu_limit / cost.value.0);
        let in_requests = if trace_is_cpu { peak / cost.value.0 } else { peak };
        choose.note("cpu-per-request", cost.value.to_string(), cost.origin, "");
        let rate_scale = match wanted {
            Some(wanted) => {
                choose.note("peak-replicas", wanted.value.to_string(), wanted.origin, "");
                peak_replicas * rate_at_target / in_requests
            }
            None => given_scale.unwrap_or(1.0),
        };
        let origin = scale.map_or(Origin::Default, |scale| scale.origin);
        choose.note("rate-scale", number(rate_scale), origin, "");
        return checked(cost.value.0, rate_scale, rate_at_target);
    }

    let by_rate = rate_metric(targets);
    if let Some(rate_at_target) = by_rate.filter(|_| cpu_at_target(targets, replica).is_none()) {
        // The metric counts requests itself: the trace's rate means what it says, and cpu follows from the target.
        let cost = OCCUPANCY_AT_TARGET * replica.pod.cpu_limit / rate_at_target;
        let why = "a replica at the metric target uses 70 % of its cpu limit";
        choose.note("cpu-per-request", milliseconds(cost), Origin::Derived(why.to_owned()), why);
        let rate_scale = match (&wanted, given_scale) {
            (Some(wanted), _) => {
                choose.note("peak-replicas", number(wanted.value), wanted_origin, "");
                let in_requests = if trace_is_cpu { peak / cost } else { peak };
                peak_replicas * rate_at_target / in_requests
            }
            (None, given) => given.unwrap_or(1.0),
        };
        let origin = scale.map_or(Origin::Default, |scale| scale.origin);
        choose.note("rate-scale", number(rate_scale), origin, "the metric counts requests, so the trace is taken as it is");
        return checked(cost, rate_scale, rate_at_target);
    }

    let cores = cpu_at_target(targets, replica).unwrap_or(OCCUPANCY_AT_TARGET * replica.pod.cpu_limit);
    if cores <= 0.0 {
        return Err(unreachable_cpu(targets, replica));
    }
    let note = "replicas that the trace's peak needs at the metric target";
    choose.note("peak-replicas", number(peak_replicas), wanted_origin, note);
    let scaled_peak = peak * given_scale.unwrap_or(1.0);
    let cost = peak_replicas * cores / scaled_peak;
    let fits = !trace_is_cpu && cost <= service_time;
    let (cost, rate_scale) = if fits || (given_scale.is_some() && !trace_is_cpu) {
        let why = "the trace's peak then needs peak-replicas at the target";
        choose.note("cpu-per-request", milliseconds(cost), Origin::Derived(why.to_owned()), why);
        let origin = scale.map_or(Origin::Default, |scale| scale.origin);
        choose.note("rate-scale", number(given_scale.unwrap_or(1.0)), origin, "");
        (cost, given_scale.unwrap_or(1.0))
    } else {
        let cost = CPU_SHARE * service_time;
        let in_requests = if trace_is_cpu { peak / cost } else { peak };
        let rate_scale = peak_replicas * cores / (cost * in_requests);
        choose.note("cpu-per-request", milliseconds(cost), Origin::Default, "a tenth of the service time");
        let why = if trace_is_cpu {
            "the trace gives the shape of the load; its peak then needs peak-replicas at the target"
        } else {
            "the trace is too thin for its requests to fit their service time: it gives the shape of the load, \
             and its peak then needs peak-replicas at the target"
        };
        choose.note("rate-scale", number(rate_scale), Origin::Derived(why.to_owned()), why);
        (cost, rate_scale)
    };
    let rate_at_target = rate_at_target(targets, replica, cost).unwrap_or(cores / cost);
    checked(cost, rate_scale, rate_at_target)
}

fn checked(cpu_per_request: f64, rate_scale: f64, rate_at_target: f64) -> Result<Demand, ScenarioError> {
    let sensible = |value: f64| value.is_finite() && value > 0.0;
    if sensible(cpu_per_request) && sensible(rate_scale) && sensible(rate_at_target) {
        Ok(Demand { cpu_per_request, rate_scale, rate_at_target })
    } else {
        Err(ScenarioError::OutOfRange {
            key: "the demand",
            value: format!("{cpu_per_request} core-seconds a request at {rate_scale} times the trace's rate"),
            expected: "finite positive numbers: see --cpu-per-request, --peak-replicas, --rate-scale",
        })
    }
}

/// Requests/s that bring one replica to the target of the metric that asks for the most replicas.
fn rate_at_target(targets: &Targets<'_>, replica: &Replica, cost: f64) -> Option<f64> {
    let by_cpu = cpu_at_target(targets, replica).map(|cores| cores / cost);
    let rates = by_cpu.into_iter().chain(rate_metric(targets)).chain(in_flight_metric(targets, replica));
    rates.filter(|rate| *rate > 0.0).min_by(f64::total_cmp)
}

/// Cores for requests that one replica uses at the tightest cpu target.
fn cpu_at_target(targets: &Targets<'_>, replica: &Replica) -> Option<f64> {
    each(targets)
        .filter(|(_, source, _)| **source == MetricSource::Cpu)
        .filter_map(|(metric, _, request)| match target(metric) {
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
    average_of(targets, &MetricSource::InFlight).map(|requests| requests / replica.serving.service_time)
}

fn average_of(targets: &Targets<'_>, wanted: &MetricSource) -> Option<f64> {
    each(targets)
        .filter(|(_, source, _)| *source == wanted)
        .filter_map(|(metric, _, _)| match target(metric) {
            MetricTarget::AverageValue(milli) => Some(milli as f64 / 1e3),
            MetricTarget::Utilization(_) | MetricTarget::Value(_) => None,
        })
        .filter(|value| *value > 0.0)
        .min_by(f64::total_cmp)
}

fn each<'a>(targets: &Targets<'a>) -> impl Iterator<Item = (&'a MetricSpec, &'a MetricSource, Option<i64>)> {
    let requests = targets.requests.iter().copied();
    targets.hpa.metrics.iter().zip(targets.sources).zip(requests).map(|((metric, source), request)| (metric, source, request))
}

fn target(metric: &MetricSpec) -> MetricTarget {
    match metric {
        MetricSpec::Resource { target, .. }
        | MetricSpec::ContainerResource { target, .. }
        | MetricSpec::Pods { target, .. }
        | MetricSpec::Object { target, .. }
        | MetricSpec::External { target, .. } => *target,
    }
}

fn unreachable_cpu(targets: &Targets<'_>, replica: &Replica) -> ScenarioError {
    let at_target = cpu_at_target(targets, replica).unwrap_or(0.0) + replica.pod.cpu_idle;
    ScenarioError::Unreachable {
        name: "cpu".to_owned(),
        target: format!("{at_target} cores a replica"),
        why: format!("it uses {} cores when idle", replica.pod.cpu_idle),
    }
}

fn positive(key: &'static str, value: Option<f64>) -> Result<(), ScenarioError> {
    match value {
        Some(value) if !(value.is_finite() && value > 0.0) => Err(ScenarioError::OutOfRange {
            key,
            value: value.to_string(),
            expected: "a finite number above zero",
        }),
        _ => Ok(()),
    }
}

/// Four significant digits.
fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let digits = 3.0 - value.abs().log10().floor();
    let factor = 10_f64.powf(digits.clamp(-300.0, 300.0));
    ((value * factor).round() / factor).to_string()
}

fn milliseconds(seconds: f64) -> String {
    format!("{} core-ms", number(seconds * 1e3))
}
