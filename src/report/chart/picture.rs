//! `Picture`: how large a picture is, how large its text, and whether it is light or dark.

use super::error::ChartError;

/// Dots per inch at which text has the size that it is laid out in.
const USUAL_DPI: f64 = 96.0;
/// The least room that a picture's text needs, at the usual dots per inch.
const LEAST: (f64, f64) = (640.0, 480.0);
/// More pixels than this take more memory than a picture is worth.
const MOST_PIXELS: u64 = 32_000_000;
const MOST_DPI: u32 = 1200;

/// How a picture is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    size: Option<(u32, u32)>,
    dpi: u32,
    theme: Theme,
}

/// The colours of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Bright on black.
    Dark,
}

impl Default for Picture {
    /// Light, 96 dots an inch, and as large as what is in it takes: 1600 by 1200 pixels for one or two backends.
    fn default() -> Self {
        Self {
            size: None,
            dpi: 96,
            theme: Theme::Light,
        }
    }
}

impl Picture {
    /// A picture of so many pixels, width and height (`None`: as large as what is in it takes), and dots an inch: at 192
    /// text and lines are twice as large as at 96.
    ///
    /// # Errors
    /// When its text had no room, or it had more pixels than are drawn.
    pub fn new(size: Option<(u32, u32)>, dpi: u32, theme: Theme) -> Result<Self, ChartError> {
        if dpi == 0 || dpi > MOST_DPI {
            return Err(ChartError::Dpi(dpi));
        }
        let picture = Self { size, dpi, theme };
        if let Some((width, height)) = size {
            let scale = picture.scale();
            let is_small =
                f64::from(width) < LEAST.0 * scale || f64::from(height) < LEAST.1 * scale;
            let pixels = u64::from(width) * u64::from(height);
            if is_small || pixels > MOST_PIXELS {
                return Err(ChartError::Size {
                    width,
                    height,
                    dpi,
                    least_width: whole(LEAST.0 * scale),
                    least_height: whole(LEAST.1 * scale),
                    most_pixels: MOST_PIXELS,
                });
            }
        }
        Ok(picture)
    }

    /// Pixels for each unit of the layout.
    pub(super) fn scale(self) -> f64 {
        f64::from(self.dpi) / USUAL_DPI
    }

    pub(super) const fn theme(self) -> Theme {
        self.theme
    }

    /// The size in pixels, of a layout that takes so much where nobody said a size.
    ///
    /// # Errors
    /// When that had more pixels than are drawn.
    pub(super) fn pixels(self, layout: (f64, f64)) -> Result<(u32, u32), ChartError> {
        if let Some(size) = self.size {
            return Ok(size);
        }
        let scale = self.scale();
        let size = (whole(layout.0 * scale), whole(layout.1 * scale));
        Self::new(Some(size), self.dpi, self.theme).map(|_| size)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn whole(pixels: f64) -> u32 {
    pixels.ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(size: (u32, u32), dpi: u32, is_drawn: bool) {
        let picture = Picture::new(Some(size), dpi, Theme::Light);
        assert_eq!(picture.is_ok(), is_drawn, "{size:?} {dpi}: {picture:?}");
    }

    #[test]
    fn a_size_that_nobody_could_read_or_hold_is_refused() {
        check((1600, 1200), 96, true);
        check((640, 480), 96, true);
        check((640, 480), 192, false);
        check((3200, 2400), 192, true);
        check((0, 0), 96, false);
        check((1_000_000_000, 1), 96, false);
        check((u32::MAX, u32::MAX), 96, false);
        check((1600, 1200), 0, false);
        check((1600, 1200), u32::MAX, false);
    }
}
