//! The replay asks for more replicas than a ResourceQuota has room for.
//!
//! ## What it does
//!
//! Compares the most replicas that the replay asks for with what the quotas of the namespace have room for, as SP213 does
//! with `maxReplicas`. SP213 tells what could happen, this rule what does on this load, and when.
//!
//! ## Why is this bad
//!
//! At that time the workload's controller gets FailedCreate, and the load is carried by what fits.
//!
//! ## Example
//!
//! ```yaml
//! kind: ResourceQuota
//! spec:
//!   hard: {requests.cpu: "4"} # 8 replicas of 500m, and the evening asks for 11
//! ```
//!
//! ## Fix
//!
//! Raise the quota to what the load asks for, beside what else the namespace runs.
//!
//! ## Evidence
//!
//! The replay, and `pkg/quota/v1/evaluator/core/pods.go`.

use super::case::{Case, Field};
use super::tried::Tried;
use super::words::{allowed_percent, percent};
use crate::hpa::HpaSpec;
use crate::lint::demand::quota_of_pods;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let Some(owner) = case.owner() else {
        return;
    };
    let peak = replay.peak_asked_for();
    for (object, quota) in case.context.quotas_beside(owner.object) {
        for (name, counted, hard) in quota_of_pods(quota) {
            let each = counted.of_pod(case.context, owner);
            let room = i128::from(hard.value.milli_value()).max(0);
            if each == 0 || each * i128::from(peak) <= room {
                continue;
            }
            let fit = u32::try_from(room / each).unwrap_or(u32::MAX);
            let all = replay.runs().iter().flat_map(|run| &run.rescales);
            let first = all.filter(|it| it.to > fit).map(|it| it.at).min();
            findings
                .put(
                    case.place(Field::Max),
                    format!(
                        "the load asks for {peak} replicas{}, and {name} in ResourceQuota `{}` has room for {fit}",
                        first.map_or_else(String::new, |at| format!(", from {} on for more than fit", case.replay.moment(at))),
                        object.name
                    ),
                    format!(
                        "raise {name} to {}{}",
                        counted.shown(each * i128::from(peak)),
                        with_what_fits(case, fit)
                    ),
                )
                .with_related(Place::of(object, hard), "the quota");
        }
    }
}

/// What the objective comes to with the replicas that fit.
fn with_what_fits(case: &Case<'_, '_>, fit: u32) -> String {
    let replay = case.replay;
    let hpa = &replay.scenario().hpa;
    let Some(max) = i32::try_from(fit).ok().filter(|fit| *fit >= 1) else {
        return "; nothing runs with what fits".to_owned();
    };
    let fitting = HpaSpec {
        min_replicas: hpa.min_replicas.min(max),
        max_replicas: max,
        ..hpa.clone()
    };
    let tried = Tried::of(replay.ground(), &fitting.into());
    let verdict = if tried.holds {
        "the objective holds all the same"
    } else {
        "the objective is missed"
    };
    format!(
        "; with {fit} {verdict}, {} of the requests being bad where {} may be",
        percent(tried.service.bad_percent),
        allowed_percent(1.0 - replay.scenario().slo.objective)
    )
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, scaled, silent, web};

    fn quota(cpu: &str) -> String {
        format!(
            "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: q}}\nspec: {{hard: {{requests.cpu: {cpu}}}}}\n"
        )
    }

    fn with_quota(cpu: &str) -> Play {
        let mut play = web(
            "  minReplicas: 2\n  maxReplicas: 20\n",
            &[(30, 60.0), (30, 250.0)],
        );
        play.manifest += &quota(cpu);
        play
    }

    #[test]
    fn a_quota_below_what_the_load_asks_for_is_told() {
        fires(
            "SP924",
            &with_quota("2"),
            "16:16 error: the load asks for 8 replicas, from 31 min 26 s on for more than fit, and \
             requests.cpu in ResourceQuota `q` has room for 4\n\
             help: raise requests.cpu to 4 cpu; with 4 the objective is missed, 81 % of the requests being \
             bad where 1 % may be",
        );
    }

    #[test]
    fn a_quota_with_room_is_silent() {
        // Not for maxReplicas, which SP213 tells, but for the load.
        silent("SP924", &with_quota("6"));
    }

    #[test]
    fn a_scaled_object_meets_the_quota_too() {
        let load = [(30, 60.0), (30, 250.0)];
        let mut play = scaled("  minReplicaCount: 2\n  maxReplicaCount: 20\n", &load);
        play.manifest += &quota("2");
        fires(
            "SP924",
            &play,
            "16:20 error: the load asks for 8 replicas, from 30 min 35 s on for more than fit, and \
             requests.cpu in ResourceQuota `q` has room for 4\n\
             help: raise requests.cpu to 4 cpu; with 4 the objective is missed, 81 % of the requests being \
             bad where 1 % may be",
        );
    }
}
