//! `Packed`: the values of a document when it is kept, in a third of the memory.
//!
//! Nearly every document is short enough for all its numbers to fit 16 bits, and nearly every scalar's text stands in the
//! file as it is.

use super::document::{Position, Span};
use super::scalar::Style;
use super::source::count;
use super::tree::{Kind, NodeId, Tree};

/// How many units of 16 bits a node takes: line, column, start and length relative to the document, what it is, and where
/// its text or its children are and how many.
const UNITS: usize = 7;
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
    /// The line and the offset that those of the nodes count from.
    line: u32,
    start: u32,
    /// How many nodes there are.
    nodes: u16,
    /// The nodes, and after them the numbers of their children.
    units: Box<[u16]>,
    /// The texts that the file has not as they are.
    texts: Box<str>,
}

impl Packed {
    /// Packs the nodes of a tree that was read from this file; `None` if they are too many or too far apart.
    pub(crate) fn of(tree: &Tree, source: &[u8]) -> Option<Self> {
        let ids = || (0..tree.size()).map(|number| NodeId(count(number)));
        // The first node stands for all that is not kept, and nowhere.
        let spans = || {
            let real = ids().filter(|id| id.0 > 0 || tree.kind(*id) != Kind::Omitted);
            real.map(|id| tree.span(id))
        };
        let mut packed = Self {
            line: spans().map(|span| span.start.line).min()?,
            start: count(spans().map(|span| span.start.offset).min()?),
            nodes: u16::try_from(tree.size()).ok()?,
            units: Box::default(),
            texts: Box::default(),
        };
        let children: usize = ids().map(|id| tree.children(id).len()).sum();
        let mut units = Vec::with_capacity(UNITS * tree.size() + children);
        let mut texts = String::new();
        let mut held = 0;
        for id in ids() {
            let span = tree.span(id);
            let length = span.end.checked_sub(span.start.offset)?;
            let (kind, from, number) = match tree.kind(id) {
                Kind::Scalar(style) => {
                    let text = tree.text(id);
                    let place = place_of(text, span, source);
                    let from = texts.len();
                    if place == ELSEWHERE {
                        texts.push_str(text);
                    }
                    let style = STYLES.iter().position(|it| *it == style)?;
                    let style = u16::try_from(style).ok()?;
                    (SCALAR | style << 4 | place << 8, from, texts.len() - from)
                }
                Kind::Alias(target) => (ALIAS, target.0 as usize, 0),
                Kind::Omitted => (OMITTED, 0, 0),
                kind => {
                    let number = tree.children(id).len();
                    held += number;
                    let kind = if kind == Kind::Mapping {
                        MAPPING
                    } else {
                        SEQUENCE
                    };
                    (kind, held - number, number)
                }
            };
            let short = |number: usize| u16::try_from(number).ok();
            units.extend([
                short(span.start.line.saturating_sub(packed.line) as usize)?,
                short(span.start.column as usize)?,
                short(span.start.offset.saturating_sub(packed.start as usize))?,
                short(length)?,
                kind,
                short(from)?,
                short(number)?,
            ]);
        }
        for child in ids().flat_map(|id| tree.children(id)) {
            units.push(u16::try_from(child.0).ok()?);
        }
        packed.units = units.into_boxed_slice();
        packed.texts = texts.into_boxed_str();
        Some(packed)
    }

    /// How many nodes it has.
    pub(crate) fn size(&self) -> usize {
        usize::from(self.nodes)
    }

    pub(crate) fn kind(&self, id: NodeId) -> Kind {
        let [.., kind, from, _] = self.node(id);
        match kind & 0xf {
            SEQUENCE => Kind::Sequence,
            MAPPING => Kind::Mapping,
            ALIAS => Kind::Alias(NodeId(u32::from(from))),
            OMITTED => Kind::Omitted,
            _ => Kind::Scalar(STYLES[usize::from(kind >> 4 & 0xf)]),
        }
    }

    pub(crate) fn span(&self, id: NodeId) -> Span {
        let [line, column, start, length, ..] = self.node(id);
        let start = self.start as usize + usize::from(start);
        Span {
            start: Position {
                line: self.line + u32::from(line),
                column: u32::from(column),
                offset: start,
            },
            end: start + usize::from(length),
        }
    }

    /// The text of a scalar in the bytes of its file; none of anything else.
    pub(crate) fn text<'a>(&'a self, id: NodeId, source: &'a [u8]) -> &'a [u8] {
        let [_, _, start, length, kind, from, number] = self.node(id).map(usize::from);
        let start = self.start as usize + start;
        let end = start + length;
        match kind >> 8 {
            _ if kind & 0xf != usize::from(SCALAR) => &[],
            place if place == usize::from(AS_WRITTEN) => &source[start..end],
            place if place == usize::from(IN_QUOTES) => &source[start + 1..end - 1],
            _ => &self.texts.as_bytes()[from..from + number],
        }
    }

    /// The items of a list; keys and values by turns of a mapping; none of anything else.
    pub(crate) fn children(&self, id: NodeId) -> &[u16] {
        let [.., kind, from, number] = self.node(id);
        if !matches!(kind, SEQUENCE | MAPPING) {
            return &[];
        }
        let from = UNITS * self.size() + usize::from(from);
        &self.units[from..from + usize::from(number)]
    }

    fn node(&self, id: NodeId) -> [u16; UNITS] {
        self.units.as_chunks().0[id.0 as usize]
    }
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
    }

    #[test]
    fn what_is_too_long_to_be_packed_is_kept_all_the_same() {
        let long = format!("a: {}\n", "x".repeat(70_000));
        let many = "- [1, 2]\n".repeat(20_000);
        let wide = format!("{{a: 1, {}b: 2}}\n", " ".repeat(70_000));
        for text in [long, many, wide] {
            check(&text);
        }
    }
}
