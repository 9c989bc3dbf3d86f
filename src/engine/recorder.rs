//! `Recorder`: fills a run's outcome while the run goes on.

use std::ops::ControlFlow;

use super::burst_recorder::BurstRecorder;
use super::decision_recorder::DecisionRecorder;
use super::elasticity_recorder::ElasticityRecorder;
use super::lag_recorder::{LagRecorder, SyncView};
use super::record::{AtRescale, AtSync, Levels, Record};
use super::simulate::KeepSyncs;
use super::slo_recorder::SloRecorder;
use super::sync_recorder::SyncRecorder;
use super::timeline_recorder::TimelineRecorder;
use super::traffic_recorder::TrafficRecorder;
use crate::outcome::{
    DecisionLog, Imbalance, LatencyFigures, Provision, Rescale, RunOutcome, SyncLog, Timeline,
};
use crate::plant::{Flow, Server, Startup, Workload};
use crate::scenario::Scenario;
use crate::units::{SimDuration, SimTime};

/// Whether a run keeps its timeline and its decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeepTimeline {
    /// Rows of this length.
    Step(SimDuration),
    /// Only figures.
    No,
}

impl KeepTimeline {
    /// Only the first run keeps them.
    pub(super) const fn of_run(run: u32, step: SimDuration) -> Self {
        if run == 0 { Self::Step(step) } else { Self::No }
    }
}

/// What only the first run of a backend keeps.
pub(super) struct Course {
    pub(super) timeline: Timeline,
    pub(super) decisions: DecisionLog,
    pub(super) syncs: SyncLog,
}

/// Collects what a run leaves.
pub(super) struct Recorder<'a> {
    lag: LagRecorder,
    slo: SloRecorder,
    traffic: TrafficRecorder,
    bursts: BurstRecorder,
    elasticity: ElasticityRecorder,
    timeline: Option<TimelineRecorder<'a>>,
    decisions: Option<DecisionRecorder>,
    every_sync: Option<SyncRecorder>,
    provision: Provision,
    syncs: u64,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(
        scenario: &Scenario,
        server: &'a Server,
        keep: KeepTimeline,
        syncs: KeepSyncs,
    ) -> Self {
        let is_first = matches!(keep, KeepTimeline::Step(_));
        Self {
            lag: LagRecorder::new(scenario.initial_replicas),
            slo: SloRecorder::new(scenario.slo.objective),
            traffic: TrafficRecorder::new(),
            bursts: BurstRecorder::new(scenario.rate_at_target),
            elasticity: ElasticityRecorder::new(
                scenario.unscaled_replicas,
                scenario.controller.sync_period,
            ),
            timeline: match keep {
                KeepTimeline::Step(step) => Some(TimelineRecorder::new(server, step)),
                KeepTimeline::No => None,
            },
            decisions: is_first.then(DecisionRecorder::default),
            every_sync: (is_first && syncs == KeepSyncs::Every).then(SyncRecorder::default),
            provision: Provision::default(),
            syncs: 0,
        }
    }

    /// The trace ends.
    pub(super) fn finish(
        self,
        run: u32,
        end: SimTime,
        workload: &mut Workload<'_>,
    ) -> (RunOutcome, Option<Course>) {
        let timeline = self.timeline.map(|timeline| timeline.finish(end, workload));
        let course = timeline.map(|timeline| Course {
            timeline,
            decisions: self
                .decisions
                .map(DecisionRecorder::finish)
                .unwrap_or_default(),
            syncs: self
                .every_sync
                .map(SyncRecorder::finish)
                .unwrap_or_default(),
        });
        let (lag_episodes, bound_time) = self.lag.finish(end, last_to_be_ready(workload));
        let (rescales, bursts) = self.bursts.finish();
        let imbalance = workload.unevenness().map(|uneven| Imbalance {
            share_cv: uneven.share_cv,
            busiest: uneven.busiest,
        });
        let slo = self.slo.finish(end, workload);
        let latencies = workload.latencies();
        let quantile = |q| latencies.quantile(q).unwrap_or(f64::NAN);
        let outcome = RunOutcome {
            run,
            horizon: end.since_start(),
            requests: slo.totals,
            latency: LatencyFigures {
                mean: latencies.mean().unwrap_or(f64::NAN),
                p50: quantile(0.5),
                p95: quantile(0.95),
                p99: quantile(0.99),
                max: latencies.max().unwrap_or(f64::NAN),
            },
            traffic: self.traffic.finish(imbalance),
            worst_backlog: slo.worst_backlog,
            worst_wait: slo.worst_wait,
            lag_episodes,
            violations: slo.violations,
            slices: slo.slices,
            violation_slices: slo.violation_slices,
            provision: self.provision,
            elasticity: self.elasticity.finish(end),
            rescales,
            bursts,
            bound_time,
            syncs: self.syncs,
        };
        (outcome, course)
    }
}

impl Record for Recorder<'_> {
    fn prepare(workload: Workload<'_>) -> Workload<'_> {
        workload
    }

    fn begin_span(&mut self, from: SimTime, workload: &mut Workload<'_>) {
        if let Some(timeline) = &mut self.timeline {
            timeline.begin_span(from, workload);
        }
    }

    fn span(
        &mut self,
        from: SimTime,
        to: SimTime,
        flow: &Flow,
        levels: &Levels,
        workload: &Workload<'_>,
    ) {
        let Levels {
            demand,
            ready,
            existing,
            ..
        } = *levels;
        let seconds = (to - from).as_seconds();
        self.slo.span(flow);
        self.traffic.span(from, to, flow);
        self.lag
            .span(from, to, levels, || last_to_be_ready(workload));
        self.bursts.span(to, levels.arrival_rate);
        self.elasticity.span(from, demand, ready);
        if let Some(timeline) = &mut self.timeline {
            timeline.span(from, to, flow, levels);
        }
        let provision = &mut self.provision;
        let under = f64::from(demand.saturating_sub(ready));
        let over = f64::from(ready.saturating_sub(demand));
        provision.under += under * seconds;
        provision.over += over * seconds;
        provision.under_seconds += if under > 0.0 { seconds } else { 0.0 };
        provision.over_seconds += if over > 0.0 { seconds } else { 0.0 };
        provision.demand += f64::from(demand) * seconds;
        provision.ready += f64::from(ready) * seconds;
        provision.existing += f64::from(existing) * seconds;
        provision.peak_ready = provision.peak_ready.max(ready);
        provision.peak_demand = provision.peak_demand.max(demand);
    }

    fn end_slice(&mut self, now: SimTime, _: &Workload<'_>) -> ControlFlow<()> {
        self.slo.end_slice(now);
        self.traffic.end_slice();
        ControlFlow::Continue(())
    }

    fn pod_ready(&mut self, at: SimTime, startup: Startup) {
        self.lag.pod_ready(at, startup);
    }

    fn sync(&mut self, view: SyncView, usage_ratio: f64, at: AtSync<'_>) {
        self.syncs += 1;
        self.lag.sync(view);
        if let Some(every_sync) = &mut self.every_sync {
            every_sync.sync(at);
        }
        if let Some(timeline) = &mut self.timeline {
            timeline.usage_ratio(usage_ratio);
        }
    }

    fn polled(&mut self, view: SyncView) {
        self.lag.sync(view);
    }

    fn rescale(&mut self, rescale: Rescale, at: AtRescale<'_>) {
        self.bursts.rescale(rescale, at.arrival_rate);
        if let Some(decisions) = &mut self.decisions {
            decisions.rescale(rescale, at);
        }
    }
}

/// The startup of the pod that will be ready last, of those that take no requests yet.
fn last_to_be_ready(workload: &Workload<'_>) -> Option<Startup> {
    workload
        .cohorts()
        .iter()
        .filter(|cohort| cohort.is_coming())
        .map(|cohort| *cohort.startup())
        .max_by_key(|startup| startup.ready)
}
