//! Flags for what is written beside a report: pictures and pages.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use crate::report;

#[derive(Args, Debug)]
pub(super) struct PictureArgs {
    /// Also write the report as a picture, in PNG
    #[arg(long, value_name = "FILE")]
    pub(super) png: Option<PathBuf>,
    /// Also write the report as a picture, in SVG
    #[arg(long, value_name = "FILE")]
    pub(super) svg: Option<PathBuf>,
    /// Also write the report as one HTML file with charts to zoom and each decision explained; it needs no network
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// The colours of pictures
    #[arg(long, value_enum, default_value_t = ThemeName::Light, value_name = "THEME")]
    pub(super) theme: ThemeName,
    /// The size of pictures in pixels [default: 1600x1200, higher for more than two backends]
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    pub(super) size: Option<Size>,
    /// Dots an inch of pictures: at 192 text and lines are twice as large as at 96
    #[arg(long, default_value_t = 96, value_name = "DPI")]
    pub(super) dpi: u32,
    /// Open what was written: the page, or else the picture
    #[arg(long)]
    pub(super) open: bool,
}

/// The colours of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ThemeName {
    /// Dark on white
    Light,
    /// Bright on black
    Dark,
}

impl From<ThemeName> for report::Theme {
    fn from(name: ThemeName) -> Self {
        match name {
            ThemeName::Light => Self::Light,
            ThemeName::Dark => Self::Dark,
        }
    }
}

/// A width and a height, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = text.trim().split_once(['x', 'X', '×']);
        let side = |text: &str| text.trim().parse::<u32>().ok();
        sides
            .and_then(|(width, height)| {
                Some(Self {
                    width: side(width)?,
                    height: side(height)?,
                })
            })
            .ok_or_else(|| {
                format!(
                    "`{}` is no size, expected width and height in pixels, such as `1600x1200`",
                    text.escape_debug()
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_two_whole_numbers() {
        let size = |width, height| Ok(Size { width, height });
        assert_eq!("1600x1200".parse(), size(1600, 1200));
        assert_eq!("0X0".parse(), size(0, 0));
        for wrong in [
            "",
            "1600",
            "1600x",
            "x1200",
            "-1x5",
            "1e9x1",
            "5000000000x1",
        ] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
    }
}
