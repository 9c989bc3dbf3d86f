//! Why a saved run cannot be read.

use thiserror::Error;

/// Why a text is no saved run.
#[derive(Debug, Error)]
pub enum SavedRunError {
    /// It is no JSON, or not that of a report.
    #[error("this is no saved run, expected what `scaleplan simulate -o json` writes: {0}")]
    Shape(#[from] serde_json::Error),
    /// It is of another version of the schema.
    #[error("schemaVersion `{0}` is not known here, expected `1`")]
    Version(String),
    /// It lacks a part that came with a later release.
    #[error("the run was saved without `{0}`, expected one that this release of scaleplan saved")]
    Older(&'static str),
    /// A part does not hold together.
    #[error(
        "`{0}` of the run does not hold together, expected what `scaleplan simulate -o json` writes"
    )]
    Part(&'static str),
}
