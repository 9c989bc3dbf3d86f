//! Findings as workflow commands of GitHub Actions, which show them beside the lines of a pull request.

use std::fmt::Write as _;

use super::escape;
use super::lint_path::relative;
use super::lint_report::LintReport;
use crate::lint::{Finding, Severity};

/// One command a finding: `-o github`.
#[must_use]
pub fn lint_github(report: &LintReport<'_>) -> String {
    report.linted.findings.iter().map(command).collect()
}

fn command(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let place = &finding.place;
    let mut properties = format!(
        "file={},line={}",
        property(&relative(&place.source)),
        place.start.line
    );
    // GitHub takes columns only within one line.
    // Writing to a string cannot fail.
    let _ = if place.end.line == place.start.line {
        write!(
            properties,
            ",col={},endLine={},endColumn={}",
            place.start.column, place.end.line, place.end.column
        )
    } else {
        write!(properties, ",endLine={}", place.end.line)
    };
    let title = format!("{} {}", finding.rule.code, finding.rule.slug);
    let mut text = escape::plain(&finding.message);
    if !finding.help.is_empty() {
        text.push_str("\nhelp: ");
        text.push_str(&escape::plain(&finding.help));
    }
    format!(
        "::{level} {properties},title={}::{}\n",
        property(&title),
        data(&text)
    )
}

/// After the runner's own rules: the percent sign first.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_a_property_or_the_command() {
        assert_eq!(
            property("a,b:c%\n::error::x"),
            "a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ax"
        );
        assert_eq!(data("50 %, a::b\r\n"), "50 %25, a::b%0D%0A");
    }
}
