//! Findings as JUnit XML, which most CI systems show as tests: a suite for each file, a test for each finding.

use std::fmt::Write as _;

use super::escape;
use super::lint_path::relative;
use super::lint_report::LintReport;
use crate::lint::{Finding, Severity};

/// One XML document: `-o junit`. Errors and warnings are failures; infos pass and say their text; what is silenced is
/// skipped.
#[must_use]
pub fn lint_junit(report: &LintReport<'_>) -> String {
    let mut cases: Vec<Case<'_>> = Vec::new();
    let told = report.linted.findings.iter();
    cases.extend(told.map(|finding| (finding, None)));
    let silenced = report.linted.suppressed.iter();
    cases.extend(silenced.map(|(finding, reason)| (finding, Some(reason.as_str()))));
    cases.sort_by_key(|(finding, _)| &finding.place);

    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    open_suites(&mut xml, "testsuites", "scaleplan lint", &cases);
    for of_file in cases.chunk_by(|one, other| one.0.place.source == other.0.place.source) {
        let file = relative(&of_file[0].0.place.source);
        open_suites(&mut xml, "  <testsuite", &file, of_file);
        for (finding, reason) in of_file {
            write_case(&mut xml, &file, finding, *reason);
        }
        xml.push_str("  </testsuite>\n");
    }
    if cases.is_empty() {
        // Some readers take a report without tests for a broken one.
        xml.push_str(
            "  <testsuite name=\"scaleplan lint\" tests=\"1\" failures=\"0\" skipped=\"0\">\n    <testcase \
             name=\"no findings\" classname=\"scaleplan lint\"/>\n  </testsuite>\n",
        );
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// A finding, and for what reason it is silenced.
type Case<'a> = (&'a Finding, Option<&'a str>);

fn open_suites(xml: &mut String, element: &str, name: &str, cases: &[Case<'_>]) {
    let failures = cases.iter().filter(|case| is_failure(case)).count();
    let skipped = cases.iter().filter(|(_, reason)| reason.is_some()).count();
    let opening = if element.starts_with(' ') { "" } else { "<" };
    // Writing to a string cannot fail.
    let _ = writeln!(
        xml,
        "{opening}{element} name=\"{}\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">",
        escaped(name),
        cases.len().max(1),
    );
}

fn is_failure((finding, reason): &Case<'_>) -> bool {
    reason.is_none() && finding.severity > Severity::Info
}

fn write_case(xml: &mut String, file: &str, finding: &Finding, reason: Option<&str>) {
    let at = finding.place.start;
    let rule = finding.rule;
    let name = format!("{} {} at {}:{}", rule.code, rule.slug, at.line, at.column);
    let _ = writeln!(
        xml,
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\">",
        escaped(&name),
        escaped(file),
        escaped(file),
        at.line
    );
    let message = escaped(&finding.message);
    let body = escaped(&format!(
        "{file}:{}:{}: {}\nhelp: {}",
        at.line, at.column, finding.message, finding.help
    ));
    let _ = if let Some(reason) = reason {
        writeln!(xml, "      <skipped message=\"{}\"/>", escaped(reason))
    } else if is_failure(&(finding, None)) {
        let severity = finding.severity;
        writeln!(
            xml,
            "      <failure type=\"{severity}\" message=\"{message}\">{body}</failure>"
        )
    } else {
        writeln!(xml, "      <system-out>{body}</system-out>")
    };
    xml.push_str("    </testcase>\n");
}

/// As text or an attribute: no markup, and none of the characters that XML 1.0 cannot hold or that hide something.
fn escaped(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        escape::plain(line)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_makes_markup() {
        assert_eq!(
            escaped("<a b=\"c\">&]]>"),
            "&lt;a b=&quot;c&quot;&gt;&amp;]]&gt;"
        );
        assert_eq!(escaped("a\u{1b}[1m\u{0}"), "a\\u{1b}[1m\\u{0}");
        assert_eq!(escaped("\u{ffff}"), "\u{fffd}");
    }
}
