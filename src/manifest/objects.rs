//! What a set of files holds, object by object, each with its places: what rules about manifests read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::decode::{Decoder, Field};
use super::definition::Definition;
use super::disruption_budget::DisruptionBudget;
use super::document::{Document, Node, Span};
use super::error::ManifestError;
use super::hpa_v2::HpaAsWritten;
use super::object::Workload;
use super::quota::{LimitRange, ResourceQuota};
use super::scaled_object::ScaledObject;
use super::selector::{self, LabelSelector};
use super::source::SourceText;
use super::vertical_autoscaler::VerticalAutoscaler;
use crate::hpa::HpaSpec;

/// Every object of a set of files, and what is wrong with the files.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// The objects in the order of files and within them.
    pub objects: Vec<Object>,
    /// What could not be read, and what the API server refuses.
    pub errors: Vec<ManifestError>,
    /// What was read, but is hardly meant so.
    pub warnings: Vec<ManifestError>,
    /// The files, in order.
    pub(crate) sources: Vec<Arc<SourceText>>,
}

/// One object, whatever its kind.
#[derive(Clone, Debug)]
pub struct Object {
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.name` (or `generateName`), empty if it has none.
    pub name: String,
    /// `metadata.namespace`, if given.
    pub namespace: Option<String>,
    /// The object with places. Of kinds that no rule is about, only `apiVersion`, `kind` and `metadata`.
    pub document: Arc<Document>,
    /// What is known of its kind.
    pub form: Form,
}

/// An autoscaler that the API server takes.
#[derive(Clone, Debug)]
pub struct Hpa {
    /// The file's own words, with places.
    pub written: HpaAsWritten,
    /// What it asks for, every default applied.
    pub meant: HpaSpec,
}

/// What is known of an object, by kind.
#[derive(Clone, Debug)]
pub enum Form {
    /// An autoscaler that the API server takes.
    Autoscaler(Box<Hpa>),
    /// An autoscaler that the API server refuses; `Objects::errors` says why.
    RefusedAutoscaler(Box<HpaAsWritten>),
    /// A Deployment, StatefulSet, ReplicaSet, or one of KubeVirt's kinds.
    Workload(Box<Workload>),
    /// A Service: the labels of the pods that it selects, none if there are none.
    Service(BTreeMap<String, String>),
    /// A PodDisruptionBudget.
    DisruptionBudget(Box<DisruptionBudget>),
    /// A VerticalPodAutoscaler.
    VerticalAutoscaler(Box<VerticalAutoscaler>),
    /// A ResourceQuota.
    ResourceQuota(Box<ResourceQuota>),
    /// A LimitRange.
    LimitRange(Box<LimitRange>),
    /// KEDA's ScaledObject.
    ScaledObject(Box<ScaledObject>),
    /// A CustomResourceDefinition.
    Definition(Box<Definition>),
    /// Of one of these kinds, but wrong; `Objects::errors` says why.
    Unreadable,
    /// Of any other kind.
    Other,
}

impl Objects {
    /// Takes up what further files hold.
    pub fn append(&mut self, further: Self) {
        self.put_objects(further.objects);
        self.errors.extend(further.errors);
        self.warnings.extend(further.warnings);
        self.sources.extend(further.sources);
    }

    /// Adds objects; the first many are taken over as they are.
    pub(crate) fn put_objects(&mut self, objects: Vec<Object>) {
        if self.objects.is_empty() {
            self.objects = objects;
        } else {
            self.objects.extend(objects);
        }
    }

    /// The text of a file that was read, in UTF-8, which spans count in; `None` for a name that is not among them.
    #[must_use]
    pub fn source_bytes(&self, name: &str) -> Option<&[u8]> {
        let found = self.sources.iter().find(|source| &**source.name() == name);
        found.map(|source| source.bytes())
    }

    /// Name and text of each file, in order.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.sources
            .iter()
            .map(|source| (&**source.name(), source.bytes()))
    }
}

impl Object {
    /// The API group: the empty text for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        let group = self.api_version.split_once('/');
        group.map_or("", |(group, _)| group)
    }

    /// `metadata.namespace`, or what kubectl takes without `-n`.
    #[must_use]
    pub fn namespace_or_default(&self) -> &str {
        self.namespace.as_deref().unwrap_or("default")
    }

    /// The value of an annotation, with its place.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<(&str, Span)> {
        let annotations = self.document.at("metadata.annotations")?;
        let value = annotations.get(key)?;
        Some((value.text()?, value.span()))
    }

    /// Whether it is of the same file as another.
    pub(crate) fn has_source_of(&self, other: &Self) -> bool {
        self.document.has_source_of(&other.document)
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.document.root().span()
    }

    /// Where it says what it is: its name, or else its kind.
    #[must_use]
    pub fn head(&self) -> Span {
        let name = self.document.at("metadata.name");
        let head = name.or_else(|| self.document.at("kind"));
        head.map_or(self.span(), |head| head.span())
    }

    /// What its pods, or virtual machines, are made from: an object with `metadata` and `spec`; for a Pod itself.
    /// `None` if it makes none.
    #[must_use]
    pub fn pod_template(&self) -> Option<Node<'_>> {
        let path = match (self.group(), self.kind.as_str()) {
            ("", "Pod") => return Some(self.document.root()),
            ("batch", "CronJob") => "spec.jobTemplate.spec.template",
            ("pool.kubevirt.io", "VirtualMachinePool") => {
                "spec.virtualMachineTemplate.spec.template"
            }
            ("apps" | "extensions" | "batch" | "kubevirt.io" | "argoproj.io", _)
            | ("", "ReplicationController") => "spec.template",
            _ => return None,
        };
        self.document.at(path).filter(Node::is_mapping)
    }

    /// The labels of its pods; those that are no strings are left out.
    #[must_use]
    pub fn pod_labels(&self) -> BTreeMap<String, String> {
        let labels = self
            .pod_template()
            .and_then(|template| template.at("metadata.labels"));
        let mut decoder = Decoder::default();
        let labels = labels.map(|labels| decoder.strings(&Field::root(labels)));
        let labels = labels.into_iter().flatten();
        labels.map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// `spec.selector`, by which it knows its pods; `None` if it has none.
    #[must_use]
    pub fn pod_selector(&self) -> Option<LabelSelector> {
        let spec = Field::root(self.document.at("spec")?);
        let mut decoder = Decoder::default();
        if self.kind != "ReplicationController" {
            return selector::read(&mut decoder, &spec, "selector");
        }
        let labels = decoder.object(&spec, "selector")?;
        let labels = decoder.strings(&labels).into_iter();
        let labels = labels.map(|(key, value)| (key.to_owned(), value)).collect();
        Some(LabelSelector::of_labels(&labels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::testing::hpa_text;
    use crate::manifest::{Source, read_objects};

    fn objects(text: &str) -> Objects {
        read_objects(vec![Source {
            name: "a.yaml".to_owned(),
            bytes: text.as_bytes().to_vec(),
        }])
    }

    #[test]
    fn every_object_is_kept_with_its_head() {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {a: b}}\ndata: {k: v}\n---\n\
                    apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: n}}\n";
        let read = objects(text);
        let named: Vec<_> = read
            .objects
            .iter()
            .map(|it| {
                (
                    it.kind.as_str(),
                    it.name.as_str(),
                    it.namespace_or_default(),
                )
            })
            .collect();
        assert_eq!(named, [("ConfigMap", "c", "default"), ("Secret", "s", "n")]);
        assert_eq!(
            read.objects[0].annotation("a").map(|(text, _)| text),
            Some("b")
        );
        assert!(read.objects[0].document.at("data").is_none());
        assert_eq!(read.objects[1].head().start.line, 9);
    }

    #[test]
    fn an_autoscaler_that_is_refused_is_kept_as_written() {
        let read = objects(&hpa_text("v2", "  minReplicas: 5\n  maxReplicas: 3\n"));
        let Form::RefusedAutoscaler(written) = &read.objects[0].form else {
            panic!("{:?}", read.objects[0].form);
        };
        assert_eq!(written.min_replicas.as_ref().map(|min| min.value), Some(5));
        assert_eq!(read.errors.len(), 1);
        assert_eq!(read.errors[0].concern, crate::manifest::Concern::Bounds);
        let found = &read.source_bytes("a.yaml").expect("it was read")
            [read.errors[0].span.start.offset..read.errors[0].span.end];
        assert_eq!(found, b"3");
    }

    #[test]
    fn pods_are_labelled_where_each_kind_says() {
        for (head, before, after) in [
            ("apps/v1, kind: Deployment", "template: {", "}"),
            (
                "batch/v1, kind: CronJob",
                "jobTemplate: {spec: {template: {",
                "}}}",
            ),
        ] {
            let text = format!(
                "{{apiVersion: {head}, metadata: {{name: a}}, spec: {{selector: {{matchLabels: {{app: web}}}}, \
                 {before}metadata: {{labels: {{app: web, x: 1}}}}, spec: {{containers: [{{name: c}}]}}{after}}}}}"
            );
            let read = objects(&text);
            let labels = read.objects[0].pod_labels();
            assert_eq!(
                labels,
                BTreeMap::from([("app".to_owned(), "web".to_owned())]),
                "{text}"
            );
            let selector = read.objects[0].pod_selector().expect("it has a selector");
            assert!(selector.matches(&labels));
        }
    }
}
