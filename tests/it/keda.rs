//! ScaledObjects, from the manifest to the report: as the autoscaler that KEDA makes, the step between none and one, advice.

use scaleplan::engine::simulate;
use scaleplan::manifest::{self, Manifests, Source};
use scaleplan::outcome::{Rescale, RunOutcome};
use scaleplan::scenario::{Inputs, Scenario, ScenarioError, Settings, assemble};
use scaleplan::stats::{Purpose, unit_draw};
use scaleplan::trace::{Series, Trace, TraceUnit};
use scaleplan::units::SimDuration;

use crate::cli::Sandbox;

const DEPLOYMENT: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: registry.example/web
        resources: {requests: {cpu: 200m, memory: 100Mi}}
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
";

/// A ScaledObject with these lines of `spec` behind its target.
fn scaled_object(spec: &str) -> String {
    format!(
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web}}\nspec:\n  scaleTargetRef: {{name: web}}\n{spec}"
    )
}

const CPU: &str = "  minReplicaCount: 2
  maxReplicaCount: 10
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleDown: {stabilizationWindowSeconds: 60}
  triggers:
  - type: cpu
    metricType: Utilization
    metadata: {value: \"50\"}
";

#[test]
fn a_cpu_trigger_is_played_as_the_autoscaler_that_keda_makes_of_it() {
    let hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: keda-hpa-web}\nspec:\n  \
               scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 2\n  maxReplicas: 10\n  \
               behavior:\n    scaleDown: {stabilizationWindowSeconds: 60}\n  metrics:\n  - type: Resource\n    resource: \
               {name: cpu, target: {type: Utilization, averageUtilization: 50}}\n";
    let sandbox = Sandbox::new();
    sandbox.write("k8s/web.yaml", format!("{hpa}{DEPLOYMENT}"));
    let play = || sandbox.run("simulate k8s/web.yaml --trace load.csv --runs 3 -q -o json");
    let of_hpa = play();
    sandbox.write(
        "k8s/web.yaml",
        format!("{}{DEPLOYMENT}", scaled_object(CPU)),
    );
    let of_keda = play();
    assert_eq!(of_hpa.stderr, "");
    assert_eq!(of_keda.stdout, of_hpa.stdout);
}

/// Ten minutes without load, ten with 20 requests/s, and twenty-five without.
const TEN_MINUTES: &str = "0x9 20x9 0x24";

fn manifests(spec: &str) -> Manifests {
    let manifests = manifest::read(vec![Source {
        name: "web.yaml".to_owned(),
        bytes: format!("{}{DEPLOYMENT}", scaled_object(spec)).into(),
    }]);
    assert!(manifests.errors.is_empty(), "{:?}", manifests.errors);
    manifests
}

/// One minute a value. Scrapes of the entrance come every 10 s, and a replica is ready 13 to 14 s after it was asked for.
fn scenario(spec: &str, notation: &str, metric: &str) -> Result<Scenario, ScenarioError> {
    let manifests = manifests(spec);
    let series = Series::from_notation(SimDuration::from_seconds(60), notation);
    let flags = format!(
        "--cpu-per-request 1ms --cpu-request 1 --service-time 20ms --runs 3 --custom-metrics-interval 10s \
         --container-prepare 10s --container-start 1s --container-ready 2s --probe-period 1s --endpoint-delay 0s \
         --metric {metric}"
    );
    assemble(Inputs {
        autoscaler: &manifests.autoscalers[0],
        workload: manifests.workload_for(&manifests.autoscalers[0]),
        service: None,
        trace: Trace::from_series(
            "notation",
            series.expect("valid notation"),
            TraceUnit::RequestsPerSecond,
        ),
        flags: &Settings::from_flags(flags.split_whitespace()).expect("valid flags"),
        file: &Settings::default(),
        only: &["container".to_owned()],
        with: &[],
    })
}

fn played(scenario: &Scenario) -> Vec<RunOutcome> {
    let mut outcome = simulate(scenario).expect("it plays");
    outcome.backends.remove(0).runs
}

/// Seconds at which something that repeats with a drawn phase comes first after a time.
struct Clock {
    phase: f64,
    period: f64,
}

impl Clock {
    fn new(run: u32, purpose: Purpose, ordinal: u64, period: f64) -> Self {
        let phase = unit_draw(1, run, purpose, ordinal) * period;
        Self { phase, period }
    }

    fn first_from(&self, time: f64) -> f64 {
        let passed = ((time - self.phase) / self.period).ceil().max(0.0);
        self.phase + passed * self.period
    }
}

#[track_caller]
fn check_rescales(rescales: &[Rescale], expected: &[(f64, u32, u32)]) {
    let told: Vec<_> = rescales
        .iter()
        .map(|it| (it.at.as_seconds(), it.from, it.to))
        .collect();
    assert_eq!(told.len(), expected.len(), "{told:?} {expected:?}");
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!((told.1, told.2), (expected.1, expected.2), "{told:?}");
        assert!((told.0 - expected.0).abs() < 1e-6, "{told:?} {expected:?}");
    }
}

const RATE: &str = "  pollingInterval: 30
  cooldownPeriod: 300
  triggers:
  - {type: prometheus, metadata: {query: x, threshold: \"20\"}}
";

/// The load comes after 600 s. The first scrape after that shows it; KEDA's next poll writes 1, and what comes until that
/// replica is ready is refused. The load goes after 1200 s: the second scrape after that shows a rate of zero. The last
/// poll before was the last active one; a poll every 30 s is 300 s after it, and not more, so the one after it writes 0.
#[test]
fn the_step_between_none_and_one_comes_when_it_was_worked_out_to() {
    let scenario = scenario(RATE, TEN_MINUTES, "s0-prometheus=rate").expect("a scenario");
    assert_eq!(scenario.initial_replicas, 0);
    for (run, outcome) in (0..).zip(played(&scenario)) {
        let poll = Clock::new(run, Purpose::PollPhase, 0, 30.0);
        let scrape = Clock::new(run, Purpose::ScrapePhase, 1, 10.0);
        let wakes = poll.first_from(scrape.first_from(600.0));
        let shows_none = scrape.first_from(1200.0) + 10.0;
        let last_active = poll.first_from(shows_none) - 30.0;
        check_rescales(
            &outcome.rescales,
            &[(wakes, 0, 1), (last_active + 330.0, 1, 0)],
        );
        let without_anybody = 20.0 * (wakes - 600.0);
        let refused = outcome.requests.refused;
        assert!(
            (without_anybody + 20.0 * 13.0..=without_anybody + 20.0 * 15.0).contains(&refused),
            "{refused} {without_anybody}"
        );
    }
}

#[test]
fn above_one_the_autoscaler_goes_its_own_way() {
    let spec = RATE
        .replace("cooldownPeriod: 300", "cooldownPeriod: 900")
        .replace("\"20\"", "\"8\"");
    let scenario = scenario(&spec, TEN_MINUTES, "s0-prometheus=rate").expect("a scenario");
    for outcome in played(&scenario) {
        let counts: Vec<u32> = outcome.rescales.iter().map(|it| it.to).collect();
        // Three replicas for 20 requests/s, down again after the window of five minutes, and to none after the cooldown.
        assert_eq!(counts.first(), Some(&1));
        assert!(counts.contains(&3), "{counts:?}");
        assert_eq!(counts[counts.len() - 2..], [1, 0]);
        let asleep = outcome.rescales.last().expect("it sleeps").at.as_seconds();
        assert!((2100.0..2175.0).contains(&asleep), "{asleep}");
    }
}

#[test]
fn below_the_activation_value_it_sleeps_on() {
    let spec = RATE.replace("query: x", "query: x, activationThreshold: \"25\"");
    let scenario = scenario(&spec, TEN_MINUTES, "s0-prometheus=rate").expect("a scenario");
    for outcome in played(&scenario) {
        assert_eq!(outcome.rescales, []);
        assert!((outcome.requests.refused - 12_000.0).abs() < 1e-6);
    }
}

#[test]
fn idle_replicas_are_left_for_min_replicas_and_back() {
    let spec = format!("  minReplicaCount: 4\n  idleReplicaCount: 0\n{RATE}");
    let scenario = scenario(&spec, TEN_MINUTES, "s0-prometheus=rate").expect("a scenario");
    for outcome in played(&scenario) {
        let steps: Vec<_> = outcome.rescales.iter().map(|it| (it.from, it.to)).collect();
        assert_eq!(steps, [(0, 4), (4, 0)]);
    }
}

#[test]
fn with_a_floor_polls_change_nothing() {
    let spec = format!("  minReplicaCount: 1\n{RATE}");
    let scenario = scenario(&spec, TEN_MINUTES, "s0-prometheus=rate").expect("a scenario");
    assert_eq!(scenario.initial_replicas, 1);
    let with = played(&scenario);
    let mut alone = scenario;
    alone.activation = None;
    assert_eq!(with, played(&alone));
}

#[test]
fn what_could_never_wake_is_refused() {
    let refusal = scenario(RATE, TEN_MINUTES, "s0-prometheus=in-flight").expect_err("it sleeps");
    assert!(
        refusal
            .to_string()
            .starts_with("KEDA would never wake `web`"),
        "{refusal}"
    );
}

/// The queue of a broker fills while nobody takes from it, and a scrape shows it to KEDA's next poll.
#[test]
fn a_queue_that_fills_wakes_the_workload() {
    let spec = RATE.replace("query: x", "query: x, activationThreshold: \"500\"");
    let scenario = scenario(&spec, TEN_MINUTES, "s0-prometheus=backlog").expect("a scenario");
    assert_eq!(scenario.initial_replicas, 0);
    for (run, outcome) in (0..).zip(played(&scenario)) {
        let poll = Clock::new(run, Purpose::PollPhase, 0, 30.0);
        let scrape = Clock::new(run, Purpose::ScrapePhase, 1, 10.0);
        // 20 requests/s pass 500 after 25 s.
        let wakes = poll.first_from(scrape.first_from(625.0));
        let first = outcome.rescales.first().expect("it wakes");
        assert_eq!((first.from, first.to), (0, 1));
        assert!(
            (first.at.as_seconds() - wakes).abs() < 1e-6,
            "{first:?} {wakes}"
        );
        let last = outcome.rescales.last().expect("it sleeps");
        assert_eq!(last.to, 0);
    }
}

#[test]
fn advice_changes_the_scaled_objects_own_fields() {
    let sandbox = Sandbox::new();
    let spec = "  maxReplicaCount: 10\n  triggers:\n  - type: prometheus\n    metadata: {query: x, threshold: '60'}\n";
    let file = format!("{}{DEPLOYMENT}", scaled_object(spec));
    sandbox.write("web.yaml", &file);
    // Two hours with bursts, and nothing at either end.
    let rate = |minute: u32| match minute {
        20..=100 if minute % 20 < 10 => 40,
        20..=100 => 150,
        _ => 0,
    };
    let rows: Vec<String> = (0..120)
        .map(|minute| format!("{},{}\n", minute * 60, rate(minute)))
        .collect();
    sandbox.write("load.csv", format!("timestamp,rps\n{}", rows.concat()));
    let ask = |more: &str| {
        sandbox.run(&format!(
            "recommend web.yaml --trace load.csv --metric s0-prometheus=rate --runs 3 --budget 200 --backend container \
             --slo 90%<300ms {more}"
        ))
    };
    let told = ask("--patch strategic").stderr;
    assert!(
        told.contains("a ScaledObject takes this as a merge patch: kubectl patch --type=merge"),
        "{told}"
    );
    let ran = ask("--patch strategic -q");
    assert_eq!(ran.stderr, "");
    let (head, changes) = ran.stdout.split_once("spec:\n").expect("it has a spec");
    assert_eq!(
        head,
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata:\n  name: web\n"
    );
    // One replica is too few for the bursts; between them it goes on sleeping.
    assert!(
        changes.starts_with("  idleReplicaCount: 0\n  minReplicaCount: "),
        "{changes}"
    );
    ask("--write -q");
    let written = std::fs::read_to_string(sandbox.path("web.yaml")).expect("it is there");
    assert!(written.contains("  idleReplicaCount: 0\n  minReplicaCount: "));
    assert!(written.contains(DEPLOYMENT));
}
