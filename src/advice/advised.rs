//! `Advice`: what to change, what it buys, what it costs, and what cannot be concluded.

use super::{Candidate, Knob, Lattice, Value};
use crate::hpa::HpaSpec;
use crate::outcome::Bound;
use crate::scenario::Slo;
use crate::stats::Band;
use crate::units::SimTime;

/// Advice for a scenario: one part for each backend that it is for, or one for all together.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// The objective that is to hold.
    pub slo: Slo,
    /// In which share of the runs it has to.
    pub confidence: f64,
    /// Runs that were played of each finalist.
    pub runs: u32,
    /// Which part of the trace the settings were tuned on, and which one judged them.
    pub split: Split,
    /// What was searched, for each part alike.
    pub lattice: Lattice,
    /// The parts, in the scenario's order of backends.
    pub parts: Vec<Advised>,
    /// The index of the part whose patch is offered.
    pub chosen: usize,
    /// What cannot be concluded from this trace.
    pub limitations: Vec<Limitation>,
}

/// What settings are sought for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdviceFor {
    /// For each backend by itself.
    Each,
    /// The same settings for all of them.
    Together,
}

/// How the trace was divided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// Where the part that was tuned on ends and the one held out begins; `None` where nothing was held out.
    pub at: Option<SimTime>,
    /// Where the trace ends.
    pub end: SimTime,
}

/// The advice for one backend, or for several together.
#[derive(Clone, Debug, PartialEq)]
pub struct Advised {
    /// The backends' names.
    pub backends: Vec<String>,
    /// What is to be done.
    pub conclusion: Conclusion,
    /// The autoscaler as it is.
    pub now: Judged,
    /// The best settings found: those advised, or where nothing meets the objective, the nearest miss.
    pub best: Judged,
    /// Each change, with what it does alone.
    pub changes: Vec<ChangeAdvice>,
    /// The settings that no other ones beat in both cost and objective, the cheapest first.
    pub front: Vec<FrontPoint>,
    /// What each further nine of the objective costs.
    pub nines: Vec<NineCost>,
    /// Where the closed forms say otherwise.
    pub theory_gaps: Vec<TheoryGap>,
    /// What was tried.
    pub searched: Searched,
    /// What the settings were tuned on.
    pub tuned_on: TunedOn,
}

/// Which parts of a trace a search saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TunedOn {
    /// The first one, or the whole trace where nothing is held out.
    FirstPart,
    /// Both, as what was tuned on the first missed on the one held out.
    BothParts,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Conclusion {
    /// The settings meet the objective, and none that was tried meets it for less.
    Keep,
    /// Other settings meet the objective, for less or where the present ones do not.
    Change,
    /// Nothing that was tried meets it.
    NothingMeets(NearestMiss),
}

/// Why nothing meets the objective.
#[derive(Clone, Debug, PartialEq)]
pub struct NearestMiss {
    /// What kept capacity under demand for longest with the nearest settings.
    pub binding: Binding,
    /// Its share of the time under demand, in [0, 1].
    pub share: f64,
    /// For virtual machines: whether the best settings found for a container of the same scenario meet it; `None` where
    /// no container was played.
    pub container_would: Option<bool>,
    /// Whether the part tuned on alone could be met: then it is the part held out that nothing meets.
    pub only_held_out: bool,
}

/// What keeps an objective from being met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// A stage of the loop kept capacity under demand.
    Loop(Bound),
    /// The network path, or a server at its quickest, is too slow for the objective whatever the count.
    Path,
}

/// Settings with what they came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The point of the lattice.
    pub candidate: Candidate,
    /// The autoscaler under it.
    pub hpa: HpaSpec,
    /// On the part tuned on.
    pub tuned: Standing,
    /// On the part held out; `None` where there is none.
    pub held_out: Option<Standing>,
}

/// How settings did on a part of the trace; over several backends together the worst of them, costs summed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Runs in which the objective held.
    pub held_runs: u32,
    /// All runs.
    pub runs: u32,
    /// Whether it held in as many runs as it must.
    pub holds: bool,
    /// Whether there are enough requests, or slices, to show it at all.
    pub proven: bool,
    /// The figures.
    pub figures: Figures,
}

/// The figures that settings are judged by, over runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Share of the error budget that was spent; at most 1 where the objective holds.
    pub budget_spent: Band,
    /// The same in the worst of those runs that have to hold.
    pub must_hold: f64,
    /// Bad requests, percent.
    pub bad_percent: Band,
    /// Minutes below the objective, a day.
    pub violation_minutes: Band,
    /// Replica-hours a day.
    pub replica_hours: Band,
    /// Cost a day, in the scenario's money.
    pub cost: Band,
    /// Reversals a day.
    pub reversals: Band,
    /// Most replicas that were ready at one time.
    pub peak_ready: Band,
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeAdvice {
    /// What is changed.
    pub knob: Knob,
    /// From.
    pub from: Value,
    /// To.
    pub to: Value,
    /// The present settings with this change alone, on the part tuned on, over all runs; `None` where they may not be
    /// advised, or the search was ended early.
    pub alone: Option<Figures>,
    /// The advised settings without it, likewise.
    pub without: Option<Figures>,
}

/// A point of the front of cost against objective, on the part tuned on.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontPoint {
    /// The settings.
    pub candidate: Candidate,
    /// Replica-hours a day, mean over the runs played.
    pub replica_hours: f64,
    /// Share of the error budget that was spent in the worst run that has to hold.
    pub budget_spent: f64,
    /// Whether all runs were played, as of finalists.
    pub confirmed: bool,
}

/// What an objective would cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NineCost {
    /// The objective, as the share of requests (or slices) that must be good.
    pub objective: f64,
    /// Replica-hours a day of the cheapest settings found that meet it; `None` where none does.
    pub replica_hours: Option<f64>,
    /// Cost a day, in the scenario's money, likewise.
    pub cost: Option<f64>,
    /// Whether enough replicas could meet it: an idle one is quick enough for so many requests.
    pub possible: bool,
}

/// Where search and theory differ by more than a replica's worth.
#[derive(Clone, Debug, PartialEq)]
pub struct TheoryGap {
    /// Of which setting.
    pub knob: Knob,
    /// What the search found best.
    pub searched: Value,
    /// What the closed form says.
    pub theory: Value,
    /// In replicas at the trace's peak.
    pub replicas: f64,
    /// Why they may differ.
    pub because: String,
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Searched {
    /// Candidates that there are.
    pub candidates: u64,
    /// Candidates that were looked at.
    pub tried: u64,
    /// Of these, those given up before the end: they cost too much or missed the objective already.
    pub given_up: u64,
    /// Of these, those confirmed over all runs.
    pub confirmed: u64,
    /// Why it ended.
    pub ended: Ended,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every candidate was looked at.
    Exhausted,
    /// No neighbour of the best is better, and further draws brought nothing.
    Settled,
    /// So many candidates were to be looked at.
    CountSpent,
    /// So much time was to be spent.
    TimeSpent,
    /// Somebody interrupted it.
    Interrupted,
}

impl Ended {
    /// Whether somebody, or the clock, ended it.
    #[must_use]
    pub const fn is_early(self) -> bool {
        matches!(self, Self::TimeSpent | Self::Interrupted)
    }
}

/// What cannot be concluded from a trace.
#[derive(Clone, Debug, PartialEq)]
pub enum Limitation {
    /// It is too short to hold a part out; says how long it is and would have to be, seconds.
    TooShort {
        /// Its length.
        seconds: f64,
        /// The least that can be divided.
        needed: f64,
    },
    /// Its steps are longer than the dead time of the loop: what happens within them is not in it.
    TooCoarse {
        /// The median step, seconds.
        step: f64,
        /// The dead time, seconds.
        dead_time: f64,
    },
    /// The rate hardly changes: nothing is learnt of scaling.
    NoChange {
        /// The highest mean rate of a minute over the mean of all.
        peak_to_mean: f64,
    },
    /// The peak of the part held out is beyond that of the part tuned on.
    PeakHeldOut {
        /// The ratio of the peaks.
        ratio: f64,
    },
    /// The settings tuned on the first part missed on the second: for these backends they were tuned again on all of it.
    TunedOnAll(Vec<String>),
    /// Too few requests, or minutes, to show the objective.
    Unproven,
    /// What a request costs was assumed from the present target, so that another target would be judged on another load:
    /// the flags that keep this one.
    DemandAssumed(String),
    /// There is no place for some settings, which were therefore not turned.
    NotInThisVersion {
        /// What has no place: the manifest's API version, or the controller.
        version: String,
        /// Which settings.
        settings: String,
    },
    /// A tolerance is advised, which only newer clusters take, and the cluster's version was not told.
    NewerCluster,
    /// A share of the runs had to hold that so few runs cannot tell from all of them.
    TooFewRuns {
        /// The runs.
        runs: u32,
        /// The least share of such runs that all of them show, in [0, 1].
        shown: f64,
        /// From how many runs on the share can be told from all; `None` where it is all.
        needed: Option<u32>,
    },
}
