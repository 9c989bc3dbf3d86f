//! `Replay`: an autoscaler with its workload, played once; every rule reads what came out.

use super::clearing::Clearing;
use super::field_names::FieldNames;
use super::ground::{Ground, Setting};
use super::reruns::{median, median_run};
use super::tried::Tried;
use super::words::moment_by_calendar;
use crate::analysis::{BackendCard, Verdict, judge};
use crate::engine::{EngineError, simulate};
use crate::hpa::MetricSpec;
use crate::manifest::Autoscaler;
use crate::outcome::{BackendOutcome, Bound, RunOutcome, TimelineRow};
use crate::scenario::{Backend, BackendKind, Scenario};
use crate::units::{SimDuration, SimTime};

/// An autoscaler of the manifests, and the scenario in which it is to be replayed.
#[derive(Clone, Debug)]
pub struct ReplayInput {
    /// The file that it is in.
    source: String,
    /// Where in the file it begins.
    offset: usize,
    names: FieldNames,
    setting: Setting,
    /// What the same workload would be like on containers, where it runs in virtual machines.
    on_containers: Option<Scenario>,
    /// When the trace begins, if that is known.
    trace_start: Option<jiff::Timestamp>,
}

/// An autoscaler that was replayed.
#[derive(Debug)]
pub struct Replay<'a> {
    input: &'a ReplayInput,
    ground: Ground<'a>,
    outcome: BackendOutcome,
    card: BackendCard,
    as_it_is: Tried,
    clearing: Option<Clearing>,
}

impl ReplayInput {
    /// Takes of a scenario the backend whose verdict counts, and to compare a virtual machine with, the first container.
    #[must_use]
    pub fn new(autoscaler: &Autoscaler, mut scenario: Scenario) -> Self {
        let container = scenario
            .backends
            .iter()
            .position(|backend| backend.kind == BackendKind::Container);
        let kind = scenario.backends[scenario.verdict_backend].kind;
        let on_containers = container
            .filter(|_| kind == BackendKind::Vm)
            .map(|container| {
                let mut other = scenario.clone();
                keep_backend(&mut other, container);
                other
            });
        let verdict = scenario.verdict_backend;
        keep_backend(&mut scenario, verdict);
        Self {
            source: autoscaler.document.source_name().to_owned(),
            offset: autoscaler.document.root().span().start.offset,
            names: FieldNames::of(autoscaler),
            setting: Setting::new(scenario),
            on_containers,
            trace_start: None,
        }
    }

    /// Says when the trace begins, so that findings tell moments by the calendar.
    #[must_use]
    pub const fn with_trace_start(mut self, start: Option<jiff::Timestamp>) -> Self {
        self.trace_start = start;
        self
    }
}

/// Leaves a scenario one backend.
fn keep_backend(scenario: &mut Scenario, index: usize) {
    let backend = scenario.backends.swap_remove(index);
    scenario.backends = vec![backend];
    scenario.verdict_backend = 0;
}

impl<'a> Replay<'a> {
    /// Plays it, and if it misses its objective, looks for what would clear that.
    ///
    /// # Errors
    /// When the backend's figures make no queueing model.
    pub fn play(input: &'a ReplayInput) -> Result<Self, EngineError> {
        let scenario = input.setting.scenario();
        let mut outcome = simulate(scenario)?;
        let card = judge(scenario, &outcome).backends.swap_remove(0);
        let ground = Ground::new(&input.setting)?;
        let as_it_is = Tried::of(&ground, &ground.as_it_is());
        let clearing =
            (card.slo.verdict == Verdict::Missed).then(|| Clearing::search(&ground, &as_it_is));
        Ok(Self {
            input,
            ground,
            outcome: outcome.backends.swap_remove(0),
            card,
            as_it_is,
            clearing,
        })
    }

    /// The scenario, of one backend.
    pub(super) const fn scenario(&self) -> &'a Scenario {
        self.ground.scenario()
    }

    /// What candidates are played on.
    pub(super) const fn ground(&self) -> &Ground<'a> {
        &self.ground
    }

    /// The scenario, awake and asleep.
    pub(super) const fn setting(&self) -> &'a Setting {
        &self.input.setting
    }

    /// What the bounds are called in the manifest.
    pub(super) const fn names(&self) -> &'a FieldNames {
        &self.input.names
    }

    /// The backend that was played.
    pub(super) fn backend(&self) -> &'a Backend {
        &self.scenario().backends[0]
    }

    /// The same workload on containers, where it runs in virtual machines and a container is known.
    pub(super) fn on_containers(&self) -> Option<&'a Scenario> {
        self.input.on_containers.as_ref()
    }

    /// The file that the autoscaler is in, and where it begins.
    pub(super) fn origin(&self) -> (&'a str, usize) {
        (&self.input.source, self.input.offset)
    }

    /// What was judged.
    pub(super) const fn card(&self) -> &BackendCard {
        &self.card
    }

    /// The settings as they are, as a trial.
    pub(super) const fn as_it_is(&self) -> &Tried {
        &self.as_it_is
    }

    /// What would clear a missed objective; `None` where it is not missed.
    pub(super) const fn clearing(&self) -> Option<&Clearing> {
        self.clearing.as_ref()
    }

    /// A moment of the trace in words: by the calendar where that is known, and since the trace began.
    pub(super) fn moment(&self, at: SimTime) -> String {
        moment_by_calendar(self.input.trace_start, at)
    }

    /// Whether the objective is missed.
    pub(super) fn is_missed(&self) -> bool {
        self.card.slo.verdict == Verdict::Missed
    }

    /// Every run.
    pub(super) fn runs(&self) -> &[RunOutcome] {
        &self.outcome.runs
    }

    /// The run in the middle by a figure.
    pub(super) fn median_run(&self, figure: impl Fn(&RunOutcome) -> f64) -> &RunOutcome {
        // A scenario has at least one run.
        median_run(self.runs(), figure)
    }

    /// The run in the middle by the time for which a bound kept capacity below the demand, and that time, seconds.
    pub(super) fn median_run_of(&self, bound: Bound) -> (&RunOutcome, f64) {
        let seconds = |run: &RunOutcome| run.bound_time[bound as usize].as_seconds();
        let run = self.median_run(seconds);
        (run, seconds(run))
    }

    /// The run that the timeline is of.
    pub(super) fn first_run(&self) -> &RunOutcome {
        // A scenario has at least one run.
        &self.outcome.runs[0]
    }

    /// That run over time.
    pub(super) fn rows(&self) -> &[TimelineRow] {
        &self.outcome.timeline.rows
    }

    /// The length of a row.
    pub(super) const fn row_length(&self) -> SimDuration {
        self.outcome.timeline.step
    }

    /// The rows that overlap a span.
    pub(super) fn rows_in(&self, from: SimTime, to: SimTime) -> impl Iterator<Item = &TimelineRow> {
        let step = self.row_length();
        self.rows()
            .iter()
            .filter(move |row| row.at < to && from < row.at + step)
    }

    /// The median of a figure over the runs.
    pub(super) fn median(&self, figure: impl Fn(&RunOutcome) -> f64) -> f64 {
        let figures: Vec<f64> = self.runs().iter().map(figure).collect();
        median(&figures)
    }

    /// The median time of a run for which a bound kept capacity below the demand, seconds.
    pub(super) fn bound_seconds(&self, bound: Bound) -> f64 {
        self.median(|run| run.bound_time[bound as usize].as_seconds())
    }

    /// Its length, days.
    pub(super) fn days(&self) -> f64 {
        self.scenario().trace.end().since_start().as_days()
    }

    /// The fewest replicas that the autoscaler, and what puts it to sleep, leave.
    pub(super) fn floor(&self) -> u32 {
        let scenario = self.scenario();
        match &scenario.activation {
            Some(activation) => activation.floor(&scenario.hpa),
            None => self.min_replicas(),
        }
    }

    /// `minReplicas`.
    pub(super) fn min_replicas(&self) -> u32 {
        u32::try_from(self.scenario().hpa.min_replicas).unwrap_or(0)
    }

    /// `maxReplicas`.
    pub(super) fn max_replicas(&self) -> u32 {
        u32::try_from(self.scenario().hpa.max_replicas).unwrap_or(0)
    }

    /// The most replicas that any run asked for.
    pub(super) fn peak_asked_for(&self) -> u32 {
        let written = self.runs().iter().flat_map(|run| &run.rescales);
        let highest = written.map(|rescale| rescale.to).max().unwrap_or(0);
        highest.max(self.scenario().initial_replicas)
    }

    /// How old the oldest metric may be when the controller looks.
    pub(super) fn metric_interval(&self) -> SimDuration {
        let intervals = self.scenario().intervals;
        let of = |metric: &MetricSpec| match metric {
            MetricSpec::Resource { .. } | MetricSpec::ContainerResource { .. } => {
                intervals.resource
            }
            _ => intervals.custom,
        };
        let metrics = self.scenario().hpa.metrics.iter();
        metrics.map(of).max().unwrap_or(intervals.resource)
    }

    /// From a load to a replica that serves it, as a rule: metric, sync, startup and endpoint.
    pub(super) fn time_to_scale(&self) -> SimDuration {
        let plant = &self.backend().plant;
        let startup = plant.startup.ready_after([0.5; 4]);
        let endpoint = SimDuration::from_seconds_rounded(plant.endpoints.add_delay.quantile(0.5));
        self.metric_interval() + self.scenario().controller.sync_period + startup + endpoint
    }
}
