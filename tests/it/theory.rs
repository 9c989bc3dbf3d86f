//! The control loop in closed form, against `tests/ground_truth/control_results.json` and against itself.

use proptest::prelude::*;
use scaleplan::advice::theory::{
    BackendLoop, Finding, LoadStep, LoopReport, MetricPath, Part, RampLimits, Reason, StaleAverage,
    Swing, calm_gain, enough_syncs, expected_maximum, greatest_gain, loop_report, loops_by_steps,
    loops_in_closed_form, mode, required_target, suggest,
};
use scaleplan::manifest::{self, Source};
use scaleplan::scenario::{
    ControlLoop, Inputs, LoopInputs, Scenario, Settings, assemble, control_loop,
};
use scaleplan::trace::{self, ReadOptions};
use serde_json::Value;

use crate::reports::schema;

fn truth() -> Value {
    let text = include_str!("../ground_truth/control_results.json");
    serde_json::from_str(text).expect("the figures are JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn whole(value: &Value) -> u32 {
    u32::try_from(value.as_u64().expect("a count")).expect("a small count")
}

#[track_caller]
fn near(what: &str, found: f64, expected: f64, relative: f64) {
    let off = (found - expected).abs();
    assert!(
        off <= relative * expected.abs().max(1e-9),
        "{what}: {found} for {expected}"
    );
}

#[test]
fn the_margins_of_a_delayed_integrator() {
    for row in truth()["integrator_deadtime"].as_array().expect("rows") {
        let d = whole(&row["d"]);
        let gain = greatest_gain(d);
        near("gain", gain, number(&row["g_max"]), 1e-5);
        near("radius at the margin", mode(d, gain).radius, 1.0, 1e-9);
        let period = mode(d, gain).period.expect("it swings there");
        near(
            "period at the margin",
            period,
            number(&row["period_at_margin"]),
            1e-6,
        );
        let plain = mode(d, 1.0);
        let radius = number(&row["spectral_radius_g1"]);
        assert!((plain.radius - radius).abs() < 1e-5, "{d}: {plain:?}");
        if let Some(expected) = row["period_syncs_g1"].as_f64() {
            near("period", plain.period.expect("it swings"), expected, 1e-4);
        }
    }
}

#[test]
fn the_gains_without_a_swing() {
    for (d, gain) in truth()["nonoscillatory_gain"].as_object().expect("rows") {
        let d: u32 = d.parse().expect("a delay");
        near("calm gain", calm_gain(d), number(gain), 1e-12);
    }
}

#[test]
fn a_loop_on_a_stale_average_overshoots_and_swings() {
    for row in truth()["naive_step_35_to_70_target0.7_ideal100"]
        .as_array()
        .expect("rows")
    {
        let swing = StaleAverage {
            load_before: 35.0,
            load: 70.0,
            target: 0.7,
            ceiling: number(&row["cap"]),
            tolerance: 0.1,
            delay_syncs: whole(&row["d"]),
            window_syncs: whole(&row["W_syncs"]),
            most: 1000,
        }
        .swing();
        let expected = Swing {
            peak: whole(&row["peak"]),
            tail_least: whole(&row["tail_min"]),
            tail_most: whole(&row["tail_max"]),
        };
        assert_eq!(swing, expected, "{row}");
    }
}

/// The least window that ends the swing is 2 d - 1 syncs up to a delay of 4.
#[test]
fn the_window_that_stops_a_swing() {
    let ends = |delay_syncs, window_syncs, ceiling| {
        let swing = StaleAverage {
            load_before: 35.0,
            load: 70.0,
            target: 0.7,
            ceiling,
            tolerance: 0.1,
            delay_syncs,
            window_syncs,
            most: 1000,
        }
        .swing();
        swing.tail_least == swing.tail_most
    };
    for ceiling in [1.0, 10.0] {
        for d in 1..=4 {
            assert!(ends(d, 2 * d - 1, ceiling), "{d}, {ceiling}");
        }
        for d in 1..=10 {
            assert!(ends(d, enough_syncs(d), ceiling), "{d}, {ceiling}");
        }
    }
}

/// The highest load of a replica while a load grows for ever and n = ceil(a / r) is served L after each sync.
fn worst_load(target: f64, lag: f64, sync: f64, growth: f64) -> f64 {
    let load = |time: f64| 1000.0 * (growth * time).exp();
    (0..400)
        .map(|sync_number| {
            let counted = f64::from(sync_number) * sync;
            let replicas = (load(counted) / target).ceil();
            load(counted + sync + lag) / replicas
        })
        .fold(0.0, f64::max)
}

#[test]
fn the_steepest_growth_that_is_followed() {
    let truth = truth();
    for (key, target, lag) in [
        ("ramp_0.7_60", 0.7, 60.0),
        ("ramp_0.5_60", 0.5, 60.0),
        ("ramp_0.7_150", 0.7, 150.0),
    ] {
        let limits = RampLimits {
            at_target: target,
            at_slo: 1.0,
            tolerance: 0.0,
            lag,
            sync: 15.0,
        };
        let growth = limits.growth_worst();
        near(key, growth, number(&truth[key]["g"]), 1e-9);
        let doubling = std::f64::consts::LN_2 / growth;
        near(key, doubling, number(&truth[key]["doubling_s"]), 1e-9);
        // The figures began at fewer replicas, where rounding up leaves up to 1 % of room.
        let worst = worst_load(target, lag, 15.0, growth);
        near(key, worst, number(&truth[key]["worst_util"]), 0.01);
        assert!(worst <= 1.0 + 1e-9, "{key}: {worst}");
        let steeper = worst_load(target, lag, 15.0, 1.05 * growth);
        near(key, steeper, number(&truth[key]["worst_util_1p05"]), 0.01);
        assert!(steeper > 1.01, "{key}: {steeper}");
    }
}

#[test]
fn the_highest_of_a_window_of_noise() {
    let truth = truth();
    for samples in [4, 10, 20, 40] {
        let expected = number(&truth[format!("Emax_{samples}")]);
        near("E_m", expected_maximum(samples), expected, 1e-3);
    }
}

#[test]
fn a_step_is_seen_after_readings_scrapes_and_syncs() {
    let truth = truth();
    for (key, target, after, scrape) in [
        ("step 0.5->1.0 target .5 m15", 0.5, 1.0, 15.0),
        ("step .5->2.5 m15", 0.5, 2.5, 15.0),
        ("step 0.5->1.0 m60", 0.5, 1.0, 60.0),
        ("step .5->.6 m15", 0.5, 0.6, 15.0),
    ] {
        let path = MetricPath::Resource {
            usage: 10.0,
            scrape,
        };
        let step = LoadStep {
            before: 0.5,
            after,
            threshold: target * 1.1,
        };
        let delays = path.delays(step, 15.0);
        let row = &truth["detect"][key];
        let mean = delays.iter().sum::<f64>() / delays.len() as f64;
        near(key, mean, number(&row["mean"]), 0.02);
        near(key, delays[delays.len() / 2], number(&row["p50"]), 0.03);
        near(
            key,
            delays[delays.len() * 95 / 100],
            number(&row["p95"]),
            0.03,
        );
        near(key, delays[delays.len() - 1], number(&row["max"]), 0.03);
    }
}

const HPA: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: MIN
  maxReplicas: MAX
  metrics:
  - METRIC
";

const CPU_70: &str =
    "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}";

fn hpa(min: u32, max: u32, metric: &str) -> String {
    HPA.replace("MIN", &min.to_string())
        .replace("MAX", &max.to_string())
        .replace("METRIC", metric)
}

/// The loop of a manifest without a trace.
fn without_trace(manifest: &str, flags: &[&str]) -> Result<ControlLoop, String> {
    let manifests = manifest::read(vec![Source {
        name: "hpa.yaml".into(),
        bytes: manifest.into(),
    }]);
    let autoscaler = &manifests.autoscalers[0];
    control_loop(LoopInputs {
        autoscaler,
        workload: manifests.workload_for(autoscaler),
        service: None,
        flags: &Settings::from_flags(flags.iter().copied())?,
        file: &Settings::default(),
        only: &[],
    })
    .map_err(|error| error.to_string())
}

fn with_trace(manifest: &str, load: &str, flags: &[&str]) -> Scenario {
    let manifests = manifest::read(vec![Source {
        name: "hpa.yaml".into(),
        bytes: manifest.into(),
    }]);
    let autoscaler = &manifests.autoscalers[0];
    assemble(Inputs {
        autoscaler,
        workload: manifests.workload_for(autoscaler),
        service: None,
        trace: trace::read("load.csv", load.as_bytes(), &ReadOptions::infer()).expect("a trace"),
        flags: &Settings::from_flags(flags.iter().copied()).expect("flags"),
        file: &Settings::default(),
        only: &[],
        with: &[],
    })
    .expect("a scenario")
}

fn finding<'a>(backend: &'a BackendLoop, key: &str) -> &'a Finding {
    let mut reasons = backend.reasons.iter();
    let reason = reasons.find(|reason| reason.key == key);
    &reason.unwrap_or_else(|| panic!("no {key}")).finding
}

fn value(backend: &BackendLoop, key: &str) -> f64 {
    match finding(backend, key) {
        Finding::Figure(figure) => figure.value,
        other => panic!("{key} is {other:?}"),
    }
}

/// A finding may be infinite (a load that never doubles) and says nothing where it does not exist, but is never NaN.
fn assert_sound(report: &LoopReport) {
    for reason in report.backends.iter().flat_map(|backend| &backend.reasons) {
        let figures: Vec<f64> = match &reason.finding {
            Finding::Figure(figure) => vec![figure.value],
            Finding::Between(low, high) => vec![low.value, high.value],
            Finding::Steps { counts, seconds } => {
                assert!(!counts.is_empty(), "{reason:?}");
                seconds.iter().copied().collect()
            }
            Finding::Saying(text) => {
                assert!(!text.is_empty(), "{reason:?}");
                Vec::new()
            }
        };
        for figure in figures {
            assert!(!figure.is_nan(), "{reason:?}");
        }
    }
}

#[test]
fn a_manifest_alone_says_how_its_loop_behaves() {
    let control = without_trace(&hpa(1, 10, CPU_70), &[]).expect("a loop");
    let report = loop_report(&control, None).expect("figures");
    assert_sound(&report);
    let [container, vm] = report.backends.as_slice() else {
        panic!("two backends")
    };
    near("growth", value(container, "growthPerLoop"), 1.0 / 0.7, 1e-9);
    near("loops", value(container, "loopsToPeak"), 7.0, 1e-9);
    let steps = loops_by_steps(1, 10, 1.0 / 0.7, 0.1);
    assert_eq!(
        finding(container, "stepsToPeak"),
        &Finding::Steps {
            counts: steps,
            seconds: None
        }
    );
    let growth = |backend| value(backend, "trackableGrowth");
    assert!(growth(vm) < growth(container) && growth(vm) > 0.0);
    let window = |backend| value(backend, "outlastingWindow");
    assert!(window(vm) > window(container));
    for part in Part::ALL {
        let told = |reason: &Reason| reason.part == part;
        assert!(container.reasons.iter().any(told), "{part:?}");
    }
}

/// Autoscalers with flags that are legal, and that nobody would write.
fn odd_autoscalers() -> Vec<(String, Vec<&'static str>)> {
    let cpu = |percent: &str| {
        format!(
            "{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: {percent}}}}}}}"
        )
    };
    vec![
        (hpa(1, 10, &cpu("1")), vec![]),
        (hpa(1, 10, &cpu("1000")), vec![]),
        (hpa(3, 3, &cpu("70")), vec![]),
        (hpa(1, 1_000_000, &cpu("70")), vec![]),
        (hpa(1, 10, &cpu("70")), vec!["--tolerance", "0"]),
        (hpa(1, 10, &cpu("70")), vec!["--tolerance", "5"]),
        (hpa(1, 10, &cpu("95")), vec![]),
        (hpa(1, 10, &cpu("70")), vec!["--cpu-limit", "100m"]),
        (hpa(1, 10, &cpu("70")), vec!["--cpu-idle", "300m"]),
        (hpa(1, 10, &cpu("70")), vec!["--slo", "p99<1ms"]),
        (
            hpa(1, 10, &cpu("70")),
            vec![
                "--container-prepare",
                "0s",
                "--container-start",
                "0s",
                "--container-ready",
                "0s",
                "--probe-period",
                "0s",
                "--endpoint-delay",
                "0s",
            ],
        ),
        (
            hpa(1, 10, &cpu("70")),
            vec![
                "--sync-period",
                "100ms",
                "--metrics-interval",
                "24h",
                "--usage-interval",
                "24h",
            ],
        ),
        (
            hpa(1, 10, &cpu("70")),
            vec!["--sync-period", "24h", "--metrics-interval", "100ms"],
        ),
        (
            hpa(1, 10, &cpu("70")),
            vec!["--nodes", "1", "--replicas-per-node", "3"],
        ),
        (
            hpa(
                1,
                10,
                "{type: Pods, pods: {metric: {name: q}, target: {type: AverageValue, averageValue: 10}}}",
            ),
            vec![],
        ),
        (
            hpa(
                1,
                10,
                "{type: Pods, pods: {metric: {name: q}, target: {type: AverageValue, averageValue: 10}}}",
            ),
            vec!["--metric", "q=rate"],
        ),
        (
            hpa(
                1,
                10,
                "{type: External, external: {metric: {name: q}, target: {type: AverageValue, averageValue: 2}}}",
            ),
            vec!["--metric", "q=in-flight"],
        ),
        (
            hpa(
                1,
                10,
                "{type: External, external: {metric: {name: q}, target: {type: Value, value: 2}}}",
            ),
            vec!["--metric", "q=backlog"],
        ),
        (
            hpa(
                1,
                10,
                "{type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 70}}}",
            ),
            vec![],
        ),
    ]
}

#[test]
fn odd_autoscalers_have_sound_loops_or_are_refused() {
    for (manifest, flags) in odd_autoscalers() {
        match without_trace(&manifest, &flags) {
            Ok(control) => assert_sound(&loop_report(&control, None).expect("figures")),
            Err(refusal) => assert!(!refusal.is_empty()),
        }
        let load = "time,rps\n0,10\n60,0\n120,160\n180,0\n240,160\n300,40\n";
        if !manifest.contains("name: q") || !flags.is_empty() {
            let scenario = with_trace(&manifest, load, &flags);
            let report = loop_report(&ControlLoop::from(&scenario), Some(&scenario.trace));
            assert_sound(&report.expect("figures"));
            for backend in 0..2 {
                let suggestion = suggest(&scenario, backend).expect("figures");
                if let Some(suggestion) = suggestion {
                    assert!(
                        suggestion.min_replicas >= 1
                            && suggestion.max_replicas >= suggestion.min_replicas
                    );
                    assert!(suggestion.mean_replicas.is_finite(), "{suggestion:?}");
                    assert!(
                        suggestion
                            .target
                            .is_none_or(|(_, target)| target.value > 0.0)
                    );
                }
            }
            assert_eq!(suggest(&scenario, 9).expect("figures"), None);
        }
    }
}

#[test]
fn an_average_of_pods_swings_and_cpu_does_not() {
    let pods =
        "{type: Pods, pods: {metric: {name: q}, target: {type: AverageValue, averageValue: 10}}}";
    let control = without_trace(&hpa(1, 10, pods), &["--metric", "q=rate"]).expect("a loop");
    let report = loop_report(&control, None).expect("figures");
    // A window and a scrape of 30 s each, at a sync of 15 s.
    near("d", value(&report.backends[0], "delaySyncs"), 4.0, 1e-9);
    near(
        "window",
        value(&report.backends[0], "stoppingWindow"),
        135.0,
        1e-9,
    );
    let control = without_trace(&hpa(1, 10, CPU_70), &[]).expect("a loop");
    let report = loop_report(&control, None).expect("figures");
    assert_eq!(
        finding(&report.backends[0], "feedback"),
        &Finding::Saying("none".into())
    );
}

#[test]
fn a_trace_that_jumps_needs_a_floor_and_a_calm_one_does_not() {
    let calm = "time,rps\n0,100\n600,101\n1200,102\n1800,101\n2400,100\n";
    let jumps = "time,rps\n0,10\n600,10\n1200,100\n1800,100\n2400,10\n";
    let flags = ["--cpu-per-request", "5ms"];
    let of = |load| {
        let scenario = with_trace(&hpa(1, 20, CPU_70), load, &flags);
        let report = loop_report(&ControlLoop::from(&scenario), Some(&scenario.trace));
        let suggestion = suggest(&scenario, 0)
            .expect("figures")
            .expect("a suggestion");
        (report.expect("figures").backends[0].clone(), suggestion)
    };
    let (calm, calm_start) = of(calm);
    assert!(value(&calm, "minReplicas") <= 1.0 && calm_start.min_replicas == 1);
    let (jumping, start) = of(jumps);
    // 100 requests/s at up to some 79 each.
    let floor = value(&jumping, "minReplicas");
    assert!((2.0..=3.0).contains(&floor), "{floor}");
    assert!(start.min_replicas >= 2, "{start:?}");
    let target = start.target.expect("cpu").1.value;
    assert!((5.0..90.0).contains(&target), "{target}");
}

#[test]
fn explain_loop_needs_no_file_and_keeps_its_schema() {
    let run = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("scaleplan").expect("the binary");
        let ran = command
            .args(["explain", "loop", "--color", "never"])
            .args(arguments)
            .output();
        let ran = ran.expect("it runs");
        assert_eq!(
            ran.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        String::from_utf8(ran.stdout).expect("UTF-8")
    };
    let table = run(&[]);
    for wanted in [
        "How late is the loop?",
        "κ / r = 1.43",
        "1 → 2 → 3 → 5 → 8 → 10",
        "container",
        "vm",
    ] {
        assert!(table.contains(wanted), "{wanted} is not in\n{table}");
    }
    assert!(
        table.lines().all(|line| line.chars().count() <= 100),
        "{table}"
    );
    assert!(run(&["-o", "markdown"]).starts_with("### The loop of"));
    let schema = serde_json::from_str(include_str!("../../docs/loop-schema.json")).expect("JSON");
    let value: Value = serde_json::from_str(&run(&["-o", "json"])).expect("JSON");
    let breaches = schema::breaches(&schema, &value);
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    let yaml: Value = serde_yaml::from_str(&run(&["-o", "yaml"])).expect("YAML");
    assert_eq!(yaml["backends"][0]["name"], value["backends"][0]["name"]);
}

proptest! {
    #[test]
    fn a_slower_loop_follows_less(
        at_target in 0.01_f64..20.0, at_slo in 0.01_f64..2.0, tolerance in 0.0_f64..1.0, lag in 0.0_f64..1e4, more in 0.0_f64..1e4,
    ) {
        let limits = RampLimits { at_target, at_slo, tolerance, lag, sync: 15.0 };
        let slower = RampLimits { lag: lag + more, ..limits };
        let looser = RampLimits { at_target: at_target * 1.1, ..limits };
        for limits in [limits, slower, looser] {
            prop_assert!(limits.growth_worst().is_finite() && limits.slope().is_finite() && !limits.growth_best().is_nan());
            prop_assert!(limits.growth_worst() <= limits.growth_best() + 1e-12);
        }
        prop_assert!(slower.growth_worst() <= limits.growth_worst());
        prop_assert!(looser.growth_worst() <= limits.growth_worst());
        prop_assert!(slower.slope() <= limits.slope());
    }

    #[test]
    fn a_steeper_load_needs_a_lower_target(growth in 0.0_f64..1.0, more in 0.0_f64..1.0, time in 0.0_f64..1e4) {
        let needed = required_target(0.9, growth, time, 0.1);
        prop_assert!((0.0..=0.9).contains(&needed));
        prop_assert!(required_target(0.9, growth + more, time, 0.1) <= needed);
        prop_assert!(required_target(0.9, f64::INFINITY, time, 0.1) <= needed);
    }

    #[test]
    fn steps_are_never_more_than_the_closed_form_says(from in 1_u32..200, to in 1_u32..10_000, growth in 1.2_f64..10.0) {
        let closed = loops_in_closed_form(from, to, growth, 0.1).expect("it grows");
        let steps = loops_by_steps(from, to, growth, 0.1);
        prop_assert!(steps.len() - 1 <= closed as usize, "{steps:?} for {closed}");
        prop_assert!(steps.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn every_delay_ends(usage in 0.1_f64..1e5, scrape in 0.1_f64..1e5, sync in 0.1_f64..1e5, after in 0.0_f64..10.0) {
        let step = LoadStep { before: 0.5, after, threshold: 0.55 };
        for path in [MetricPath::Resource { usage, scrape }, MetricPath::Rate { scrape }, MetricPath::Gauge { scrape }] {
            let delays = path.delays(step, sync);
            prop_assert_eq!(delays.is_empty(), after <= 0.55);
            let longest = 3.0 * (usage + scrape) + sync;
            prop_assert!(delays.iter().all(|delay| (0.0..=longest).contains(delay)));
        }
    }
}
