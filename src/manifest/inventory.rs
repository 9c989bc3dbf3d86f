//! Reads one object for the rules: whole, by kind, and also where the API server would refuse it.

use std::sync::Arc;

use super::builder::Extent;
use super::decode::{Decoder, Field};
use super::document::Document;
use super::error::{Concern, ErrorKind, Fault, printable};
use super::object::{self, Reader, TypeMeta};
use super::objects::{Form, Hpa, Object};
use super::resolve::Resolved;
use super::source::SourceText;
use super::{
    definition, disruption_budget, quota, scaled_object, service, validate_behavior,
    vertical_autoscaler, virtual_machine, workload,
};

/// What is kept of an object that no rule is about.
const HEAD: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Reads an object; what is wrong with it is in the decoder.
pub(crate) fn read(
    decoder: &mut Decoder,
    object: &Field<'_>,
    of: &TypeMeta,
    extent: Extent,
    source: &Arc<SourceText>,
) -> Object {
    let is_asked_for = is_asked_for(of) && extent == Extent::Whole;
    let document = Arc::new(if is_asked_for {
        Document::new(Arc::clone(source), object.node)
    } else {
        Document::with_entries(Arc::clone(source), object.node, &HEAD)
    });
    let form = if is_asked_for {
        read_form(decoder, object, of, source)
    } else {
        if extent == Extent::Cut && self::is_asked_for(of) {
            let message = format!(
                "the {} is too large, expected far fewer values",
                printable(&of.kind)
            );
            let fault = Fault::new(object.at(), ErrorKind::TooLarge, message);
            decoder.faults.push(fault);
        }
        definition::read(object, of).map_or(Form::Other, |it| Form::Definition(Box::new(it)))
    };
    let text = |key: &str| {
        let text = document.at("metadata")?.get(key)?.text()?;
        (!text.is_empty()).then(|| printable(text))
    };
    Object {
        api_version: printable(&of.api_version),
        kind: printable(&of.kind),
        name: text("name")
            .or_else(|| text("generateName"))
            .unwrap_or_default(),
        namespace: text("namespace"),
        document,
        form,
    }
}

/// Whether rules look into objects of a type.
fn is_asked_for(of: &TypeMeta) -> bool {
    let has_reader = !matches!(object::choose_reader(of), Ok(None));
    has_reader
        || matches!(
            (group_of(of), of.kind.as_str()),
            ("policy", "PodDisruptionBudget")
                | ("autoscaling.k8s.io", "VerticalPodAutoscaler")
                | (
                    "",
                    "ResourceQuota" | "LimitRange" | "Pod" | "ReplicationController"
                )
                | ("keda.sh", "ScaledObject" | "ScaledJob")
                | ("apps" | "extensions", "DaemonSet")
                | ("batch", "Job" | "CronJob")
                | ("argoproj.io", "Rollout")
        )
}

fn read_form(
    decoder: &mut Decoder,
    object: &Field<'_>,
    of: &TypeMeta,
    source: &Arc<SourceText>,
) -> Form {
    let form = match object::choose_reader(of) {
        Err(problem) => {
            let kind = match of.kind.as_str() {
                "Template" => ErrorKind::Template,
                _ => ErrorKind::Invalid,
            };
            let version = object.node.get("apiVersion").map(|version| version.span());
            let mut fault = Fault::new(object.at(), kind, problem).about(Concern::ApiVersion);
            if let Some(version) = version {
                fault = fault.over(version);
            }
            decoder.faults.push(fault);
            None
        }
        Ok(Some(Reader::Autoscaler)) => {
            return read_autoscaler(decoder, object, of);
        }
        Ok(Some(Reader::Workload)) => {
            let parts = workload::read(decoder, object, &of.api_version);
            object::read_workload(decoder, object, of, source, parts)
                .map(|it| Form::Workload(Box::new(it)))
        }
        Ok(Some(Reader::VirtualMachine(layout))) => {
            let parts = virtual_machine::read(decoder, object, layout);
            object::read_workload(decoder, object, of, source, parts)
                .map(|it| Form::Workload(Box::new(it)))
        }
        Ok(Some(Reader::Service)) => Some(Form::Service(
            service::read_selector(decoder, object).unwrap_or_default(),
        )),
        Ok(Some(Reader::ScaledObject) | None) => read_bystander(decoder, object, of),
    };
    let form = form
        .filter(|_| decoder.faults.is_empty())
        .unwrap_or(Form::Unreadable);
    // KEDA hands it on as it is, and the API server refuses the autoscaler; the rest of the ScaledObject is right.
    if let Form::ScaledObject(scaled) = &form
        && let Some(behavior) = &scaled.behavior
    {
        let faults = validate_behavior::faults(&behavior.value);
        decoder.faults.extend(faults);
    }
    form
}

/// A kind that is not replayed, but meets an autoscaler.
fn read_bystander(decoder: &mut Decoder, object: &Field<'_>, of: &TypeMeta) -> Option<Form> {
    match (group_of(of), of.kind.as_str()) {
        ("policy", _) => disruption_budget::read(decoder, object, &of.api_version)
            .map(|it| Form::DisruptionBudget(Box::new(it))),
        ("autoscaling.k8s.io", _) => vertical_autoscaler::read(decoder, object)
            .map(|it| Form::VerticalAutoscaler(Box::new(it))),
        ("", "ResourceQuota") => {
            quota::read_quota(decoder, object).map(|it| Form::ResourceQuota(Box::new(it)))
        }
        ("", "LimitRange") => {
            quota::read_limit_range(decoder, object).map(|it| Form::LimitRange(Box::new(it)))
        }
        ("keda.sh", "ScaledObject") => {
            scaled_object::read(decoder, object).map(|it| Form::ScaledObject(Box::new(it)))
        }
        _ => Some(Form::Other),
    }
}

fn read_autoscaler(decoder: &mut Decoder, object: &Field<'_>, of: &TypeMeta) -> Form {
    let name = object::read_name(decoder, object);
    let written = object::read_as_written(decoder, object, of);
    match object::resolve_autoscaler(decoder, &written).filter(|_| name.is_some()) {
        Some(Resolved { spec: meant, .. }) => Form::Autoscaler(Box::new(Hpa { written, meant })),
        None => Form::RefusedAutoscaler(Box::new(written)),
    }
}

fn group_of(of: &TypeMeta) -> &str {
    let group = of.api_version.split_once('/');
    group.map_or("", |(group, _)| group)
}
