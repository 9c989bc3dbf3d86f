//! Pods may be told one by one or in groups of identical ones: the decisions are the same.

use proptest::prelude::*;
use scaleplan::hpa::{
    Behavior, ConditionStatus, ControllerConfig, HpaSpec, HpaState, MetricReading, MetricSpec,
    MetricTarget, Observation, PodGroup, PodPhase, PodSample, PolicyKind, ReadyCondition, Resource,
    ScaleReading, ScaleUpdate, ScalingPolicy, ScalingRules, SelectPolicy, Selection, reconcile,
};
use scaleplan::units::{SimDuration, SimTime};

/// A group of pods, and what is known of each of them.
#[derive(Clone, Debug)]
struct Known {
    group: PodGroup,
    cpu: Option<PodSample>,
    queue: Option<PodSample>,
    request: Option<i64>,
}

fn seconds(range: std::ops::Range<i64>) -> impl Strategy<Value = SimTime> {
    range.prop_map(SimTime::from_seconds)
}

fn samples() -> impl Strategy<Value = Option<PodSample>> {
    let sample =
        (seconds(-100..60), 0_i64..60, 0_i64..900).prop_map(|(timestamp, window, value)| {
            PodSample {
                timestamp,
                window: SimDuration::from_seconds(window),
                value,
            }
        });
    prop_oneof![4 => sample.prop_map(Some), 1 => Just(None)]
}

fn groups() -> impl Strategy<Value = Known> {
    let phase = prop_oneof![
        6 => Just(PodPhase::Running),
        1 => Just(PodPhase::Pending),
        1 => Just(PodPhase::Succeeded),
        1 => Just(PodPhase::Failed),
    ];
    let status = prop_oneof![
        4 => Just(ConditionStatus::True),
        2 => Just(ConditionStatus::False),
        1 => Just(ConditionStatus::Unknown),
    ];
    let ready = (status, seconds(-400..0)).prop_map(|(status, last_transition)| ReadyCondition {
        status,
        last_transition,
    });
    let request = prop_oneof![20 => (1_i64..500).prop_map(Some), 1 => Just(None)];
    (
        (0_u32..5, phase, prop::option::weighted(0.9, ready)),
        (
            prop::option::weighted(0.9, seconds(-500..0)),
            prop::bool::weighted(0.1),
        ),
        (samples(), samples(), request),
    )
        .prop_map(
            |((count, phase, ready), (start_time, being_deleted), (cpu, queue, request))| Known {
                group: PodGroup {
                    count,
                    phase,
                    ready,
                    start_time,
                    being_deleted,
                },
                cpu,
                queue,
                request,
            },
        )
}

fn spec(behavior: Option<Behavior>) -> HpaSpec {
    HpaSpec {
        min_replicas: 1,
        max_replicas: 30,
        metrics: vec![
            MetricSpec::Resource {
                resource: Resource::Cpu,
                target: MetricTarget::Utilization(70),
            },
            MetricSpec::ContainerResource {
                resource: Resource::Memory,
                container: "app".to_owned(),
                target: MetricTarget::AverageValue(300),
            },
            MetricSpec::Pods {
                name: "queue".to_owned(),
                target: MetricTarget::AverageValue(400),
            },
            MetricSpec::Object {
                name: "requests".to_owned(),
                target: MetricTarget::Value(900),
            },
        ],
        behavior,
    }
}

fn some_behavior() -> Behavior {
    let rules = |window| ScalingRules {
        stabilization_window: Some(SimDuration::from_seconds(window)),
        select_policy: SelectPolicy::Max,
        policies: vec![ScalingPolicy {
            kind: PolicyKind::Pods,
            value: 2,
            policy_period: SimDuration::from_seconds(30),
        }],
        tolerance: None,
    };
    Behavior {
        scale_up: rules(0),
        scale_down: rules(20),
    }
}

/// The same pods, each a group of its own.
fn one_by_one(known: &[Known]) -> Vec<Known> {
    let single = |of: &Known| Known {
        group: PodGroup {
            count: 1,
            ..of.group
        },
        ..of.clone()
    };
    known
        .iter()
        .flat_map(|of| vec![single(of); usize::try_from(of.group.count).expect("a count")])
        .collect()
}

/// What a few syncs in a row decide, and what is remembered after each.
fn decisions(known: &[Known], strays: &[PodSample], object: i64, spec: &HpaSpec) -> Vec<String> {
    let pods: Vec<PodGroup> = known.iter().map(|of| of.group).collect();
    let cpu: Vec<_> = known.iter().map(|of| of.cpu).collect();
    let queue: Vec<_> = known.iter().map(|of| of.queue).collect();
    let requests: Vec<_> = known.iter().map(|of| of.request).collect();
    let resource = MetricReading::PodResource {
        samples: Ok(&cpu),
        strays,
        requests: &requests,
    };
    let custom = MetricReading::PodCustom {
        samples: Ok(&queue),
        strays,
    };
    let metrics = [
        resource,
        resource,
        custom,
        MetricReading::Object(Ok(object)),
    ];
    let mut state = HpaState::new();
    let mut current = 7;
    (0..4)
        .map(|sync| {
            let observation = Observation {
                now: SimTime::from_seconds(sync * 15),
                scale: ScaleReading::Found {
                    spec_replicas: current,
                    status_replicas: current,
                },
                selection: Selection::Valid,
                pods: &pods,
                metrics: &metrics,
                update: ScaleUpdate::Accepted,
            };
            let config = ControllerConfig::KUBERNETES_1_36;
            let decision = reconcile(&config, spec, &mut state, &observation);
            current = decision.desired_replicas;
            format!("{decision:?} {state:?}")
        })
        .collect()
}

proptest! {
    #[test]
    fn pods_in_groups_and_one_by_one_give_the_same_decisions(
        known in prop::collection::vec(groups(), 0..6),
        strays in prop::collection::vec(samples(), 0..2),
        object in 0_i64..3000,
        with_behavior in any::<bool>(),
    ) {
        let spec = spec(with_behavior.then(some_behavior));
        let strays: Vec<PodSample> = strays.into_iter().flatten().collect();
        let grouped = decisions(&known, &strays, object, &spec);
        let single = decisions(&one_by_one(&known), &strays, object, &spec);
        prop_assert_eq!(grouped, single);
    }
}
