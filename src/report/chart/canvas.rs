//! Rectangles and text on a white page, drawn at twice the size and averaged, and the page as PNG.
//!
//! Coordinates are pixels of the finished picture; the finest step is half of one.

use std::sync::OnceLock;

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle, register_font};

use super::error::ChartError;

/// Pixels drawn for each pixel of the picture, in both directions.
const OVERSAMPLING: u32 = 2;
const CHANNELS: usize = 3;
/// How far above its centre the library puts the middle of capital letters, in line heights.
const CAPITALS_TO_CENTRE: f64 = 0.2;
const FAMILY: &str = "scaleplan";
const REGULAR: &[u8] = include_bytes!("../assets/DejaVuSans-subset.ttf");
const BOLD: &[u8] = include_bytes!("../assets/DejaVuSans-Bold-subset.ttf");

/// A page to draw on.
pub(super) struct Canvas {
    width: u32,
    height: u32,
    /// RGB, row by row, oversampled.
    buffer: Vec<u8>,
}

/// A rectangle in pixels; right and bottom are outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// Which side of a text the given point is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Left,
    Centre,
    Right,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lettering {
    /// Height of a line, pixels.
    pub(super) size: f64,
    pub(super) weight: Weight,
    pub(super) colour: RGBColor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

impl Area {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

impl Canvas {
    /// A white page of so many pixels.
    ///
    /// # Errors
    /// When the built-in fonts cannot be read.
    pub(super) fn new(width: u32, height: u32) -> Result<Self, ChartError> {
        register_fonts()?;
        let pixels = width as usize * height as usize * (OVERSAMPLING * OVERSAMPLING) as usize;
        Ok(Self {
            width,
            height,
            buffer: vec![u8::MAX; pixels * CHANNELS],
        })
    }

    /// Fills an area; `opacity` from 0 to 1.
    pub(super) fn fill(
        &mut self,
        area: Area,
        colour: RGBColor,
        opacity: f64,
    ) -> Result<(), ChartError> {
        let (left, top) = (fine(area.left), fine(area.top));
        let (right, bottom) = (fine(area.right), fine(area.bottom));
        if left >= right || top >= bottom {
            return Ok(());
        }
        self.backend()
            // The library, too, takes right and bottom for outside.
            .draw_rect((left, top), (right, bottom), &colour.mix(opacity), true)
            .map_err(draw_error)
    }

    /// Fills a circle around a point.
    pub(super) fn disc(
        &mut self,
        centre: (f64, f64),
        radius: f64,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let radius = u32::try_from(fine(radius)).unwrap_or(0);
        self.backend()
            .draw_circle((fine(centre.0), fine(centre.1)), radius, &colour, true)
            .map_err(draw_error)
    }

    /// Writes one line of text, its capitals vertically centred on `at`.
    pub(super) fn write(
        &mut self,
        text: &str,
        at: (f64, f64),
        anchor: Anchor,
        lettering: Lettering,
    ) -> Result<(), ChartError> {
        let horizontal = match anchor {
            Anchor::Left => HPos::Left,
            Anchor::Centre => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let style = style(lettering).pos(Pos::new(horizontal, VPos::Center));
        let y = at.1 + CAPITALS_TO_CENTRE * lettering.size;
        self.backend()
            .draw_text(text, &style, (fine(at.0), fine(y)))
            .map_err(draw_error)
    }

    /// How wide a text is, pixels.
    pub(super) fn text_width(text: &str, lettering: Lettering) -> Result<f64, ChartError> {
        register_fonts()?;
        let (width, _) = style(lettering)
            .font
            .box_size(text)
            .map_err(|error| ChartError::Draw(error.to_string()))?;
        Ok(f64::from(width) / f64::from(OVERSAMPLING))
    }

    /// The page as PNG.
    pub(super) fn into_png(self) -> Result<Vec<u8>, ChartError> {
        let pixels = self.averaged();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(encode_error)?;
        writer.write_image_data(&pixels).map_err(encode_error)?;
        writer.finish().map_err(encode_error)?;
        Ok(bytes)
    }

    fn backend(&mut self) -> BitMapBackend<'_> {
        let size = (self.width * OVERSAMPLING, self.height * OVERSAMPLING);
        BitMapBackend::with_buffer(&mut self.buffer, size)
    }

    /// Each pixel the mean of those drawn for it.
    fn averaged(&self) -> Vec<u8> {
        let factor = OVERSAMPLING as usize;
        let row_length = self.width as usize * factor * CHANNELS;
        let count = u16::try_from(factor * factor).unwrap_or(1);
        let mut pixels = Vec::with_capacity(self.buffer.len() / (factor * factor));
        for rows in self.buffer.chunks_exact(row_length * factor) {
            for pixel in 0..self.width as usize {
                for channel in 0..CHANNELS {
                    let at = |row: usize, column: usize| {
                        row * row_length + (pixel * factor + column) * CHANNELS + channel
                    };
                    let sum: u16 = (0..factor)
                        .flat_map(|row| (0..factor).map(move |column| (row, column)))
                        .map(|(row, column)| u16::from(rows[at(row, column)]))
                        .sum();
                    pixels.push(u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX));
                }
            }
        }
        pixels
    }
}

fn style(lettering: Lettering) -> TextStyle<'static> {
    let weight = match lettering.weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    let font = (FAMILY, lettering.size * f64::from(OVERSAMPLING), weight).into_font();
    let mut style = TextStyle::from(font);
    style.color = lettering.colour.to_backend_color();
    style
}

/// A coordinate on the oversampled page.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, and what is outside the page is not drawn"
)]
fn fine(pixels: f64) -> i32 {
    (pixels * f64::from(OVERSAMPLING)).round() as i32
}

fn draw_error(error: impl std::fmt::Display) -> ChartError {
    ChartError::Draw(error.to_string())
}

fn encode_error(error: impl std::fmt::Display) -> ChartError {
    ChartError::Encode(error.to_string())
}

/// Makes the embedded fonts known, once.
fn register_fonts() -> Result<(), ChartError> {
    static ARE_KNOWN: OnceLock<bool> = OnceLock::new();
    let fonts = [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)];
    let register = || {
        let mut fonts = fonts.into_iter();
        fonts.all(|(style, font)| register_font(FAMILY, style, font).is_ok())
    };
    if *ARE_KNOWN.get_or_init(register) {
        Ok(())
    } else {
        Err(ChartError::Font)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::palette::BLACK;

    #[test]
    fn half_a_pixel_is_half_as_dark() {
        let mut canvas = Canvas::new(3, 1).expect("the fonts are part of the program");
        let area = Area {
            left: 0.5,
            top: 0.0,
            right: 2.0,
            bottom: 1.0,
        };
        canvas.fill(area, BLACK, 1.0).expect("drawn");
        assert_eq!(canvas.averaged(), [128, 128, 128, 0, 0, 0, 255, 255, 255]);
    }

    #[test]
    fn what_is_outside_the_page_is_not_drawn() {
        let mut canvas = Canvas::new(2, 1).expect("the fonts are part of the program");
        let area = Area {
            left: -1e300,
            top: -5.0,
            right: 1.0,
            bottom: 1e300,
        };
        canvas.fill(area, BLACK, 1.0).expect("drawn");
        assert_eq!(canvas.averaged(), [0, 0, 0, 255, 255, 255]);
    }
}
