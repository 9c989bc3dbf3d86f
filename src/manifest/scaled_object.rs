//! KEDA's ScaledObject (`keda.sh/v1alpha1`) as written.

use super::decode::{Decoder, Field, Written};
use super::hpa_v2::{self, BehaviorAsWritten, ReferenceAsWritten};
use crate::hpa::{MetricTarget, Resource};
use crate::units::Quantity;

/// A ScaledObject, before any default is applied.
#[derive(Clone, Debug, PartialEq)]
pub struct ScaledObject {
    /// `spec`.
    pub spec: Written<()>,
    /// `scaleTargetRef`.
    pub scale_target: Option<Written<ReferenceAsWritten>>,
    /// `scaleTargetRef.envSourceContainerName`.
    pub env_source_container: Option<Written<String>>,
    /// `pollingInterval`, seconds.
    pub polling_interval: Option<Written<i32>>,
    /// `cooldownPeriod`, seconds.
    pub cooldown_period: Option<Written<i32>>,
    /// `initialCooldownPeriod`, seconds.
    pub initial_cooldown_period: Option<Written<i32>>,
    /// `idleReplicaCount`.
    pub idle_replicas: Option<Written<i32>>,
    /// `minReplicaCount`.
    pub min_replicas: Option<Written<i32>>,
    /// `maxReplicaCount`.
    pub max_replicas: Option<Written<i32>>,
    /// `fallback`.
    pub fallback: Option<Written<Fallback>>,
    /// `advanced.horizontalPodAutoscalerConfig.name`.
    pub hpa_name: Option<Written<String>>,
    /// `advanced.horizontalPodAutoscalerConfig.behavior`.
    pub behavior: Option<Written<BehaviorAsWritten>>,
    /// `advanced.restoreToOriginalReplicaCount`.
    pub restore_replicas: Option<Written<bool>>,
    /// `advanced.scalingModifiers`.
    pub modifiers: Option<Written<ScalingModifiers>>,
    /// `triggers`.
    pub triggers: Option<Written<Vec<Written<Trigger>>>>,
}

/// What is scaled to while a trigger fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Fallback {
    /// `failureThreshold`.
    pub failure_threshold: Option<Written<i32>>,
    /// `replicas`.
    pub replicas: Option<Written<i32>>,
    /// `behavior`.
    pub behavior: Option<Written<String>>,
}

/// A formula over the triggers' values.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingModifiers {
    /// `formula`.
    pub formula: Option<Written<String>>,
    /// `target`.
    pub target: Option<Written<String>>,
    /// `activationTarget`.
    pub activation_target: Option<Written<String>>,
    /// `metricType`.
    pub metric_type: Option<Written<String>>,
}

/// One source of load.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// `type`, such as `prometheus` or `cpu`.
    pub kind: Option<Written<String>>,
    /// `name`.
    pub name: Option<Written<String>>,
    /// `metricType`: `Utilization`, `AverageValue` or `Value`.
    pub metric_type: Option<Written<String>>,
    /// `useCachedMetrics`.
    pub use_cached_metrics: Option<Written<bool>>,
    /// `metadata`, whose values are strings.
    pub metadata: Vec<(String, String)>,
}

/// `maxReplicaCount` where none is given (`scaledobject_types.go`).
const DEFAULT_MAX_REPLICAS: i32 = 100;
/// The fewest replicas that KEDA lets the HPA keep.
const FEWEST_REPLICAS: i32 = 1;

impl ScaledObject {
    /// The sources of load, in order.
    pub fn triggers(&self) -> impl Iterator<Item = &Written<Trigger>> {
        self.triggers.iter().flat_map(|triggers| &triggers.value)
    }

    /// Whether cpu and memory are all that it looks at, which say nothing without pods.
    #[must_use]
    pub fn is_resource_only(&self) -> bool {
        let mut triggers = self.triggers().peekable();
        triggers.peek().is_some() && triggers.all(|trigger| trigger.value.is_resource())
    }

    /// Whether KEDA takes it below what the HPA keeps while no trigger is active: to none, or to `idleReplicaCount`.
    #[must_use]
    pub fn has_idle_state(&self) -> bool {
        let min = self.min_replicas.as_ref().map_or(0, |min| min.value);
        min <= 0 || self.idle_replicas.is_some()
    }

    /// `minReplicas` of the HPA that KEDA makes: never below 1.
    #[must_use]
    pub fn hpa_min_replicas(&self) -> i32 {
        let min = self.min_replicas.as_ref();
        min.map_or(FEWEST_REPLICAS, |min| min.value.max(FEWEST_REPLICAS))
    }

    /// `maxReplicas` of the HPA that KEDA makes: 100 where none is given.
    #[must_use]
    pub fn hpa_max_replicas(&self) -> i32 {
        let max = self.max_replicas.as_ref();
        max.map_or(DEFAULT_MAX_REPLICAS, |max| max.value)
    }

    /// The name of the HPA that KEDA makes for a ScaledObject of this name.
    #[must_use]
    pub fn name_of_hpa(&self, name: &str) -> String {
        match &self.hpa_name {
            Some(own) if !own.value.is_empty() => own.value.clone(),
            _ => format!("keda-hpa-{name}"),
        }
    }
}

impl ScalingModifiers {
    /// Whether any of it is given, which is when KEDA looks at it.
    #[must_use]
    pub fn is_used(&self) -> bool {
        let texts = [
            &self.formula,
            &self.target,
            &self.activation_target,
            &self.metric_type,
        ];
        let mut given = texts.into_iter().flatten();
        given.any(|text| !text.value.is_empty())
    }
}

impl Trigger {
    /// A member of `metadata`.
    #[must_use]
    pub fn metadata(&self, key: &str) -> Option<&str> {
        let found = self.metadata.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }

    /// `type`, if it is given.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_ref().map(|kind| kind.value.as_str())
    }

    /// What a `cpu` or `memory` trigger aims at, of all containers or of one; `None` of other triggers, and where it is
    /// wrong.
    #[must_use]
    pub fn aim(&self) -> Option<(Resource, Option<&str>, MetricTarget)> {
        let resource = match self.kind()? {
            "cpu" => Resource::Cpu,
            "memory" => Resource::Memory,
            _ => return None,
        };
        let given = |text: &&str| !text.is_empty();
        let newer = self.metric_type.as_ref().map(|it| it.value.as_str());
        let target_type = newer.filter(given).or(self.metadata("type"))?;
        let value = self.metadata("value")?;
        let target = match target_type {
            "Utilization" => MetricTarget::Utilization(value.parse().ok()?),
            "AverageValue" => {
                MetricTarget::AverageValue(Quantity::parse(value).ok()?.milli_value())
            }
            _ => return None,
        };
        let container = self.metadata("containerName").filter(given);
        Some((resource, container, target))
    }

    /// Whether it is measured by the kubelet rather than by KEDA: `cpu` or `memory`.
    #[must_use]
    pub fn is_resource(&self) -> bool {
        matches!(self.kind(), Some("cpu" | "memory"))
    }
}

pub(crate) fn read(decoder: &mut Decoder, object: &Field<'_>) -> Option<ScaledObject> {
    let spec = decoder.object(object, "spec")?;
    let target = decoder.object(&spec, "scaleTargetRef");
    let advanced = decoder.object(&spec, "advanced");
    let config = advanced
        .as_ref()
        .and_then(|advanced| decoder.object(advanced, "horizontalPodAutoscalerConfig"));
    let behavior = config
        .as_ref()
        .and_then(|config| decoder.object(config, "behavior"));
    let modifiers = advanced
        .as_ref()
        .and_then(|advanced| decoder.object(advanced, "scalingModifiers"));
    let fallback = decoder.object(&spec, "fallback");
    Some(ScaledObject {
        scale_target: target.as_ref().map(|it| read_target(decoder, it)),
        env_source_container: target
            .as_ref()
            .and_then(|target| decoder.string(target, "envSourceContainerName")),
        polling_interval: decoder.int32(&spec, "pollingInterval"),
        cooldown_period: decoder.int32(&spec, "cooldownPeriod"),
        initial_cooldown_period: decoder.int32(&spec, "initialCooldownPeriod"),
        idle_replicas: decoder.int32(&spec, "idleReplicaCount"),
        min_replicas: decoder.int32(&spec, "minReplicaCount"),
        max_replicas: decoder.int32(&spec, "maxReplicaCount"),
        fallback: fallback.map(|fallback| {
            let read = Fallback {
                failure_threshold: decoder.int32(&fallback, "failureThreshold"),
                replicas: decoder.int32(&fallback, "replicas"),
                behavior: decoder.string(&fallback, "behavior"),
            };
            fallback.written(read)
        }),
        hpa_name: config
            .as_ref()
            .and_then(|config| decoder.string(config, "name")),
        behavior: behavior.map(|behavior| hpa_v2::read_behavior(decoder, &behavior)),
        restore_replicas: advanced
            .as_ref()
            .and_then(|advanced| decoder.boolean(advanced, "restoreToOriginalReplicaCount")),
        modifiers: modifiers.map(|modifiers| {
            let read = ScalingModifiers {
                formula: decoder.string(&modifiers, "formula"),
                target: decoder.string(&modifiers, "target"),
                activation_target: decoder.string(&modifiers, "activationTarget"),
                metric_type: decoder.string(&modifiers, "metricType"),
            };
            modifiers.written(read)
        }),
        triggers: read_triggers(decoder, &spec),
        spec: spec.written(()),
    })
}

/// The reference without a warning for KEDA's own field in it.
fn read_target(decoder: &mut Decoder, field: &Field<'_>) -> Written<ReferenceAsWritten> {
    let reference = ReferenceAsWritten {
        api_version: decoder.string(field, "apiVersion"),
        kind: decoder.string(field, "kind"),
        name: decoder.string(field, "name"),
    };
    field.written(reference)
}

fn read_triggers(
    decoder: &mut Decoder,
    spec: &Field<'_>,
) -> Option<Written<Vec<Written<Trigger>>>> {
    let items = decoder.objects(spec, "triggers")?;
    let mut triggers = Vec::new();
    for item in &items.value {
        let metadata = decoder.object(item, "metadata");
        let metadata = metadata.map(|metadata| decoder.strings(&metadata));
        let metadata = metadata.into_iter().flatten();
        let trigger = Trigger {
            kind: decoder.string(item, "type"),
            name: decoder.string(item, "name"),
            metric_type: decoder.string(item, "metricType"),
            use_cached_metrics: decoder.boolean(item, "useCachedMetrics"),
            metadata: metadata
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        };
        triggers.push(item.written(trigger));
    }
    Some(items.with(triggers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Form, Source, read_objects};

    /// A ScaledObject with these further lines of its spec.
    fn read(spec: &str) -> ScaledObject {
        let text = format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web}}\nspec:\n  \
             scaleTargetRef: {{name: web, envSourceContainerName: app}}\n{spec}"
        );
        let source = Source {
            name: "a.yaml".to_owned(),
            bytes: text.into_bytes(),
        };
        let mut read = read_objects(vec![source]);
        assert_eq!((&read.errors, &read.warnings), (&vec![], &vec![]));
        match read.objects.remove(0).form {
            Form::ScaledObject(scaled) => *scaled,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_left_out_is_what_keda_takes() {
        let scaled = read("  triggers: [{type: cron}]\n");
        assert_eq!(
            (scaled.hpa_min_replicas(), scaled.hpa_max_replicas()),
            (1, 100)
        );
        assert_eq!(scaled.name_of_hpa("web"), "keda-hpa-web");
        assert!(scaled.has_idle_state() && !scaled.is_resource_only());
        let container = scaled.env_source_container.map(|it| it.value);
        assert_eq!(container.as_deref(), Some("app"));
    }

    #[test]
    fn bounds_say_whether_there_is_an_idle_state() {
        for (spec, min, is_idle) in [
            ("  minReplicaCount: 0\n", 1, true),
            ("  minReplicaCount: 2\n", 2, false),
            ("  minReplicaCount: 2\n  idleReplicaCount: 0\n", 2, true),
        ] {
            let scaled = read(spec);
            assert_eq!(scaled.hpa_min_replicas(), min, "{spec}");
            assert_eq!(scaled.has_idle_state(), is_idle, "{spec}");
        }
    }

    #[test]
    fn triggers_keep_their_order_and_members() {
        let scaled = read(
            "  triggers:\n  - {type: cpu, metadata: {value: \"60\"}}\n  - {type: memory, name: m, useCachedMetrics: true}\n",
        );
        assert!(scaled.is_resource_only());
        let kinds: Vec<_> = scaled.triggers().map(|it| it.value.kind()).collect();
        assert_eq!(kinds, [Some("cpu"), Some("memory")]);
        let first = scaled.triggers().next().map(|it| &it.value);
        assert_eq!(first.and_then(|it| it.metadata("value")), Some("60"));
        assert_eq!(first.and_then(|it| it.metadata("type")), None);
    }
}
