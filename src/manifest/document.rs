//! A document as a tree of values, each with its place in the file.

use std::collections::HashMap;
use std::sync::Arc;

use super::packed::Packed;
use super::scalar::{self, Scalar};
use super::source::{SourceForm, SourceText};
use super::tree::{Kind, NodeId, Tree, numbered};

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
    kept: Kept,
    root: NodeId,
}

/// The nodes of a document.
#[derive(Clone, Debug)]
enum Kept {
    Packed(Packed),
    /// What is too long to be packed.
    Read(Box<Tree>),
}

/// A value of a document: a scalar, a list or a mapping. An alias is shown as what it stands for.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    nodes: Nodes<'a>,
    /// Where it was written: for an alias, the alias.
    written: NodeId,
    /// What it means: for an alias, its anchor's value.
    meant: NodeId,
}

/// The nodes among which one is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Nodes<'a> {
    /// While they are read.
    Read(&'a Tree),
    /// When they are kept, with the bytes of their file.
    Packed(&'a Packed, &'a [u8]),
}

impl Document {
    /// Keeps a value. Where it is the whole of its tree, that is packed as it is.
    pub(crate) fn new(source: Arc<SourceText>, root: Node<'_>) -> Self {
        match root.nodes {
            Nodes::Read(tree) if tree.is_all(root.written) => Self::of(source, tree, root.written),
            _ => {
                let mut tree = Tree::default();
                let root = root.copy_into(&mut tree);
                Self::of(source, &tree, root)
            }
        }
    }

    /// An object of which only these entries of the outermost mapping are wanted.
    pub(crate) fn with_entries(source: Arc<SourceText>, root: Node<'_>, keys: &[&str]) -> Self {
        let mut tree = Tree::default();
        let mut entries = Vec::new();
        for [key, value] in root.pairs() {
            if !keys.contains(&root.nodes.text(key)) {
                continue;
            }
            let name = tree.push_copy(root.nodes, key, |id| id);
            let value = Node::of(root.nodes, value).copy_into(&mut tree);
            entries.push([name, value]);
        }
        let root = tree.push_mapping(root.span(), &entries);
        Self::of(source, &tree, root)
    }

    fn of(source: Arc<SourceText>, tree: &Tree, root: NodeId) -> Self {
        let kept = Packed::of(tree, source.bytes()).map_or_else(
            || {
                let mut tree = tree.clone();
                tree.shrink();
                Kept::Read(Box::new(tree))
            },
            Kept::Packed,
        );
        Self { source, kept, root }
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        let nodes = match &self.kept {
            Kept::Packed(packed) => Nodes::Packed(packed, self.source.bytes()),
            Kept::Read(tree) => Nodes::Read(tree),
        };
        Node::of(nodes, self.root)
    }

    /// The value at a path of keys from the outermost value, such as `spec.template.spec`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Node<'_>> {
        self.root().at(path)
    }

    /// How many values it has, keys included.
    pub(crate) fn size(&self) -> usize {
        match &self.kept {
            Kept::Packed(packed) => packed.size(),
            Kept::Read(tree) => tree.size(),
        }
    }

    /// The name of the file, as it was named to the reader.
    #[must_use]
    pub fn source_name(&self) -> &str {
        self.source.name()
    }

    /// The same, to be shared by all that stands in the file.
    pub(crate) fn shared_source_name(&self) -> &Arc<str> {
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
    pub(crate) fn of(nodes: Nodes<'a>, written: NodeId) -> Self {
        let meant = match nodes.kind(written) {
            Kind::Alias(target) => target,
            _ => written,
        };
        Self {
            nodes,
            written,
            meant,
        }
    }

    /// Where it was written: for an alias, the place of the alias.
    #[must_use]
    pub fn span(&self) -> Span {
        self.nodes.span(self.written)
    }

    /// The entry of a mapping with this key, if it is a mapping and has one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        let nodes = self.nodes;
        self.pairs()
            .find(|[name, _]| nodes.has_text(*name, key))
            .map(|[_, value]| Node::of(nodes, value))
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
        let nodes = self.nodes;
        self.pairs()
            .map(move |[key, value]| (nodes.text(key), Node::of(nodes, value)))
    }

    /// The keys of a mapping in order, each with its place; none if it is no mapping.
    pub fn keys(&self) -> impl Iterator<Item = (&'a str, Span)> + use<'a> {
        let nodes = self.nodes;
        self.pairs()
            .map(move |[key, _]| (nodes.text(key), nodes.span(key)))
    }

    /// The items of a list; none if it is no list.
    #[must_use]
    pub fn items(&self) -> impl ExactSizeIterator<Item = Node<'a>> + use<'a> {
        let nodes = self.nodes;
        nodes
            .children_if(self.meant, Kind::Sequence)
            .map(move |item| Node::of(nodes, item))
    }

    /// What a scalar means; `None` for a list or a mapping.
    #[must_use]
    pub fn scalar(&self) -> Option<Scalar<'a>> {
        match self.nodes.kind(self.meant) {
            Kind::Scalar(style) => Some(scalar::resolve(self.nodes.text(self.meant), style)),
            _ => None,
        }
    }

    /// The text of a scalar, before its type is settled; `None` for a list or a mapping.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        let is_scalar = matches!(self.nodes.kind(self.meant), Kind::Scalar(_));
        is_scalar.then(|| self.nodes.text(self.meant))
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        self.nodes.kind(self.meant) == Kind::Mapping
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        self.nodes.kind(self.meant) == Kind::Sequence
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
        self.nodes.kind(self.meant) == Kind::Omitted
    }

    fn pairs(&self) -> impl Iterator<Item = [NodeId; 2]> + use<'a> {
        let mut parts = self.nodes.children_if(self.meant, Kind::Mapping);
        std::iter::from_fn(move || Some([parts.next()?, parts.next()?]))
    }

    /// Adds this value to a tree that has nothing of its own tree yet; what is shared in it stays shared.
    fn copy_into(self, copied: &mut Tree) -> NodeId {
        let mut numbers: HashMap<NodeId, NodeId> = HashMap::new();
        let mut order = vec![self.written];
        let mut next = 0;
        let before = copied.size();
        while let Some(&id) = order.get(next) {
            next += 1;
            if numbers.contains_key(&id) {
                continue;
            }
            numbers.insert(id, numbered(before + numbers.len()));
            order.extend(self.nodes.children(id));
            if let Kind::Alias(target) = self.nodes.kind(id) {
                order.push(target);
            }
        }
        for id in order {
            // What was met before is there already.
            if numbers[&id] == numbered(copied.size()) {
                copied.push_copy(self.nodes, id, |id| numbers[&id]);
            }
        }
        numbers[&self.written]
    }
}

impl<'a> Nodes<'a> {
    pub(crate) fn kind(self, id: NodeId) -> Kind {
        match self {
            Self::Read(tree) => tree.kind(id),
            Self::Packed(packed, _) => packed.kind(id),
        }
    }

    pub(crate) fn span(self, id: NodeId) -> Span {
        match self {
            Self::Read(tree) => tree.span(id),
            Self::Packed(packed, source) => packed.span(id, source),
        }
    }

    /// The text of a scalar, the empty text of anything else.
    pub(crate) fn text(self, id: NodeId) -> &'a str {
        match self {
            Self::Read(tree) => tree.text(id),
            // What was read as a text is one.
            Self::Packed(packed, source) => {
                str::from_utf8(packed.text(id, source)).unwrap_or_default()
            }
        }
    }

    /// The items of a list; keys and values by turns of a mapping; none of anything else.
    pub(crate) fn children(self, id: NodeId) -> Children<'a> {
        match self {
            Self::Read(tree) => Children::Read(tree.children(id)),
            Self::Packed(packed, _) => Children::Packed(packed.children(id)),
        }
    }

    /// What a node of one kind holds; nothing if it is of another.
    fn children_if(self, id: NodeId, kind: Kind) -> Children<'a> {
        if self.kind(id) == kind {
            self.children(id)
        } else {
            Children::Read(&[])
        }
    }

    fn has_text(self, id: NodeId, text: &str) -> bool {
        match self {
            Self::Read(tree) => tree.text(id) == text,
            Self::Packed(packed, source) => packed.text(id, source) == text.as_bytes(),
        }
    }
}

/// The numbers of what a node holds, in order.
#[derive(Clone, Debug)]
pub(crate) enum Children<'a> {
    Read(&'a [NodeId]),
    Packed(&'a [u16]),
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        match self {
            Self::Read(held) => held.split_off_first().copied(),
            Self::Packed(held) => held.split_off_first().map(|it| NodeId(u32::from(*it))),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = match self {
            Self::Read(held) => held.len(),
            Self::Packed(held) => held.len(),
        };
        (length, Some(length))
    }
}

impl ExactSizeIterator for Children<'_> {}
