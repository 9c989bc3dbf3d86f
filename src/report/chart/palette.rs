//! Colours that people with any colour vision can tell apart.
//!
//! The hues are those of M. Okabe and K. Ito, "Color Universal Design" (2008).

use plotters::style::RGBColor;

pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const SKY_BLUE: RGBColor = RGBColor(86, 180, 233);
pub(super) const VERMILLION: RGBColor = RGBColor(213, 94, 0);
pub(super) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(super) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(super) const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub(super) const BLACK: RGBColor = RGBColor(0, 0, 0);

pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const FAINT_INK: RGBColor = RGBColor(110, 110, 110);
pub(super) const FRAME: RGBColor = RGBColor(160, 160, 160);
pub(super) const GRID: RGBColor = RGBColor(228, 228, 228);
