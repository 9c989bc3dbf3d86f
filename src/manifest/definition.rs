//! CustomResourceDefinition: which kind it defines, and which of its versions can be scaled.

use super::decode::Field;
use super::document::Node;
use super::object::TypeMeta;

/// A kind that a cluster learns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// `spec.group`.
    pub group: String,
    /// `spec.names.kind`.
    pub kind: String,
    /// Whether any version has the `scale` subresource, through which an autoscaler sets a count.
    pub has_scale: bool,
}

/// What an object defines; `None` if it is no CustomResourceDefinition, or not a whole one.
pub(crate) fn read(object: &Field<'_>, of: &TypeMeta) -> Option<Definition> {
    if of.kind != "CustomResourceDefinition" || !of.api_version.starts_with("apiextensions.k8s.io/")
    {
        return None;
    }
    let spec = object.node.get("spec")?;
    let has_scale = |node: Node<'_>| node.at("subresources.scale").is_some();
    let versions = spec.get("versions");
    // Version v1beta1 could say it once for all versions.
    let mut places = versions
        .into_iter()
        .flat_map(|list| list.items())
        .chain([spec]);
    Some(Definition {
        group: spec.get("group")?.text()?.to_owned(),
        kind: spec.at("names.kind")?.text()?.to_owned(),
        has_scale: places.any(has_scale),
    })
}
