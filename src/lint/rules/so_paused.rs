//! An annotation in the manifest pauses a ScaledObject.
//!
//! ## What it does
//!
//! Looks for the annotations `autoscaling.keda.sh/paused`, `paused-replicas`, `paused-scale-in` and `paused-scale-out`. One
//! that says `false` is passed over.
//!
//! ## Why is this bad
//!
//! Pausing is for the hours of an incident or a migration. Left in the repository it is applied again with every
//! deployment, and nothing scales until somebody wonders why.
//!
//! ## Example
//!
//! ```yaml
//! metadata:
//!   annotations:
//!     autoscaling.keda.sh/paused-replicas: "3"
//! ```
//!
//! ## Fix
//!
//! Remove the annotation from the manifest; set it in the cluster while it is needed.
//!
//! ## Evidence
//!
//! KEDA's documentation, "Pausing autoscaling" under "Scaling Deployments".

use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place};

/// The annotations, and what each does.
const ANNOTATIONS: [(&str, &str); 5] = [
    ("autoscaling.keda.sh/paused", "nothing is scaled"),
    ("autoscaling.keda.sh/paused-replicas", "the count is held"),
    (
        "autoscaling.keda.sh/paused-scale-in",
        "nothing is scaled in",
    ),
    (
        "autoscaling.keda.sh/paused-scale-down",
        "nothing is scaled in",
    ),
    (
        "autoscaling.keda.sh/paused-scale-out",
        "nothing is scaled out",
    ),
];

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (object, _) in context.scaled_objects() {
        for (key, effect) in ANNOTATIONS {
            let Some((value, span)) = object.annotation(key) else {
                continue;
            };
            // What Go's `ParseBool` takes as false.
            if matches!(value, "0" | "f" | "F" | "false" | "FALSE" | "False")
                && !key.ends_with("-replicas")
            {
                continue;
            }
            findings.put(
                Place::new(&object.document, span),
                format!("{effect}: the annotation {key} is `{value}`"),
                "remove the annotation, and set it in the cluster while it is needed",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, scaled_object, silent, trigger};

    fn annotated(annotation: &str) -> String {
        let text = scaled_object("") + &trigger("kafka");
        let metadata = format!("{{name: web, annotations: {{{annotation}}}}}");
        text.replacen("{name: web}", &metadata, 1)
    }

    #[test]
    fn a_pause_is_told() {
        fires(
            "SP511",
            &annotated("autoscaling.keda.sh/paused: \"true\""),
            &["3:65 nothing is scaled: the annotation autoscaling.keda.sh/paused is `true`"],
        );
        fires(
            "SP511",
            &annotated("autoscaling.keda.sh/paused-replicas: \"0\""),
            &["3:74 the count is held"],
        );
        fires(
            "SP511",
            &annotated("autoscaling.keda.sh/paused-scale-in: \"true\""),
            &["3:74 nothing is scaled in"],
        );
    }

    #[test]
    fn no_pause_is_silent() {
        silent("SP511", &annotated("autoscaling.keda.sh/paused: \"false\""));
        silent("SP511", &annotated("scaledobject.keda.sh/x: \"true\""));
        let deployment = annotated("autoscaling.keda.sh/paused: \"true\"");
        silent(
            "SP511",
            &deployment.replace("keda.sh/v1alpha1", "example.org/v1"),
        );
    }
}
