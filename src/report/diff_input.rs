//! `DiffReport`: two versions of manifests, compared; what every form of `scaleplan diff` draws.

use crate::analysis::{ReplayChange, ReplayedSide};
use crate::lint::MovedFindings;
use crate::manifest::AutoscalerChange;
use crate::scenario::Scenario;

/// Two versions of manifests, compared.
#[derive(Debug)]
pub struct DiffReport<'a> {
    /// What the first version is called.
    pub base: &'a str,
    /// What the second version is called.
    pub head: &'a str,
    /// The autoscalers that came, went or changed.
    pub entries: Vec<DiffEntry<'a>>,
    /// How many autoscalers are the same.
    pub unchanged: usize,
    /// What moved among lint's findings.
    pub findings: &'a MovedFindings,
    /// Whether a load was named to replay.
    pub has_load: bool,
    /// Whether something of each version could not be read.
    pub broken: [bool; 2],
    /// What it comes to.
    pub verdict: DiffVerdict,
    /// The controller whose decisions were followed, `hpa::FOLLOWED_VERSION`.
    pub followed_version: &'a str,
}

/// One autoscaler that came, went or changed.
#[derive(Debug)]
pub struct DiffEntry<'a> {
    /// What changed.
    pub change: &'a AutoscalerChange<'a>,
    /// What that does.
    pub replay: DiffReplay,
}

/// What a replay says of a change.
#[derive(Debug)]
pub enum DiffReplay {
    /// Both sides met the same load.
    Both(Box<ReplayedChange>),
    /// There is no first side: what the second does, and what was played.
    HeadAlone(Box<(ReplayedSide, Scenario)>),
    /// Why nothing was played.
    Not(String),
    /// No load was named.
    NotAsked,
}

/// What both sides did, and what was played.
#[derive(Debug)]
pub struct ReplayedChange {
    /// What came of it.
    pub change: ReplayChange,
    /// The first side.
    pub base: Scenario,
    /// The second side.
    pub head: Scenario,
}

/// What a comparison comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffVerdict {
    /// No autoscaler, nothing that it is played with and no finding changed.
    Nothing,
    /// Something changed, and nothing got worse as far as was looked.
    NoRegression,
    /// Something got worse.
    Regression(Vec<Regression>),
}

/// What got worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regression {
    /// The objective of the entry with this index.
    Objective(usize),
    /// So many errors of lint that were not there.
    NewErrors(usize),
}
