//! JSON inside an annotation, as a tree whose every value stands where the annotation stands.

use super::builder::{Builder, Whole};
use super::decode::Written;
use super::document::Node;
use super::json;
use super::source::Chunk;
use super::tree::{NodeId, Tree};

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
    tree.move_to(text.span);
    tree.lower_keys();
    Some(Annotation { tree, root })
}
