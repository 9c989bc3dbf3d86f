//! `explain loop` as text for a terminal or a log.

use super::escape;
use super::input::Colour;
use super::layout::page_width;
use super::layout::wrap;
use super::loop_input::{ExplainedLoop, NO_BREAK, finding, numbers, title};
use super::paint::{Tone, paint};
use crate::advice::theory::{BackendLoop, Part, Reason};
use crate::scenario::Origin;

/// Columns of the quantities' names.
const NAMES: u16 = 44;
/// The least columns of a result that stands beside others.
const RESULT: u16 = 20;

/// The loop as text: each quantity with the result on each backend, below it formula, numbers and source.
///
/// `width` is the terminal's, in columns; `None` where there is no terminal.
#[must_use]
pub fn loop_table(explained: &ExplainedLoop, width: Option<u16>, colour: Colour) -> String {
    let width = page_width(width);
    let page = Page {
        explained,
        width,
        colour,
    };
    let mut lines = page.heading();
    for part in Part::ALL {
        let rows = explained.rows(part);
        if rows.is_empty() {
            continue;
        }
        lines.push(String::new());
        lines.push(page.columns_title(title(part)));
        for row in rows {
            lines.extend(page.row(&row));
        }
    }
    lines.extend(page.closing());
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

struct Page<'a> {
    explained: &'a ExplainedLoop<'a>,
    width: u16,
    colour: Colour,
}

impl Page<'_> {
    fn heading(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (index, sentence) in self.explained.heading(escape::plain).iter().enumerate() {
            let tone = if index == 0 {
                Tone::Heading
            } else {
                Tone::Normal
            };
            let wrapped = wrap(sentence, self.width, 2);
            lines.extend(wrapped.iter().map(|line| self.paint(line, tone)));
        }
        lines
    }

    /// Columns of each backend's result; `None` where there is no room for them side by side.
    fn result_width(&self) -> Option<u16> {
        let backends = u16::try_from(self.explained.report.backends.len()).ok()?;
        let each = self.width.checked_sub(NAMES)?.checked_div(backends)?;
        (each >= RESULT).then_some(each)
    }

    /// A part's title, with the backends' names over their columns.
    fn columns_title(&self, title: &str) -> String {
        let backends = &self.explained.report.backends;
        let Some(each) = self.result_width().filter(|_| backends.len() > 1) else {
            return self.paint(title, Tone::Heading);
        };
        let mut line = padded(title, NAMES);
        for backend in backends {
            line.push_str(&padded(&escape::plain(&backend.backend), each));
        }
        self.paint(line.trim_end(), Tone::Heading)
    }

    fn row(&self, row: &[(&BackendLoop, &Reason)]) -> Vec<String> {
        let Some((_, first)) = row.first() else {
            return Vec::new();
        };
        let results: Vec<String> = row
            .iter()
            .map(|(_, reason)| escape::plain(&finding(&reason.finding)))
            .collect();
        let fits = self.result_width().is_some_and(|each| {
            results
                .iter()
                .all(|result| result.chars().count() < usize::from(each))
        });
        let is_everywhere = row.len() == self.explained.report.backends.len();
        let mut lines = if fits && is_everywhere {
            self.side_by_side(first.quantity, &results)
        } else {
            self.stacked(first.quantity, row, &results)
        };
        let given = numbers(row);
        let with = if given.is_empty() {
            String::new()
        } else {
            format!("; {given}")
        };
        let why = format!("{}{with}; {}", first.formula, first.source);
        for line in wrap(&why, self.width - 6, 0) {
            let line = line.replace(NO_BREAK, " ");
            lines.push(format!("      {}", self.paint(&line, Tone::Faint)));
        }
        lines
    }

    fn side_by_side(&self, quantity: &str, results: &[String]) -> Vec<String> {
        let mut names = wrap(quantity, NAMES - 4, 2).into_iter();
        let mut first = padded(&format!("  {}", names.next().unwrap_or_default()), NAMES);
        for result in results {
            first.push_str(&padded(result, self.result_width().unwrap_or(RESULT)));
        }
        let rest = names.map(|line| format!("  {line}"));
        std::iter::once(first).chain(rest).collect()
    }

    fn stacked(
        &self,
        quantity: &str,
        row: &[(&BackendLoop, &Reason)],
        results: &[String],
    ) -> Vec<String> {
        let same = results.iter().all(|result| Some(result) == results.first());
        let mut lines: Vec<String> = wrap(quantity, self.width - 2, 2)
            .iter()
            .map(|line| format!("  {line}"))
            .collect();
        for ((backend, _), result) in row.iter().zip(results) {
            let name = if row.len() > 1 && !same {
                format!("{}: ", escape::plain(&backend.backend))
            } else {
                String::new()
            };
            let wrapped = wrap(&format!("{name}{result}"), self.width - 4, 2);
            lines.extend(wrapped.iter().map(|line| format!("    {line}")));
            if same {
                break;
            }
        }
        lines
    }

    /// What was assumed beyond defaults, and what to know before trusting it.
    fn closing(&self) -> Vec<String> {
        let control = self.explained.control;
        let mut lines = Vec::new();
        let stated = control
            .assumptions
            .iter()
            .filter(|assumption| assumption.origin != Origin::Default);
        let told: Vec<String> = stated
            .map(|assumption| {
                let (key, value) = (
                    escape::plain(&assumption.key),
                    escape::plain(&assumption.value),
                );
                let by = match &assumption.origin {
                    Origin::Derived(how) => escape::plain(how),
                    other => other.name().to_owned(),
                };
                format!("{key} {value} ({by})")
            })
            .collect();
        if !told.is_empty() {
            lines.push(String::new());
            let text = format!("Not defaults: {}", told.join(", "));
            lines.extend(wrap(&text, self.width, 2));
        }
        if !control.warnings.is_empty() {
            lines.push(String::new());
        }
        for warning in &control.warnings {
            let text = format!("Warning: {}", escape::plain(warning));
            for line in wrap(&text, self.width, 2) {
                lines.push(self.paint(&line, Tone::Doubtful));
            }
        }
        lines
    }

    fn paint(&self, text: &str, tone: Tone) -> String {
        paint(text, tone, self.colour)
    }
}

/// The text with room after it up to so many columns.
fn padded(text: &str, width: u16) -> String {
    let room = usize::from(width).saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(room))
}
