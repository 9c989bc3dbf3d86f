//! Series of line formats, found by the text that names them.

use std::collections::HashMap;

use crate::trace::TraceProblem;
use crate::trace::error::plain;
use crate::trace::labels::{Labels, label_block};
use crate::trace::sink::{MAX_SERIES, SeriesFacts, SeriesSink, SeriesTable};

/// Series of line formats: most lines name one that came before, in the same letters.
pub(super) struct SeriesLines<'s> {
    sink: &'s mut dyn SeriesSink,
    table: SeriesTable,
    by_text: HashMap<String, usize>,
    last: Option<(String, usize)>,
}

impl<'s> SeriesLines<'s> {
    pub(super) fn new(sink: &'s mut dyn SeriesSink) -> Self {
        Self {
            sink,
            table: SeriesTable::default(),
            by_text: HashMap::new(),
            last: None,
        }
    }

    /// The place of the series at the beginning of a line, `name{label="value"}`; also what follows it.
    pub(super) fn place<'t>(
        &mut self,
        line: &'t str,
        facts: impl FnOnce(&Labels) -> SeriesFacts,
    ) -> Result<(usize, &'t str), TraceProblem> {
        if let Some((text, place)) = &self.last
            && let Some(rest) = line.strip_prefix(text.as_str())
            && rest.starts_with(' ')
        {
            return Ok((*place, rest));
        }
        let (pairs, rest) = split_series(line).map_err(|what| no_series(what, line))?;
        let text = &line[..line.len() - rest.len()];
        let place = if let Some(place) = self.by_text.get(text) {
            *place
        } else {
            let labels = Labels::new(pairs()?)?;
            let is_wanted = self.sink.wants(&labels);
            let place = self.table.place(labels, is_wanted, facts)?;
            if self.by_text.len() < MAX_SERIES {
                self.by_text.insert(text.to_owned(), place);
            }
            place
        };
        match &mut self.last {
            Some((last, last_place)) => {
                last.clear();
                last.push_str(text);
                *last_place = place;
            }
            None => self.last = Some((text.to_owned(), place)),
        }
        Ok((place, rest))
    }

    pub(super) fn push(&mut self, place: usize, time: i64, value: f64) -> Result<(), TraceProblem> {
        self.table.push(place, time, value)
    }

    /// Hands the series over.
    pub(super) fn finish(self) -> Result<(), TraceProblem> {
        self.table.drain_into(self.sink)
    }
}

/// Pairs of a label and its value.
type Pairs = Vec<(String, String)>;

/// Splits a line after the series that it begins with; the labels are read only if asked for.
fn split_series(
    line: &str,
) -> Result<(impl FnOnce() -> Result<Pairs, TraceProblem> + '_, &str), &'static str> {
    let end = line
        .find(|c: char| c == '{' || c.is_ascii_whitespace())
        .ok_or("there is no value")?;
    let name = &line[..end];
    if name.is_empty() && !line.starts_with('{') {
        return Err("a metric has no name");
    }
    let open = line[end..].trim_start();
    let rest = if open.starts_with('{') {
        &open[block_length(open).ok_or("labels are not closed by `}`")?..]
    } else {
        &line[end..]
    };
    let pairs = move || {
        let mut pairs = if open.starts_with('{') {
            label_block(open).map_err(|what| no_series(what, line))?.0
        } else {
            Vec::new()
        };
        if !name.is_empty() {
            pairs.push(("__name__".to_owned(), name.to_owned()));
        }
        Ok(pairs)
    };
    Ok((pairs, rest))
}

/// The bytes of a block of labels, braces included.
fn block_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut is_quoted) = (0, false);
    loop {
        at += memchr::memchr3(b'"', b'\\', b'}', &bytes[at..])?;
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => is_quoted = !is_quoted,
            _ if !is_quoted => return Some(at + 1),
            _ => {}
        }
        at += 1;
        if at > bytes.len() {
            return None;
        }
    }
}

/// What to say of a line that names no series.
pub(super) fn no_series(what: &str, line: &str) -> TraceProblem {
    TraceProblem::NoSampleLine {
        what: what.to_owned(),
        line: format!("`{}`", plain(line)),
    }
}
