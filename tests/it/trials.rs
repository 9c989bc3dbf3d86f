//! Trials of settings on a stage: the same figures as a simulation, and an end where there is no hope.

use proptest::prelude::*;
use scaleplan::engine::{GiveUp, Stage, Trial, TrialFigures, Trialled, simulate};
use scaleplan::hpa::{Behavior, HpaSpec, MetricSpec, MetricTarget, PolicyKind, SelectPolicy};
use scaleplan::hpa::{ScalingPolicy, ScalingRules};
use scaleplan::manifest::{self, Source};
use scaleplan::outcome::RunOutcome;
use scaleplan::scenario::{Inputs, Scenario, Settings, assemble};
use scaleplan::trace::{Series, Trace, TraceUnit};
use scaleplan::units::SimDuration;

const MANIFEST: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: app}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  minReplicas: 2
  maxReplicas: 20
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
";

/// Requests/s in the compact notation, a step of `step` seconds each; a replica takes 100 of them.
fn scenario(step: i64, notation: &str, more: &[&str]) -> Scenario {
    let series = Series::from_notation(SimDuration::from_seconds(step), notation);
    let trace = Trace::from_series(
        "notation",
        series.expect("valid notation"),
        TraceUnit::RequestsPerSecond,
    );
    let manifests = manifest::read(vec![Source {
        name: "hpa.yaml".to_owned(),
        bytes: MANIFEST.into(),
    }]);
    let flags = "--cpu-per-request 10ms --cpu-request 1 --service-time 20ms --runs 2";
    let flags = flags.split(' ').chain(more.iter().copied());
    assemble(Inputs {
        autoscaler: &manifests.autoscalers[0],
        workload: None,
        service: None,
        trace,
        flags: &Settings::from_flags(flags).expect("valid flags"),
        file: &Settings::default(),
        only: &[],
        with: &[],
    })
    .expect("a scenario")
}

fn trial(hpa: &HpaSpec, give_up: GiveUp) -> Trial<'_> {
    Trial {
        hpa,
        initial_replicas: 3,
        give_up,
    }
}

/// What a whole run left, as a trial would say it; `peak_existing` has no counterpart.
fn figures(run: &RunOutcome, peak_existing: u32) -> TrialFigures {
    let up = run.rescales.iter().map(|rescale| rescale.to > rescale.from);
    let up: Vec<bool> = up.collect();
    let count = |count: usize| u32::try_from(count).expect("few");
    TrialFigures {
        requests: run.requests,
        slices: run.slices,
        violation_slices: run.violation_slices,
        worst_backlog: run.worst_backlog,
        existing: run.provision.existing,
        under_seconds: run.provision.under_seconds,
        peak_ready: run.provision.peak_ready,
        peak_existing,
        rescales: count(up.len()),
        reversals: count(up.windows(2).filter(|pair| pair[0] != pair[1]).count()),
        bound_time: run.bound_time,
    }
}

/// Every run of every backend under these settings comes out as `simulate` has it.
#[track_caller]
fn check(scenario: &Scenario, hpa: HpaSpec) {
    let stage = Stage::new(scenario).expect("a stage");
    let mut same = scenario.clone();
    same.initial_replicas = 3;
    same.hpa = hpa;
    let outcome = simulate(&same).expect("it plays");
    for (index, backend) in outcome.backends.iter().enumerate() {
        for run in &backend.runs {
            let trialled = stage.play(index, run.run, &trial(&same.hpa, GiveUp::NEVER));
            let peak_existing = trialled.figures().peak_existing;
            assert!(peak_existing >= run.provision.peak_ready);
            assert_eq!(trialled, Trialled::Whole(figures(run, peak_existing)));
        }
    }
}

fn rules() -> impl Strategy<Value = ScalingRules> {
    let policy = (prop::bool::ANY, 1..120_i32, 15..600_i64).prop_map(|(pods, value, period)| {
        ScalingPolicy {
            kind: if pods {
                PolicyKind::Pods
            } else {
                PolicyKind::Percent
            },
            value,
            policy_period: SimDuration::from_seconds(period),
        }
    });
    let select = prop_oneof![Just(SelectPolicy::Max), Just(SelectPolicy::Min)];
    let window = prop::option::of((0..900_i64).prop_map(SimDuration::from_seconds));
    let tolerance = prop::option::of(0.0..0.3_f64);
    let policies = prop::collection::vec(policy, 1..3);
    (select, window, tolerance, policies).prop_map(
        |(select_policy, window, tolerance, policies)| ScalingRules {
            stabilization_window: window,
            select_policy,
            policies,
            tolerance,
        },
    )
}

fn autoscaler() -> impl Strategy<Value = HpaSpec> {
    let behavior = (rules(), rules()).prop_map(|(scale_up, scale_down)| Behavior {
        scale_up,
        scale_down,
    });
    (1..5_i32, 5..30_i32, 20..95_i32, prop::option::of(behavior)).prop_map(
        |(min_replicas, max_replicas, percent, behavior)| HpaSpec {
            min_replicas,
            max_replicas,
            metrics: vec![MetricSpec::Resource {
                resource: scaleplan::hpa::Resource::Cpu,
                target: MetricTarget::Utilization(percent),
            }],
            behavior,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_whole_trial_has_the_figures_of_a_simulation(
        step in prop::sample::select(vec![15, 60, 300]),
        rates in prop::collection::vec((0..2500_u32, 1..20_u32), 3..12),
        hpa in autoscaler(),
        balancing in prop::sample::select(vec!["random", "least-connections", "ip-hash"]),
    ) {
        prop_assume!(rates.iter().any(|(rate, _)| *rate > 0));
        let notation: Vec<String> = rates.iter().map(|(rate, times)| format!("{rate}x{times}")).collect();
        check(&scenario(step, &notation.join(" "), &["--balancing", balancing]), hpa);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_given_up_would_have_passed_a_bound(
        step in prop::sample::select(vec![15, 60, 300]),
        rates in prop::collection::vec((0..2500_u32, 4..40_u32), 3..12),
        hpa in autoscaler(),
        slo in prop::sample::select(vec!["99%<300ms", "90%<30ms", "99.9%<2s"]),
        cost in 0.6..1.3_f64,
        bad in 0.0..1.5_f64,
    ) {
        prop_assume!(rates.iter().any(|(rate, _)| *rate > 0));
        let notation: Vec<String> = rates.iter().map(|(rate, times)| format!("{rate}x{times}")).collect();
        let scenario = scenario(step, &notation.join(" "), &["--slo", slo]);
        let stage = Stage::new(&scenario).expect("a stage");
        let whole = *stage.play(0, 0, &trial(&hpa, GiveUp::NEVER)).figures();
        let bounds = GiveUp {
            replica_seconds: whole.existing * cost,
            bad_requests: whole.requests.bad() * bad,
            ..GiveUp::NEVER
        };
        let tried = stage.play(0, 0, &trial(&hpa, bounds));
        let passes = |figures: &TrialFigures| {
            figures.existing > bounds.replica_seconds || figures.requests.bad() > bounds.bad_requests
        };
        if matches!(tried, Trialled::GivenUp { .. }) {
            prop_assert!(passes(&whole));
        } else {
            prop_assert_eq!(tried, Trialled::Whole(whole));
        }
    }
}

#[test]
fn a_trial_that_must_serve_more_than_it_may_cost_is_given_up_early() {
    // The fewest replicas cost little; what the second hour needs does not.
    let scenario = scenario(60, "100x60 1500x60", &[]);
    let stage = Stage::new(&scenario).expect("a stage");
    let bounds = GiveUp {
        bad_requests: 1000.0,
        replica_seconds: 3600.0 * 14.0,
        ..GiveUp::NEVER
    };
    let tried = stage.play(0, 0, &trial(&scenario.hpa, bounds));
    assert!(matches!(tried, Trialled::GivenUp { at, .. } if at.as_seconds() <= 60.0));
}

#[test]
fn a_trial_request_by_request_has_the_figures_of_a_simulation() {
    let scenario = scenario(30, "20x10 300x10 40x10", &["--fidelity", "discrete"]);
    let hpa = scenario.hpa.clone();
    check(&scenario, hpa);
}

#[test]
fn a_hopeless_trial_ends_with_the_slice_that_passed_its_bound() {
    let scenario = scenario(60, "100x30 1500x30", &[]);
    let stage = Stage::new(&scenario).expect("a stage");
    let mut hpa = scenario.hpa.clone();
    hpa.max_replicas = 4;
    let bounds = GiveUp {
        bad_requests: 1000.0,
        ..GiveUp::NEVER
    };
    let Trialled::GivenUp { at, figures } = stage.play(0, 0, &trial(&hpa, bounds)) else {
        panic!("four replicas for the load of fifteen");
    };
    assert_eq!(at.as_nanos() % 60_000_000_000, 0);
    assert!(at.as_seconds() > 30.0 * 60.0 && at.as_seconds() < 40.0 * 60.0);
    assert!(figures.requests.bad() > 1000.0);
    let whole = stage.play(0, 0, &trial(&hpa, GiveUp::NEVER));
    assert!(whole.figures().requests.bad() > figures.requests.bad());
    let dear = GiveUp {
        replica_seconds: 3.0 * 600.0,
        ..GiveUp::NEVER
    };
    let too_dear = stage.play(0, 0, &trial(&hpa, dear));
    assert!(matches!(too_dear, Trialled::GivenUp { at, .. } if at.as_seconds() < 60.5));
    let minutes = GiveUp {
        violation_slices: 2.0,
        ..GiveUp::NEVER
    };
    assert_eq!(
        stage
            .play(0, 0, &trial(&hpa, minutes))
            .figures()
            .violation_slices,
        3
    );
}
