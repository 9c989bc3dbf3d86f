//! Builds a document's tree from parser events, within bounds.
//!
//! The items of a top-level `items` list are handed over one by one and then forgotten, so that a dump of a whole
//! cluster takes the memory of its largest object. An object that outgrows the bounds is read on, but only its
//! outermost scalars are kept: enough to see that it is of a kind nobody asked for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::document::{NodeData, NodeId, Position, Span, Tree, Value};
use super::error::{ErrorKind, Fault};
use super::merge::{Entries, apply_merges, refuse_duplicates};
use super::scalar::{self, Style};
use super::template;

/// Deepest nesting of lists and mappings.
const DEEPEST: usize = 200;
/// Most values of one object; the largest definitions in the wild have some twenty thousand.
const MOST_NODES: usize = 300_000;
/// More values than most objects have.
const USUAL_NODES: usize = 1_000;
/// Most text of one object, in bytes.
const MOST_TEXT: usize = 16 << 20;
/// The longest scalar that is kept, in bytes; nothing that is read is longer.
const LONGEST_SCALAR: usize = 1 << 20;
/// Most anchors of one document.
const MOST_ANCHORS: usize = 10_000;
/// The node that stands for all that is not kept: the first of every tree.
pub(crate) const OMITTED: NodeId = NodeId(0);

/// Takes what the builder has finished.
pub(crate) trait Sink {
    /// An item of the `items` list of the outermost mapping.
    fn item(&mut self, tree: &Tree, item: NodeId, extent: Extent) -> ItemFate;
    /// A whole document, whose tree is given away.
    fn document(&mut self, tree: Arc<Tree>, root: NodeId, extent: Extent);
}

/// Whether an object was kept as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    /// It outgrew the bounds: only its outermost scalars are there.
    Cut,
}

/// Whether an item is needed after it was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemFate {
    Done,
    Keep,
}

/// Keeps every document as it is.
#[derive(Default)]
pub(crate) struct Whole {
    pub(crate) documents: Vec<(Tree, NodeId)>,
}

impl Sink for Whole {
    fn item(&mut self, _: &Tree, _: NodeId, _: Extent) -> ItemFate {
        ItemFate::Keep
    }

    fn document(&mut self, tree: Arc<Tree>, root: NodeId, _: Extent) {
        self.documents.push((Arc::unwrap_or_clone(tree), root));
    }
}

/// A scalar as the parser saw it.
pub(crate) struct ScalarEvent<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) style: Style,
    pub(crate) span: Span,
    /// The parser's number of its anchor, or 0.
    pub(crate) anchor: usize,
}

/// Where a list or mapping starts.
#[derive(Clone, Copy)]
pub(crate) struct Opening {
    pub(crate) start: Position,
    /// The parser's number of its anchor, or 0.
    pub(crate) anchor: usize,
    /// Written with a bracket or brace, rather than by indentation.
    pub(crate) bracketed: bool,
}

pub(crate) struct Builder<'s, S> {
    sink: &'s mut S,
    tree: Tree,
    text_bytes: usize,
    /// The bounds were reached: nothing but the outermost scalars is kept.
    overflowed: bool,
    /// What merge keys have brought so far.
    merge_work: usize,
    stack: Vec<Frame>,
    /// `None` while the anchored value is still open.
    anchors: HashMap<usize, Option<NodeId>>,
    root: Option<NodeId>,
}

struct Frame {
    opening: Opening,
    /// Just after the last thing inside it.
    end: usize,
    inside: Inside,
}

enum Inside {
    Sequence(Vec<NodeId>),
    /// The `items` of the outermost mapping.
    Items {
        kept: Vec<NodeId>,
        before: Mark,
    },
    Mapping {
        entries: Vec<(NodeId, NodeId)>,
        key: Option<Key>,
        /// Which entries are merge keys.
        merges: Vec<usize>,
    },
}

/// The state to go back to when an item is done with.
#[derive(Clone, Copy)]
struct Mark {
    nodes: usize,
    text_bytes: usize,
    anchors: usize,
    overflowed: bool,
}

#[derive(Clone, Copy)]
struct Key {
    node: NodeId,
    is_merge: bool,
    is_items: bool,
}

impl<'s, S: Sink> Builder<'s, S> {
    pub(crate) fn new(sink: &'s mut S) -> Self {
        Self {
            sink,
            tree: Tree::default(),
            text_bytes: 0,
            overflowed: false,
            merge_work: 0,
            stack: Vec::new(),
            anchors: HashMap::new(),
            root: None,
        }
    }

    /// Ends a document, hands it over, and starts afresh.
    pub(crate) fn end_document(&mut self) {
        if let Some(root) = self.root.take() {
            let extent = self.extent();
            // The next document is probably about as large.
            let mut nodes = Vec::with_capacity(self.tree.nodes.len().min(USUAL_NODES));
            std::mem::swap(&mut nodes, &mut self.tree.nodes);
            if nodes.len() > USUAL_NODES {
                nodes.shrink_to_fit();
            }
            self.sink.document(Arc::new(Tree { nodes }), root, extent);
        }
        self.tree.nodes.clear();
        self.text_bytes = 0;
        self.overflowed = false;
        self.merge_work = 0;
        self.stack.clear();
        self.anchors.clear();
    }

    pub(crate) fn scalar(&mut self, event: ScalarEvent<'_>) -> Result<(), Fault> {
        let ScalarEvent {
            text,
            style,
            span,
            anchor,
        } = event;
        if self.awaits_key() {
            return self.key(&text, style, span, anchor);
        }
        let value = if text.len() > LONGEST_SCALAR {
            Value::Omitted
        } else {
            Value::Scalar {
                text: text.into(),
                style,
            }
        };
        let node = self.store(NodeData { span, value });
        self.name_anchor(anchor, Some(node))?;
        self.place(node, span.end);
        Ok(())
    }

    pub(crate) fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Fault> {
        let target = self
            .anchors
            .get(&anchor)
            .copied()
            .flatten()
            .ok_or_else(|| {
                let message = "the anchor contains its own alias, expected a value that ends";
                Fault::new(span.start, ErrorKind::Syntax, message)
            })?;
        if self.awaits_key() {
            let Value::Scalar { text, style } = &self.tree.data(target).value else {
                return Err(no_scalar_key(span.start));
            };
            let (text, style) = (text.clone(), *style);
            return self.key(&text, style, span, 0);
        }
        let value = Value::Alias(target);
        let node = self.store(NodeData { span, value });
        self.place(node, span.end);
        Ok(())
    }

    pub(crate) fn open_sequence(&mut self, opening: Opening) -> Result<(), Fault> {
        let is_items = self.stack.len() == 1 && self.key_is_items();
        let inside = if is_items {
            Inside::Items {
                kept: Vec::new(),
                before: self.mark(),
            }
        } else {
            Inside::Sequence(Vec::new())
        };
        self.open(opening, inside)
    }

    pub(crate) fn open_mapping(&mut self, opening: Opening) -> Result<(), Fault> {
        let inside = Inside::Mapping {
            entries: Vec::new(),
            key: None,
            merges: Vec::new(),
        };
        self.open(opening, inside)
    }

    /// Ends the innermost list or mapping; `end` is just after its bracket.
    pub(crate) fn close(&mut self, end: usize) -> Result<(), Fault> {
        let Some(frame) = self.stack.pop() else {
            return Ok(());
        };
        let end = if frame.opening.bracketed {
            end
        } else {
            frame.end
        };
        let span = Span {
            start: frame.opening.start,
            end,
        };
        let value = match frame.inside {
            Inside::Sequence(items) | Inside::Items { kept: items, .. } => {
                Value::Sequence(items.into())
            }
            Inside::Mapping {
                entries, merges, ..
            } => {
                let as_written = Entries {
                    pairs: &entries,
                    merges: &merges,
                };
                refuse_duplicates(&self.tree, as_written)?;
                let entries = if merges.is_empty() {
                    entries
                } else {
                    apply_merges(&self.tree, as_written, &mut self.merge_work)?
                };
                Value::Mapping(entries.into())
            }
        };
        let node = self.store(NodeData { span, value });
        self.name_anchor(frame.opening.anchor, Some(node))?;
        self.place(node, end);
        Ok(())
    }

    fn open(&mut self, opening: Opening, inside: Inside) -> Result<(), Fault> {
        if self.awaits_key() {
            return Err(self.bad_key(opening));
        }
        if self.stack.len() >= DEEPEST {
            return Err(too_deep(opening.start));
        }
        self.name_anchor(opening.anchor, None)?;
        self.stack.push(Frame {
            opening,
            end: opening.start.offset,
            inside,
        });
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Frame {
                inside: Inside::Mapping { key: None, .. },
                ..
            })
        )
    }

    fn key_is_items(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Frame {
                inside: Inside::Mapping {
                    key: Some(Key { is_items: true, .. }),
                    ..
                },
                ..
            })
        )
    }

    fn key(&mut self, text: &str, style: Style, span: Span, anchor: usize) -> Result<(), Fault> {
        let is_merge = text == "<<" && style == Style::Plain;
        let is_plain_word = is_plain_word(text);
        let name = if is_plain_word || style == Style::Text {
            Some(Cow::Borrowed(text))
        } else {
            scalar::resolve(text, style).into_key().map(Cow::Owned)
        };
        let name = name.ok_or_else(|| {
            let message = "null as a key, expected a name before the colon";
            Fault::new(span.start, ErrorKind::Syntax, message)
        })?;
        let is_items = name == "items";
        // A key's text is its name in JSON, so that looking it up is comparing text.
        let node = self.store(NodeData {
            span,
            value: if name.len() > LONGEST_SCALAR {
                Value::Omitted
            } else {
                Value::Scalar {
                    text: name.into(),
                    style: Style::Text,
                }
            },
        });
        self.name_anchor(anchor, Some(node))?;
        if let Some(frame) = self.stack.last_mut() {
            frame.end = span.end;
            if let Inside::Mapping { key, .. } = &mut frame.inside {
                *key = Some(Key {
                    node,
                    is_merge,
                    is_items,
                });
            }
        }
        Ok(())
    }

    /// `{{ x }}` is YAML for a mapping with a mapping as its key; people who write it mean a template.
    fn bad_key(&self, opening: Opening) -> Fault {
        let outer = self.stack.last().map(|frame| frame.opening);
        match outer {
            Some(outer) if outer.bracketed && opening.start.offset == outer.start.offset + 1 => {
                template::unrendered(outer.start)
            }
            _ => no_scalar_key(opening.start),
        }
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, node: NodeId, end: usize) {
        let overflowed = self.overflowed;
        let extent = self.extent();
        let is_kept = !overflowed || node != OMITTED && self.depth() <= 1;
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.end = end;
        match &mut frame.inside {
            Inside::Sequence(items) => {
                if !overflowed {
                    items.push(node);
                }
            }
            Inside::Mapping {
                entries,
                key,
                merges,
            } => {
                if let Some(key) = key.take()
                    && is_kept
                    && key.node != OMITTED
                {
                    if key.is_merge {
                        merges.push(entries.len());
                    }
                    entries.push((key.node, node));
                }
            }
            Inside::Items { kept, before } => {
                let fate = self.sink.item(&self.tree, node, extent);
                if fate == ItemFate::Done && self.anchors.len() == before.anchors {
                    self.tree.nodes.truncate(before.nodes);
                    self.text_bytes = before.text_bytes;
                    self.overflowed = before.overflowed;
                } else {
                    if fate == ItemFate::Keep && !overflowed {
                        kept.push(node);
                    }
                    *before = Mark {
                        nodes: self.tree.nodes.len(),
                        text_bytes: self.text_bytes,
                        anchors: self.anchors.len(),
                        overflowed: self.overflowed,
                    };
                }
            }
        }
    }

    /// How many lists and mappings of the innermost object are open, an item of the outermost `items` being an object.
    fn depth(&self) -> usize {
        match self.stack.get(1) {
            Some(Frame {
                inside: Inside::Items { .. },
                ..
            }) if self.stack.len() >= 2 => self.stack.len() - 2,
            _ => self.stack.len(),
        }
    }

    fn extent(&self) -> Extent {
        if self.overflowed {
            Extent::Cut
        } else {
            Extent::Whole
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            nodes: self.tree.nodes.len(),
            text_bytes: self.text_bytes,
            anchors: self.anchors.len(),
            overflowed: self.overflowed,
        }
    }

    /// Keeps a node, or gives the number of the one that stands for all that is not kept.
    fn store(&mut self, node: NodeData) -> NodeId {
        if self.tree.nodes.is_empty() {
            self.tree.push(NodeData {
                span: Span {
                    start: Position::START,
                    end: 0,
                },
                value: Value::Omitted,
            });
        }
        let text = match &node.value {
            Value::Scalar { text, .. } => text.len(),
            _ => 0,
        };
        let stored = self.tree.nodes.len();
        self.overflowed |= stored >= MOST_NODES || self.text_bytes + text > MOST_TEXT;
        // Of an object that outgrew the bounds, what it consists of and its outermost scalars.
        let keeps = !self.overflowed
            || self.depth() == 0
            || self.depth() == 1
                && stored < MOST_NODES + MOST_ANCHORS
                && self.text_bytes + text <= MOST_TEXT + LONGEST_SCALAR;
        if keeps {
            self.text_bytes += text;
            self.tree.push(node)
        } else {
            OMITTED
        }
    }

    fn name_anchor(&mut self, anchor: usize, node: Option<NodeId>) -> Result<(), Fault> {
        if anchor == 0 {
            return Ok(());
        }
        self.anchors.insert(anchor, node);
        if self.anchors.len() > MOST_ANCHORS {
            let at = self
                .stack
                .last()
                .map_or(Position::START, |frame| frame.opening.start);
            return Err(Fault::new(
                at,
                ErrorKind::TooLarge,
                format!("more than {MOST_ANCHORS} anchors in one document, expected fewer"),
            ));
        }
        Ok(())
    }
}

/// Whether a text can be nothing but a text, as nearly all keys are: letters, and longer than what has another meaning
/// (`true`, `false`, `null`, `yes`, `off` and the like).
fn is_plain_word(text: &str) -> bool {
    text.len() > 5 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// The fault of a list or mapping too deep inside others.
pub(crate) fn too_deep(at: Position) -> Fault {
    let message = format!("nested more than {DEEPEST} levels deep, expected a Kubernetes object");
    Fault::new(at, ErrorKind::TooLarge, message)
}

fn no_scalar_key(at: Position) -> Fault {
    let message = "a list or mapping as a key, expected a name before the colon";
    Fault::new(at, ErrorKind::Syntax, message)
}
