//! What JSON and YAML say of what was played, as types that are written and read; see [`super::model`].

use serde::{Deserialize, Serialize};

use super::model::Number;
use super::subject::Subject;
use crate::scenario::{
    PolicyChoice, PolicyUnit, Slo, Steering, SteeringMetric, SteeringPolicies, SteeringPolicy,
    SteeringRules,
};
use crate::units::SimDuration;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScenarioPart {
    pub(super) name: String,
    pub(super) target: TargetPart,
    pub(super) metric_targets: Vec<String>,
    min_replicas: i32,
    max_replicas: i32,
    pub(super) initial_replicas: u32,
    pub(super) trace: TracePart,
    slo: SloPart,
    pub(super) runs: u32,
    pub(super) seed: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TargetPart {
    pub(super) kind: String,
    pub(super) name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TracePart {
    pub(super) name: String,
    pub(super) duration_seconds: f64,
    pub(super) requests: Number,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SloPart {
    latency_seconds: Number,
    objective_percent: Number,
    minutes_percent: Number,
}

/// What it takes to explain a saved run.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplayPart {
    /// When the trace begins, RFC 3339; null where its times have no date.
    pub(super) trace_start: Option<String>,
    pub(super) rate_scale: f64,
    pub(super) idle_replicas: Option<i64>,
    pub(super) disturbances: Vec<String>,
    sync_period_seconds: f64,
    tolerance_down: f64,
    tolerance_up: f64,
    scale_down_window_seconds: f64,
    scale_up_window_seconds: f64,
    /// Null where the autoscaler has no `behavior`.
    scale_down: Option<RulesPart>,
    scale_up: Option<RulesPart>,
    metrics: Vec<MetricPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RulesPart {
    select_policy: String,
    policies: Vec<PolicyPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyPart {
    #[serde(rename = "type")]
    unit: String,
    value: i32,
    period_seconds: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetricPart {
    #[serde(rename = "type")]
    source: String,
    described: String,
    spoken: String,
    target: String,
}

impl ScenarioPart {
    pub(super) fn of(subject: &Subject) -> Self {
        Self {
            name: subject.name.clone(),
            target: TargetPart {
                kind: subject.target.kind.clone(),
                name: subject.target.name.clone(),
            },
            metric_targets: subject.metric_targets.clone(),
            min_replicas: subject.steering.min_replicas,
            max_replicas: subject.steering.max_replicas,
            initial_replicas: subject.initial_replicas,
            trace: TracePart {
                name: subject.trace_name.clone(),
                duration_seconds: subject.horizon.as_seconds(),
                requests: Number(subject.requests),
            },
            slo: SloPart {
                latency_seconds: Number(subject.slo.latency),
                objective_percent: Number(subject.slo.objective * 100.0),
                minutes_percent: Number(subject.slo.good_slices.unwrap_or(f64::NAN) * 100.0),
            },
            runs: subject.runs,
            seed: subject.seed,
        }
    }

    /// The objective; `None` where it is none.
    pub(super) fn slo(&self) -> Option<Slo> {
        let part = &self.slo;
        // Percent times a hundredth may be the last digit off the share that it was made of.
        let share = |percent: f64| (percent * 1e10).round() / 1e12;
        let minutes = part.minutes_percent.0;
        let slo = Slo {
            latency: part.latency_seconds.0,
            objective: share(part.objective_percent.0),
            good_slices: (!minutes.is_nan()).then(|| share(minutes)),
        };
        (slo.latency > 0.0 && slo.objective > 0.0).then_some(slo)
    }
}

impl ReplayPart {
    pub(super) fn of(subject: &Subject) -> Self {
        let steering = &subject.steering;
        let policies = steering.policies.as_ref();
        Self {
            trace_start: subject.trace_start.map(|start| start.to_string()),
            rate_scale: subject.rate_scale,
            idle_replicas: subject.idle_replicas,
            disturbances: subject.disturbances.clone(),
            sync_period_seconds: steering.sync_period.as_seconds(),
            tolerance_down: steering.tolerance_down,
            tolerance_up: steering.tolerance_up,
            scale_down_window_seconds: steering.down_window.as_seconds(),
            scale_up_window_seconds: steering.up_window.as_seconds(),
            scale_down: policies.map(|policies| RulesPart::of(&policies.down)),
            scale_up: policies.map(|policies| RulesPart::of(&policies.up)),
            metrics: steering
                .metrics
                .iter()
                .map(|metric| MetricPart {
                    source: metric.source.to_owned(),
                    described: metric.described.clone(),
                    spoken: metric.spoken.clone(),
                    target: metric.target.clone(),
                })
                .collect(),
        }
    }

    /// What the autoscaler goes by; `None` where a word is unknown.
    pub(super) fn steering(&self, scenario: &ScenarioPart) -> Option<Steering> {
        let policies = match (&self.scale_up, &self.scale_down) {
            (Some(up), Some(down)) => Some(SteeringPolicies {
                up: up.rules()?,
                down: down.rules()?,
            }),
            _ => None,
        };
        let metric = |part: &MetricPart| {
            let source = SteeringMetric::SOURCES
                .into_iter()
                .find(|source| *source == part.source)?;
            Some(SteeringMetric {
                described: part.described.clone(),
                spoken: part.spoken.clone(),
                source,
                target: part.target.clone(),
            })
        };
        Some(Steering {
            min_replicas: scenario.min_replicas,
            max_replicas: scenario.max_replicas,
            sync_period: SimDuration::from_seconds_rounded(self.sync_period_seconds),
            tolerance_down: self.tolerance_down,
            tolerance_up: self.tolerance_up,
            down_window: SimDuration::from_seconds_rounded(self.scale_down_window_seconds),
            up_window: SimDuration::from_seconds_rounded(self.scale_up_window_seconds),
            policies,
            metrics: self.metrics.iter().map(metric).collect::<Option<_>>()?,
        })
    }
}

impl RulesPart {
    fn of(rules: &SteeringRules) -> Self {
        Self {
            select_policy: rules.select.name().to_owned(),
            policies: rules
                .policies
                .iter()
                .map(|policy| PolicyPart {
                    unit: policy.unit.name().to_owned(),
                    value: policy.value,
                    period_seconds: policy.period.as_seconds(),
                })
                .collect(),
        }
    }

    fn rules(&self) -> Option<SteeringRules> {
        let choices = [PolicyChoice::Max, PolicyChoice::Min, PolicyChoice::Disabled];
        let units = [PolicyUnit::Pods, PolicyUnit::Percent];
        let policy = |part: &PolicyPart| {
            Some(SteeringPolicy {
                unit: units.into_iter().find(|unit| unit.name() == part.unit)?,
                value: part.value,
                period: SimDuration::from_seconds_rounded(part.period_seconds),
            })
        };
        Some(SteeringRules {
            select: choices
                .into_iter()
                .find(|choice| choice.name() == self.select_policy)?,
            policies: self.policies.iter().map(policy).collect::<Option<_>>()?,
        })
    }
}
