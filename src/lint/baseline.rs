//! A baseline: findings that were there before and are not told again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::finding::Finding;

/// The form of the file that is written.
const VERSION: u32 = 2;

/// How often each finding was there. A finding is known by its rule, file, object and [`Finding::identity`], not by its line
/// or its figures, so that it stays known when text is added above it. Files are named as seen from the baseline, so that it
/// holds wherever lint is started.
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
    /// It is of another version.
    #[error(
        "version `{0}` of the baseline is not read, expected {VERSION}: write it anew with `--write-baseline`"
    )]
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
    /// The baseline of these findings; `seen` is how it names a file.
    pub fn of<'a>(
        findings: impl IntoIterator<Item = &'a Finding>,
        seen: impl Fn(&str) -> String,
    ) -> Self {
        let mut known = BTreeMap::new();
        for finding in findings {
            *known.entry(Key::of(finding, &seen)).or_default() += 1;
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

    /// Splits findings into the new ones and the known ones, each in their order; `seen` is how it names a file.
    #[must_use]
    pub fn split(
        &self,
        findings: Vec<Finding>,
        seen: impl Fn(&str) -> String,
    ) -> (Vec<Finding>, Vec<Finding>) {
        let mut left = self.known.clone();
        findings
            .into_iter()
            .partition(|finding| match left.get_mut(&Key::of(finding, &seen)) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    false
                }
                _ => true,
            })
    }
}

impl Key {
    fn of(finding: &Finding, seen: impl Fn(&str) -> String) -> Self {
        Self {
            rule: finding.rule.code.to_owned(),
            file: seen(&finding.place.source),
            object: finding.object.to_string(),
            message: finding.identity().into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{STATIC_REPLICAS, findings, hpa};

    #[test]
    fn a_known_finding_is_known_on_another_line_and_only_once() {
        let before = findings(STATIC_REPLICAS);
        assert!(!before.is_empty());
        let written = Baseline::of(&before, str::to_owned).to_json();
        let baseline = Baseline::from_json(&written).expect("it was just written");

        let moved = findings(&format!("# licence\n\n{STATIC_REPLICAS}"));
        assert_eq!(
            baseline.split(moved.clone(), str::to_owned),
            (vec![], moved.clone())
        );

        let twice: Vec<Finding> = moved.iter().cloned().chain(moved.clone()).collect();
        assert_eq!(baseline.split(twice, str::to_owned), (moved.clone(), moved));
    }

    #[test]
    fn a_known_finding_is_known_with_other_figures() {
        let window = |seconds: u32| {
            let behavior = format!("{{scaleUp: {{stabilizationWindowSeconds: {seconds}}}}}");
            let mut found = findings(&hpa(&format!("  maxReplicas: 9\n  behavior: {behavior}\n")));
            found.retain(|it| it.rule.code == "SP403");
            assert_eq!(found.len(), 1);
            found
        };
        let baseline = Baseline::of(&window(120), str::to_owned);
        assert_eq!(
            baseline.split(window(90), str::to_owned),
            (vec![], window(90))
        );
    }

    #[test]
    fn other_files_are_refused() {
        for text in ["", "[]", "{\"version\": 1, \"findings\": []}"] {
            assert!(Baseline::from_json(text).is_err(), "{text}");
        }
    }
}
