//! Replicas wait for nodes.
//!
//! ## What it does
//!
//! With a node pool in the scenario it adds up the time in which replicas that the load needs found no room. It fires above
//! a minute a day where that is the largest cause, and looks for the nodes that have to stand by. Where the objective holds
//! all the same it is an info.
//!
//! ## Why is this bad
//!
//! A node takes minutes. The autoscaler has done its part, and pods are Pending.
//!
//! ## Example
//!
//! Two nodes of four replicas each, a peak of twelve, and a cluster autoscaler that takes four minutes.
//!
//! ## Fix
//!
//! Spare room: placeholder pods of a low priority, which a cluster autoscaler replaces ahead of time.
//!
//! ## Evidence
//!
//! The replay. kubernetes/autoscaler #4038 (3 to 4 minutes and 2 to 3 more) and #2630.

use super::case::{Case, Field};
use super::least::least;
use super::tried::Tried;
use super::words::{counted, seconds};
use crate::lint::finding::{Findings, Severity};
use crate::outcome::Bound;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let Some(pool) = &replay.backend().plant.nodes else {
        return;
    };
    let (run, waited) = replay.median_run_of(Bound::Nodes);
    let is_largest = Bound::ALL
        .iter()
        .all(|bound| replay.bound_seconds(*bound) <= waited);
    if waited <= case.longest_bound() || !is_largest {
        return;
    }
    let episodes = run.lag_episodes.iter();
    let first = episodes.clone().find(|it| it.bound == Bound::Nodes);
    let at = first.map_or_else(String::new, |it| {
        format!(
            ", first at {} with {} ready and {} needed",
            case.replay.moment(it.begin),
            it.ready_at_begin,
            it.peak_demand
        )
    });
    let with_nodes = |nodes: i32| {
        let mut changed = replay.scenario().clone();
        for backend in &mut changed.backends {
            if let Some(pool) = &mut backend.plant.nodes {
                pool.nodes = u32::try_from(nodes).unwrap_or(0);
                pool.most = pool.most.max(pool.nodes);
            }
        }
        let tried = Tried::of_scenario(&changed).ok()?;
        Some(tried.bound_seconds[Bound::Nodes as usize] <= case.longest_bound())
    };
    let now = i32::try_from(pool.nodes).unwrap_or(i32::MAX);
    let most = i32::try_from(
        replay
            .max_replicas()
            .div_ceil(pool.replicas_per_node.max(1)),
    )
    .unwrap_or(i32::MAX);
    let help = match least(now.saturating_add(1), most, |nodes| {
        with_nodes(nodes).unwrap_or(false)
    }) {
        Some(nodes) => format!(
            "{} more than {} standing by ends it, as room for placeholder pods",
            nodes - now,
            counted(now, "node")
        ),
        None => "keep room with placeholder pods, or let the workload start from more replicas"
            .to_owned(),
    };
    findings
        .put(
            case.place(Field::Name),
            format!(
                "replicas that are needed wait for nodes for {}{at}",
                seconds(waited)
            ),
            help,
        )
        .with_severity(case.severity_if_missed(Severity::Warning));
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    fn on_nodes(nodes: &'static str) -> Play {
        web(
            "  minReplicas: 2\n  maxReplicas: 12\n",
            &[(30, 60.0), (30, 250.0)],
        )
        .with(&[
            "--nodes",
            nodes,
            "--replicas-per-node",
            "2",
            "--max-nodes",
            "6",
            "--node-provisioning",
            "240s",
        ])
    }

    #[test]
    fn replicas_that_wait_for_nodes_are_told() {
        fires(
            "SP923",
            &on_nodes("1"),
            "12:18 warning: replicas that are needed wait for nodes for 12 min, first at 30 min with 2 ready \
             and 8 needed\n\
             help: 3 more than 1 node standing by ends it, as room for placeholder pods",
        );
    }

    #[test]
    fn nodes_that_stand_by_are_silent() {
        silent("SP923", &on_nodes("6"));
        silent(
            "SP923",
            &web(
                "  minReplicas: 2\n  maxReplicas: 12\n",
                &[(30, 60.0), (30, 250.0)],
            ),
        );
    }
}
