//! What wakes a workload beside its autoscaler, and puts it to sleep: KEDA's operator.

use super::choose::Chooser;
use super::{Backend, MetricSource, Origin, ScenarioError, Span};
use crate::hpa::HpaSpec;
use crate::manifest::{Autoscaler, KedaFacts};
use crate::trace::Series;
use crate::units::{SimDuration, SimTime};

/// The step between few replicas, or none, and the autoscaler's `minReplicas`, which KEDA's operator does itself.
///
/// A metric is active while its value is above a threshold. Follows `RequestScale` in
/// `pkg/scaling/executor/scale_scaledobjects.go` of KEDA 2.20.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    /// How often it looks (`pollingInterval`).
    pub polling_interval: SimDuration,
    /// How long no metric has to be active before it puts the workload to sleep (`cooldownPeriod`).
    pub cooldown: SimDuration,
    /// Replicas of a workload that sleeps (`idleReplicaCount`, or none); `None` if it never does.
    pub idle_replicas: Option<u32>,
    /// Above which value each of the autoscaler's metrics is active, thousandths; `None` for those it does not look at.
    pub active_above: Vec<Option<i64>>,
}

/// The shortest time between two looks.
const SHORTEST_POLL: SimDuration = SimDuration::from_seconds(1);

/// What KEDA does beside the autoscaler, where it made it and does anything.
///
/// # Errors
/// When a workload that sleeps without replicas would sleep for ever.
pub(super) fn activation(
    choose: &mut Chooser<'_>,
    autoscaler: &Autoscaler,
    sources: &[MetricSource],
) -> Result<Option<Activation>, ScenarioError> {
    let Some(keda) = &autoscaler.keda else {
        return Ok(None);
    };
    let idle = keda
        .idle_replicas
        .map(|count| u32::try_from(count).unwrap_or(0));
    let activation = Activation {
        polling_interval: keda.polling_interval.max(SHORTEST_POLL),
        cooldown: keda.cooldown,
        idle_replicas: idle,
        active_above: keda
            .metrics
            .iter()
            .map(|metric| metric.active_above.map(milli))
            .collect(),
    };
    if idle == Some(0) {
        refuse_sleep_for_ever(keda, &activation, sources)?;
    }
    if let Some(idle) = idle {
        let note = |span: SimDuration| Span(span.as_seconds()).to_string();
        choose.note("KEDA idle replicas", idle.to_string(), Origin::Manifest);
        choose.note(
            "KEDA polling",
            note(activation.polling_interval),
            Origin::Manifest,
        );
        choose.note("KEDA cooldown", note(activation.cooldown), Origin::Manifest);
    }
    Ok(Some(activation))
}

/// Nothing holds requests while there is no replica, so that only what does not look at replicas can wake it.
fn refuse_sleep_for_ever(
    keda: &KedaFacts,
    activation: &Activation,
    sources: &[MetricSource],
) -> Result<(), ScenarioError> {
    let looked_at = activation.active_above.iter().zip(sources);
    let mut looked_at = looked_at.filter(|(above, _)| above.is_some());
    let wakes =
        |source: &MetricSource| matches!(source, MetricSource::Rate | MetricSource::Column(_));
    if looked_at.any(|(_, source)| wakes(source)) {
        return Ok(());
    }
    Err(ScenarioError::SleepsForEver(keda.scaled_object.clone()))
}

/// The replicas of a workload that sleeps when the trace begins, as far as that can be told from the first rate.
pub(super) fn asleep_at_first(
    activation: Option<&Activation>,
    sources: &[MetricSource],
    columns: &[(String, Series)],
    first_rate: f64,
    backends: &[Backend],
) -> Option<u32> {
    let activation = activation?;
    let value = |source: &MetricSource| match source {
        MetricSource::Rate => Some(first_rate),
        MetricSource::InFlight => {
            let serving = &backends.first()?.plant.serving;
            Some(first_rate * serving.service_time())
        }
        MetricSource::Column(name) => {
            let mut columns = columns.iter();
            let (_, column) = columns.find(|(known, _)| known == name)?;
            column.value_at(SimTime::ZERO)
        }
        MetricSource::Backlog | MetricSource::Cpu | MetricSource::Memory => None,
    };
    let pairs = activation.active_above.iter().zip(sources);
    let is_active = pairs
        .filter_map(|(above, source)| Some((above.as_ref()?, value(source)?)))
        .any(|(above, value)| value * 1e3 > *above as f64);
    activation.idle_replicas.filter(|_| !is_active)
}

impl Activation {
    /// The fewest replicas that there are without disturbances, under an autoscaler.
    #[must_use]
    pub fn floor(&self, hpa: &HpaSpec) -> u32 {
        let least = u32::try_from(hpa.min_replicas).unwrap_or(0);
        self.idle_replicas.map_or(least, |idle| idle.min(least))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn milli(value: f64) -> i64 {
    (value * 1e3).floor() as i64
}
