//! The report as JSON: one line for each key, lists of numbers in a line.

use std::io;

use serde::Serialize;
use serde_json::ser::Formatter;

use super::escape;
use super::input::Report;
use super::model::Document;

/// The report as one JSON document after the published schema, `docs/report-schema.json`: `-o json`.
#[must_use]
pub fn json(report: &Report) -> String {
    document(&Document::of(report))
}

/// A model as a JSON document.
pub(super) fn document(model: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Layout::default());
    model
        .serialize(&mut serializer)
        .expect("a model with string keys is written to memory");
    escape::json(&String::from_utf8_lossy(&bytes)) + "\n"
}

/// Objects take a line for each key, arrays go on in their line.
#[derive(Default)]
struct Layout {
    depth: usize,
    is_empty: bool,
}

impl Formatter for Layout {
    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.is_empty = true;
        writer.write_all(b"{")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if !self.is_empty {
            self.begin_line(writer)?;
        }
        writer.write_all(b"}")
    }

    fn begin_object_key<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.begin_line(writer)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: io::Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_empty = false;
        Ok(())
    }

    fn begin_array_value<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first {
            Ok(())
        } else {
            writer.write_all(b", ")
        }
    }
}

impl Layout {
    fn begin_line<W: io::Write + ?Sized>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        writer.write_all("  ".repeat(self.depth).as_bytes())
    }
}
