//! Findings as GitLab's code quality report, which a merge request compares with its target branch by fingerprint.

use serde::Serialize;

use super::escape;
use super::lint_fingerprint::fingerprints;
use super::lint_path::relative;
use super::lint_report::LintReport;
use crate::lint::{Finding, Severity};

/// One JSON document: `-o gitlab`.
#[must_use]
pub fn lint_gitlab(report: &LintReport<'_>) -> String {
    let findings = &report.linted.findings;
    let names = fingerprints(findings.iter());
    let issues: Vec<Issue> = findings
        .iter()
        .zip(names)
        .map(|(finding, fingerprint)| Issue::of(finding, fingerprint))
        .collect();
    // Texts and numbers can always be written.
    let text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    escape::json(&text) + "\n"
}

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

impl Issue {
    fn of(finding: &Finding, fingerprint: String) -> Self {
        let place = &finding.place;
        Self {
            description: format!("{}: {}", finding.message, finding.help),
            check_name: format!("{} {}", finding.rule.code, finding.rule.slug),
            fingerprint,
            severity: match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "minor",
                Severity::Info => "info",
            },
            location: Location {
                path: relative(&place.source),
                lines: Lines {
                    begin: place.start.line,
                    end: place.end.line,
                },
            },
        }
    }
}
