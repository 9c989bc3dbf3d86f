//! `Case`: one replayed autoscaler before a rule, with the places of its fields.

use super::replay::Replay;
use crate::lint::context::Context;
use crate::lint::finding::{Findings, Place, Severity};
use crate::lint::joined::{Autoscaled, PodOwner};
use crate::lint::settings::ReplayThresholds;
use crate::manifest::{Form, Object};

/// One replayed autoscaler before a rule.
pub(crate) struct Case<'c, 'a> {
    pub(super) context: &'c Context<'a>,
    pub(super) replay: &'c Replay<'a>,
    /// The autoscaler, or the ScaledObject that KEDA makes one of.
    pub(super) object: &'a Object,
    /// As an autoscaler; `None` of a ScaledObject.
    pub(super) autoscaled: Option<&'c Autoscaled<'a>>,
}

/// A field of an autoscaler, whatever it is called in a ScaledObject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// Its name: for what no field is to blame.
    Name,
    /// `minReplicas`.
    Min,
    /// `maxReplicas`.
    Max,
    /// The target of the first metric.
    Target,
    /// `behavior.scaleUp`.
    ScaleUp,
    /// `behavior.scaleDown`.
    ScaleDown,
    /// Its window.
    ScaleDownWindow,
}

/// Lets a rule look at every autoscaler that was replayed.
pub(crate) fn check_each(
    context: &Context<'_>,
    findings: &mut Findings,
    check: fn(&Case<'_, '_>, &mut Findings),
) {
    for replay in context.replays {
        if let Some(object) = object_of(context, replay) {
            let mut all = context.autoscalers();
            let autoscaled = all.find(|it| std::ptr::eq(it.object, object));
            let case = Case {
                context,
                replay,
                object,
                autoscaled,
            };
            check(&case, findings);
        }
    }
}

/// The objects that were replayed.
pub(crate) fn replayed_objects<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Object> {
    let replays = context.replays.iter();
    replays.filter_map(|replay| object_of(context, replay))
}

fn object_of<'a>(context: &Context<'a>, replay: &Replay<'_>) -> Option<&'a Object> {
    let (source, offset) = replay.origin();
    let mut all = context.objects.objects.iter();
    all.find(|it| it.span().start.offset == offset && it.document.source_name() == source)
}

impl<'a> Case<'_, 'a> {
    /// Where a number becomes a finding.
    pub(super) fn thresholds(&self) -> &ReplayThresholds {
        &self.context.settings.thresholds.replay
    }

    /// What it scales, if that is there and makes pods.
    pub(super) fn owner(&self) -> Option<&PodOwner<'a>> {
        match (self.autoscaled, &self.object.form) {
            (Some(autoscaled), _) => self.context.owner(autoscaled),
            (None, Form::ScaledObject(scaled)) => self.context.owner_of_scaled(self.object, scaled),
            (None, _) => None,
        }
    }

    /// For how long, seconds, something may hold capacity back before it is a finding: the threshold of a day, for each
    /// day of the trace.
    pub(super) fn longest_bound(&self) -> f64 {
        self.thresholds().longest_bound.as_seconds() * self.replay.days().max(1.0)
    }

    /// Where a field stands, or the innermost part of its path that is there.
    pub(super) fn place(&self, field: Field) -> Place {
        let Some(autoscaled) = self.autoscaled else {
            return Place::at(self.object, path_in_scaled_object(field));
        };
        let path = match field {
            Field::Name => "metadata.name",
            Field::Min => "spec.minReplicas",
            Field::Max => "spec.maxReplicas",
            Field::Target => {
                return match autoscaled.metrics().next() {
                    Some(metric) => autoscaled.place_of_target(&metric),
                    None => Place::at(self.object, "spec.metrics"),
                };
            }
            Field::ScaleUp => "spec.behavior.scaleUp",
            Field::ScaleDown => "spec.behavior.scaleDown",
            Field::ScaleDownWindow => "spec.behavior.scaleDown.stabilizationWindowSeconds",
        };
        Place::at(self.object, path)
    }

    /// The rule's severity where the objective is missed; where it holds all the same, an info.
    pub(super) fn severity_if_missed(&self, own: Severity) -> Severity {
        if self.replay.is_missed() {
            own
        } else {
            Severity::Info
        }
    }

    /// What clears the missed objective, or that nothing has to.
    pub(super) fn what_clears_it(&self) -> String {
        match self.replay.clearing() {
            None => "the objective holds all the same".to_owned(),
            Some(clearing) => clearing
                .sentence(self.replay.names())
                .unwrap_or_else(|| "no single setting clears the objective".to_owned()),
        }
    }
}

fn path_in_scaled_object(field: Field) -> &'static str {
    match field {
        Field::Name => "metadata.name",
        Field::Min => "spec.minReplicaCount",
        Field::Max => "spec.maxReplicaCount",
        Field::Target => "spec.triggers",
        Field::ScaleUp => "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp",
        Field::ScaleDown => "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown",
        Field::ScaleDownWindow => {
            "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown.stabilizationWindowSeconds"
        }
    }
}
