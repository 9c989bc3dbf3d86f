//! The lattice for a scenario: which values each knob is tried at.

use super::hints::{Hints, hinted, is_rash, is_sound};
use super::policy_sets::{self, Direction};
use super::steps::place;
use super::usual_values::usual;
use super::wished_values::Wished;
use super::wishes::{Wish, WishError, Wishes};
use super::{Axis, Knob, Lattice, PolicySet, Value};
use crate::scenario::Scenario;

/// The settings that are worth a try for a scenario.
///
/// A range or a list of values that is wished replaces the usual values of its knob; the present value then only stays
/// in the lattice for comparison, unless it is among them. Hints count within a wished range, not beside a list.
///
/// # Errors
/// When a wish cannot be followed.
pub fn lattice(scenario: &Scenario, wishes: &Wishes, hints: &Hints) -> Result<Lattice, WishError> {
    let hpa = &scenario.hpa;
    wishes.check_metrics(hpa.metrics.len())?;
    let mut knobs = vec![Knob::MinReplicas, Knob::MaxReplicas];
    knobs.extend((0..hpa.metrics.len()).map(Knob::Target));
    knobs.extend([
        Knob::ScaleUpWindow,
        Knob::ScaleDownWindow,
        Knob::ScaleUpPolicies,
        Knob::ScaleDownPolicies,
    ]);
    let tolerances = [Knob::ScaleUpTolerance, Knob::ScaleDownTolerance];
    if scenario.controller.configurable_tolerance {
        knobs.extend(tolerances);
    } else if let Some(knob) = tolerances.into_iter().find(|knob| {
        let wish = wishes.of(*knob);
        wish.is_some_and(|wish| *wish != Wish::Stay)
    }) {
        return Err(WishError::NoTolerance(wishes.name(knob, hpa.metrics.len())));
    }
    for no_place in wishes.no_place() {
        let is_turned = |knob: &Knob| wishes.of(*knob).is_some_and(|wish| *wish != Wish::Stay);
        if let Some(knob) = no_place.knobs.iter().copied().find(is_turned) {
            return Err(WishError::NoPlace {
                knob: wishes.name(knob, hpa.metrics.len()),
                version: no_place.version.clone(),
                expected: no_place.expected,
            });
        }
        knobs.retain(|knob| !no_place.knobs.contains(knob));
    }
    let mut axes = Vec::new();
    for knob in knobs {
        axes.extend(axis(scenario, knob, wishes, hints)?);
    }
    let lattice = Lattice {
        base: hpa.clone(),
        axes,
    };
    let (min, max) = (least_min(&lattice), largest_max(&lattice));
    if min > max {
        return Err(WishError::MinOverMax { min, max });
    }
    Ok(lattice)
}

/// The axis of a knob; `None` where it stays as it is.
fn axis(
    scenario: &Scenario,
    knob: Knob,
    wishes: &Wishes,
    hints: &Hints,
) -> Result<Option<Axis>, WishError> {
    let (hpa, controller) = (&scenario.hpa, &scenario.controller);
    let wish = wishes.of(knob);
    let wished = Wished {
        wishes,
        knob,
        hpa,
        controller,
    };
    let mut grid = usual(scenario, knob);
    let own = knob.of(hpa);
    grid.extend(
        hinted(knob, hints)
            .into_iter()
            .filter(|value| is_sound(value, &own)),
    );
    let mut values = match wish {
        None => grid
            .into_iter()
            .filter(|value| !is_rash(knob, value, &own, controller))
            .collect(),
        Some(wish) => wished.values(wish, &grid)?,
    };
    let at = |value: &Value| place(knob, value, controller);
    // What defaulting fills in is no change: without `behavior` any other change of it brings the same.
    let is_own = |value: &Value| match (value, &own) {
        (Value::Policies(Some(set)), Value::Policies(None)) => {
            Some(set) == default_set(knob).as_ref()
        }
        (Value::Policies(_), _) => *value == own,
        _ => at(value) == at(&own),
    };
    let may_stay = wish.is_none() || values.iter().any(is_own);
    values.retain(|value| !is_own(value));
    values.push(own.clone());
    values.sort_by_key(at);
    let mut distinct: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        let is_known = match value {
            Value::Policies(_) => distinct.contains(&value),
            _ => distinct.last().is_some_and(|last| at(last) == at(&value)),
        };
        if !is_known {
            distinct.push(value);
        }
    }
    let present = distinct.iter().position(|value| *value == own);
    let axis = present.map(|present| Axis {
        knob,
        values: distinct,
        present,
        may_stay,
    });
    Ok(axis.filter(|axis| axis.values.len() > 1))
}

/// The policies that defaulting fills in.
fn default_set(knob: Knob) -> Option<PolicySet> {
    let direction = match knob {
        Knob::ScaleUpPolicies => Direction::Up,
        _ => Direction::Down,
    };
    policy_sets::parse("default", direction)
}

/// The least minReplicas that may be advised.
fn least_min(lattice: &Lattice) -> i32 {
    let counts = allowed_counts(lattice, Knob::MinReplicas).min();
    counts.unwrap_or(lattice.base.min_replicas)
}

/// The largest maxReplicas that may be advised.
fn largest_max(lattice: &Lattice) -> i32 {
    let counts = allowed_counts(lattice, Knob::MaxReplicas).max();
    counts.unwrap_or(lattice.base.max_replicas)
}

fn allowed_counts(lattice: &Lattice, knob: Knob) -> impl Iterator<Item = i32> {
    let axes = lattice.axes.iter().filter(move |axis| axis.knob == knob);
    axes.flat_map(|axis| {
        let allowed = (0..axis.values.len()).filter(|position| axis.may_take(*position));
        allowed.filter_map(|position| match axis.values[position] {
            Value::Replicas(count) => Some(count),
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::Candidate;
    use crate::hpa::{Behavior, HpaSpec, MetricSpec, MetricTarget, Resource, ScalingRules};
    use crate::manifest::{self, Source};
    use crate::scenario::{Inputs, Settings, assemble};
    use crate::trace::{ReadOptions, read};
    use crate::units::SimDuration;
    use proptest::prelude::*;

    const MANIFEST: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: app}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
";

    /// A replica at the target bears 70 requests/s, and the peak is 840: 12 replicas.
    fn scenario() -> Scenario {
        let source = Source {
            name: "hpa.yaml".to_owned(),
            bytes: MANIFEST.into(),
        };
        let manifests = manifest::read(vec![source]);
        let csv = "timestamp,rps\n0,70\n60,840\n120,70\n180,70\n";
        let trace = read("a.csv", csv.as_bytes(), &ReadOptions::infer()).expect("a trace");
        let flags = ["--cpu-per-request", "10ms", "--cpu-request", "1"];
        let scenario = assemble(Inputs {
            autoscaler: &manifests.autoscalers[0],
            workload: None,
            service: None,
            trace,
            flags: &Settings::from_flags(flags).expect("flags"),
            file: &Settings::default(),
            only: &[],
            with: &[],
        });
        scenario.expect("a scenario")
    }

    fn wishes(fixed: &str, range: &str, values: &str) -> Wishes {
        let list = |text: &str| match text {
            "" => Vec::new(),
            text => vec![text.to_owned()],
        };
        Wishes::parse(&list(fixed), &list(range), &list(values)).expect("wishes")
    }

    /// Checks the values of a knob; the present one in brackets, in angles where it may not be advised.
    #[track_caller]
    fn check(wishes: &Wishes, knob: Knob, expected: &str) {
        let lattice = lattice(&scenario(), wishes, &Hints::default()).expect("a lattice");
        let axis = lattice.axes.iter().find(|axis| axis.knob == knob);
        let values = axis.into_iter().flat_map(|axis| {
            let shown = axis.values.iter().enumerate();
            shown.map(|(at, value)| match (at == axis.present, axis.may_stay) {
                (false, _) => value.to_string(),
                (true, true) => format!("[{value}]"),
                (true, false) => format!("<{value}>"),
            })
        });
        assert_eq!(values.collect::<Vec<_>>().join(", "), expected);
    }

    #[track_caller]
    fn check_refused(wishes: &Wishes, expected: &str) {
        let refused = lattice(&scenario(), wishes, &Hints::default()).expect_err("a wrong wish");
        assert!(refused.to_string().contains(expected), "{refused}");
    }

    #[test]
    fn the_trace_says_how_many_replicas_are_tried() {
        let usual = Wishes::default();
        check(
            &usual,
            Knob::MinReplicas,
            "[2], 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24, 26, 28",
        );
        check(&usual, Knob::MaxReplicas, "[10], 15, 35");
    }

    #[test]
    fn the_other_knobs_have_usual_values() {
        let usual = Wishes::default();
        check(
            &usual,
            Knob::Target(0),
            "30 %, 35 %, 40 %, 45 %, 50 %, 55 %, 60 %, 65 %, [70 %], 75 %, 80 %, 85 %, 90 %, 95 %",
        );
        check(&usual, Knob::ScaleUpWindow, "[default], 15 s");
        check(
            &usual,
            Knob::ScaleDownWindow,
            "60 s, 120 s, 180 s, [default], 600 s, 900 s, 1800 s",
        );
        check(
            &usual,
            Knob::ScaleUpTolerance,
            "0, 0.02, 0.05, [default], 0.2",
        );
        check(
            &usual,
            Knob::ScaleDownPolicies,
            "1 pod/60 s, 10 %/60 s, 50 %/60 s, [default]",
        );
    }

    #[test]
    fn wishes_replace_usual_values() {
        check(&wishes("min", "", ""), Knob::MinReplicas, "");
        check(&wishes("max=20", "", ""), Knob::MaxReplicas, "<10>, 20");
        check(&wishes("max=10", "", ""), Knob::MaxReplicas, "");
        check(
            &wishes("", "min=1..4", ""),
            Knob::MinReplicas,
            "1, [2], 3, 4",
        );
        check(
            &wishes("", "min=5..7", ""),
            Knob::MinReplicas,
            "<2>, 5, 6, 7",
        );
        check(
            &wishes("", "", "down-window=10m,5m"),
            Knob::ScaleDownWindow,
            "[default], 600 s",
        );
        check(
            &wishes("", "up-window=20s..1m", ""),
            Knob::ScaleUpWindow,
            "<default>, 20 s, 30 s, 60 s",
        );
        check(
            &wishes("target=60%", "", ""),
            Knob::Target(0),
            "60 %, <70 %>",
        );
        check(
            &wishes("", "", "up-policies=default,4 pods/1m"),
            Knob::ScaleUpPolicies,
            "4 pods/60 s, [default]",
        );
    }

    #[test]
    fn what_cannot_be_is_told_in_a_sentence() {
        let fixed = |text| wishes(text, "", "");
        check_refused(
            &fixed("min=0"),
            "--fix min cannot be `0`, expected a whole number from 1",
        );
        check_refused(
            &fixed("min=99999999999"),
            "cannot be `99999999999`, expected a whole number",
        );
        check_refused(
            &fixed("target=0"),
            "--fix target cannot be `0`, expected a whole percentage",
        );
        check_refused(
            &fixed("target=500m"),
            "--fix target cannot be `500m`, expected a whole",
        );
        check_refused(
            &fixed("target[1]=5"),
            "--fix target[1]: the autoscaler has 1 metrics",
        );
        check_refused(
            &fixed("down-window=61m"),
            "cannot be `61m`, expected whole seconds",
        );
        check_refused(
            &fixed("down-window=300"),
            "--fix down-window cannot be `300`, expected whole seconds",
        );
        check_refused(
            &fixed("up-tolerance=-0.1"),
            "cannot be `-0.1`, expected a number from 0",
        );
        check_refused(&fixed("up-tolerance=nan"), "cannot be `nan`");
        check_refused(
            &fixed("up-policies=fast"),
            "cannot be `fast`, expected policies such as",
        );
        check_refused(
            &wishes("", "target=80..40", ""),
            "--range target: `80..40` holds nothing, expected",
        );
        check_refused(
            &wishes("", "up-policies=fast..disabled", ""),
            "--range up-policies: policies have no order, expected a list",
        );
        check_refused(
            &fixed("min=12,max=11"),
            "minReplicas is at least 12 and maxReplicas at most 11",
        );
        let mut off = scenario();
        off.controller.configurable_tolerance = false;
        let hints = Hints::default();
        assert!(lattice(&off, &fixed("up-tolerance=0.05"), &hints).is_err());
        let plain = lattice(&off, &Wishes::default(), &hints).expect("a lattice");
        assert!(
            plain
                .axes
                .iter()
                .all(|axis| axis.knob != Knob::ScaleUpTolerance)
        );
    }

    #[test]
    fn what_the_api_version_has_no_field_for_is_not_turned() {
        let no_place = vec![Knob::ScaleUpWindow, Knob::ScaleDownTolerance];
        let of = |wishes: Wishes| {
            let wishes = wishes.without_place("autoscaling/v1", no_place.clone());
            lattice(&scenario(), &wishes, &Hints::default())
        };
        let plain = of(Wishes::default()).expect("a lattice");
        assert!(!plain.axes.is_empty());
        assert!(plain.axes.iter().all(|axis| !no_place.contains(&axis.knob)));
        assert!(of(wishes("up-window", "", "")).is_ok(), "it stays");
        let told = of(wishes("up-window=30s", "", "")).expect_err("no field");
        assert_eq!(
            told.to_string(),
            "--fix up-window: autoscaling/v1 has no such field, expected a manifest of autoscaling/v2"
        );
    }

    #[test]
    fn hints_are_tried_with_their_neighbours() {
        let hints = Hints {
            min: vec![30, i32::MAX],
            targets: vec![
                (0, MetricTarget::Utilization(63)),
                (7, MetricTarget::Value(1)),
            ],
            down_windows: vec![SimDuration::from_seconds(437), SimDuration::MAX],
            ..Hints::default()
        };
        let lattice = lattice(&scenario(), &Wishes::default(), &hints).expect("a lattice");
        let has = |knob: Knob, value: &Value| {
            let axis = lattice.axes.iter().find(|axis| axis.knob == knob);
            axis.is_some_and(|axis| axis.values.contains(value))
        };
        for percent in [61, 62, 63, 64, 65] {
            let target = Value::Target(MetricTarget::Utilization(percent));
            assert!(has(Knob::Target(0), &target), "{percent}");
        }
        assert!(has(Knob::MinReplicas, &Value::Replicas(31)));
        for seconds in [437, 3600] {
            let window = Value::Window(Some(SimDuration::from_seconds(seconds)));
            assert!(has(Knob::ScaleDownWindow, &window), "{seconds}");
        }
    }

    #[test]
    fn policies_that_defaulting_fills_in_are_no_change() {
        let lattice =
            lattice(&scenario(), &Wishes::default(), &Hints::default()).expect("a lattice");
        for (knob, direction) in [
            (Knob::ScaleUpPolicies, Direction::Up),
            (Knob::ScaleDownPolicies, Direction::Down),
        ] {
            let axis = lattice.axes.iter().find(|axis| axis.knob == knob);
            let axis = axis.expect("an axis");
            let default = Value::Policies(policy_sets::parse("default", direction));
            assert!(!axis.values.contains(&default), "{axis:?}");
            assert_eq!(axis.values[axis.present], Value::Policies(None));
        }
    }

    fn any_target() -> impl Strategy<Value = MetricTarget> {
        let milli = || prop_oneof![1..50_000_i64, Just(i64::MAX), Just(512_000 << 20)];
        prop_oneof![
            prop_oneof![1..300_i32, Just(i32::MAX)].prop_map(MetricTarget::Utilization),
            milli().prop_map(MetricTarget::AverageValue),
            milli().prop_map(MetricTarget::Value),
        ]
    }

    fn any_hpa() -> impl Strategy<Value = HpaSpec> {
        let metric = any_target().prop_map(|target| MetricSpec::Resource {
            resource: Resource::Cpu,
            target,
        });
        let bounds = prop_oneof![
            (0..20_i32, 1..40_i32),
            Just((i32::MAX, i32::MAX)),
            Just((1, i32::MAX))
        ];
        let behavior = prop::option::of((
            prop::option::of(0..=3600_i64),
            prop::option::of(0..=3600_i64),
            prop::option::of(prop_oneof![Just(0.0), Just(0.1), 0.0..1.0]),
        ));
        (bounds, prop::collection::vec(metric, 0..3), behavior).prop_map(
            |((min, max), metrics, behavior)| HpaSpec {
                min_replicas: min,
                max_replicas: max.max(min),
                metrics,
                behavior: behavior.map(|(up, down, tolerance)| Behavior {
                    scale_up: ScalingRules {
                        stabilization_window: up.map(SimDuration::from_seconds),
                        tolerance,
                        ..ScalingRules::default_scale_up()
                    },
                    scale_down: ScalingRules {
                        stabilization_window: down.map(SimDuration::from_seconds),
                        ..ScalingRules::default_scale_down()
                    },
                }),
            },
        )
    }

    /// What `manifest::validate` refuses, on a spec.
    fn is_accepted(hpa: &HpaSpec) -> bool {
        let is_positive = |target: MetricTarget| match target {
            MetricTarget::Utilization(percent) => percent >= 1,
            MetricTarget::AverageValue(milli) | MetricTarget::Value(milli) => milli > 0,
        };
        let rules = hpa.behavior.iter();
        let rules = rules.flat_map(|behavior| [&behavior.scale_up, &behavior.scale_down]);
        let are_accepted = |rules: &ScalingRules| {
            let whole = |time: SimDuration| time.as_seconds().fract() == 0.0;
            let is_window = |time: SimDuration| (0.0..=3600.0).contains(&time.as_seconds());
            let window = rules.stabilization_window.unwrap_or(SimDuration::ZERO);
            !rules.policies.is_empty()
                && is_window(window)
                && whole(window)
                && rules.tolerance.unwrap_or(0.0) >= 0.0
                && rules.policies.iter().all(|policy| {
                    let period = policy.policy_period.as_seconds();
                    policy.value > 0 && (1.0..=1800.0).contains(&period) && period.fract() == 0.0
                })
        };
        (0..=hpa.max_replicas).contains(&hpa.min_replicas)
            && hpa.max_replicas >= 1
            && hpa
                .metrics
                .iter()
                .all(|metric| is_positive(metric.target()))
            && rules.into_iter().all(are_accepted)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_candidate_is_one_that_the_api_server_takes(
            hpa in any_hpa(),
            peak in prop_oneof![1e-6..1e4_f64, Just(1e15)],
            numbers in prop::collection::vec(any::<u64>(), 40),
        ) {
            let mut scenario = scenario();
            scenario.rate_at_target = 840.0 / peak;
            scenario.hpa = hpa;
            let hints = Hints {
                min: vec![0, 7],
                up_windows: vec![SimDuration::from_millis(1500)],
                ..Hints::default()
            };
            let lattice = lattice(&scenario, &Wishes::default(), &hints).expect("a lattice");
            prop_assert_eq!(&lattice.spec(&lattice.present()), &scenario.hpa);
            prop_assert!(lattice.valid_len() >= 1 && lattice.valid_len() <= lattice.len());
            for axis in &lattice.axes {
                let own = |value: &Value| place(axis.knob, value, &scenario.controller);
                prop_assert!(axis.values.is_sorted_by_key(own), "{:?}", axis);
                for (at, value) in axis.values.iter().enumerate() {
                    prop_assert!(!axis.values[..at].contains(value), "{:?}", axis);
                }
            }
            let is_pinned = lattice.base.min_replicas == lattice.base.max_replicas;
            for number in numbers {
                let candidate: Candidate = lattice.nth(number % lattice.len());
                let canonical = lattice.canonical(&candidate);
                prop_assert_eq!(lattice.spec(&canonical), lattice.spec(&candidate));
                prop_assert!(lattice.changed(&canonical).count() <= lattice.changed(&candidate).count());
                let spec = lattice.spec(&candidate);
                let has_room = spec.min_replicas < spec.max_replicas || is_pinned;
                prop_assert_eq!(lattice.is_valid(&candidate), is_accepted(&spec) && has_room);
            }
        }
    }
}
