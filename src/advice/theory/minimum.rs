//! minReplicas from the worst step within the dead time.

use super::rising_load::RisingLoad;
use super::whole::whole_replicas;

/// What a floor is to carry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floor {
    /// Load of a replica at which the loop asks for another one, (1 + tolerance) times the target, requests/s.
    pub rate_at_threshold: f64,
    /// Load of a replica up to which the objective holds, requests/s.
    pub rate_at_slo: f64,
    /// maxReplicas.
    pub most: u32,
    /// The share of all requests that may be bad: 0 for the worst step of the whole trace.
    pub allowed_share: f64,
}

/// The least number of replicas that must always stand so that no step of the load finds fewer than it needs before the
/// loop has answered; at least 1, at most `most`.
///
/// The loop holds n = ceil(a_seen / (r (1 + tolerance))) replicas for the load it has seen. Where n u < a, the floor must
/// carry a: ceil(a / u). With an allowance the steps that need the most are left out, as long as the requests that come before
/// they are answered stay within it: all of them count as bad.
#[must_use]
pub fn least_replicas(load: &RisingLoad, floor: Floor) -> u32 {
    let most = floor.most.max(1);
    let mut short: Vec<(u32, f64)> = load
        .rises
        .iter()
        .filter_map(|rise| {
            let held = whole_replicas(rise.seen / floor.rate_at_threshold).min(most);
            let needed = whole_replicas(rise.rate / floor.rate_at_slo).min(most);
            (needed > held.max(1)).then_some((needed, rise.unanswered))
        })
        .collect();
    short.sort_by_key(|(needed, _)| std::cmp::Reverse(*needed));
    let mut left = floor.allowed_share * load.requests;
    let binding = short.into_iter().find(|(_, unanswered)| {
        left -= unanswered;
        left < 0.0
    });
    binding.map_or(1, |(needed, _)| needed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{ArrivalTrace, Series};
    use crate::units::SimDuration;

    fn least(notation: &str, allowed_share: f64) -> u32 {
        let step = SimDuration::from_seconds(60);
        let series = Series::from_notation(step, notation).expect("valid");
        let load = RisingLoad::of(&ArrivalTrace::from_rates(series), 75.0, 300.0);
        let floor = Floor {
            rate_at_threshold: 7.7,
            rate_at_slo: 9.0,
            most: 50,
            allowed_share,
        };
        least_replicas(&load, floor)
    }

    #[test]
    fn a_calm_load_needs_no_floor() {
        assert_eq!(least("10x50", 0.0), 1);
        assert_eq!(least("0x50", 0.0), 1);
    }

    #[test]
    fn a_step_needs_what_carries_it() {
        assert_eq!(least("10x20 85 85 85", 0.0), 10);
        assert_eq!(least("10x20 8500", 0.0), 50, "no more than there can be");
    }

    #[test]
    fn an_allowance_leaves_the_rarest_out() {
        assert_eq!(least("10x200 85 10x200 40 40 10x200", 0.0), 10);
        assert_eq!(least("10x200 85 10x200 40 40 10x200", 0.02), 5);
    }

    #[test]
    fn a_target_of_nothing_holds_all_that_there_can_be() {
        let series = Series::from_notation(SimDuration::from_seconds(60), "0 9 9").expect("valid");
        let load = RisingLoad::of(&ArrivalTrace::from_rates(series), 75.0, 300.0);
        let floor = Floor {
            rate_at_threshold: 0.0,
            rate_at_slo: 0.0,
            most: 50,
            allowed_share: 0.0,
        };
        assert_eq!(least_replicas(&load, floor), 50);
    }
}
