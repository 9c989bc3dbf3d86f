//! `Aim`: a target on cpu or memory, of an autoscaler or of the one that KEDA makes of a ScaledObject.

use super::context::Context;
use super::finding::Place;
use super::joined::{Amounts, Autoscaled, Metric, PodOwner};
use super::pace::tolerance_of_scaling_up;
use crate::hpa::{MetricTarget, Resource};
use crate::manifest::{Object, ScaledObject};

/// A target on cpu or memory, and the pods that it is about.
#[derive(Clone, Debug)]
pub(crate) struct Aim<'c, 'a> {
    pub(crate) owner: &'c PodOwner<'a>,
    /// What is measured, of all containers or of one.
    pub(crate) resource: Resource,
    pub(crate) container: Option<&'a str>,
    pub(crate) target: MetricTarget,
    /// How far above the target the measured value has to be for a step up, as a share of the target.
    pub(crate) tolerance: f64,
    written: WrittenAs<'c, 'a>,
}

#[derive(Clone, Copy, Debug)]
enum WrittenAs<'c, 'a> {
    Metric(&'c Autoscaled<'a>, Metric<'a>),
    /// The trigger of this number.
    Trigger(&'a Object, usize),
}

impl Aim<'_, '_> {
    /// Where the number of the target stands.
    pub(crate) fn place(&self) -> Place {
        match self.written {
            WrittenAs::Metric(autoscaled, metric) => autoscaled.place_of_target(&metric),
            WrittenAs::Trigger(object, number) => {
                let triggers = object.document.at("spec.triggers");
                let trigger = triggers.and_then(|triggers| triggers.items().nth(number));
                let value =
                    trigger.and_then(|trigger| trigger.at("metadata.value").or(Some(trigger)));
                value.map_or_else(
                    || Place::at(object, "spec.triggers"),
                    |value| Place::new(&object.document, value.span()),
                )
            }
        }
    }

    /// What its pods, or the container, may use of the resource; `None` where that is not known.
    pub(crate) fn amounts(&self) -> Option<Amounts> {
        self.owner.amounts(&self.resource, self.container)
    }

    /// Whether its pods are virtual machines.
    pub(crate) fn is_of_machines(&self) -> bool {
        let workload = self.owner.workload;
        workload.is_some_and(|workload| workload.pod.vm.is_some())
    }
}

/// Every target on cpu or memory whose pods are among the objects.
pub(crate) fn aims<'c, 'a>(context: &'c Context<'a>) -> impl Iterator<Item = Aim<'c, 'a>> {
    let of_hpas = context.autoscalers().flat_map(|autoscaled| {
        let owner = context.owner(autoscaled);
        let behavior = autoscaled.meant.and_then(|meant| meant.behavior.as_ref());
        let tolerance = tolerance_of_scaling_up(behavior, context);
        let metrics = owner.into_iter().flat_map(|_| autoscaled.metrics());
        metrics.filter_map(move |metric| {
            let (resource, container, target) = metric.resource()?;
            Some(Aim {
                owner: owner?,
                resource: resource.clone(),
                container,
                target: *target,
                tolerance,
                written: WrittenAs::Metric(autoscaled, metric),
            })
        })
    });
    let of_keda = context
        .scaled_objects()
        .flat_map(|(object, scaled)| of_scaled_object(context, object, scaled));
    of_hpas.chain(of_keda)
}

fn of_scaled_object<'c, 'a>(
    context: &'c Context<'a>,
    object: &'a Object,
    scaled: &'a ScaledObject,
) -> impl Iterator<Item = Aim<'c, 'a>> {
    let owner = context.owner_deployed_with(object, scaled);
    let behavior = scaled.behavior.as_ref().and_then(|it| it.value.meant());
    let tolerance = tolerance_of_scaling_up(behavior.as_ref(), context);
    let triggers = scaled.triggers().enumerate();
    triggers.filter_map(move |(number, trigger)| {
        let (resource, container, target) = trigger.value.aim()?;
        Some(Aim {
            owner: owner?,
            resource,
            container,
            target,
            tolerance,
            written: WrittenAs::Trigger(object, number),
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{deployment, fires, scaled_object, silent};

    /// The Deployment `web` with these requests and limits, and a ScaledObject on its cpu, whose trigger is on line 16.
    fn with(resources: &str, trigger: &str, further: &str) -> String {
        let trigger = format!("  triggers:\n  - {{type: cpu, {trigger}}}\n{further}");
        let container = format!("image: web, resources: {resources}");
        format!("{}{}", deployment(&container), scaled_object(&trigger))
    }

    const NO_BURST: &str = "{requests: {cpu: 1}, limits: {cpu: 1}}";
    const AT_95: &str = "metricType: Utilization, metadata: {value: \"95\"}";

    #[test]
    fn what_is_told_of_an_autoscalers_target_is_told_of_a_cpu_trigger() {
        let line = "16:";
        let told = |code: &str, resources: &str, trigger: &str, expected: &str| {
            fires(
                code,
                &with(resources, trigger, ""),
                &[&format!("{line}{expected}")],
            );
        };
        told(
            "SP309",
            NO_BURST,
            AT_95,
            "60 pods can show at most 100 % cpu utilization, 1.05 times the target of 95",
        );
        told(
            "SP310",
            NO_BURST,
            "metricType: Utilization, metadata: {value: \"150\"}",
            "60 pods can show at most 100 % cpu utilization, less than the target of 150",
        );
        told(
            "SP310",
            NO_BURST,
            "metadata: {type: AverageValue, value: \"2\"}",
            "55 pods can use at most 1 of cpu, less than the target of 2",
        );
        told(
            "SP311",
            NO_BURST,
            "metricType: Utilization, metadata: {value: \"85\"}",
            "60 pods can show at most 100 % cpu utilization, 1.18 times the target of 85",
        );
        told(
            "SP308",
            "{requests: {cpu: 100m}, limits: {cpu: 1}}",
            "metricType: Utilization, metadata: {value: \"60\"}",
            "60 pods may use 10.0 times the cpu",
        );
    }

    #[test]
    fn the_tolerance_of_a_scaled_object_counts() {
        let config = "  advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleUp: {tolerance: 0.01}}}}\n";
        silent("SP309", &with(NO_BURST, AT_95, config));
        silent("SP309", &with("{requests: {cpu: 1}}", AT_95, ""));
        let of_queue = with(NO_BURST, "metadata: {value: \"95\"}", "");
        silent("SP309", &of_queue.replace("type: cpu", "type: rabbitmq"));
    }
}
