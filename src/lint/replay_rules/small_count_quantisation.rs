//! Few large replicas round the load up by much.
//!
//! ## What it does
//!
//! Of the time of the trace in which the target asks for four replicas or fewer and for more than `minReplicas`, at least
//! half of it, it compares the replicas that are asked for with the load in replicas at the target. It fires where rounding
//! up adds more than 25 %.
//!
//! ## Why is this bad
//!
//! A load of 1.1 replicas costs two. The first three steps are the coarsest that there are: 100, 50 and 33 %.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 1
//!   maxReplicas: 3 # of pods with 4 cpus each
//! ```
//!
//! ## Fix
//!
//! More and smaller replicas, if the workload can be cut so.
//!
//! ## Evidence
//!
//! Arithmetic of `ceil` over the trace; KEP-4951's discussion has the case of few pods.

use super::case::{Case, Field};
use super::words::percent;
use crate::lint::finding::Findings;

/// Counts that are small.
const SMALL: f64 = 4.0;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let scenario = replay.scenario();
    let whole = rounding(case, 1.0);
    let end = scenario.trace.end().as_seconds();
    let most = case.thresholds().largest_rounding;
    if whole.seconds < 0.5 * end || whole.share() <= most {
        return;
    }
    let halves = rounding(case, 2.0).share();
    findings.put(
        case.place(Field::Name),
        format!(
            "four replicas or fewer round the load up by {}: {:.1} on average where {:.1} would carry it",
            percent(whole.share() * 100.0),
            whole.replicas / whole.seconds,
            whole.load / whole.seconds
        ),
        format!("twice as many replicas of half the size round it up by {}", percent(halves * 100.0)),
    );
}

/// Sums over the time with a small count above the floor.
struct Rounding {
    seconds: f64,
    /// Replica-seconds of the load, and of what is asked for.
    load: f64,
    replicas: f64,
}

impl Rounding {
    fn share(&self) -> f64 {
        if self.load > 0.0 {
            self.replicas / self.load - 1.0
        } else {
            0.0
        }
    }
}

/// With replicas cut into so many parts.
fn rounding(case: &Case<'_, '_>, parts: f64) -> Rounding {
    let scenario = case.replay.scenario();
    let floor = f64::from(case.replay.min_replicas());
    let ceiling = f64::from(case.replay.max_replicas());
    let mut sums = Rounding {
        seconds: 0.0,
        load: 0.0,
        replicas: 0.0,
    };
    for step in scenario.trace.series().steps() {
        let load = step.value / scenario.rate_at_target;
        // The time that is looked at is that of whole replicas.
        let whole = load.ceil();
        if !(floor < whole && whole <= SMALL.min(ceiling)) {
            continue;
        }
        let seconds = step.length().as_seconds();
        sums.seconds += seconds;
        sums.load += load * seconds;
        sums.replicas += (load * parts).ceil() / parts * seconds;
    }
    sums
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    #[test]
    fn a_load_just_above_a_replica_is_told() {
        // 40 requests/s are 1.14 replicas at the target.
        fires(
            "SP910",
            &web("  minReplicas: 1\n  maxReplicas: 10\n", &[(60, 40.0)]),
            "12:18 info: four replicas or fewer round the load up by 75 %: 2.0 on average where 1.1 would \
             carry it\n\
             help: twice as many replicas of half the size round it up by 31 %",
        );
    }

    #[test]
    fn a_load_that_fills_its_replicas_or_the_floor_is_silent() {
        silent(
            "SP910",
            &web("  minReplicas: 1\n  maxReplicas: 10\n", &[(60, 68.0)]),
        );
        silent(
            "SP910",
            &web("  minReplicas: 2\n  maxReplicas: 10\n", &[(60, 40.0)]),
        );
        silent(
            "SP910",
            &web("  minReplicas: 2\n  maxReplicas: 20\n", &[(60, 400.0)]),
        );
    }
}
