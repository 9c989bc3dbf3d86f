//! JSON inside an annotation, as a tree whose every value stands where the annotation stands.

use super::builder::{Builder, Whole};
use super::decode::Written;
use super::document::{Node, NodeId, Tree, Value};
use super::json;
use super::source::Chunk;

/// A parsed annotation.
pub(crate) struct Annotation {
    tree: Tree,
    root: NodeId,
}

impl Annotation {
    pub(crate) fn root(&self) -> Node<'_> {
        self.tree.node(self.root)
    }
}

/// Parses an annotation's value as the value of `key` in an object; `None` if it is no JSON.
///
/// Go's decoder takes keys in any case, and the API server itself writes some of these annotations with capitals: first
/// letters are made small.
pub(crate) fn parse(text: &Written<String>, key: &str) -> Option<Annotation> {
    let wrapped = format!("{{\"{key}\":{}}}", text.value);
    let chunk = Chunk {
        start: text.span.start,
        bytes: wrapped.as_bytes(),
    };
    let mut whole = Whole::default();
    json::parse(&chunk, &wrapped, &mut Builder::new(&mut whole)).ok()?;
    let (mut tree, root) = whole
        .documents
        .pop()
        .filter(|_| whole.documents.is_empty())?;
    for node in &mut tree.nodes {
        node.span = text.span;
    }
    let keys: Vec<NodeId> = tree
        .nodes
        .iter()
        .flat_map(|node| match &node.value {
            Value::Mapping(entries) => entries.iter().map(|(key, _)| *key).collect(),
            _ => Vec::new(),
        })
        .collect();
    for key in keys {
        if let Value::Scalar { text, .. } = &mut tree.nodes[key.0 as usize].value
            && let Some(first) = text.get_mut(..1)
        {
            first.make_ascii_lowercase();
        }
    }
    Some(Annotation { tree, root })
}
