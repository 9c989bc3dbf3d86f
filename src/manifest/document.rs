//! A document as a tree of values, each with its place in the file.
//!
//! Nodes lie in one list and name each other by number: an alias is a number, so that nothing is ever expanded, and
//! dropping a tree needs no stack however deep it is.

use std::collections::HashMap;
use std::sync::Arc;

use super::scalar::{self, Scalar, Style};
use super::source::{SourceForm, SourceText, count};

/// The bytes of text for each value of most objects.
const USUAL_TEXT: usize = 8;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
    /// Bytes from the start of the text.
    pub offset: usize,
}

impl Position {
    /// The first character of a file.
    pub const START: Self = Self {
        line: 1,
        column: 1,
        offset: 0,
    };
}

/// The stretch of a file that a value was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first character.
    pub start: Position,
    /// The offset in bytes just after its last character.
    pub end: usize,
}

/// One object of a file, with every value's place.
#[derive(Clone, Debug)]
pub struct Document {
    source: Arc<SourceText>,
    tree: Arc<Tree>,
    root: NodeId,
}

/// A value of a document: a scalar, a list or a mapping. An alias is shown as what it stands for.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    tree: &'a Tree,
    /// The same tree where it is not going to grow, so that a document may keep it; only ever of a document's root.
    shared: Option<&'a Arc<Tree>>,
    /// Where it was written: for an alias, the alias.
    written: NodeId,
    /// What it means: for an alias, its anchor's value.
    meant: NodeId,
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

impl Document {
    pub(crate) fn new(source: Arc<SourceText>, root: Node<'_>) -> Self {
        if let Some(tree) = root.shared {
            return Self {
                source,
                tree: Arc::clone(tree),
                root: root.written,
            };
        }
        let mut tree = Tree::default();
        let root = root.copy_into(&mut tree);
        tree.shrink();
        Self {
            source,
            tree: Arc::new(tree),
            root,
        }
    }

    /// An object of which only these entries of the outermost mapping are wanted.
    pub(crate) fn with_entries(source: Arc<SourceText>, root: Node<'_>, keys: &[&str]) -> Self {
        let mut tree = Tree::default();
        let mut entries = Vec::new();
        for [key, value] in root.pairs() {
            if !keys.contains(&root.tree.text(*key)) {
                continue;
            }
            let name = tree.push_copy(root.tree, *key, |id| id);
            let value = root.tree.node(*value).copy_into(&mut tree);
            entries.push([name, value]);
        }
        let root = tree.push_mapping(root.span(), &entries);
        tree.shrink();
        Self {
            source,
            tree: Arc::new(tree),
            root,
        }
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        self.tree.node(self.root)
    }

    /// The value at a path of keys from the outermost value, such as `spec.template.spec`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Node<'_>> {
        self.root().at(path)
    }

    /// How many values it has, keys included.
    pub(crate) fn size(&self) -> usize {
        self.tree.size()
    }

    /// The name of the file, as it was named to the reader.
    #[must_use]
    pub fn source_name(&self) -> &str {
        self.source.name()
    }

    /// Whether it is of the same file as another.
    pub(crate) fn has_source_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.source, &other.source)
    }

    /// The bytes of the whole file (inflated, and in UTF-8), which spans count in.
    #[must_use]
    pub fn source_bytes(&self) -> &[u8] {
        self.source.bytes()
    }

    /// How the file came to be the text that spans count in.
    #[must_use]
    pub fn source_form(&self) -> SourceForm {
        self.source.form()
    }
}

impl<'a> Node<'a> {
    /// Where it was written: for an alias, the place of the alias.
    #[must_use]
    pub fn span(&self) -> Span {
        self.tree.span(self.written)
    }

    /// The entry of a mapping with this key, if it is a mapping and has one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        let tree = self.tree;
        self.pairs()
            .iter()
            .find(|[name, _]| tree.text(*name) == key)
            .map(|[_, value]| tree.node(*value))
    }

    /// The value at a path of keys below this one, such as `metadata.labels`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Node<'a>> {
        path.split('.').try_fold(*self, |node, key| node.get(key))
    }

    /// Where a key of a mapping stands.
    #[must_use]
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.keys()
            .find(|(name, _)| *name == key)
            .map(|(_, span)| span)
    }

    /// The entries of a mapping in order, merge keys applied; none if it is no mapping.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Node<'a>)> + use<'a> {
        let tree = self.tree;
        self.pairs()
            .iter()
            .map(move |[key, value]| (tree.text(*key), tree.node(*value)))
    }

    /// The keys of a mapping in order, each with its place; none if it is no mapping.
    pub fn keys(&self) -> impl Iterator<Item = (&'a str, Span)> + use<'a> {
        let tree = self.tree;
        self.pairs()
            .iter()
            .map(move |[key, _]| (tree.text(*key), tree.span(*key)))
    }

    /// The items of a list; none if it is no list.
    #[must_use]
    pub fn items(&self) -> impl ExactSizeIterator<Item = Node<'a>> + use<'a> {
        let tree = self.tree;
        tree.items(self.meant)
            .iter()
            .map(move |item| tree.node(*item))
    }

    /// What a scalar means; `None` for a list or a mapping.
    #[must_use]
    pub fn scalar(&self) -> Option<Scalar<'a>> {
        match self.tree.value(self.meant) {
            Value::Scalar { text, style } => Some(scalar::resolve(self.tree.text_in(text), style)),
            _ => None,
        }
    }

    /// The text of a scalar, before its type is settled; `None` for a list or a mapping.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        match self.tree.value(self.meant) {
            Value::Scalar { text, .. } => Some(self.tree.text_in(text)),
            _ => None,
        }
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        matches!(self.tree.value(self.meant), Value::Mapping(_))
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        matches!(self.tree.value(self.meant), Value::Sequence(_))
    }

    /// Whether an alias stands here for a value that is written elsewhere.
    #[must_use]
    pub fn is_alias(&self) -> bool {
        self.written != self.meant
    }

    /// Whether it is `null`, or nothing at all.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.scalar() == Some(Scalar::Null)
    }

    /// Whether it was too long to be kept.
    pub(crate) fn is_omitted(&self) -> bool {
        matches!(self.tree.value(self.meant), Value::Omitted)
    }

    fn pairs(&self) -> &'a [[NodeId; 2]] {
        self.tree.pairs(self.meant)
    }

    /// Adds this value to a tree that has nothing of its own tree yet; what is shared in it stays shared.
    fn copy_into(self, copied: &mut Tree) -> NodeId {
        let mut numbers: HashMap<NodeId, NodeId> = HashMap::new();
        let mut order = vec![self.written];
        let mut next = 0;
        let before = copied.nodes.len();
        while let Some(&id) = order.get(next) {
            next += 1;
            if numbers.contains_key(&id) {
                continue;
            }
            numbers.insert(id, numbered(before + numbers.len()));
            order.extend(self.tree.items(id));
            order.extend(self.tree.pairs(id).as_flattened());
            if let Value::Alias(target) = self.tree.value(id) {
                order.push(target);
            }
        }
        for id in order {
            // What was met before is there already.
            if numbers[&id] == numbered(copied.nodes.len()) {
                copied.push_copy(self.tree, id, |id| numbers[&id]);
            }
        }
        numbers[&self.written]
    }
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
    fn shrink(&mut self) {
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
            Value::Scalar { text, .. } => Some(text.start as usize),
            _ => None,
        });
        for first in keys.collect::<Vec<usize>>() {
            if let Some(first) = self.texts.get_mut(first..=first) {
                first.make_ascii_lowercase();
            }
        }
    }

    pub(crate) fn node(&self, written: NodeId) -> Node<'_> {
        Node {
            tree: self,
            shared: None,
            written,
            meant: self.meant(written),
        }
    }

    /// The outermost node of a tree that is finished.
    pub(crate) fn root_node(self: &Arc<Self>, root: NodeId) -> Node<'_> {
        Node {
            shared: Some(self),
            ..self.node(root)
        }
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
    fn push_copy(
        &mut self,
        other: &Self,
        id: NodeId,
        renumbered: impl Fn(NodeId) -> NodeId,
    ) -> NodeId {
        let span = other.span(id);
        let start = self.children.len();
        match other.value(id) {
            Value::Scalar { text, style } => self.push_scalar(span, other.text_in(text), style),
            Value::Sequence(items) => {
                let items = items.of(&other.children).iter();
                self.children.extend(items.map(|item| renumbered(*item)));
                let items = stretch(start, self.children.len());
                self.push(span, Value::Sequence(items))
            }
            Value::Mapping(entries) => {
                let entries = entries.of(&other.children).iter();
                self.children.extend(entries.map(|part| renumbered(*part)));
                let entries = stretch(start, self.children.len());
                self.push(span, Value::Mapping(entries))
            }
            Value::Alias(target) => self.push_alias(span, renumbered(target)),
            Value::Omitted => self.push_omitted(span),
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
fn numbered(before: usize) -> NodeId {
    NodeId(count(before))
}
