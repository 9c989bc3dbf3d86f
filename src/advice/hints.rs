//! `Hints`: what theory suggests, and which values are tried without being asked for.

use super::steps::place;
use super::usual_values::FLOOR;
use super::wished_values::LONGEST_WINDOW;
use super::{Knob, Value};
use crate::hpa::{ControllerConfig, MetricTarget};
use crate::units::SimDuration;

/// Windows that are advised of our own accord, seconds: beyond these the rules `scale-up-window` and
/// `scale-down-window-zero` of `lint` warn.
const LONGEST_UP_WINDOW: f64 = 15.0;
const SHORTEST_DOWN_WINDOW: f64 = 60.0;

/// Values that theory suggests; they are tried beside the usual ones, with their neighbours where values are whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// For minReplicas.
    pub min: Vec<i32>,
    /// For maxReplicas.
    pub max: Vec<i32>,
    /// For the targets, by the number of the metric.
    pub targets: Vec<(usize, MetricTarget)>,
    /// For the scale-up window.
    pub up_windows: Vec<SimDuration>,
    /// For the scale-down window.
    pub down_windows: Vec<SimDuration>,
}

/// Whether a hint may be tried without being asked for: no lower ceiling than now, which would hide a load that grows; no
/// target above the request, which only a neighbour's idle cpu can serve; no lower floor than two replicas.
pub(super) fn is_sound(hint: &Value, own: &Value) -> bool {
    match (hint, own) {
        (Value::Replicas(hint), Value::Replicas(own)) => *hint >= *own || *hint >= FLOOR,
        (
            Value::Target(MetricTarget::Utilization(hint)),
            Value::Target(MetricTarget::Utilization(own)),
        ) => *hint <= (*own).max(100),
        _ => true,
    }
}

/// Whether a window is one that nobody should be advised who has no such one: added replicas that wait for longer than a
/// sync, or replicas that are taken away after less than a minute.
pub(super) fn is_rash(
    knob: Knob,
    value: &Value,
    own: &Value,
    controller: &ControllerConfig,
) -> bool {
    let seconds = |value: &Value| {
        let (nanos, _) = place(knob, value, controller);
        nanos as f64 / 1e9
    };
    match knob {
        Knob::ScaleUpWindow => {
            let longest = LONGEST_UP_WINDOW.max(controller.sync_period.as_seconds());
            seconds(value) > longest.max(seconds(own))
        }
        Knob::ScaleDownWindow => seconds(value) < SHORTEST_DOWN_WINDOW.min(seconds(own)),
        _ => false,
    }
}

/// What theory suggests, as values that the API server would take.
pub(super) fn hinted(knob: Knob, hints: &Hints) -> Vec<Value> {
    let near_counts = |counts: &[i32]| {
        let near = |count: &i32| [-1, 0, 1].map(|step| count.saturating_add(step).max(1));
        counts.iter().flat_map(near).map(Value::Replicas).collect()
    };
    let windows = |windows: &[SimDuration]| {
        let tidied = windows.iter().map(|window| {
            let seconds = window.as_seconds().ceil().clamp(0.0, LONGEST_WINDOW);
            Value::Window(Some(SimDuration::from_seconds_rounded(seconds)))
        });
        tidied.collect()
    };
    match knob {
        Knob::MinReplicas => near_counts(&hints.min),
        Knob::MaxReplicas => hints
            .max
            .iter()
            .map(|count| Value::Replicas((*count).max(1)))
            .collect(),
        Knob::Target(metric) => {
            let own = hints.targets.iter().filter(|(of, _)| *of == metric);
            own.flat_map(|(_, target)| near_targets(*target)).collect()
        }
        Knob::ScaleUpWindow => windows(&hints.up_windows),
        Knob::ScaleDownWindow => windows(&hints.down_windows),
        _ => Vec::new(),
    }
}

fn near_targets(target: MetricTarget) -> Vec<Value> {
    let near = match target {
        MetricTarget::Utilization(percent) => [-2, -1, 0, 1, 2]
            .map(|step| MetricTarget::Utilization(percent.saturating_add(step).max(1)))
            .to_vec(),
        MetricTarget::AverageValue(milli) => vec![MetricTarget::AverageValue(milli.max(1))],
        MetricTarget::Value(milli) => vec![MetricTarget::Value(milli.max(1))],
    };
    near.into_iter().map(Value::Target).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(seconds: i64) -> Value {
        Value::Window(Some(SimDuration::from_seconds(seconds)))
    }

    #[track_caller]
    fn check_rash(knob: Knob, value: i64, own: &Value, expected: bool) {
        let controller = ControllerConfig::KUBERNETES_1_36;
        assert_eq!(is_rash(knob, &window(value), own, &controller), expected);
    }

    #[test]
    fn windows_that_are_warned_of_are_tried_only_up_to_where_they_are() {
        let default = Value::Window(None);
        check_rash(Knob::ScaleUpWindow, 15, &default, false);
        check_rash(Knob::ScaleUpWindow, 16, &default, true);
        check_rash(Knob::ScaleUpWindow, 60, &window(120), false);
        check_rash(Knob::ScaleDownWindow, 60, &default, false);
        check_rash(Knob::ScaleDownWindow, 59, &default, true);
        check_rash(Knob::ScaleDownWindow, 30, &window(15), false);
    }

    #[test]
    fn neither_a_lower_ceiling_nor_a_target_above_the_request_is_hinted_at() {
        let percent = |percent| Value::Target(MetricTarget::Utilization(percent));
        assert!(is_sound(&percent(100), &percent(70)));
        assert!(!is_sound(&percent(101), &percent(70)));
        assert!(is_sound(&percent(140), &percent(150)));
        assert!(!is_sound(&Value::Replicas(1), &Value::Replicas(2)));
        assert!(is_sound(&Value::Replicas(2), &Value::Replicas(5)));
    }
}
