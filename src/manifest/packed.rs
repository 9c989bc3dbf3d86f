//! `Packed`: the values of a document when it is kept, in a fifth of the memory.
//!
//! Nearly every document is short enough for all its numbers to fit 16 bits, and nearly every scalar's text stands in the
//! file as it is.

use super::document::{Position, Span};
use super::scalar::Style;
use super::source::count;
use super::tree::{Kind, NodeId, Tree};

/// How many units of 16 bits a node takes: its start relative to the document's, its length, what it is, and for what is
/// no scalar as it stands in the file, where the rest is.
const UNITS: usize = 4;
/// The kinds, the styles of scalars and the places of their texts, as they are kept.
const SCALAR: u16 = 0;
const SEQUENCE: u16 = 1;
const MAPPING: u16 = 2;
const ALIAS: u16 = 3;
const OMITTED: u16 = 4;
const STYLES: [Style; 3] = [Style::Plain, Style::Text, Style::Float];
const AS_WRITTEN: u16 = 0;
const IN_QUOTES: u16 = 1;
const ELSEWHERE: u16 = 2;

/// The nodes of a document that is kept, by the numbers that they had while it was read.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    /// The first place of them all. The lines and columns of the others are counted from it in the file.
    first: FirstPlace,
    /// How many nodes there are.
    nodes: u16,
    /// The nodes; after them of each list and mapping how many children it has and their numbers, and of each text that
    /// the file has not as it is, where it begins among those and its length.
    units: Box<[u16]>,
    /// The texts that the file has not as they are.
    texts: Box<str>,
}

#[derive(Clone, Copy, Debug)]
struct FirstPlace {
    line: u32,
    column: u32,
    offset: u32,
}

impl Packed {
    /// Packs the nodes of a tree that was read from this file; `None` if they are too many or too far apart.
    pub(crate) fn of(tree: &Tree, source: &[u8]) -> Option<Self> {
        let ids = || (0..tree.size()).map(|number| NodeId(count(number)));
        // The first node stands for all that is not kept, and nowhere.
        let real = ids().filter(|id| id.0 > 0 || tree.kind(*id) != Kind::Omitted);
        let spans = real.map(|id| tree.span(id));
        let (first, end) = spans.fold((None, 0), |(first, end), span: Span| {
            let first = first.map_or(span.start, |first| earlier(span.start, first));
            (Some(first), end.max(span.end))
        });
        let first = first?;
        if has_other_breaks(source.get(first.offset..end)?) {
            return None;
        }
        let children: usize = ids().map(|id| 1 + tree.children(id).len()).sum();
        let mut units = Vec::with_capacity(UNITS * tree.size() + children);
        // What is known of a node only when all are numbered comes after them.
        let mut further: Vec<u16> = Vec::with_capacity(children);
        let mut texts = String::new();
        let short = |number: usize| u16::try_from(number).ok();
        for id in ids() {
            let span = tree.span(id);
            let length = span.end.checked_sub(span.start.offset)?;
            let rest = further.len();
            let (kind, rest) = match tree.kind(id) {
                Kind::Scalar(style) => {
                    let text = tree.text(id);
                    let place = place_of(text, span, source);
                    if place == ELSEWHERE {
                        further.extend([short(texts.len())?, short(text.len())?]);
                        texts.push_str(text);
                    }
                    let style = STYLES.iter().position(|it| *it == style)?;
                    (SCALAR | short(style)? << 4 | place << 8, rest)
                }
                Kind::Alias(target) => (ALIAS, target.0 as usize),
                Kind::Omitted => (OMITTED, 0),
                kind => {
                    let children = tree.children(id);
                    further.push(short(children.len())?);
                    for child in children {
                        further.push(u16::try_from(child.0).ok()?);
                    }
                    let is_mapping = kind == Kind::Mapping;
                    (if is_mapping { MAPPING } else { SEQUENCE }, rest)
                }
            };
            let start = span.start.offset.saturating_sub(first.offset);
            units.extend([short(start)?, short(length)?, kind, short(rest)?]);
        }
        units.append(&mut further);
        Some(Self {
            first: FirstPlace {
                line: first.line,
                column: first.column,
                offset: count(first.offset),
            },
            nodes: short(tree.size())?,
            units: units.into_boxed_slice(),
            texts: texts.into_boxed_str(),
        })
    }

    /// How many nodes it has.
    pub(crate) fn size(&self) -> usize {
        usize::from(self.nodes)
    }

    pub(crate) fn kind(&self, id: NodeId) -> Kind {
        let [.., kind, rest] = self.node(id);
        match kind & 0xf {
            SEQUENCE => Kind::Sequence,
            MAPPING => Kind::Mapping,
            ALIAS => Kind::Alias(NodeId(u32::from(rest))),
            OMITTED => Kind::Omitted,
            _ => Kind::Scalar(STYLES[usize::from(kind >> 4 & 0xf)]),
        }
    }

    /// Where a node was written in the bytes of its file.
    pub(crate) fn span(&self, id: NodeId, source: &[u8]) -> Span {
        let [start, length, ..] = self.node(id).map(usize::from);
        let from = self.first.offset as usize;
        let offset = from + start;
        let before = &source[from..offset];
        let lines = count(memchr::memchr_iter(b'\n', before).count());
        let last = memchr::memrchr(b'\n', before).map_or(before, |end| &before[end + 1..]);
        let column = if lines == 0 { self.first.column } else { 1 };
        let characters = last.iter().filter(|byte| !is_continuation(**byte)).count();
        Span {
            start: Position {
                line: self.first.line.saturating_add(lines),
                column: column.saturating_add(count(characters)),
                offset,
            },
            end: offset + length,
        }
    }

    /// The text of a scalar in the bytes of its file; none of anything else.
    pub(crate) fn text<'a>(&'a self, id: NodeId, source: &'a [u8]) -> &'a [u8] {
        let [start, length, kind, rest] = self.node(id);
        let start = self.first.offset as usize + usize::from(start);
        let end = start + usize::from(length);
        match kind >> 8 {
            _ if kind & 0xf != SCALAR => &[],
            AS_WRITTEN => &source[start..end],
            IN_QUOTES => &source[start + 1..end - 1],
            _ => {
                let text = &self.further(rest)[..2];
                let from = usize::from(text[0]);
                &self.texts.as_bytes()[from..from + usize::from(text[1])]
            }
        }
    }

    /// The items of a list; keys and values by turns of a mapping; none of anything else.
    pub(crate) fn children(&self, id: NodeId) -> &[u16] {
        let [.., kind, rest] = self.node(id);
        if !matches!(kind, SEQUENCE | MAPPING) {
            return &[];
        }
        let held = self.further(rest);
        &held[1..=usize::from(held[0])]
    }

    fn node(&self, id: NodeId) -> [u16; UNITS] {
        self.units.as_chunks().0[id.0 as usize]
    }

    /// What stands after the nodes from a place on.
    fn further(&self, from: u16) -> &[u16] {
        &self.units[UNITS * self.size() + usize::from(from)..]
    }
}

fn earlier(one: Position, other: Position) -> Position {
    if one.offset < other.offset {
        one
    } else {
        other
    }
}

/// Whether lines end otherwise than at a line feed, so that they cannot be counted by it.
fn has_other_breaks(text: &[u8]) -> bool {
    let mut returns = memchr::memchr_iter(b'\r', text);
    returns.any(|at| text.get(at + 1).is_some_and(|next| *next != b'\n'))
}

/// Whether a byte of UTF-8 is not the first of its character.
const fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Where the text of a scalar is found again.
fn place_of(text: &str, span: Span, source: &[u8]) -> u16 {
    let (start, end) = (span.start.offset, span.end);
    let is_at = |from: usize, to: usize| source.get(from..to) == Some(text.as_bytes());
    if is_at(start, end) {
        AS_WRITTEN
    } else if is_at(start + 1, end.saturating_sub(1)) {
        IN_QUOTES
    } else {
        ELSEWHERE
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::manifest::builder::{Builder, Whole};
    use crate::manifest::document::{Document, Node, Position};
    use crate::manifest::source::{Chunk, Source, SourceText};
    use crate::manifest::yaml;

    /// Everything that can be asked of a value and what it holds.
    fn told(node: Node<'_>) -> String {
        let held = if node.is_mapping() {
            let entries = node.entries().zip(node.keys());
            let entries = entries.map(|((key, value), at)| format!("{key} {at:?} {}", told(value)));
            entries.collect::<Vec<_>>().concat()
        } else {
            node.items().map(told).collect::<Vec<_>>().concat()
        };
        format!(
            "{:?} {:?} {:?} {} [{held}]",
            node.span(),
            node.scalar(),
            node.text(),
            node.is_alias()
        )
    }

    #[track_caller]
    fn check(text: &str) {
        let chunk = Chunk {
            start: Position::START,
            bytes: text.as_bytes(),
        };
        let mut whole = Whole::default();
        yaml::parse(&chunk, text, &mut Builder::new(&mut whole)).expect("it is YAML");
        let source = SourceText::open(Source {
            name: "a.yaml".to_owned(),
            bytes: text.as_bytes().to_vec(),
        });
        let source = Arc::new(source.expect("it is text"));
        for (tree, root) in &whole.documents {
            let kept = Document::new(Arc::clone(&source), tree.node(*root));
            assert_eq!(told(kept.root()), told(tree.node(*root)));
            for item in tree.node(*root).items() {
                let kept = Document::new(Arc::clone(&source), item);
                assert_eq!(told(kept.root()), told(item));
            }
        }
    }

    #[test]
    fn what_is_kept_is_what_was_read() {
        check("a: 1\nb: [x, 'y', \"z\", !!float 2, ~]\n---\n\nc:\n  d: |\n    e\n    f\n");
        check("a: &x {k: \"a\\n\", 'it''s': é}\nb: *x\nc: {<<: *x, l: 1}\n'': ''\non: off\n");
        check("- &x {a: 1}\n- *x\n- [*x, *x]\n");
        check("plain over\n  two lines");
        check("\u{feff}é: ü\nß: {x: é, y: z}\n");
        check("a: 1\r\nb:\r\n- é\r\n- x: y\r\n");
    }

    #[test]
    fn what_is_too_long_to_be_packed_is_kept_all_the_same() {
        let long = format!("a: {}\n", "x".repeat(70_000));
        let many = "- [1, 2]\n".repeat(20_000);
        let wide = format!("{{a: 1, {}b: 2}}\n", " ".repeat(70_000));
        let old_breaks = "a: 1\rb: 2\r".to_owned();
        for text in [long, many, wide, old_breaks] {
            check(&text);
        }
    }
}
