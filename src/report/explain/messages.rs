//! Conditions and events in the words of the controller (`horizontal.go` of Kubernetes 1.36).

use super::arithmetic::length;
use crate::analysis::leading_metric;
use crate::outcome::{SyncLog, SyncRecord, SyncWrite};
use crate::report::escape;
use crate::scenario::{Steering, SteeringMetric};
use crate::units::{SimDuration, SimTime};

/// How long Kubernetes keeps events.
const EVENTS_LAST: SimDuration = SimDuration::from_seconds(3600);

/// A condition of the status.
pub(super) struct ConditionRow {
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) reason: String,
    pub(super) message: String,
}

/// Events of one message.
pub(super) struct EventRow {
    pub(super) kind: &'static str,
    pub(super) reason: String,
    /// When it came last, and when first.
    pub(super) last: SimTime,
    pub(super) first: SimTime,
    pub(super) count: usize,
    pub(super) message: String,
}

impl EventRow {
    /// Its age as `kubectl` writes it: `42s`, `3m (x12 over 6m)`.
    pub(super) fn age(&self, now: SimTime) -> String {
        let age = length(now - self.last);
        if self.count > 1 {
            let over = length(now - self.first);
            format!("{age} (x{} over {over})", self.count)
        } else {
            age
        }
    }
}

/// The conditions after a sync.
pub(super) fn conditions(log: &SyncLog, index: usize, steering: &Steering) -> Vec<ConditionRow> {
    let Some(sync) = log.syncs.get(index) else {
        return Vec::new();
    };
    let set = &sync.conditions;
    let rows = [
        ("AbleToScale", &set.able_to_scale),
        ("ScalingActive", &set.scaling_active),
        ("ScalingLimited", &set.scaling_limited),
    ];
    rows.into_iter()
        .filter_map(|(kind, reason)| {
            let reason = reason.as_deref()?;
            Some(ConditionRow {
                kind,
                status: status(kind, reason),
                reason: escape::plain(reason),
                message: message(reason, log, index, steering),
            })
        })
        .collect()
}

fn status(kind: &str, reason: &str) -> &'static str {
    let is_true = match kind {
        "AbleToScale" => !matches!(reason, "FailedGetScale" | "FailedUpdateScale"),
        "ScalingActive" => reason == "ValidMetricFound",
        _ => reason != "DesiredWithinRange",
    };
    if is_true { "True" } else { "False" }
}

fn message(reason: &str, log: &SyncLog, index: usize, steering: &Steering) -> String {
    let sync = &log.syncs[index];
    match reason {
        "SucceededGetScale" => {
            "the HPA controller was able to get the target's current scale".to_owned()
        }
        "FailedGetScale" => {
            "the HPA controller was unable to get the target's current scale".to_owned()
        }
        "ReadyForNewScale" => "recommended size matches current size".to_owned(),
        "ScaleUpStabilized" => "recent recommendations were lower than current one, applying the \
                                lowest recent recommendation"
            .to_owned(),
        "ScaleDownStabilized" => "recent recommendations were higher than current one, applying \
                                  the highest recent recommendation"
            .to_owned(),
        "SucceededRescale" => format!(
            "the HPA controller was able to update the target scale to {}",
            sync.desired
        ),
        "FailedUpdateScale" => {
            "the HPA controller was unable to update the target scale".to_owned()
        }
        "ValidMetricFound" => format!(
            "the HPA was able to successfully calculate a replica count from {}",
            followed(log, index, steering)
        ),
        "ScalingDisabled" => {
            "scaling is disabled since the replica count of the target is zero".to_owned()
        }
        "InvalidSelector" => "the HPA target's scale is missing a selector".to_owned(),
        "DesiredWithinRange" => "the desired count is within the acceptable range".to_owned(),
        "ScaleUpLimit" => {
            "the desired replica count is increasing faster than the maximum scale rate".to_owned()
        }
        "ScaleDownLimit" => {
            "the desired replica count is decreasing faster than the maximum scale rate".to_owned()
        }
        "TooManyReplicas" => {
            "the desired replica count is more than the maximum replica count".to_owned()
        }
        "TooFewReplicas" => {
            "the desired replica count is less than the minimum replica count".to_owned()
        }
        _ => first_failure(sync, steering).map_or_else(String::new, |failure| {
            format!("the HPA was unable to compute the replica count: {failure}")
        }),
    }
}

/// The metric that the last count was computed from.
fn followed(log: &SyncLog, index: usize, steering: &Steering) -> String {
    let counted = log.syncs[..=index].iter().rev().find_map(leading_metric);
    counted
        .and_then(|metric| steering.metrics.get(metric))
        .map_or_else(|| "a metric".to_owned(), spoken)
}

fn spoken(metric: &SteeringMetric) -> String {
    escape::plain(&metric.spoken)
}

/// Why the first metric that failed did.
fn first_failure(sync: &SyncRecord, steering: &Steering) -> Option<String> {
    let mut votes = sync.inputs.votes.iter().zip(&steering.metrics);
    votes.find_map(|(vote, metric)| {
        let error = vote.as_ref().err()?;
        Some(format!(
            "failed to get {}: {}",
            spoken(metric),
            escape::plain(error)
        ))
    })
}

/// The events that the API server still holds after a sync, the latest last; equal ones are one.
pub(super) fn events(log: &SyncLog, index: usize, steering: &Steering) -> Vec<EventRow> {
    let Some(now) = log.syncs.get(index).map(|sync| sync.at) else {
        return Vec::new();
    };
    let mut rows: Vec<EventRow> = Vec::new();
    let recent = log.syncs[..=index]
        .iter()
        .rev()
        .take_while(|sync| now - sync.at < EVENTS_LAST);
    let mut recent: Vec<&SyncRecord> = recent.collect();
    recent.reverse();
    for sync in recent {
        for (kind, reason, message) in of_sync(sync, steering) {
            let same = rows
                .iter()
                .position(|row| row.reason == reason && row.message == message);
            match same {
                Some(found) => {
                    let mut row = rows.remove(found);
                    row.count += 1;
                    row.last = sync.at;
                    rows.push(row);
                }
                None => rows.push(EventRow {
                    kind,
                    reason,
                    last: sync.at,
                    first: sync.at,
                    count: 1,
                    message,
                }),
            }
        }
    }
    rows
}

/// What one sync recorded: type, reason, message.
fn of_sync(sync: &SyncRecord, steering: &Steering) -> Vec<(&'static str, String, String)> {
    let mut events = Vec::new();
    let metrics = sync.inputs.votes.iter().zip(&steering.metrics);
    for (vote, metric) in metrics {
        if let Err(error) = vote {
            events.push((
                "Warning",
                format!("FailedGet{}Metric", metric.source),
                format!("failed to get {}: {}", spoken(metric), escape::plain(error)),
            ));
        }
    }
    let failed = events.len();
    if sync.inputs.recommendation.is_none()
        && let Some(first) = first_failure(sync, steering)
    {
        let all = sync.inputs.votes.len();
        events.push((
            "Warning",
            "FailedComputeMetricsReplicas".to_owned(),
            format!("invalid metrics ({failed} invalid out of {all}), first error is: {first}"),
        ));
    }
    match sync.write {
        SyncWrite::NotNeeded => {}
        SyncWrite::Written => events.push((
            "Normal",
            "SuccessfulRescale".to_owned(),
            format!(
                "New size: {}; reason: {}",
                sync.desired,
                rescale_reason(sync, steering)
            ),
        )),
        SyncWrite::Refused => events.push((
            "Warning",
            "FailedRescale".to_owned(),
            format!(
                "New size: {}; reason: {}; error: the API server refused",
                sync.desired,
                rescale_reason(sync, steering)
            ),
        )),
    }
    events
}

/// `rescaleReason` of `reconcileAutoscaler`.
fn rescale_reason(sync: &SyncRecord, steering: &Steering) -> String {
    if sync.inputs.recommendation.is_none() {
        return if sync.current > steering.max_replicas {
            "Current number of replicas above Spec.MaxReplicas".to_owned()
        } else {
            "Current number of replicas below Spec.MinReplicas".to_owned()
        };
    }
    if sync.desired < sync.current {
        return "All metrics below target".to_owned();
    }
    let metric = leading_metric(sync).and_then(|index| steering.metrics.get(index));
    metric.map_or_else(String::new, |metric| {
        format!("{} above target", spoken(metric))
    })
}
