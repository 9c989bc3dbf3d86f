//! Colour for terminals, or none.

use anstyle::{AnsiColor, Style};

use super::input::Colour;

/// What a piece of text is, rather than how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing special.
    Normal,
    /// A heading.
    Heading,
    /// Beside the point.
    Faint,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// To be taken with care.
    Doubtful,
    /// What was asked for.
    Demand,
}

/// The text in its tone.
pub(crate) fn paint(text: &str, tone: Tone, colour: Colour) -> String {
    if colour == Colour::Plain || tone == Tone::Normal || text.is_empty() {
        return text.to_owned();
    }
    let style = Style::new();
    let style = match tone {
        Tone::Normal => style,
        Tone::Heading => style.bold(),
        Tone::Faint => style.dimmed(),
        Tone::Good => style.fg_color(Some(AnsiColor::Green.into())),
        Tone::Bad => style.fg_color(Some(AnsiColor::Red.into())),
        Tone::Doubtful => style.fg_color(Some(AnsiColor::Yellow.into())),
        Tone::Demand => style.fg_color(Some(AnsiColor::Blue.into())),
    };
    format!("{style}{text}{style:#}")
}

/// The text with its bands, `(8.1-16.4)`, faint: they are what one looks at second.
pub(crate) fn faint_bands(text: &str, colour: Colour) -> String {
    let mut painted = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" (") {
        let Some((band, after)) = after.split_once(')') else {
            break;
        };
        painted.push_str(before);
        painted.push(' ');
        painted.push_str(&paint(&format!("({band})"), Tone::Faint, colour));
        rest = after;
    }
    painted + rest
}
