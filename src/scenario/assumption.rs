//! `Assumption`: a number that the run depends on, and who said so.

/// Who said a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A command-line flag.
    Flag,
    /// The scenario file.
    ScenarioFile,
    /// A manifest.
    Manifest,
    /// The trace.
    Trace,
    /// Computed from other values; says how.
    Derived(String),
    /// Nobody: the built-in default.
    Default,
}

impl Origin {
    /// The origin's name in reports.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Flag => "flag",
            Self::ScenarioFile => "scenario file",
            Self::Manifest => "manifest",
            Self::Trace => "trace",
            Self::Derived(_) => "derived",
            Self::Default => "default",
        }
    }
}

/// A number that the run depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// The setting's key: its flag without the dashes, its key in a scenario file.
    pub key: String,
    /// The value, with its unit.
    pub value: String,
    /// Who said so.
    pub origin: Origin,
    /// What follows from it or how it was found; may be empty.
    pub note: String,
}

/// Every assumption of a scenario, in the order of the report.
pub type Assumptions = Vec<Assumption>;
