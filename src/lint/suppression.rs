//! Annotations and comments that silence a rule, with a reason.
//!
//! ```yaml
//! metadata:
//!   annotations:
//!     scaleplan.dev/ignore: "SP204: Argo CD ignores the field; SP211: drained by hand"
//! spec:
//!   replicas: 3 # scaleplan: ignore SP204 Argo CD ignores the field
//! ```
//!
//! An annotation holds for findings in its object. A comment holds for its line, or if it stands alone for the next line
//! that has something; before an object's first line it holds for the object.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use memchr::memmem::Finder;

use super::finding::{Finding, Place};
use super::registry;
use super::rule::Rule;
use crate::manifest::{Object, Objects, Position, Span};

/// The annotation's key.
const ANNOTATION: &str = "scaleplan.dev/ignore";
/// What a comment starts with.
const COMMENT: &str = "scaleplan: ignore";
/// Most suppressions that are kept of all files.
const MOST: usize = 1_000_000;

/// What silences rules.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    pub(crate) all: Vec<Suppression>,
    /// Those that silence nothing since they are written wrongly: where, and how.
    pub(crate) bad: Vec<(Place, String)>,
    /// The numbers of those about a rule in a file.
    by_file: HashMap<(Arc<str>, &'static str), InFile>,
}

/// The suppressions of one rule in one file, by their numbers.
#[derive(Debug, Default)]
struct InFile {
    by_line: BTreeMap<u32, Vec<usize>>,
    /// By the first byte of an object; objects are beside each other, never inside.
    by_start: BTreeMap<usize, Vec<usize>>,
}

/// One rule silenced at one place.
#[derive(Debug)]
pub(crate) struct Suppression {
    pub(crate) rule: &'static Rule,
    pub(crate) reason: String,
    /// Where it is written.
    pub(crate) place: Place,
    scope: Scope,
    /// Whether it has silenced anything.
    pub(crate) is_used: bool,
}

#[derive(Clone, Debug)]
enum Scope {
    /// What starts on this line of its file.
    Line(u32),
    /// What starts within these bytes of its file.
    Bytes(usize, usize),
}

/// Finds all suppressions, in order of files and within them.
pub(crate) fn find(objects: &Objects) -> Suppressions {
    let mut found = Suppressions::default();
    let annotation = Finder::new(ANNOTATION);
    for of_file in objects.objects.chunk_by(Object::has_source_of) {
        // A file without the key has none; with a backslash it may be written otherwise.
        let text = of_file[0].document.source_bytes();
        if annotation.find(text).is_some() || memchr::memchr(b'\\', text).is_some() {
            for object in of_file {
                find_in_object(object, &mut found);
            }
        }
    }
    let comment = Finder::new(COMMENT);
    let mut heads = None;
    for source in &objects.sources {
        let (source, text) = (source.name(), source.bytes());
        if comment.find(text).is_some() {
            let heads = heads.get_or_insert_with(|| heads_of(objects));
            find_in_text(source, text, &comment, heads, &mut found);
        }
    }
    found.all.truncate(MOST);
    for (number, suppression) in found.all.iter().enumerate() {
        let key = (suppression.place.source.clone(), suppression.rule.code);
        let in_file = found.by_file.entry(key).or_default();
        let numbers = match suppression.scope {
            Scope::Line(line) => in_file.by_line.entry(line).or_default(),
            Scope::Bytes(start, _) => in_file.by_start.entry(start).or_default(),
        };
        numbers.push(number);
    }
    found
}

impl Suppressions {
    /// The reason for which a finding is silenced, if it is.
    pub(crate) fn silence(&mut self, finding: &Finding) -> Option<String> {
        if self.all.is_empty() {
            return None;
        }
        let key = (finding.place.source.clone(), finding.rule.code);
        let in_file = self.by_file.get(&key)?;
        let at = finding.place.start;
        let of_line = in_file.by_line.get(&at.line);
        let of_object = in_file.by_start.range(..=at.offset).next_back();
        let numbers = of_object
            .map(|(_, numbers)| numbers)
            .into_iter()
            .chain(of_line);
        let mut reason = None;
        for number in numbers.flatten() {
            let suppression = &mut self.all[*number];
            if suppression.holds(finding) {
                suppression.is_used = true;
                reason.get_or_insert_with(|| suppression.reason.clone());
            }
        }
        reason
    }
}

impl Suppression {
    /// Whether it may silence what is found in an object.
    pub(crate) fn reaches(&self, object: &Object) -> bool {
        let extent = object.span();
        let is_inside = match self.scope {
            Scope::Line(_) => (extent.start.offset..extent.end).contains(&self.place.start.offset),
            Scope::Bytes(start, _) => start == extent.start.offset,
        };
        is_inside && *self.place.source == *object.document.source_name()
    }

    fn holds(&self, finding: &Finding) -> bool {
        let at = finding.place.start;
        self.rule == finding.rule
            && self.place.source == finding.place.source
            && match self.scope {
                Scope::Line(line) => at.line == line,
                Scope::Bytes(start, end) => (start..end).contains(&at.offset),
            }
    }
}

/// The stretch of each object by file and first line.
type Heads<'a> = HashMap<(&'a str, u32), Span>;

fn heads_of(objects: &Objects) -> Heads<'_> {
    let mut heads = Heads::new();
    for object in &objects.objects {
        let (source, extent) = (object.document.source_name(), object.span());
        // Of several on one line the first is meant.
        heads.entry((source, extent.start.line)).or_insert(extent);
    }
    heads
}

fn find_in_object(object: &Object, found: &mut Suppressions) {
    let Some((text, span)) = object.annotation(ANNOTATION) else {
        return;
    };
    let place = Place::new(&object.document, span);
    let extent = object.span();
    let scope = Scope::Bytes(extent.start.offset, extent.end);
    let entries = text.split([';', '\n']).map(str::trim);
    for entry in entries.filter(|entry| !entry.is_empty()) {
        put(entry, &place, &scope, found);
    }
}

/// Reads `SP204, SP205: reason`, the colon being optional.
fn put(entry: &str, place: &Place, scope: &Scope, found: &mut Suppressions) {
    let mut rest = entry;
    let mut rules = Vec::new();
    loop {
        let end = rest
            .find(|letter: char| letter.is_whitespace() || ",:".contains(letter))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let Some(rule) = registry::rule(word) else {
            let problem = format!("`{word}` is no rule, expected a code such as `SP204`");
            found.bad.push((place.clone(), problem));
            return;
        };
        rules.push(rule);
        let after = after.trim_start();
        let Some(more) = after.strip_prefix(',') else {
            rest = after.strip_prefix(':').unwrap_or(after).trim();
            break;
        };
        rest = more.trim_start();
    }
    if rest.is_empty() {
        let problem = format!("no reason in `{entry}`, expected one after the code");
        found.bad.push((place.clone(), problem));
        return;
    }
    found.all.extend(rules.into_iter().map(|rule| Suppression {
        rule,
        reason: rest.to_owned(),
        place: place.clone(),
        scope: scope.clone(),
        is_used: false,
    }));
}

fn find_in_text(
    source: &Arc<str>,
    text: &[u8],
    comment: &Finder<'_>,
    heads: &Heads<'_>,
    found: &mut Suppressions,
) {
    let mut line = 1_u32;
    let mut counted = 0;
    for at in comment.find_iter(text) {
        let line_start = text[..at]
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let line_end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end);
        // A comment starts with a number sign at the beginning of the line or after a blank.
        let before = text[line_start..at].trim_ascii_end();
        let Some(head) = before.strip_suffix(b"#") else {
            continue;
        };
        if head.last().is_some_and(|byte| !byte.is_ascii_whitespace()) {
            continue;
        }
        let lines = memchr::memchr_iter(b'\n', &text[counted..line_start]).count();
        line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        counted = line_start;
        let start = Position {
            line,
            column: u32::try_from(String::from_utf8_lossy(head).chars().count())
                .unwrap_or(u32::MAX)
                .saturating_add(1),
            offset: line_start + head.len(),
        };
        let end = line_end;
        let place = Place::in_text(source, text, Span { start, end });
        let entry = String::from_utf8_lossy(&text[at + COMMENT.len()..line_end]);
        let scope = if head.trim_ascii().is_empty() {
            scope_of_next(source, text, (line, line_end), heads)
        } else {
            Scope::Line(line)
        };
        put(
            entry.trim().trim_start_matches(':').trim(),
            &place,
            &scope,
            found,
        );
    }
}

/// What a comment that stands alone on its line is about: the next line that has something, or the object that starts
/// there.
fn scope_of_next(
    source: &str,
    text: &[u8],
    (mut line, line_end): (u32, usize),
    heads: &Heads<'_>,
) -> Scope {
    let rest = text.get(line_end + 1..).unwrap_or_default();
    for next in rest.split_inclusive(|&byte| byte == b'\n') {
        line = line.saturating_add(1);
        let words = next.trim_ascii();
        if words.is_empty() || words.starts_with(b"#") || words == b"---" {
            continue;
        }
        return match heads.get(&(source, line)) {
            Some(extent) => Scope::Bytes(extent.start.offset, extent.end),
            None => Scope::Line(line),
        };
    }
    Scope::Line(line)
}
