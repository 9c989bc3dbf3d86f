//! `maxReplicas` is less than twice `minReplicas`, or very many times as much.
//!
//! ## What it does
//!
//! Compares `maxReplicas` with `minReplicas`, 1 if absent or zero: below 2 times it can't double, above 20 times
//! (`widest_room`) little holds it back. Equal bounds are SP113's.
//!
//! ## Why is this bad
//!
//! Without room to double, a doubled load runs into the maximum. A very wide range makes a broken metric or a loop of
//! retries expensive.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   minReplicas: 10
//!   maxReplicas: 12
//! ```
//!
//! ## Fix
//!
//! Take as `maxReplicas` what the highest peak needs and some more, and look what quota, database and budget carry.
//!
//! ## Evidence
//!
//! Gatekeeper's library bounds the spread (`minimumReplicaSpread`); autoscaling-advisor flags more than 5 times.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let widest = i64::from(context.settings.thresholds.widest_room);
    for (autoscaled, meant) in context.valid_autoscalers() {
        let (min, max) = (meant.min_replicas, meant.max_replicas);
        let base = i64::from(min.max(1));
        let (problem, help) = if min != max && i64::from(max) < 2 * base {
            (
                format!(
                    "maxReplicas {max} is less than twice minReplicas {min}: a doubled load does not fit"
                ),
                "raise maxReplicas to what the highest peak needs",
            )
        } else if i64::from(max) > widest * base {
            (
                format!(
                    "maxReplicas {max} is {} times minReplicas {min}",
                    i64::from(max) / base
                ),
                "look what quota, database and budget carry, and raise minReplicas or lower maxReplicas",
            )
        } else {
            continue;
        };
        if context.is_patched(autoscaled.object) {
            continue;
        }
        findings.put(
            Place::at(autoscaled.object, "spec.maxReplicas"),
            problem,
            help,
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn bounds(min: i32, max: i32) -> String {
        hpa(&format!("  minReplicas: {min}\n  maxReplicas: {max}\n"))
    }

    #[test]
    fn too_narrow_and_too_wide_are_told() {
        fires(
            "SP114",
            &bounds(10, 12),
            &["7:16 maxReplicas 12 is less than twice minReplicas 10"],
        );
        fires(
            "SP114",
            &bounds(2, 41),
            &["7:16 maxReplicas 41 is 20 times minReplicas 2"],
        );
        fires(
            "SP114",
            &hpa("  maxReplicas: 100\n"),
            &["6:16 maxReplicas 100 is 100 times minReplicas 1"],
        );
    }

    #[test]
    fn the_usual_is_silent() {
        silent("SP114", &bounds(2, 4));
        silent("SP114", &bounds(2, 40));
        silent("SP114", &bounds(3, 3));
        silent("SP114", &hpa("  maxReplicas: 2\n"));
    }
}
