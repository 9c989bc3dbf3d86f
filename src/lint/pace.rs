//! `Pace`: how fast something is scaled, by an autoscaler's `behavior` or by that of the one that KEDA makes.

use std::borrow::Cow;

use super::context::Context;
use super::finding::Place;
use super::joined::PodOwner;
use crate::hpa::{Behavior, MetricSpec, Resource};
use crate::manifest::{BehaviorAsWritten, Object};

/// Where `behavior` stands in an autoscaler and in a ScaledObject.
const IN_AUTOSCALER: &str = "spec";
const IN_SCALED_OBJECT: &str = "spec.advanced.horizontalPodAutoscalerConfig";

/// How fast an autoscaler may go; of a ScaledObject that of the autoscaler that KEDA makes, which gets its `behavior` as it
/// is.
#[derive(Clone, Debug)]
pub(crate) struct Pace<'c, 'a> {
    /// The autoscaler, or the ScaledObject.
    pub(crate) object: &'a Object,
    /// What it scales, if that is there and makes pods.
    pub(crate) owner: Option<&'c PodOwner<'a>>,
    /// `behavior` as written.
    pub(crate) written: Option<&'a BehaviorAsWritten>,
    /// `behavior` as meant.
    pub(crate) behavior: Option<Cow<'a, Behavior>>,
    /// `minReplicas` and `maxReplicas` as meant.
    pub(crate) min_replicas: i32,
    pub(crate) max_replicas: i32,
    /// Whether all that it looks at is memory.
    pub(crate) is_memory_only: bool,
    above: &'static str,
}

impl Pace<'_, '_> {
    /// Where `behavior` stands, or the innermost part of its path that is there.
    pub(crate) fn place_of_behavior(&self) -> Place {
        Place::at(self.object, &format!("{}.behavior", self.above))
    }

    /// Whether it is that of an autoscaler that KEDA makes.
    pub(crate) fn is_of_keda(&self) -> bool {
        self.above == IN_SCALED_OBJECT
    }

    /// Where a field of `behavior` stands, such as `scaleUp.policies`, or the innermost part that is there.
    pub(crate) fn place(&self, field: &str) -> Place {
        Place::at(self.object, &format!("{}.behavior.{field}", self.above))
    }
}

/// The pace of each autoscaler and each ScaledObject whose `behavior` the API server takes.
pub(crate) fn paces<'c, 'a>(
    context: &'c Context<'a>,
) -> impl Iterator<Item = Pace<'c, 'a>> + use<'c, 'a> {
    let of_hpas = context.valid_autoscalers().map(|(it, meant)| Pace {
        object: it.object,
        owner: context.owner(it),
        written: it.written.behavior.as_ref().map(|it| &it.value),
        behavior: meant.behavior.as_ref().map(Cow::Borrowed),
        min_replicas: meant.min_replicas,
        max_replicas: meant.max_replicas,
        is_memory_only: meant.metrics.iter().all(is_memory),
        above: IN_AUTOSCALER,
    });
    let of_keda = context
        .scaled_objects()
        .filter_map(move |(object, scaled)| {
            let written = scaled.behavior.as_ref().map(|it| &it.value);
            let behavior = match written {
                Some(written) => Some(Cow::Owned(written.meant()?)),
                None => None,
            };
            let is_memory = |kind: Option<&str>| kind == Some("memory");
            let mut kinds = scaled.triggers().map(|it| it.value.kind()).peekable();
            let is_memory_only = kinds.peek().is_some() && kinds.all(is_memory);
            Some(Pace {
                object,
                owner: context.owner_deployed_with(object, scaled),
                written,
                behavior,
                min_replicas: scaled.hpa_min_replicas(),
                max_replicas: scaled.hpa_max_replicas(),
                is_memory_only,
                above: IN_SCALED_OBJECT,
            })
        });
    of_hpas.chain(of_keda)
}

/// The tolerance of scaling up that is in force.
pub(crate) fn tolerance_of_scaling_up(behavior: Option<&Behavior>, context: &Context<'_>) -> f64 {
    let own = behavior.and_then(|behavior| behavior.scale_up.tolerance);
    own.unwrap_or(context.settings.cluster.controller.tolerance)
}

fn is_memory(metric: &MetricSpec) -> bool {
    matches!(
        metric,
        MetricSpec::Resource {
            resource: Resource::Memory,
            ..
        } | MetricSpec::ContainerResource {
            resource: Resource::Memory,
            ..
        }
    )
}

#[cfg(test)]
mod tests {
    use crate::lint::settings::Settings;
    use crate::lint::testing::{fires, fires_with, scaled_object, silent, trigger};

    /// A ScaledObject whose `behavior` is on line 9.
    fn scaled(kind: &str, behavior: &str) -> String {
        let max = "  maxReplicaCount: 10\n";
        let config = format!("horizontalPodAutoscalerConfig: {{behavior: {{{behavior}}}}}");
        scaled_object(&format!("{max}{}  advanced: {{{config}}}\n", trigger(kind)))
    }

    #[test]
    fn what_is_told_of_an_autoscaler_is_told_of_a_scaled_object() {
        for (code, behavior, expected) in [
            (
                "SP401",
                "scaleUp: {selectPolicy: Disabled}",
                "9:81 scaling up is disabled",
            ),
            (
                "SP402",
                "scaleDown: {selectPolicy: Disabled}",
                "9:83 scaling down is disabled: a single peak leaves up to 10 pods",
            ),
            (
                "SP403",
                "scaleUp: {stabilizationWindowSeconds: 120}",
                "9:95 pods are added only once",
            ),
            (
                "SP404",
                "scaleDown: {stabilizationWindowSeconds: 0}",
                "9:97 a lull of",
            ),
            (
                "SP406",
                "scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 900}]}",
                "9:77 the policies take",
            ),
            (
                "SP407",
                "scaleDown: {policies: [{type: Pods, value: 1, periodSeconds: 1800}]}",
                "9:79 the policies take",
            ),
            (
                "SP408",
                "scaleUp: {policies: [{type: Pods, value: 9, periodSeconds: 60}, {type: Pods, value: 1, periodSeconds: 60}]}",
                "9:121 the policy of 1 pod in 1 min never decides",
            ),
            (
                "SP409",
                "scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 5}]}",
                "9:116 the period of 5 s",
            ),
        ] {
            fires(code, &scaled("prometheus", behavior), &[expected]);
        }
    }

    #[test]
    fn what_the_api_server_refuses_is_told_at_the_scaled_object() {
        for (code, behavior, expected) in [
            (
                "SP103",
                "scaleDown: {stabilizationWindowSeconds: 4000}",
                "9:97 spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds",
            ),
            (
                "SP104",
                "scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 4000}]}",
                "9:116 spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.policies[0].periodSeconds",
            ),
            (
                "SP105",
                "scaleUp: {policies: []}",
                "9:77 spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.policies",
            ),
            (
                "SP109",
                "scaleUp: {tolerance: -0.1}",
                "9:78 spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.tolerance",
            ),
        ] {
            fires(code, &scaled("prometheus", behavior), &[expected]);
        }
        let mut settings = Settings::USUAL.clone();
        settings.cluster.version = "1.34".parse().ok();
        fires_with(
            "SP109",
            &settings,
            &scaled("cpu", "scaleUp: {tolerance: 0.05}"),
            &["9:78 Kubernetes before 1.35"],
        );
    }

    #[test]
    fn memory_does_not_come_and_go_in_a_scaled_object_either() {
        let window = "scaleDown: {stabilizationWindowSeconds: 0}";
        silent("SP404", &scaled("memory", window));
        silent(
            "SP403",
            &scaled("cpu", "scaleUp: {stabilizationWindowSeconds: 0}"),
        );
        silent("SP401", &scaled_object(&trigger("cpu")));
    }
}
