//! Hand-made cards of a scorecard: figures that are easy to check, with bands around them.

use scaleplan::analysis::{
    BackendCard, BackendComparison, BoundCard, Comparison, DifferenceCard, ElasticityCard, LagCard,
    MismatchCard, PathCard, PathLimitCard, PathLossCard, ProvisionCard, SloCard, StabilityCard,
    StageCard, TrafficCard, VariantCard, Varied, Verdict,
};
use scaleplan::outcome::{BackendOutcome, Bound, PathLimit};
use scaleplan::stats::Band;

/// A figure that no run has.
pub(super) const ABSENT: Band = Band {
    median: f64::NAN,
    low: f64::NAN,
    high: f64::NAN,
};

pub(super) fn card(outcome: &BackendOutcome, delay: f64) -> BackendCard {
    let run = &outcome.runs[0];
    let bad = 100.0 * run.requests.bad() / run.requests.arrived.max(1.0);
    let mut worst = run.violations.clone();
    worst.sort_by(|a, b| b.bad_requests.total_cmp(&a.bad_requests));
    worst.truncate(5);
    BackendCard {
        backend: outcome.backend.clone(),
        slo: SloCard {
            verdict: if bad > 1.0 {
                Verdict::Missed
            } else {
                Verdict::Met
            },
            missed_runs: if bad > 1.0 { 20 } else { 1 },
            runs: 20,
            requests: exactly(run.requests.arrived.round()),
            good_percent: around(100.0 - bad, 0.2),
            bad_percent: around(bad, 0.1 * bad),
            late_percent: around(bad, 0.1 * bad),
            timed_out_percent: exactly(0.0),
            refused_percent: exactly(0.0),
            failed_percent: exactly(0.0),
            violation_minutes: around(4.0 + delay / 60.0, 1.0),
            counted_minutes: exactly(60.0),
            good_minutes_percent: around(100.0 - (4.0 + delay / 60.0) / 0.6, 2.0),
            allowed_minutes: ABSENT,
            budget_burn: around(bad, 0.1 * bad),
            violations: exactly(worst.len() as f64),
            worst,
            in_flight: exactly(0.0),
            mean: around(0.072 * delay / 30.0, 0.006),
            p50: around(0.055, 0.0004),
            p95: around(0.120, 0.01),
            p99: around(0.9 * delay / 30.0, 0.2),
            max: around(1.4 * delay / 30.0, 0.3),
            worst_backlog: around(run.worst_backlog.round(), 40.0),
            worst_wait: around(4.2, 0.5),
        },
        traffic: TrafficCard {
            retries: exactly(0.0),
            misrouted: exactly(0.0),
            dead_seconds: exactly(0.0),
            share_cv: ABSENT,
            busiest: ABSENT,
        },
        path: path_card(delay),
        lag: LagCard {
            episodes: around(2.0, 1.0),
            capacity_arrived: exactly(2.0),
            demand_fell: around(0.0, 0.0),
            censored: exactly(0.0),
            p50: around(delay + 35.0, 12.0),
            p95: around(delay + 51.0, 15.0),
            max: around(delay + 54.0, 15.0),
            stages: [
                stage(18.0, 6.0),
                stage(7.5, 4.0),
                stage(delay * 0.4, 4.0),
                stage(delay * 0.2, 0.5),
                stage(delay * 0.4, 9.0),
            ],
        },
        provision: ProvisionCard {
            under_replica_hours: around(delay / 600.0, 0.01),
            over_replica_hours: around(1.25, 0.1),
            under_percent: around(delay / 36.0, 0.3),
            over_percent: around(24.0, 2.0),
            replica_hours: around(3.9, 0.1),
            core_hours: around(1.95, 0.05),
            cost: around(0.078, 0.002),
            peak_ready: exactly(8.0),
            peak_demand: exactly(8.0),
        },
        elasticity: elasticity_card(delay),
        stability: StabilityCard {
            scale_ups: around(2.0, 1.0),
            scale_downs: exactly(3.0),
            reversals: exactly(1.0),
            overshoot_percent: around(12.5, 12.5),
            settling_seconds: around(45.0, 15.0),
        },
        bounds: Bound::ALL
            .iter()
            .map(|bound| BoundCard {
                bound: *bound,
                episodes: if *bound == Bound::Startup { 34 } else { 0 },
                share: match bound {
                    Bound::Metrics => 0.22,
                    Bound::Tolerance => 0.03,
                    Bound::Startup => 0.75,
                    _ => 0.0,
                },
            })
            .collect(),
    }
}

/// Scores that get worse with the delay.
fn elasticity_card(delay: f64) -> ElasticityCard {
    ElasticityCard {
        speedup: around(60.0 / (delay + 10.0), 0.05),
        clamped_runs: 0,
        scaled: mismatch(delay / 60.0),
        baseline_replicas: exactly(2.0),
        baseline: mismatch(3.0),
        instability_percent: around(4.2, 0.3),
        jitter_per_hour: around(1.5, 0.5),
        replica_jitter_per_hour: exactly(0.0),
    }
}

/// Scores that grow with the trouble.
fn mismatch(trouble: f64) -> MismatchCard {
    MismatchCard {
        under_accuracy: around(1.7 * trouble, 0.2),
        over_accuracy: around(21.0, 1.5),
        under_replicas: around(0.1 * trouble, 0.01),
        over_replicas: around(1.25, 0.1),
        under_timeshare: around(1.7 * trouble, 0.3),
        over_timeshare: around(24.0, 2.0),
    }
}

/// A path that is never full, on machines with eight times the latency.
fn path_card(delay: f64) -> PathCard {
    let is_vm = delay > 60.0;
    PathCard {
        mean: exactly(if is_vm { 0.000_75 } else { 0.000_1 }),
        peak_bits_per_second: around(5.8e6, 3e5),
        peak_throughput_percent: around(if is_vm { 0.193 } else { 0.058 }, 0.004),
        peak_connections: around(180.0, 12.0),
        peak_connections_percent: around(if is_vm { 0.6 } else { 0.18 }, 0.02),
        limits: PathLimit::ALL
            .iter()
            .map(|limit| PathLimitCard {
                limit: *limit,
                spoilt: exactly(0.0),
                first_in: 0,
            })
            .collect(),
        bound_first_at: ABSENT,
        loss: PathLossCard {
            latency_percent: if is_vm { exactly(650.0) } else { ABSENT },
            throughput_percent: ABSENT,
            connections_percent: ABSENT,
        },
    }
}

pub(super) fn around(median: f64, deviation: f64) -> Band {
    Band {
        median,
        low: (median - deviation).max(0.0),
        high: median + 1.3 * deviation,
    }
}

pub(super) fn exactly(value: f64) -> Band {
    around(value, 0.0)
}

/// A stage that is as long in every episode.
fn stage(seconds: f64, spread: f64) -> StageCard {
    let band = around(seconds, spread);
    StageCard {
        mean: band,
        p50: band,
        p95: band,
        max: band,
    }
}

/// Variants that are better than the cards by a share of them.
pub(super) fn compared(
    cards: &[BackendCard],
    varied: Varied,
    variants: &[(&str, f64)],
) -> Comparison {
    let scaled = |band: Band, factor: f64| Band {
        low: band.low * factor,
        median: band.median * factor,
        high: band.high * factor,
    };
    let variant = |baseline: &BackendCard, name: &str, change: f64| {
        let mut card = baseline.clone();
        let slo = &mut card.slo;
        for figure in [
            &mut slo.bad_percent,
            &mut slo.mean,
            &mut slo.p99,
            &mut card.lag.p95,
        ] {
            *figure = scaled(*figure, 1.0 + change);
        }
        card.traffic.share_cv = exactly(0.3 + 0.5 * change);
        VariantCard {
            name: name.to_owned(),
            is_other: change != 0.0,
            card,
            difference: DifferenceCard {
                bad_points: scaled(baseline.slo.bad_percent, change),
                lag_p95: scaled(baseline.lag.p95, change),
                p99: scaled(baseline.slo.p99, change),
            },
        }
    };
    let backends = cards.iter().map(|baseline| {
        let variants = variants.iter();
        BackendComparison {
            baseline: baseline.clone(),
            variants: variants
                .map(|(name, change)| variant(baseline, name, *change))
                .collect(),
        }
    });
    Comparison {
        varied,
        backends: backends.collect(),
        warnings: Vec::new(),
    }
}
