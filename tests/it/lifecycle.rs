//! The life of a pod beyond its startup: rotation, preStop, death, nodes, turns to prepare, rolling updates.

/// What holds whatever happens to a workload.
mod invariants;

use scaleplan::plant::{
    Draws, EndpointSpec, Flow, Grouping, HealthSpec, NodePool, PlantSpec, PodSpec, PrepareLimit,
    PrepareScope, Probe, Routing, SensorGrids, Server, ServingSpec, StartupSpec, Workload,
};
use scaleplan::stats::Distribution;
use scaleplan::traffic::{Balancing, Discipline, PathSpec, RetrySpec};
use scaleplan::units::{SimDuration, SimTime};

const fn seconds(count: i64) -> SimDuration {
    SimDuration::from_seconds(count)
}

fn at(count: i64) -> SimTime {
    SimTime::from_seconds(count)
}

const fn fixed(value: f64) -> Distribution {
    Distribution::Deterministic { value }
}

/// A replica that serves 100 requests/s: 10 s to prepare, 2 s to start, 3 s to get ready, seen at once.
fn spec() -> PlantSpec {
    PlantSpec {
        pod: PodSpec {
            cpu_request: 1.0,
            cpu_limit: 1.0,
            cpu_idle: 0.0,
            cpu_starting: 0.5,
            memory_idle: 1e6,
            memory_per_request: 1e3,
            termination_grace_period: seconds(30),
        },
        startup: StartupSpec {
            prepare: fixed(10.0),
            start: fixed(2.0),
            ready: fixed(3.0),
            startup_probe: None,
            probe: Probe {
                initial_delay: SimDuration::ZERO,
                probe_period: SimDuration::ZERO,
                success_threshold: 1,
            },
            prepare_at_once: None,
            warm_pool: 0,
        },
        serving: ServingSpec {
            cpu_per_request: 0.01,
            service: Distribution::Exponential { mean: 0.01 },
            discipline: Discipline::Fifo,
            concurrency: None,
            queue_bound: None,
            timeout: seconds(30),
            retry: RetrySpec::NONE,
        },
        path: PathSpec::direct(0.0),
        balancing: Balancing::random(),
        endpoints: EndpointSpec::immediate(),
        health: HealthSpec::CONTAINER,
        nodes: None,
    }
}

fn pool(nodes: u32, most: u32, replicas_per_node: u32) -> NodePool {
    NodePool {
        nodes,
        most,
        zones: 2,
        replicas_per_node,
        provisioning: fixed(60.0),
    }
}

fn server(spec: &PlantSpec) -> Server {
    Server::new(spec, 0.3, 0.99).expect("a queueing model")
}

fn workload<'a>(spec: &'a PlantSpec, server: &'a Server, replicas: u32, rate: f64) -> Workload<'a> {
    let grids = SensorGrids {
        usage: seconds(10),
        custom: None,
        settle_after: seconds(60),
    };
    let draws = Draws { seed: 1, run: 0 };
    Workload::settled(spec, server, draws, grids, Grouping::Single, replicas, rate)
}

/// Requests by fate over several spans.
#[derive(Debug, Default)]
struct Fates {
    arrived: f64,
    ended: f64,
    refused: f64,
    timed_out: f64,
    failed: f64,
    misrouted: f64,
    /// Seconds for which a dead pod was sent requests.
    dead: f64,
}

impl Fates {
    fn add(&mut self, flow: &Flow, span: SimDuration) {
        self.arrived += flow.arrived;
        self.ended += flow.ended;
        self.refused += flow.refused;
        self.timed_out += flow.timed_out;
        self.failed += flow.failed;
        self.misrouted += flow.misrouted;
        self.dead += if flow.to_dead { span.as_seconds() } else { 0.0 };
    }
}

/// Moves on to `to` from transition to transition; `look` sees the workload after each.
fn run(
    workload: &mut Workload<'_>,
    now: &mut SimTime,
    to: SimTime,
    rate: f64,
    mut look: impl FnMut(SimTime, &Workload<'_>),
) -> Fates {
    let mut fates = Fates::default();
    let mut at_once = 0;
    while *now < to || workload.next_transition() <= to {
        let next = workload.next_transition().min(to);
        at_once = if next > *now { 0 } else { at_once + 1 };
        assert!(at_once < 100, "it stands still at {now:?}");
        fates.add(&workload.advance(next, rate), next - *now);
        *now = next;
        if workload.next_transition() <= *now {
            workload.pass_transitions();
        }
        look(*now, workload);
    }
    fates
}

/// When the number of pods that take requests changed, in seconds, and to what.
fn timeline(workload: &mut Workload<'_>, now: &mut SimTime, to: i64, rate: f64) -> Vec<(f64, u32)> {
    let mut changes = vec![(now.as_seconds(), workload.serving())];
    run(workload, now, at(to), rate, |now, workload| {
        if changes
            .last()
            .is_none_or(|last| last.1 != workload.serving())
        {
            changes.push((now.as_seconds(), workload.serving()));
        }
    });
    changes
}

fn near(value: f64, expected: f64) -> bool {
    (value - expected).abs() <= 1e-6 * (1.0 + expected.abs())
}

#[test]
fn traffic_follows_a_ready_pod_and_a_deleted_one_with_a_delay() {
    let mut spec = spec();
    spec.endpoints = EndpointSpec {
        add_delay: fixed(2.0),
        remove_delay: fixed(5.0),
        pre_stop: seconds(3),
    };
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 1, 20.0);
    let mut now = at(0);
    workload.scale_to(2);
    // 10 s + 2 s + 3 s until the autoscaler sees it as ready; requests come 2 s later.
    run(&mut workload, &mut now, at(16), 20.0, |_, _| {});
    assert!(
        workload
            .cohorts()
            .iter()
            .all(scaleplan::plant::Cohort::is_ready)
    );
    assert_eq!((workload.serving(), workload.in_rotation()), (1, 1));
    run(&mut workload, &mut now, at(20), 20.0, |_, _| {});
    assert_eq!((workload.serving(), workload.in_rotation()), (2, 2));

    let version = workload.rotation_version();
    workload.scale_to(1);
    assert_eq!(
        (workload.active(), workload.serving()),
        (1, 2),
        "its preStop takes requests"
    );
    assert_eq!(workload.rotation_version(), version);
    let taken = run(&mut workload, &mut now, at(23), 20.0, |_, _| {});
    assert!(near(taken.refused, 0.0), "{taken:?}");
    assert_eq!((workload.serving(), workload.in_rotation()), (1, 2));
    assert_eq!(workload.existing(), 1, "it is gone and still sent requests");
    let refused = run(&mut workload, &mut now, at(40), 20.0, |_, _| {});
    // Half of the requests of the last two of the five seconds.
    assert!(
        near(refused.refused, 20.0) && near(refused.misrouted, 20.0),
        "{refused:?}"
    );
    assert_eq!((workload.in_rotation(), workload.cohorts().len()), (1, 1));
    assert_eq!(workload.rotation_version(), version + 2);
}

#[test]
fn the_grace_period_counts_from_deletion_with_the_prestop_in_it() {
    let mut spec = spec();
    spec.endpoints.pre_stop = seconds(20);
    spec.serving.timeout = seconds(1000);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 2, 0.0);
    let mut now = at(0);
    // 80 requests/s too many for each of two: 4000 wait at each.
    run(&mut workload, &mut now, at(50), 360.0, |_, _| {});
    workload.scale_to(1);
    run(&mut workload, &mut now, at(81), 0.0, |_, _| {});
    // 2000 go within the preStop, 1000 in the ten seconds after it, and the last 1000 are lost.
    assert!(
        near(workload.lost().requests, 1000.0),
        "{:?}",
        workload.lost()
    );
    assert_eq!(workload.existing(), 1);
}

#[test]
fn a_prestop_longer_than_the_grace_period_ends_with_it() {
    let mut spec = spec();
    spec.endpoints.pre_stop = seconds(100);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 2, 0.0);
    workload.scale_to(1);
    assert_eq!(
        (workload.existing(), workload.next_transition()),
        (2, at(30))
    );
}

#[test]
fn a_silent_node_swallows_requests_until_its_lease_is_over_and_the_endpoints_follow() {
    let mut spec = spec();
    spec.nodes = Some(pool(4, 4, 4));
    spec.endpoints.remove_delay = fixed(2.5);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 4, 40.0);
    let mut now = at(10);
    workload.advance(now, 40.0);
    workload.fail_nodes(1, None);
    assert_eq!(
        (
            workload.serving(),
            workload.in_rotation(),
            workload.active()
        ),
        (3, 4, 4)
    );
    let mut unready_at = None;
    let fates = run(&mut workload, &mut now, at(400), 40.0, |now, workload| {
        if workload.cohorts().iter().any(|cohort| !cohort.is_ready()) {
            unready_at.get_or_insert(now);
        }
    });
    assert_eq!(unready_at, Some(at(50)), "the lease is 40 s");
    // A quarter of the requests, for 40 s and the time that the endpoints take.
    assert!(
        near(fates.dead, 42.5) && near(fates.timed_out, 425.0),
        "{fates:?}"
    );
    assert!(near(fates.misrouted, 425.0));
    assert!(
        fates.failed > 0.0 && fates.failed < 1.0,
        "what was inside: {fates:?}"
    );
    // Evicted 300 s after that, the pod is replaced on another node within 15 s.
    assert_eq!((workload.active(), workload.serving()), (4, 4));
}

#[test]
fn the_pods_of_a_node_that_comes_back_before_their_eviction_restart_there() {
    let mut spec = spec();
    spec.nodes = Some(pool(2, 2, 4));
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 4, 40.0);
    let mut now = at(0);
    workload.fail_nodes(1, Some(seconds(120)));
    let changes = timeline(&mut workload, &mut now, 400, 40.0);
    // Start and ready take 5 s; nothing is pulled again.
    assert_eq!(changes, [(0.0, 2), (125.0, 4)]);
    assert_eq!(
        workload
            .cohorts()
            .iter()
            .map(scaleplan::plant::Cohort::ordinal)
            .max(),
        Some(3)
    );
}

#[test]
fn a_zone_takes_all_its_nodes_with_it() {
    let mut spec = spec();
    spec.nodes = Some(pool(5, 5, 4));
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 10, 40.0);
    workload.fail_zones(1, None);
    // Nodes 0, 2 and 4 are in the first zone, with two pods each.
    assert_eq!((workload.serving(), workload.in_rotation()), (4, 10));
}

#[test]
fn when_every_node_fails_everything_is_refused_until_new_ones_come() {
    let mut spec = spec();
    spec.nodes = Some(pool(2, 3, 2));
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 4, 40.0);
    let mut now = at(0);
    workload.fail_nodes(u32::MAX, None);
    let changes = timeline(&mut workload, &mut now, 600, 40.0);
    // Seen after 40 s, evicted 300 s later, nodes 60 s after that, and 15 s of startup.
    assert_eq!(changes, [(0.0, 0), (415.0, 4)]);
    let mut again = scaleplan::plant::Workload::clone(&workload);
    again.fail_zones(u32::MAX, None);
    let fates = run(&mut again, &mut now, at(700), 40.0, |_, _| {});
    assert!(near(fates.timed_out, 1600.0), "40 s swallow: {fates:?}");
    assert!(near(fates.refused, 2400.0), "60 s find nobody: {fates:?}");
}

#[test]
fn a_replica_that_hangs_is_restarted_in_place_once_its_probes_have_failed() {
    let mut spec = spec();
    spec.endpoints.remove_delay = fixed(1.0);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 3, 30.0);
    let mut now = at(0);
    workload.fail_replicas(1);
    let mut routings = Vec::new();
    let fates = run(&mut workload, &mut now, at(60), 30.0, |now, workload| {
        let odd = workload
            .cohorts()
            .iter()
            .map(scaleplan::plant::Cohort::routing)
            .find(|routing| *routing != Routing::Takes);
        if routings.last().is_none_or(|(_, last)| *last != odd) {
            routings.push((now.as_seconds(), odd));
        }
    });
    assert_eq!(
        routings,
        [
            (30.0, Some(Routing::Refuses)),
            (31.0, Some(Routing::Out)),
            (35.0, None)
        ]
    );
    assert!(
        near(fates.timed_out, 300.0) && near(fates.refused, 10.0),
        "{fates:?}"
    );
    assert_eq!((workload.active(), workload.serving()), (3, 3));
}

#[test]
fn a_pod_without_room_waits_for_a_node_and_beyond_the_most_for_ever() {
    let mut spec = spec();
    spec.nodes = Some(pool(1, 2, 2));
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 2, 20.0);
    let mut now = at(0);
    workload.scale_to(5);
    assert_eq!((workload.active(), workload.without_room()), (5, 3));
    let changes = timeline(&mut workload, &mut now, 1000, 20.0);
    // A node is there after 60 s and takes two; the third stays Pending.
    assert_eq!(changes, [(0.0, 2), (75.0, 4)]);
    assert_eq!((workload.active(), workload.without_room()), (5, 1));
    // The one without a node is the first to go.
    workload.scale_to(4);
    assert_eq!((workload.serving(), workload.without_room()), (4, 0));
    // Room that a deleted pod leaves is taken at once.
    workload.scale_to(5);
    workload.scale_to(3);
    workload.scale_to(4);
    assert_eq!(workload.without_room(), 0);
}

#[test]
fn replicas_that_do_not_fit_at_the_beginning_are_pending_from_it() {
    let mut spec = spec();
    spec.nodes = Some(pool(1, 1, 3));
    let server = server(&spec);
    let workload = workload(&spec, &server, 5, 20.0);
    assert_eq!((workload.serving(), workload.without_room()), (3, 2));
}

#[track_caller]
fn check_storm(scope: PrepareScope, nodes: Option<NodePool>, expected: &[(f64, u32)]) {
    let mut spec = spec();
    spec.startup.prepare_at_once = Some(PrepareLimit { at_once: 2, scope });
    spec.nodes = nodes;
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 0, 0.0);
    let mut now = at(0);
    workload.scale_to(6);
    assert_eq!(timeline(&mut workload, &mut now, 100, 0.0), expected);
}

#[test]
fn six_pods_prepared_two_at_a_time_are_ready_in_three_waves() {
    let waves = [(0.0, 0), (15.0, 2), (25.0, 4), (35.0, 6)];
    check_storm(PrepareScope::Storage, None, &waves);
    check_storm(PrepareScope::Storage, Some(pool(3, 3, 4)), &waves);
    // Without a node pool all pods are on one node.
    check_storm(PrepareScope::Node, None, &waves);
    check_storm(
        PrepareScope::Node,
        Some(pool(3, 3, 4)),
        &[(0.0, 0), (15.0, 6)],
    );
    check_storm(
        PrepareScope::Node,
        Some(pool(2, 2, 4)),
        &[(0.0, 0), (15.0, 4), (25.0, 6)],
    );
}

#[test]
fn a_deleted_pod_leaves_its_turn_to_the_next() {
    let mut spec = spec();
    spec.startup.prepare_at_once = Some(PrepareLimit {
        at_once: 1,
        scope: PrepareScope::Storage,
    });
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 0, 0.0);
    let mut now = at(0);
    workload.scale_to(2);
    run(&mut workload, &mut now, at(4), 0.0, |_, _| {});
    workload.scale_to(0);
    workload.scale_to(1);
    assert_eq!(
        timeline(&mut workload, &mut now, 60, 0.0),
        [(4.0, 0), (19.0, 1)]
    );
}

#[test]
fn a_warm_pool_saves_preparation_and_start_until_it_is_empty() {
    let mut spec = spec();
    spec.startup.warm_pool = 2;
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 0, 0.0);
    let mut now = at(0);
    workload.scale_to(3);
    let changes = timeline(&mut workload, &mut now, 14, 0.0);
    assert_eq!(changes, [(0.0, 0), (3.0, 2)]);
    // The two are replaced after 15 s: at 14 s there is none yet, at 20 s there are.
    workload.scale_to(4);
    let changes = timeline(&mut workload, &mut now, 20, 0.0);
    assert_eq!(changes, [(14.0, 2), (15.0, 3)]);
    workload.scale_to(6);
    let changes = timeline(&mut workload, &mut now, 60, 0.0);
    assert_eq!(changes, [(20.0, 3), (23.0, 5), (29.0, 6)]);
}

#[test]
fn pods_created_while_preparation_is_slow_take_longer() {
    let spec = spec();
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 0, 0.0);
    let mut now = at(0);
    workload.slow_prepare(3.0, seconds(5));
    workload.scale_to(1);
    run(&mut workload, &mut now, at(6), 0.0, |_, _| {});
    workload.scale_to(2);
    assert_eq!(
        timeline(&mut workload, &mut now, 60, 0.0),
        [(6.0, 0), (21.0, 1), (35.0, 2)]
    );
}

#[track_caller]
fn check_rollout(replicas: u32, max_surge: u32, max_unavailable: u32, waves: &[f64]) {
    let spec = spec();
    let server = server(&spec);
    let mut workload = workload(&spec, &server, replicas, 10.0);
    let mut now = at(0);
    workload.roll(max_surge, max_unavailable);
    let mut ends = Vec::new();
    let missing = if max_surge == 0 {
        max_unavailable.max(1)
    } else {
        max_unavailable
    };
    run(&mut workload, &mut now, at(1000), 10.0, |now, workload| {
        assert!(
            workload.serving() >= replicas.saturating_sub(missing),
            "at {now:?}"
        );
        assert!(workload.active() <= replicas + max_surge, "at {now:?}");
        let newest = workload.cohorts().iter().filter(|cohort| cohort.is_ready());
        let new = newest.filter(|cohort| cohort.ordinal() >= u64::from(replicas));
        if new.count() == replicas as usize && ends.is_empty() {
            ends.push(now.as_seconds());
        }
    });
    assert_eq!(ends, waves);
    assert_eq!(
        (workload.serving(), workload.active()),
        (replicas, replicas)
    );
}

#[test]
fn a_rolling_update_keeps_as_many_as_it_must_and_no_more_than_it_may() {
    // Each wave takes 15 s: one more at a time, two fewer at a time, a quarter each way, all at once.
    check_rollout(4, 1, 0, &[60.0]);
    check_rollout(4, 0, 2, &[30.0]);
    check_rollout(8, 2, 2, &[30.0]);
    check_rollout(4, 4, 0, &[15.0]);
    check_rollout(4, u32::MAX - 4, 4, &[15.0]);
    check_rollout(3, 0, 0, &[45.0]);
}

#[test]
fn a_rolling_update_follows_a_change_of_the_replica_count() {
    let spec = spec();
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 4, 10.0);
    let mut now = at(0);
    workload.roll(1, 1);
    run(&mut workload, &mut now, at(10), 10.0, |_, _| {});
    workload.scale_to(7);
    run(&mut workload, &mut now, at(200), 10.0, |_, _| {});
    assert_eq!((workload.serving(), workload.active()), (7, 7));
    workload.roll(2, 0);
    run(&mut workload, &mut now, at(210), 10.0, |_, _| {});
    workload.scale_to(2);
    run(&mut workload, &mut now, at(400), 10.0, |_, _| {});
    assert_eq!((workload.serving(), workload.active()), (2, 2));
}
