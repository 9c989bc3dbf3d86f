//! One Kubernetes object: what kind it is, and what is read of it.

use std::fmt;
use std::sync::Arc;

use super::builder::Extent;
use super::decode::{Decoder, Field, Written};
use super::document::Document;
use super::error::{Concern, ErrorKind, Fault, printable, quoted};
use super::hpa_v2::{self, HpaAsWritten, ReferenceAsWritten, SourceKind};
use super::keda::{self, KedaFacts};
use super::resolve::{self, Resolved};
use super::service::{self, Service};
use super::source::SourceText;
use super::target::{ScaleTargetRef, TargetKind};
use super::virtual_machine::{self, Layout};
use super::workload::{self, PodFacts, WorkloadParts};
use super::{hpa_legacy, name, validate};
use crate::hpa::HpaSpec;

/// An autoscaler, as meant and as written.
#[derive(Clone, Debug)]
pub struct Autoscaler {
    /// `metadata.name` (or `generateName`).
    pub name: String,
    /// `metadata.namespace`, if given.
    pub namespace: Option<String>,
    /// `apiVersion` of the file.
    pub api_version: String,
    /// What it scales.
    pub scale_target: ScaleTargetRef,
    /// What it asks for, every default applied.
    pub spec: HpaSpec,
    /// What each of `spec.metrics` measures, in the same order.
    pub metric_sources: Vec<MetricSource>,
    /// The fields that the file left out and API defaulting filled, such as `spec.minReplicas`.
    pub defaulted: Vec<&'static str>,
    /// The file's own words, with places.
    pub written: HpaAsWritten,
    /// The whole object, with places: of a ScaledObject if `keda` is there, which has no field of an HPA.
    pub document: Arc<Document>,
    /// That it is the HPA that KEDA makes of a ScaledObject, and what KEDA does besides.
    pub keda: Option<Box<KedaFacts>>,
    /// Where it stands.
    pub origin: Origin,
}

/// What a metric measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricSource {
    /// Which of the five.
    pub kind: SourceKind,
    /// The name of the resource or metric.
    pub name: String,
    /// For ContainerResource, the container.
    pub container: Option<String>,
    /// For Object, the object that has the metric.
    pub described_object: Option<ObjectRef>,
    /// The metric's label selector in the notation of `kubectl -l`.
    pub selector: Option<String>,
    /// Where the metric stands.
    pub origin: Origin,
}

/// An object, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    /// `apiVersion`, if given.
    pub api_version: Option<String>,
    /// `kind`.
    pub kind: String,
    /// `name`.
    pub name: String,
}

/// A workload that an autoscaler may scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Its kind.
    pub kind: TargetKind,
    /// `metadata.name` (or `generateName`).
    pub name: String,
    /// `metadata.namespace`, if given.
    pub namespace: Option<String>,
    /// `apiVersion` of the file.
    pub api_version: String,
    /// `spec.replicas`, if given.
    pub replicas: Option<i32>,
    /// What its pods are like.
    pub pod: PodFacts,
    /// Where it stands.
    pub origin: Origin,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file as it was named to the reader.
    pub source: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
}

impl Autoscaler {
    /// The kind and name of the object in the file: those of the ScaledObject where KEDA makes the autoscaler.
    #[must_use]
    pub fn kind_and_name(&self) -> (&'static str, &str) {
        match &self.keda {
            Some(keda) => ("ScaledObject", &keda.scaled_object),
            None => ("HorizontalPodAutoscaler", &self.name),
        }
    }
}

impl fmt::Display for Origin {
    /// As `file:line:column`, fit for a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = printable(&self.source);
        write!(f, "{source}:{}:{}", self.line, self.column)
    }
}

/// What an object turned out to be.
pub(crate) enum Reading {
    Autoscaler(Box<Autoscaler>),
    Workload(Box<Workload>),
    Service(Box<Service>),
    /// Of a kind that nobody asked for: `apiVersion/Kind`.
    Skipped(String),
    /// Wrong; the decoder says why.
    Refused,
}

/// `apiVersion` and `kind`.
#[derive(Clone, Debug)]
pub(crate) struct TypeMeta {
    pub(crate) api_version: String,
    pub(crate) kind: String,
}

impl TypeMeta {
    /// Whether it is an autoscaler of whatever version.
    pub(crate) fn is_autoscaler(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "HorizontalPodAutoscaler" | "ScaledObject"
        )
    }
}

/// How an object is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Autoscaler,
    ScaledObject,
    Workload,
    VirtualMachine(Layout),
    Service,
}

/// What an object is called.
pub(crate) struct Name {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
}

/// Reads the type of an object; an item of a list may leave it to the list.
pub(crate) fn read_type(
    decoder: &mut Decoder,
    object: &Field<'_>,
    implied: Option<&TypeMeta>,
) -> Option<TypeMeta> {
    let api_version = decoder.string(object, "apiVersion").map(|text| text.value);
    let kind = decoder.string(object, "kind").map(|text| text.value);
    if !decoder.faults.is_empty() {
        return None;
    }
    let implied = |of: fn(&TypeMeta) -> &String| implied.map(|implied| of(implied).clone());
    let kind = kind.or_else(|| implied(|it| &it.kind));
    let api_version = api_version.or_else(|| implied(|it| &it.api_version));
    let field = if kind.is_none() { "kind" } else { "apiVersion" };
    match (api_version, kind) {
        (Some(api_version), Some(kind)) if !kind.is_empty() => Some(TypeMeta { api_version, kind }),
        _ => {
            let expected = "a Kubernetes object with `apiVersion` and `kind`";
            let message = format!("{field} is missing, expected {expected}");
            decoder
                .faults
                .push(Fault::new(object.at(), ErrorKind::NotAnObject, message));
            None
        }
    }
}

/// Whether objects of a type are passed over.
pub(crate) fn is_skipped(of: &TypeMeta) -> bool {
    matches!(choose_reader(of), Ok(None))
}

/// Reads an object of a known type.
pub(crate) fn read(
    decoder: &mut Decoder,
    object: &Field<'_>,
    of: &TypeMeta,
    extent: Extent,
    source: &Arc<SourceText>,
) -> Reading {
    let reader = match choose_reader(of) {
        Ok(Some(reader)) => reader,
        Ok(None) => return Reading::Skipped(skipped_name(of)),
        Err(problem) => {
            let kind = if of.kind == "Template" {
                ErrorKind::Template
            } else {
                ErrorKind::Invalid
            };
            decoder.faults.push(Fault::new(object.at(), kind, problem));
            return Reading::Refused;
        }
    };
    if reader == Reader::Service && !service::has_affinity(object) {
        return Reading::Skipped(skipped_name(of));
    }
    if extent == Extent::Cut {
        let message = format!(
            "the {} is too large, expected far fewer values",
            printable(&of.kind)
        );
        decoder
            .faults
            .push(Fault::new(object.at(), ErrorKind::TooLarge, message));
        return Reading::Refused;
    }
    let read = match reader {
        Reader::Autoscaler => {
            read_autoscaler(decoder, object, of, source).map(|it| Reading::Autoscaler(Box::new(it)))
        }
        Reader::ScaledObject => {
            keda::read(decoder, object, of, source).map(|it| Reading::Autoscaler(Box::new(it)))
        }
        Reader::Workload => {
            let parts = workload::read(decoder, object, &of.api_version);
            read_workload(decoder, object, of, source, parts)
                .map(|it| Reading::Workload(Box::new(it)))
        }
        Reader::VirtualMachine(layout) => {
            let parts = virtual_machine::read(decoder, object, layout);
            read_workload(decoder, object, of, source, parts)
                .map(|it| Reading::Workload(Box::new(it)))
        }
        Reader::Service => {
            let service = read_service(decoder, object, source);
            // Nothing else depends on a Service: what is wrong with it does not hinder a replay.
            let faults = std::mem::take(&mut decoder.faults);
            if !faults.is_empty() {
                decoder.warnings.extend(faults);
                return Reading::Skipped(skipped_name(of));
            }
            service
        }
    };
    read.filter(|_| decoder.faults.is_empty())
        .unwrap_or(Reading::Refused)
}

/// How objects of a type are read, `None` if not at all; an error for a type that has to be turned into another first.
pub(crate) fn choose_reader(of: &TypeMeta) -> Result<Option<Reader>, String> {
    let (group, version) = of
        .api_version
        .rsplit_once('/')
        .unwrap_or(("", &of.api_version));
    let reader = match (group, of.kind.as_str()) {
        ("autoscaling", "HorizontalPodAutoscaler") => {
            if !matches!(version, "v1" | "v2" | "v2beta1" | "v2beta2") {
                return Err(format!(
                    "apiVersion: {} is no version of the autoscaler, expected autoscaling/v2, v2beta2, v2beta1 or v1",
                    quoted(&of.api_version)
                ));
            }
            Reader::Autoscaler
        }
        ("apps" | "extensions", "Deployment" | "ReplicaSet") | ("apps", "StatefulSet") => {
            Reader::Workload
        }
        ("kubevirt.io", "VirtualMachineInstanceReplicaSet") => {
            Reader::VirtualMachine(Layout::ReplicaSet)
        }
        ("kubevirt.io", "VirtualMachine") => Reader::VirtualMachine(Layout::Machine),
        ("kubevirt.io", "VirtualMachineInstance") => Reader::VirtualMachine(Layout::Instance),
        ("pool.kubevirt.io", "VirtualMachinePool") => Reader::VirtualMachine(Layout::Pool),
        ("keda.sh", "ScaledObject") => Reader::ScaledObject,
        ("", "Service") => Reader::Service,
        ("" | "template.openshift.io", "Template") => {
            return Err(
                "this is an OpenShift template, expected its objects; process it first: `oc process -f FILE --local -o yaml | scaleplan ... -`"
                    .to_owned(),
            );
        }
        _ => return Ok(None),
    };
    Ok(Some(reader))
}

/// `apiVersion/Kind` for the tally, at a readable length and safe to print.
pub(crate) fn skipped_name(of: &TypeMeta) -> String {
    let name = format!("{}/{}", of.api_version, of.kind);
    printable(&name.chars().take(120).collect::<String>())
}

fn read_autoscaler(
    decoder: &mut Decoder,
    object: &Field<'_>,
    of: &TypeMeta,
    source: &Arc<SourceText>,
) -> Option<Autoscaler> {
    let name = read_name(decoder, object);
    let written = read_as_written(decoder, object, of);
    finish_autoscaler(decoder, object, of, name, written, source)
}

/// An autoscaler of any version in the form of v2.
pub(crate) fn read_as_written(
    decoder: &mut Decoder,
    object: &Field<'_>,
    of: &TypeMeta,
) -> HpaAsWritten {
    match of.api_version.as_str() {
        "autoscaling/v1" => hpa_legacy::read_v1(decoder, object),
        "autoscaling/v2beta1" => hpa_legacy::read_v2beta1(decoder, object),
        _ => hpa_v2::read(decoder, object),
    }
}

/// What an autoscaler asks for; `None` if something is wrong with it.
pub(crate) fn resolve_autoscaler(
    decoder: &mut Decoder,
    written: &HpaAsWritten,
) -> Option<Resolved> {
    if !decoder.faults.is_empty() {
        return None;
    }
    if written.scale_target.is_none() && written.max_replicas.is_none() {
        let message = "spec has neither scaleTargetRef nor maxReplicas, expected a whole autoscaler; a kustomize patch has to be built first: `kubectl kustomize DIR | scaleplan ... -`";
        let at = written.spec.span.start;
        let fault = Fault::new(at, ErrorKind::Missing, message);
        decoder.faults.push(fault.about(Concern::Whole));
        return None;
    }
    decoder.faults.extend(validate::faults(written));
    if !decoder.faults.is_empty() {
        return None;
    }
    warn_of_oddities(decoder, written);
    resolve::resolve(written)
}

/// The autoscaler as meant; `None` if something is wrong with it.
pub(crate) fn finish_autoscaler(
    decoder: &mut Decoder,
    object: &Field<'_>,
    of: &TypeMeta,
    name: Option<Name>,
    written: HpaAsWritten,
    source: &Arc<SourceText>,
) -> Option<Autoscaler> {
    let resolved = resolve_autoscaler(decoder, &written)?;
    let (name, scale_target) = name.zip(scale_target(&written))?;
    Some(Autoscaler {
        name: name.name,
        namespace: name.namespace,
        api_version: of.api_version.clone(),
        scale_target,
        metric_sources: metric_sources(&written, source),
        spec: resolved.spec,
        defaulted: resolved.defaulted,
        written,
        document: Arc::new(Document::new(Arc::clone(source), object.node)),
        keda: None,
        origin: origin(object, source),
    })
}

fn scale_target(written: &HpaAsWritten) -> Option<ScaleTargetRef> {
    let target = written.scale_target.as_ref()?;
    Some(ScaleTargetRef {
        api_version: text(target.value.api_version.as_ref()),
        kind: TargetKind::from_name(&target.value.kind.as_ref()?.value),
        name: text(target.value.name.as_ref())?,
    })
}

pub(crate) fn read_workload(
    decoder: &mut Decoder,
    object: &Field<'_>,
    of: &TypeMeta,
    source: &Arc<SourceText>,
    parts: Option<WorkloadParts>,
) -> Option<Workload> {
    let name = read_name(decoder, object);
    let (name, parts) = name.zip(parts)?;
    Some(Workload {
        kind: TargetKind::from_name(&of.kind),
        name: name.name,
        namespace: name.namespace,
        api_version: of.api_version.clone(),
        replicas: parts.replicas,
        pod: parts.pod,
        origin: origin(object, source),
    })
}

fn read_service(
    decoder: &mut Decoder,
    object: &Field<'_>,
    source: &Arc<SourceText>,
) -> Option<Reading> {
    let parts = service::read(decoder, object);
    let (name, parts) = read_name(decoder, object).zip(parts)?;
    Some(Reading::Service(Box::new(Service {
        name: name.name,
        namespace: name.namespace,
        selector: parts.selector,
        affinity: parts.affinity,
        origin: origin(object, source),
    })))
}

pub(crate) fn read_name(decoder: &mut Decoder, object: &Field<'_>) -> Option<Name> {
    let faults = decoder.faults.len();
    let metadata = decoder.object(object, "metadata");
    let mut read = |key: &str| {
        let metadata = metadata.as_ref()?;
        let text = decoder.string(metadata, key)?;
        (!text.value.is_empty()).then_some(text)
    };
    let (name, generate_name, namespace) = (read("name"), read("generateName"), read("namespace"));
    if decoder.faults.len() > faults {
        return None;
    }
    for (text, is_right, expected) in [
        (
            &name,
            name::is_dns_subdomain as fn(&str) -> bool,
            "lower-case letters, digits, `-` and `.`",
        ),
        (
            &namespace,
            name::is_dns_label,
            "lower-case letters, digits and `-`",
        ),
    ] {
        if let Some(text) = text
            && !is_right(&text.value)
        {
            check_name(decoder, text, expected);
        }
    }
    let Some(name) = name.or(generate_name) else {
        decoder
            .faults
            .push(object.missing("metadata.name", "the object's name"));
        return None;
    };
    Some(Name {
        name: printable(&name.value),
        namespace: namespace.map(|namespace| namespace.value),
    })
}

/// Of a name that the API server refuses. Placeholders such as `RELEASE-NAME` don't hinder a replay, so that they are
/// worth a warning; what is no name at all is an error.
fn check_name(decoder: &mut Decoder, name: &Written<String>, expected: &str) {
    let fault = name.invalid(format!(
        "{} is refused as a name, expected {expected}",
        quoted(&name.value)
    ));
    let is_placeholder = name
        .value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if is_placeholder {
        decoder.warnings.push(fault);
    } else {
        decoder.faults.push(fault);
    }
}

fn metric_sources(written: &HpaAsWritten, source: &Arc<SourceText>) -> Vec<MetricSource> {
    let reference = |reference: &Written<ReferenceAsWritten>| {
        let reference = &reference.value;
        Some(ObjectRef {
            api_version: text(reference.api_version.as_ref()),
            kind: text(reference.kind.as_ref())?,
            name: text(reference.name.as_ref())?,
        })
    };
    let metrics = written.metrics.iter().flat_map(|metrics| &metrics.value);
    let mut sources = Vec::with_capacity(1);
    sources.extend(metrics.filter_map(|metric| {
        let (kind, it) = metric.value.sources.first()?;
        let it = &it.value;
        Some(MetricSource {
            kind: *kind,
            name: text(it.name.as_ref())?,
            container: text(it.container.as_deref()),
            described_object: it.described_object.as_deref().and_then(reference),
            selector: text(it.selector.as_deref()),
            origin: Origin {
                source: Arc::clone(source.name()),
                line: metric.span.start.line,
                column: metric.span.start.column,
            },
        })
    }));
    if sources.is_empty() {
        sources.push(MetricSource {
            kind: SourceKind::Resource,
            name: "cpu".to_owned(),
            container: None,
            described_object: None,
            selector: None,
            origin: Origin {
                source: Arc::clone(source.name()),
                line: written.spec.span.start.line,
                column: written.spec.span.start.column,
            },
        });
    }
    sources
}

/// What the API server takes and the user should know of.
fn warn_of_oddities(decoder: &mut Decoder, written: &HpaAsWritten) {
    if let Some(target) = &written.scale_target
        && target
            .value
            .api_version
            .as_ref()
            .is_none_or(|version| version.value.is_empty())
        && target
            .value
            .kind
            .as_ref()
            .is_none_or(|kind| kind.value != "ReplicationController")
    {
        let problem =
            "no apiVersion, so newer API servers refuse it and older ones can't find the target";
        let fault = Fault::new(
            target.span.start,
            ErrorKind::Missing,
            format!("{}: {problem}", target.path),
        );
        decoder.warnings.push(fault);
    }
    for metric in written.metrics.iter().flat_map(|metrics| &metrics.value) {
        let Some((kind, source)) = metric.value.sources.first() else {
            continue;
        };
        let Some(target) = &source.value.target else {
            continue;
        };
        let Some(meant) = target.value.type_in_force(*kind) else {
            continue;
        };
        if let Some(written) = &target.value.kind
            && written.value != meant
        {
            let problem = format!(
                "`{}` beside a target that is a `{meant}`; the controller goes by the latter",
                written.value
            );
            let fault = written.invalid(problem).about(Concern::Metric);
            decoder.warnings.push(fault.meant_as(Some(meant)));
        }
    }
}

fn text(written: Option<&Written<String>>) -> Option<String> {
    written.map(|text| printable(&text.value))
}

fn origin(object: &Field<'_>, source: &Arc<SourceText>) -> Origin {
    let at = object.at();
    Origin {
        source: Arc::clone(source.name()),
        line: at.line,
        column: at.column,
    }
}
