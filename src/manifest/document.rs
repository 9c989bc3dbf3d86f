//! A document as a tree of values, each with its place in the file.
//!
//! Nodes lie in one list and name each other by number: an alias is a number, so that nothing is ever expanded, and
//! dropping a tree needs no stack however deep it is.

use std::collections::HashMap;
use std::sync::Arc;

use super::scalar::{self, Scalar, Style};
use super::source::{SourceForm, SourceText};

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
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<NodeData>,
}

#[derive(Clone, Debug)]
pub(crate) struct NodeData {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar {
        text: Box<str>,
        style: Style,
    },
    Sequence(Box<[NodeId]>),
    /// Keys are scalars in style `Text`, each once; merge keys have been applied.
    Mapping(Box<[(NodeId, NodeId)]>),
    Alias(NodeId),
    /// Too long to be kept: nothing that is ever asked for.
    Omitted,
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
        let (tree, root) = root.copy();
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
        for (key, value) in root.pairs() {
            if !keys.contains(&root.tree.text(*key)) {
                continue;
            }
            let name = tree.push(root.tree.data(*key).clone());
            let (part, top) = root.tree.node(*value).copy();
            let value = tree.append(part, top);
            entries.push((name, value));
        }
        let value = Value::Mapping(entries.into());
        let span = root.span();
        let root = tree.push(NodeData { span, value });
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
        self.tree.nodes.len()
    }

    /// The name of the file, as it was named to the reader.
    #[must_use]
    pub fn source_name(&self) -> &str {
        self.source.name()
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
        self.tree.data(self.written).span
    }

    /// The entry of a mapping with this key, if it is a mapping and has one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.entries()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
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
            .map(move |(key, value)| (tree.text(*key), tree.node(*value)))
    }

    /// The keys of a mapping in order, each with its place; none if it is no mapping.
    pub fn keys(&self) -> impl Iterator<Item = (&'a str, Span)> + use<'a> {
        let tree = self.tree;
        self.pairs()
            .iter()
            .map(move |(key, _)| (tree.text(*key), tree.data(*key).span))
    }

    /// The items of a list; none if it is no list.
    #[must_use]
    pub fn items(&self) -> impl ExactSizeIterator<Item = Node<'a>> + use<'a> {
        let tree = self.tree;
        let items: &[NodeId] = match &tree.data(self.meant).value {
            Value::Sequence(items) => items,
            _ => &[],
        };
        items.iter().map(move |item| tree.node(*item))
    }

    /// What a scalar means; `None` for a list or a mapping.
    #[must_use]
    pub fn scalar(&self) -> Option<Scalar<'a>> {
        match &self.tree.data(self.meant).value {
            Value::Scalar { text, style } => Some(scalar::resolve(text, *style)),
            _ => None,
        }
    }

    /// The text of a scalar, before its type is settled; `None` for a list or a mapping.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        match &self.tree.data(self.meant).value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        matches!(self.tree.data(self.meant).value, Value::Mapping(_))
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        matches!(self.tree.data(self.meant).value, Value::Sequence(_))
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
        matches!(self.tree.data(self.meant).value, Value::Omitted)
    }

    fn pairs(&self) -> &'a [(NodeId, NodeId)] {
        match &self.tree.data(self.meant).value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// A tree of this value alone; what is shared in it stays shared.
    fn copy(self) -> (Tree, NodeId) {
        let mut copied = Tree::default();
        let mut numbers: HashMap<NodeId, NodeId> = HashMap::new();
        let mut order = vec![self.written];
        let mut next = 0;
        while let Some(&id) = order.get(next) {
            next += 1;
            if numbers.contains_key(&id) {
                continue;
            }
            numbers.insert(id, copied.push(self.tree.data(id).clone()));
            match &self.tree.data(id).value {
                Value::Sequence(items) => order.extend(items.iter()),
                Value::Mapping(entries) => {
                    order.extend(entries.iter().flat_map(|(key, value)| [*key, *value]));
                }
                Value::Alias(target) => order.push(*target),
                Value::Scalar { .. } | Value::Omitted => {}
            }
        }
        for node in &mut copied.nodes {
            node.value.renumber(|id| numbers[&id]);
        }
        (copied, numbers[&self.written])
    }
}

impl Value {
    /// Names the nodes that it holds by their new numbers.
    fn renumber(&mut self, renumbered: impl Fn(NodeId) -> NodeId) {
        match self {
            Self::Sequence(items) => {
                for item in items {
                    *item = renumbered(*item);
                }
            }
            Self::Mapping(entries) => {
                for (key, value) in entries {
                    *key = renumbered(*key);
                    *value = renumbered(*value);
                }
            }
            Self::Alias(target) => *target = renumbered(*target),
            Self::Scalar { .. } | Self::Omitted => {}
        }
    }
}

impl Tree {
    /// Adds a node. The builder keeps the count far below `u32::MAX`.
    pub(crate) fn push(&mut self, node: NodeData) -> NodeId {
        let number = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(node);
        NodeId(number)
    }

    /// Adds the nodes of another tree; the number that one of them has now.
    fn append(&mut self, other: Self, node: NodeId) -> NodeId {
        let before = self.nodes.len();
        let moved = |id: NodeId| {
            let number = u32::try_from(before).map_or(u32::MAX, |before| before + id.0);
            NodeId(number)
        };
        for mut data in other.nodes {
            data.value.renumber(moved);
            self.nodes.push(data);
        }
        moved(node)
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
        match self.data(written).value {
            Value::Alias(target) => target,
            _ => written,
        }
    }

    pub(crate) fn data(&self, id: NodeId) -> &NodeData {
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn text(&self, id: NodeId) -> &str {
        match &self.data(id).value {
            Value::Scalar { text, .. } => text,
            _ => "",
        }
    }
}
