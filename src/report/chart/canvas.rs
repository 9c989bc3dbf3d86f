//! Rectangles and text on a page: as pixels, drawn at twice the size and averaged, for PNG; or as shapes, for SVG.
//!
//! Coordinates are units of the layout, which are pixels at 96 dots an inch; the finest step of a PNG is half a pixel.

use std::sync::OnceLock;

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, TextStyle, register_font};

use super::error::ChartError;
use super::palette;
use super::picture::{Picture, Theme};
use super::svg::Svg;

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
    /// Pixels.
    width: u32,
    height: u32,
    /// Pixels for each unit of the layout.
    scale: f64,
    theme: Theme,
    surface: Surface,
}

/// What the page is kept as.
enum Surface {
    /// RGB, row by row, oversampled.
    Pixels(Vec<u8>),
    Shapes(Svg),
}

/// What a page becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Png,
    Svg,
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
        Self::sized((width, height), 1.0, Theme::Light, Form::Png)
    }

    /// A page for a picture whose layout takes so much, width and height, where nobody said a size.
    ///
    /// # Errors
    /// When the built-in fonts cannot be read, or the picture would be too large.
    pub(super) fn of(picture: Picture, layout: (f64, f64), form: Form) -> Result<Self, ChartError> {
        let size = picture.pixels(layout)?;
        Self::sized(size, picture.scale(), picture.theme(), form)
    }

    fn sized(
        (width, height): (u32, u32),
        scale: f64,
        theme: Theme,
        form: Form,
    ) -> Result<Self, ChartError> {
        register_fonts()?;
        let pixels = width as usize * height as usize * (OVERSAMPLING * OVERSAMPLING) as usize;
        Ok(Self {
            width,
            height,
            scale,
            theme,
            surface: match form {
                Form::Png => {
                    let RGBColor(red, green, blue) = theme.shown(palette::PAPER);
                    Surface::Pixels([red, green, blue].repeat(pixels))
                }
                Form::Svg => Surface::Shapes(Svg::default()),
            },
        })
    }

    /// The page's width, in units of the layout.
    pub(super) fn width(&self) -> f64 {
        f64::from(self.width) / self.scale
    }

    /// Its height, likewise.
    pub(super) fn height(&self) -> f64 {
        f64::from(self.height) / self.scale
    }

    /// Fills an area; `opacity` from 0 to 1.
    pub(super) fn fill(
        &mut self,
        area: Area,
        colour: RGBColor,
        opacity: f64,
    ) -> Result<(), ChartError> {
        let colour = self.theme.shown(colour);
        let (scale, size) = (self.scale, self.fine_size());
        match &mut self.surface {
            Surface::Pixels(buffer) => {
                let fine = |units: f64| fine(units * scale);
                let (left, top) = (fine(area.left), fine(area.top));
                let (right, bottom) = (fine(area.right), fine(area.bottom));
                if left >= right || top >= bottom {
                    return Ok(());
                }
                backend(buffer, size)
                    // The library, too, takes right and bottom for outside.
                    .draw_rect((left, top), (right, bottom), &colour.mix(opacity), true)
                    .map_err(draw_error)
            }
            Surface::Shapes(svg) => {
                if area.width() > 0.0 && area.height() > 0.0 {
                    svg.fill(area, colour, opacity);
                }
                Ok(())
            }
        }
    }

    /// What is drawn next lies over what was drawn before, of the same colour as well.
    pub(super) fn end_layer(&mut self) {
        if let Surface::Shapes(svg) = &mut self.surface {
            svg.end_path();
        }
    }

    /// Fills a circle around a point.
    pub(super) fn disc(
        &mut self,
        centre: (f64, f64),
        radius: f64,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let colour = self.theme.shown(colour);
        let (scale, size) = (self.scale, self.fine_size());
        match &mut self.surface {
            Surface::Pixels(buffer) => {
                let fine = |units: f64| fine(units * scale);
                let radius = u32::try_from(fine(radius)).unwrap_or(0);
                backend(buffer, size)
                    .draw_circle((fine(centre.0), fine(centre.1)), radius, &colour, true)
                    .map_err(draw_error)
            }
            Surface::Shapes(svg) => {
                svg.disc(centre, radius, colour);
                Ok(())
            }
        }
    }

    /// Writes one line of text, its capitals vertically centred on `at`.
    pub(super) fn write(
        &mut self,
        text: &str,
        at: (f64, f64),
        anchor: Anchor,
        lettering: Lettering,
    ) -> Result<(), ChartError> {
        let lettering = Lettering {
            colour: self.theme.shown(lettering.colour),
            ..lettering
        };
        let (scale, size) = (self.scale, self.fine_size());
        match &mut self.surface {
            Surface::Pixels(buffer) => {
                let horizontal = match anchor {
                    Anchor::Left => HPos::Left,
                    Anchor::Centre => HPos::Center,
                    Anchor::Right => HPos::Right,
                };
                let style = style(lettering, scale).pos(Pos::new(horizontal, VPos::Center));
                let y = at.1 + CAPITALS_TO_CENTRE * lettering.size;
                backend(buffer, size)
                    .draw_text(text, &style, (fine(at.0 * scale), fine(y * scale)))
                    .map_err(draw_error)
            }
            Surface::Shapes(svg) => {
                let width = Self::text_width(text, lettering)?;
                svg.write(text, at, anchor, width, lettering);
                Ok(())
            }
        }
    }

    /// How wide a text is, in units of the layout.
    pub(super) fn text_width(text: &str, lettering: Lettering) -> Result<f64, ChartError> {
        register_fonts()?;
        let (width, _) = style(lettering, 1.0)
            .font
            .box_size(text)
            .map_err(|error| ChartError::Draw(error.to_string()))?;
        Ok(f64::from(width) / f64::from(OVERSAMPLING))
    }

    /// The page as SVG, named so for those who cannot see it; nothing where it is kept as pixels.
    pub(super) fn into_svg(self, title: &str) -> String {
        let layout = (self.width(), self.height());
        let paper = self.theme.shown(palette::PAPER);
        match self.surface {
            Surface::Pixels(_) => String::new(),
            Surface::Shapes(svg) => svg.finish((self.width, self.height), layout, paper, title),
        }
    }

    /// The page as PNG; an empty one where it is kept as shapes.
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

    const fn fine_size(&self) -> (u32, u32) {
        (self.width * OVERSAMPLING, self.height * OVERSAMPLING)
    }

    /// Each pixel the mean of those drawn for it.
    fn averaged(&self) -> Vec<u8> {
        let Surface::Pixels(buffer) = &self.surface else {
            return Vec::new();
        };
        let factor = OVERSAMPLING as usize;
        let row_length = self.width as usize * factor * CHANNELS;
        let mut pixels = Vec::with_capacity(buffer.len() / (factor * factor));
        let fine_pixel = factor * CHANNELS;
        for rows in buffer.chunks_exact(row_length * factor) {
            let (upper, lower) = rows.split_at(row_length);
            let pairs = upper
                .chunks_exact(fine_pixel)
                .zip(lower.chunks_exact(fine_pixel));
            for (upper, lower) in pairs {
                for channel in 0..CHANNELS {
                    let of =
                        |row: &[u8]| u16::from(row[channel]) + u16::from(row[channel + CHANNELS]);
                    // The mean of four, halves rounded up, is a byte again.
                    pixels.push(u8::try_from((of(upper) + of(lower) + 2) / 4).unwrap_or(u8::MAX));
                }
            }
        }
        pixels
    }
}

fn backend(buffer: &mut [u8], size: (u32, u32)) -> BitMapBackend<'_> {
    BitMapBackend::with_buffer(buffer, size)
}

fn style(lettering: Lettering, scale: f64) -> TextStyle<'static> {
    let weight = match lettering.weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    let font = (
        FAMILY,
        lettering.size * scale * f64::from(OVERSAMPLING),
        weight,
    )
        .into_font();
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
