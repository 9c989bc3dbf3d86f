//! What wakes a workload beside its autoscaler, and puts it to sleep: KEDA's operator.

use super::choose::Chooser;
use super::{Backend, MetricSource, Origin, Scenario, ScenarioError, Span};
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

/// Only what does not look at replicas can wake a workload without any: the rate, a column, and the queue of a broker.
/// What KEDA looks at is outside the pods.
fn refuse_sleep_for_ever(
    keda: &KedaFacts,
    activation: &Activation,
    sources: &[MetricSource],
) -> Result<(), ScenarioError> {
    let looked_at = activation.active_above.iter().zip(sources);
    let mut looked_at = looked_at.filter(|(above, _)| above.is_some());
    let wakes = |source: &MetricSource| match source {
        MetricSource::Rate | MetricSource::Backlog | MetricSource::Column(_) => true,
        MetricSource::InFlight | MetricSource::Cpu | MetricSource::Memory => false,
    };
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
        // Without anyone to take from it, a queue passes every value as long as anything comes.
        MetricSource::Backlog => Some(if first_rate > 0.0 { f64::INFINITY } else { 0.0 }),
        MetricSource::Cpu | MetricSource::Memory => None,
    };
    let pairs = activation.active_above.iter().zip(sources);
    let is_active = pairs
        .filter_map(|(above, source)| Some((above.as_ref()?, value(source)?)))
        .any(|(above, value)| value * 1e3 > *above as f64);
    activation.idle_replicas.filter(|_| !is_active)
}

impl Scenario {
    /// The same where the workload never sleeps, as a ScaledObject with a `minReplicaCount` above zero and no
    /// `idleReplicaCount`; `None` where it never does as it is.
    #[must_use]
    pub fn without_sleep(&self) -> Option<Self> {
        let activation = self.activation.as_ref()?;
        let floor = u32::try_from(self.hpa.min_replicas).unwrap_or(0);
        if activation.floor(&self.hpa) == floor {
            return None;
        }
        let mut awake = self.clone();
        awake.activation = Some(Activation {
            idle_replicas: None,
            ..activation.clone()
        });
        if awake.initial_replicas < floor {
            awake.initial_replicas = awake.replicas_at_rest(&awake.hpa);
        }
        Some(awake)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{self, Source};
    use crate::scenario::{Inputs, Settings, assemble};
    use crate::trace::{Trace, TraceUnit};

    const WEB: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, resources: {requests: {cpu: 500m}}}]}
";

    /// A queue of 5 for each replica, active above 2, with these further lines of the spec and rates of one minute each.
    fn scenario(spec: &str, source: &str, rates: &str) -> Result<Scenario, ScenarioError> {
        let scaled = format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web}}\nspec:\n  scaleTargetRef: {{name: web}}\n\
             {spec}  triggers:\n  - {{type: rabbitmq, metadata: {{queueName: q, value: \"5\", activationValue: \"2\"}}}}\n"
        );
        let manifests = manifest::read(vec![Source {
            name: "web.yaml".to_owned(),
            bytes: format!("{scaled}{WEB}").into_bytes(),
        }]);
        assert!(manifests.errors.is_empty(), "{:?}", manifests.errors);
        let autoscaler = &manifests.autoscalers[0];
        let series = Series::from_notation(SimDuration::from_seconds(60), rates);
        let flags =
            format!("--cpu-per-request 10ms --service-time 10ms --metric s0-rabbitmq-q={source}");
        assemble(Inputs {
            autoscaler,
            workload: manifests.workload_for(autoscaler),
            service: None,
            trace: Trace::from_series("load", series.expect("rates"), TraceUnit::RequestsPerSecond),
            flags: &Settings::from_flags(flags.split(' ')).expect("flags"),
            file: &Settings::default(),
            only: &[],
            with: &[],
        })
    }

    /// The idle count, and the replicas to begin with.
    #[track_caller]
    fn check(spec: &str, source: &str, rates: &str, expected: (Option<u32>, u32)) {
        let scenario = scenario(spec, source, rates).expect("a scenario");
        let activation = scenario.activation.expect("KEDA does something");
        assert_eq!(activation.active_above, [Some(2000)]);
        assert_eq!(
            (activation.idle_replicas, scenario.initial_replicas),
            expected
        );
    }

    #[test]
    fn it_begins_asleep_unless_the_first_rate_is_active() {
        check("", "rate", "2x9", (Some(0), 0));
        check("", "rate", "3x9", (Some(0), 1));
        check("  minReplicaCount: 2\n", "rate", "0x3 9x9", (None, 2));
        check(
            "  minReplicaCount: 2\n  idleReplicaCount: 0\n",
            "rate",
            "0x3 9x9",
            (Some(0), 0),
        );
        // Nobody takes from the queue: it passes every value.
        check("", "backlog", "0x3 1x9", (Some(0), 0));
        check("", "backlog", "1x9", (Some(0), 1));
    }

    #[test]
    fn only_what_does_not_look_at_replicas_can_wake_from_none() {
        assert!(scenario("", "backlog", "1x9").is_ok());
        let refusal = scenario("", "in-flight", "1x9").expect_err("it sleeps for ever");
        assert!(matches!(refusal, ScenarioError::SleepsForEver(name) if name == "web"));
        assert!(scenario("  minReplicaCount: 1\n", "in-flight", "1x9").is_ok());
    }

    #[test]
    fn without_sleep_the_floor_is_that_of_the_autoscaler() {
        let asleep = scenario("", "rate", "0x3 9x9").expect("a scenario");
        let floor = |it: &Scenario| it.activation.as_ref().map(|own| own.floor(&it.hpa));
        assert_eq!(floor(&asleep), Some(0));
        let awake = asleep.without_sleep().expect("it slept");
        assert_eq!((floor(&awake), awake.initial_replicas), (Some(1), 1));
        assert!(awake.without_sleep().is_none());
    }
}
