//! Feeds JSON to the builder: one value after another, as `kubectl get -o json` and JSON lines have them.

use std::borrow::Cow;

use super::builder::{Builder, Opening, ScalarEvent, Sink};
use super::document::{Position, Span};
use super::error::{ErrorKind, Fault, quoted};
use super::scalar::Style;
use super::source::{Chunk, count};

/// Why JSON was not read.
pub(crate) enum JsonFault {
    /// It is not JSON; before it, so many values were read whole.
    NotJson { fault: Fault, read: usize },
    /// It is JSON that the builder refused.
    Refused(Fault),
}

/// Parses all values of a chunk.
pub(crate) fn parse<S: Sink>(
    chunk: &Chunk<'_>,
    text: &str,
    builder: &mut Builder<'_, S>,
) -> Result<(), JsonFault> {
    let mut reader = Reader {
        chunk,
        text,
        at: 0,
        line: chunk.start.line,
        column_from: (0, 1),
    };
    let mut read = 0;
    loop {
        reader.skip_blanks();
        if reader.at == text.len() || text[reader.at..].starts_with("---") {
            // The chunk's own `---` line carries nothing else.
            if reader.at == text.len() {
                return Ok(());
            }
            reader.skip_line();
            continue;
        }
        match value(&mut reader, builder) {
            Ok(()) => builder.end_document(),
            Err(Stop::NotJson(fault)) => return Err(JsonFault::NotJson { fault, read }),
            Err(Stop::Refused(fault)) => return Err(JsonFault::Refused(fault)),
        }
        read += 1;
    }
}

/// Whether a chunk looks like JSON rather than YAML: its first value opens with a brace or bracket.
pub(crate) fn looks_like(text: &str) -> bool {
    let content = text.lines().find(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with("---")
    });
    content.is_some_and(|line| line.trim_start().starts_with(['{', '[']))
}

/// Whether text that looks like JSON, but is none, was meant as JSON: what the brace or bracket encloses is in quotes,
/// braces or brackets itself.
pub(crate) fn is_meant(text: &str) -> bool {
    let inside = text.trim_start().trim_start_matches(['{', '[']);
    inside.trim_start().starts_with(['"', '{', '[', '}', ']'])
}

enum Stop {
    NotJson(Fault),
    Refused(Fault),
}

/// What an open list or object waits for.
#[derive(Clone, Copy)]
enum Await {
    /// A key or `}` in an object.
    FirstKey,
    Key,
    /// `,` or `}`.
    EndOfMember,
    /// A value or `]` in a list.
    FirstItem,
    Item,
    /// `,` or `]`.
    EndOfItem,
}

struct Reader<'a> {
    chunk: &'a Chunk<'a>,
    text: &'a str,
    at: usize,
    line: u32,
    /// A byte of the line whose column is known, so that long lines are counted once.
    column_from: (usize, u32),
}

/// Reads one value, without recursion.
fn value<S: Sink>(reader: &mut Reader<'_>, builder: &mut Builder<'_, S>) -> Result<(), Stop> {
    let mut open: Vec<Await> = Vec::new();
    if let Some(inside) = begin(reader, builder)? {
        open.push(inside);
    }
    while let Some(innermost) = open.last_mut() {
        reader.skip_blanks();
        let next = reader.peek();
        match (*innermost, next) {
            (Await::FirstKey | Await::EndOfMember, Some(b'}'))
            | (Await::FirstItem | Await::EndOfItem, Some(b']')) => {
                reader.at += 1;
                let end = reader.chunk.start.offset + reader.at;
                builder.close(end).map_err(Stop::Refused)?;
                open.pop();
            }
            (Await::EndOfMember, Some(b',')) => {
                reader.at += 1;
                *innermost = Await::Key;
            }
            (Await::EndOfItem, Some(b',')) => {
                reader.at += 1;
                *innermost = Await::Item;
            }
            (Await::FirstKey | Await::Key, Some(b'"')) => {
                *innermost = Await::EndOfMember;
                string(reader, builder)?;
                reader.skip_blanks();
                if reader.peek() != Some(b':') {
                    return Err(reader.unexpected("`:` after the key"));
                }
                reader.at += 1;
                reader.skip_blanks();
                open.extend(begin(reader, builder)?);
            }
            (Await::FirstItem | Await::Item, _) => {
                *innermost = Await::EndOfItem;
                open.extend(begin(reader, builder)?);
            }
            (Await::FirstKey | Await::Key, _) => return Err(reader.unexpected("a key in quotes")),
            (Await::EndOfMember, _) => return Err(reader.unexpected("`,` or `}`")),
            (Await::EndOfItem, _) => return Err(reader.unexpected("`,` or `]`")),
        }
    }
    Ok(())
}

/// Reads a scalar, or opens a list or object and says what it waits for.
fn begin<S: Sink>(
    reader: &mut Reader<'_>,
    builder: &mut Builder<'_, S>,
) -> Result<Option<Await>, Stop> {
    let opening = Opening {
        start: reader.position(),
        anchor: 0,
        bracketed: true,
    };
    match reader.peek() {
        Some(b'{') => {
            builder.open_mapping(opening).map_err(Stop::Refused)?;
            reader.at += 1;
            Ok(Some(Await::FirstKey))
        }
        Some(b'[') => {
            builder.open_sequence(opening).map_err(Stop::Refused)?;
            reader.at += 1;
            Ok(Some(Await::FirstItem))
        }
        Some(b'"') => string(reader, builder).map(|()| None),
        _ => word(reader, builder).map(|()| None),
    }
}

/// Reads a number, `true`, `false` or `null`.
fn word<S: Sink>(reader: &mut Reader<'_>, builder: &mut Builder<'_, S>) -> Result<(), Stop> {
    let rest = &reader.text[reader.at..];
    let length = rest
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || "+-.".contains(letter)))
        .unwrap_or(rest.len());
    let word = &rest[..length];
    if !(matches!(word, "true" | "false" | "null") || is_number(word)) {
        return Err(reader.unexpected("a JSON value"));
    }
    let start = reader.position();
    reader.at += length;
    reader.emit(start, word.into(), Style::Plain, builder)
}

/// `-?(0|[1-9][0-9]*)(.[0-9]+)?([eE][-+]?[0-9]+)?`
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}

/// Reads a string.
fn string<S: Sink>(reader: &mut Reader<'_>, builder: &mut Builder<'_, S>) -> Result<(), Stop> {
    let start = reader.position();
    reader.at += 1;
    let body = &reader.text[reader.at..];
    let mut decoded: Option<String> = None;
    let mut plain_from = 0;
    let mut at = 0;
    loop {
        let found = body[at..].find(|letter: char| letter == '"' || letter == '\\' || letter < ' ');
        let Some(stop) = found.map(|stop| at + stop) else {
            return Err(not_json(start, "a string without its closing quote"));
        };
        match body.as_bytes()[stop] {
            b'"' => {
                let tail = &body[plain_from..stop];
                let text = match decoded {
                    Some(mut text) => {
                        text.push_str(tail);
                        Cow::Owned(text)
                    }
                    None => Cow::Borrowed(tail),
                };
                reader.at += stop + 1;
                return reader.emit(start, text, Style::Text, builder);
            }
            b'\\' => {
                let text = decoded.get_or_insert_default();
                text.push_str(&body[plain_from..stop]);
                let Some((letter, length)) = unescape(&body[stop..]) else {
                    let message = format!(
                        "{} is no JSON escape, expected one such as `\\n` or `\\u00e9`",
                        quoted(&body[stop..].chars().take(6).collect::<String>())
                    );
                    return Err(not_json(start, &message));
                };
                text.push(letter);
                at = stop + length;
                plain_from = at;
            }
            control => {
                let message =
                    format!("control character U+{control:04X} in a string, expected it escaped");
                return Err(not_json(start, &message));
            }
        }
    }
}

/// The character that an escape stands for and the escape's length. A lone surrogate becomes U+FFFD, as in Go.
fn unescape(text: &str) -> Option<(char, usize)> {
    let letter = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unescape_unicode(text),
        _ => return None,
    };
    Some((letter, 2))
}

fn unescape_unicode(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at + 2..at + 6)?;
        let is_escape = text.get(at..at + 2)? == "\\u" && !digits.starts_with('+');
        is_escape.then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let first = unit(0)?;
    if let Some(letter) = char::from_u32(u32::from(first)) {
        return Some((letter, 6));
    }
    let pair = unit(6).and_then(|second| char::decode_utf16([first, second]).next()?.ok());
    Some(pair.map_or((char::REPLACEMENT_CHARACTER, 6), |letter| (letter, 12)))
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.line = self.line.saturating_add(1);
                    self.column_from = (self.at, 1);
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    fn position(&mut self) -> Position {
        let (from, column) = self.column_from;
        let between = count(self.text[from..self.at].chars().count());
        self.column_from = (self.at, column.saturating_add(between));
        Position {
            line: self.line,
            column: self.column_from.1,
            offset: self.chunk.start.offset + self.at,
        }
    }

    fn emit<S: Sink>(
        &self,
        start: Position,
        text: Cow<'_, str>,
        style: Style,
        builder: &mut Builder<'_, S>,
    ) -> Result<(), Stop> {
        let end = self.chunk.start.offset + self.at;
        let event = ScalarEvent {
            text,
            style,
            span: Span { start, end },
            anchor: 0,
        };
        builder.scalar(event).map_err(Stop::Refused)
    }

    fn unexpected(&mut self, expected: &str) -> Stop {
        let at = self.position();
        let found = match self.text[self.at..].chars().next() {
            Some(letter) => quoted(&letter.to_string()),
            None => "the end".to_owned(),
        };
        not_json(at, &format!("found {found}, expected {expected}"))
    }
}

fn not_json(at: Position, problem: &str) -> Stop {
    let message = format!("not JSON: {problem}");
    Stop::NotJson(Fault::new(at, ErrorKind::Syntax, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::builder::Whole;
    use crate::manifest::scalar::Scalar;

    fn try_read(text: &str) -> Result<Whole, Fault> {
        let chunk = Chunk {
            start: Position::START,
            bytes: text.as_bytes(),
        };
        let mut whole = Whole::default();
        match parse(&chunk, text, &mut Builder::new(&mut whole)) {
            Ok(()) => Ok(whole),
            Err(JsonFault::NotJson { fault, .. } | JsonFault::Refused(fault)) => Err(fault),
        }
    }

    #[track_caller]
    fn check_string(text: &str, expected: &str) {
        let whole = try_read(text).expect("it is JSON");
        let (tree, root) = &whole.documents[0];
        assert_eq!(tree.node(*root).scalar(), Some(Scalar::Text(expected)));
    }

    #[track_caller]
    fn check_fault(text: &str, line: u32, column: u32, message: &str) {
        let fault = try_read(text).err().expect("it is no JSON");
        assert!(fault.message.contains(message), "{}", fault.message);
        assert_eq!((fault.at.line, fault.at.column), (line, column));
    }

    #[test]
    fn values_follow_each_other_with_or_without_lines_between() {
        let whole = try_read("{\"a\": 1}{\"a\": 2}\n[3]\n\t{\"a\":\t[true, null, -1.5e3]}\n");
        assert_eq!(whole.expect("it is JSON").documents.len(), 4);
    }

    #[test]
    fn strings_are_unescaped() {
        check_string(r#""a\n\t\"\\\/\u00e9""#, "a\n\t\"\\/é");
        check_string(r#""\ud83d\ude00 \ud83d""#, "😀 \u{fffd}");
        check_string(r#""yes""#, "yes");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        check_fault("{\"é\": 1,\n  \"b\" 2}", 2, 7, "found `2`, expected `:`");
        check_fault("{\"a\": 010}", 1, 7, "expected a JSON value");
        check_fault("{\"a\": 1,}", 1, 9, "expected a key in quotes");
        check_fault("[1 2]", 1, 4, "expected `,` or `]`");
        check_fault("{\"a\": \"b", 1, 7, "without its closing quote");
        check_fault("{\"a\": \"\\x\"}", 1, 7, "is no JSON escape");
        check_fault("{\"a\": 1, \"a\": 2}", 1, 10, "key `a` stands twice");
        check_fault("{\"a\": [", 1, 8, "found the end");
        check_fault("{\"a\": NaN}", 1, 7, "expected a JSON value");
    }

    #[test]
    fn deep_nesting_is_refused_without_deep_recursion() {
        for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
            let fault = try_read(&text).err().expect("it is too deep");
            assert_eq!(fault.kind, ErrorKind::TooLarge);
        }
    }
}
