//! What may be wanted of an autoscaler.

use proptest::prelude::*;
use scaleplan::hpa::{
    Behavior, HpaSpec, MetricSpec, MetricTarget, PolicyKind, ScalingPolicy, ScalingRules,
    SelectPolicy,
};
use scaleplan::manifest::Autoscaler;
use scaleplan::units::SimDuration;

/// What is wanted, to be fitted to an autoscaler's own metrics; `None` keeps what is there.
#[derive(Clone, Debug)]
#[expect(clippy::option_option, reason = "no behavior at all is a wish, too")]
pub(crate) struct Wish {
    min: Option<i32>,
    more: Option<i32>,
    target: Option<(i32, bool)>,
    behavior: Option<Option<Behavior>>,
}

impl Wish {
    /// Bounds, a percentage, and a minute's window for scaling down.
    pub(crate) fn plain(min: i32, max: i32, percent: i32) -> Self {
        let mut behavior = Behavior::api_default();
        behavior.scale_down.stabilization_window = Some(SimDuration::from_seconds(60));
        Self {
            min: Some(min),
            more: Some(max - min),
            target: Some((percent, false)),
            behavior: Some(Some(behavior)),
        }
    }
}

pub(crate) fn wish() -> impl Strategy<Value = Wish> {
    let behavior = prop_oneof![
        1 => Just(None),
        1 => Just(Some(Behavior::api_default())),
        4 => (rules(Behavior::api_default().scale_up), rules(Behavior::api_default().scale_down)).prop_map(|(mut scale_up, scale_down)| {
            scale_up.stabilization_window.get_or_insert(SimDuration::ZERO);
            Some(Behavior { scale_up, scale_down })
        }),
    ];
    (
        proptest::option::of(1..40),
        proptest::option::of(0..40),
        proptest::option::of((1..5000, any::<bool>())),
        proptest::option::weighted(0.8, behavior),
    )
        .prop_map(|(min, more, target, behavior)| Wish {
            min,
            more,
            target,
            behavior,
        })
}

fn rules(default: ScalingRules) -> impl Strategy<Value = ScalingRules> {
    let policy =
        (any::<bool>(), 1..200, 1_i64..1800).prop_map(|(percent, value, period)| ScalingPolicy {
            kind: if percent {
                PolicyKind::Percent
            } else {
                PolicyKind::Pods
            },
            value,
            policy_period: SimDuration::from_seconds(period),
        });
    let select = [SelectPolicy::Max, SelectPolicy::Min, SelectPolicy::Disabled];
    (
        proptest::option::of(proptest::option::of(0_i64..3600)),
        proptest::option::of(prop::sample::select(select.to_vec())),
        proptest::option::of(prop::collection::vec(policy, 1..4)),
        proptest::option::of(0_u32..1000),
    )
        .prop_map(move |(window, select, policies, tolerance)| {
            let mut rules = default.clone();
            if let Some(window) = window {
                rules.stabilization_window = window.map(SimDuration::from_seconds);
            }
            rules.select_policy = select.unwrap_or(rules.select_policy);
            rules.policies = policies.unwrap_or(rules.policies);
            rules.tolerance = tolerance.map(|thousandths| f64::from(thousandths) * 1e-3);
            rules
        })
}

/// A wish as a whole spec of an autoscaler.
pub(crate) fn wanted(autoscaler: &Autoscaler, wish: &Wish) -> HpaSpec {
    let mut wanted = autoscaler.spec.clone();
    wanted.min_replicas = wish.min.unwrap_or(wanted.min_replicas);
    wanted.max_replicas = wish.more.map_or_else(
        || wanted.max_replicas.max(wanted.min_replicas),
        |more| wanted.min_replicas.max(1) + more,
    );
    if let Some((number, switches)) = wish.target {
        for metric in &mut wanted.metrics {
            retarget(metric, i64::from(number), switches);
        }
    }
    if let Some(behavior) = &wish.behavior {
        wanted.behavior.clone_from(behavior);
    }
    wanted
}

fn retarget(metric: &mut MetricSpec, number: i64, switches: bool) {
    let is_resource = matches!(
        metric,
        MetricSpec::Resource { .. } | MetricSpec::ContainerResource { .. }
    );
    let is_pods = matches!(metric, MetricSpec::Pods { .. });
    let target = match metric {
        MetricSpec::Resource { target, .. }
        | MetricSpec::ContainerResource { target, .. }
        | MetricSpec::Pods { target, .. }
        | MetricSpec::Object { target, .. }
        | MetricSpec::External { target, .. } => target,
    };
    let percent = MetricTarget::Utilization(i32::try_from(number).expect("it is small"));
    *target = match (*target, switches && !is_pods) {
        (MetricTarget::Utilization(_), false) => percent,
        (MetricTarget::AverageValue(_), true) if is_resource => percent,
        (MetricTarget::AverageValue(_), true) => MetricTarget::Value(number * 77),
        (MetricTarget::Utilization(_) | MetricTarget::Value(_), true)
        | (MetricTarget::AverageValue(_), false) => MetricTarget::AverageValue(number * 500),
        (MetricTarget::Value(_), false) => MetricTarget::Value(number * 1000),
    };
}
