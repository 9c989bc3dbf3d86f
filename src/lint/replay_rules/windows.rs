//! Windows of scaling down, and the least longer one that will do.

use super::ground::Candidate;
use super::least::least;
use super::replay::Replay;
use super::reruns::replayed;
use super::tried::Tried;
use crate::hpa::Behavior;
use crate::outcome::RunOutcome;
use crate::scenario::Scenario;
use crate::units::SimDuration;

/// The scale-down windows that are tried in place of a shorter one, seconds.
const WINDOWS: [i64; 8] = [60, 120, 180, 300, 600, 900, 1800, 3600];

/// The shortest longer window of scaling down under which what is left will do, and its further replica-hours a day.
pub(super) fn least_window(
    replay: &Replay<'_>,
    will_do: impl Fn(&[RunOutcome]) -> bool,
) -> Option<(SimDuration, f64)> {
    let scenario = replay.scenario();
    let now = scale_down_window(scenario);
    let windows = WINDOWS.map(SimDuration::from_seconds).into_iter();
    let longer: Vec<SimDuration> = windows.filter(|window| *window > now).collect();
    let with_window = |index: i32| {
        let window = *longer.get(usize::try_from(index).ok()?)?;
        let mut hpa = scenario.hpa.clone();
        let behavior = hpa.behavior.get_or_insert_with(Behavior::api_default);
        behavior.scale_down.stabilization_window = Some(window);
        Some((window, hpa))
    };
    let is_enough = |index: i32| {
        let runs = with_window(index).and_then(|(_, hpa)| replayed(scenario, |it| it.hpa = hpa));
        runs.is_some_and(|runs| will_do(&runs))
    };
    let last = i32::try_from(longer.len()).unwrap_or(i32::MAX) - 1;
    let (window, hpa) = with_window(least(0, last, is_enough)?)?;
    let more = Tried::of(replay.ground(), &Candidate::from(hpa)).replica_hours;
    Some((window, more - replay.as_it_is().replica_hours))
}

/// The window of scaling down that holds.
pub(super) fn scale_down_window(scenario: &Scenario) -> SimDuration {
    let behavior = scenario.hpa.behavior.as_ref();
    let own = behavior.and_then(|behavior| behavior.scale_down.stabilization_window);
    own.unwrap_or(scenario.controller.downscale_stabilization)
}
