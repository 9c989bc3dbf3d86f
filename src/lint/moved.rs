//! Findings of two versions of manifests: which are new, and which are gone.

use std::collections::HashMap;

use super::finding::{Finding, Severity};

/// What moved between two versions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MovedFindings {
    /// Only in the second version, in its order.
    pub new: Vec<Finding>,
    /// Only in the first version, in its order.
    pub gone: Vec<Finding>,
}

/// Compares findings by rule, severity and object; what only says another number of the same object has not moved. Files
/// and lines do not count, since a version may lie anywhere; where there is no object, the file tells them apart.
#[must_use]
pub fn moved_findings(base: Vec<Finding>, head: Vec<Finding>) -> MovedFindings {
    let counted = |findings: &[Finding]| {
        let mut counts: HashMap<Key, usize> = HashMap::new();
        for finding in findings {
            *counts.entry(Key::of(finding)).or_default() += 1;
        }
        counts
    };
    let (before, after) = (counted(&base), counted(&head));
    MovedFindings {
        new: beyond(head, before),
        gone: beyond(base, after),
    }
}

/// The findings that are more than so many of each.
fn beyond(findings: Vec<Finding>, mut known: HashMap<Key, usize>) -> Vec<Finding> {
    findings
        .into_iter()
        .filter(|finding| match known.get_mut(&Key::of(finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .collect()
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    rule: &'static str,
    severity: Severity,
    /// The object, or else the file.
    place: String,
}

impl Key {
    fn of(finding: &Finding) -> Self {
        let place: &str = if finding.object.is_empty() {
            &finding.place.source
        } else {
            &finding.object
        };
        Self {
            rule: finding.rule.code,
            severity: finding.severity,
            place: place.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{STATIC_REPLICAS, findings};

    #[test]
    fn what_stands_on_another_line_has_not_moved() {
        let before = findings(STATIC_REPLICAS);
        let after = findings(&format!("# licence\n\n{STATIC_REPLICAS}"));
        assert!(!before.is_empty());
        assert_eq!(moved_findings(before, after), MovedFindings::default());
    }

    #[test]
    fn what_is_only_on_one_side_is_new_or_gone() {
        let some = findings(STATIC_REPLICAS);
        let moved = moved_findings(Vec::new(), some.clone());
        assert_eq!((moved.new, moved.gone), (some.clone(), Vec::new()));
        let moved = moved_findings(some.clone(), Vec::new());
        assert_eq!((moved.new, moved.gone), (Vec::new(), some));
    }

    #[test]
    fn a_finding_that_matters_more_now_is_new() {
        let before = findings(STATIC_REPLICAS);
        let mut after = before.clone();
        after[0].with_severity(Severity::Error);
        let moved = moved_findings(before, after);
        assert_eq!((moved.new.len(), moved.gone.len()), (1, 1));
    }
}
