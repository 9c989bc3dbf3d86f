//! What a run depends on, and what to know before trusting it, as text.

use comfy_table::{ColumnConstraint, Width};

use super::assumptions::{origin, stated_and_defaults};
use super::escape;
use super::input::{Colour, Detail};
use super::layout::{flush_left, plain_table, wrap};
use super::paint::{Tone, paint};
use crate::scenario::Assumption;

/// The assumptions of a scenario; where not wide, defaults in few words.
pub(super) fn lines(
    assumptions: &[Assumption],
    detail: Detail,
    width: u16,
    colour: Colour,
) -> Vec<String> {
    let (stated, defaults) = stated_and_defaults(assumptions);
    let mut lines = Vec::new();
    let listed = match detail {
        Detail::Normal => stated,
        Detail::Wide => [stated.as_slice(), defaults.as_slice()].concat(),
    };
    if !listed.is_empty() {
        lines.push(paint("Assumptions", Tone::Heading, colour));
        lines.extend(listing(&listed, width));
    }
    if detail == Detail::Normal && !defaults.is_empty() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(paint(
            "Defaults, nobody said otherwise",
            Tone::Heading,
            colour,
        ));
        lines.extend(in_few_words(defaults, width));
    }
    lines
}

/// What makes the verdict of a scenario say less than it seems, indented as the sentences of the verdict are.
pub(super) fn cautions(cautions: &[String], width: u16, colour: Colour) -> Vec<String> {
    let mut lines = Vec::new();
    for caution in cautions {
        let text = format!("Caution: {}.", escape::plain(caution));
        for line in wrap(&text, width - 2, 2) {
            lines.push(format!("  {}", paint(&line, Tone::Doubtful, colour)));
        }
    }
    lines
}

/// The warnings of a scenario.
pub(super) fn warnings(warnings: &[String], width: u16, colour: Colour) -> Vec<String> {
    let mut lines = Vec::new();
    for warning in warnings {
        let text = format!("Warning: {}", escape::plain(warning));
        for line in wrap(&text, width, 2) {
            lines.push(paint(&line, Tone::Doubtful, colour));
        }
    }
    lines
}

/// Each assumption in a row, with who said so.
fn listing(assumptions: &[&Assumption], width: u16) -> Vec<String> {
    let mut table = plain_table(width);
    for assumption in assumptions {
        let mut said_by = origin(assumption);
        if !assumption.note.is_empty() {
            said_by = format!("{said_by}; {}", assumption.note);
        }
        table.add_row([
            format!("  {}", escape::plain(&assumption.key)),
            escape::plain(&assumption.value),
            escape::plain(&said_by),
        ]);
    }
    let narrow = ColumnConstraint::UpperBoundary(Width::Percentage(30));
    for index in [0, 1] {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(narrow);
        }
    }
    flush_left(&mut table);
    table.lines().collect()
}

/// Defaults one after the other, those that matter to few left out.
fn in_few_words(defaults: Vec<&Assumption>, width: u16) -> Vec<String> {
    let (brief, details): (Vec<&Assumption>, Vec<&Assumption>) = defaults
        .into_iter()
        .partition(|assumption| !assumption.is_detail());
    let mut all: Vec<String> = brief
        .iter()
        .map(|assumption| {
            // A value stays beside its key where a line ends.
            format!(
                "{} {}",
                escape::plain(&assumption.key),
                escape::plain(&assumption.value)
            )
            .replace(' ', "\u{a0}")
        })
        .collect();
    if !details.is_empty() {
        all.push(format!(
            "and {} more of balancing, path, service and health: -o wide",
            details.len()
        ));
    }
    wrap(&all.join(", "), width - 2, 0)
        .iter()
        .map(|line| format!("  {}", line.replace('\u{a0}', " ")))
        .collect()
}
