//! What JSON and YAML say of decisions and syncs, as types that are written and read; see [`super::model`].
//!
//! Numbers of the syncs are columns, since there are thousands; what is a word changes rarely, and is told once for all
//! syncs in which it stays the same.

use serde::{Deserialize, Serialize};

use super::model::Number;
use crate::outcome::{
    Brake, DecidedBy, DecisionLog, Measured, MetricVote, Rescale, ScaleDecision, StatusConditions,
    SyncInputs, SyncLog, SyncRecord, SyncWrite, VoteRule,
};
use crate::units::{SimDuration, SimTime};

/// What changed the scale.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DecisionsPart {
    log: Vec<DecisionPart>,
    /// Decisions after those.
    left_out: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DecisionPart {
    at_seconds: f64,
    from_replicas: u32,
    to_replicas: u32,
    ready_replicas: u32,
    arrival_rate_per_second: Number,
    /// Null where KEDA wrote the scale at a poll.
    sync: Option<InputsPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InputsPart {
    recommendation: Option<i32>,
    stabilized: Option<i32>,
    reason: String,
    bound: Option<String>,
    metrics: Vec<VotePart>,
}

/// What one metric asked for, or why it could not be used.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct VotePart {
    error: Option<String>,
    rule: Option<String>,
    replicas: Option<i32>,
    measured_as: Option<String>,
    measured: Number,
    /// The mean over pods that a percentage comes from.
    average: Number,
    usage_ratio: Number,
    filled_ratio: Number,
    pods: Option<i64>,
}

/// Every sync, column by column.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SyncsPart {
    at_seconds: Vec<f64>,
    current_replicas: Vec<i32>,
    desired_replicas: Vec<i32>,
    ready_replicas: Vec<u32>,
    arrival_rate_per_second: Vec<Number>,
    recommendation: Vec<Option<i32>>,
    stabilized: Vec<Option<i32>>,
    metrics: Vec<MetricColumns>,
    stages: Vec<StagePart>,
}

/// One metric in every sync; nulls where it was not looked at, or could not be used.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetricColumns {
    replicas: Vec<Option<i32>>,
    measured: Vec<Number>,
    average: Vec<Number>,
    usage_ratio: Vec<Number>,
    filled_ratio: Vec<Number>,
    pods: Vec<Option<i64>>,
}

/// What stays the same from a sync until the next stage.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StagePart {
    from_sync: usize,
    reason: String,
    bound: Option<String>,
    write: String,
    able_to_scale: Option<String>,
    scaling_active: Option<String>,
    scaling_limited: Option<String>,
    metrics: Vec<MetricStage>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetricStage {
    error: Option<String>,
    rule: Option<String>,
    measured_as: Option<String>,
}

/// The words for rules.
const RULES: [(VoteRule, &str); 6] = [
    (VoteRule::WithinTolerance, "withinTolerance"),
    (VoteRule::ReadyPods, "readyPods"),
    (VoteRule::FilledIn, "filledIn"),
    (VoteRule::DirectionKept, "directionKept"),
    (VoteRule::PerPod, "perPod"),
    (VoteRule::FromZero, "fromZero"),
];

/// The words for what was done to the scale.
const WRITES: [(SyncWrite, &str); 3] = [
    (SyncWrite::NotNeeded, "notNeeded"),
    (SyncWrite::Written, "written"),
    (SyncWrite::Refused, "refused"),
];

fn word_of<T: PartialEq>(words: &[(T, &'static str)], value: &T) -> String {
    let found = words.iter().find(|(one, _)| one == value);
    found.map_or_else(String::new, |(_, word)| (*word).to_owned())
}

fn meant_by<T: Copy>(words: &[(T, &'static str)], word: &str) -> Option<T> {
    words
        .iter()
        .find(|(_, one)| *one == word)
        .map(|(value, _)| *value)
}

fn brake_named(word: &str) -> Option<Brake> {
    Brake::ALL.into_iter().find(|brake| brake.name() == word)
}

fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_seconds_rounded(seconds)
}

impl DecisionsPart {
    pub(super) fn of(log: &DecisionLog) -> Self {
        Self {
            log: log.decisions.iter().map(DecisionPart::of).collect(),
            left_out: log.not_kept,
        }
    }

    /// The log; `None` where a word is unknown.
    pub(super) fn log(&self) -> Option<DecisionLog> {
        Some(DecisionLog {
            decisions: self
                .log
                .iter()
                .map(DecisionPart::decision)
                .collect::<Option<_>>()?,
            not_kept: self.left_out,
        })
    }
}

impl DecisionPart {
    fn of(decision: &ScaleDecision) -> Self {
        Self {
            at_seconds: decision.rescale.at.as_seconds(),
            from_replicas: decision.rescale.from,
            to_replicas: decision.rescale.to,
            ready_replicas: decision.ready,
            arrival_rate_per_second: Number(decision.arrival_rate),
            sync: match &decision.decided_by {
                DecidedBy::Poll => None,
                DecidedBy::Controller(inputs) => Some(InputsPart::of(inputs)),
            },
        }
    }

    fn decision(&self) -> Option<ScaleDecision> {
        Some(ScaleDecision {
            rescale: Rescale {
                at: at(self.at_seconds),
                from: self.from_replicas,
                to: self.to_replicas,
            },
            ready: self.ready_replicas,
            arrival_rate: self.arrival_rate_per_second.0,
            decided_by: match &self.sync {
                None => DecidedBy::Poll,
                Some(inputs) => DecidedBy::Controller(inputs.inputs()?),
            },
        })
    }
}

impl InputsPart {
    fn of(inputs: &SyncInputs) -> Self {
        Self {
            recommendation: inputs.recommendation,
            stabilized: inputs.stabilized,
            reason: inputs.reason.to_string(),
            bound: inputs.brake.map(|brake| brake.name().to_owned()),
            metrics: inputs.votes.iter().map(VotePart::of).collect(),
        }
    }

    fn inputs(&self) -> Option<SyncInputs> {
        Some(SyncInputs {
            votes: self
                .metrics
                .iter()
                .map(VotePart::vote)
                .collect::<Option<_>>()?,
            recommendation: self.recommendation,
            stabilized: self.stabilized,
            reason: self.reason.clone().into(),
            brake: match &self.bound {
                Some(word) => Some(brake_named(word)?),
                None => None,
            },
        })
    }
}

impl VotePart {
    fn of(vote: &Result<MetricVote, String>) -> Self {
        let nothing = Self {
            error: None,
            rule: None,
            replicas: None,
            measured_as: None,
            measured: Number(f64::NAN),
            average: Number(f64::NAN),
            usage_ratio: Number(f64::NAN),
            filled_ratio: Number(f64::NAN),
            pods: None,
        };
        let vote = match vote {
            Ok(vote) => vote,
            Err(error) => {
                return Self {
                    error: Some(error.clone()),
                    ..nothing
                };
            }
        };
        let (measured_as, measured, average) = measured_parts(vote.measured);
        Self {
            error: None,
            rule: Some(word_of(&RULES, &vote.rule)),
            replicas: Some(vote.replicas),
            measured_as: Some(measured_as.to_owned()),
            measured: Number(measured),
            average: Number(average),
            usage_ratio: Number(vote.usage_ratio),
            filled_ratio: Number(vote.filled_ratio),
            pods: Some(vote.pods),
        }
    }

    fn vote(&self) -> Option<Result<MetricVote, String>> {
        if let Some(error) = &self.error {
            return Some(Err(error.clone()));
        }
        Some(Ok(MetricVote {
            replicas: self.replicas?,
            measured: measured(
                self.measured_as.as_deref()?,
                self.measured.0,
                self.average.0,
            )?,
            usage_ratio: self.usage_ratio.0,
            filled_ratio: self.filled_ratio.0,
            pods: self.pods?,
            rule: meant_by(&RULES, self.rule.as_deref()?)?,
        }))
    }
}

/// How a value was measured, the value, and the mean that a percentage comes from.
fn measured_parts(measured: Measured) -> (&'static str, f64, f64) {
    match measured {
        Measured::Percent(percent, average) => ("percent", f64::from(percent), average),
        Measured::Average(average) => ("average", average, f64::NAN),
        Measured::Whole(value) => ("value", value, f64::NAN),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "written from an i32; of another number a float cast saturates"
)]
fn measured(word: &str, value: f64, average: f64) -> Option<Measured> {
    match word {
        "percent" => Some(Measured::Percent(value as i32, average)),
        "average" => Some(Measured::Average(value)),
        "value" => Some(Measured::Whole(value)),
        _ => None,
    }
}

impl SyncsPart {
    /// The log as columns; `None` of no syncs.
    pub(super) fn of(log: &SyncLog) -> Option<Self> {
        let syncs = &log.syncs;
        if syncs.is_empty() {
            return None;
        }
        let count = syncs.iter().map(|sync| sync.inputs.votes.len()).max();
        let mut stages: Vec<StagePart> = Vec::new();
        for (index, sync) in syncs.iter().enumerate() {
            let stage = StagePart::of(index, sync);
            if stages.last().is_none_or(|last| !last.says_the_same(&stage)) {
                stages.push(stage);
            }
        }
        Some(Self {
            at_seconds: syncs.iter().map(|sync| sync.at.as_seconds()).collect(),
            current_replicas: syncs.iter().map(|sync| sync.current).collect(),
            desired_replicas: syncs.iter().map(|sync| sync.desired).collect(),
            ready_replicas: syncs.iter().map(|sync| sync.ready).collect(),
            arrival_rate_per_second: syncs
                .iter()
                .map(|sync| Number(short(sync.arrival_rate)))
                .collect(),
            recommendation: syncs
                .iter()
                .map(|sync| sync.inputs.recommendation)
                .collect(),
            stabilized: syncs.iter().map(|sync| sync.inputs.stabilized).collect(),
            metrics: (0..count.unwrap_or(0))
                .map(|metric| MetricColumns::of(syncs, metric))
                .collect(),
            stages,
        })
    }

    /// The log; `None` where columns differ in length or a word is unknown.
    pub(super) fn log(&self) -> Option<SyncLog> {
        let count = self.at_seconds.len();
        let lengths = [
            self.current_replicas.len(),
            self.desired_replicas.len(),
            self.ready_replicas.len(),
            self.arrival_rate_per_second.len(),
            self.recommendation.len(),
            self.stabilized.len(),
        ];
        let are_whole = lengths.iter().all(|length| *length == count)
            && self.metrics.iter().all(|metric| metric.has(count))
            && self.at_seconds.is_sorted();
        if !are_whole {
            return None;
        }
        let mut stages = self.stages.iter().peekable();
        let mut stage = stages.next_if(|stage| stage.from_sync == 0)?;
        let mut syncs = Vec::with_capacity(count);
        for index in 0..count {
            if let Some(next) = stages.next_if(|next| next.from_sync == index) {
                stage = next;
            }
            syncs.push(self.sync(index, stage)?);
        }
        Some(SyncLog { syncs })
    }

    fn sync(&self, index: usize, stage: &StagePart) -> Option<SyncRecord> {
        let vote = |(metric, of_stage): (&MetricColumns, &MetricStage)| {
            if let Some(error) = &of_stage.error {
                return Some(Err(error.clone()));
            }
            metric.vote(index, of_stage).map(Ok)
        };
        let reason = |word: &Option<String>| word.clone().map(Into::into);
        Some(SyncRecord {
            at: at(self.at_seconds[index]),
            current: self.current_replicas[index],
            desired: self.desired_replicas[index],
            ready: self.ready_replicas[index],
            arrival_rate: self.arrival_rate_per_second[index].0,
            write: meant_by(&WRITES, &stage.write)?,
            inputs: SyncInputs {
                votes: self
                    .metrics
                    .iter()
                    .zip(&stage.metrics)
                    .map(vote)
                    .collect::<Option<_>>()?,
                recommendation: self.recommendation[index],
                stabilized: self.stabilized[index],
                reason: stage.reason.clone().into(),
                brake: match &stage.bound {
                    Some(word) => Some(brake_named(word)?),
                    None => None,
                },
            },
            conditions: StatusConditions {
                able_to_scale: reason(&stage.able_to_scale),
                scaling_active: reason(&stage.scaling_active),
                scaling_limited: reason(&stage.scaling_limited),
            },
        })
    }
}

impl MetricColumns {
    fn of(syncs: &[SyncRecord], metric: usize) -> Self {
        let mut columns = Self::default();
        for sync in syncs {
            let vote = sync.inputs.votes.get(metric);
            let vote = vote.and_then(|vote| vote.as_ref().ok());
            let (_, value, average) = vote.map_or(("", f64::NAN, f64::NAN), |vote| {
                measured_parts(vote.measured)
            });
            let number = |read: fn(&MetricVote) -> f64| Number(vote.map_or(f64::NAN, read));
            columns.replicas.push(vote.map(|vote| vote.replicas));
            columns.measured.push(Number(value));
            columns.average.push(Number(average));
            columns.usage_ratio.push(number(|vote| vote.usage_ratio));
            columns.filled_ratio.push(number(|vote| vote.filled_ratio));
            columns.pods.push(vote.map(|vote| vote.pods));
        }
        for ratios in [&mut columns.usage_ratio, &mut columns.filled_ratio] {
            for ratio in ratios {
                ratio.0 = short(ratio.0);
            }
        }
        columns
    }

    fn has(&self, count: usize) -> bool {
        [
            self.replicas.len(),
            self.measured.len(),
            self.average.len(),
            self.usage_ratio.len(),
            self.filled_ratio.len(),
            self.pods.len(),
        ]
        .iter()
        .all(|length| *length == count)
    }

    fn vote(&self, index: usize, stage: &MetricStage) -> Option<MetricVote> {
        Some(MetricVote {
            replicas: self.replicas[index]?,
            measured: measured(
                stage.measured_as.as_deref()?,
                self.measured[index].0,
                self.average[index].0,
            )?,
            usage_ratio: self.usage_ratio[index].0,
            filled_ratio: self.filled_ratio[index].0,
            pods: self.pods[index]?,
            rule: meant_by(&RULES, stage.rule.as_deref()?)?,
        })
    }
}

impl StagePart {
    fn of(index: usize, sync: &SyncRecord) -> Self {
        let metric = |vote: &Result<MetricVote, String>| match vote {
            Ok(vote) => MetricStage {
                error: None,
                rule: Some(word_of(&RULES, &vote.rule)),
                measured_as: Some(measured_parts(vote.measured).0.to_owned()),
            },
            Err(error) => MetricStage {
                error: Some(error.clone()),
                rule: None,
                measured_as: None,
            },
        };
        let conditions = &sync.conditions;
        Self {
            from_sync: index,
            reason: sync.inputs.reason.to_string(),
            bound: sync.inputs.brake.map(|brake| brake.name().to_owned()),
            write: word_of(&WRITES, &sync.write),
            able_to_scale: conditions.able_to_scale.as_deref().map(str::to_owned),
            scaling_active: conditions.scaling_active.as_deref().map(str::to_owned),
            scaling_limited: conditions.scaling_limited.as_deref().map(str::to_owned),
            metrics: sync.inputs.votes.iter().map(metric).collect(),
        }
    }

    fn says_the_same(&self, other: &Self) -> bool {
        let Self {
            from_sync: _,
            reason,
            bound,
            write,
            able_to_scale,
            scaling_active,
            scaling_limited,
            metrics,
        } = self;
        *reason == other.reason
            && *bound == other.bound
            && *write == other.write
            && *able_to_scale == other.able_to_scale
            && *scaling_active == other.scaling_active
            && *scaling_limited == other.scaling_limited
            && *metrics == other.metrics
    }
}

/// A number with seven significant digits: all that anybody reads of one of thousands.
fn short(value: f64) -> f64 {
    const DIGITS: f64 = 7.0;
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let power = 10_f64.powf(DIGITS - 1.0 - value.abs().log10().floor());
    if power.is_finite() && power > 0.0 && (value * power).is_finite() {
        (value * power).round() / power
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(percent: i32, rule: VoteRule) -> MetricVote {
        MetricVote {
            replicas: 5,
            measured: Measured::Percent(percent, 0.415),
            usage_ratio: f64::from(percent) / 64.0,
            filled_ratio: f64::from(percent) / 64.0,
            pods: 3,
            rule,
        }
    }

    fn sync(second: i64, votes: Vec<Result<MetricVote, String>>) -> SyncRecord {
        SyncRecord {
            at: SimTime::from_seconds(second),
            current: 3,
            desired: 5,
            ready: 3,
            arrival_rate: 12.5,
            write: SyncWrite::Written,
            inputs: SyncInputs {
                votes,
                recommendation: Some(5),
                stabilized: None,
                reason: "metric above target".into(),
                brake: Some(Brake::Tolerance),
            },
            conditions: StatusConditions {
                able_to_scale: Some("SucceededRescale".into()),
                scaling_active: None,
                scaling_limited: Some("DesiredWithinRange".into()),
            },
        }
    }

    #[test]
    fn syncs_read_back_as_they_were_written() {
        let log = SyncLog {
            syncs: vec![
                sync(5, vec![Ok(vote(90, VoteRule::ReadyPods))]),
                sync(20, vec![Ok(vote(87, VoteRule::ReadyPods))]),
                sync(35, vec![Err("no pods".to_owned())]),
                sync(50, Vec::new()),
                sync(65, vec![Ok(vote(60, VoteRule::WithinTolerance))]),
            ],
        };
        let text = serde_json::to_string(&SyncsPart::of(&log)).expect("written");
        let part: SyncsPart = serde_json::from_str(&text).expect("read");
        assert_eq!(part.stages.len(), 4, "{text}");
        assert_eq!(part.log(), Some(log));
    }

    #[test]
    fn columns_of_other_lengths_are_no_log() {
        let log = SyncLog {
            syncs: vec![sync(5, vec![Ok(vote(90, VoteRule::ReadyPods))])],
        };
        let mut part = SyncsPart::of(&log).expect("a sync");
        part.pop_a_rate();
        assert_eq!(part.log(), None);
    }

    impl SyncsPart {
        fn pop_a_rate(&mut self) {
            self.arrival_rate_per_second.pop();
        }
    }

    #[test]
    fn numbers_keep_seven_digits() {
        assert!((short(1.185_714_285_714) - 1.185_714).abs() < 1e-15);
        assert!(short(f64::NAN).is_nan());
        assert!((short(5e-324) - 5e-324).abs() < 1e-300);
    }
}
