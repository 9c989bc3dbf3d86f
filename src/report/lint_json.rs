//! Findings as JSON, after `docs/lint-schema.json`.

use serde::Serialize;

use super::escape;
use super::lint_fingerprint::fingerprints;
use super::lint_report::{LintReport, Tally};
use crate::lint::{Edit, Finding, Fix, Place};
use crate::manifest::Position;

/// The version of the form: it grows when a reader of the former one would stumble.
const VERSION: u32 = 1;

/// One JSON document: `-o json`.
#[must_use]
pub fn lint_json(report: &LintReport<'_>) -> String {
    // Texts and numbers can always be written.
    let text = serde_json::to_string_pretty(&Document::of(report)).unwrap_or_default();
    escape::json(&text) + "\n"
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    summary: Summary,
    findings: Vec<FindingModel<'a>>,
    suppressed: Vec<SuppressedModel<'a>>,
    known: Vec<FindingModel<'a>>,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    objects: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    known: usize,
    fixable: usize,
}

#[derive(Serialize)]
struct FindingModel<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    file: &'a str,
    start: PositionModel,
    end: PositionModel,
    object: &'a str,
    message: &'a str,
    help: &'a str,
    fingerprint: String,
    fix: Option<FixModel<'a>>,
    related: Vec<RelatedModel<'a>>,
}

#[derive(Serialize)]
struct SuppressedModel<'a> {
    reason: &'a str,
    finding: FindingModel<'a>,
}

#[derive(Serialize)]
struct PositionModel {
    line: u32,
    column: u32,
    offset: usize,
}

#[derive(Serialize)]
struct RelatedModel<'a> {
    file: &'a str,
    start: PositionModel,
    end: PositionModel,
    message: &'a str,
}

#[derive(Serialize)]
struct FixModel<'a> {
    title: &'a str,
    edits: Vec<EditModel<'a>>,
}

#[derive(Serialize)]
struct EditModel<'a> {
    start: usize,
    end: usize,
    text: &'a str,
}

impl<'a> Document<'a> {
    fn of(report: &'a LintReport<'_>) -> Self {
        let Tally {
            errors,
            warnings,
            infos,
            fixable,
            ..
        } = report.tally();
        let linted = report.linted;
        let suppressed = linted.suppressed.iter();
        let silenced = suppressed.clone().map(|(finding, _)| finding);
        let reasons = suppressed.map(|(_, reason)| reason);
        Self {
            version: VERSION,
            summary: Summary {
                files: report.files,
                objects: report.objects,
                errors,
                warnings,
                infos,
                suppressed: linted.suppressed.len(),
                known: report.known().len(),
                fixable,
            },
            findings: models(linted.findings.iter()),
            suppressed: models(silenced)
                .into_iter()
                .zip(reasons)
                .map(|(finding, reason)| SuppressedModel { reason, finding })
                .collect(),
            known: models(report.known().iter()),
        }
    }
}

fn models<'a>(findings: impl Iterator<Item = &'a Finding> + Clone) -> Vec<FindingModel<'a>> {
    let names = fingerprints(findings.clone());
    findings
        .zip(names)
        .map(|(finding, fingerprint)| FindingModel::of(finding, fingerprint))
        .collect()
}

impl<'a> FindingModel<'a> {
    fn of(finding: &'a Finding, fingerprint: String) -> Self {
        let Place { source, start, end } = &finding.place;
        Self {
            code: finding.rule.code,
            name: finding.rule.slug,
            severity: finding.severity.name(),
            file: source,
            start: PositionModel::of(*start),
            end: PositionModel::of(*end),
            object: &finding.object,
            message: &finding.message,
            help: &finding.help,
            fingerprint,
            fix: finding.fix.as_deref().map(FixModel::of),
            related: finding
                .related
                .iter()
                .map(|related| RelatedModel {
                    file: &related.place.source,
                    start: PositionModel::of(related.place.start),
                    end: PositionModel::of(related.place.end),
                    message: &related.message,
                })
                .collect(),
        }
    }
}

impl PositionModel {
    fn of(position: Position) -> Self {
        let Position {
            line,
            column,
            offset,
        } = position;
        Self {
            line,
            column,
            offset,
        }
    }
}

impl<'a> FixModel<'a> {
    fn of(fix: &'a Fix) -> Self {
        let edits = fix.edits.iter();
        Self {
            title: &fix.title,
            edits: edits
                .map(|Edit { start, end, text }| EditModel {
                    start: *start,
                    end: *end,
                    text,
                })
                .collect(),
        }
    }
}
