//! `play_open_loop`: an autoscaler driven by the metric that was recorded beside it, without any plant.

use thiserror::Error;

use crate::hpa::{
    ConditionStatus, ControllerConfig, HpaSpec, HpaState, MetricReading, MetricSpec, MetricTarget,
    Observation, PodGroup, PodPhase, PodSample, ReadyCondition, ScaleReading, ScaleUpdate,
    Selection, reconcile,
};
use crate::trace::Series;
use crate::units::{SimDuration, SimTime};

/// What each pod requests, thousandths: a percent of it is a whole number of them down to a thousandth of a percent.
const REQUEST: i64 = 100_000;

/// Pods that count have been ready for so long.
const GROWN: SimDuration = SimDuration::from_seconds(3600);

/// What a sync and its queue cost each time: a recommendation is never exactly one window old.
const SYNC_DRIFT: SimDuration = SimDuration::from_millis(5);

/// The most syncs of one recording.
const MOST_SYNCS: i64 = 20_000_000;

/// A recorded metric, and what else the autoscaler has to know.
#[derive(Clone, Copy, Debug)]
pub struct OpenLoop<'a> {
    /// The autoscaler; it must have one metric.
    pub hpa: &'a HpaSpec,
    /// The controller's flags.
    pub controller: &'a ControllerConfig,
    /// The metric as the autoscaler showed it: percent of the request for a utilization, else in the metric's own unit.
    pub metric: &'a Series,
    /// How many pods had a usable sample, where that was recorded.
    pub counted: Option<&'a Series>,
    /// Where `counted` does not say: from a pod's creation until the metrics first tell of it.
    pub counted_after: SimDuration,
    /// Time between two refreshes of the metric.
    pub refresh: SimDuration,
    /// The replicas as recorded: where the count begins, and where it was changed by hand.
    pub recorded: &'a Series,
    /// Whose count each sync starts from.
    pub feed: Feed,
    /// Spans in which somebody else changed the count: it begins anew as recorded at their end.
    pub left_out: &'a [(SimTime, SimTime)],
}

/// Whose count each sync starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// The one that the sync before wrote: the replicas are played.
    Own,
    /// The recorded one: each decision is asked for by itself.
    Recorded,
}

/// One sync of an open loop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenSync {
    /// When.
    pub at: SimTime,
    /// The metric that it saw.
    pub metric: f64,
    /// Pods with a usable sample.
    pub counted: u32,
    /// Replicas before it.
    pub current: u32,
    /// What the metric asked for, before windows, policies and bounds.
    pub recommended: Option<u32>,
    /// Replicas after it.
    pub desired: u32,
}

/// Why an autoscaler cannot be driven by a recorded metric.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpenLoopError {
    /// There is not exactly one metric.
    #[error(
        "the autoscaler has {0} metrics, expected one: a recorded metric can stand for no other"
    )]
    Metrics(usize),
    /// Too long.
    #[error("the recording takes more than {MOST_SYNCS} syncs, expected fewer, see --sync-period")]
    TooLong,
}

/// Plays the controller over a recording, from the metric's first sample to its last.
///
/// It syncs whenever the recorded metric changes, as an autoscaler's status changes with a sync, and every sync period
/// in between. A change within half a period of the last sync is seen by the next.
///
/// # Errors
/// When the autoscaler has several metrics or none, or the recording is too long.
pub fn play_open_loop(open: &OpenLoop<'_>) -> Result<Vec<OpenSync>, OpenLoopError> {
    let [metric] = open.hpa.metrics.as_slice() else {
        return Err(OpenLoopError::Metrics(open.hpa.metrics.len()));
    };
    let times = sync_times(open.metric, open.controller.sync_period)?;
    let mut pods = Pods {
        replicas: recorded_at(open.recorded, SimTime::ZERO).unwrap_or(0),
        young: Vec::new(),
    };
    let mut state = HpaState::new();
    let mut syncs = Vec::with_capacity(times.len());
    let mut drift = SimDuration::ZERO;
    let mut before = SimTime::ZERO;
    let mut refreshed = SimTime::ZERO;
    let mut last_value = f64::NAN;
    for at in times {
        let value = open.metric.value_at(at).unwrap_or_default();
        refreshed = if value.total_cmp(&last_value).is_ne() {
            at
        } else {
            last_on_grid(refreshed, open.refresh, at)
        };
        last_value = value;
        let was_left_out = open
            .left_out
            .iter()
            .any(|(_, until)| before < *until && *until <= at);
        if let Some(recorded) = recorded_at(open.recorded, at)
            && (open.feed == Feed::Recorded || was_left_out)
        {
            pods.become_count(recorded, at);
            if was_left_out {
                pods.young.clear();
            }
        }
        let counted = match open.counted.and_then(|counted| recorded_at(counted, at)) {
            Some(counted) => counted.min(pods.replicas),
            None => pods.counted(refreshed, open.counted_after),
        };
        drift += SYNC_DRIFT;
        let sync = sync(
            open,
            metric,
            &mut state,
            at + drift,
            value,
            counted,
            pods.replicas,
        );
        if open.feed == Feed::Own {
            pods.become_count(sync.desired, at);
        }
        syncs.push(OpenSync { at, ..sync });
        before = at;
    }
    Ok(syncs)
}

/// Lets the controller look once.
fn sync(
    open: &OpenLoop<'_>,
    metric: &MetricSpec,
    state: &mut HpaState,
    now: SimTime,
    value: f64,
    counted: u32,
    current: u32,
) -> OpenSync {
    let count = |replicas: u32| i32::try_from(replicas).unwrap_or(i32::MAX);
    let groups = [
        group(counted, now - GROWN, PodPhase::Running),
        group(current - counted, now, PodPhase::Pending),
    ];
    let sample = |value: i64| PodSample {
        timestamp: now,
        window: open.refresh,
        value,
    };
    let samples = [Some(sample(thousandths(metric, value))), None];
    let total = [thousandths(metric, value).saturating_mul(i64::from(current.max(1)))];
    let plain = thousandths(metric, value);
    let reading = match metric {
        MetricSpec::Resource { .. } | MetricSpec::ContainerResource { .. } => {
            MetricReading::PodResource {
                samples: Ok(&samples),
                strays: &[],
                requests: &[Some(REQUEST), Some(REQUEST)],
            }
        }
        MetricSpec::Pods { .. } => MetricReading::PodCustom {
            samples: Ok(&samples),
            strays: &[],
        },
        MetricSpec::Object { target, .. } => MetricReading::Object(Ok(match target {
            MetricTarget::AverageValue(_) => total[0],
            _ => plain,
        })),
        MetricSpec::External { target, .. } => MetricReading::External(Ok(match target {
            MetricTarget::AverageValue(_) => &total,
            _ => std::slice::from_ref(&plain),
        })),
    };
    let decision = reconcile(
        open.controller,
        open.hpa,
        state,
        &Observation {
            now,
            scale: ScaleReading::Found {
                spec_replicas: count(current),
                status_replicas: count(current),
            },
            selection: Selection::Valid,
            pods: &groups,
            metrics: &[reading],
            update: ScaleUpdate::Accepted,
        },
    );
    let whole = |replicas: i32| u32::try_from(replicas).unwrap_or(0);
    OpenSync {
        at: now,
        metric: value,
        counted,
        current,
        recommended: decision.recommendation.map(whole),
        desired: decision.written().map_or(current, whole),
    }
}

/// Pods that count run and have long been ready; the others have just been made, and are unready to the controller.
fn group(count: u32, since: SimTime, phase: PodPhase) -> PodGroup {
    PodGroup {
        count,
        phase,
        ready: Some(ReadyCondition {
            status: if phase == PodPhase::Running {
                ConditionStatus::True
            } else {
                ConditionStatus::False
            },
            last_transition: since,
        }),
        start_time: Some(since),
        being_deleted: false,
    }
}

/// What a sample holds, so that the controller shows the recorded value.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn thousandths(metric: &MetricSpec, value: f64) -> i64 {
    match metric.target() {
        // The controller truncates to whole percent, so what is a hair below one must not fall short of it.
        MetricTarget::Utilization(_) => (value * REQUEST as f64 / 100.0 + 1e-6).round() as i64,
        MetricTarget::AverageValue(_) | MetricTarget::Value(_) => (value * 1e3).round() as i64,
    }
}

/// The replicas, and which of them are too young to be in the metric.
struct Pods {
    replicas: u32,
    /// When pods were made, and how many, from the oldest on.
    young: Vec<(SimTime, u32)>,
}

impl Pods {
    fn become_count(&mut self, replicas: u32, at: SimTime) {
        if replicas > self.replicas {
            self.young.push((at, replicas - self.replicas));
        }
        // Pods that are not ready go first.
        let mut gone = self.replicas.saturating_sub(replicas);
        while let Some((_, count)) = self.young.last_mut() {
            let taken = gone.min(*count);
            *count -= taken;
            gone -= taken;
            if *count > 0 {
                break;
            }
            self.young.pop();
        }
        self.replicas = replicas;
    }

    /// How many are in a metric that was refreshed at this time.
    fn counted(&mut self, refreshed: SimTime, after: SimDuration) -> u32 {
        self.young.retain(|(made, _)| *made + after > refreshed);
        let young: u32 = self.young.iter().map(|(_, count)| count).sum();
        self.replicas.saturating_sub(young)
    }
}

/// The last time of a grid through `from` that is not after `until`.
fn last_on_grid(from: SimTime, period: SimDuration, until: SimTime) -> SimTime {
    let period = period.max(SimDuration::from_millis(1));
    let steps = (until - from).as_nanos() / period.as_nanos();
    from + period * steps
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and counts are not negative"
)]
fn recorded_at(series: &Series, at: SimTime) -> Option<u32> {
    series.value_at(at).map(|value| value.round() as u32)
}

fn sync_times(metric: &Series, period: SimDuration) -> Result<Vec<SimTime>, OpenLoopError> {
    let end = metric.end();
    let most = end.since_start().as_nanos() / period.as_nanos().max(1);
    if most > MOST_SYNCS {
        return Err(OpenLoopError::TooLong);
    }
    let half = SimDuration::from_nanos(period.as_nanos() / 2);
    let mut before = f64::NAN;
    let mut changes = metric
        .steps()
        .filter_map(|step| {
            let has_changed = step.value.total_cmp(&before).is_ne();
            before = step.value;
            has_changed.then_some(step.start)
        })
        .peekable();
    let mut times = Vec::new();
    let mut last = SimTime::ZERO;
    times.push(last);
    loop {
        while changes.next_if(|change| *change < last + half).is_some() {}
        let due = last + period;
        last = match changes.next_if(|change| *change < due + half) {
            Some(change) => change,
            None => due,
        };
        if last >= end {
            return Ok(times);
        }
        times.push(last);
    }
}
