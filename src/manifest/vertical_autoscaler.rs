//! VerticalPodAutoscaler as written, as far as it meets an autoscaler.

use super::decode::{Decoder, Field, Written};
use super::hpa_v2::{self, ReferenceAsWritten};

/// A VerticalPodAutoscaler: which workload's requests it sets, and which of them.
#[derive(Clone, Debug, PartialEq)]
pub struct VerticalAutoscaler {
    /// `targetRef`.
    pub target: Option<Written<ReferenceAsWritten>>,
    /// `updatePolicy.updateMode`; absent is `Auto`.
    pub update_mode: Option<Written<String>>,
    /// `resourcePolicy.containerPolicies`.
    pub policies: Vec<Written<VerticalPolicy>>,
}

/// What holds of one container, or of all without an entry of their own (`*`).
#[derive(Clone, Debug, PartialEq)]
pub struct VerticalPolicy {
    /// `containerName`.
    pub container: Option<Written<String>>,
    /// `mode`: `Auto` or `Off`.
    pub mode: Option<Written<String>>,
    /// `controlledResources`; absent is cpu and memory.
    pub controlled: Option<Vec<Written<String>>>,
}

impl VerticalAutoscaler {
    /// Whether it only recommends.
    #[must_use]
    pub fn is_off(&self) -> bool {
        let is_off = |mode: &Written<String>| mode.value == "Off";
        self.update_mode.as_ref().is_some_and(is_off)
    }

    /// Whether it sets a container's request for a resource, `cpu` or `memory`.
    #[must_use]
    pub fn controls(&self, container: &str, resource: &str) -> bool {
        if self.is_off() {
            return false;
        }
        let named = |name: &str| {
            self.policies.iter().find(|policy| {
                let container = policy.value.container.as_ref();
                container.is_some_and(|container| container.value == name)
            })
        };
        let Some(policy) = named(container).or_else(|| named("*")) else {
            return true;
        };
        let is_off = |mode: &Written<String>| mode.value == "Off";
        !policy.value.mode.as_ref().is_some_and(is_off)
            && policy
                .value
                .controlled
                .as_ref()
                .is_none_or(|listed| listed.iter().any(|it| it.value == resource))
    }
}

pub(crate) fn read(decoder: &mut Decoder, object: &Field<'_>) -> Option<VerticalAutoscaler> {
    let spec = decoder.object(object, "spec")?;
    let target = decoder
        .object(&spec, "targetRef")
        .map(|reference| hpa_v2::read_reference(decoder, &reference));
    let update_mode = decoder
        .object(&spec, "updatePolicy")
        .and_then(|policy| decoder.string(&policy, "updateMode"));
    let listed = decoder
        .object(&spec, "resourcePolicy")
        .and_then(|policy| decoder.objects(&policy, "containerPolicies"));
    let mut policies = Vec::new();
    for item in listed.into_iter().flat_map(|list| list.value) {
        let policy = VerticalPolicy {
            container: decoder.string(&item, "containerName"),
            mode: decoder.string(&item, "mode"),
            controlled: decoder
                .texts(&item, "controlledResources")
                .map(|list| list.value),
        };
        policies.push(item.written(policy));
    }
    Some(VerticalAutoscaler {
        target,
        update_mode,
        policies,
    })
}
