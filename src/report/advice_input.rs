//! `AdviceReport`: what every format of advice draws.

use super::sentences::Escape;
use crate::advice::{
    Advice, Advised, Candidate, Conclusion, Judged, Knob, Standing, TunedOn, Value,
};
use crate::lint::{Finding, Rule};
use crate::scenario::Scenario;

/// Advice, the scenario it is for, and the patch that carries it out.
#[derive(Clone, Copy, Debug)]
pub struct AdviceReport<'a> {
    /// What was played.
    pub scenario: &'a Scenario,
    /// What was found.
    pub advice: &'a Advice,
    /// The change to the user's own file, as it is to be printed: a unified diff, or a patch of another form. `None`
    /// where nothing is to be changed.
    pub patch: Option<&'a str>,
    /// What has to be edited along with the change, in other objects than the autoscaler.
    pub along: &'a [Finding],
    /// The rules of lint for which settings were left untried.
    pub left_out: &'a [&'static Rule],
    /// What the fields that advice names belong to.
    pub written_as: WrittenAs,
    /// The controller whose decisions were followed, `hpa::FOLLOWED_VERSION`.
    pub followed_version: &'a str,
}

/// The kind of object that an autoscaler is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenAs {
    /// The autoscaler itself.
    HorizontalPodAutoscaler,
    /// What KEDA makes it of.
    ScaledObject,
}

/// The advice for one backend, or for several together.
#[derive(Clone, Copy)]
pub(crate) struct PartView<'a> {
    pub(crate) part: &'a Advised,
    /// Whether the patch is that of this part.
    pub(crate) is_chosen: bool,
}

/// Settings on a part of the trace.
#[derive(Clone, Copy)]
pub(crate) struct StandingView<'a> {
    /// Whose, for machines: `now` or `best`.
    pub(crate) settings: &'static str,
    /// Where, for machines: `tuned` or `heldOut`.
    pub(crate) stretch: &'static str,
    pub(crate) standing: &'a Standing,
}

impl<'a> AdviceReport<'a> {
    /// Every part, that of the patch first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = PartView<'a>> + Clone {
        let chosen = self.advice.chosen;
        let view = move |(index, part)| PartView {
            part,
            is_chosen: index == chosen,
        };
        let all = self.advice.parts.iter().enumerate().map(view);
        let first = all.clone().filter(|view| view.is_chosen);
        first.chain(all.filter(|view| !view.is_chosen))
    }

    /// What a candidate changes of the autoscaler as it is.
    pub(crate) fn changes(&self, candidate: &Candidate) -> Vec<(Knob, &'a Value)> {
        let lattice = &self.advice.lattice;
        let axes = lattice.axes.iter().zip(&candidate.0);
        axes.filter(|(axis, position)| axis.present != usize::from(**position))
            .filter_map(|(axis, position)| {
                let value = axis.values.get(usize::from(*position))?;
                Some((axis.knob, value))
            })
            .collect()
    }

    /// The field that a knob is, in the object that was written.
    pub(crate) fn field(&self, knob: Knob) -> String {
        match (self.written_as, knob) {
            (WrittenAs::ScaledObject, Knob::MinReplicas) => "minReplicaCount".to_owned(),
            (WrittenAs::ScaledObject, Knob::MaxReplicas) => "maxReplicaCount".to_owned(),
            (WrittenAs::ScaledObject, knob) if knob.is_in_behavior() => {
                format!("advanced.horizontalPodAutoscalerConfig.{}", knob.field())
            }
            _ => knob.field(),
        }
    }

    /// A knob in a report for people: `minReplicas`, `cpu target`, `scaleUp window`.
    pub(crate) fn knob_label(&self, knob: Knob, escape: Escape) -> String {
        let label = match knob {
            Knob::MinReplicas | Knob::MaxReplicas => return self.field(knob),
            Knob::ScaleUpWindow => "scaleUp window",
            Knob::ScaleDownWindow => "scaleDown window",
            Knob::ScaleUpPolicies => "scaleUp policies",
            Knob::ScaleDownPolicies => "scaleDown policies",
            Knob::ScaleUpTolerance => "scaleUp tolerance",
            Knob::ScaleDownTolerance => "scaleDown tolerance",
            Knob::Target(metric) => {
                return match self.scenario.metric_names().get(metric) {
                    Some(name) => format!("{} target", escape(name)),
                    None => self.field(knob),
                };
            }
        };
        label.to_owned()
    }

    /// Where a knob stands, for people; a default with what it comes to.
    pub(crate) fn value_text(&self, knob: Knob, value: &Value) -> String {
        let controller = &self.scenario.controller;
        match (knob, value) {
            (Knob::ScaleDownWindow, Value::Window(None)) => format!(
                "default, {} s",
                controller.downscale_stabilization.as_seconds()
            ),
            (_, Value::Window(None)) => "default, 0 s".to_owned(),
            (_, Value::Tolerance(None)) => format!("default, {}", controller.tolerance),
            (Knob::ScaleUpPolicies, Value::Policies(None)) => "none: double, or 4 pods".to_owned(),
            (_, Value::Policies(None)) => "none: any step".to_owned(),
            _ => value.to_string(),
        }
    }

    /// What a candidate changes, in a line: `minReplicas 3, cpu target 60 %`, or `as it is`.
    pub(crate) fn settings_text(&self, candidate: &Candidate, escape: Escape) -> String {
        let changes = self.changes(candidate);
        if changes.is_empty() {
            return "as it is".to_owned();
        }
        let told: Vec<String> = changes
            .into_iter()
            .map(|(knob, value)| self.change_text(knob, value, escape))
            .collect();
        told.join(", ")
    }

    /// A knob and where it stands: `cpu target 60 %`.
    pub(crate) fn change_text(&self, knob: Knob, value: &Value, escape: Escape) -> String {
        format!(
            "{} {}",
            self.knob_label(knob, escape),
            self.value_text(knob, value)
        )
    }
}

impl<'a> PartView<'a> {
    /// The backends that it is for: `container and vm`.
    pub(crate) fn name(&self, escape: Escape) -> String {
        let names: Vec<String> = self.part.backends.iter().map(|name| escape(name)).collect();
        names.join(" and ")
    }

    /// What the best settings found are called beside the present ones.
    pub(crate) const fn best_name(&self) -> &'static str {
        match self.part.conclusion {
            Conclusion::NothingMeets(_) => "nearest",
            Conclusion::Keep | Conclusion::Change => "advised",
        }
    }

    /// Present settings, then the best found, each on the part tuned on and on the part held out.
    pub(crate) fn standings(&self) -> impl Iterator<Item = StandingView<'a>> {
        let of = |settings, judged: &'a Judged| {
            let view = move |stretch, standing| StandingView {
                settings,
                stretch,
                standing,
            };
            let held_out = judged.held_out.as_ref();
            std::iter::once(view("tuned", &judged.tuned))
                .chain(held_out.map(|standing| view("heldOut", standing)))
        };
        of("now", &self.part.now).chain(of("best", &self.part.best))
    }

    /// Where the verdict is given: on the part held out; on the part tuned on where nothing is held out, or where that is
    /// the one that the best settings miss on.
    pub(crate) fn deciding(&self) -> Deciding<'a> {
        let (now, best) = (&self.part.now, &self.part.best);
        match (&now.held_out, &best.held_out) {
            (Some(_), Some(held_out)) if held_out.holds && !best.tuned.holds => Deciding {
                now: &now.tuned,
                best: &best.tuned,
                stretch: " of the part tuned on",
            },
            (Some(now), Some(best)) => Deciding {
                now,
                best,
                stretch: match self.part.tuned_on {
                    TunedOn::FirstPart => " of the part held out",
                    TunedOn::BothParts => " of the last part, which the search saw too",
                },
            },
            _ => Deciding {
                now: &now.tuned,
                best: &best.tuned,
                stretch: "",
            },
        }
    }
}

/// The standings that a verdict is given by.
pub(crate) struct Deciding<'a> {
    pub(crate) now: &'a Standing,
    pub(crate) best: &'a Standing,
    /// Of which part of the trace, as the end of a phrase.
    pub(crate) stretch: &'static str,
}
