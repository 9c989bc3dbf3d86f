//! `Tree`: the values of a document while it is read.
//!
//! Nodes lie in one list and name each other by number: an alias is a number, so that nothing is ever expanded, and
//! dropping a tree needs no stack however deep it is.

use super::document::{Node, Nodes, Position, Span};
use super::scalar::Style;
use super::source::count;

/// The bytes of text for each value of most objects.
const USUAL_TEXT: usize = 8;

/// What a node is, without what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Scalar(Style),
    Sequence,
    Mapping,
    Alias(NodeId),
    Omitted,
}

/// The number of a node within its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NodeId(pub(crate) u32);

/// The nodes of a document, or of part of one.
///
/// What they hold lies in two lists that they share, and in the order in which they were added: a tree is three pieces of
/// memory, however many values it has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<NodeData>,
    /// The texts of the scalars.
    texts: String,
    /// The items of lists, and keys and values of mappings by turns.
    children: Vec<NodeId>,
}

/// A value, and where it was written.
#[derive(Clone, Copy, Debug)]
struct NodeData {
    line: u32,
    column: u32,
    /// The bytes of the file: none is read that is too long for these.
    start: u32,
    end: u32,
    value: Value,
}

/// What a node is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    Scalar {
        text: Stretch,
        style: Style,
    },
    Sequence(Stretch),
    /// Keys are scalars in style `Text`, each once; merge keys have been applied.
    Mapping(Stretch),
    Alias(NodeId),
    /// Too long to be kept: nothing that is ever asked for.
    Omitted,
}

/// A part of one of the lists of a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    start: u32,
    end: u32,
}

/// How much is in a tree, to go back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TreeMark {
    nodes: usize,
    texts: usize,
    children: usize,
}

impl Tree {
    /// An empty tree that need not grow for so many nodes.
    pub(crate) fn with_room_for(nodes: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(nodes),
            texts: String::with_capacity(nodes * USUAL_TEXT),
            children: Vec::with_capacity(nodes),
        }
    }

    pub(crate) fn push_scalar(&mut self, span: Span, text: &str, style: Style) -> NodeId {
        let start = self.texts.len();
        self.texts.push_str(text);
        let text = stretch(start, self.texts.len());
        self.push(span, Value::Scalar { text, style })
    }

    pub(crate) fn push_sequence(&mut self, span: Span, items: &[NodeId]) -> NodeId {
        let items = self.put_children(items);
        self.push(span, Value::Sequence(items))
    }

    pub(crate) fn push_mapping(&mut self, span: Span, entries: &[[NodeId; 2]]) -> NodeId {
        let entries = self.put_children(entries.as_flattened());
        self.push(span, Value::Mapping(entries))
    }

    pub(crate) fn push_alias(&mut self, span: Span, target: NodeId) -> NodeId {
        self.push(span, Value::Alias(target))
    }

    pub(crate) fn push_omitted(&mut self, span: Span) -> NodeId {
        self.push(span, Value::Omitted)
    }

    /// Whether all of it belongs to a value: the first node that was added stands inside it, and it was added last.
    pub(crate) fn is_all(&self, root: NodeId) -> bool {
        let first = NodeId(1);
        root.0 as usize + 1 == self.size()
            && root.0 > 0
            && self.data(first).start >= self.data(root).start
    }

    /// How many nodes it has.
    pub(crate) fn size(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn mark(&self) -> TreeMark {
        TreeMark {
            nodes: self.nodes.len(),
            texts: self.texts.len(),
            children: self.children.len(),
        }
    }

    /// Forgets what was added since a mark.
    pub(crate) fn go_back_to(&mut self, mark: TreeMark) {
        self.nodes.truncate(mark.nodes);
        self.texts.truncate(mark.texts);
        self.children.truncate(mark.children);
    }

    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.texts.clear();
        self.children.clear();
    }

    /// Gives back what room there is for more.
    pub(crate) fn shrink(&mut self) {
        self.nodes.shrink_to_fit();
        self.texts.shrink_to_fit();
        self.children.shrink_to_fit();
    }

    /// Makes every value stand at one place.
    pub(crate) fn move_to(&mut self, span: Span) {
        for node in &mut self.nodes {
            *node = NodeData::new(span, node.value);
        }
    }

    /// Makes the first letters of all keys small.
    pub(crate) fn lower_keys(&mut self) {
        let mappings = self.nodes.iter().filter_map(|node| match node.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        });
        let keys = mappings.flat_map(|entries| entries.of(&self.children).as_chunks::<2>().0);
        let keys = keys.filter_map(|[key, _]| match self.value(*key) {
            // An empty key has no letter, and what follows is another text's.
            Value::Scalar { text, .. } if text.start < text.end => Some(text.start as usize),
            _ => None,
        });
        for first in keys.collect::<Vec<usize>>() {
            if let Some(first) = self.texts.get_mut(first..=first) {
                first.make_ascii_lowercase();
            }
        }
    }

    pub(crate) fn node(&self, written: NodeId) -> Node<'_> {
        Node::of(Nodes::Read(self), written)
    }

    /// The node that an alias stands for; any other stands for itself.
    pub(crate) fn meant(&self, written: NodeId) -> NodeId {
        match self.value(written) {
            Value::Alias(target) => target,
            _ => written,
        }
    }

    pub(crate) fn value(&self, id: NodeId) -> Value {
        self.data(id).value
    }

    pub(crate) fn kind(&self, id: NodeId) -> Kind {
        match self.value(id) {
            Value::Scalar { style, .. } => Kind::Scalar(style),
            Value::Sequence(_) => Kind::Sequence,
            Value::Mapping(_) => Kind::Mapping,
            Value::Alias(target) => Kind::Alias(target),
            Value::Omitted => Kind::Omitted,
        }
    }

    /// The items of a list; keys and values by turns of a mapping; none of anything else.
    pub(crate) fn children(&self, id: NodeId) -> &[NodeId] {
        match self.value(id) {
            Value::Sequence(held) | Value::Mapping(held) => held.of(&self.children),
            _ => &[],
        }
    }

    pub(crate) fn span(&self, id: NodeId) -> Span {
        let node = self.data(id);
        Span {
            start: Position {
                line: node.line,
                column: node.column,
                offset: node.start as usize,
            },
            end: node.end as usize,
        }
    }

    /// The text of a scalar, the empty text of anything else.
    pub(crate) fn text(&self, id: NodeId) -> &str {
        match self.value(id) {
            Value::Scalar { text, .. } => self.text_in(text),
            _ => "",
        }
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self, id: NodeId) -> &[NodeId] {
        match self.value(id) {
            Value::Sequence(items) => items.of(&self.children),
            _ => &[],
        }
    }

    /// The entries of a mapping; none of anything else.
    pub(crate) fn pairs(&self, id: NodeId) -> &[[NodeId; 2]] {
        match self.value(id) {
            Value::Mapping(entries) => entries.of(&self.children).as_chunks().0,
            _ => &[],
        }
    }

    fn text_in(&self, text: Stretch) -> &str {
        &self.texts[text.start as usize..text.end as usize]
    }

    fn data(&self, id: NodeId) -> &NodeData {
        &self.nodes[id.0 as usize]
    }

    fn push(&mut self, span: Span, value: Value) -> NodeId {
        let number = numbered(self.nodes.len());
        self.nodes.push(NodeData::new(span, value));
        number
    }

    fn put_children(&mut self, children: &[NodeId]) -> Stretch {
        let start = self.children.len();
        self.children.extend_from_slice(children);
        stretch(start, self.children.len())
    }

    /// Adds a node of another tree, what it names by other numbers.
    pub(crate) fn push_copy(
        &mut self,
        other: Nodes<'_>,
        id: NodeId,
        renumbered: impl Fn(NodeId) -> NodeId,
    ) -> NodeId {
        let span = other.span(id);
        let start = self.children.len();
        let kind = other.kind(id);
        if matches!(kind, Kind::Sequence | Kind::Mapping) {
            self.children.extend(other.children(id).map(renumbered));
            let held = stretch(start, self.children.len());
            let value = match kind {
                Kind::Mapping => Value::Mapping(held),
                _ => Value::Sequence(held),
            };
            return self.push(span, value);
        }
        match kind {
            Kind::Scalar(style) => self.push_scalar(span, other.text(id), style),
            Kind::Alias(target) => self.push_alias(span, renumbered(target)),
            _ => self.push_omitted(span),
        }
    }
}

impl NodeData {
    fn new(span: Span, value: Value) -> Self {
        Self {
            line: span.start.line,
            column: span.start.column,
            start: count(span.start.offset),
            end: count(span.end),
            value,
        }
    }
}

impl Stretch {
    fn of(self, list: &[NodeId]) -> &[NodeId] {
        &list[self.start as usize..self.end as usize]
    }
}

/// The builder keeps all counts far below `u32::MAX`.
fn stretch(start: usize, end: usize) -> Stretch {
    Stretch {
        start: count(start),
        end: count(end),
    }
}

/// The number of the node that so many nodes stand before.
pub(crate) fn numbered(before: usize) -> NodeId {
    NodeId(count(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_letters_leaves_the_others_as_they_are() {
        let span = Span {
            start: Position::START,
            end: 0,
        };
        let mut tree = Tree::default();
        let mut scalar = |text: &str| tree.push_scalar(span, text, Style::Text);
        let entries = [[scalar(""), scalar("Value")], [scalar("Key"), scalar("X")]];
        tree.push_mapping(span, &entries);
        tree.lower_keys();
        let texts = entries.as_flattened().iter().map(|id| tree.text(*id));
        assert_eq!(texts.collect::<Vec<_>>(), ["", "Value", "key", "X"]);
    }
}
