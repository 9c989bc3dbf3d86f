//! An autoscaler with its scale target, and everything that makes pods.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, HashMap, HashSet};

use super::alternatives::{Alternatives, names_a_namespace};
use super::finding::Place;
use super::nearness::{folder_of, nearness};
use crate::hpa::{ControllerConfig, HpaSpec, MetricSpec, MetricTarget, Resource};
use crate::manifest::{
    Form, HpaAsWritten, LabelSelector, MetricAsWritten, Object, Objects, ReferenceAsWritten,
    ResourceFacts, TargetAsWritten, Workload, Written,
};

/// An autoscaler as written, as meant, and what it scales.
#[derive(Clone, Debug)]
pub struct Autoscaled<'a> {
    /// The object.
    pub object: &'a Object,
    /// The file's own words.
    pub written: &'a HpaAsWritten,
    /// With every default applied; `None` if the API server refuses it.
    pub meant: Option<&'a HpaSpec>,
    /// What it scales.
    pub target: Target<'a>,
}

/// What an autoscaler scales.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// Something that makes pods: `Context::owner` has it.
    Owner(usize),
    /// An object whose pods are not known, such as a custom resource, or whose pods another autoscaler of the same name
    /// scales, which stands nearer to it.
    Object(&'a Object),
    /// It is not there, and others of its kind are, in the same file or folder or in the namespace that it names.
    Absent,
    /// It is not there, but nothing else of its kind is beside it either: the input is probably part of a whole.
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

/// How many objects of one kind and name are looked at before and behind a file in the order of files, where a nearer
/// one stands than any further away.
const NEAR: usize = 32;

/// Finds scale targets by kind and name.
#[derive(Debug, Default)]
pub(crate) struct Scalable<'a> {
    /// The kinds that something scales, and those of what scales, of which alone objects are kept.
    kinds: HashMap<&'a str, OfKind<'a>>,
}

/// The objects of one kind.
#[derive(Debug, Default)]
struct OfKind<'a> {
    /// By name, and those of one name in the order of files.
    all: Vec<Numbered<'a>>,
    /// Likewise by name and namespace, `default` being that of the unsaid.
    by_namespace: Vec<Numbered<'a>>,
    /// Likewise those that name no namespace.
    unsaid: Vec<Numbered<'a>>,
    /// Namespaces that have some, by file and by folder.
    present: HashSet<(&'a str, &'a str)>,
    /// Namespaces that some of them name.
    named: HashSet<&'a str>,
}

impl<'a> Scalable<'a> {
    /// For the kinds that the autoscalers and ScaledObjects among some objects name, and for autoscalers.
    pub(crate) fn for_targets_in(objects: &'a Objects) -> Self {
        let mut kinds = HashMap::new();
        for object in &objects.objects {
            let reference = match &object.form {
                Form::Autoscaler(it) => it.written.scale_target.as_ref(),
                Form::RefusedAutoscaler(it) => it.scale_target.as_ref(),
                Form::ScaledObject(it) => it.scale_target.as_ref(),
                _ => continue,
            };
            kinds.entry(object.kind.as_str()).or_default();
            if let Some(reference) = reference {
                // What a ScaledObject leaves out is a Deployment.
                let kind = text(reference.value.kind.as_ref()).unwrap_or("Deployment");
                kinds.entry(kind).or_default();
            }
        }
        Self { kinds }
    }

    /// Takes in an object, with its number among the pod owners if it is one.
    pub(crate) fn put(&mut self, object: &'a Object, owner: Option<usize>) {
        let Some(of_kind) = self.kinds.get_mut(object.kind.as_str()) else {
            return;
        };
        let namespace = object.namespace_or_default();
        of_kind.all.push((object, owner));
        let source = object.document.source_name();
        of_kind.present.insert((namespace, folder_of(source)));
        of_kind.present.insert((namespace, source));
        if names_a_namespace(object) {
            of_kind.named.insert(namespace);
        }
    }

    /// Takes in no more.
    pub(crate) fn finish(&mut self) {
        self.kinds.values_mut().for_each(OfKind::finish);
    }

    /// The number of the pod owner of a kind and name that is in the namespace of an object, the nearest to it.
    pub(crate) fn owner_named(&self, kind: &str, name: &str, from: &Object) -> Option<usize> {
        let (target, owner) = self.nearest((kind, name), from, |(_, owner)| owner.is_none())?;
        let is_same = target.namespace_or_default() == from.namespace_or_default();
        owner.filter(|_| is_same)
    }

    /// What an autoscaler scales.
    ///
    /// Kind, name and namespace have to agree. Where one side names no namespace, any will do if there is none better,
    /// since `kubectl -n` supplies it. Of several, one of the reference's own API group comes first, then one of the same
    /// file, then a whole object before a patch, then the nearest in the tree of files; another group is a rule's
    /// business. If another autoscaler of the same name stands nearer to it (another stage or sample), its pods are that
    /// one's.
    pub(crate) fn target_of(
        &self,
        autoscaled: &Autoscaled<'_>,
        alternatives: &Alternatives<'_>,
    ) -> Target<'a> {
        let Some((kind, name)) = autoscaled.target_name() else {
            return Target::Unnamed;
        };
        let object = autoscaled.object;
        let found = self.nearest((kind, name), object, |(it, _)| {
            it.group() != autoscaled.target_group()
        });
        let Some((target, owner)) = found else {
            return if self.should_be_seen(kind, object, alternatives) {
                Target::Absent
            } else {
                Target::OutOfSight
            };
        };
        let (here, there) = (object.document.source_name(), target.document.source_name());
        let twin = if here == there {
            None
        } else {
            let own_kind = (object.kind.as_str(), object.name.as_str());
            self.nearest(own_kind, target, |(it, _)| {
                it.namespace_or_default() != object.namespace_or_default()
            })
        };
        let is_the_twins = twin.is_some_and(|(twin, _)| {
            nearness(twin.document.source_name(), there) > nearness(here, there)
        });
        match owner {
            Some(number) if !is_the_twins => Target::Owner(number),
            _ => Target::Object(target),
        }
    }

    /// The object of a kind and name that is the best and nearest as seen from another; `is_worse` ranks objects after
    /// others.
    fn nearest(
        &self,
        (kind, name): (&str, &str),
        from: &Object,
        is_worse: impl Fn(&Numbered<'a>) -> bool,
    ) -> Option<Numbered<'a>> {
        let of_kind = self.kinds.get(kind)?;
        let namespace = from.namespace_or_default();
        let mut all = stretch(&of_kind.by_namespace, |it| {
            (it.name.as_str(), it.namespace_or_default()).cmp(&(name, namespace))
        });
        if all.is_empty() {
            let others = match from.namespace {
                None => &of_kind.all,
                Some(_) => &of_kind.unsaid,
            };
            all = stretch(others, |it| it.name.as_str().cmp(name));
        }
        let here = from.document.source_name();
        let rank = |numbered: &Numbered<'a>| {
            let object = numbered.0;
            let is_patch = matches!(object.form, Form::Unreadable | Form::RefusedAutoscaler(_));
            let near = nearness(here, object.document.source_name());
            // What a file says of an object itself stands before a whole one elsewhere.
            let is_elsewhere = near < usize::MAX;
            (is_worse(numbered), is_elsewhere, is_patch, Reverse(near))
        };
        let place = all.partition_point(|(object, _)| object.document.source_name() < here);
        let around = &all[place.saturating_sub(NEAR)..(place + NEAR).min(all.len())];
        around.iter().min_by_key(|it| rank(it)).copied()
    }

    /// Whether objects of a kind are there beside an object, so that one that is not is missing.
    fn should_be_seen(&self, kind: &str, object: &Object, alternatives: &Alternatives<'_>) -> bool {
        let Some(of_kind) = self.kinds.get(kind) else {
            return false;
        };
        let namespace = object.namespace_or_default();
        let source = object.document.source_name();
        let folder = folder_of(source);
        of_kind.present.contains(&(namespace, source))
            || of_kind.present.contains(&(namespace, folder)) && !alternatives.has(folder)
            || names_a_namespace(object)
                && of_kind.named.contains(namespace)
                && alternatives.is_empty()
    }
}

impl OfKind<'_> {
    /// Puts what was taken in in order.
    fn finish(&mut self) {
        let all = &mut self.all;
        all.sort_by(|(one, _), (other, _)| {
            (one.name.cmp(&other.name))
                .then_with(|| one.document.source_name().cmp(other.document.source_name()))
        });
        self.by_namespace.clone_from(all);
        self.by_namespace.sort_by(|(one, _), (other, _)| {
            (one.name.cmp(&other.name))
                .then_with(|| one.namespace_or_default().cmp(other.namespace_or_default()))
        });
        let unsaid = all.iter().filter(|(object, _)| object.namespace.is_none());
        self.unsaid = unsaid.copied().collect();
    }
}

/// Those of an ordered list that compare as equal.
fn stretch<'l, 'a>(
    list: &'l [Numbered<'a>],
    compared: impl Fn(&'a Object) -> Ordering,
) -> &'l [Numbered<'a>] {
    let from = list.partition_point(|(it, _)| compared(it).is_lt());
    let length = list[from..].partition_point(|(it, _)| compared(it).is_eq());
    &list[from..from + length]
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
        let specs = self.meant.map(|meant| meant.metrics.as_slice());
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
        named(&self.written.scale_target.as_ref()?.value)
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

/// Kind and name of what a reference names, if it says both.
pub(crate) fn named(reference: &ReferenceAsWritten) -> Option<(&str, &str)> {
    Some((
        text(reference.kind.as_ref())?,
        text(reference.name.as_ref())?,
    ))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::context::Context;
    use crate::lint::settings::Settings;
    use crate::manifest::{Source, read_objects};

    const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: NS}\nspec:\n  selector: {matchLabels: \
         {app: web}}\n  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}\n";

    const AUTOSCALER: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: NS}\nspec:\n  \
         scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  maxReplicas: 3\n";

    /// Files with an object of a namespace, `-` being none.
    fn read(files: &[(&str, &str, &str)]) -> Objects {
        let sources = files.iter().map(|(name, text, namespace)| Source {
            name: (*name).to_owned(),
            bytes: match *namespace {
                "-" => text.replace(", namespace: NS", ""),
                namespace => text.replace("NS", namespace),
            }
            .into_bytes(),
        });
        let objects = read_objects(sources.collect());
        assert_eq!(objects.errors, []);
        objects
    }

    /// Which file the first autoscaler's target is in.
    #[track_caller]
    fn check(files: &[(&str, &str, &str)], expected: Option<&str>) {
        let objects = read(files);
        let context = Context::new(&objects, &Settings::USUAL);
        let autoscaled = context.autoscalers().next().expect("there is one");
        let owner = context.owner(autoscaled);
        let found = owner.map(|owner| owner.object.document.source_name());
        assert_eq!(found, expected, "{:?}", autoscaled.target);
    }

    #[test]
    fn the_namespace_has_to_agree_unless_one_side_says_none() {
        let one = |ours: &'static str, theirs: &'static str| {
            [("a.yaml", AUTOSCALER, ours), ("b.yaml", DEPLOYMENT, theirs)]
        };
        check(&one("shop", "shop"), Some("b.yaml"));
        check(&one("shop", "-"), Some("b.yaml"));
        check(&one("-", "shop"), Some("b.yaml"));
        check(&one("shop", "bank"), None);
    }

    #[test]
    fn of_several_the_nearest_is_meant() {
        check(
            &[
                ("eu/a.yaml", AUTOSCALER, "-"),
                ("eu/web.yaml", DEPLOYMENT, "-"),
                ("us/web.yaml", DEPLOYMENT, "-"),
            ],
            Some("eu/web.yaml"),
        );
        let both = format!("{AUTOSCALER}---\n{DEPLOYMENT}");
        check(
            &[("eu/x.yaml", &both, "-"), ("eu/a.yaml", DEPLOYMENT, "-")],
            Some("eu/x.yaml"),
        );
    }

    #[test]
    fn of_ten_thousand_of_one_name_each_finds_its_own() {
        let both = format!("{AUTOSCALER}---\n{DEPLOYMENT}");
        let names: Vec<String> = (0..10_000).map(|at| format!("s{at:05}/web.yaml")).collect();
        let files: Vec<(&str, &str, &str)> = names
            .iter()
            .map(|name| (name.as_str(), both.as_str(), "-"))
            .collect();
        let objects = read(&files);
        let context = Context::new(&objects, &Settings::USUAL);
        for autoscaled in context.autoscalers() {
            let owner = context.owner(autoscaled).expect("it is beside");
            assert!(owner.object.has_source_of(autoscaled.object));
        }
    }
}
