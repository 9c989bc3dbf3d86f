//! Builds a document's tree from parser events, within bounds.
//!
//! The items of a top-level `items` list are handed over one by one and then forgotten, so that a dump of a whole
//! cluster takes the memory of its largest object. An object that outgrows the bounds is read on, but only its
//! outermost scalars are kept: enough to see that it is of a kind nobody asked for.

use std::borrow::Cow;
use std::collections::HashMap;

use super::document::{Position, Span};
use super::error::{ErrorKind, Fault};
use super::merge::{Entries, apply_merges, refuse_duplicates};
use super::scalar::{self, Scalar, Style};
use super::template;
use super::tree::{NodeId, Tree, TreeMark, Value};

/// Deepest nesting of lists and mappings.
const DEEPEST: usize = 200;
/// Most values of one object; the largest definitions in the wild have some twenty thousand.
const MOST_NODES: usize = 300_000;
/// As many values as most objects have at most.
const USUAL_NODES: usize = 100;
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
    /// A whole document.
    fn document(&mut self, tree: &Tree, root: NodeId, extent: Extent);
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

    fn document(&mut self, tree: &Tree, root: NodeId, _: Extent) {
        self.documents.push((tree.clone(), root));
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
    /// The document so far; its memory serves for one document after another.
    tree: Tree,
    text_bytes: usize,
    /// The bounds were reached: nothing but the outermost scalars is kept.
    overflowed: bool,
    /// What merge keys have brought so far.
    merge_work: usize,
    stack: Vec<Frame>,
    /// What the open lists and mappings hold so far, those further inside after those further outside: items, and keys
    /// and values by turns.
    open: Vec<NodeId>,
    /// `None` while the anchored value is still open.
    anchors: HashMap<usize, Option<NodeId>>,
    root: Option<NodeId>,
}

struct Frame {
    opening: Opening,
    /// Just after the last thing inside it.
    end: usize,
    /// Where what it holds begins among that of all open lists and mappings.
    held_from: usize,
    inside: Inside,
}

enum Inside {
    Sequence,
    /// The `items` of the outermost mapping.
    Items {
        before: Mark,
    },
    Mapping {
        key: Option<Key>,
        /// Which entries are merge keys.
        merges: Vec<usize>,
    },
}

/// The state to go back to when an item is done with.
#[derive(Clone, Copy)]
struct Mark {
    tree: TreeMark,
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
            tree: Tree::with_room_for(USUAL_NODES),
            text_bytes: 0,
            overflowed: false,
            merge_work: 0,
            stack: Vec::new(),
            open: Vec::new(),
            anchors: HashMap::new(),
            root: None,
        }
    }

    /// Ends a document, hands it over, and starts afresh.
    pub(crate) fn end_document(&mut self) {
        if let Some(root) = self.root.take() {
            let extent = self.extent();
            self.sink.document(&self.tree, root, extent);
        }
        self.start_afresh();
    }

    /// What takes what is finished.
    pub(crate) fn sink(&mut self) -> &mut S {
        self.sink
    }

    /// Forgets the document that has begun.
    pub(crate) fn start_afresh(&mut self) {
        self.root = None;
        self.tree.clear();
        self.text_bytes = 0;
        self.overflowed = false;
        self.merge_work = 0;
        self.stack.clear();
        self.open.clear();
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
        let node = self.store_scalar(span, &text, style);
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
            let Value::Scalar { style, .. } = self.tree.value(target) else {
                return Err(no_scalar_key(span.start));
            };
            let text = self.tree.text(target).to_owned();
            return self.key(&text, style, span, 0);
        }
        let node = self.store(0, |tree| tree.push_alias(span, target));
        self.place(node, span.end);
        Ok(())
    }

    pub(crate) fn open_sequence(&mut self, opening: Opening) -> Result<(), Fault> {
        let is_items = self.stack.len() == 1 && self.key_is_items();
        let inside = if is_items {
            Inside::Items {
                before: self.mark(),
            }
        } else {
            Inside::Sequence
        };
        self.open(opening, inside)
    }

    pub(crate) fn open_mapping(&mut self, opening: Opening) -> Result<(), Fault> {
        let inside = Inside::Mapping {
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
        let node = match frame.inside {
            Inside::Sequence | Inside::Items { .. } => {
                let (from, open) = (frame.held_from, std::mem::take(&mut self.open));
                let node = self.store(0, |tree| tree.push_sequence(span, &open[from..]));
                self.open = open;
                node
            }
            Inside::Mapping { merges, .. } => {
                let open = std::mem::take(&mut self.open);
                let pairs = open[frame.held_from..].as_chunks().0;
                let as_written = Entries {
                    pairs,
                    merges: &merges,
                };
                refuse_duplicates(&self.tree, as_written)?;
                let node = if merges.is_empty() {
                    self.store(0, |tree| tree.push_mapping(span, pairs))
                } else {
                    let entries = apply_merges(&self.tree, as_written, &mut self.merge_work)?;
                    self.store(0, |tree| tree.push_mapping(span, &entries))
                };
                self.open = open;
                node
            }
        };
        self.open.truncate(frame.held_from);
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
            held_from: self.open.len(),
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
        let name = if is_plain_word(text) {
            Some(Cow::Borrowed(text))
        } else {
            match scalar::resolve(text, style) {
                Scalar::Text(text) => Some(Cow::Borrowed(text)),
                other => other.into_key().map(Cow::Owned),
            }
        };
        let name = name.ok_or_else(|| {
            let message = "null as a key, expected a name before the colon";
            Fault::new(span.start, ErrorKind::Syntax, message)
        })?;
        let is_items = name == "items";
        // A key's text is its name in JSON, so that looking it up is comparing text.
        let node = self.store_scalar(span, &name, Style::Text);
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
            Inside::Sequence => {
                if !overflowed {
                    self.open.push(node);
                }
            }
            Inside::Mapping { key, merges } => {
                if let Some(key) = key.take()
                    && is_kept
                    && key.node != OMITTED
                {
                    if key.is_merge {
                        merges.push((self.open.len() - frame.held_from) / 2);
                    }
                    self.open.extend([key.node, node]);
                }
            }
            Inside::Items { before } => {
                let fate = self.sink.item(&self.tree, node, extent);
                if fate == ItemFate::Done && self.anchors.len() == before.anchors {
                    self.tree.go_back_to(before.tree);
                    self.text_bytes = before.text_bytes;
                    self.overflowed = before.overflowed;
                } else {
                    if fate == ItemFate::Keep && !overflowed {
                        self.open.push(node);
                    }
                    *before = Mark {
                        tree: self.tree.mark(),
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
            tree: self.tree.mark(),
            text_bytes: self.text_bytes,
            anchors: self.anchors.len(),
            overflowed: self.overflowed,
        }
    }

    fn store_scalar(&mut self, span: Span, text: &str, style: Style) -> NodeId {
        if text.len() > LONGEST_SCALAR {
            return self.store(0, |tree| tree.push_omitted(span));
        }
        self.store(text.len(), |tree| tree.push_scalar(span, text, style))
    }

    /// Keeps a node with so many bytes of text, or gives the number of the one that stands for all that is not kept.
    fn store(&mut self, text: usize, push: impl FnOnce(&mut Tree) -> NodeId) -> NodeId {
        if self.tree.size() == 0 {
            self.tree.push_omitted(Span {
                start: Position::START,
                end: 0,
            });
        }
        let stored = self.tree.size();
        self.overflowed |= stored >= MOST_NODES || self.text_bytes + text > MOST_TEXT;
        // Of an object that outgrew the bounds, what it consists of and its outermost scalars.
        let keeps = !self.overflowed
            || self.depth() == 0
            || self.depth() == 1
                && stored < MOST_NODES + MOST_ANCHORS
                && self.text_bytes + text <= MOST_TEXT + LONGEST_SCALAR;
        if keeps {
            self.text_bytes += text;
            push(&mut self.tree)
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
