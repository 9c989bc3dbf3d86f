//! Hand-made reports: a scenario, an outcome of the right shape, and a scorecard with figures that are easy to check.

use super::cards::{ABSENT, around, card, compared, exactly};
use scaleplan::analysis::{Comparison, Scorecard, StageCard, TrafficCard, Varied, Verdict};
use scaleplan::hpa::{ControllerConfig, HpaSpec, MetricSpec, MetricTarget, Resource};
use scaleplan::outcome::{
    BackendOutcome, Bound, DecisionLog, ElasticityFigures, EpisodeEnd, LagEpisode, LatencyFigures,
    Outcome, Provision, RequestTotals, Rescale, RunOutcome, ScaleUpBurst, SyncLog, Timeline,
    TimelineRow, TrafficFigures, Violation,
};
use scaleplan::plant::{
    EndpointSpec, HealthSpec, PlantSpec, PodSpec, Probe, ServingSpec, StartupSpec,
};
use scaleplan::report::{Report, Subject};
use scaleplan::scenario::{
    Assumption, Backend, BackendKind, Fidelity, MetricSource, MetricsIntervals, Origin, Scenario,
    Slo, Target,
};
use scaleplan::stats::{Band, Distribution};
use scaleplan::trace::{ArrivalTrace, Profile};
use scaleplan::traffic::{Balancing, Discipline, PathSpec, RetrySpec};
use scaleplan::units::{SimDuration, SimTime};

/// Requests/s that one replica serves within the objective.
const RATE_PER_REPLICA: f64 = 20.0;

/// Everything that a report borrows.
pub(crate) struct Sample {
    pub(crate) scenario: Scenario,
    pub(crate) outcome: Outcome,
    pub(crate) scorecard: Scorecard,
    pub(super) comparisons: Vec<Comparison>,
}

impl Sample {
    /// A workload on containers, which follow within half a minute, and on VMs, which take three.
    pub(super) fn of(profile: Profile, step: SimDuration, length: SimDuration) -> Self {
        let trace = ArrivalTrace::from_rates(profile.series(step, length));
        let scenario = scenario(trace);
        let delays = [30.0, 180.0];
        let names = ["container", "vm"];
        let backends = names.into_iter().zip(delays).map(|(name, delay)| {
            let timeline = timeline(&scenario.trace, length, delay);
            BackendOutcome {
                backend: name.to_owned(),
                runs: vec![run(&timeline, length)],
                timeline,
                decisions: DecisionLog::default(),
                syncs: SyncLog::default(),
            }
        });
        let outcome = Outcome {
            backends: backends.collect(),
        };
        let cards = outcome.backends.iter().zip(delays);
        let scorecard = Scorecard {
            backends: cards.map(|(backend, delay)| card(backend, delay)).collect(),
            verdict_backend: 0,
        };
        Self {
            scenario,
            outcome,
            scorecard,
            comparisons: Vec::new(),
        }
    }

    /// Twenty quiet minutes, ten of four times the load, thirty more.
    pub(crate) fn spike() -> Self {
        Self::of(
            Profile::Spike {
                base: 35.0,
                peak: 150.0,
                start: SimTime::from_seconds(1200),
                length: SimDuration::from_seconds(600),
            },
            SimDuration::from_seconds(15),
            SimDuration::from_seconds(3600),
        )
    }

    /// Only the first backend.
    pub(super) fn without_the_second_backend(mut self) -> Self {
        self.scenario.backends.truncate(1);
        self.outcome.backends.truncate(1);
        self.scorecard.backends.truncate(1);
        self
    }

    /// The first backend cannot prove it, the second misses it.
    pub(super) fn with_an_objective_over_minutes(mut self) -> Self {
        self.scenario.slo.good_slices = Some(0.999);
        for card in &mut self.scorecard.backends {
            card.slo.allowed_minutes = exactly(0.06);
        }
        if let Some(card) = self.scorecard.backends.first_mut() {
            card.slo.verdict = Verdict::Unproven;
        }
        self
    }

    /// As if nothing had ever been answered or scaled.
    pub(crate) fn without_any_number(mut self) -> Self {
        for card in &mut self.scorecard.backends {
            let (slo, lag) = (&mut card.slo, &mut card.lag);
            for figure in [
                &mut slo.mean,
                &mut slo.p50,
                &mut slo.p95,
                &mut slo.p99,
                &mut slo.max,
                &mut card.path.mean,
                &mut card.path.peak_throughput_percent,
                &mut card.path.peak_connections_percent,
                &mut card.path.loss.latency_percent,
            ] {
                *figure = ABSENT;
            }
            (lag.p50, lag.p95, lag.max) = (ABSENT, ABSENT, ABSENT);
            lag.stages = [StageCard {
                mean: ABSENT,
                p50: ABSENT,
                p95: ABSENT,
                max: ABSENT,
            }; 5];
            card.stability.settling_seconds = ABSENT;
            card.stability.overshoot_percent = Band {
                high: f64::INFINITY,
                ..ABSENT
            };
        }
        for backend in &mut self.outcome.backends {
            for row in &mut backend.timeline.rows {
                (row.p50, row.p95, row.p99) = (f64::NAN, f64::NAN, f64::NAN);
                (row.usage_ratio, row.arrival_rate) = (f64::NAN, 0.0);
                (row.requests, row.bad_requests, row.backlog) = (0.0, 0.0, 0.0);
                (row.demand, row.ready_min, row.ready_max, row.desired) = (0, 0, 0, 0);
            }
        }
        self
    }

    /// A storm of retries through machines whose path is full, while dead replicas still take traffic.
    pub(super) fn with_troubled_traffic(mut self) -> Self {
        for (index, card) in self.scorecard.backends.iter_mut().enumerate() {
            card.traffic = TrafficCard {
                retries: around(18_400.0, 900.0),
                misrouted: around(412.0, 60.0),
                dead_seconds: around(41.0, 6.0),
                share_cv: around(0.31, 0.02),
                busiest: around(1.74, 0.1),
            };
            card.slo.timed_out_percent = around(0.12, 0.03);
            card.slo.refused_percent = around(0.34, 0.05);
            card.slo.failed_percent = around(0.02, 0.01);
            card.slo.in_flight = around(12.0, 4.0);
            if index == 0 {
                continue;
            }
            let path = &mut card.path;
            path.peak_bits_per_second = around(1.98e9, 1e7);
            path.peak_throughput_percent = around(99.0, 0.5);
            path.limits[1].spoilt = around(9210.0, 800.0);
            path.limits[1].first_in = 19;
            path.limits[2].spoilt = around(77.0, 20.0);
            path.limits[2].first_in = 1;
            path.bound_first_at = around(1265.0, 20.0);
            path.loss.throughput_percent = around(60.4, 1.0);
        }
        self
    }

    /// Beside three strategies and three optimizations, the last of which changes nothing.
    pub(crate) fn with_comparisons(mut self) -> Self {
        let strategies = [
            ("random", 0.0),
            ("round-robin", -0.25),
            ("least-connections", -0.4),
        ];
        let optimizations = [
            ("cdi-preload", -0.6),
            ("qemu-snapshot", -0.2),
            ("sr-iov", 0.0),
        ];
        let cards = &self.scorecard.backends;
        self.comparisons = vec![
            compared(cards, Varied::Balancing, &strategies),
            compared(cards, Varied::Optimization, &optimizations),
        ];
        self
    }

    /// Every text that comes from a file is an attack.
    pub(crate) fn with_hostile_names(mut self) -> Self {
        let attack = "\u{1b}]0;owned\u{7}\u{202e}\r\n# x\n| evil |`<script>@all".to_owned();
        let formula = "=cmd|' /C calc,\u{1b}[2J".to_owned();
        let scenario = &mut self.scenario;
        scenario.name.clone_from(&attack);
        scenario.trace_name.clone_from(&attack);
        scenario.target.kind.clone_from(&attack);
        scenario.target.name.clone_from(&attack);
        scenario.warnings.push(attack.clone());
        scenario.cautions.push(attack.clone());
        scenario.hpa.metrics.push(MetricSpec::External {
            name: attack.clone(),
            target: MetricTarget::Value(1000),
        });
        for assumption in &mut scenario.assumptions {
            assumption.key.clone_from(&attack);
            assumption.value.clone_from(&attack);
            assumption.note.clone_from(&attack);
            assumption.origin = Origin::Derived(attack.clone());
        }
        for (backend, outcome) in scenario.backends.iter_mut().zip(&mut self.outcome.backends) {
            backend.name.clone_from(&formula);
            outcome.backend.clone_from(&formula);
        }
        for card in &mut self.scorecard.backends {
            card.backend.clone_from(&formula);
        }
        for comparison in &mut self.comparisons {
            comparison.warnings.push(attack.clone());
        }
        for backend in self
            .comparisons
            .iter_mut()
            .flat_map(|all| &mut all.backends)
        {
            backend.baseline.backend.clone_from(&formula);
            for variant in &mut backend.variants {
                variant.name.clone_from(&attack);
            }
        }
        self
    }

    pub(crate) fn report(&self) -> Report<'_> {
        Report {
            subject: Subject::of(&self.scenario),
            outcome: &self.outcome,
            scorecard: &self.scorecard,
            comparisons: &self.comparisons,
            followed_version: "Kubernetes 1.36 HPA controller (autoscaling/v2)",
        }
    }
}

fn scenario(trace: ArrivalTrace) -> Scenario {
    Scenario {
        name: "default/app".to_owned(),
        target: Target {
            kind: "Deployment".to_owned(),
            name: "app".to_owned(),
        },
        hpa: HpaSpec {
            min_replicas: 1,
            max_replicas: 10,
            metrics: vec![MetricSpec::Resource {
                resource: Resource::Cpu,
                target: MetricTarget::Utilization(70),
            }],
            behavior: None,
        },
        activation: None,
        controller: ControllerConfig::KUBERNETES_1_36,
        metric_sources: vec![MetricSource::Cpu],
        intervals: MetricsIntervals {
            usage: SimDuration::from_seconds(10),
            resource: SimDuration::from_seconds(15),
            custom: SimDuration::from_seconds(30),
        },
        trace,
        trace_name: "spike.csv".to_owned(),
        trace_start: None,
        arrival_grain: SimDuration::from_seconds(60),
        initial_replicas: 2,
        unscaled_replicas: 2,
        slo: Slo::DEFAULT,
        backends: vec![
            backend("container", BackendKind::Container),
            backend("vm", BackendKind::Vm),
        ],
        verdict_backend: 0,
        fidelity: Fidelity::Fluid,
        disturbances: Vec::new(),
        metric_requests: vec![Some(500)],
        columns: Vec::new(),
        rate_at_target: RATE_PER_REPLICA,
        rate_scale: 1.0,
        price_per_core_hour: 0.04,
        runs: 20,
        seed: 1,
        assumptions: assumptions(),
        cautions: vec!["the load was fitted to the autoscaler".to_owned()],
        out_of_reach: Vec::new(),
        warnings: vec![
            "the trace has steps of 5 min: what happens within them was drawn, not recorded"
                .to_owned(),
        ],
    }
}

fn assumptions() -> Vec<Assumption> {
    let assumption = |key: &str, value: &str, origin, note: &str| Assumption {
        key: key.to_owned(),
        value: value.to_owned(),
        origin,
        note: note.to_owned(),
    };
    vec![
        assumption("min-replicas", "1", Origin::Manifest, ""),
        assumption("max-replicas", "10", Origin::Manifest, ""),
        assumption("cpu-request", "500m", Origin::Manifest, ""),
        assumption(
            "cpu-per-request",
            "17.5ms",
            Origin::Derived("the trace's peak needs 6 replicas at the target".to_owned()),
            "say --cpu-per-request or --peak-replicas if you know better",
        ),
        assumption("runs", "20", Origin::Flag, ""),
        assumption(
            "trace-unit",
            "requests/s",
            Origin::Trace,
            "named by the column",
        ),
        assumption("service-time", "50ms", Origin::Default, "at a free worker"),
        assumption("service-scv", "1", Origin::Default, ""),
        assumption("slo", "99%<300ms", Origin::Default, ""),
        assumption("timeout", "10s", Origin::Default, ""),
        assumption("container.start", "1..2s", Origin::Default, ""),
        assumption("vm.prepare", "30..180s", Origin::Default, ""),
        assumption("price", "0.04/core-hour", Origin::Default, ""),
    ]
}

fn backend(name: &str, kind: BackendKind) -> Backend {
    Backend {
        name: name.to_owned(),
        kind,
        plant: PlantSpec {
            pod: PodSpec {
                cpu_request: 0.5,
                cpu_limit: 1.0,
                cpu_idle: 0.01,
                cpu_starting: 0.2,
                memory_idle: 1e8,
                memory_per_request: 1e5,
                termination_grace_period: SimDuration::from_seconds(30),
            },
            startup: StartupSpec {
                prepare: Distribution::Uniform {
                    low: 0.0,
                    high: 5.0,
                },
                start: Distribution::Uniform {
                    low: 1.0,
                    high: 2.0,
                },
                ready: Distribution::Uniform {
                    low: 5.0,
                    high: 30.0,
                },
                startup_probe: None,
                probe: Probe {
                    initial_delay: SimDuration::ZERO,
                    probe_period: SimDuration::from_seconds(10),
                    success_threshold: 1,
                },
                prepare_at_once: None,
                warm_pool: 0,
            },
            serving: ServingSpec {
                cpu_per_request: 0.0175,
                service: Distribution::Exponential { mean: 0.05 },
                discipline: Discipline::Fifo,
                concurrency: None,
                queue_bound: None,
                timeout: SimDuration::from_seconds(10),
                retry: RetrySpec::NONE,
            },
            path: PathSpec::direct(1e-4),
            balancing: Balancing::random(),
            endpoints: EndpointSpec::immediate(),
            health: HealthSpec::CONTAINER,
            nodes: None,
        },
    }
}

/// Ready replicas that follow the demand after a delay, and what that does to latency: shapes, not a model.
fn timeline(trace: &ArrivalTrace, length: SimDuration, delay: f64) -> Timeline {
    let step = SimDuration::from_nanos((length.as_nanos() / 1000).max(1_000_000));
    let seconds = step.as_seconds();
    let rate_at = |at: f64| {
        let at = SimTime::ZERO + SimDuration::from_seconds_rounded(at.max(0.0));
        trace.series().value_at(at).unwrap_or(0.0)
    };
    let needed = |rate: f64| whole((rate / RATE_PER_REPLICA).ceil());
    let mut rows = Vec::new();
    let mut backlog = 0.0_f64;
    let mut at = 0.0;
    while at + seconds / 2.0 < length.as_seconds() {
        let rate = rate_at(at);
        let demand = needed(rate).clamp(1, 12);
        let held = (0..20).map(|k| needed(rate_at(at - delay - f64::from(k) * 15.0)));
        let ready = held.max().unwrap_or(1).clamp(1, 10);
        let desired = needed(rate_at(at - 20.0)).clamp(1, 10).max(ready);
        let occupancy = rate / (1.15 * RATE_PER_REPLICA * f64::from(ready));
        backlog = (backlog + (occupancy - 1.0) * 60.0 * seconds.min(15.0)).max(0.0);
        let p99 = if occupancy < 1.0 {
            0.06 + 0.02 / (1.02 - occupancy)
        } else {
            (0.5 + backlog / rate).min(10.0)
        };
        let requests = rate * seconds;
        rows.push(TimelineRow {
            at: SimTime::ZERO + SimDuration::from_seconds_rounded(at),
            arrival_rate: rate,
            demand,
            ready_min: ready,
            ready_max: ready,
            desired,
            desired_min: desired,
            desired_max: desired,
            usage_ratio_min: f64::NAN,
            usage_ratio_max: f64::NAN,
            usage_ratio: if at < 15.0 {
                f64::NAN
            } else {
                (occupancy * 1.3).min(2.4)
            },
            p50: if rate > 0.0 { p99 / 6.0 } else { f64::NAN },
            p95: if rate > 0.0 { p99 / 1.5 } else { f64::NAN },
            p99: if rate > 0.0 { p99 } else { f64::NAN },
            requests,
            bad_requests: if p99 > 0.3 { requests * 0.6 } else { 0.0 },
            backlog,
        });
        at += seconds;
    }
    Timeline { step, rows }
}

fn run(timeline: &Timeline, horizon: SimDuration) -> RunOutcome {
    let total = |read: fn(&TimelineRow) -> f64| timeline.rows.iter().map(read).sum::<f64>();
    let short = |row: &TimelineRow| row.demand > row.ready_min;
    let lag_episodes = spans(timeline, short).map(|(begin, end)| LagEpisode {
        begin,
        end,
        ending: EpisodeEnd::CapacityArrived,
        detect: (end - begin) / 4,
        decide: (end - begin) / 8,
        prepare: (end - begin) / 8,
        start: (end - begin) / 4,
        ready: (end - begin) / 4,
        ready_at_begin: 2,
        peak_demand: 8,
        bound: Bound::Startup,
    });
    let bad = |row: &TimelineRow| row.bad_requests > 0.01 * row.requests;
    let violations = spans(timeline, bad).map(|(begin, end)| {
        let inside = |row: &&TimelineRow| row.at >= begin && row.at < end;
        let sum = |read: fn(&TimelineRow) -> f64| {
            timeline.rows.iter().filter(inside).map(read).sum::<f64>()
        };
        Violation {
            begin,
            end,
            requests: sum(|row| row.requests),
            bad_requests: sum(|row| row.bad_requests),
            worst_wait: SimDuration::from_millis(4200),
        }
    });
    RunOutcome {
        run: 0,
        horizon,
        requests: RequestTotals {
            arrived: total(|row| row.requests),
            late: total(|row| row.bad_requests),
            ..RequestTotals::default()
        },
        latency: LatencyFigures {
            p50: 0.055,
            p95: 0.12,
            p99: 0.9,
            mean: 0.2,
            max: 2.0,
        },
        traffic: TrafficFigures::NONE,
        worst_backlog: timeline
            .rows
            .iter()
            .map(|row| row.backlog)
            .fold(0.0, f64::max),
        worst_wait: SimDuration::from_millis(4200),
        lag_episodes: lag_episodes.collect(),
        violations: violations.collect(),
        slices: 60,
        violation_slices: 4,
        provision: Provision {
            peak_ready: 8,
            peak_demand: 8,
            ..Provision::default()
        },
        elasticity: ElasticityFigures::default(),
        rescales: vec![Rescale {
            at: SimTime::from_seconds(1230),
            from: 2,
            to: 8,
        }],
        bursts: vec![ScaleUpBurst {
            begin: SimTime::from_seconds(1230),
            end: SimTime::from_seconds(1260),
            from: 2,
            to: 8,
            needed_at_target: 8,
        }],
        bound_time: [SimDuration::from_seconds(10); Bound::ALL.len()],
        syncs: 240,
    }
}

/// Runs of rows that have a property, as (begin, end).
fn spans(
    timeline: &Timeline,
    holds: fn(&TimelineRow) -> bool,
) -> impl Iterator<Item = (SimTime, SimTime)> {
    timeline
        .rows
        .chunk_by(move |a, b| holds(a) == holds(b))
        .filter(move |rows| holds(&rows[0]))
        .map(|rows| (rows[0].at, rows[rows.len() - 1].at + timeline.step))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small positive count"
)]
fn whole(count: f64) -> u32 {
    count as u32
}
