//! Comparisons of variants as text for a terminal or a log.

use comfy_table::{Cell, CellAlignment, Table};

use super::comparisons::{
    AS_IT_IS, DIFFERENCES, balancing_figures, effective, reading, title, without_effect,
};
use super::escape;
use super::figures::figure_of;
use super::format;
use super::input::{Colour, Report};
use super::layout::{flush_left, plain_table, wrap};
use super::paint::{Tone, paint};
use crate::analysis::{BackendCard, BackendComparison, Varied};

/// The longest part of a column's name in one line.
const NAME_WIDTH: usize = 11;

/// Every comparison, backend by backend.
pub(super) fn lines(report: &Report, width: u16, colour: Colour) -> Vec<String> {
    let mut lines = Vec::new();
    for comparison in report.comparisons {
        for backend in &comparison.backends {
            let title = title(comparison.varied, backend, escape::plain);
            lines.push(paint(&title, Tone::Heading, colour));
            let mut table = plain_table(width);
            match comparison.varied {
                Varied::Balancing => strategies(&mut table, backend),
                Varied::Optimization => optimizations(&mut table, backend),
            }
            flush_left(&mut table);
            lines.extend(table.lines());
            if comparison.varied == Varied::Optimization {
                let note = without_effect(&effective(backend).1);
                let note = note.map(|note| wrap(&escape::plain(&note), width - 2, 0));
                lines.extend(note.into_iter().flatten().map(|line| format!("  {line}")));
            }
            lines.push(String::new());
        }
    }
    for warning in report.comparisons.iter().flat_map(|all| &all.warnings) {
        let text = format!("Warning: {}", escape::plain(warning));
        let text = wrap(&text, width, 2);
        lines.extend(text.iter().map(|line| paint(line, Tone::Doubtful, colour)));
    }
    if !lines.is_empty() {
        let reading = wrap(reading(report), width, 0);
        lines.extend(reading.iter().map(|line| paint(line, Tone::Faint, colour)));
    }
    lines
}

/// A row for each figure, a column for each strategy.
fn strategies(table: &mut Table, backend: &BackendComparison) {
    let names = backend.variants.iter().map(|variant| {
        let name = in_lines(&escape::plain(&variant.name));
        right(if variant.is_other {
            name
        } else {
            format!("{name}\n({AS_IT_IS})")
        })
    });
    table.set_header(std::iter::once(Cell::new("")).chain(names));
    for (label, figure) in balancing_figures(backend) {
        let cells = backend
            .variants
            .iter()
            .map(|variant| right(format::number(figure.of(&variant.card).median, figure.unit)));
        table.add_row(std::iter::once(Cell::new(format!("  {label}"))).chain(cells));
    }
}

/// A row for each optimization that changes something, the best first, below the scenario as it is.
fn optimizations(table: &mut Table, backend: &BackendComparison) {
    let names = DIFFERENCES
        .iter()
        .flat_map(|difference| [right(difference.label), right("change")]);
    table.set_header(std::iter::once(Cell::new("")).chain(names));
    let figure = |key, card: &BackendCard| {
        let figure = figure_of(key);
        right(figure.map_or_else(String::new, |figure| {
            format::number(figure.of(card).median, figure.unit)
        }))
    };
    let baseline = DIFFERENCES
        .iter()
        .flat_map(|difference| [figure(difference.of, &backend.baseline), right("")]);
    table.add_row(std::iter::once(Cell::new(format!("  {AS_IT_IS}"))).chain(baseline));
    for variant in effective(backend).0 {
        let cells = DIFFERENCES.iter().flat_map(|difference| {
            let change = difference.of(&variant.difference).median;
            [
                figure(difference.of, &variant.card),
                right(format::difference(change, difference.unit)),
            ]
        });
        let name = format!("  {}", escape::plain(&variant.name));
        table.add_row(std::iter::once(Cell::new(name)).chain(cells));
    }
}

fn right(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// A name broken after its hyphens where it is too long for a line.
fn in_lines(name: &str) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for part in name.split_inclusive('-') {
        let part_length = part.chars().count();
        if length > 0 && length + part_length > NAME_WIDTH {
            lines.push('\n');
            length = 0;
        }
        lines.push_str(part);
        length += part_length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_broken_after_their_hyphens() {
        assert_eq!(in_lines("random"), "random");
        assert_eq!(in_lines("round-robin"), "round-robin");
        assert_eq!(in_lines("least-connections"), "least-\nconnections");
    }
}
