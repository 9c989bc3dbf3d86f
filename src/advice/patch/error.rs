//! Why a patch can't be made.

use thiserror::Error;

/// Why a patch can't be made; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatchError {
    /// The manifest came through a pipe.
    #[error("{source_name} is no file, expected a file's name to patch it in place")]
    NoFile {
        /// As it was named to the reader.
        source_name: String,
    },
    /// The file's bytes are not the text that was read.
    #[error("`{source_name}` is {form}, expected a manifest in plain UTF-8 to patch it in place")]
    NotPlain {
        /// As it was named to the reader.
        source_name: String,
        /// What it is instead.
        form: &'static str,
    },
    /// The value is also used elsewhere.
    #[error(
        "line {line}: {path} is shared through the anchor `&{anchor}`, expected a value of its own: changing it would change other objects or fields too"
    )]
    Shared {
        /// The field.
        path: String,
        /// The anchor's name.
        anchor: String,
        /// Its line.
        line: u32,
    },
    /// The value is written in a way that can't be edited.
    #[error(
        "line {line}: {path} is written in a form that can't be edited in place, expected plain block or bracket notation"
    )]
    Form {
        /// The field.
        path: String,
        /// Its line.
        line: u32,
    },
    /// A value that the API has no notation for.
    #[error("{path}: `{value}` can't be written, expected {expected}")]
    Unwritable {
        /// The field.
        path: String,
        /// What was wanted.
        value: String,
        /// What can be.
        expected: &'static str,
    },
    /// The wanted metrics are not those of the file.
    #[error("the wanted metrics are not those of the file, expected other targets only")]
    OtherMetrics,
    /// The object is too large, through aliases or otherwise.
    #[error("the object has more values than an autoscaler can have, expected fewer aliases")]
    TooLarge,
    /// What would come out is no valid autoscaler.
    #[error("what is wanted is no valid autoscaler: {0}")]
    Refused(String),
    /// The edited file would not mean what it should.
    #[error(
        "`{source_name}` would not read as wanted after the edit, expected a plainer notation: {detail}"
    )]
    Unfaithful {
        /// The file.
        source_name: String,
        /// What is different.
        detail: String,
    },
}
