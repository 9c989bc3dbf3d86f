//! Growth while every replica is saturated: the metric then says no more than its ceiling.

use super::whole::whole_replicas;

/// No climb is followed further.
const MOST_LOOPS: u32 = 10_000;

/// By how much a saturated loop multiplies its replicas: ceiling / target. The ceiling is what the metric shows of a full
/// replica (for cpu limit / request), in the target's unit.
#[must_use]
pub fn growth_per_loop(ceiling: f64, target: f64) -> f64 {
    let growth = ceiling / target;
    if growth.is_nan() { 1.0 } else { growth }
}

/// Loops from one count of replicas to another, ceil(ln(to / from) / ln(growth)); `None` where the loop never gets there:
/// a growth within the tolerance asks for nothing.
#[must_use]
pub fn loops_in_closed_form(from: u32, to: u32, growth: f64, tolerance: f64) -> Option<u32> {
    if to <= from {
        return Some(0);
    }
    let grows = growth > 1.0 + tolerance;
    (grows && from > 0)
        .then(|| whole_replicas((f64::from(to) / f64::from(from)).ln() / growth.ln()).max(1))
}

/// The counts on the way, each the whole number of replicas that the one before asks for, ceil(n growth): rounding up
/// helps where n is small. Ends at `to`, or where nothing grows.
#[must_use]
pub fn loops_by_steps(from: u32, to: u32, growth: f64, tolerance: f64) -> Vec<u32> {
    let mut counts = vec![from];
    let mut now = from;
    while now < to && growth > 1.0 + tolerance && counts.len() <= MOST_LOOPS as usize {
        let next = whole_replicas(f64::from(now) * growth).min(to);
        if next <= now {
            break;
        }
        counts.push(next);
        now = next;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seventy_percent_of_a_limit_that_is_the_request_takes_seven_loops_for_ten_times() {
        let growth = growth_per_loop(1.0, 0.7);
        assert!((growth - 1.4286).abs() < 1e-4);
        assert_eq!(loops_in_closed_form(10, 100, growth, 0.1), Some(7));
        assert_eq!(loops_by_steps(10, 100, growth, 0.1).len() - 1, 7);
    }

    #[test]
    fn rounding_up_helps_the_few() {
        assert_eq!(loops_by_steps(1, 5, 1.0 / 0.7, 0.1), [1, 2, 3, 5]);
        assert_eq!(loops_in_closed_form(1, 5, 1.0 / 0.7, 0.1), Some(5));
    }

    #[test]
    fn a_ceiling_within_the_tolerance_never_grows() {
        assert_eq!(loops_in_closed_form(1, 5, 1.0 / 0.95, 0.1), None);
        assert_eq!(loops_by_steps(3, 5, 0.5, 0.0), [3]);
        assert_eq!(loops_by_steps(0, 5, 9.0, 0.0), [0]);
        assert_eq!(loops_in_closed_form(5, 5, 0.5, 0.0), Some(0));
        assert_eq!(loops_in_closed_form(1, 5, f64::INFINITY, 0.1), Some(1));
    }
}
