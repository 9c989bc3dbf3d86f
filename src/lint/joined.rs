//! An autoscaler with its scale target, and everything that makes pods.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::finding::Place;
use crate::hpa::{ControllerConfig, MetricSpec, MetricTarget, Resource};
use crate::manifest::{
    Autoscaler, Form, HpaAsWritten, LabelSelector, MetricAsWritten, Object, Objects,
    ReferenceAsWritten, ResourceFacts, TargetAsWritten, Workload, Written,
};

/// An autoscaler as written, as meant, and what it scales.
#[derive(Clone, Debug)]
pub struct Autoscaled<'a> {
    /// The object.
    pub object: &'a Object,
    /// The file's own words.
    pub written: &'a HpaAsWritten,
    /// With every default applied; `None` if the API server refuses it.
    pub meant: Option<&'a Autoscaler>,
    /// What it scales.
    pub target: Target<'a>,
}

/// What an autoscaler scales.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// Something that makes pods: `Context::owner` has it.
    Owner(usize),
    /// An object of a kind whose pods are not known, such as a custom resource.
    Object(&'a Object),
    /// It is not there, and others of its kind and namespace are.
    Absent,
    /// It is not there, but nothing else of its kind and namespace is either: the input is probably part of a whole.
    OutOfSight,
    /// The autoscaler names none.
    Unnamed,
}

/// An object that makes pods or virtual machines, or a Pod itself.
#[derive(Clone, Debug)]
pub struct PodOwner<'a> {
    /// The object.
    pub object: &'a Object,
    /// What is known of its pods, for the kinds that can be replayed.
    pub workload: Option<&'a Workload>,
    /// The labels of its pods.
    pub labels: Cow<'a, BTreeMap<String, String>>,
    /// `spec.selector`.
    pub selector: Option<LabelSelector>,
    /// Which of all owners it is.
    pub(crate) number: usize,
}

/// One metric of an autoscaler that the API server takes.
#[derive(Clone, Copy, Debug)]
pub struct Metric<'a> {
    /// As meant.
    pub spec: &'a MetricSpec,
    /// As written; `None` for the metric that stands in where none is written.
    pub written: Option<&'a Written<MetricAsWritten>>,
}

/// What a pod, or one container of it, may use of a resource, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// What utilization is measured against; `None` where a container that counts states none, so that the metric fails.
    pub request: Option<i64>,
    /// The most that it can use; `None` where a container that counts is unlimited.
    pub limit: Option<i64>,
}

/// An object, with its number among the pod owners if it is one.
type Numbered<'a> = (&'a Object, Option<usize>);

/// Finds scale targets by kind and name.
#[derive(Debug, Default)]
pub(crate) struct Scalable<'a> {
    /// The kinds that something scales, of which alone objects are kept.
    kinds: HashMap<&'a str, OfKind<'a>>,
}

/// The objects of one kind.
#[derive(Debug, Default)]
struct OfKind<'a> {
    /// By name, in order.
    by_name: HashMap<&'a str, Vec<Numbered<'a>>>,
    /// Namespaces that have some.
    namespaces: HashSet<&'a str>,
}

impl<'a> Scalable<'a> {
    /// For the kinds that the autoscalers and ScaledObjects among some objects name.
    pub(crate) fn for_targets_in(objects: &'a Objects) -> Self {
        let named = objects.objects.iter().filter_map(|object| {
            let reference = match &object.form {
                Form::Autoscaler(it) => it.written.scale_target.as_ref(),
                Form::RefusedAutoscaler(it) => it.scale_target.as_ref(),
                Form::ScaledObject(it) => it.scale_target.as_ref(),
                _ => None,
            };
            // What a ScaledObject leaves out is a Deployment.
            Some(text(reference?.value.kind.as_ref()).unwrap_or("Deployment"))
        });
        let kinds = named.map(|kind| (kind, OfKind::default())).collect();
        Self { kinds }
    }

    /// Takes in an object, with its number among the pod owners if it is one.
    pub(crate) fn put(&mut self, object: &'a Object, owner: Option<usize>) {
        if let Some(of_kind) = self.kinds.get_mut(object.kind.as_str()) {
            let same_name = of_kind.by_name.entry(&object.name).or_default();
            same_name.push((object, owner));
            of_kind.namespaces.insert(object.namespace_or_default());
        }
    }

    /// The number of the first pod owner of a kind and name in a namespace.
    pub(crate) fn owner_named(&self, kind: &str, name: &str, namespace: &str) -> Option<usize> {
        let same_name = self.kinds.get(kind)?.by_name.get(name)?;
        let mut here = same_name
            .iter()
            .filter(|(object, _)| object.namespace_or_default() == namespace);
        here.find_map(|(_, number)| *number)
    }

    /// What an autoscaler scales.
    ///
    /// Kind, name and namespace have to agree. Where one side names no namespace, any will do if there is none better,
    /// since `kubectl -n` supplies it. Of several, one of the reference's own API group comes first; another group is
    /// a rule's business.
    pub(crate) fn target_of(&self, autoscaled: &Autoscaled<'_>) -> Target<'a> {
        let Some((kind, name)) = autoscaled.target_name() else {
            return Target::Unnamed;
        };
        let namespace = autoscaled.object.namespace_or_default();
        let of_kind = self.kinds.get(kind);
        let found = of_kind.and_then(|it| it.by_name.get(name));
        let same_name = found.map(Vec::as_slice).unwrap_or_default();
        let rank = |object: &Object| {
            let is_unsaid = object.namespace.is_none() || autoscaled.object.namespace.is_none();
            let is_same = object.namespace_or_default() == namespace;
            let is_group = object.group() == autoscaled.target_group();
            (is_same || is_unsaid).then_some((!is_same, !is_group))
        };
        let best = same_name
            .iter()
            .filter_map(|it| rank(it.0).map(|rank| (rank, it)))
            .min_by_key(|(rank, _)| *rank);
        match best {
            Some((_, (_, Some(number)))) => Target::Owner(*number),
            Some((_, (object, None))) => Target::Object(object),
            None if of_kind.is_some_and(|it| it.namespaces.contains(namespace)) => Target::Absent,
            None => Target::OutOfSight,
        }
    }
}

impl<'a> Autoscaled<'a> {
    /// `minReplicas` with its default of 1.
    #[must_use]
    pub fn min_replicas(&self) -> i32 {
        self.written
            .min_replicas
            .as_ref()
            .map_or(1, |min| min.value)
    }

    /// `maxReplicas`; `None` if it is missing, which the API server refuses.
    #[must_use]
    pub fn max_replicas(&self) -> Option<i32> {
        self.written.max_replicas.as_ref().map(|max| max.value)
    }

    /// Its metrics, with the one that stands in where none is written; none if the API server refuses it.
    pub fn metrics(&self) -> impl Iterator<Item = Metric<'a>> + use<'a> {
        let specs = self.meant.map(|meant| meant.spec.metrics.as_slice());
        let written = self.written.metrics.as_ref();
        let written = written
            .map(|metrics| metrics.value.as_slice())
            .unwrap_or_default();
        let specs = specs.unwrap_or_default().iter().enumerate();
        specs.map(|(index, spec)| Metric {
            spec,
            written: written.get(index),
        })
    }

    /// Where the number of a metric's target stands, or else the metric, or else the autoscaler's spec.
    #[must_use]
    pub fn place_of_target(&self, metric: &Metric<'_>) -> Place {
        let span = match (metric.target_as_written(), metric.written) {
            (Some(target), written) => {
                let utilization = target.average_utilization.as_ref().map(|it| it.span);
                let average = target.average_value.as_ref().map(|it| it.span);
                let value = target.value.as_ref().map(|it| it.span);
                utilization
                    .or(average)
                    .or(value)
                    .or(written.map(|it| it.span))
            }
            (None, Some(metric)) => Some(metric.span),
            (None, None) => None,
        };
        match span {
            Some(span) => Place::new(&self.object.document, span),
            None => Place::at(self.object, "spec.metrics"),
        }
    }

    /// Kind and name of what it scales, if it says both.
    #[must_use]
    pub fn target_name(&self) -> Option<(&'a str, &'a str)> {
        let reference = &self.written.scale_target.as_ref()?.value;
        Some((
            text(reference.kind.as_ref())?,
            text(reference.name.as_ref())?,
        ))
    }

    /// Whether it names the same object as another does: by namespace, API group, kind and name.
    #[must_use]
    pub fn has_target_of(&self, other: &Autoscaled<'_>) -> bool {
        self.target_name().is_some()
            && self.target_name() == other.target_name()
            && self.target_group() == other.target_group()
            && self.object.namespace_or_default() == other.object.namespace_or_default()
    }

    /// The API group of what it scales, the empty text if it names none.
    #[must_use]
    pub fn target_group(&self) -> &'a str {
        let reference = self.written.scale_target.as_ref();
        reference.map_or("", |reference| group_of(&reference.value))
    }
}

impl<'a> Metric<'a> {
    /// The resource that it measures and what is wanted of it, of all containers or of one; `None` for other metrics.
    #[must_use]
    pub fn resource(&self) -> Option<(&'a Resource, Option<&'a str>, &'a MetricTarget)> {
        match self.spec {
            MetricSpec::Resource { resource, target } => Some((resource, None, target)),
            MetricSpec::ContainerResource {
                resource,
                container,
                target,
            } => Some((resource, Some(container), target)),
            _ => None,
        }
    }

    /// What is wanted of it, as written.
    #[must_use]
    pub fn target_as_written(&self) -> Option<&'a TargetAsWritten> {
        let (_, source) = self.written?.value.sources.first()?;
        Some(&source.value.target.as_ref()?.value)
    }
}

impl PodOwner<'_> {
    /// What a pod, or one container of it, may use of a resource, as the controller sums it up; `None` where its pods
    /// are not known or have no such container.
    #[must_use]
    pub fn amounts(&self, resource: &Resource, container: Option<&str>) -> Option<Amounts> {
        let pod = &self.workload?.pod;
        let counts = |name: &str| container.is_none_or(|container| container == name);
        let mut counted = pod
            .lasting_containers()
            .filter(|it| counts(&it.name))
            .peekable();
        counted.peek()?;
        let sum = counted
            .map(|it| amount_of(&it.limits, resource))
            .try_fold(0_i64, |sum, limit| {
                limit.map(|limit| sum.saturating_add(limit))
            });
        let of_pod = amount_of(&pod.pod_level_limits, resource).filter(|_| container.is_none());
        let config = &ControllerConfig::KUBERNETES_1_36;
        Some(Amounts {
            request: pod.shape().request(config, resource, container),
            limit: of_pod.or(sum),
        })
    }
}

/// An amount of cpu or memory; others are not read.
pub(crate) fn amount_of(facts: &ResourceFacts, resource: &Resource) -> Option<i64> {
    match resource {
        Resource::Cpu => facts.cpu_milli,
        Resource::Memory => facts.memory_milli,
        Resource::Other(_) => None,
    }
}

impl<'a> PodOwner<'a> {
    /// Of an object that makes pods; `None` of any other.
    pub(crate) fn of(object: &'a Object) -> Option<Self> {
        let workload = match &object.form {
            Form::Workload(workload) => Some(&**workload),
            _ => None,
        };
        object.pod_template()?;
        let labels = match workload {
            Some(workload) if !workload.kind.is_vm() => Cow::Borrowed(&workload.pod.labels),
            _ => Cow::Owned(object.pod_labels()),
        };
        Some(Self {
            object,
            workload,
            labels,
            selector: object.pod_selector(),
            number: 0,
        })
    }
}

/// The API group that a reference names, the empty text if it names none.
pub(crate) fn group_of(reference: &ReferenceAsWritten) -> &str {
    let version = text(reference.api_version.as_ref()).unwrap_or_default();
    version.split_once('/').map_or("", |(group, _)| group)
}

/// Whether a reference within a namespace names an object. The group has to agree only where it is given.
pub(crate) fn names(reference: &ReferenceAsWritten, object: &Object) -> bool {
    let group = group_of(reference);
    text(reference.kind.as_ref()) == Some(object.kind.as_str())
        && text(reference.name.as_ref()) == Some(object.name.as_str())
        && (group.is_empty() || group == object.group())
}

fn text(written: Option<&Written<String>>) -> Option<&str> {
    written.map(|text| text.value.as_str())
}
