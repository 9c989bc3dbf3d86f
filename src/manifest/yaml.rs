//! Feeds YAML to the builder.

use std::cell::Cell;

use saphyr_parser::{Event, Input, Marker, Parser, ScalarStyle, ScanError, Span as Marks, Tag};

use super::builder::{Builder, Opening, ScalarEvent, Sink, too_deep};
use super::document::{Position, Span};
use super::error::{ErrorKind, Fault, quoted};
use super::scalar::{Scalar, Style, resolve};
use super::source::{Chunk, count};

/// Text up to this length, in bytes, can't take the parser much memory, whatever is in it.
const SHORT: usize = 256 << 10;
/// Most brackets, commas and colons that the parser may read ahead in longer text: until a bracketed list or mapping ends,
/// it keeps some hundred bytes for each.
const MOST_INDICATORS: usize = 256 << 10;

/// Parses all documents of a chunk.
pub(crate) fn parse<S: Sink>(
    chunk: &Chunk<'_>,
    text: &str,
    builder: &mut Builder<'_, S>,
) -> Result<(), Fault> {
    let mut places = Places {
        chunk: *chunk,
        text,
        is_ascii: text.is_ascii(),
        character: 0,
        byte: 0,
    };
    let meter = Meter {
        ahead: Cell::new(0),
        overrun: Cell::new(false),
    };
    if text.len() <= SHORT {
        return feed(Parser::new_from_str(text), &mut places, &meter, builder);
    }
    let metered = text.chars().take_while(|letter| meter.allows(*letter));
    feed(Parser::new_from_iter(metered), &mut places, &meter, builder)
}

fn feed<T: Input, S: Sink>(
    mut parser: Parser<'_, T>,
    places: &mut Places<'_>,
    meter: &Meter,
    builder: &mut Builder<'_, S>,
) -> Result<(), Fault> {
    let mut last = places.chunk.start;
    while let Some(next) = parser.next_event() {
        if meter.overrun.get() {
            return Err(overlong(last));
        }
        meter.ahead.set(0);
        let (event, marks) = next.map_err(|error| places.fault(&error))?;
        last = places.position(&marks.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let span = places.scalar_span(marks, style);
                let style = settle_style(&text, style, tag.as_deref(), last)?;
                builder.scalar(ScalarEvent {
                    text,
                    style,
                    span,
                    anchor,
                })?;
            }
            Event::Alias(anchor) => builder.alias(anchor, places.span(marks))?,
            Event::SequenceStart(anchor, _) => {
                builder.open_sequence(places.opening(marks, anchor))?;
            }
            Event::MappingStart(anchor, _) => {
                builder.open_mapping(places.opening(marks, anchor))?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                builder.close(places.closing(marks))?;
            }
            Event::DocumentEnd => builder.end_document(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
    }
    Ok(())
}

/// Counts how far the parser reads ahead of the events that it gives.
struct Meter {
    /// Indicators since the last event.
    ahead: Cell<usize>,
    /// There were too many; the text was cut off for the parser.
    overrun: Cell<bool>,
}

impl Meter {
    fn allows(&self, letter: char) -> bool {
        if matches!(letter, '[' | ']' | '{' | '}' | ',' | ':' | '?') {
            self.ahead.set(self.ahead.get() + 1);
        }
        if self.ahead.get() > MOST_INDICATORS {
            self.overrun.set(true);
        }
        !self.overrun.get()
    }
}

/// Turns the parser's marks, which count characters of the chunk, into places in the file.
struct Places<'a> {
    chunk: Chunk<'a>,
    text: &'a str,
    is_ascii: bool,
    /// A character whose byte offset is known: marks come nearly in order, so that the next is near.
    character: usize,
    byte: usize,
}

impl Places<'_> {
    fn span(&mut self, marks: Marks) -> Span {
        let start = self.position(&marks.start);
        let end = self.position(&marks.end).offset;
        Span { start, end }
    }

    /// A scalar's marks reach from its anchor and tag on over blanks and a comment; its span is that of the scalar alone.
    fn scalar_span(&mut self, marks: Marks, style: ScalarStyle) -> Span {
        let Span { mut start, end } = self.span(marks);
        let from = start.offset - self.chunk.start.offset;
        let written = &self.text[from..end - self.chunk.start.offset];
        let (properties, written) = written.split_at(properties_length(written));
        if !properties.contains('\n') {
            let columns = count(properties.chars().count());
            start.column = start.column.saturating_add(columns);
        }
        start.offset += properties.len();
        let length = match style {
            ScalarStyle::DoubleQuoted => quoted_length(written, '"'),
            ScalarStyle::SingleQuoted => quoted_length(written, '\''),
            ScalarStyle::Plain => written[..before_comment(written)].trim_end().len(),
            ScalarStyle::Literal | ScalarStyle::Folded => written.trim_end().len(),
        };
        Span {
            start,
            end: start.offset + length,
        }
    }

    /// A list's or mapping's mark may be that of its anchor and tag.
    fn opening(&mut self, marks: Marks, anchor: usize) -> Opening {
        let mut start = self.position(&marks.start);
        let written = &self.text[start.offset - self.chunk.start.offset..];
        let properties = properties_length(written);
        let bracketed = written[properties..].starts_with(['{', '[']);
        if bracketed && !written[..properties].contains('\n') {
            let columns = count(written[..properties].chars().count());
            start.column = start.column.saturating_add(columns);
            start.offset += properties;
        }
        Opening {
            start,
            anchor,
            bracketed,
        }
    }

    /// Just after a list's or mapping's bracket, whose marks reach on over blanks and a comment.
    fn closing(&mut self, marks: Marks) -> usize {
        let Span { start, end } = self.span(marks);
        let written = &self.text[start.offset - self.chunk.start.offset..];
        if written.starts_with(['}', ']']) {
            start.offset + 1
        } else {
            end
        }
    }

    fn position(&mut self, mark: &Marker) -> Position {
        let lines = count(mark.line().saturating_sub(1));
        Position {
            line: self.chunk.start.line.saturating_add(lines),
            column: count(mark.col()).saturating_add(1),
            offset: self.chunk.start.offset + self.byte_of(mark.index()),
        }
    }

    fn byte_of(&mut self, character: usize) -> usize {
        if self.is_ascii {
            return character.min(self.text.len());
        }
        while self.character < character {
            let Some(letter) = self.text[self.byte..].chars().next() else {
                break;
            };
            self.byte += letter.len_utf8();
            self.character += 1;
        }
        while self.character > character {
            let Some(letter) = self.text[..self.byte].chars().next_back() else {
                break;
            };
            self.byte -= letter.len_utf8();
            self.character -= 1;
        }
        self.byte
    }

    fn fault(&mut self, error: &ScanError) -> Fault {
        // At the end of the text the parser counts a line too many.
        let offset = self.byte_of(error.marker().index());
        let at = self.chunk.position(offset);
        if error.info() == "recursion limit exceeded" {
            return too_deep(at);
        }
        let message = format!("not YAML: {}", error.info());
        Fault::new(at, ErrorKind::Syntax, message)
    }
}

fn overlong(at: Position) -> Fault {
    let message =
        "a list or mapping in brackets, or a text, that is too long, expected a Kubernetes object";
    Fault::new(at, ErrorKind::TooLarge, message)
}

/// The length of the text before a comment: a number sign after a blank.
fn before_comment(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut signs = memchr::memchr_iter(b'#', bytes);
    let comment = signs.find(|at| matches!(bytes[..*at].last(), Some(b' ' | b'\t')));
    comment.map_or(text.len(), |at| at - 1)
}

/// The length of the anchor and tag that a value starts with, and of the blanks after each.
fn properties_length(text: &str) -> usize {
    let mut rest = text;
    while rest.starts_with(['&', '!']) {
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = rest[word..].trim_start();
    }
    text.len() - rest.len()
}

/// The length of a quoted scalar at the start of a text, quotes included. A doubled single quote reads as the end of one
/// text and the start of the next, which comes to the same.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut inside = false;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == quote {
            inside = !inside;
        } else if inside && letter == '\\' {
            escaped = quote == '"';
        } else if !inside {
            return at;
        }
    }
    text.len()
}

/// What quotes and a tag say of a scalar's type.
fn settle_style(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    at: Position,
) -> Result<Style, Fault> {
    let Some(tag) = tag else {
        return Ok(match style {
            ScalarStyle::Plain => Style::Plain,
            _ => Style::Text,
        });
    };
    if !tag.is_yaml_core_schema() {
        return Ok(Style::Text);
    }
    let resolved = resolve(text, Style::Plain);
    let (settled, fits) = match tag.suffix.as_str() {
        "int" => (Style::Plain, matches!(resolved, Scalar::Int(_))),
        "float" => (
            Style::Float,
            matches!(resolved, Scalar::Int(_) | Scalar::Float(_)),
        ),
        "bool" => (Style::Plain, matches!(resolved, Scalar::Bool(_))),
        "null" => (Style::Plain, matches!(resolved, Scalar::Null)),
        _ => (Style::Text, true),
    };
    if fits {
        return Ok(settled);
    }
    Err(Fault::new(
        at,
        ErrorKind::Syntax,
        format!(
            "{} is tagged `!!{}` but is {}, expected the two to agree",
            quoted(text),
            tag.suffix,
            resolved.type_name()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::builder::Whole;
    use crate::manifest::document::Node;
    use crate::manifest::tree::{NodeId, Tree};

    fn try_read(text: &str) -> Result<Vec<(Tree, NodeId)>, Fault> {
        let chunk = Chunk {
            start: Position::START,
            bytes: text.as_bytes(),
        };
        let mut whole = Whole::default();
        parse(&chunk, text, &mut Builder::new(&mut whole))?;
        Ok(whole.documents)
    }

    #[track_caller]
    fn read(text: &str) -> (Tree, NodeId) {
        let mut documents = try_read(text).expect("it is YAML");
        documents.pop().expect("there is a document")
    }

    /// Checks a document against its JSON, written tightly.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (tree, root) = read(text);
        assert_eq!(json(tree.node(root)), expected);
    }

    #[track_caller]
    fn check_fault(text: &str, line: u32, column: u32, message: &str) {
        let fault = try_read(text).expect_err("it is no YAML");
        assert!(fault.message.starts_with(message), "{}", fault.message);
        assert_eq!((fault.at.line, fault.at.column), (line, column));
    }

    /// Checks which text a value's span covers.
    #[track_caller]
    fn check_span(text: &str, path: &[&str], expected: &str) {
        let (tree, root) = read(text);
        let node = path.iter().fold(tree.node(root), |node, key| {
            node.get(key).expect("the path is there")
        });
        let span = node.span();
        assert_eq!(&text[span.start.offset..span.end], expected);
    }

    fn json(node: Node<'_>) -> String {
        if node.is_mapping() {
            let entries = node.entries();
            let members: Vec<_> = entries
                .map(|(key, value)| format!("{key}:{}", json(value)))
                .collect();
            return format!("{{{}}}", members.join(","));
        }
        if node.is_sequence() {
            let items: Vec<_> = node.items().map(json).collect();
            return format!("[{}]", items.join(","));
        }
        match node.scalar() {
            Some(Scalar::Text(text)) => format!("{text:?}"),
            Some(Scalar::Int(value)) => value.to_string(),
            Some(Scalar::Float(value)) => value.to_string(),
            Some(Scalar::Bool(value)) => value.to_string(),
            Some(Scalar::Null) | None => "null".to_owned(),
        }
    }

    #[test]
    fn scalars_resolve_as_in_kubectl() {
        check(
            "[yes, \"yes\", 010, !!str 5, !!float 5, ~, 1_000, !foo 7]",
            r#"[true,"yes",8,"5",5,null,1000,"7"]"#,
        );
        check("on: 1\n1: 2\n1e3: x", r#"{true:1,1:2,1000:"x"}"#);
        check("a: |\n  x\n  y\n", r#"{a:"x\ny\n"}"#);
    }

    // Each was checked against kubectl.
    #[test]
    fn merge_keys_apply_in_order_as_in_kubectl() {
        let base = "base: &b {a: 1, b: 2}\n";
        let check = |text: &str, expected: &str| {
            check(
                &format!("{base}{text}"),
                &format!("{{base:{{a:1,b:2}},{expected}}}"),
            );
        };
        check("m: {<<: *b, a: 9}", "m:{a:9,b:2}");
        check("m: {a: 9, <<: *b}", "m:{a:1,b:2}");
        check("m:\n  <<: [{a: 5}, *b]", "m:{a:5,b:2}");
        check("m: {\"<<\": *b, q: 1}", "m:{<<:{a:1,b:2},q:1}");
        check("m: *b", "m:{a:1,b:2}");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        check_fault("a: 1\nb: 2\na: 3", 3, 1, "key `a` stands twice");
        check_fault("on: 1\ntrue: 2", 2, 1, "key `true` stands twice");
        check_fault("a: &x [*x]", 1, 8, "the anchor contains its own alias");
        check_fault("a: {<<: 5}", 1, 9, "the merge key `<<` has a value");
        check_fault("~: 1", 1, 1, "null as a key");
        check_fault("? [a]\n: 1", 1, 3, "a list or mapping as a key");
        check_fault("a: !!int x", 1, 4, "`x` is tagged `!!int` but is a string");
        check_fault("a: [1, 2", 1, 9, "not YAML:");
        check_fault("replicas: {{ .Values.x }}", 1, 11, "this is a Go template");
    }

    #[test]
    fn spans_cover_what_was_written() {
        let text =
            "é:\n  a: \"ü\"  # comment\n  b: [1, 2]\n  c:\n    - x\n    - y\n\n# end\nz: 1\n";
        check_span(text, &["é", "a"], "\"ü\"");
        check_span(text, &["é", "b"], "[1, 2]");
        check_span(text, &["é", "c"], "- x\n    - y");
        check_span(text, &["z"], "1");
        check_span("a: &x 5\nb: *x", &["b"], "*x");
        check_span("a: &x {b: 1}", &["a"], "{b: 1}");
        check_span("a: [1] # c\nb: {} # d", &["b"], "{}");
        check_span("a: &x !!str \"5\" # c", &["a"], "\"5\"");
    }

    #[test]
    fn documents_may_end_with_dots() {
        let documents = try_read("a: 1\n...\n---\nb: 2\n").expect("it is YAML");
        assert_eq!(documents.len(), 2);
    }

    #[test]
    fn deep_nesting_is_refused_without_deep_recursion() {
        for text in [
            "[".repeat(100_000),
            "- ".repeat(20_000),
            "{a: ".repeat(100_000),
        ] {
            let fault = try_read(&text).expect_err("it is too deep");
            assert_eq!((fault.at.line, fault.kind), (1, ErrorKind::TooLarge));
        }
    }

    #[test]
    fn anchors_are_shared_not_copied() {
        let first = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        let others = (1..30).map(|level| {
            let below = format!("*a{},", level - 1).repeat(9);
            format!("a{level}: &a{level} [{below}]\n")
        });
        let lines: Vec<String> = std::iter::once(first).chain(others).collect();
        let (tree, _) = read(&lines.concat());
        assert!(tree.size() < 400);
    }

    #[test]
    fn merge_keys_can_not_multiply_without_bound() {
        let keys: Vec<String> = (0..1000).map(|key| format!("k{key}: 1")).collect();
        let merges = "- {<<: *b}\n".repeat(1000);
        let text = format!("base: &b {{{}}}\nall:\n{merges}", keys.join(", "));
        let fault = try_read(&text).expect_err("it is too much");
        assert!(fault.message.starts_with("merge keys bring more than"));
    }
}
