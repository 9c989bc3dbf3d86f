//! Colours that people with any colour vision can tell apart.
//!
//! The hues are those of M. Okabe and K. Ito, "Color Universal Design" (2008). The constants are roles, named by what they
//! are on white; [`Theme::shown`] is what they are on the page of a theme.

use plotters::style::RGBColor;

use super::picture::Theme;

pub(in crate::report) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(in crate::report) const SKY_BLUE: RGBColor = RGBColor(86, 180, 233);
pub(in crate::report) const VERMILLION: RGBColor = RGBColor(213, 94, 0);
pub(in crate::report) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(in crate::report) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(in crate::report) const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub(in crate::report) const BLACK: RGBColor = RGBColor(0, 0, 0);

pub(in crate::report) const PAPER: RGBColor = RGBColor(255, 255, 255);
pub(in crate::report) const INK: RGBColor = RGBColor(34, 34, 34);
pub(in crate::report) const FAINT_INK: RGBColor = RGBColor(110, 110, 110);
pub(in crate::report) const FRAME: RGBColor = RGBColor(160, 160, 160);
pub(in crate::report) const GRID: RGBColor = RGBColor(228, 228, 228);

/// What is another colour on a dark page: hues that would be lost there are brighter, greys change sides.
const ON_DARK: [(RGBColor, RGBColor); 9] = [
    (PAPER, RGBColor(22, 24, 28)),
    (BLACK, RGBColor(240, 240, 240)),
    (INK, RGBColor(222, 222, 222)),
    (FAINT_INK, RGBColor(158, 158, 158)),
    (FRAME, RGBColor(110, 110, 110)),
    (GRID, RGBColor(52, 55, 60)),
    (BLUE, RGBColor(64, 150, 212)),
    (VERMILLION, RGBColor(240, 122, 40)),
    (GREEN, RGBColor(30, 184, 140)),
];

impl Theme {
    /// What a role's colour is on a page of this theme.
    pub(super) fn shown(self, role: RGBColor) -> RGBColor {
        match self {
            Self::Light => role,
            Self::Dark => ON_DARK
                .iter()
                .find(|(light, _)| *light == role)
                .map_or(role, |(_, dark)| *dark),
        }
    }
}
