//! The recommendation window.

use super::state::Recommendation;
use crate::units::SimDuration;

/// No slot is outdated; beyond every list.
const NO_SLOT: usize = usize::MAX;

/// The windows of `behavior`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Windows {
    pub(super) up: SimDuration,
    pub(super) down: SimDuration,
}

/// Stores a recommendation where `behavior` is absent, and returns the highest one of the scale-down window
/// (`stabilizeRecommendation`). One exactly at the window's far end still counts.
pub(super) fn stabilize_without_behavior(
    recommendations: &mut Vec<Recommendation>,
    window: SimDuration,
    new: Recommendation,
) -> i32 {
    let cutoff = new.at - window;
    let mut highest = new.replicas;
    let mut outdated_slot = NO_SLOT;
    // Which slot is outdated changes with every sync: choosing without a jump is what makes this loop cheap.
    for (slot, old) in recommendations.iter().enumerate() {
        let outdated = old.at < cutoff;
        outdated_slot = if outdated { slot } else { outdated_slot };
        highest = highest.max(if outdated { i32::MIN } else { old.replicas });
    }
    store(recommendations, outdated_slot, new);
    highest
}

/// Stores a recommendation where `behavior` is set, and returns `current` brought between the lowest recommendation of
/// the scale-up window and the highest of the scale-down window (`stabilizeRecommendationWithBehaviors`). One exactly
/// at a window's far end no longer counts.
pub(super) fn stabilize_with_behavior(
    recommendations: &mut Vec<Recommendation>,
    windows: Windows,
    current: i32,
    new: Recommendation,
) -> i32 {
    let up_cutoff = new.at - windows.up;
    let down_cutoff = new.at - windows.down;
    let mut lowest = new.replicas;
    let mut highest = new.replicas;
    let mut outdated_slot = NO_SLOT;
    for (slot, old) in recommendations.iter().enumerate() {
        let within_up = old.at > up_cutoff;
        let within_down = old.at > down_cutoff;
        let outdated = old.at < up_cutoff.min(down_cutoff);
        lowest = lowest.min(if within_up { old.replicas } else { i32::MAX });
        highest = highest.max(if within_down { old.replicas } else { i32::MIN });
        outdated_slot = if outdated { slot } else { outdated_slot };
    }
    store(recommendations, outdated_slot, new);
    current.max(lowest).min(highest)
}

/// The last outdated slot is taken again; other outdated ones stay as they are.
fn store(recommendations: &mut Vec<Recommendation>, outdated_slot: usize, new: Recommendation) {
    match recommendations.get_mut(outdated_slot) {
        Some(slot) => *slot = new,
        None => recommendations.push(new),
    }
}

/// Where a window is not given in a spec, the controller's flag counts in whole seconds
/// (`maybeInitScaleDownStabilizationWindow`).
pub(super) fn whole_seconds(window: SimDuration) -> SimDuration {
    SimDuration::from_nanos(window.as_nanos() - window.as_nanos() % 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimTime;

    fn at(seconds: i64, replicas: i32) -> Recommendation {
        Recommendation {
            replicas,
            at: SimTime::from_seconds(seconds),
        }
    }

    const FIVE_MINUTES: SimDuration = SimDuration::from_seconds(300);

    #[test]
    fn without_behavior_the_far_end_of_the_window_still_counts() {
        let mut slots = vec![at(0, 9), at(100, 3)];
        assert_eq!(
            stabilize_without_behavior(&mut slots, FIVE_MINUTES, at(300, 2)),
            9
        );
        assert_eq!(slots, [at(0, 9), at(100, 3), at(300, 2)]);
    }

    #[test]
    fn with_behavior_the_far_end_of_the_window_no_longer_counts() {
        let windows = Windows {
            up: SimDuration::ZERO,
            down: FIVE_MINUTES,
        };
        let mut slots = vec![at(0, 9), at(100, 3)];
        assert_eq!(
            stabilize_with_behavior(&mut slots, windows, 9, at(300, 2)),
            3
        );
    }

    #[test]
    fn only_the_last_outdated_slot_is_taken_again() {
        let mut slots = vec![at(0, 9), at(10, 8), at(400, 3)];
        assert_eq!(
            stabilize_without_behavior(&mut slots, FIVE_MINUTES, at(600, 2)),
            3
        );
        assert_eq!(slots, [at(0, 9), at(600, 2), at(400, 3)]);
    }

    #[test]
    fn a_slot_that_one_of_the_windows_still_needs_is_kept() {
        let windows = Windows {
            up: SimDuration::from_seconds(600),
            down: SimDuration::from_seconds(60),
        };
        let mut slots = vec![at(0, 2)];
        assert_eq!(
            stabilize_with_behavior(&mut slots, windows, 5, at(100, 9)),
            5,
            "the scale-up window knows of 2, so 5 need not grow; nothing asks for fewer than 9"
        );
        assert_eq!(slots.len(), 2);
    }
}
