//! The largest spike breaks the objective before any replica can come.
//!
//! ## What it does
//!
//! Where the objective is missed, it looks at the spike that needs most replicas beyond those that are ready. It fires where
//! that spike finds the floor, and requests are bad within the time that a replica takes to come (metric, sync, start), in
//! which nothing but `minReplicas` helps.
//!
//! ## Why is this bad
//!
//! No target and no policy makes a replica come sooner than it can. What stands when the spike begins carries it.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   minReplicas: 1 # and a campaign that starts at nine sharp
//! ```
//!
//! ## Fix
//!
//! The `minReplicas` that is told, or a schedule (KEDA's cron trigger) where the spike has its hour.
//!
//! ## Evidence
//!
//! The replay. mercari/tortoise raises `minReplicas` after the load of the hour for this reason.

use super::case::{Case, Field};
use super::words::{costs, percent, replicas};
use crate::lint::finding::Findings;
use crate::lint::length::length;
use crate::outcome::LagEpisode;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    if !replay.is_missed() {
        return;
    }
    let min = replay.min_replicas();
    let size = |it: &LagEpisode| it.peak_demand.saturating_sub(it.ready_at_begin);
    let episodes = replay.first_run().lag_episodes.iter();
    let Some(spike) = episodes.max_by_key(|it| (size(it), std::cmp::Reverse(it.begin))) else {
        return;
    };
    let within = replay.time_to_scale();
    let meanwhile = || replay.rows_in(spike.begin, spike.begin + within);
    let (bad, all) = meanwhile().fold((0.0, 0.0), |(bad, all), row| {
        (bad + row.bad_requests, all + row.requests)
    });
    let allowed = 1.0 - replay.scenario().slo.objective;
    let needed = meanwhile().map(|row| row.demand).max().unwrap_or(0);
    if spike.ready_at_begin > min || needed <= min || bad <= allowed * all {
        return;
    }
    let clearing = replay.clearing().and_then(|clearing| clearing.min);
    let help = match clearing {
        Some(cleared) => format!(
            "{} clears the objective; costs {}",
            replay.names().min_of(cleared.value),
            costs(&[cleared.more_replica_hours])
        ),
        None => {
            format!(
                "{} {needed} carries this spike; the objective needs more than that",
                replay.names().min
            )
        }
    };
    findings.put(
        case.place(Field::Min),
        format!(
            "the spike at {} finds {} where {needed} are needed, and no other can come for {}: {} of its requests are bad \
             meanwhile",
            case.replay.moment(spike.begin),
            replicas(spike.ready_at_begin),
            length(within),
            percent(100.0 * bad / all)
        ),
        help,
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{fires, silent, web};

    const SPIKE: [(u32, f64); 3] = [(60, 20.0), (10, 200.0), (30, 20.0)];

    #[test]
    fn a_spike_that_finds_the_floor_is_told() {
        fires(
            "SP917",
            &web("  minReplicas: 1\n  maxReplicas: 10\n", &SPIKE),
            "15:16 warning: the spike at 1 h finds 1 replica where 6 are needed, and no other can come for \
             59 s: 100 % of its requests are bad meanwhile\n\
             help: minReplicas 5 clears the objective; costs +82.5 replica-hours a day",
        );
    }

    #[test]
    fn a_floor_that_carries_the_spike_is_silent() {
        silent(
            "SP917",
            &web("  minReplicas: 6\n  maxReplicas: 10\n", &SPIKE),
        );
    }

    #[test]
    fn what_comes_from_the_maximum_is_another_fault() {
        let rising: Vec<(u32, f64)> = (1..40).map(|step| (3, 20.0 * f64::from(step))).collect();
        silent(
            "SP917",
            &web("  minReplicas: 2\n  maxReplicas: 6\n", &rising),
        );
    }
}
