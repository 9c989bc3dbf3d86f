//! The shapes of a page as SVG text. What comes from files is text or nothing: it is escaped.

use std::fmt::Write as _;

use plotters::style::RGBColor;

use super::canvas::{Anchor, Area, Lettering, Weight};
use crate::report::escape;

/// Line height over em of the built-in fonts (ascent and descent of DejaVu Sans).
const LINE_HEIGHT: f64 = 1.164;
/// Half the height of capital letters, em.
const HALF_CAPITAL: f64 = 0.3645;
/// The built-in fonts where they are installed, else what is as wide.
const FAMILY: &str = "'DejaVu Sans',Verdana,sans-serif";

/// SVG in the making. Neighbouring areas of one colour are one path.
#[derive(Debug, Default)]
pub(super) struct Svg {
    text: String,
    /// The colour and opacity of the path that is open.
    open: Option<(RGBColor, u16)>,
}

impl Svg {
    /// Fills an area.
    pub(super) fn fill(&mut self, area: Area, colour: RGBColor, opacity: f64) {
        let thousandths = thousandths(opacity);
        if self.open != Some((colour, thousandths)) {
            self.end_path();
            let hex = hex(colour);
            let _ = write!(self.text, "<path fill=\"{hex}\"");
            if thousandths < 1000 {
                let opacity = number(f64::from(thousandths) / 1000.0);
                let _ = write!(self.text, " fill-opacity=\"{opacity}\"");
            }
            self.text.push_str(" d=\"");
            self.open = Some((colour, thousandths));
        }
        let (width, height) = (number(area.width()), number(area.height()));
        let _ = write!(
            self.text,
            "M{} {}h{width}v{height}h-{width}z",
            number(area.left),
            number(area.top)
        );
    }

    /// Fills a circle.
    pub(super) fn disc(&mut self, centre: (f64, f64), radius: f64, colour: RGBColor) {
        self.end_path();
        let _ = writeln!(
            self.text,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>",
            number(centre.0),
            number(centre.1),
            number(radius),
            hex(colour)
        );
    }

    /// Writes one line of text, so wide, its capitals vertically centred.
    pub(super) fn write(
        &mut self,
        text: &str,
        at: (f64, f64),
        anchor: Anchor,
        width: f64,
        lettering: Lettering,
    ) {
        self.end_path();
        let em = lettering.size / LINE_HEIGHT;
        let anchor = match anchor {
            Anchor::Left => "",
            Anchor::Centre => " text-anchor=\"middle\"",
            Anchor::Right => " text-anchor=\"end\"",
        };
        let weight = match lettering.weight {
            Weight::Regular => "",
            Weight::Bold => " font-weight=\"bold\"",
        };
        let _ = writeln!(
            self.text,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\" textLength=\"{}\" \
             lengthAdjust=\"spacingAndGlyphs\"{anchor}{weight}>{}</text>",
            number(at.0),
            number(at.1 + HALF_CAPITAL * em),
            number(em),
            hex(lettering.colour),
            number(width),
            escape::html(text),
        );
    }

    /// The document, of so many pixels, on a layout of its own size, named for those who cannot see it.
    pub(super) fn finish(
        mut self,
        pixels: (u32, u32),
        layout: (f64, f64),
        paper: RGBColor,
        title: &str,
    ) -> String {
        self.end_path();
        let (width, height) = (number(layout.0), number(layout.1));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"{FAMILY}\" role=\"img\">\n<title>{}</title>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n{}</svg>\n",
            pixels.0,
            pixels.1,
            escape::html(title),
            hex(paper),
            self.text,
        )
    }

    /// Ends the path that is open: areas after it lie over those before it.
    pub(super) fn end_path(&mut self) {
        if self.open.take().is_some() {
            self.text.push_str("\" shape-rendering=\"crispEdges\"/>\n");
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a thousand"
)]
fn thousandths(opacity: f64) -> u16 {
    (opacity.clamp(0.0, 1.0) * 1000.0).round() as u16
}

/// A number with at most two decimals.
fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // No `-0`, and nothing that is no number.
    if rounded == 0.0 || !rounded.is_finite() {
        return "0".to_owned();
    }
    format!("{rounded}")
}

fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::palette;

    #[test]
    fn areas_of_one_colour_are_one_path_and_text_is_inert() {
        let mut svg = Svg::default();
        let area = |left| Area {
            left,
            top: 1.0,
            right: left + 2.5,
            bottom: 4.0,
        };
        svg.fill(area(0.0), palette::BLUE, 0.4);
        svg.fill(area(2.5), palette::BLUE, 0.4);
        let lettering = Lettering {
            size: 11.64,
            weight: Weight::Bold,
            colour: palette::INK,
        };
        svg.write("<script>\"&", (1.0, 2.0), Anchor::Right, 30.0, lettering);
        let text = svg.finish((10, 5), (10.0, 5.0), palette::PAPER, "a < b");
        assert_eq!(text.matches("<path").count(), 1, "{text}");
        assert!(
            text.contains("M0 1h2.5v3h-2.5zM2.5 1h2.5v3h-2.5z\""),
            "{text}"
        );
        assert!(text.contains(">&lt;script&gt;&quot;&amp;</text>"), "{text}");
        assert!(text.contains("<title>a &lt; b</title>"), "{text}");
        assert!(text.contains("font-size=\"10\""), "{text}");
    }
}
