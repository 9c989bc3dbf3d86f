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
    /// Too small for its text, or too large.
    #[error(
        "a picture of `{width}x{height}` pixels at {dpi} dots an inch cannot be drawn, expected at least \
         {least_width}x{least_height} and at most {most_pixels} pixels in all"
    )]
    Size {
        /// The width asked for.
        width: u32,
        /// The height asked for.
        height: u32,
        /// The dots an inch asked for.
        dpi: u32,
        /// The least width.
        least_width: u32,
        /// The least height.
        least_height: u32,
        /// The most pixels.
        most_pixels: u64,
    },
    /// Text of no size, or larger than any page.
    #[error("`{0}` dots an inch cannot be drawn, expected 1 to 1200")]
    Dpi(u32),
}
