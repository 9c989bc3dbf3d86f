//! What becomes of settings and manifests: the specs of the backends, the assumptions, the refusals.

#![expect(
    clippy::float_cmp,
    reason = "a number that was said arrives as it was said"
)]

use scaleplan::manifest::{self, Source};
use scaleplan::plant::{NodePool, PlantSpec, PrepareScope};
use scaleplan::scenario::{
    Assumption, DisturbanceKind, Fidelity, Inputs, Optimization, Origin, Scenario, ScenarioError,
    Settings, assemble,
};
use scaleplan::stats::Distribution;
use scaleplan::trace::{self, ReadOptions};
use scaleplan::traffic::{Discipline, Pinning, Strategy};
use scaleplan::units::{SimDuration, SimTime};

use crate::cli::{LOAD, WEB};

/// What a scenario is made from here; the trace is two minutes long.
#[derive(Clone, Copy)]
struct Case<'a> {
    manifest: &'a str,
    flags: &'a str,
    file: &'a str,
    only: &'a [String],
    with: &'a [Optimization],
}

const WEB_ALONE: Case<'static> = Case {
    manifest: WEB,
    flags: "",
    file: "",
    only: &[],
    with: &[],
};

impl Case<'_> {
    fn assemble(self) -> Result<Scenario, ScenarioError> {
        let source = Source {
            name: "web.yaml".to_owned(),
            bytes: self.manifest.into(),
        };
        let manifests = manifest::read(vec![source]);
        assert_eq!(manifests.errors, []);
        let autoscaler = &manifests.autoscalers[0];
        let workload = manifests.workload_for(autoscaler);
        let flags = self.flags.split_whitespace();
        assemble(Inputs {
            autoscaler,
            workload,
            service: workload.and_then(|workload| manifests.service_for(workload)),
            trace: trace::read("load.csv", LOAD.as_bytes(), &ReadOptions::infer())
                .expect("a trace"),
            flags: &Settings::from_flags(flags).expect("flags"),
            file: &Settings::from_file(self.file).expect("a file"),
            only: self.only,
            with: self.with,
        })
    }
}

#[track_caller]
fn with_flags(flags: &str) -> Scenario {
    let case = Case { flags, ..WEB_ALONE };
    case.assemble().expect("a scenario")
}

#[track_caller]
fn with_file(file: &str) -> Scenario {
    let case = Case { file, ..WEB_ALONE };
    case.assemble().expect("a scenario")
}

#[track_caller]
fn check_refused(flags: &str, expected: &str) {
    let case = Case { flags, ..WEB_ALONE };
    let refusal = case.assemble().expect_err("a refusal").to_string();
    assert_eq!(refusal, expected);
}

#[track_caller]
fn check_warned(flags: &str, expected: &str) {
    let warnings = with_flags(flags).warnings;
    let is_told = warnings.iter().any(|warning| warning.contains(expected));
    assert!(is_told, "{warnings:#?}");
}

#[track_caller]
fn plant<'a>(scenario: &'a Scenario, name: &str) -> &'a PlantSpec {
    let found = scenario
        .backends
        .iter()
        .find(|backend| backend.name == name);
    &found.expect("a backend").plant
}

#[track_caller]
fn assumption<'a>(scenario: &'a Scenario, key: &str) -> &'a Assumption {
    let found = scenario.assumptions.iter().find(|noted| noted.key == key);
    found.unwrap_or_else(|| panic!("{key} is not among {:#?}", scenario.assumptions))
}

fn fixed(value: f64) -> Distribution {
    Distribution::Deterministic { value }
}

fn uniform(low: f64, high: f64) -> Distribution {
    Distribution::Uniform { low, high }
}

#[test]
fn nobody_says_anything_and_kube_proxy_spreads_requests_at_random() {
    let scenario = with_flags("");
    assert_eq!(scenario.fidelity, Fidelity::Fluid);
    assert!(scenario.disturbances.is_empty());
    let (container, vm) = (plant(&scenario, "container"), plant(&scenario, "vm"));
    for plant in [container, vm] {
        assert_eq!(plant.balancing.strategy, Strategy::Random);
        assert_eq!(plant.balancing.pinning, Pinning::Request);
        assert_eq!(plant.serving.discipline, Discipline::Fifo);
        assert_eq!(plant.serving.queue_bound, None);
        assert_eq!(plant.serving.retry.attempts, 1);
        assert_eq!(plant.endpoints.add_delay, uniform(0.0, 1.0));
        assert_eq!(plant.endpoints.remove_delay, uniform(0.0, 1.0));
        assert_eq!(plant.endpoints.pre_stop, SimDuration::ZERO);
        assert_eq!(plant.path.request_bytes, 1024.0);
        assert_eq!(plant.path.response_bytes, 8192.0);
        assert_eq!(plant.nodes, None);
        assert_eq!(plant.startup.prepare_at_once, None);
        assert_eq!(plant.startup.warm_pool, 0);
    }
    assert_eq!(container.path.latency, fixed(1e-4));
    assert_eq!(vm.path.latency, uniform(5e-4, 1e-3));
    assert_eq!(container.path.bits_per_second, 1e10);
    assert_eq!(vm.path.bits_per_second, 3.5e9);
    assert_eq!(container.path.connections.most, 100_000);
    assert_eq!(vm.path.connections.most, 35_000);
}

#[test]
fn flags_and_file_say_the_same_of_every_new_number() {
    let lines = "\
fidelity: discrete
balancing: least-connections
dispatchers: 4
connection-lifetime: exp(5m)
clients: 20
client-skew: 1.2
container-path-latency: 20us
vm-path-latency: 1..2ms
container-throughput: 1G
vm-throughput: 500M
container-connections: 7
vm-connections: 9
request-size: 2Ki
response-size: 0
keep-alive: 0
connection-linger: 60s
ingress-latency: 1ms
service: lognormal(30ms, scv 2)
discipline: processor-sharing
queue-bound: 0
retries: 2
retry-backoff: 1s
retry-budget: none
endpoint-delay: 2s
pre-stop: 5s
probe-failures: 5
guest-agent-interval: 20s
container-node-lost-after: 50s
vm-node-lost-after: 100s
eviction-after: 10s
nodes: 4
max-nodes: 5
zones: 2
replicas-per-node: 3
node-provisioning: 1m
container-prepare-at-once: 2
vm-prepare-at-once: 3
warm-pool: 1
";
    let flags: Vec<String> = lines
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(key, value)| format!("--{key}={value}"))
        .collect();
    let said = Settings::from_flags(flags.iter().map(String::as_str)).expect("flags");
    assert_eq!(Settings::from_file(lines), Ok(said));

    let scenario = with_file(lines);
    assert_eq!(scenario.fidelity, Fidelity::Discrete);
    let (container, vm) = (plant(&scenario, "container"), plant(&scenario, "vm"));
    let balancing = &container.balancing;
    assert_eq!(balancing.strategy, Strategy::LeastConnections);
    assert_eq!((balancing.dispatchers, balancing.clients.count), (4, 20));
    assert_eq!(
        balancing.pinning,
        Pinning::Connection(Distribution::Exponential { mean: 300.0 })
    );
    let serving = &vm.serving;
    assert_eq!(serving.service.to_string(), "lognormal(30ms, scv 2)");
    assert_eq!(serving.discipline, Discipline::ProcessorSharing);
    assert_eq!((serving.queue_bound, serving.retry.attempts), (Some(0), 3));
    assert_eq!(serving.retry.budget, f64::INFINITY);
    assert_eq!(container.path.latency, fixed(2e-5));
    assert_eq!(vm.path.connections.most, 9);
    assert_eq!(vm.path.ingress_latency, 1e-3);
    let after = SimDuration::from_seconds;
    assert_eq!(container.health.replica_lost_after, after(25));
    assert_eq!(vm.health.replica_lost_after, after(100));
    assert_eq!(container.health.node_lost_after, after(50));
    assert_eq!(vm.health.node_lost_after, after(100));
    assert_eq!(vm.health.evicted_after, after(10));
    assert_eq!(container.endpoints.pre_stop, after(5));
    let scopes = [container, vm].map(|plant| {
        plant
            .startup
            .prepare_at_once
            .map(|limit| (limit.at_once, limit.scope))
    });
    assert_eq!(
        scopes,
        [
            Some((2, PrepareScope::Node)),
            Some((3, PrepareScope::Storage))
        ]
    );
    let pool = NodePool {
        nodes: 4,
        most: 5,
        zones: 2,
        replicas_per_node: 3,
        provisioning: fixed(60.0),
    };
    assert_eq!(vm.nodes, Some(pool));
    assert_eq!(
        assumption(&scenario, "vm-throughput").origin,
        Origin::ScenarioFile
    );
}

#[test]
fn a_number_out_of_its_range_is_refused_in_one_sentence() {
    check_refused(
        "--dispatchers 0",
        "dispatchers is `0`, expected a count from 1 to 1,000",
    );
    check_refused(
        "--clients 0",
        "clients is `0`, expected a count from 1 to 1,000,000",
    );
    check_refused(
        "--client-skew NaN",
        "client-skew is `NaN`, expected a number from 0 to 10",
    );
    check_refused(
        "--session-affinity 0",
        "session-affinity is `0s`, expected a time from 1ms to 24h, or none",
    );
    check_refused(
        "--connection-lifetime 0",
        "connection-lifetime is `0s`, expected times of 1ms to 1000d on average",
    );
    check_refused(
        "--session-affinity 3h --connection-lifetime 5m",
        "--session-affinity and --connection-lifetime exclude one another, give one of them",
    );
    check_refused(
        "--vm-throughput 0",
        "vm-throughput is `0 bit/s`, expected from 1 to 1P bits/s",
    );
    check_refused(
        "--container-connections 0",
        "container-connections is `0`, expected at least 1",
    );
    check_refused(
        "--request-size 2T",
        "request-size is `2000000000000`, expected at most 1T",
    );
    check_refused(
        "--service 0",
        "service is `0s`, expected times of 1us to 24h on average",
    );
    check_refused(
        "--service 20ms --service-scv 2",
        "--service and --service-scv exclude one another, give one of them",
    );
    check_refused(
        "--retries 101",
        "retries is `101`, expected a count from 0 to 100",
    );
    check_refused(
        "--retry-budget=-1",
        "retry-budget is `-1`, expected a share from 0 to 100, or none",
    );
    check_refused(
        "--probe-failures 0",
        "probe-failures is `0`, expected at least 1",
    );
    check_refused(
        "--vm-prepare-at-once 0",
        "vm-prepare-at-once is `0`, expected at least 1",
    );
    check_refused(
        "--nodes 0",
        "nodes is `0`, expected a count from 1 to 10,000",
    );
    check_refused(
        "--nodes 4 --max-nodes 3",
        "max-nodes is `3`, expected at least as many as nodes",
    );
    check_refused(
        "--nodes 4 --max-nodes 4 --zones 5",
        "zones is `5`, expected at least 1, and at most as many as max-nodes",
    );
}

#[test]
fn a_word_that_is_none_is_answered_with_those_there_are() {
    let refusal = |flags: [&str; 2]| Settings::from_flags(flags).expect_err("a refusal");
    let told = refusal(["--balancing", "sticky"]);
    assert!(
        told.contains("`sticky` is no balancing strategy, expected `random`, `round-robin`"),
        "{told}"
    );
    let told = refusal(["--with", "sr-iov,magic"]);
    assert!(
        told.contains("`magic` is no optimization, expected `cdi-preload`, `qemu-snapshot`"),
        "{told}"
    );
    let told = Settings::from_file("runs: 1\nwith: [magic]").expect_err("a refusal");
    assert!(
        told.starts_with("line 2, column 8: with[0]: `magic` is no optimization"),
        "{told}"
    );
}

#[test]
fn a_service_with_affinity_pins_the_clients_of_the_pods_that_it_selects() {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, sessionAffinity: ClientIP}\n";
    let manifest = format!("{WEB}{service}");
    let case = Case {
        manifest: &manifest,
        ..WEB_ALONE
    };
    let pinning = |flags| {
        let scenario = Case { flags, ..case }.assemble().expect("a scenario");
        plant(&scenario, "vm").balancing.pinning.clone()
    };
    let three_hours = SimDuration::from_seconds(10_800);
    assert_eq!(pinning(""), Pinning::Affinity(three_hours));
    assert_eq!(pinning("--session-affinity none"), Pinning::Request);
    assert_eq!(
        pinning("--connection-lifetime 60s"),
        Pinning::Connection(fixed(60.0))
    );
    let scenario = case.assemble().expect("a scenario");
    assert_eq!(
        assumption(&scenario, "session-affinity").origin,
        Origin::Manifest
    );
}

#[test]
fn probe_and_pre_stop_of_a_deployment_are_those_of_its_containers() {
    let manifest = WEB.replace(
        "periodSeconds: 5}",
        "periodSeconds: 5, failureThreshold: 2}\n        lifecycle: {preStop: {exec: {command: [sh, -c, sleep 7]}}}",
    );
    let case = Case {
        manifest: &manifest,
        ..WEB_ALONE
    };
    let scenario = case.assemble().expect("a scenario");
    let after = SimDuration::from_seconds;
    let (container, vm) = (plant(&scenario, "container"), plant(&scenario, "vm"));
    assert_eq!(container.startup.probe.probe_period, after(5));
    assert_eq!(container.health.replica_lost_after, after(10));
    assert_eq!(container.endpoints.pre_stop, after(7));
    // A machine in their place has a guest agent.
    assert_eq!(vm.startup.probe.probe_period, after(10));
    assert_eq!(vm.health.replica_lost_after, after(20));
    assert_eq!(
        (container.health.node_lost_after, vm.health.node_lost_after),
        (after(40), after(300))
    );
}

#[test]
fn nodes_are_there_where_somebody_says_so() {
    let pool = |flags: &str| {
        let scenario = with_flags(flags);
        let pool = plant(&scenario, "container").nodes.clone();
        pool.map(|pool| (pool.nodes, pool.most, pool.zones, pool.replicas_per_node))
    };
    assert_eq!(pool("--zones 2"), None);
    check_warned("--zones 2", "zones is not used: there are no nodes");
    assert_eq!(pool("--nodes 4"), Some((4, 4, 3, 3)));
    assert_eq!(
        pool("--replicas-per-node 2 --initial-replicas 3"),
        Some((2, 5, 2, 2))
    );
    assert_eq!(pool("--replicas-per-node 2 --nodes 9"), Some((9, 9, 3, 2)));
}

#[test]
fn disturbances_come_in_the_order_of_time() {
    let scenario = with_file(
        "nodes: 3\ndisturbances:\n  - {at: 90s, metric-outage: {for: 15s}}\n  - {at: 1m, node-failure: {for: 10s}}\n",
    );
    let kinds: Vec<_> = scenario
        .disturbances
        .iter()
        .map(|it| (it.at, it.kind.name()))
        .collect();
    assert_eq!(
        kinds,
        [
            (SimTime::from_seconds(60), "node-failure"),
            (SimTime::from_seconds(90), "metric-outage")
        ]
    );
    let DisturbanceKind::NodeFailure { nodes, lasts } = scenario.disturbances[0].kind else {
        panic!("a node fails first");
    };
    assert_eq!((nodes, lasts), (1, Some(SimDuration::from_seconds(10))));
    assert_eq!(
        assumption(&scenario, "node-failure").value,
        "at 60s 1 node down for 10s"
    );
}

#[test]
fn a_disturbance_that_cannot_happen_is_refused() {
    let refusal = |file: &str| {
        let case = Case { file, ..WEB_ALONE };
        case.assemble().expect_err("a refusal").to_string()
    };
    assert_eq!(
        refusal("disturbances: [{at: 1h, metric-outage: {for: 1s}}]"),
        "disturbances: a metric-outage at 60m, when the trace is over: expected a time before its end at 135s"
    );
    assert_eq!(
        refusal("disturbances: [{at: 1s, zone-loss: {}}]"),
        "disturbances: a zone-loss happens to nodes, and there are none: `nodes` or `replicas-per-node` makes some"
    );
}

#[test]
fn an_optimization_multiplies_what_anybody_said() {
    let scenario = with_flags("--vm-prepare 20s --with cdi-preload,qemu-snapshot");
    let startup = &plant(&scenario, "vm").startup;
    assert_eq!(startup.prepare, fixed(2.0));
    assert_eq!(startup.start.mean(), 32.5 * 0.022);
    let prepare = assumption(&scenario, "vm-prepare");
    assert_eq!(prepare.value, "2s");
    assert_eq!(
        prepare.origin,
        Origin::Derived("cdi-preload: 20s times 0.1".to_owned())
    );
    assert!(prepare.note.starts_with("assumed: "), "{}", prepare.note);
    assert_eq!(
        plant(&scenario, "container").startup,
        plant(&with_flags(""), "container").startup
    );
}

#[test]
fn optimizations_of_one_number_add_up_also_on_own_backends() {
    let scenario = with_file(
        "with: [dpdk, sr-iov, warm-pool]\nbackends: {edge: {like: vm, throughput: 1G, path-latency: 1ms}}\n",
    );
    let edge = plant(&scenario, "edge");
    assert!((edge.path.latency.mean() - 8e-5).abs() < 1e-12);
    assert!((edge.path.bits_per_second - 7e9).abs() < 1.0);
    assert_eq!(edge.startup.warm_pool, 2);
    let noted = assumption(&scenario, "backends.edge.path-latency");
    assert_eq!(noted.value, "0.08ms");
    assert_eq!(
        noted.origin,
        Origin::Derived("sr-iov: 1ms times 0.2, dpdk: 0.2ms times 0.4".to_owned())
    );
    assert_eq!(assumption(&scenario, "warm-pool").value, "2");
}

#[test]
fn unified_readiness_watches_a_machine_as_a_container() {
    let scenario = with_flags("--with unified-readiness");
    let (container, vm) = (plant(&scenario, "container"), plant(&scenario, "vm"));
    assert_eq!(vm.startup.probe, container.startup.probe);
    assert_eq!(vm.health.replica_lost_after, SimDuration::from_seconds(15));
}

#[test]
fn every_optimization_alone_is_assembled_from_the_same_inputs() {
    let baseline = with_flags("");
    for one in Optimization::ALL {
        let case = Case {
            with: &[one],
            ..WEB_ALONE
        };
        let scenario = case.assemble().expect("a scenario");
        assert_ne!(scenario.backends, baseline.backends, "{one}");
        assert!(!one.sentence().is_empty() && !one.changes().is_empty());
    }
}

#[test]
fn an_optimization_without_effect_is_told() {
    let only = ["container".to_owned()];
    let case = Case {
        flags: "--with sr-iov",
        only: &only,
        ..WEB_ALONE
    };
    let warnings = case.assemble().expect("a scenario").warnings;
    assert!(
        warnings.contains(&"sr-iov changes nothing on the backends played".to_owned()),
        "{warnings:?}"
    );
}

#[test]
fn the_same_scenario_under_another_strategy_says_so() {
    let scenario = with_flags("");
    assert_eq!(
        scenario.with_balancing(Strategy::Random).assumptions,
        scenario.assumptions
    );
    let other = scenario.with_balancing(Strategy::IpHash);
    assert_eq!(other.strategy(), Strategy::IpHash);
    assert_eq!(assumption(&other, "balancing").value, "ip-hash");
    assert_eq!(other.warnings.len(), scenario.warnings.len() + 1);
    let back = other.with_balancing(Strategy::Random);
    assert_eq!(back.warnings, scenario.warnings);
    assert_eq!(back.backends, scenario.backends);
}

#[test]
fn what_binds_before_the_target_is_told() {
    let cost = "--cpu-per-request 1ms --service-time 10ms --cpu-limit 1";
    check_warned(
        &format!("{cost} --vm-throughput 1M"),
        "vm: the path to a replica carries at most",
    );
    check_warned(
        &format!("{cost} --keep-alive 0 --container-connections 1000"),
        "container: at the metric target a replica needs",
    );
    check_warned(
        "--vm-path-latency 40s",
        "vm: the path alone takes 40s, and clients give up after 30s",
    );
    check_warned(
        "--balancing ip-hash --fidelity fluid",
        "ip-hash is only approximated by the fluid",
    );
    check_warned(
        "--session-affinity 1h --fidelity fluid",
        "session affinity is only approximated by the fluid",
    );
    check_warned(
        "--connection-lifetime 1h --fidelity fluid",
        "long-lived connections is only approximated by the fluid",
    );
    let quiet = with_flags("--balancing ip-hash --fidelity discrete").warnings;
    assert!(
        quiet.iter().all(|warning| !warning.contains("--fidelity")),
        "{quiet:?}"
    );
}

#[test]
fn a_brief_report_leaves_out_what_nobody_said_of_the_path() {
    let scenario = with_flags("--vm-throughput 1G");
    assert!(assumption(&scenario, "container-throughput").is_detail());
    assert!(!assumption(&scenario, "vm-throughput").is_detail());
    assert!(!assumption(&scenario, "balancing").is_detail());
}
