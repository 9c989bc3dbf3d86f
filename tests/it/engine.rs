//! What a replay must keep: requests are conserved, more capacity never hurts, stages add up, and published loops close.

use proptest::prelude::*;
use scaleplan::engine::simulate;
use scaleplan::manifest::{self, Source};
use scaleplan::outcome::{Bound, EpisodeEnd, Outcome, RunOutcome};
use scaleplan::plant::NodePool;
use scaleplan::scenario::{Disturbance, DisturbanceKind, Inputs, Scenario, Settings, assemble};
use scaleplan::stats::Distribution;
use scaleplan::trace::{ReadOptions, Series, Trace, TraceUnit};
use scaleplan::units::{SimDuration, SimTime};

/// An autoscaler of Deployment `app` at `percent` cpu; `more` is appended to its spec.
fn autoscaler(min: u32, max: u32, percent: u32, more: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: app}}\nspec:\n  \
         scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: app}}\n  minReplicas: {min}\n  \
         maxReplicas: {max}\n  metrics:\n  - type: Resource\n    resource: {{name: cpu, target: {{type: \
         Utilization, averageUtilization: {percent}}}}}\n{more}"
    )
}

/// A trace of requests/s in the compact notation, `step` seconds a value.
fn trace(step: i64, notation: &str) -> Trace {
    let series = Series::from_notation(SimDuration::from_seconds(step), notation);
    Trace::from_series(
        "notation",
        series.expect("valid notation"),
        TraceUnit::RequestsPerSecond,
    )
}

fn scenario(yaml: &str, trace: Trace, flags: &[&str]) -> Scenario {
    let manifests = manifest::read(vec![Source {
        name: "hpa.yaml".to_owned(),
        bytes: yaml.into(),
    }]);
    assert!(manifests.errors.is_empty(), "{:?}", manifests.errors);
    let flags = Settings::from_flags(flags.iter().copied()).expect("valid flags");
    assemble(Inputs {
        autoscaler: &manifests.autoscalers[0],
        workload: manifests.workload_for(&manifests.autoscalers[0]),
        service: None,
        trace,
        flags: &flags,
        file: &Settings::default(),
        only: &[],
        with: &[],
    })
    .expect("a scenario")
}

fn played(yaml: &str, trace: Trace, flags: &[&str]) -> Outcome {
    simulate(&scenario(yaml, trace, flags)).expect("it plays")
}

fn container(outcome: &Outcome) -> &RunOutcome {
    &outcome.backends[0].runs[0]
}

fn replicas_written(run: &RunOutcome) -> Vec<u32> {
    run.rescales.iter().map(|rescale| rescale.to).collect()
}

/// One replica takes 100 requests/s, 70 at the target: 10 ms of one core a request.
const HUNDRED_A_REPLICA: [&str; 8] = [
    "--cpu-per-request",
    "10ms",
    "--cpu-request",
    "1",
    "--service-time",
    "20ms",
    "--runs",
    "2",
];

#[test]
fn nothing_happens_under_a_constant_load_at_the_target() {
    let outcome = played(
        &autoscaler(1, 10, 70, ""),
        trace(60, "280x60"),
        &HUNDRED_A_REPLICA,
    );
    for backend in &outcome.backends {
        for run in &backend.runs {
            assert!(
                run.rescales.is_empty() && run.lag_episodes.is_empty(),
                "{run:?}"
            );
            assert!((run.provision.ready / run.horizon.as_seconds() - 4.0).abs() < 1e-9);
        }
    }
}

#[test]
fn a_step_is_followed_on_both_backends_and_later_on_vms() {
    let outcome = played(
        &autoscaler(1, 10, 70, ""),
        trace(60, "70x10 420x20"),
        &HUNDRED_A_REPLICA,
    );
    let [containers, vms] = [0, 1].map(|backend| &outcome.backends[backend].runs);
    for (container, vm) in containers.iter().zip(vms) {
        for run in [container, vm] {
            assert_eq!(
                run.provision.peak_ready,
                run.rescales
                    .iter()
                    .map(|rescale| rescale.to)
                    .max()
                    .unwrap_or(0)
            );
            assert!(run.provision.peak_ready >= 6, "{:?}", run.rescales);
        }
        let longest = |run: &RunOutcome| {
            run.lag_episodes
                .iter()
                .map(scaleplan::outcome::LagEpisode::lag)
                .max()
        };
        assert!(longest(vm) > longest(container));
        assert!(vm.requests.bad() > container.requests.bad());
    }
}

#[test]
fn the_stages_of_an_episode_add_up_to_its_lag() {
    let outcome = played(
        &autoscaler(1, 20, 70, ""),
        trace(60, "70x5 700x10 70x10 900x10 300x9"),
        &HUNDRED_A_REPLICA,
    );
    let runs = outcome.backends.iter().flat_map(|backend| &backend.runs);
    let mut episodes = 0;
    for episode in runs.flat_map(|run| &run.lag_episodes) {
        let stages = [
            episode.detect,
            episode.decide,
            episode.prepare,
            episode.start,
            episode.ready,
        ];
        let sum = stages
            .into_iter()
            .fold(SimDuration::ZERO, |sum, stage| sum + stage);
        assert_eq!(sum, episode.lag());
        assert!(stages.iter().all(|stage| *stage >= SimDuration::ZERO));
        assert!(episode.peak_demand > episode.ready_at_begin);
        episodes += 1;
    }
    assert!(episodes >= 4, "{episodes}");
}

#[test]
fn a_demand_beyond_max_replicas_is_bound_by_it_and_censored() {
    let outcome = played(
        &autoscaler(1, 3, 70, ""),
        trace(60, "70x5 600x30"),
        &HUNDRED_A_REPLICA,
    );
    let run = container(&outcome);
    let last = run.lag_episodes.last().expect("an episode");
    assert_eq!(
        (last.ending, last.bound),
        (EpisodeEnd::Censored, Bound::MaxReplicas)
    );
    assert!(
        run.requests.timed_out > 0.0,
        "300 requests/s of capacity cannot answer 600"
    );
}

#[test]
fn a_scaling_policy_shows_as_the_bound() {
    let slow = "  behavior: {scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 300}]}}\n";
    let outcome = played(
        &autoscaler(1, 10, 70, slow),
        trace(60, "70x5 600x60"),
        &HUNDRED_A_REPLICA,
    );
    let run = container(&outcome);
    let policy = run.bound_time[Bound::Policy as usize];
    let others = Bound::ALL
        .iter()
        .map(|bound| run.bound_time[*bound as usize])
        .max();
    assert_eq!(Some(policy), others, "{:?}", run.bound_time);
    assert!(
        run.rescales
            .windows(2)
            .all(|pair| pair[1].at - pair[0].at >= SimDuration::from_seconds(300))
    );
}

#[test]
fn saturated_replicas_grow_by_the_clipped_ratio() {
    // A published loop (case R09): 55 MiB/s offered, 16.64 a replica, usage clipped at 100 %: 1, 2, 3, 5, and there it
    // stays, since 3.305 busy replicas over 0.7 are 5. The recorded system pushes back instead of queueing, hence the
    // short timeout: a backlog would keep the old replicas saturated for longer.
    let flags = [
        "--cpu-per-request",
        "60.096ms",
        "--cpu-request",
        "1",
        "--service-time",
        "60ms",
        "--runs",
        "3",
        "--initial-replicas",
        "1",
        "--timeout",
        "100ms",
        "--slo",
        "p50<100ms",
    ];
    let outcome = played(&autoscaler(1, 8, 70, ""), trace(60, "55x20"), &flags);
    for run in &outcome.backends[0].runs {
        assert_eq!(replicas_written(run), [2, 3, 5]);
    }
}

#[test]
fn each_stage_of_a_lag_is_as_long_as_its_cause() {
    // Every startup takes 4 s, 6 s and 20 s, and a probe looks each second; usage and metrics come every 15 s.
    let flags = [
        "--cpu-per-request",
        "10ms",
        "--cpu-request",
        "1",
        "--service-time",
        "20ms",
        "--runs",
        "5",
        "--container-prepare",
        "4s",
        "--container-start",
        "6s",
        "--container-ready",
        "20s",
        "--probe-period",
        "1s",
    ];
    let outcome = played(&autoscaler(2, 10, 70, ""), trace(600, "100 260"), &flags);
    for run in &outcome.backends[0].runs {
        let episode = run
            .lag_episodes
            .first()
            .expect("the step outruns two replicas");
        let stages = [episode.prepare, episode.start, episode.ready]
            .map(scaleplan::units::SimDuration::as_seconds);
        assert!(
            (stages[0] - 4.0).abs() < 1e-6 && (stages[1] - 6.0).abs() < 1e-6,
            "{stages:?}"
        );
        // The probe looks each second, and traffic follows within another.
        assert!((20.0..=22.0).contains(&stages[2]), "{stages:?}");
        // Read within 10 s, scraped within 15 s more, synced within 15 s more; the first reading may show too little.
        assert!(
            (0.0..=45.0).contains(&episode.detect.as_seconds()),
            "{episode:?}"
        );
        assert_eq!(episode.ending, EpisodeEnd::CapacityArrived);
    }
}

#[test]
fn a_scale_down_window_is_not_blamed_for_a_late_scale_up() {
    let outcome = played(
        &autoscaler(1, 10, 70, ""),
        trace(120, "300 600x10"),
        &HUNDRED_A_REPLICA,
    );
    for run in outcome.backends.iter().flat_map(|backend| &backend.runs) {
        assert_eq!(
            run.bound_time[Bound::Stabilization as usize],
            SimDuration::ZERO
        );
    }
}

#[test]
fn an_eleventh_replica_helps_ten_that_are_full() {
    let bad = |replicas| {
        let flags = HUNDRED_A_REPLICA;
        let outcome = played(
            &autoscaler(replicas, replicas, 70, ""),
            trace(60, "1001"),
            &flags,
        );
        container(&outcome).requests.bad()
    };
    assert!(bad(11) < bad(10));
}

#[test]
fn an_external_rate_wakes_an_autoscaler_from_zero() {
    let yaml = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: app}\nspec:\n  \
         scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}\n  minReplicas: 0\n  maxReplicas: 10\n  \
         metrics:\n  - type: External\n    external: {metric: {name: rps}, target: {type: AverageValue, averageValue: 50}}\n";
    let outcome = played(
        yaml,
        trace(60, "100x5 0x20 100x10"),
        &["--metric", "rps=rate", "--runs", "2"],
    );
    for run in &outcome.backends[0].runs {
        let written = replicas_written(run);
        assert!(written.contains(&0), "{written:?}");
        assert!(written.last().is_some_and(|last| *last >= 2), "{written:?}");
        assert!(
            run.requests.refused > 0.0,
            "nobody answers while there is no replica"
        );
    }
}

#[test]
fn workloads_without_requests_are_never_scaled() {
    let yaml = autoscaler(1, 10, 70, "")
        + "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec:\n  selector: {matchLabels: {a: b}}\n  \
           template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: d}]}}\n";
    let scenario = scenario(&yaml, trace(60, "70x5 600x20"), &["--runs", "1"]);
    assert!(
        scenario
            .warnings
            .iter()
            .any(|warning| warning.contains("FailedGetResourceMetric"))
    );
    let outcome = simulate(&scenario).expect("it plays");
    assert!(container(&outcome).rescales.is_empty());
}

#[test]
fn the_compact_notation_says_the_same_as_a_csv() {
    let csv = "timestamp,rps\n0,70\n60,420\n120,420\n";
    let read =
        scaleplan::trace::read("a.csv", csv.as_bytes(), &ReadOptions::infer()).expect("a trace");
    assert_eq!(read.series, trace(60, "70 420 420").series);
}

/// A trace of up to 40 minutes with anything from nothing to five times the capacity of ten replicas.
fn any_load() -> impl Strategy<Value = String> {
    prop::collection::vec((0..5000_u32, 1..8_usize), 1..6).prop_map(|steps| {
        let parts: Vec<String> = steps
            .iter()
            .map(|(rate, times)| format!("{rate}x{times}"))
            .collect();
        parts.join(" ") + " 1"
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn requests_are_conserved(load in any_load(), seed in 0..1000_u64) {
        let seed = seed.to_string();
        let mut flags = HUNDRED_A_REPLICA.to_vec();
        flags.extend(["--seed", &seed]);
        let scenario = scenario(&autoscaler(1, 10, 70, ""), trace(60, &load), &flags);
        let outcome = simulate(&scenario).expect("it plays");
        for run in outcome.backends.iter().flat_map(|backend| &backend.runs) {
            let total = scenario.trace.total_requests();
            prop_assert!((run.requests.arrived - total).abs() <= 1e-6 * total.max(1.0));
            let fates = [run.requests.late, run.requests.timed_out, run.requests.refused, run.requests.failed];
            prop_assert!(fates.iter().all(|fate| *fate >= 0.0));
            prop_assert!(run.requests.bad() <= run.requests.arrived * (1.0 + 1e-9));
            let by_slice: f64 = run.violations.iter().map(|violation| violation.bad_requests).sum();
            prop_assert!(by_slice <= run.requests.bad() * (1.0 + 1e-9) + 1e-9);
            let time = run.provision.under_seconds + run.provision.over_seconds;
            prop_assert!(time <= run.horizon.as_seconds() * (1.0 + 1e-9));
            let lag: f64 = run.lag_episodes.iter().map(|episode| episode.lag().as_seconds()).sum();
            prop_assert!((lag - run.provision.under_seconds).abs() < 1e-6 * (1.0 + lag));
            let bound: f64 = run.bound_time.iter().map(|time| time.as_seconds()).sum();
            prop_assert!((lag - bound).abs() < 1e-6 * (1.0 + lag));
            let timeline = &outcome.backends[0].timeline;
            let drawn: f64 = timeline.rows.iter().map(|row| row.requests).sum();
            prop_assert!((drawn - total).abs() <= 1e-6 * total.max(1.0));
        }
    }

    #[test]
    fn a_fixed_fleet_serves_better_when_it_is_larger(load in any_load(), size in 1..20_u32) {
        let bad = |replicas| {
            let outcome = played(&autoscaler(replicas, replicas, 70, ""), trace(60, &load), &HUNDRED_A_REPLICA);
            container(&outcome).requests.bad()
        };
        prop_assert!(bad(size + 1) <= bad(size) * (1.0 + 1e-9) + 1e-9);
    }

    #[test]
    fn replicas_stay_within_the_bounds(load in any_load(), min in 1..5_u32, more in 0..8_u32) {
        let outcome = played(&autoscaler(min, min + more, 70, ""), trace(60, &load), &HUNDRED_A_REPLICA);
        for run in outcome.backends.iter().flat_map(|backend| &backend.runs) {
            prop_assert!(run.rescales.iter().all(|rescale| (min..=min + more).contains(&rescale.to)));
            prop_assert!(run.rescales.iter().all(|rescale| rescale.from != rescale.to));
        }
    }
}

#[test]
fn pods_without_room_on_nodes_are_what_bounds_a_demand() {
    // A published case (R03): some of the replicas asked for stay Pending for good, and the controller, which takes them
    // for idle, does not ask for more.
    let mut scenario = scenario(
        &autoscaler(1, 20, 70, ""),
        trace(60, "70x5 900x30"),
        &HUNDRED_A_REPLICA,
    );
    for backend in &mut scenario.backends {
        backend.plant.nodes = Some(NodePool {
            nodes: 1,
            most: 2,
            zones: 1,
            replicas_per_node: 3,
            provisioning: Distribution::Deterministic { value: 60.0 },
        });
    }
    let outcome = simulate(&scenario).expect("it plays");
    let run = container(&outcome);
    assert_eq!(run.provision.peak_ready, 6);
    let last = run.lag_episodes.last().expect("an episode");
    assert_eq!(
        (last.ending, last.bound),
        (EpisodeEnd::Censored, Bound::Nodes)
    );
}

#[test]
fn without_metrics_the_controller_leaves_the_count_alone() {
    let mut scenario = scenario(
        &autoscaler(1, 10, 70, ""),
        trace(60, "70x10 420x20"),
        &HUNDRED_A_REPLICA,
    );
    scenario.disturbances = vec![Disturbance {
        at: SimTime::from_seconds(540),
        kind: DisturbanceKind::MetricOutage {
            lasts: SimDuration::from_seconds(600),
        },
    }];
    let outcome = simulate(&scenario).expect("it plays");
    let first = container(&outcome).rescales.first().map(|first| first.at);
    assert!(
        first.is_some_and(|first| first >= SimTime::from_seconds(1140)),
        "{first:?}"
    );
}
