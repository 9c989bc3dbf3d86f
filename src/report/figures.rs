//! The figures of a report, in their order: one list for every format.

use super::elasticity_figures::ELASTICITY;
use super::figure::Shown::{Always, WhereNotZero, Wide};
use super::figure::{Figure, Section, figure};
use super::format::{self, Unit};
use super::lag_figures::LAG;
use crate::analysis::BackendCard;
use crate::outcome::{Bound, PathLimit};
use crate::stats::Band;

/// Every figure of every report.
pub(crate) const SECTIONS: &[Section] = &[
    Section {
        key: "slo",
        title: "Objective",
        meaning: "Bad requests were late, timed out, refused or failed.",
        figures: &[
            figure("requests", "requests", Unit::Requests, Wide, |c| {
                c.slo.requests
            }),
            figure(
                "badRequestsPercent",
                "bad requests",
                Unit::Percent,
                Always,
                |c| c.slo.bad_percent,
            ),
            figure("lateRequestsPercent", "  late", Unit::Percent, Wide, |c| {
                c.slo.late_percent
            }),
            figure(
                "timedOutRequestsPercent",
                "  timed out",
                Unit::Percent,
                WhereNotZero,
                |c| c.slo.timed_out_percent,
            ),
            figure(
                "refusedRequestsPercent",
                "  refused",
                Unit::Percent,
                WhereNotZero,
                |c| c.slo.refused_percent,
            ),
            figure(
                "failedRequestsPercent",
                "  failed",
                Unit::Percent,
                WhereNotZero,
                |c| c.slo.failed_percent,
            ),
            figure(
                "inFlightRequests",
                "in flight at the end",
                Unit::Requests,
                Wide,
                |c| c.slo.in_flight,
            ),
            figure(
                "goodRequestsPercent",
                "good requests",
                Unit::Percent,
                Wide,
                |c| c.slo.good_percent,
            ),
            figure(
                "violationMinutes",
                "violation minutes",
                Unit::Minutes,
                Always,
                |c| c.slo.violation_minutes,
            ),
            figure(
                "allowedViolationMinutes",
                "  allowed",
                Unit::Minutes,
                WhereNotZero,
                |c| c.slo.allowed_minutes,
            ),
            figure("countedMinutes", "  of", Unit::Minutes, Wide, |c| {
                c.slo.counted_minutes
            }),
            figure(
                "goodMinutesPercent",
                "good minutes",
                Unit::Percent,
                Wide,
                |c| c.slo.good_minutes_percent,
            ),
            figure("budgetBurn", "error budget burn", Unit::Ratio, Wide, |c| {
                c.slo.budget_burn
            }),
            figure(
                "violationEpisodes",
                "violation episodes",
                Unit::Count,
                Always,
                |c| c.slo.violations,
            ),
        ],
    },
    Section {
        key: "latency",
        title: "Latency",
        meaning: "What clients saw, over all answered requests.",
        figures: &[
            figure("latencyMeanSeconds", "mean", Unit::Seconds, Always, |c| {
                c.slo.mean
            }),
            figure("latencyP50Seconds", "p50", Unit::Seconds, Always, |c| {
                c.slo.p50
            }),
            figure("latencyP95Seconds", "p95", Unit::Seconds, Always, |c| {
                c.slo.p95
            }),
            figure("latencyP99Seconds", "p99", Unit::Seconds, Always, |c| {
                c.slo.p99
            }),
            figure("latencyMaxSeconds", "max", Unit::Seconds, Always, |c| {
                c.slo.max
            }),
            figure(
                "worstBacklogRequests",
                "longest queue",
                Unit::Requests,
                Always,
                |c| c.slo.worst_backlog,
            ),
            figure(
                "worstWaitSeconds",
                "longest wait",
                Unit::Seconds,
                Always,
                |c| c.slo.worst_wait,
            ),
        ],
    },
    Section {
        key: "traffic",
        title: "Traffic",
        meaning: "How requests were spread, and what happened to them on the way.",
        figures: &[
            figure("retries", "retries", Unit::Requests, WhereNotZero, |c| {
                c.traffic.retries
            }),
            figure(
                "misroutedRequests",
                "to gone replicas",
                Unit::Requests,
                WhereNotZero,
                |c| c.traffic.misrouted,
            ),
            figure(
                "deadReplicaTrafficSeconds",
                "  dead took traffic",
                Unit::Seconds,
                WhereNotZero,
                |c| c.traffic.dead_seconds,
            ),
            figure(
                "loadShareCv",
                "load imbalance, CV",
                Unit::Ratio,
                WhereNotZero,
                |c| c.traffic.share_cv,
            ),
            figure(
                "busiestOverMean",
                "  busiest over mean",
                Unit::Ratio,
                WhereNotZero,
                |c| c.traffic.busiest,
            ),
        ],
    },
    Section {
        key: "path",
        title: "Request path",
        meaning: "To one replica; dL, dT, dC: its losses against a container's.",
        figures: &[
            figure(
                "pathMeanSeconds",
                "mean time on it",
                Unit::Seconds,
                WhereNotZero,
                |c| c.path.mean,
            ),
            figure(
                "pathLatencyLossPercent",
                "  dL, latency",
                Unit::Percent,
                WhereNotZero,
                |c| c.path.loss.latency_percent,
            ),
            figure(
                "pathPeakBitsPerSecond",
                "peak throughput",
                Unit::BitsPerSecond,
                WhereNotZero,
                |c| c.path.peak_bits_per_second,
            ),
            figure(
                "pathPeakThroughputPercent",
                "  of what it carries",
                Unit::Percent,
                Wide,
                |c| c.path.peak_throughput_percent,
            ),
            figure(
                "pathThroughputLossPercent",
                "  dT, throughput",
                Unit::Percent,
                WhereNotZero,
                |c| c.path.loss.throughput_percent,
            ),
            figure(
                "pathPeakConnections",
                "peak connections",
                Unit::Count,
                WhereNotZero,
                |c| c.path.peak_connections,
            ),
            figure(
                "pathPeakConnectionsPercent",
                "  of the most",
                Unit::Percent,
                Wide,
                |c| c.path.peak_connections_percent,
            ),
            figure(
                "pathConnectionsLossPercent",
                "  dC, connections",
                Unit::Percent,
                WhereNotZero,
                |c| c.path.loss.connections_percent,
            ),
            spoilt("spoiltByPathLatency", "spoilt: latency", |c| {
                spoilt_by(c, PathLimit::Latency)
            }),
            spoilt("spoiltByPathThroughput", "spoilt: throughput", |c| {
                spoilt_by(c, PathLimit::Throughput)
            }),
            spoilt("spoiltByPathConnections", "spoilt: connections", |c| {
                spoilt_by(c, PathLimit::Connections)
            }),
            runs_first("pathLatencyFirstRuns", "runs latency first", |c| {
                first_in(c, PathLimit::Latency)
            }),
            runs_first("pathThroughputFirstRuns", "runs throughput first", |c| {
                first_in(c, PathLimit::Throughput)
            }),
            runs_first("pathConnectionsFirstRuns", "runs connections first", |c| {
                first_in(c, PathLimit::Connections)
            }),
            figure(
                "pathBoundFirstAtSeconds",
                "the first of them at",
                Unit::Seconds,
                Wide,
                |c| c.path.bound_first_at,
            ),
        ],
    },
    Section {
        key: "scaleLag",
        title: "Scale lag",
        meaning: "From demand above ready replicas until it no longer is; split as the episode of that rank.",
        figures: LAG,
    },
    Section {
        key: "bounds",
        title: "What held scale-ups back",
        meaning: "Share of all time below demand.",
        figures: &[
            bound_share("boundByMetricsPercent", "metrics", |c| {
                share(c, Bound::Metrics)
            }),
            bound_share("boundByTolerancePercent", "tolerance", |c| {
                share(c, Bound::Tolerance)
            }),
            bound_share("boundByStabilizationPercent", "stabilization", |c| {
                share(c, Bound::Stabilization)
            }),
            bound_share("boundByPolicyPercent", "policy", |c| {
                share(c, Bound::Policy)
            }),
            bound_share("boundByMaxReplicasPercent", "maxReplicas", |c| {
                share(c, Bound::MaxReplicas)
            }),
            bound_share("boundByNodesPercent", "no room on nodes", |c| {
                share(c, Bound::Nodes)
            }),
            bound_share("boundByStartupPercent", "startup", |c| {
                share(c, Bound::Startup)
            }),
            bound_episodes("boundByMetricsEpisodes", "episodes: metrics", |c| {
                episodes(c, Bound::Metrics)
            }),
            bound_episodes("boundByToleranceEpisodes", "episodes: tolerance", |c| {
                episodes(c, Bound::Tolerance)
            }),
            bound_episodes(
                "boundByStabilizationEpisodes",
                "episodes: stabilization",
                |c| episodes(c, Bound::Stabilization),
            ),
            bound_episodes("boundByPolicyEpisodes", "episodes: policy", |c| {
                episodes(c, Bound::Policy)
            }),
            bound_episodes("boundByMaxReplicasEpisodes", "episodes: maxReplicas", |c| {
                episodes(c, Bound::MaxReplicas)
            }),
            bound_episodes("boundByNodesEpisodes", "episodes: no room", |c| {
                episodes(c, Bound::Nodes)
            }),
            bound_episodes("boundByStartupEpisodes", "episodes: startup", |c| {
                episodes(c, Bound::Startup)
            }),
        ],
    },
    Section {
        key: "capacity",
        title: "Capacity",
        meaning: "Demand: the least replicas that keep the objective.",
        figures: &[
            figure(
                "peakDemandReplicas",
                "peak demand",
                Unit::Replicas,
                Always,
                |c| c.provision.peak_demand,
            ),
            figure(
                "peakReadyReplicas",
                "peak ready",
                Unit::Replicas,
                Always,
                |c| c.provision.peak_ready,
            ),
            figure(
                "underProvisionReplicaHours",
                "under-provision",
                Unit::ReplicaHours,
                Always,
                |c| c.provision.under_replica_hours,
            ),
            figure(
                "underProvisionTimePercent",
                "  time under demand",
                Unit::Percent,
                Always,
                |c| c.provision.under_percent,
            ),
            figure(
                "overProvisionReplicaHours",
                "over-provision",
                Unit::ReplicaHours,
                Always,
                |c| c.provision.over_replica_hours,
            ),
            figure(
                "overProvisionTimePercent",
                "  time over demand",
                Unit::Percent,
                Wide,
                |c| c.provision.over_percent,
            ),
            figure(
                "paidReplicaHours",
                "replica-hours paid",
                Unit::ReplicaHours,
                Always,
                |c| c.provision.replica_hours,
            ),
            figure(
                "requestedCoreHours",
                "cpu requested",
                Unit::CoreHours,
                Always,
                |c| c.provision.core_hours,
            ),
            figure(
                "cost",
                "cost, price x core-h",
                Unit::Price,
                WhereNotZero,
                |c| c.provision.cost,
            ),
        ],
    },
    Section {
        key: "elasticity",
        title: "Elasticity",
        meaning: "Ready replicas against demand; speedup over a constant count, clamped at scores of 0.",
        figures: ELASTICITY,
    },
    Section {
        key: "stability",
        title: "Stability",
        meaning: "How calm the controller was.",
        figures: &[
            figure(
                "overshootPercent",
                "largest overshoot",
                Unit::Percent,
                Always,
                |c| c.stability.overshoot_percent,
            ),
            figure(
                "settlingSeconds",
                "longest settling",
                Unit::Seconds,
                Always,
                |c| c.stability.settling_seconds,
            ),
            figure(
                "reversals",
                "direction reversals",
                Unit::Count,
                Always,
                |c| c.stability.reversals,
            ),
            figure("scaleUps", "scale-ups", Unit::Count, Always, |c| {
                c.stability.scale_ups
            }),
            figure("scaleDowns", "scale-downs", Unit::Count, Always, |c| {
                c.stability.scale_downs
            }),
        ],
    },
];

/// The figures that a picture names, and what they are called there.
const HEADLINES: &[(&str, &str)] = &[
    ("lagP95Seconds", "scale lag p95"),
    ("latencyP99Seconds", "latency p99"),
    ("violationMinutes", "below objective"),
    ("paidReplicaHours", "paid"),
];

/// The figures that matter most, each in a few words.
pub(crate) fn headlines(card: &BackendCard) -> Vec<String> {
    HEADLINES
        .iter()
        .filter_map(|(key, name)| {
            let figure = figure_of(key)?;
            let text = format::band(&figure.of(card), figure.unit).joined();
            Some(format!("{name} {text}"))
        })
        .collect()
}

/// The figure of a key.
pub(crate) fn figure_of(key: &str) -> Option<&'static Figure> {
    let mut figures = SECTIONS.iter().flat_map(|section| section.figures);
    figures.find(|figure| figure.key == key)
}

const fn bound_share(
    key: &'static str,
    label: &'static str,
    read: fn(&BackendCard) -> Band,
) -> Figure {
    figure(key, label, Unit::Percent, WhereNotZero, read)
}

const fn bound_episodes(
    key: &'static str,
    label: &'static str,
    read: fn(&BackendCard) -> Band,
) -> Figure {
    figure(key, label, Unit::Count, Wide, read)
}

const fn spoilt(key: &'static str, label: &'static str, read: fn(&BackendCard) -> Band) -> Figure {
    figure(key, label, Unit::Requests, WhereNotZero, read)
}

const fn runs_first(
    key: &'static str,
    label: &'static str,
    read: fn(&BackendCard) -> Band,
) -> Figure {
    figure(key, label, Unit::Count, Wide, read)
}

/// Requests that one limit of the path spoilt.
fn spoilt_by(card: &BackendCard, limit: PathLimit) -> Band {
    let found = card.path.limits.iter().find(|each| each.limit == limit);
    found.map_or(same_in_all_runs(0.0), |each| each.spoilt)
}

/// Runs in which one limit of the path bound first.
fn first_in(card: &BackendCard, limit: PathLimit) -> Band {
    let found = card.path.limits.iter().find(|each| each.limit == limit);
    same_in_all_runs(found.map_or(0.0, |each| f64::from(each.first_in)))
}

fn share(card: &BackendCard, bound: Bound) -> Band {
    let share = card.bounds.iter().find(|each| each.bound == bound);
    same_in_all_runs(share.map_or(0.0, |each| each.share * 100.0))
}

fn episodes(card: &BackendCard, bound: Bound) -> Band {
    let count = card.bounds.iter().find(|each| each.bound == bound);
    same_in_all_runs(count.map_or(0.0, |each| each.episodes as f64))
}

/// A figure over all runs together.
pub(super) const fn same_in_all_runs(value: f64) -> Band {
    Band {
        median: value,
        low: value,
        high: value,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn machine_keys_are_unique() {
        let figures = || SECTIONS.iter().flat_map(|section| section.figures);
        let keys: BTreeSet<&str> = figures().map(|figure| figure.key).collect();
        assert_eq!(keys.len(), figures().count());
    }

    #[test]
    fn machine_keys_end_in_their_unit() {
        for figure in SECTIONS.iter().flat_map(|section| section.figures) {
            assert!(
                figure.key.ends_with(figure.unit.key_ending()),
                "{}",
                figure.key
            );
        }
    }

    #[test]
    fn headlines_are_figures() {
        for (key, _) in HEADLINES {
            let mut figures = SECTIONS.iter().flat_map(|section| section.figures);
            assert!(figures.any(|figure| figure.key == *key), "{key}");
        }
    }

    #[test]
    fn labels_fit_a_narrow_column() {
        for figure in SECTIONS.iter().flat_map(|section| section.figures) {
            assert!(figure.label.chars().count() <= 24, "{}", figure.label);
        }
    }
}
