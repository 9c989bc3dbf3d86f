//! A backend's card from the figures that a report's JSON holds.

use crate::analysis::{
    BackendCard, BoundCard, ElasticityCard, LagCard, MismatchCard, PathCard, PathLimitCard,
    PathLossCard, ProvisionCard, SloCard, StabilityCard, StageCard, TrafficCard, Verdict,
};
use crate::outcome::{Bound, PathLimit, Violation};
use crate::stats::Band;

/// What a card holds besides figures.
pub(super) struct Standing {
    pub(super) backend: String,
    pub(super) verdict: Verdict,
    pub(super) missed_runs: u32,
    pub(super) runs: u32,
    pub(super) worst: Vec<Violation>,
}

/// The card whose figures are those that `figure` finds by their keys.
pub(super) fn card(standing: Standing, figure: &dyn Fn(&str) -> Band) -> BackendCard {
    BackendCard {
        backend: standing.backend.clone(),
        slo: slo(standing, figure),
        traffic: TrafficCard {
            retries: figure("retries"),
            misrouted: figure("misroutedRequests"),
            dead_seconds: figure("deadReplicaTrafficSeconds"),
            share_cv: figure("loadShareCv"),
            busiest: figure("busiestOverMean"),
        },
        path: path(figure),
        lag: lag(figure),
        provision: ProvisionCard {
            under_replica_hours: figure("underProvisionReplicaHours"),
            over_replica_hours: figure("overProvisionReplicaHours"),
            under_percent: figure("underProvisionTimePercent"),
            over_percent: figure("overProvisionTimePercent"),
            replica_hours: figure("paidReplicaHours"),
            core_hours: figure("requestedCoreHours"),
            cost: figure("cost"),
            peak_ready: figure("peakReadyReplicas"),
            peak_demand: figure("peakDemandReplicas"),
        },
        elasticity: elasticity(figure),
        stability: StabilityCard {
            scale_ups: figure("scaleUps"),
            scale_downs: figure("scaleDowns"),
            reversals: figure("reversals"),
            overshoot_percent: figure("overshootPercent"),
            settling_seconds: figure("settlingSeconds"),
        },
        bounds: bounds(figure),
    }
}

fn slo(standing: Standing, figure: &dyn Fn(&str) -> Band) -> SloCard {
    SloCard {
        verdict: standing.verdict,
        missed_runs: standing.missed_runs,
        runs: standing.runs,
        requests: figure("requests"),
        good_percent: figure("goodRequestsPercent"),
        bad_percent: figure("badRequestsPercent"),
        late_percent: figure("lateRequestsPercent"),
        timed_out_percent: figure("timedOutRequestsPercent"),
        refused_percent: figure("refusedRequestsPercent"),
        failed_percent: figure("failedRequestsPercent"),
        in_flight: figure("inFlightRequests"),
        violation_minutes: figure("violationMinutes"),
        counted_minutes: figure("countedMinutes"),
        good_minutes_percent: figure("goodMinutesPercent"),
        allowed_minutes: figure("allowedViolationMinutes"),
        budget_burn: figure("budgetBurn"),
        violations: figure("violationEpisodes"),
        worst: standing.worst,
        mean: figure("latencyMeanSeconds"),
        p50: figure("latencyP50Seconds"),
        p95: figure("latencyP95Seconds"),
        p99: figure("latencyP99Seconds"),
        max: figure("latencyMaxSeconds"),
        worst_backlog: figure("worstBacklogRequests"),
        worst_wait: figure("worstWaitSeconds"),
    }
}

fn path(figure: &dyn Fn(&str) -> Band) -> PathCard {
    let limits = [
        (
            PathLimit::Latency,
            "spoiltByPathLatency",
            "pathLatencyFirstRuns",
        ),
        (
            PathLimit::Throughput,
            "spoiltByPathThroughput",
            "pathThroughputFirstRuns",
        ),
        (
            PathLimit::Connections,
            "spoiltByPathConnections",
            "pathConnectionsFirstRuns",
        ),
    ];
    PathCard {
        mean: figure("pathMeanSeconds"),
        peak_bits_per_second: figure("pathPeakBitsPerSecond"),
        peak_throughput_percent: figure("pathPeakThroughputPercent"),
        peak_connections: figure("pathPeakConnections"),
        peak_connections_percent: figure("pathPeakConnectionsPercent"),
        limits: limits
            .into_iter()
            .map(|(limit, spoilt, first)| PathLimitCard {
                limit,
                spoilt: figure(spoilt),
                first_in: whole(figure(first).median),
            })
            .collect(),
        bound_first_at: figure("pathBoundFirstAtSeconds"),
        loss: PathLossCard {
            latency_percent: figure("pathLatencyLossPercent"),
            throughput_percent: figure("pathThroughputLossPercent"),
            connections_percent: figure("pathConnectionsLossPercent"),
        },
    }
}

fn lag(figure: &dyn Fn(&str) -> Band) -> LagCard {
    let stage = |name: &str| StageCard {
        mean: figure(&format!("mean{name}Seconds")),
        p50: figure(&format!("lagP50{name}Seconds")),
        p95: figure(&format!("lagP95{name}Seconds")),
        max: figure(&format!("lagMax{name}Seconds")),
    };
    LagCard {
        episodes: figure("lagEpisodes"),
        capacity_arrived: figure("lagEpisodesCapacityArrived"),
        demand_fell: figure("lagEpisodesDemandFell"),
        censored: figure("lagEpisodesCensored"),
        p50: figure("lagP50Seconds"),
        p95: figure("lagP95Seconds"),
        max: figure("lagMaxSeconds"),
        stages: ["Detect", "Decide", "Prepare", "Start", "Ready"].map(stage),
    }
}

fn elasticity(figure: &dyn Fn(&str) -> Band) -> ElasticityCard {
    ElasticityCard {
        speedup: figure("elasticSpeedup"),
        clamped_runs: whole(figure("elasticSpeedupClampedRuns").median),
        scaled: MismatchCard {
            under_accuracy: figure("underAccuracyPercent"),
            over_accuracy: figure("overAccuracyPercent"),
            under_replicas: figure("meanUnderReplicas"),
            over_replicas: figure("meanOverReplicas"),
            under_timeshare: figure("underTimesharePercent"),
            over_timeshare: figure("overTimesharePercent"),
        },
        baseline_replicas: figure("baselineReplicas"),
        baseline: MismatchCard {
            under_accuracy: figure("baselineUnderAccuracyPercent"),
            over_accuracy: figure("baselineOverAccuracyPercent"),
            under_replicas: figure("baselineMeanUnderReplicas"),
            over_replicas: figure("baselineMeanOverReplicas"),
            under_timeshare: figure("baselineUnderTimesharePercent"),
            over_timeshare: figure("baselineOverTimesharePercent"),
        },
        instability_percent: figure("instabilityPercent"),
        jitter_per_hour: figure("jitterPerHour"),
        replica_jitter_per_hour: figure("replicaJitterPerHour"),
    }
}

fn bounds(figure: &dyn Fn(&str) -> Band) -> Vec<BoundCard> {
    let of = |bound: Bound| {
        let name = match bound {
            Bound::Metrics => "Metrics",
            Bound::Tolerance => "Tolerance",
            Bound::Stabilization => "Stabilization",
            Bound::Policy => "Policy",
            Bound::MaxReplicas => "MaxReplicas",
            Bound::Nodes => "Nodes",
            Bound::Startup => "Startup",
        };
        BoundCard {
            bound,
            episodes: u64::from(whole(figure(&format!("boundBy{name}Episodes")).median)),
            share: figure(&format!("boundBy{name}Percent")).median / 100.0,
        }
    };
    Bound::ALL.into_iter().map(of).collect()
}

/// A count that was written as a number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and NaN becomes zero"
)]
fn whole(count: f64) -> u32 {
    count.round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figures::SECTIONS;

    #[test]
    fn every_figure_comes_back() {
        let figures = || SECTIONS.iter().flat_map(|section| section.figures);
        let standing = Standing {
            backend: "container".to_owned(),
            verdict: Verdict::Met,
            missed_runs: 0,
            runs: 20,
            worst: Vec::new(),
        };
        let value = |key: &str| {
            let index = figures().position(|figure| figure.key == key);
            index.map_or(f64::NAN, |index| index as f64 + 1.0)
        };
        let card = card(standing, &|key| {
            let value = value(key);
            Band {
                median: value,
                low: value,
                high: value,
            }
        });
        for figure in figures() {
            let (found, expected) = (figure.of(&card).median, value(figure.key));
            assert!((found - expected).abs() < 1e-9, "{}: {found}", figure.key);
        }
    }
}
