//! What the page's charts and log draw: the first run of each backend, as compact JSON.

use serde::{Serialize, Serializer};

use super::decisions::arithmetic;
use crate::outcome::{
    Brake, DecidedBy, DecisionLog, ScaleDecision, Timeline, TimelineRow, Violation,
};
use crate::report::chart::tolerance;
use crate::report::escape;
use crate::report::input::{BackendView, Report};

/// Points over time of all backends together; a timeline of the engine has at most some three thousand.
const MOST_POINTS: usize = 12_000;
/// Spans of violation, all backends together.
const MOST_SPANS: usize = 8_000;
/// Bytes of decisions, all backends together.
const ROOM_FOR_DECISIONS: usize = 900_000;

/// The whole of it.
#[derive(Serialize)]
pub(super) struct Data {
    /// How long the trace lasts, seconds.
    horizon: f64,
    /// The objective's latency, seconds.
    objective: Number,
    /// Usage ratios within which the controller does nothing.
    tolerance: (Number, Number),
    min: i32,
    max: i32,
    /// The targets of the metrics, in the order of the votes.
    metrics: Vec<String>,
    backends: Vec<BackendData>,
}

#[derive(Serialize)]
struct BackendData {
    name: String,
    /// The length of a point, seconds.
    step: f64,
    /// When each point begins, seconds.
    at: Vec<Number>,
    rate: Vec<Number>,
    demand: Vec<u32>,
    ready_min: Vec<u32>,
    ready_max: Vec<u32>,
    desired: Vec<u32>,
    desired_min: Vec<u32>,
    desired_max: Vec<u32>,
    usage: Vec<Number>,
    usage_min: Vec<Number>,
    usage_max: Vec<Number>,
    p50: Vec<Number>,
    p95: Vec<Number>,
    p99: Vec<Number>,
    /// Minutes that missed the objective: begin and end, seconds.
    violations: Vec<(Number, Number)>,
    decisions: Vec<DecisionData>,
    /// Decisions that did not fit.
    decisions_left_out: u64,
}

/// A change of the scale.
#[derive(Serialize)]
struct DecisionData {
    /// When, seconds.
    t: f64,
    from: u32,
    to: u32,
    ready: u32,
    rate: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync: Option<SyncData>,
}

#[derive(Serialize)]
struct SyncData {
    /// The arithmetic of each metric, or why there is none.
    votes: Vec<String>,
    asked: Option<i32>,
    stabilized: Option<i32>,
    reason: String,
    bound: Option<&'static str>,
}

/// A number with five significant digits, as short as it can be; null where there is none.
#[derive(Clone, Copy)]
struct Number(f64);

impl Data {
    pub(super) fn of(report: &Report) -> Self {
        let subject = &report.subject;
        let tolerance = tolerance(report);
        let count = report.backends().count().max(1);
        Self {
            horizon: subject.horizon.as_seconds(),
            objective: Number(subject.slo.latency),
            tolerance: (Number(tolerance.0), Number(tolerance.1)),
            min: subject.steering.min_replicas,
            max: subject.steering.max_replicas,
            metrics: subject
                .metric_targets
                .iter()
                .map(|target| escape::plain(target))
                .collect(),
            backends: report
                .backends()
                .map(|view| BackendData::of(&view, count))
                .collect(),
        }
    }

    /// As a document for a `script` element.
    pub(super) fn json(&self) -> String {
        let json = serde_json::to_string(self).expect("a model with string keys is written");
        escape::json_in_html(&json)
    }
}

impl BackendData {
    /// One backend of so many.
    fn of(view: &BackendView, count: usize) -> Self {
        let timeline = reduced(&view.outcome.timeline, (MOST_POINTS / count).max(2));
        let rows = &timeline.rows;
        let numbers = |read: fn(&TimelineRow) -> f64| rows.iter().map(move |row| Number(read(row)));
        let counts = |read: fn(&TimelineRow) -> u32| rows.iter().map(read).collect::<Vec<_>>();
        let violations = view.outcome.runs.first().map(|run| &*run.violations);
        let (decisions, decisions_left_out) =
            decisions(&view.outcome.decisions, ROOM_FOR_DECISIONS / count);
        Self {
            name: escape::plain(&view.card.backend),
            step: timeline.step.as_seconds(),
            at: numbers(|row| row.at.as_seconds()).collect(),
            rate: numbers(|row| row.arrival_rate).collect(),
            demand: counts(|row| row.demand),
            ready_min: counts(|row| row.ready_min),
            ready_max: counts(|row| row.ready_max),
            desired: counts(|row| row.desired),
            desired_min: counts(|row| row.desired_min),
            desired_max: counts(|row| row.desired_max),
            usage: numbers(|row| row.usage_ratio).collect(),
            usage_min: numbers(|row| row.usage_ratio_min).collect(),
            usage_max: numbers(|row| row.usage_ratio_max).collect(),
            p50: numbers(|row| row.p50).collect(),
            p95: numbers(|row| row.p95).collect(),
            p99: numbers(|row| row.p99).collect(),
            violations: spans(violations.unwrap_or_default(), (MOST_SPANS / count).max(1))
                .into_iter()
                .map(|(begin, end)| (Number(begin), Number(end)))
                .collect(),
            decisions,
            decisions_left_out,
        }
    }
}

/// When the objective was missed, in at most so many spans of seconds: where there are more, those that are near each
/// other become one.
fn spans(violations: &[Violation], most: usize) -> Vec<(f64, f64)> {
    let seconds = |one: &Violation| (one.begin.as_seconds(), one.end.as_seconds());
    let mut spans: Vec<(f64, f64)> = violations.iter().map(seconds).collect();
    let mut gap = 60.0;
    while spans.len() > most {
        spans.dedup_by(|next, kept| {
            let is_near = next.0 - kept.1 <= gap;
            if is_near {
                kept.1 = next.1;
            }
            is_near
        });
        gap *= 2.0;
    }
    spans
}

/// As many of the first decisions as there is room for, and how many are left out.
fn decisions(log: &DecisionLog, mut room: usize) -> (Vec<DecisionData>, u64) {
    let mut kept = Vec::new();
    for decision in &log.decisions {
        let decision = DecisionData::of(decision);
        let length = decision.length();
        if length > room {
            break;
        }
        room -= length;
        kept.push(decision);
    }
    let left_out = (log.decisions.len() - kept.len()) as u64 + log.not_kept;
    (kept, left_out)
}

impl DecisionData {
    fn of(decision: &ScaleDecision) -> Self {
        let rescale = decision.rescale;
        Self {
            t: (rescale.at.as_seconds() * 1000.0).round() / 1000.0,
            from: rescale.from,
            to: rescale.to,
            ready: decision.ready,
            rate: Number(decision.arrival_rate),
            sync: match &decision.decided_by {
                DecidedBy::Poll => None,
                DecidedBy::Controller(inputs) => Some(SyncData {
                    votes: inputs
                        .votes
                        .iter()
                        .map(|vote| match vote {
                            Ok(vote) => arithmetic(vote),
                            Err(error) => error.clone(),
                        })
                        .collect(),
                    asked: inputs.recommendation,
                    stabilized: inputs.stabilized,
                    reason: inputs.reason.to_string(),
                    bound: inputs.brake.map(Brake::name),
                }),
            },
        }
    }

    /// About how many bytes of JSON it takes.
    fn length(&self) -> usize {
        const KEYS_AND_NUMBERS: usize = 150;
        let votes = self.sync.iter().flat_map(|sync| &sync.votes);
        KEYS_AND_NUMBERS + votes.map(|vote| vote.len() + 3).sum::<usize>()
    }
}

/// The timeline with at most so many rows: neighbours become one row that keeps the extremes of both.
fn reduced(timeline: &Timeline, most: usize) -> Timeline {
    let each = timeline.rows.len().div_ceil(most).max(1);
    let whole = i64::try_from(each).unwrap_or(i64::MAX);
    Timeline {
        step: timeline.step * whole,
        rows: timeline
            .rows
            .chunks(each)
            .filter_map(|rows| rows.iter().copied().reduce(joined))
            .collect(),
    }
}

/// Two rows as one. The mean rate is weighted by requests over rate, which is time.
fn joined(first: TimelineRow, second: TimelineRow) -> TimelineRow {
    let seconds = |row: &TimelineRow| {
        if row.arrival_rate > 0.0 {
            row.requests / row.arrival_rate
        } else {
            0.0
        }
    };
    let (early, late) = (seconds(&first), seconds(&second));
    let requests = first.requests + second.requests;
    TimelineRow {
        at: first.at,
        arrival_rate: if early > 0.0 && late > 0.0 {
            requests / (early + late)
        } else {
            f64::midpoint(first.arrival_rate, second.arrival_rate)
        },
        demand: first.demand.max(second.demand),
        ready_min: first.ready_min.min(second.ready_min),
        ready_max: first.ready_max.max(second.ready_max),
        desired: second.desired,
        desired_min: first.desired_min.min(second.desired_min),
        desired_max: first.desired_max.max(second.desired_max),
        usage_ratio: second.usage_ratio,
        usage_ratio_min: first.usage_ratio_min.min(second.usage_ratio_min),
        usage_ratio_max: first.usage_ratio_max.max(second.usage_ratio_max),
        p50: first.p50.max(second.p50),
        p95: first.p95.max(second.p95),
        p99: first.p99.max(second.p99),
        requests,
        bad_requests: first.bad_requests + second.bad_requests,
        backlog: first.backlog.max(second.backlog),
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const DIGITS: i32 = 5;
        let Self(value) = *self;
        if !value.is_finite() {
            return serializer.serialize_none();
        }
        if value == 0.0 {
            return serializer.serialize_u8(0);
        }
        let power = 10_f64.powf(f64::from(DIGITS - 1) - value.abs().log10().floor());
        let rounded = if value.abs() < 1e5 {
            (value * power).round() / power
        } else {
            value.round()
        };
        // A whole number is shorter without its `.0`.
        if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 1e15")]
            let whole = rounded as i64;
            serializer.serialize_i64(whole)
        } else {
            serializer.serialize_f64(rounded)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{SimDuration, SimTime};

    #[track_caller]
    fn check(value: f64, expected: &str) {
        let text = serde_json::to_string(&Number(value)).expect("a number");
        assert_eq!(text, expected);
    }

    #[test]
    fn numbers_are_short() {
        check(0.0, "0");
        check(f64::NAN, "null");
        check(45.138_888, "45.139");
        check(0.001_234_567, "0.0012346");
        check(86_400.0, "86400");
        check(2_591_985.0, "2591985");
    }

    fn row(second: i64, demand: u32, latency: f64) -> TimelineRow {
        TimelineRow {
            at: SimTime::from_seconds(second),
            arrival_rate: 10.0,
            demand,
            ready_min: demand,
            ready_max: demand,
            desired: demand,
            desired_min: demand,
            desired_max: demand,
            usage_ratio: latency,
            usage_ratio_min: latency,
            usage_ratio_max: latency,
            p50: latency,
            p95: latency,
            p99: latency,
            requests: 10.0,
            bad_requests: 0.0,
            backlog: 0.0,
        }
    }

    #[test]
    fn near_spans_become_one_where_there_are_too_many() {
        let span = |begin, end| Violation {
            begin: SimTime::from_seconds(begin),
            end: SimTime::from_seconds(end),
            requests: 1.0,
            bad_requests: 1.0,
            worst_wait: SimDuration::ZERO,
        };
        let violations = [span(0, 60), span(120, 180), span(600, 660)];
        assert_eq!(spans(&violations, 3).len(), 3);
        assert_eq!(spans(&violations, 2), [(0.0, 180.0), (600.0, 660.0)]);
        assert_eq!(spans(&violations, 1), [(0.0, 660.0)]);
    }

    #[test]
    fn fewer_points_keep_the_extremes() {
        let timeline = Timeline {
            step: SimDuration::from_seconds(1),
            rows: vec![
                row(0, 1, 0.1),
                row(1, 9, f64::NAN),
                row(2, 2, 0.3),
                row(3, 4, 0.2),
                row(4, 3, 0.2),
            ],
        };
        let reduced = reduced(&timeline, 2);
        assert_eq!(reduced.step, SimDuration::from_seconds(3));
        let shown: Vec<(u32, u32, u32)> = reduced
            .rows
            .iter()
            .map(|row| (row.demand, row.ready_min, row.ready_max))
            .collect();
        assert_eq!(shown, [(9, 1, 9), (4, 3, 4)]);
        let latencies: Vec<String> = reduced
            .rows
            .iter()
            .map(|row| format!("{} {}", row.p99, row.usage_ratio_min))
            .collect();
        assert_eq!(latencies, ["0.3 0.1", "0.2 0.2"]);
        assert_eq!(reduced.rows[0].arrival_rate.to_bits(), 10.0_f64.to_bits());
    }
}
