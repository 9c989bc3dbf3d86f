//! Advice as JSON and YAML: two forms of one value.

use super::advice_input::AdviceReport;
use super::advice_model::AdviceDocument;
use super::{json, yaml};

/// Advice as one JSON document after the published schema, `docs/advice-schema.json`: `-o json`.
#[must_use]
pub fn advice_json(report: &AdviceReport) -> String {
    json::document(&AdviceDocument::of(report))
}

/// Advice as one YAML document, the same value as the JSON: `-o yaml`.
#[must_use]
pub fn advice_yaml(report: &AdviceReport) -> String {
    yaml::document(&AdviceDocument::of(report))
}
