//! The values that a knob is tried at where nobody says.

use super::policy_sets::{self, Direction};
use super::steps::{Grain, between_counts, tidy};
use super::{Knob, Value};
use crate::hpa::{HpaSpec, MetricTarget};
use crate::scenario::Scenario;
use crate::units::SimDuration;

/// Whole percents that are tried: every fifth from 30 to 95. Below, most of what is paid for idles; above, there is no
/// room left within the tolerance.
const PERCENTS: std::ops::RangeInclusive<i32> = 6..=19;
/// Percent of the present target that are tried where its scale says nothing of what a replica can bear.
const TARGET_FACTORS: [i128; 12] = [30, 40, 50, 60, 70, 80, 90, 110, 125, 150, 175, 200];
/// Seconds.
const UP_WINDOWS: [i64; 4] = [0, 15, 30, 60];
/// Seconds.
const DOWN_WINDOWS: [i64; 8] = [0, 60, 120, 180, 300, 600, 900, 1800];
const TOLERANCES: [f64; 5] = [0.0, 0.02, 0.05, 0.1, 0.2];
/// The lowest minReplicas that is tried where there are as many now: a second replica outlives the loss of one.
pub(super) const FLOOR: i32 = 2;
/// How far maxReplicas may be above the need at the lowest target: late replicas have a backlog to work off.
const ROOM: f64 = 1.25;

/// The values that a knob is tried at where nobody says.
pub(super) fn usual(scenario: &Scenario, knob: Knob) -> Vec<Value> {
    let hpa = &scenario.hpa;
    let windows = |seconds: &[i64]| {
        let windows = seconds.iter().copied().map(SimDuration::from_seconds);
        windows.map(|window| Value::Window(Some(window))).collect()
    };
    let policies = |direction| {
        let sets = policy_sets::standard(direction).into_iter();
        sets.map(|set| Value::Policies(Some(set))).collect()
    };
    match knob {
        Knob::MinReplicas => {
            let most = need(scenario, lowest_target(hpa)).max(hpa.min_replicas);
            // One replica is no floor for what can lose a node, unless it is one already.
            let least = hpa.min_replicas.clamp(1, FLOOR);
            between_counts(least, most).map(Value::Replicas).collect()
        }
        Knob::MaxReplicas => {
            let enough = [need(scenario, 1.0), need(scenario, lowest_target(hpa))];
            let with_room = enough.map(|count| ceil_count(f64::from(count) * ROOM));
            let larger = with_room
                .into_iter()
                .filter(|count| *count > hpa.max_replicas);
            larger.map(Value::Replicas).collect()
        }
        Knob::Target(metric) => {
            let targets = usual_targets(hpa.metrics[metric].target()).into_iter();
            targets.map(Value::Target).collect()
        }
        Knob::ScaleUpWindow => windows(&UP_WINDOWS),
        Knob::ScaleDownWindow => windows(&DOWN_WINDOWS),
        Knob::ScaleUpPolicies => policies(Direction::Up),
        Knob::ScaleDownPolicies => policies(Direction::Down),
        Knob::ScaleUpTolerance | Knob::ScaleDownTolerance => TOLERANCES
            .iter()
            .map(|tolerance| Value::Tolerance(Some(*tolerance)))
            .collect(),
    }
}

fn usual_targets(present: MetricTarget) -> Vec<MetricTarget> {
    let times = |milli: i64| TARGET_FACTORS.map(|percent| i128::from(milli) * percent / 100);
    match present {
        MetricTarget::Utilization(percent) => {
            let mut percents: Vec<i32> = PERCENTS.map(|fifth| fifth * 5).collect();
            // Beyond the usual ones the target's own scale counts: requests are far below the use, or far above.
            if !(30..=95).contains(&percent) {
                let near = times(i64::from(percent)).map(|near| i32::try_from(near.max(1)));
                percents.extend(near.into_iter().flatten());
            }
            percents
                .into_iter()
                .map(MetricTarget::Utilization)
                .collect()
        }
        MetricTarget::AverageValue(milli) => times(milli)
            .map(|near| MetricTarget::AverageValue(tidy(near, Grain::of(milli))))
            .to_vec(),
        MetricTarget::Value(milli) => times(milli)
            .map(|near| MetricTarget::Value(tidy(near, Grain::of(milli))))
            .to_vec(),
    }
}

/// The lowest target that is tried as a share of the present one, over all metrics.
fn lowest_target(hpa: &HpaSpec) -> f64 {
    let shares = hpa.metrics.iter().flat_map(|metric| {
        let present = metric.target();
        let tried = usual_targets(present).into_iter();
        tried.map(move |target| target.amount() / present.amount())
    });
    shares.fold(1.0, f64::min)
}

/// The replicas that the trace's peak needs with the targets at a share of what they are.
fn need(scenario: &Scenario, share: f64) -> i32 {
    let peak = scenario.trace.series().peak();
    ceil_count(peak / (scenario.rate_at_target * share))
}

/// At least one, at most what the API can say; one for what is no number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, and NaN becomes zero"
)]
fn ceil_count(replicas: f64) -> i32 {
    // What rounding adds to a whole number is no replica.
    ((replicas * (1.0 - 1e-9)).ceil() as i32).max(1)
}
