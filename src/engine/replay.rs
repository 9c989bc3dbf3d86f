//! One run of one backend: the event loop, and the control loop within it.
//!
//! Time goes from event to event. At equal times the order is: arrivals change, pods and nodes pass points of their
//! lives, disturbances happen in the order of the scenario, usage is read, metrics are scraped, a slice ends, KEDA polls,
//! the controller syncs. What a disturbance or a sync sets off at the same moment comes right after all of that.

use std::ops::ControlFlow;

use super::activation::Activator;
use super::arrivals::Arrivals;
use super::lag_recorder::SyncView;
use super::observe::Observer;
use super::record::{AtRescale, AtSync, Levels, Record};
use super::recorder::KeepTimeline;
use super::request_times::RequestTimes;
use crate::hpa::{self, Basis, Decision, HpaSpec, HpaState, reconcile};
use crate::outcome::{Bound, Rescale};
use crate::plant::{Draws, Grouping, SensorGrids, Server, Workload};
use crate::scenario::{Backend, DisturbanceKind, Fidelity, IntOrPercent, MetricSource, Scenario};
use crate::stats::{Purpose, unit_draw};
use crate::units::{SimDuration, SimTime};

/// What a sync and its queue cost each time: real syncs come a little later than the period, so that a recommendation
/// never is exactly one window old.
const SYNC_DRIFT: SimDuration = SimDuration::from_millis(5);

/// A service-level slice.
const SLICE: SimDuration = SimDuration::from_seconds(60);

/// One run of one backend, and the autoscaler that it is played with.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) backend: &'a Backend,
    pub(super) server: &'a Server,
    pub(super) run: u32,
    pub(super) hpa: &'a HpaSpec,
    pub(super) initial_replicas: u32,
    pub(super) keep: KeepTimeline,
    pub(super) grouping: Grouping,
}

/// What is left of a replay.
pub(super) struct Replayed<'a, R> {
    pub(super) recorder: R,
    pub(super) workload: Workload<'a>,
    /// The end of the trace, or where the recorder wanted no more.
    pub(super) end: SimTime,
}

/// Plays a job until the trace ends or the recorder wants no more.
pub(super) fn replay<R: Record>(job: Job<'_>, recorder: R) -> Replayed<'_, R> {
    let mut replay = Replay::new(job, recorder);
    let end = replay.play();
    Replayed {
        recorder: replay.recorder,
        workload: replay.workload,
        end,
    }
}

/// The times at which something that repeats is due next.
struct Timers {
    usage: SimTime,
    scrape: SimTime,
    custom: SimTime,
    slice: SimTime,
    poll: SimTime,
    sync: SimTime,
}

struct Replay<'a, R> {
    scenario: &'a Scenario,
    hpa: &'a HpaSpec,
    server: &'a Server,
    arrivals: Arrivals<'a>,
    /// Up to when requests have been moved.
    moved: SimTime,
    /// Whether they need not be moved before something looks at them, or changes what they meet.
    calm: bool,
    /// Whether demand was above ready replicas when they were moved last.
    short: bool,
    /// When each request comes, where the trace knows and requests are followed one by one.
    request_times: Option<RequestTimes<'a>>,
    workload: Workload<'a>,
    observer: Observer<'a>,
    recorder: R,
    state: HpaState,
    /// Who wakes the workload and puts it to sleep, where somebody does.
    activator: Option<Activator<'a>>,
    spec_replicas: u32,
    demand: u32,
    /// Requests that have arrived since the beginning.
    arrived: f64,
    /// Those of them that came since there was last a replica to take them.
    untaken: f64,
    timers: Timers,
    /// Disturbances that have happened.
    disturbed: usize,
    usage_phase: SimTime,
    slice: SimDuration,
}

impl<'a, R: Record> Replay<'a, R> {
    fn new(job: Job<'a>, recorder: R) -> Self {
        let Job {
            scenario,
            backend,
            server,
            run,
            hpa,
            initial_replicas,
            keep,
            grouping,
        } = job;
        let draws = Draws {
            seed: scenario.seed,
            run,
        };
        let intervals = scenario.intervals;
        let arrivals = match scenario.fidelity {
            Fidelity::Fluid => {
                Arrivals::new(&scenario.trace, scenario.arrival_grain, draws.seed, run)
            }
            Fidelity::Discrete => Arrivals::uncut(&scenario.trace),
        };
        let custom = has_custom_metrics(scenario);
        let longest = intervals
            .usage
            .max(intervals.resource)
            .max(intervals.custom);
        let grids = SensorGrids {
            usage: intervals.usage,
            custom: custom.then_some(intervals.custom),
            settle_after: scenario.controller.cpu_initialization_period + longest * 2,
        };
        let phase = |purpose, ordinal, period: SimDuration| {
            let share = unit_draw(draws.seed, run, purpose, ordinal);
            SimTime::ZERO + SimDuration::from_seconds_rounded(period.as_seconds() * share)
        };
        let slice = match keep {
            KeepTimeline::Step(step) => step.min(SLICE),
            KeepTimeline::No => SLICE,
        };
        let scrape = phase(Purpose::ScrapePhase, 0, intervals.resource);
        let usage_phase = phase(Purpose::SamplingPhase, 0, intervals.usage);
        let rate = arrivals.rate();
        // Where a workload is neither asleep nor ever put to sleep, polls change nothing.
        let activation = scenario
            .activation
            .as_ref()
            .filter(|it| it.idle_replicas.is_some() || initial_replicas == 0);
        let mut workload = Workload::settled(
            &backend.plant,
            server,
            draws,
            grids,
            grouping,
            initial_replicas,
            rate,
        );
        if scenario.fidelity == Fidelity::Discrete {
            workload = workload.one_by_one();
        }
        let workload = R::prepare(workload);
        Self {
            scenario,
            server,
            hpa,
            observer: Observer::new(scenario, hpa, rate, &workload),
            workload,
            recorder,
            state: HpaState::new(),
            activator: activation.map(|it| Activator::new(it, hpa.min_replicas)),
            spec_replicas: initial_replicas,
            demand: server.demand(rate),
            arrived: 0.0,
            untaken: 0.0,
            timers: Timers {
                usage: last_on_grid(usage_phase, intervals.usage, scrape),
                scrape,
                custom: if custom {
                    phase(Purpose::ScrapePhase, 1, intervals.custom)
                } else {
                    SimTime::MAX
                },
                slice: SimTime::ZERO + slice,
                poll: activation.map_or(SimTime::MAX, |it| {
                    phase(Purpose::PollPhase, 0, it.polling_interval)
                }),
                sync: phase(Purpose::SyncPhase, 0, scenario.controller.sync_period),
            },
            request_times: match scenario.fidelity {
                Fidelity::Fluid => None,
                Fidelity::Discrete => RequestTimes::of(&scenario.trace, draws.seed, run),
            },
            moved: SimTime::ZERO,
            calm: false,
            short: false,
            disturbed: 0,
            usage_phase,
            slice,
            arrivals,
        }
    }

    /// Returns the end of the trace, or where the recorder wanted no more.
    fn play(&mut self) -> SimTime {
        let end = self.scenario.trace.end();
        let mut now = SimTime::ZERO;
        while now < end {
            let next = self.next_event().min(end);
            if next > now {
                if self.moved == now {
                    self.recorder.begin_span(now, &mut self.workload);
                    self.calm = self.workload.is_calm(self.arrivals.rate());
                }
                now = next;
                if !self.calm || now == end {
                    self.move_requests(now);
                }
            }
            if self.carry_out(now).is_break() {
                break;
            }
        }
        now
    }

    fn next_event(&self) -> SimTime {
        let timers = &self.timers;
        self.arrivals
            .until()
            .min(self.workload.next_transition())
            .min(self.next_disturbance())
            .min(timers.usage)
            .min(timers.scrape)
            .min(timers.custom)
            .min(timers.slice)
            .min(timers.poll)
            .min(timers.sync)
    }

    fn next_disturbance(&self) -> SimTime {
        let next = self.scenario.disturbances.get(self.disturbed);
        next.map_or(SimTime::MAX, |disturbance| disturbance.at)
    }

    /// Moves requests up to `now`. To be called before anything changes, or looks at what they left.
    fn move_requests(&mut self, now: SimTime) {
        let from = self.moved;
        if from >= now {
            return;
        }
        self.moved = now;
        let workload = &mut self.workload;
        let levels = Levels {
            arrival_rate: self.arrivals.rate(),
            demand: self.demand,
            ready: workload.serving(),
            without_room: workload.without_room(),
            placed: workload.active() - workload.without_room(),
            existing: workload.existing(),
            asked_for: self.spec_replicas,
        };
        self.short = levels.demand > levels.ready;
        let flow = match &mut self.request_times {
            Some(times) => workload.advance_at(now, times.before(now)),
            None => workload.advance(now, levels.arrival_rate),
        };
        self.arrived += flow.arrived;
        self.untaken = if levels.ready > 0 {
            0.0
        } else {
            self.untaken + flow.arrived
        };
        self.recorder.span(from, now, &flow, &levels, workload);
    }

    fn carry_out(&mut self, now: SimTime) -> ControlFlow<()> {
        if self.arrivals.until() <= now {
            self.move_requests(now);
            self.arrivals.advance();
            self.demand = self.server.demand(self.arrivals.rate());
        }
        if self.workload.next_transition() <= now {
            self.move_requests(now);
            if let Some(startup) = self.workload.pass_transitions() {
                self.recorder.pod_ready(now, startup);
            }
        }
        while self.next_disturbance() <= now {
            self.move_requests(now);
            self.disturb(now);
            self.disturbed += 1;
        }
        self.measure(now);
        if self.timers.slice <= now {
            self.move_requests(now);
            if (self.timers.slice.since_start() % SLICE) == SimDuration::ZERO {
                self.workload.end_slice();
                self.recorder.end_slice(now, &self.workload)?;
            }
            self.timers.slice += self.slice;
        }
        if self.timers.poll <= now {
            self.poll(now);
        }
        if self.timers.sync <= now {
            self.sync(now);
            self.timers.sync += self.scenario.controller.sync_period + SYNC_DRIFT;
        }
        ControlFlow::Continue(())
    }

    /// Usage is read, and metrics are scraped.
    fn measure(&mut self, now: SimTime) {
        let intervals = self.scenario.intervals;
        if self.timers.usage <= now {
            if self.calm && self.moved < now {
                self.workload.read_usage_ahead(now, self.arrivals.rate());
            } else {
                self.move_requests(now);
                self.workload.read_usage();
            }
            self.timers.usage = SimTime::MAX;
        }
        if self.timers.scrape <= now {
            if self.workload.may_merge() {
                self.move_requests(now);
            }
            self.workload.scrape_usage(intervals.resource);
            self.timers.scrape += intervals.resource;
            // Of the looks at the usage counters only the last one before a scrape is ever seen.
            let look = last_on_grid(self.usage_phase, intervals.usage, self.timers.scrape);
            self.timers.usage = if look > now { look } else { SimTime::MAX };
        }
        if self.timers.custom <= now {
            self.move_requests(now);
            self.workload.scrape_custom();
            self.observer
                .scrape_entrance(now, self.arrived, self.untaken, &self.workload);
            self.timers.custom += intervals.custom;
        }
    }

    fn disturb(&mut self, now: SimTime) {
        let workload = &mut self.workload;
        match self.scenario.disturbances[self.disturbed].kind {
            DisturbanceKind::NodeFailure { nodes, lasts } => workload.fail_nodes(nodes, lasts),
            DisturbanceKind::ZoneLoss { zones, lasts } => workload.fail_zones(zones, lasts),
            DisturbanceKind::ReplicaFailure { replicas } => workload.fail_replicas(replicas),
            DisturbanceKind::RollingUpdate {
                max_surge,
                max_unavailable,
            } => {
                let (surge, unavailable) =
                    IntOrPercent::rolling_limits(max_surge, max_unavailable, self.spec_replicas);
                workload.roll(surge, unavailable);
            }
            DisturbanceKind::SlowPrepare { factor, lasts } => workload.slow_prepare(factor, lasts),
            DisturbanceKind::MetricOutage { lasts } => self.observer.fail_until(now + lasts),
        }
    }

    /// KEDA looks whether anything is active.
    fn poll(&mut self, now: SimTime) {
        let (Some(activator), Some(activation)) = (&mut self.activator, &self.scenario.activation)
        else {
            return;
        };
        self.timers.poll += activation.polling_interval;
        let is_active = self.observer.is_active(&activation.active_above);
        let Some(written) = activator.poll(now, self.spec_replicas, is_active) else {
            return;
        };
        let wakes = written > self.spec_replicas;
        self.rescale(now, written, None);
        let view = SyncView {
            at: now,
            above_band: wakes,
            asked_for: written,
            bound: if written >= self.demand {
                Bound::Startup
            } else {
                Bound::Metrics
            },
        };
        self.recorder.polled(view);
    }

    /// Somebody writes the scale: the controller by this decision, else KEDA.
    fn rescale(&mut self, now: SimTime, to: u32, decision: Option<&Decision>) {
        self.move_requests(now);
        let rescale = Rescale {
            at: now,
            from: self.spec_replicas,
            to,
        };
        let at = AtRescale {
            arrival_rate: self.arrivals.rate(),
            ready: self.workload.serving(),
            decision: decision.map(|decision| (decision, self.state.evaluations())),
        };
        self.recorder.rescale(rescale, at);
        self.spec_replicas = to;
        self.workload.scale_to(to);
    }

    fn sync(&mut self, now: SimTime) {
        let Self {
            scenario,
            hpa,
            state,
            observer,
            workload,
            spec_replicas,
            ..
        } = self;
        let decision = observer.observe(now, *spec_replicas, workload, |observation| {
            reconcile(&scenario.controller, hpa, state, observation)
        });
        if self.short || self.demand > self.workload.serving() {
            // What bound so far bound up to this sync.
            self.move_requests(now);
        }
        let ready_before = self.workload.serving();
        if let Some(written) = decision.written() {
            self.rescale(now, u32::try_from(written).unwrap_or(0), Some(&decision));
        }
        let (usage_ratio, above_band) = self.usage_ratio();
        let view = SyncView {
            at: now,
            above_band,
            asked_for: self.spec_replicas,
            bound: self.bound(&decision, usage_ratio > 1.0),
        };
        let at = AtSync {
            arrival_rate: self.arrivals.rate(),
            ready: ready_before,
            decision: &decision,
            evaluations: self.state.evaluations(),
        };
        self.recorder.sync(view, usage_ratio, at);
    }

    /// The highest usage ratio of the metrics, and whether it asks for more pods.
    fn usage_ratio(&self) -> (f64, bool) {
        let mut highest = f64::NAN;
        let mut above_band = false;
        for proposal in self.state.evaluations().iter().flatten() {
            highest = highest.max(proposal.usage_ratio);
            above_band |= proposal.usage_ratio > 1.0 && proposal.basis != Basis::WithinTolerance;
        }
        (highest, above_band)
    }

    /// What keeps the count below the demand, given that it is below.
    ///
    /// A stage of the controller only held a scale-up back where the metrics asked for more than came out; otherwise
    /// it may have done its work on a scale-down, and the metrics are what did not show the demand.
    fn bound(&self, decision: &Decision, above: bool) -> Bound {
        let highest = u32::try_from(self.hpa.max_replicas).unwrap_or(0);
        if self.spec_replicas >= self.demand {
            return Bound::Startup;
        }
        if self.spec_replicas >= highest {
            return Bound::MaxReplicas;
        }
        let wanted = decision
            .recommendation
            .and_then(|wanted| u32::try_from(wanted).ok());
        let held_back = wanted.is_some_and(|wanted| wanted > self.spec_replicas);
        match decision.bound {
            hpa::Bound::Tolerance if above => Bound::Tolerance,
            hpa::Bound::Stabilization if held_back => Bound::Stabilization,
            hpa::Bound::ScalingPolicy | hpa::Bound::FixedScaleUpLimit if held_back => Bound::Policy,
            _ => Bound::Metrics,
        }
    }
}

/// Whether any metric is read by a scraper of its own, and not by the kubelet.
fn has_custom_metrics(scenario: &Scenario) -> bool {
    let mut sources = scenario.metric_sources.iter();
    sources.any(|source| !matches!(source, MetricSource::Cpu | MetricSource::Memory))
}

/// The last point of a grid that is not after `time`, or the grid's first.
fn last_on_grid(first: SimTime, step: SimDuration, time: SimTime) -> SimTime {
    if time <= first {
        return first;
    }
    let passed = (time - first).as_nanos() / step.as_nanos().max(1);
    first + step * passed
}
