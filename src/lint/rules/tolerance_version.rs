//! `tolerance` is negative, or the cluster's version does not know it.
//!
//! ## What it does
//!
//! Checks that a tolerance is no less than zero. Where the cluster's version is given, looks whether it has the field:
//! alpha with the gate `HPAConfigurableTolerance` in 1.33, on by default from 1.35.
//!
//! ## Why is this bad
//!
//! A negative tolerance is refused. A cluster that does not know the field drops it, and acts on the controller's 10 %.
//!
//! ## Example
//!
//! ```yaml
//! behavior:
//!   scaleUp: {tolerance: 0.05}
//! ```
//!
//! ## Fix
//!
//! Write a tolerance from 0 up, such as 0.05 for 5 %; on older clusters remove it and set the controller's flag.
//!
//! ## Evidence
//!
//! KEP-4951; `ValidateNonnegativeQuantity` in `pkg/apis/autoscaling/validation`.

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::pace::paces;
use crate::manifest::Concern;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (place, error) in context.refused(Concern::Tolerance) {
        findings.put(
            place,
            &*error.message,
            "write 0 or more, such as 0.05 for 5 %",
        );
    }
    let cluster = &context.settings.cluster;
    if !cluster.is_before(35) {
        return;
    }
    let problem = if cluster.is_before(33) {
        "Kubernetes before 1.33 has no field for a tolerance and drops it"
    } else {
        "Kubernetes before 1.35 drops a tolerance unless the gate HPAConfigurableTolerance is on"
    };
    for pace in paces(context) {
        let rules = pace
            .written
            .into_iter()
            .flat_map(|it| [&it.scale_up, &it.scale_down]);
        for tolerance in rules
            .flatten()
            .filter_map(|rules| rules.value.tolerance.as_ref())
        {
            findings
                .put(
                    Place::of(pace.object, tolerance),
                    problem,
                    "remove it, and set `--horizontal-pod-autoscaler-tolerance` of the controller manager",
                )
                .with_severity(Severity::Warning);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::settings::Settings;
    use crate::lint::testing::{fires, fires_with, hpa, silent, silent_with};

    fn tolerance(text: &str) -> String {
        hpa(&format!(
            "  maxReplicas: 3\n  behavior: {{scaleUp: {{tolerance: {text}}}}}\n"
        ))
    }

    fn cluster(version: &str) -> Settings {
        let mut settings = Settings::USUAL.clone();
        settings.cluster.version = version.parse().ok();
        settings
    }

    #[test]
    fn a_negative_one_and_an_old_cluster_are_told() {
        fires(
            "SP109",
            &tolerance("-0.1"),
            &["7:35 spec.behavior.scaleUp.tolerance: `-100m` is negative"],
        );
        fires_with(
            "SP109",
            &cluster("1.32"),
            &tolerance("0.05"),
            &["7:35 Kubernetes before 1.33"],
        );
        fires_with(
            "SP109",
            &cluster("1.34"),
            &tolerance("0.05"),
            &["7:35 Kubernetes before 1.35"],
        );
    }

    #[test]
    fn others_are_silent() {
        silent("SP109", &tolerance("0"));
        silent("SP109", &tolerance("50m"));
        silent_with("SP109", &cluster("1.35"), &tolerance("0.05"));
        silent_with("SP109", &cluster("1.30"), &hpa("  maxReplicas: 3\n"));
    }
}
