//! A suppression silences nothing.
//!
//! ## What it does
//!
//! Looks for `scaleplan.dev/ignore` annotations and `# scaleplan: ignore` comments whose rule has found nothing there.
//!
//! ## Why is this bad
//!
//! It hides the next finding, which nobody has judged, and its reason tells readers of a fault that is gone.
//!
//! ## Example
//!
//! ```yaml
//! spec:
//!   # scaleplan: ignore SP204 set once by hand
//!   revisionHistoryLimit: 3
//! ```
//!
//! ## Fix
//!
//! Remove the comment, or the rule from the annotation. If it is on the wrong line, move it to the line that the finding
//! names, or to the line above.
//!
//! ## Evidence
//!
//! Linters that came to it late (`noqa`, `nolint`) found a large part of old suppressions to be unused.

use crate::lint::context::Context;
use crate::lint::finding::{Edit, Findings, Place};
use crate::lint::suppression::Suppression;

/// Runs after all others, when it is known what was silenced.
pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    let written_as_one = |one: &Suppression, other: &Suppression| one.place == other.place;
    for together in context.suppressions.all.chunk_by(written_as_one) {
        let is_all_unused = together.iter().all(|it| !it.is_used);
        for (index, suppression) in together.iter().filter(|it| !it.is_used).enumerate() {
            let rule = suppression.rule;
            let finding = findings.put(
                suppression.place.clone(),
                format!(
                    "{} ({}) is silenced and finds nothing here",
                    rule.code, rule.slug
                ),
                "remove the suppression",
            );
            let text = context.objects.source_bytes(&suppression.place.source);
            let edit = text.and_then(|text| comment_removed(text, &suppression.place));
            if let Some(edit) = edit.filter(|_| is_all_unused && index == 0) {
                finding.with_fix("remove the comment", vec![edit]);
            }
        }
    }
}

/// Takes away a comment with the blanks before it, and with its line if nothing else is on it. An annotation is left to
/// people.
fn comment_removed(text: &[u8], place: &Place) -> Option<Edit> {
    let (before, after) = (
        text.get(..place.start.offset)?,
        text.get(place.end.offset..)?,
    );
    if text.get(place.start.offset) != Some(&b'#') {
        return None;
    }
    let kept = before.len()
        - before
            .iter()
            .rev()
            .take_while(|byte| b" \t".contains(byte))
            .count();
    let line_break = after.iter().position(|&byte| byte == b'\n');
    let is_alone = kept == 0 || before[kept - 1] == b'\n';
    let end = match line_break {
        Some(at) if is_alone => place.end.offset + at + 1,
        _ => place.end.offset,
    };
    Some(Edit {
        start: kept,
        end,
        text: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{STATIC_REPLICAS, findings, fires, silent};
    use crate::lint::{Fixed, fix_text};

    #[test]
    fn what_silences_nothing_is_told() {
        fires(
            "SP002",
            &format!("{STATIC_REPLICAS}  # scaleplan: ignore SP204 not here\n"),
            &["18:3 SP204 (static-replicas) is silenced"],
        );
    }

    #[test]
    fn a_comment_of_which_nothing_is_used_is_taken_away() {
        let quiet = STATIC_REPLICAS.replace("  replicas: 3\n", "");
        let fixed = |text: &str| fix_text(text.as_bytes(), &findings(text)).text;
        for comment in [
            "  # scaleplan: ignore SP204 not here\n  maxReplicas: 10\n",
            "  maxReplicas: 10 # scaleplan: ignore SP204, SP211 not here\n",
        ] {
            let text = quiet.replace("  maxReplicas: 10\n", comment);
            assert_eq!(fixed(&text), quiet.as_bytes(), "{text}");
        }
        let half = STATIC_REPLICAS.replace(
            "replicas: 3",
            "replicas: 3 # scaleplan: ignore SP204, SP211 Argo CD",
        );
        let Fixed { text, applied } = fix_text(half.as_bytes(), &findings(&half));
        assert_eq!((text.as_slice(), applied), (half.as_bytes(), 0));
    }

    #[test]
    fn what_silences_something_is_needed() {
        silent(
            "SP002",
            &STATIC_REPLICAS.replace(
                "replicas: 3",
                "replicas: 3 # scaleplan: ignore SP204 Argo CD ignores it",
            ),
        );
    }
}
