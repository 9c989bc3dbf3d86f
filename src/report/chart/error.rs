//! What can go wrong in a drawing.

use thiserror::Error;

/// Why a report has no picture.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChartError {
    /// The fonts that are part of the program cannot be used.
    #[error("the built-in font cannot be read")]
    Font,
    /// The drawing library refused.
    #[error("the picture cannot be drawn: {0}")]
    Draw(String),
    /// The image library refused.
    #[error("the picture cannot be written as PNG: {0}")]
    Encode(String),
}
