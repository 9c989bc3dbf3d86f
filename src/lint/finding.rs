//! `Finding`: what a rule has found, where, and how to mend it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::identity::without_figures;
use super::rule::{Group, Rule};
use crate::manifest::{Document, Node, Object, Position, Span, Written};

/// How much a finding matters. Higher is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// It works, but hardly as it was meant.
    Warning,
    /// It is refused, does nothing, or harms.
    Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How much it matters here, which can be another severity than the rule's own.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// The object that it is about, as `Kind namespace/name`; empty where there is none.
    pub object: Arc<str>,
    /// What is wrong, with the numbers of this case: a lowercase fragment without a final period.
    pub message: String,
    /// How to mend it, likewise.
    pub help: Cow<'static, str>,
    /// Edits that surely mend it.
    pub fix: Option<Box<Fix>>,
    /// Other places that have to do with it.
    pub related: Vec<Related>,
}

/// A stretch of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file as it was named to the reader.
    pub source: Arc<str>,
    /// Its first character.
    pub start: Position,
    /// The place just after its last character.
    pub end: Position,
}

/// Another place, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there: a lowercase fragment.
    pub message: String,
}

/// Edits that mend a finding, all in the finding's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What they do: an imperative such as `remove spec.replicas`.
    pub title: String,
    /// The edits, in order and apart from each other.
    pub edits: Vec<Edit>,
}

/// One stretch of text to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Bytes from the start of the file's text to the first that goes.
    pub start: usize,
    /// Bytes from the start of the file's text to just after the last that goes.
    pub end: usize,
    /// What comes in its place.
    pub text: String,
}

/// Takes the findings of one rule.
#[derive(Debug)]
pub struct Findings {
    rule: &'static Rule,
    found: Vec<Finding>,
}

impl Edit {
    /// Puts a text in place of another.
    #[must_use]
    pub fn replacing(place: &Place, text: impl Into<String>) -> Self {
        Self {
            start: place.start.offset,
            end: place.end.offset,
            text: text.into(),
        }
    }
}

impl Severity {
    /// All three, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// Its name: `error`, `warning` or `info`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Place {
    /// The stretch of a document that a value was written in, without blank space at its end.
    #[must_use]
    pub fn new(document: &Document, span: Span) -> Self {
        Self::in_text(document.shared_source_name(), document.source_bytes(), span)
    }

    /// Likewise, of a file's text.
    #[must_use]
    pub fn in_text(source: &Arc<str>, text: &[u8], span: Span) -> Self {
        let inside = text.get(span.start.offset..span.end).unwrap_or_default();
        let inside = inside.trim_ascii_end();
        Self {
            source: Arc::clone(source),
            start: span.start,
            end: advance(span.start, inside),
        }
    }

    /// Where a field of an object was written.
    #[must_use]
    pub fn of<T>(object: &Object, written: &Written<T>) -> Self {
        Self::new(&object.document, written.span)
    }

    /// Where the field at a path of keys stands, such as `spec.replicas`; if it is absent, where the innermost part of
    /// the path that is there stands: its key, or for the object itself its `kind`.
    #[must_use]
    pub fn at(object: &Object, path: &str) -> Self {
        Self::below(object, object.document.root(), object.head(), path)
    }

    /// Likewise of a path below a node of an object, which itself is shown by `head`.
    #[must_use]
    pub fn below(object: &Object, mut node: Node<'_>, head: Span, path: &str) -> Self {
        let mut span = head;
        let keys: Vec<&str> = path.split('.').collect();
        for (index, key) in keys.iter().enumerate() {
            let (Some(next), Some(key_span)) = (node.get(key), node.key_span(key)) else {
                break;
            };
            let is_last = index + 1 == keys.len();
            span = if is_last { next.span() } else { key_span };
            node = next;
        }
        Self::new(&object.document, span)
    }
}

/// The place after a text that starts at a place.
fn advance(start: Position, text: &[u8]) -> Position {
    let lines = memchr::memchr_iter(b'\n', text).count();
    let last = text
        .rsplit(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let characters = String::from_utf8_lossy(last).chars().count();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let before = if lines == 0 { start.column } else { 1 };
    Position {
        line: start.line.saturating_add(number(lines)),
        column: before.saturating_add(number(characters)),
        offset: start.offset + text.len(),
    }
}

impl Findings {
    pub(crate) fn new(rule: &'static Rule) -> Self {
        Self {
            rule,
            found: Vec::new(),
        }
    }

    /// Takes a finding of the rule's own severity; what else it has is set on what comes back.
    pub fn put(
        &mut self,
        place: Place,
        message: impl Into<String>,
        help: impl Into<Cow<'static, str>>,
    ) -> &mut Finding {
        self.found.push(Finding {
            rule: self.rule,
            severity: self.rule.severity,
            place,
            object: Arc::default(),
            message: message.into(),
            help: help.into(),
            fix: None,
            related: Vec::new(),
        });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    pub(crate) fn into_inner(self) -> Vec<Finding> {
        self.found
    }
}

impl Finding {
    /// What tells it apart from others of its rule and object in a baseline and in fingerprints: its message without its
    /// figures, so that it stays known when only they change. Of a replay rule and object alone tell it.
    #[must_use]
    pub fn identity(&self) -> Cow<'_, str> {
        match self.rule.group() {
            Group::Replay => Cow::Borrowed(""),
            _ => without_figures(&self.message),
        }
    }

    /// Sets another severity than the rule's own.
    pub fn with_severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Names another place that has to do with it.
    pub fn with_related(&mut self, place: Place, message: impl Into<String>) -> &mut Self {
        let message = message.into();
        self.related.push(Related { place, message });
        self
    }

    /// Offers edits that surely mend it.
    pub fn with_fix(&mut self, title: impl Into<String>, edits: Vec<Edit>) -> &mut Self {
        let title = title.into();
        self.fix = Some(Box::new(Fix { title, edits }));
        self
    }
}
