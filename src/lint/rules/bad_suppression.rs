//! A suppression is written wrongly and silences nothing.
//!
//! ## What it does
//!
//! Looks for `scaleplan.dev/ignore` annotations and `# scaleplan: ignore` comments that name no known rule or give no
//! reason.
//!
//! ## Why is this bad
//!
//! It does not silence what it was written for. A reason is required since whoever reads the manifest next has to judge
//! whether it still holds.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   replicas: 3 # scaleplan: ignore SP204
//! ```
//!
//! ## Fix
//!
//! Write the code and then the reason: `# scaleplan: ignore SP204 Argo CD ignores the field`, or as an annotation
//! `scaleplan.dev/ignore: "SP204: Argo CD ignores the field"`.
//!
//! ## Evidence
//!
//! kube-linter and checkov take a reason after the rule for the same purpose.

use crate::lint::context::Context;
use crate::lint::finding::Findings;

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (place, problem) in &context.suppressions.bad {
        findings.put(
            place.clone(),
            problem.clone(),
            "write the rule's code and then the reason, as in `SP204: Argo CD ignores the field`",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{STATIC_REPLICAS, fires, silent};

    fn with(comment: &str) -> String {
        STATIC_REPLICAS.replace(
            "replicas: 3",
            &format!("replicas: 3 # scaleplan: ignore {comment}"),
        )
    }

    #[test]
    fn a_code_and_a_reason_are_needed() {
        fires("SP003", &with("SP204"), &["5:15 no reason in `SP204`"]);
        fires("SP003", &with("SP999 why"), &["5:15 `SP999` is no rule"]);
        fires("SP003", &with(""), &["5:15 `` is no rule"]);
    }

    #[test]
    fn both_are_enough() {
        silent("SP003", &with("SP204 Argo CD ignores it"));
        silent(
            "SP003",
            &with("SP204, SP205: Argo CD ignores it").replace(", SP205", ", SP309"),
        );
    }
}
