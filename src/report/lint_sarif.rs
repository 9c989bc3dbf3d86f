//! Findings as SARIF 2.1.0, which code scanning takes (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>).

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::escape;
use super::lint_fingerprint::fingerprints;
use super::lint_path::uri;
use super::lint_report::LintReport;
use crate::lint::{Edit, Finding, Place, Rule, Severity};

/// Where the form is laid down.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The folder that relative addresses start from, by the name that code scanning knows.
const BASE: &str = "%SRCROOT%";
/// The name of our fingerprints, with the version of how they are made.
const FINGERPRINT: &str = "scaleplan/v1";

/// One JSON document: `-o sarif`.
#[must_use]
pub fn lint_sarif(report: &LintReport<'_>) -> String {
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run(report)],
    };
    // Texts and numbers can always be written.
    let text = serde_json::to_string_pretty(&log).unwrap_or_default();
    escape::json(&text) + "\n"
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    column_kind: &'static str,
    results: Results<'a>,
}

/// Made one by one while they are written: there may be very many.
struct Results<'a> {
    entries: Vec<Entry<'a>>,
    fingerprints: Vec<String>,
    /// The place of each rule in the list of rules, by its code.
    rules: BTreeMap<&'static str, usize>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let results = self.entries.iter().zip(&self.fingerprints);
        serializer.collect_seq(results.map(|(entry, fingerprint)| {
            entry.result(self.rules[entry.finding.rule.code], fingerprint)
        }))
    }
}

fn run<'a>(report: &'a LintReport<'_>) -> Run<'a> {
    let all = Entry::all(report);
    let rules: BTreeMap<&'static str, &Rule> = all
        .iter()
        .map(|entry| (entry.finding.rule.code, entry.finding.rule))
        .collect();
    let models: Vec<Value> = rules.values().map(|rule| rule_model(rule)).collect();
    Run {
        tool: json!({"driver": {
            "name": "scaleplan",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": models,
        }}),
        column_kind: "unicodeCodePoints",
        results: Results {
            fingerprints: fingerprints(all.iter().map(|entry| entry.finding)),
            rules: rules.keys().copied().zip(0..).collect(),
            entries: all,
        },
    }
}

/// A finding, and why it is not told elsewhere.
struct Entry<'a> {
    finding: &'a Finding,
    reason: Option<&'a str>,
    baseline: Option<&'static str>,
}

impl<'a> Entry<'a> {
    /// Every finding, also silenced and known ones, by place.
    fn all(report: &'a LintReport<'_>) -> Vec<Self> {
        let told = report.linted.findings.iter();
        let silenced = report.linted.suppressed.iter();
        let known = report.known().iter();
        let new = report.known.map(|_| "new");
        let entry = |finding, reason, baseline| Entry {
            finding,
            reason,
            baseline,
        };
        let mut all: Vec<Self> = told
            .map(|finding| entry(finding, None, new))
            .chain(silenced.map(|(finding, reason)| entry(finding, Some(reason.as_str()), new)))
            .chain(known.map(|finding| entry(finding, None, Some("unchanged"))))
            .collect();
        all.sort_by_key(|entry| (&entry.finding.place, entry.finding.rule.code));
        all
    }

    fn result(&self, rule: usize, fingerprint: &str) -> Value {
        let finding = self.finding;
        let mut location = json!({"physicalLocation": physical(&finding.place)});
        if let Some((kind, name)) = finding.object.split_once(' ') {
            location["logicalLocations"] =
                json!([{"kind": "object", "fullyQualifiedName": format!("{kind} {name}")}]);
        }
        let mut result = json!({
            "ruleId": finding.rule.code,
            "ruleIndex": rule,
            "level": level(finding.severity),
            "message": {"text": text_of(finding)},
            "locations": [location],
            "partialFingerprints": {FINGERPRINT: fingerprint},
        });
        if !finding.related.is_empty() {
            let related = finding.related.iter().map(|related| {
                json!({
                    "message": {"text": related.message},
                    "physicalLocation": physical(&related.place),
                })
            });
            result["relatedLocations"] = related.collect();
        }
        if let Some(fix) = &finding.fix {
            let replacements: Vec<Value> = fix.edits.iter().map(replacement).collect();
            result["fixes"] = json!([{
                "description": {"text": fix.title},
                "artifactChanges": [{
                    "artifactLocation": artifact(&finding.place),
                    "replacements": replacements,
                }],
            }]);
        }
        if let Some(state) = self.baseline {
            result["baselineState"] = json!(state);
        }
        if let Some(reason) = self.reason {
            result["suppressions"] = json!([{"kind": "inSource", "justification": reason}]);
        }
        result
    }
}

fn rule_model(rule: &Rule) -> Value {
    let why = rule.section("Why is this bad").unwrap_or_default();
    let sections = rule.sections();
    let help = sections.iter().filter(|it| it.heading != "What it does");
    let text: Vec<String> = help
        .clone()
        .map(|it| format!("{}\n\n{}", it.heading, it.body))
        .collect();
    let markdown: Vec<String> = help
        .map(|it| format!("## {}\n\n{}", it.heading, it.body))
        .collect();
    json!({
        "id": rule.code,
        "name": rule.slug,
        "shortDescription": {"text": rule.title()},
        "fullDescription": {"text": format!("{} {}", rule.title(), on_one_line(&why))},
        "help": {"text": text.join("\n\n"), "markdown": markdown.join("\n\n")},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"tags": ["kubernetes", "autoscaling"]},
    })
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text_of(finding: &Finding) -> String {
    if finding.help.is_empty() {
        finding.message.clone()
    } else {
        format!("{}; help: {}", finding.message, finding.help)
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn artifact(place: &Place) -> Value {
    let uri = uri(&place.source);
    if uri.starts_with("file:") {
        json!({"uri": uri})
    } else {
        json!({"uri": uri, "uriBaseId": BASE})
    }
}

fn physical(place: &Place) -> Value {
    json!({
        "artifactLocation": artifact(place),
        "region": {
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.end.line,
            "endColumn": place.end.column,
        },
    })
}

fn replacement(edit: &Edit) -> Value {
    json!({
        "deletedRegion": {"byteOffset": edit.start, "byteLength": edit.end - edit.start},
        "insertedContent": {"text": edit.text},
    })
}
