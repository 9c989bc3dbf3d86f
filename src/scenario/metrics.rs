//! Where each metric of the autoscaler comes from, and what a pod requests for it.

use super::choose::Chooser;
use super::replica::Replica;
use super::{MetricSource, Origin, ScenarioError};
use crate::hpa::{ControllerConfig, HpaSpec, MetricSpec, MetricTarget, Resource};
use crate::manifest::{Autoscaler, PodFacts};
use crate::trace::Series;

/// Where each metric of the autoscaler comes from.
pub(super) fn metric_sources(
    choose: &mut Chooser<'_>,
    autoscaler: &Autoscaler,
    columns: &[(String, Series)],
    warnings: &mut Vec<String>,
) -> Result<Vec<MetricSource>, ScenarioError> {
    let stated = stated_sources(choose, autoscaler, warnings)?;
    let metrics = autoscaler.spec.metrics.iter().zip(stated).enumerate();
    metrics
        .map(|(index, (metric, source))| match source {
            None => {
                let place = autoscaler
                    .metric_sources
                    .get(index)
                    .map_or(&autoscaler.origin, |metric| &metric.origin);
                let (kind, name) = kind_and_name(metric);
                Err(ScenarioError::UnmappedMetric {
                    place: place.to_string(),
                    kind,
                    name: name.to_owned(),
                })
            }
            Some(MetricSource::Column(column))
                if !columns.iter().any(|(known, _)| *known == column) =>
            {
                let known: Vec<&str> = columns.iter().map(|(known, _)| known.as_str()).collect();
                Err(ScenarioError::UnknownColumn {
                    name: column,
                    known: known.join(", "),
                })
            }
            Some(source) => Ok(source),
        })
        .collect()
}

/// Where each metric of the autoscaler comes from, as far as anybody said; columns are taken on trust.
pub(super) fn stated_sources(
    choose: &mut Chooser<'_>,
    autoscaler: &Autoscaler,
    warnings: &mut Vec<String>,
) -> Result<Vec<Option<MetricSource>>, ScenarioError> {
    let metrics = autoscaler.spec.metrics.iter();
    let sources = metrics
        .map(|metric| stated_source(choose, metric))
        .collect::<Result<_, _>>()?;
    warn_of_unused_mappings(choose, autoscaler, warnings);
    Ok(sources)
}

fn stated_source(
    choose: &mut Chooser<'_>,
    metric: &MetricSpec,
) -> Result<Option<MetricSource>, ScenarioError> {
    if let MetricSpec::Resource { resource, .. } | MetricSpec::ContainerResource { resource, .. } =
        metric
    {
        return match resource {
            Resource::Cpu => Ok(Some(MetricSource::Cpu)),
            Resource::Memory => Ok(Some(MetricSource::Memory)),
            Resource::Other(name) => Err(ScenarioError::UnknownResource(name.clone())),
        };
    }
    let (kind, name) = kind_and_name(metric);
    let mapped = [
        (Origin::Flag, choose.layers()[0]),
        (Origin::ScenarioFile, choose.layers()[1]),
    ]
    .into_iter()
    .find_map(|(origin, settings)| {
        let mut mappings = settings.metric.iter();
        let mapping = mappings.find(|mapping| mapping.name == name)?;
        Some((origin, mapping.source.clone()))
    });
    let Some((origin, source)) = mapped else {
        return Ok(None);
    };
    if matches!(source, MetricSource::Column(_)) && kind == "Pods" {
        return Err(ScenarioError::ColumnOfPods(name.to_owned()));
    }
    choose.note(&format!("metric {name}"), source.to_string(), origin);
    Ok(Some(source))
}

/// A metric's type and name.
fn kind_and_name(metric: &MetricSpec) -> (&'static str, &str) {
    match metric {
        MetricSpec::Resource { resource, .. } => ("Resource", resource_name(resource)),
        MetricSpec::ContainerResource { resource, .. } => {
            ("ContainerResource", resource_name(resource))
        }
        MetricSpec::Pods { name, .. } => ("Pods", name),
        MetricSpec::Object { name, .. } => ("Object", name),
        MetricSpec::External { name, .. } => ("External", name),
    }
}

fn resource_name(resource: &Resource) -> &str {
    match resource {
        Resource::Cpu => "cpu",
        Resource::Memory => "memory",
        Resource::Other(name) => name,
    }
}

/// A mapping that nothing reads is probably a slip.
fn warn_of_unused_mappings(
    choose: &Chooser<'_>,
    autoscaler: &Autoscaler,
    warnings: &mut Vec<String>,
) {
    let mappings = choose
        .layers()
        .into_iter()
        .flat_map(|settings| &settings.metric);
    for mapping in mappings {
        let is_read = autoscaler.spec.metrics.iter().any(|metric| match metric {
            MetricSpec::Resource { .. } | MetricSpec::ContainerResource { .. } => false,
            MetricSpec::Pods { name, .. }
            | MetricSpec::Object { name, .. }
            | MetricSpec::External { name, .. } => *name == mapping.name,
        });
        if !is_read {
            warnings.push(format!(
                "the mapping of the metric `{}` is not used: the autoscaler has no such Pods, Object or External metric",
                mapping.name
            ));
        }
    }
}

/// The request of one pod for each metric, as the controller computes it.
pub(super) fn metric_requests(
    choose: &Chooser<'_>,
    controller: &ControllerConfig,
    hpa: &HpaSpec,
    pod: Option<&PodFacts>,
    replica: &Replica,
    warnings: &mut Vec<String>,
) -> Vec<Option<i64>> {
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    let milli = |units: f64| Some((units * 1e3).round() as i64);
    let said_cpu = choose.said(|settings| &settings.cpu_request).is_some();
    let said_memory = choose.said(|settings| &settings.memory_request).is_some();
    hpa.metrics
        .iter()
        .map(|metric| {
            let (resource, container) = match metric {
                MetricSpec::Resource { resource, .. } => (resource, None),
                MetricSpec::ContainerResource { resource, container, .. } => (resource, Some(container.as_str())),
                MetricSpec::Pods { .. } | MetricSpec::Object { .. } | MetricSpec::External { .. } => return None,
            };
            let (assumed, said) = match resource {
                Resource::Cpu => (milli(replica.pod.cpu_request), said_cpu),
                Resource::Memory => (milli(replica.memory_request), said_memory),
                Resource::Other(_) => return None,
            };
            let Some(pod) = pod.filter(|_| !said) else { return assumed };
            let request = pod.shape().request(controller, resource, container);
            if request.is_none() && matches!(metric.target(), MetricTarget::Utilization(_)) {
                let (name, flag) = match resource {
                    Resource::Memory => ("memory", "--memory-request"),
                    Resource::Cpu | Resource::Other(_) => ("cpu", "--cpu-request"),
                };
                warnings.push(format!(
                    "a container of the workload states no {name} request: the real controller fails with \
                     FailedGetResourceMetric and never scales on it, and so does this replay; {flag} fills it in"
                ));
            }
            request
        })
        .collect()
}

/// Says what the model cannot tell of a metric on one container.
pub(super) fn warn_of_containers(
    hpa: &HpaSpec,
    pod: Option<&PodFacts>,
    warnings: &mut Vec<String>,
) {
    let Some(pod) = pod else { return };
    let names: Vec<&str> = pod
        .lasting_containers()
        .map(|container| container.name.as_str())
        .collect();
    for metric in &hpa.metrics {
        let MetricSpec::ContainerResource { container, .. } = metric else {
            continue;
        };
        if !names.contains(&container.as_str()) {
            warnings.push(format!(
                "no container of the workload is named `{container}`, there are {}: the metric fails",
                names.join(", ")
            ));
        } else if names.len() > 1 {
            warnings.push(format!(
                "the pod's whole use is taken as that of the container `{container}`; {} are taken to use nothing",
                names.iter().filter(|name| *name != container).copied().collect::<Vec<_>>().join(", ")
            ));
        }
    }
}
