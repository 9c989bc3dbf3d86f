//! Colours that people with any colour vision can tell apart.
//!
//! The hues are those of M. Okabe and K. Ito, "Color Universal Design" (2008).

use plotters::style::RGBColor;

pub(in crate::report) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(in crate::report) const SKY_BLUE: RGBColor = RGBColor(86, 180, 233);
pub(in crate::report) const VERMILLION: RGBColor = RGBColor(213, 94, 0);
pub(in crate::report) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(in crate::report) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(in crate::report) const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub(in crate::report) const BLACK: RGBColor = RGBColor(0, 0, 0);

pub(in crate::report) const INK: RGBColor = RGBColor(34, 34, 34);
pub(in crate::report) const FAINT_INK: RGBColor = RGBColor(110, 110, 110);
pub(in crate::report) const FRAME: RGBColor = RGBColor(160, 160, 160);
pub(in crate::report) const GRID: RGBColor = RGBColor(228, 228, 228);
