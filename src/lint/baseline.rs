//! A baseline: findings that were there before and are not told again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::finding::Finding;

/// The form of the file that is written.
const VERSION: u32 = 1;

/// How often each finding was there. A finding is known by its rule, file, object and message (of a replay without it), not
/// by its line, so that it stays known when text is added above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeMap<Key, usize>,
}

/// What is wrong with a baseline file.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// It is no JSON of the right form.
    #[error("not a baseline ({0}), expected what `--write-baseline` writes")]
    Form(#[from] serde_json::Error),
    /// It is of a later version.
    #[error("version `{0}` of the baseline is unknown, expected {VERSION}")]
    Version(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Key {
    rule: String,
    file: String,
    object: String,
    message: String,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    key: Key,
    count: usize,
}

impl Baseline {
    /// The baseline of these findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut known = BTreeMap::new();
        for finding in findings {
            *known.entry(Key::of(finding)).or_default() += 1;
        }
        Self { known }
    }

    /// Reads a file that [`Baseline::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// If the text is none.
    pub fn from_json(text: &str) -> Result<Self, BaselineError> {
        let file: File = serde_json::from_str(text)?;
        if file.version != VERSION {
            return Err(BaselineError::Version(file.version));
        }
        let mut known = BTreeMap::new();
        for entry in file.findings {
            *known.entry(entry.key).or_default() += entry.count;
        }
        Ok(Self { known })
    }

    /// As a file: sorted, one finding a few lines, fit for version control.
    #[must_use]
    pub fn to_json(&self) -> String {
        let entries = self.known.iter().map(|(key, count)| Entry {
            key: key.clone(),
            count: *count,
        });
        let file = File {
            version: VERSION,
            findings: entries.collect(),
        };
        // Texts and numbers can always be written.
        let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Splits findings into the new ones and the known ones, each in their order.
    #[must_use]
    pub fn split(&self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
        let mut left = self.known.clone();
        findings
            .into_iter()
            .partition(|finding| match left.get_mut(&Key::of(finding)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            })
    }
}

impl Key {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.code.to_owned(),
            file: finding.place.source.clone(),
            object: finding.object.clone(),
            message: finding.identity().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{STATIC_REPLICAS, findings};

    #[test]
    fn a_known_finding_is_known_on_another_line_and_only_once() {
        let before = findings(STATIC_REPLICAS);
        assert!(!before.is_empty());
        let written = Baseline::of(&before).to_json();
        let baseline = Baseline::from_json(&written).expect("it was just written");

        let moved = findings(&format!("# licence\n\n{STATIC_REPLICAS}"));
        assert_eq!(baseline.split(moved.clone()), (vec![], moved.clone()));

        let twice: Vec<Finding> = moved.iter().cloned().chain(moved.clone()).collect();
        assert_eq!(baseline.split(twice), (moved.clone(), moved));
    }

    #[test]
    fn other_files_are_refused() {
        for text in ["", "[]", "{\"version\": 2, \"findings\": []}"] {
            assert!(Baseline::from_json(text).is_err(), "{text}");
        }
    }
}
