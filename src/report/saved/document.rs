//! The parts of a report's JSON that are read back, as types.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::report::model::{BandPart, RunPart, TimelinePart};
use crate::report::scenario_model::{ReplayPart, ScenarioPart};
use crate::report::sync_model::{DecisionsPart, SyncsPart};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedDocument {
    pub(super) schema_version: String,
    pub(super) scaleplan_version: String,
    pub(super) followed_controller: String,
    pub(super) scenario: ScenarioPart,
    pub(super) replay: Option<ReplayPart>,
    pub(super) verdict: SavedVerdict,
    pub(super) backends: Vec<SavedBackend>,
    pub(super) comparisons: Vec<SavedComparison>,
    pub(super) assumptions: Vec<SavedAssumption>,
    #[serde(default)]
    pub(super) cautions: Vec<String>,
    pub(super) warnings: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct SavedVerdict {
    pub(super) backend: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedBackend {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) verdict: String,
    pub(super) missed_runs: u32,
    pub(super) runs: u32,
    #[serde(default)]
    pub(super) is_objective_out_of_reach: bool,
    /// The figures of each section.
    pub(super) figures: BTreeMap<String, BTreeMap<String, BandPart>>,
    pub(super) first_run: Option<RunPart>,
    pub(super) timeline: TimelinePart,
    pub(super) decisions: Option<DecisionsPart>,
    pub(super) syncs: Option<SyncsPart>,
}

#[derive(Deserialize)]
pub(super) struct SavedComparison {
    pub(super) varied: String,
    pub(super) backends: Vec<SavedCompared>,
    pub(super) warnings: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct SavedCompared {
    pub(super) backend: String,
    pub(super) variants: Vec<SavedVariant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SavedVariant {
    pub(super) name: String,
    pub(super) is_other: bool,
    pub(super) figures: BTreeMap<String, BandPart>,
    pub(super) differences: BTreeMap<String, BandPart>,
}

#[derive(Deserialize)]
pub(super) struct SavedAssumption {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) origin: String,
    pub(super) derivation: Option<String>,
    pub(super) note: String,
}
