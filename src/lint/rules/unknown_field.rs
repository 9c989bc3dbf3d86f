//! A field is none of the autoscaler's.
//!
//! ## What it does
//!
//! Looks for keys that the autoscaler's version has no field for, and names the field that was probably meant.
//!
//! ## Why is this bad
//!
//! A server that is asked to be strict, as kubectl asks since 1.25, refuses the object. Helm, controllers and older
//! clients drop the field without a word: a window that is misspelt is the default window.
//!
//! ## Example
//!
//! ```yaml
//! behavior:
//!   scaleDown:
//!     stabilisationWindowSeconds: 600
//! ```
//!
//! ## Fix
//!
//! Write the field's name as the API has it, or remove it.
//!
//! ## Evidence
//!
//! The types of `k8s.io/api/autoscaling`. `kubeconform -strict` finds it too, without saying what was meant.

use crate::lint::context::Context;
use crate::lint::finding::Findings;
use crate::manifest::ErrorKind;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for warning in &context.objects.warnings {
        if warning.kind != ErrorKind::Ignored {
            continue;
        }
        let place = context.place_of(warning);
        let word = context.text_at(&place).trim_matches(['"', '\'']);
        let edit = warning
            .meant
            .and_then(|meant| context.replacement(&place, word, meant));
        let help = match warning.meant {
            Some(meant) => format!("write `{meant}`"),
            None => "remove it, or move it to where the API has it".to_owned(),
        };
        let finding = findings.put(place.clone(), &*warning.message, help);
        if let (Some(edit), Some(meant)) = (edit, warning.meant) {
            finding.with_fix(format!("rename to {meant}"), vec![edit]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{findings, fires, hpa, silent};

    const WINDOW: &str =
        "  maxReplicas: 3\n  behavior: {scaleDown: {stabilisationWindowSeconds: 60}}\n";

    #[test]
    fn a_misspelt_field_is_told_with_what_was_meant() {
        fires(
            "SP108",
            &hpa(WINDOW),
            &[
                "7:26 `spec.behavior.scaleDown.stabilisationWindowSeconds` is no field here, the API server ignores it; did you mean `stabilizationWindowSeconds`?",
            ],
        );
        fires(
            "SP108",
            &hpa("  maxReplicas: 3\n  minreplicas: 2\n"),
            &["7:3 `spec.minreplicas` is no field here"],
        );
        fires(
            "SP108",
            &hpa("  maxReplicas: 3\nbehavior: {}\n"),
            &["7:1 `behavior` is no field here"],
        );
        fires(
            "SP108",
            &hpa("  maxReplicas: 3\n  replicas: 3\n"),
            &["7:3 `spec.replicas` is no field here"],
        );
    }

    #[test]
    fn the_fix_renames_it() {
        let text = hpa(WINDOW);
        let found = findings(&text);
        let found = found.iter().find(|it| it.rule.code == "SP108");
        let fix = found.and_then(|it| it.fix.as_ref()).expect("it has a fix");
        let edit = &fix.edits[0];
        assert_eq!(&text[edit.start..edit.end], "stabilisationWindowSeconds");
        assert_eq!(edit.text, "stabilizationWindowSeconds");
        // What is there already is not meant.
        let both = hpa("  maxReplicas: 3\n  maxReplica: 2\n");
        let found = findings(&both);
        let found = found.iter().find(|it| it.rule.code == "SP108");
        assert!(found.expect("it is found").fix.is_none());
    }

    #[test]
    fn known_fields_are_silent() {
        silent(
            "SP108",
            &hpa("  minReplicas: 1\n  maxReplicas: 3\n  behavior: {}\n  metrics: []\nstatus: {}\n"),
        );
    }
}
