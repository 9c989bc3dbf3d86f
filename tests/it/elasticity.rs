//! Elasticity scores and objectives over minutes, from a manifest and a trace to the judgement.

use scaleplan::analysis::{Verdict, elasticity_scores, judge};
use scaleplan::engine::simulate;
use scaleplan::manifest::{self, Source};
use scaleplan::outcome::{Outcome, RunOutcome};
use scaleplan::scenario::{Inputs, Scenario, Settings, assemble};
use scaleplan::trace::{Series, Trace, TraceUnit};
use scaleplan::units::SimDuration;

const HPA: &str = "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: app}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  minReplicas: 1
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
";

/// A minute a value, one replica taking 100 requests/s; `replicas` is written in the Deployment's manifest.
fn scenario(replicas: &str, notation: &str, flags: &[&str]) -> Scenario {
    let deployment = format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app}}\nspec:\n  {replicas}\n  selector: \
         {{matchLabels: {{app: app}}}}\n  template:\n    metadata: {{labels: {{app: app}}}}\n    spec:\n      \
         containers: [{{name: app, image: registry.example/app}}]\n"
    );
    let manifests = manifest::read(vec![Source {
        name: "hpa.yaml".to_owned(),
        bytes: format!("{HPA}{deployment}").into(),
    }]);
    assert!(manifests.errors.is_empty(), "{:?}", manifests.errors);
    let series = Series::from_notation(SimDuration::from_seconds(60), notation);
    let usual = [
        "--cpu-per-request",
        "10ms",
        "--cpu-request",
        "1",
        "--service-time",
        "20ms",
        "--runs",
        "2",
    ];
    let flags = Settings::from_flags([usual.as_slice(), flags].concat()).expect("valid flags");
    assemble(Inputs {
        autoscaler: &manifests.autoscalers[0],
        workload: manifests.workload_for(&manifests.autoscalers[0]),
        service: None,
        trace: Trace::from_series(
            "notation",
            series.expect("valid notation"),
            TraceUnit::RequestsPerSecond,
        ),
        flags: &flags,
        file: &Settings::default(),
        only: &[],
        with: &[],
    })
    .expect("a scenario")
}

fn runs(outcome: &Outcome) -> impl Iterator<Item = &RunOutcome> {
    outcome.backends.iter().flat_map(|backend| &backend.runs)
}

#[track_caller]
fn close(found: f64, expected: f64) {
    let room = 1e-9 * expected.abs().max(1.0);
    assert!((found - expected).abs() <= room, "{found} {expected}");
}

#[test]
fn scores_and_provision_are_of_the_same_demand_and_supply() {
    let scenario = scenario("", "70x10 420x20 0x5 140x20", &[]);
    let outcome = simulate(&scenario).expect("it plays");
    for run in runs(&outcome) {
        let (sums, scores) = (&run.provision, elasticity_scores(&run.elasticity));
        let seconds = run.horizon.as_seconds();
        close(run.elasticity.seconds, seconds);
        // `0x5` is a zero and five more.
        close(run.elasticity.demand_seconds, seconds - 360.0);
        close(scores.scaled.under_replicas, sums.under / seconds);
        close(scores.scaled.over_replicas, sums.over / seconds);
        close(
            scores.scaled.under_timeshare,
            100.0 * sums.under_seconds / seconds,
        );
        close(
            scores.scaled.over_timeshare,
            100.0 * sums.over_seconds / seconds,
        );
        assert!(scores.scaled.under_accuracy > 0.0 && scores.instability_percent > 0.0);
        assert_eq!(run.elasticity.demand_changes, 3);
    }
}

#[test]
fn a_count_that_never_moves_is_its_own_baseline() {
    let pinned = ["--initial-replicas", "4"];
    let mut scenario = scenario("replicas: 4", "70x10 420x10 700x10", &pinned);
    (scenario.hpa.min_replicas, scenario.hpa.max_replicas) = (4, 4);
    let outcome = simulate(&scenario).expect("it plays");
    for run in runs(&outcome) {
        assert_eq!(run.elasticity.scaled, run.elasticity.baseline);
        let speedup = elasticity_scores(&run.elasticity).speedup;
        close(speedup.value, 1.0);
        assert!(!speedup.is_clamped);
    }
}

#[track_caller]
fn check_baseline(replicas: &str, expected: u32) {
    let scenario = scenario(replicas, "210x10", &[]);
    assert_eq!(scenario.initial_replicas, 3);
    assert_eq!(scenario.unscaled_replicas, expected);
}

#[test]
fn without_an_autoscaler_there_are_as_many_replicas_as_the_manifest_says() {
    check_baseline("replicas: 5", 5);
    check_baseline("minReadySeconds: 0", 3);
    // An autoscaler turned off is no size that somebody chose.
    check_baseline("replicas: 0", 3);
}

#[track_caller]
fn check_verdict(slo: &str, expected: Verdict) {
    // Ten replicas take 1,000 requests/s, the eleventh minute brings four times that.
    let scenario = scenario(
        "",
        "600x100 4000 600x99",
        &["--slo", slo, "--initial-replicas", "10"],
    );
    let outcome = simulate(&scenario).expect("it plays");
    let scorecard = judge(&scenario, &outcome);
    assert_eq!(scorecard.backends[0].slo.verdict, expected, "{slo}");
}

#[test]
fn an_objective_over_minutes_forgives_a_bad_one_and_not_its_many_requests() {
    check_verdict("p99<300ms", Verdict::Missed);
    check_verdict("p99<300ms@95%", Verdict::Met);
    check_verdict("p99<300ms@99.9%", Verdict::Missed);
    // Nothing below it, but 200 minutes cannot show 99.9 %.
    check_verdict("p1<30s@99.9%", Verdict::Unproven);
}
