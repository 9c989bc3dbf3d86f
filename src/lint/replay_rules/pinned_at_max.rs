//! The count stands at `maxReplicas` while the load needs more.
//!
//! ## What it does
//!
//! Replays the trace and adds up the time at `maxReplicas` with fewer ready replicas than the load needs. It fires above 5
//! minutes where the count would go on with a larger maximum, and looks for the smallest `maxReplicas` that brings it
//! to 5 minutes or less. Being at the maximum with enough replicas, or with a metric that asks for no more, is no finding. Where the
//! objective holds all the same it is a warning.
//!
//! ## Why is this bad
//!
//! Nothing is left to scale. The alert on `maxReplicas` comes when users have noticed.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   maxReplicas: 4 # the evening needs 7
//! ```
//!
//! ## Fix
//!
//! Raise `maxReplicas` to the value that is told, with quota and nodes for it.
//!
//! ## Evidence
//!
//! The replay. Alerts that fire at the maximum without unmet demand were noise in prometheus-operator/kube-prometheus
//! #2869, kubernetes-mixin #1296 and prometheus-community/helm-charts #7278.

use super::case::{Case, Field};
use super::least::least;
use super::tried::Tried;
use super::words::{costs, seconds};
use crate::hpa::HpaSpec;
use crate::lint::finding::{Findings, Severity};
use crate::outcome::Bound;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let (run, pinned) = replay.median_run_of(Bound::MaxReplicas);
    if pinned <= case.thresholds().longest_pinned.as_seconds() {
        return;
    }
    let max = replay.max_replicas();
    // At the maximum, but it would not go beyond: the metric does not ask for what the load needs.
    if try_max(case, most(case)).peak <= f64::from(max) {
        return;
    }
    let episodes = run.lag_episodes.iter();
    let worst = episodes
        .filter(|it| it.bound == Bound::MaxReplicas)
        .max_by_key(|it| (it.peak_demand, std::cmp::Reverse(it.begin)));
    let at = worst.map_or_else(String::new, |it| {
        format!(
            ": {} are needed at {}",
            it.peak_demand,
            case.replay.moment(it.begin)
        )
    });
    let finding = findings.put(
        case.place(Field::Max),
        format!(
            "stands at {} for {} with unmet demand{at}",
            replay.names().max_of(replay.scenario().hpa.max_replicas),
            seconds(pinned)
        ),
        help(case),
    );
    if !replay.is_missed() {
        finding.with_severity(Severity::Warning);
    }
}

/// The highest maxReplicas that is tried.
fn most(case: &Case<'_, '_>) -> i32 {
    let max = case.replay.scenario().hpa.max_replicas;
    let useful = case.replay.ground().most_useful();
    max.saturating_mul(8).min(useful.max(max.saturating_add(1)))
}

fn try_max(case: &Case<'_, '_>, max: i32) -> Tried {
    let hpa = HpaSpec {
        max_replicas: max,
        ..case.replay.scenario().hpa.clone()
    };
    Tried::of(case.replay.ground(), &hpa.into())
}

fn help(case: &Case<'_, '_>) -> String {
    let replay = case.replay;
    let hpa = &replay.scenario().hpa;
    let longest = case.thresholds().longest_pinned.as_seconds();
    let bound = Bound::MaxReplicas as usize;
    let most = most(case);
    match least(hpa.max_replicas.saturating_add(1), most, |max| {
        try_max(case, max).bound_seconds[bound] <= longest
    }) {
        Some(max) => {
            let tried = try_max(case, max);
            let verdict = match (replay.is_missed(), tried.holds) {
                (true, true) => " and clears the objective",
                (true, false) => ", the objective needs more than that",
                (false, _) => "",
            };
            let more = tried.replica_hours - replay.as_it_is().replica_hours;
            format!(
                "{} covers this load{verdict}; costs {}",
                replay.names().max_of(max),
                costs(&[more])
            )
        }
        None => format!(
            "not even {} covers this load: look at what one replica can serve",
            replay.names().max_of(most)
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    const HIGH: [(u32, f64); 3] = [(20, 20.0), (40, 200.0), (20, 20.0)];

    #[test]
    fn a_maximum_below_the_load_is_told() {
        fires(
            "SP905",
            &web("  minReplicas: 1\n  maxReplicas: 3\n", &HIGH),
            "16:16 error: stands at maxReplicas 3 for 38 min 14 s with unmet demand: 6 are needed at 20 min\n\
             help: maxReplicas 6 covers this load, the objective needs more than that; costs +37.4 \
             replica-hours a day",
        );
    }

    #[test]
    fn standing_at_a_maximum_that_is_enough_is_silent() {
        silent("SP905", &web("  minReplicas: 1\n  maxReplicas: 6\n", &HIGH));
        silent("SP905", &web("  minReplicas: 6\n  maxReplicas: 6\n", &HIGH));
    }
}
