//! The figures of a report, in their order: one list for every format.

use super::format::{self, Unit};
use crate::analysis::{BackendCard, Scorecard};
use crate::outcome::Bound;
use crate::stats::Band;

/// Figures that answer one question.
pub(crate) struct Section {
    /// What a JSON object of them is called.
    pub(crate) key: &'static str,
    /// What the section is about, in a few words.
    pub(crate) title: &'static str,
    /// The same as a sentence for whoever meets the words for the first time.
    pub(crate) meaning: &'static str,
    /// The figures, in order.
    pub(crate) figures: &'static [Figure],
}

/// One figure of a backend.
pub(crate) struct Figure {
    /// Its name in machine-readable output, unique among all sections, with its unit where that is not a count.
    pub(crate) key: &'static str,
    /// Its name for people.
    pub(crate) label: &'static str,
    /// What it counts.
    pub(crate) unit: Unit,
    /// When people want to see it.
    pub(crate) shown: Shown,
    /// Takes it from the card.
    read: fn(&BackendCard) -> Band,
}

/// When a figure is shown to people; machines get all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// In every report.
    Always,
    /// In every report where some backend's figure is not zero.
    WhereNotZero,
    /// Only in wide reports.
    Wide,
}

impl Figure {
    /// The figure of one backend.
    pub(crate) fn of(&self, card: &BackendCard) -> Band {
        (self.read)(card)
    }

    /// Whether a report that is not wide shows it.
    pub(crate) fn is_brief(&self, scorecard: &Scorecard) -> bool {
        let is_zero = |card: &BackendCard| {
            let band = self.of(card);
            [band.low, band.median, band.high]
                .iter()
                .all(|value| *value == 0.0)
        };
        match self.shown {
            Shown::Always => true,
            Shown::WhereNotZero => !scorecard.backends.iter().all(is_zero),
            Shown::Wide => false,
        }
    }
}

use Shown::{Always, WhereNotZero, Wide};

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
                Wide,
                |c| c.slo.timed_out_percent,
            ),
            figure(
                "refusedRequestsPercent",
                "  refused",
                Unit::Percent,
                Wide,
                |c| c.slo.refused_percent,
            ),
            figure(
                "failedRequestsPercent",
                "  failed",
                Unit::Percent,
                Wide,
                |c| c.slo.failed_percent,
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
            figure("latencyP50Seconds", "p50", Unit::Seconds, Always, |c| {
                c.slo.p50
            }),
            figure("latencyP95Seconds", "p95", Unit::Seconds, Always, |c| {
                c.slo.p95
            }),
            figure("latencyP99Seconds", "p99", Unit::Seconds, Always, |c| {
                c.slo.p99
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
        key: "scaleLag",
        title: "Scale lag",
        meaning: "From demand above ready replicas until it no longer is; split as the episode of that rank.",
        figures: &[
            figure("lagP50Seconds", "p50", Unit::Seconds, Always, |c| c.lag.p50),
            figure(
                "lagP50DetectSeconds",
                "  detect",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[0].p50,
            ),
            figure(
                "lagP50DecideSeconds",
                "  decide",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[1].p50,
            ),
            figure(
                "lagP50PrepareSeconds",
                "  prepare",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[2].p50,
            ),
            figure(
                "lagP50StartSeconds",
                "  start",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[3].p50,
            ),
            figure(
                "lagP50ReadySeconds",
                "  ready",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[4].p50,
            ),
            figure("lagP95Seconds", "p95", Unit::Seconds, Always, |c| c.lag.p95),
            figure(
                "lagP95DetectSeconds",
                "  detect",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[0].p95,
            ),
            figure(
                "lagP95DecideSeconds",
                "  decide",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[1].p95,
            ),
            figure(
                "lagP95PrepareSeconds",
                "  prepare",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[2].p95,
            ),
            figure(
                "lagP95StartSeconds",
                "  start",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[3].p95,
            ),
            figure(
                "lagP95ReadySeconds",
                "  ready",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[4].p95,
            ),
            figure("lagMaxSeconds", "longest", Unit::Seconds, Always, |c| {
                c.lag.max
            }),
            figure(
                "lagMaxDetectSeconds",
                "  detect",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[0].max,
            ),
            figure(
                "lagMaxDecideSeconds",
                "  decide",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[1].max,
            ),
            figure(
                "lagMaxPrepareSeconds",
                "  prepare",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[2].max,
            ),
            figure(
                "lagMaxStartSeconds",
                "  start",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[3].max,
            ),
            figure(
                "lagMaxReadySeconds",
                "  ready",
                Unit::Seconds,
                Always,
                |c| c.lag.stages[4].max,
            ),
            figure(
                "meanDetectSeconds",
                "mean detect",
                Unit::Seconds,
                Wide,
                |c| c.lag.stages[0].mean,
            ),
            figure(
                "meanDecideSeconds",
                "mean decide",
                Unit::Seconds,
                Wide,
                |c| c.lag.stages[1].mean,
            ),
            figure(
                "meanPrepareSeconds",
                "mean prepare",
                Unit::Seconds,
                Wide,
                |c| c.lag.stages[2].mean,
            ),
            figure("meanStartSeconds", "mean start", Unit::Seconds, Wide, |c| {
                c.lag.stages[3].mean
            }),
            figure("meanReadySeconds", "mean ready", Unit::Seconds, Wide, |c| {
                c.lag.stages[4].mean
            }),
            figure("lagEpisodes", "lag episodes", Unit::Count, Always, |c| {
                c.lag.episodes
            }),
            figure(
                "lagEpisodesCapacityArrived",
                "  ended by capacity",
                Unit::Count,
                Always,
                |c| c.lag.capacity_arrived,
            ),
            figure(
                "lagEpisodesDemandFell",
                "  ended by demand",
                Unit::Count,
                Always,
                |c| c.lag.demand_fell,
            ),
            figure(
                "lagEpisodesCensored",
                "  cut off by the end",
                Unit::Count,
                WhereNotZero,
                |c| c.lag.censored,
            ),
        ],
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
    let figures = || SECTIONS.iter().flat_map(|section| section.figures);
    HEADLINES
        .iter()
        .filter_map(|(key, name)| {
            let figure = figures().find(|figure| figure.key == *key)?;
            let text = format::band(&figure.of(card), figure.unit).joined();
            Some(format!("{name} {text}"))
        })
        .collect()
}

const fn figure(
    key: &'static str,
    label: &'static str,
    unit: Unit,
    shown: Shown,
    read: fn(&BackendCard) -> Band,
) -> Figure {
    Figure {
        key,
        label,
        unit,
        shown,
        read,
    }
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

fn share(card: &BackendCard, bound: Bound) -> Band {
    let share = card.bounds.iter().find(|each| each.bound == bound);
    same_in_all_runs(share.map_or(0.0, |each| each.share * 100.0))
}

fn episodes(card: &BackendCard, bound: Bound) -> Band {
    let count = card.bounds.iter().find(|each| each.bound == bound);
    same_in_all_runs(count.map_or(0.0, |each| each.episodes as f64))
}

/// A figure over all runs together.
const fn same_in_all_runs(value: f64) -> Band {
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
            assert!(figure.label.len() <= 24, "{}", figure.label);
        }
    }
}
