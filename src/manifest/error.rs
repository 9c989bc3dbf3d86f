//! What can be wrong with a manifest, and where.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::document::{Position, Span};

/// Longest piece of a manifest that a message quotes, in characters.
const LONGEST_QUOTE: usize = 80;

/// One thing wrong with a manifest, at the place where it is wrong.
///
/// Prints as `file:line:column: message`. Control characters come out escaped, so that a file can't write to the
/// terminal of whoever reads the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// The file as it was named to the reader, or `<stdin>`.
    pub source: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
    /// What sort of thing is wrong.
    pub kind: ErrorKind,
    /// What is wrong and what was expected.
    pub message: String,
    /// Which part of the autoscaler's validation speaks.
    pub concern: Concern,
    /// The stretch of the file that is wrong; empty where only its beginning is known.
    pub span: Span,
    /// What was probably meant in place of what stands there.
    pub meant: Option<&'static str>,
}

/// The parts of the API server's validation of an autoscaler that have rules of their own in a linter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Concern {
    /// Everything else: types, names, required fields.
    #[default]
    General,
    /// `minReplicas` and `maxReplicas`.
    Bounds,
    /// `minReplicas: 0` without a metric that can be measured without pods.
    ScaleToZero,
    /// `stabilizationWindowSeconds`.
    Window,
    /// The fields of a scaling policy.
    Policy,
    /// An empty list of policies.
    EmptyPolicies,
    /// What a metric or its target consists of.
    Metric,
    /// `tolerance`.
    Tolerance,
    /// `apiVersion` of the autoscaler.
    ApiVersion,
    /// What every whole object of its kind has, also a workload: without it, it is probably a patch of one.
    Whole,
}

/// The sorts of things that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// The bytes are not text: binary, damaged compression, another encoding.
    Encoding,
    /// The text is neither YAML nor JSON.
    Syntax,
    /// The text is a template that has to be rendered first.
    Template,
    /// Too large, too deep or too entangled to read in bounded memory.
    TooLarge,
    /// There is no Kubernetes object where one was expected.
    NotAnObject,
    /// A field that is needed is absent.
    Missing,
    /// A value of another type than the field takes.
    WrongType,
    /// A value that the API server refuses.
    Invalid,
    /// A field that the API server ignores; only ever a warning.
    Ignored,
}

/// A `ManifestError` that doesn't know its file yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: Position,
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) concern: Concern,
    /// The offset just after what is wrong; that of `at` where only the beginning is known.
    pub(crate) end: usize,
    /// What was probably meant in its place.
    pub(crate) meant: Option<&'static str>,
}

impl Fault {
    pub(crate) fn new(at: Position, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            at,
            kind,
            message: message.into(),
            concern: Concern::General,
            end: at.offset,
            meant: None,
        }
    }

    /// The same fault of all of a value.
    pub(crate) fn over(mut self, span: Span) -> Self {
        self.at = span.start;
        self.end = span.end;
        self
    }

    /// The same fault as a part of the validation that has a name.
    pub(crate) fn about(mut self, concern: Concern) -> Self {
        self.concern = concern;
        self
    }

    /// The same fault of a word that probably should have been this one.
    pub(crate) fn meant_as(mut self, word: Option<&'static str>) -> Self {
        self.meant = word;
        self
    }

    pub(crate) fn in_source(self, source: &Arc<str>) -> ManifestError {
        ManifestError {
            source: Arc::clone(source),
            line: self.at.line,
            column: self.at.column,
            kind: self.kind,
            message: self.message,
            concern: self.concern,
            span: Span {
                start: self.at,
                end: self.end,
            },
            meant: self.meant,
        }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(f, &self.source)?;
        write!(f, ":{}:{}: ", self.line, self.column)?;
        write_escaped(f, &self.message)
    }
}

impl Error for ManifestError {}

/// A piece of a manifest for a message: cut to a readable length.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((cut, _)) => format!("`{}…`", &text[..cut]),
        None => format!("`{text}`"),
    }
}

/// A name for people to read, every control character in it escaped.
pub(crate) fn printable(text: &str) -> String {
    struct Escaped<'a>(&'a str);
    impl fmt::Display for Escaped<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write_escaped(f, self.0)
        }
    }
    // Nearly every name.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    Escaped(text).to_string()
}

/// Writes a text with every character that could steer a terminal or hide text written as `\u{..}`.
fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for letter in text.chars() {
        if letter.is_control() || steers_text_direction(letter) {
            write!(f, "{}", letter.escape_default())?;
        } else {
            write!(f, "{letter}")?;
        }
    }
    Ok(())
}

/// Line separators, and the marks that turn the direction of writing round.
fn steers_text_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_can_not_write_to_the_terminal() {
        let error = ManifestError {
            source: "a\x1b[2Jb.yaml".into(),
            line: 3,
            column: 7,
            kind: ErrorKind::Invalid,
            message: "`x\u{9b}31m\u{202e}\n` is bad".to_owned(),
            concern: Concern::General,
            span: Span {
                start: Position::START,
                end: 0,
            },
            meant: None,
        };
        assert_eq!(
            error.to_string(),
            r"a\u{1b}[2Jb.yaml:3:7: `x\u{9b}31m\u{202e}\n` is bad"
        );
    }

    #[test]
    fn a_long_value_is_cut() {
        assert_eq!(quoted("short"), "`short`");
        assert_eq!(quoted(&"é".repeat(500)), format!("`{}…`", "é".repeat(80)));
    }
}
