//! Service: which pods it selects, and for how long a client stays with one (`sessionAffinity: ClientIP`). Nothing else
//! of it is read, and what is wrong with it is a warning.

use std::collections::BTreeMap;

use super::decode::{Decoder, Field};
use super::object::Origin;
use crate::units::SimDuration;

/// `timeoutSeconds` of session affinity where none is given (`pkg/apis/core/v1/defaults.go`).
const DEFAULT_TIMEOUT_SECONDS: i32 = 10_800;
/// The most that the API server takes, seconds.
const LONGEST_TIMEOUT_SECONDS: i32 = 86_400;

/// A Service with session affinity; others say nothing of how requests are spread, and are passed over.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// `metadata.name` (or `generateName`).
    pub name: String,
    /// `metadata.namespace`, if given.
    pub namespace: Option<String>,
    /// The labels that its pods have.
    pub selector: BTreeMap<String, String>,
    /// `sessionAffinityConfig.clientIP.timeoutSeconds`, 3 h by default.
    pub affinity: SimDuration,
    /// Where it stands.
    pub origin: Origin,
}

/// What is read of a Service besides its name.
pub(crate) struct ServiceParts {
    pub(crate) selector: BTreeMap<String, String>,
    pub(crate) affinity: SimDuration,
}

impl Service {
    /// Whether it selects pods of these labels; a Service without a selector selects none.
    #[must_use]
    pub fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        let has = |(key, value): (&String, &String)| labels.get(key) == Some(value);
        !self.selector.is_empty() && self.selector.iter().all(has)
    }
}

/// Whether the object is one with session affinity, so that it is worth reading.
pub(crate) fn has_affinity(object: &Field<'_>) -> bool {
    let affinity = object
        .node
        .get("spec")
        .and_then(|spec| spec.get("sessionAffinity"));
    affinity.is_some_and(|affinity| affinity.text() == Some("ClientIP"))
}

/// The labels of the pods that a Service selects.
pub(crate) fn read_selector(
    decoder: &mut Decoder,
    object: &Field<'_>,
) -> Option<BTreeMap<String, String>> {
    let spec = decoder.object(object, "spec")?;
    let selector = decoder.object(&spec, "selector")?;
    let labels = decoder.strings(&selector).into_iter();
    Some(labels.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Reads the object of a Service.
pub(crate) fn read(decoder: &mut Decoder, object: &Field<'_>) -> Option<ServiceParts> {
    let spec = decoder.object(object, "spec")?;
    let selector = decoder.object(&spec, "selector");
    let selector = selector.map(|selector| decoder.strings(&selector));
    let timeout = decoder
        .object(&spec, "sessionAffinityConfig")
        .and_then(|config| decoder.object(&config, "clientIP"))
        .and_then(|client| decoder.int32(&client, "timeoutSeconds"));
    if let Some(timeout) = &timeout
        && !(1..=LONGEST_TIMEOUT_SECONDS).contains(&timeout.value)
    {
        let problem = format!("`{}` seconds, expected 1 to 86400", timeout.value);
        decoder.faults.push(timeout.invalid(problem));
    }
    let seconds = timeout.map_or(DEFAULT_TIMEOUT_SECONDS, |timeout| timeout.value);
    let selector = selector.into_iter().flatten();
    Some(ServiceParts {
        selector: selector
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
        affinity: SimDuration::from_seconds(seconds.into()),
    })
}

#[cfg(test)]
mod tests {
    use crate::manifest::testing::{check_told, read_text};

    /// A Deployment whose pods are labelled `app: web, tier: front`, and a Service with this `spec`.
    fn both(service: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  selector: {{}}\n  template:\n    \
             metadata: {{labels: {{app: web, tier: front}}}}\n    spec: {{containers: [{{name: c}}]}}\n---\n\
             apiVersion: v1\nkind: Service\nmetadata: {{name: s}}\nspec: {service}\n"
        )
    }

    #[track_caller]
    fn check(service: &str, seconds: Option<f64>) {
        let read = read_text(&both(service));
        assert_eq!(read.errors, []);
        let found = read.service_for(&read.workloads[0]);
        assert_eq!(
            found.map(|it| it.affinity.as_seconds()),
            seconds,
            "{service}"
        );
    }

    #[test]
    fn the_service_of_a_workload_is_found_by_its_labels() {
        check(
            "{selector: {app: web}, sessionAffinity: ClientIP}",
            Some(10_800.0),
        );
        check(
            "{selector: {app: web, tier: front}, sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}}",
            Some(60.0),
        );
        check("{selector: {app: other}, sessionAffinity: ClientIP}", None);
        check("{sessionAffinity: ClientIP}", None);
    }

    #[test]
    fn a_service_without_affinity_is_passed_over() {
        let read = read_text(&both("{selector: {app: web}, ports: 7}"));
        assert_eq!(
            (read.services.len(), read.skipped.get("v1/Service")),
            (0, Some(&1))
        );
    }

    #[test]
    fn a_timeout_that_the_api_server_refuses_is_told_and_not_played() {
        let read = read_text(&both(
            "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 90000}}}",
        ));
        assert_eq!((read.errors.len(), read.services.len()), (0, 0));
        check_told(
            &read.warnings,
            &[
                "13:86 spec.sessionAffinityConfig.clientIP.timeoutSeconds: `90000` seconds, expected 1 to 86400",
            ],
        );
    }
}
