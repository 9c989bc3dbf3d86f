//! The plant alone: queues against closed forms, pods against their lifecycles, sensors against what they were shown.

use scaleplan::plant::Point;
use scaleplan::plant::{
    Draws, EndpointSpec, Grouping, HealthSpec, PlantSpec, PodSpec, Probe, Sensor, SensorGrids,
    Server, ServingSpec, StartupSpec, Workload,
};
use scaleplan::queueing::StepOverload;
use scaleplan::stats::Distribution;
use scaleplan::traffic::{Balancing, Discipline, PathSpec, RetrySpec};
use scaleplan::units::{SimDuration, SimTime};

const fn seconds(count: i64) -> SimDuration {
    SimDuration::from_seconds(count)
}

fn at(count: i64) -> SimTime {
    SimTime::from_seconds(count)
}

/// A replica that serves 100 requests/s of one core: 2 s to prepare, 3 s to start, 5 s to warm up, a probe each second.
fn spec(timeout: i64, grace: i64) -> PlantSpec {
    let fixed = |value| Distribution::Deterministic { value };
    PlantSpec {
        pod: PodSpec {
            cpu_request: 1.0,
            cpu_limit: 1.0,
            cpu_idle: 0.0,
            cpu_starting: 0.5,
            memory_idle: 1e6,
            memory_per_request: 1e3,
            termination_grace_period: seconds(grace),
        },
        startup: StartupSpec {
            prepare: fixed(2.0),
            start: fixed(3.0),
            ready: fixed(5.0),
            startup_probe: None,
            probe: Probe {
                initial_delay: SimDuration::ZERO,
                probe_period: seconds(1),
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
            timeout: seconds(timeout),
            retry: RetrySpec::NONE,
        },
        path: PathSpec::direct(0.0),
        balancing: Balancing::random(),
        endpoints: EndpointSpec::immediate(),
        health: HealthSpec::CONTAINER,
        nodes: None,
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
    Workload::settled(
        spec,
        server,
        Draws { seed: 1, run: 0 },
        grids,
        Grouping::Merged,
        replicas,
        rate,
    )
}

/// Moves on from transition to transition; returns when each pod became ready.
fn run(workload: &mut Workload<'_>, from: i64, to: i64, rate: f64) -> Vec<SimTime> {
    let mut ready = Vec::new();
    let mut now = at(from);
    while now < at(to) {
        now = workload.next_transition().min(at(to));
        workload.advance(now, rate);
        if workload.next_transition() <= now && workload.pass_transitions().is_some() {
            ready.push(now);
        }
    }
    ready
}

#[test]
fn a_calm_span_is_the_same_in_one_go_and_in_parts() {
    let spec = spec(1000, 30);
    let server = server(&spec);
    let mut whole = workload(&spec, &server, 3, 0.0);
    let mut parts = workload(&spec, &server, 3, 0.0);
    assert!(whole.is_calm(240.0) && !whole.is_calm(330.0));
    whole.read_usage_ahead(at(20), 240.0);
    let flow = whole.advance(at(60), 240.0);
    let first = parts.advance(at(20), 240.0);
    parts.read_usage();
    let second = parts.advance(at(60), 240.0);
    assert!((flow.arrived - 14_400.0).abs() < 1e-9);
    assert!((flow.late - first.late - second.late).abs() < 1e-9 * flow.late);
    assert!((flow.occupancy - 0.8).abs() < 1e-12 && flow.backlog > 0.0);
    for workload in [&mut whole, &mut parts] {
        workload.scrape_usage(seconds(15));
    }
    let used = [&whole, &parts].map(|workload| workload.cohorts()[0].usage().sample());
    let [ahead, behind] = used.map(|sample| sample.expect("two points").rate);
    assert!((ahead - 0.8).abs() < 1e-9 && (behind - 0.8).abs() < 1e-9);
}

#[test]
fn an_overload_grows_and_drains_as_the_closed_form_says() {
    let spec = spec(1000, 30);
    let server = server(&spec);
    assert!((server.capacity() - 100.0).abs() < 1e-9);
    let mut workload = workload(&spec, &server, 1, 0.0);
    // 140 requests/s on 100 for 60 s, then 40 requests/s less than capacity: case T1a's first minute.
    let expected = StepOverload {
        arrival_rate: 140.0,
        capacity_before: 100.0,
        capacity_after: 200.0,
        capacity_delay: 60.0,
    };
    let flow = workload.advance(at(60), 140.0);
    assert!(
        (flow.backlog - expected.backlog_peak()).abs() < 1e-6,
        "{flow:?}"
    );
    assert!(
        (flow.wait - 24.0).abs() < 1e-9,
        "2400 requests wait 24 s at 100 a second"
    );
    let drained = workload.advance(at(100), 40.0);
    assert!(
        drained.backlog < 1.0,
        "2400 requests drain at 60 a second within 40 s; chance keeps one in line now and then"
    );
    assert!(drained.wait <= 24.0 + 1e-9);
}

#[test]
fn a_queue_that_outlasts_the_timeout_turns_requests_away() {
    let spec = spec(5, 30);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 1, 0.0);
    // 500 requests fill five seconds of queue in five seconds. From then on half of what comes gives up in line, and of
    // those who are served at the end of their patience, which has a rate of 100/s left, another half: 1 / (1 + 100 S).
    let flow = workload.advance(at(15), 200.0);
    assert!((flow.timed_out - 1500.0).abs() < 1e-6, "{flow:?}");
    // In line are all who came within the last five seconds.
    assert!((flow.backlog - 1000.0).abs() < 1e-6);
    assert!((flow.wait - 5.0).abs() < 1e-9);
}

#[test]
fn without_a_ready_replica_every_request_is_refused() {
    let spec = spec(5, 30);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 0, 0.0);
    let flow = workload.advance(at(10), 7.0);
    assert!((flow.refused - 70.0).abs() < 1e-9 && flow.late.abs() < 1e-9);
}

#[test]
fn a_pod_passes_its_phases_in_order_and_serves_once_a_probe_has_seen_it() {
    let spec = spec(30, 30);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 1, 50.0);
    workload.scale_to(2);
    assert_eq!((workload.active(), workload.serving()), (2, 1));
    let ready = run(&mut workload, 0, 20, 50.0);
    // Prepared at 2 s, started at 5 s, warm at 10 s; then the next probe, at most one period later.
    assert_eq!(ready.len(), 1);
    assert!((at(10)..=at(11)).contains(&ready[0]), "{ready:?}");
    assert_eq!(workload.serving(), 2);
}

#[test]
fn pods_that_have_not_started_go_before_unready_ones_and_those_before_ready_ones() {
    let spec = spec(30, 30);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 2, 50.0);
    workload.scale_to(3);
    run(&mut workload, 0, 6, 50.0);
    workload.scale_to(4); // The third pod runs but is not ready; the fourth has not started.
    workload.scale_to(3);
    let started = |workload: &Workload<'_>| {
        workload
            .cohorts()
            .iter()
            .filter(|cohort| cohort.has_started())
            .map(scaleplan::plant::Cohort::count)
            .sum::<u32>()
    };
    assert_eq!((workload.active(), started(&workload)), (3, 3));
    workload.scale_to(2);
    assert_eq!((workload.serving(), started(&workload)), (2, 2));
    workload.scale_to(1);
    assert_eq!(workload.serving(), 1);
}

#[test]
fn a_deleted_pod_serves_its_queue_within_its_grace_period_and_loses_the_rest() {
    let spec = spec(1000, 10);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 2, 0.0);
    workload.advance(at(60), 260.0); // 30 requests/s too many for each: 1800 wait at each.
    workload.scale_to(1);
    assert!(
        (workload.lost().requests - 800.0).abs() < 1e-6,
        "1000 of 1800 are served in 10 s"
    );
    assert_eq!((workload.active(), workload.existing()), (1, 2));
    assert_eq!(workload.next_transition(), at(70));
    run(&mut workload, 60, 71, 0.0);
    assert_eq!(workload.existing(), 1);
}

#[test]
fn like_pods_end_up_in_one_group() {
    let spec = spec(30, 30);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 3, 90.0);
    workload.scale_to(9);
    let mut now = 0;
    while now < 300 {
        run(&mut workload, now, now + 10, 90.0);
        now += 10;
        workload.read_usage();
        workload.scrape_usage(seconds(10));
    }
    assert_eq!((workload.cohorts().len(), workload.serving()), (1, 9));
}

fn point(count: i64, counter: f64) -> Point {
    Point {
        at: at(count),
        counter,
        gauge: 0.0,
        waiting: 0.0,
    }
}

#[test]
fn a_rate_is_the_growth_between_the_last_two_distinct_points() {
    let mut sensor = Sensor::default();
    sensor.read(point(100, 10.0));
    sensor.scrape(at(0), seconds(15));
    assert_eq!(
        sensor.sample(),
        None,
        "one point of an old container says nothing"
    );
    sensor.read(point(110, 15.0));
    sensor.scrape(at(0), seconds(15));
    sensor.scrape(at(0), seconds(15)); // The same point again changes nothing.
    let sample = sensor.sample().expect("two points");
    assert!((sample.rate - 0.5).abs() < 1e-12);
    assert_eq!((sample.at, sample.window), (at(110), seconds(10)));
}

#[test]
fn a_fresh_container_counts_from_its_start() {
    let mut sensor = Sensor::default();
    sensor.read(point(12, 6.0));
    sensor.scrape(at(0), seconds(15));
    let sample = sensor
        .sample()
        .expect("between 10 s and the interval one point is enough");
    assert!((sample.rate - 0.5).abs() < 1e-12);
    let mut younger = Sensor::default();
    younger.read(point(9, 6.0));
    younger.scrape(at(0), seconds(15));
    assert_eq!(younger.sample(), None);
}

/// Share of bad requests of a replica at a constant rate for a while.
fn bad_share(server: &Server, spec: &PlantSpec, rate: f64, minutes: i64) -> f64 {
    let mut workload = workload(spec, server, 1, rate);
    let (mut late, mut arrived) = (0.0, 0.0);
    for minute in 1..=minutes {
        let flow = workload.advance(at(60 * minute), rate);
        late += flow.bad();
        arrived += flow.arrived;
    }
    late / arrived
}

#[test]
fn lateness_grows_through_saturation() {
    let spec = spec(30, 30);
    let server = server(&spec);
    let shares: Vec<f64> = [90.0, 97.0, 99.0, 99.9, 100.0, 100.1, 101.0, 105.0, 120.0]
        .map(|rate| bad_share(&server, &spec, rate, 3))
        .to_vec();
    // Within half a percent: just above capacity the fluid takes over from the steady state.
    assert!(
        shares.windows(2).all(|pair| pair[1] >= pair[0] - 5e-3),
        "{shares:?}"
    );
}

#[test]
fn a_load_that_lasts_reaches_the_steady_state_of_a_slow_server() {
    let mut spec = spec(100_000, 30);
    spec.serving.cpu_per_request = 1.0;
    spec.serving.service = Distribution::Exponential { mean: 1.0 };
    // M/M/1 with a service time of 1 s at 95 %: P(T > 20 s) = e^-1.
    let server = Server::new(&spec, 20.0, 0.99).expect("a queueing model");
    let day = bad_share(&server, &spec, 0.95, 24 * 60);
    assert!((day - (-1.0_f64).exp()).abs() < 0.03, "{day}");
    let minute = bad_share(&server, &spec, 0.95, 1);
    assert!(
        minute < 0.1,
        "a minute is too short for such a queue: {minute}"
    );
}

#[test]
fn more_cpu_never_makes_a_replica_slower() {
    let mut spec = spec(30, 30);
    spec.serving.cpu_per_request = 0.048;
    spec.serving.service = Distribution::Exponential { mean: 0.05 };
    let mut last = f64::INFINITY;
    for limit in (5..40).map(|limit| f64::from(limit) / 10.0) {
        spec.pod.cpu_limit = limit;
        let server = server(&spec);
        let late = bad_share(&server, &spec, 4.0, 1);
        assert!(late <= last + 1e-9, "limit {limit}: {late} after {last}");
        last = late;
    }
}

#[test]
fn waiting_requests_follow_the_queue() {
    let mut spec = spec(30, 30);
    spec.serving.concurrency = Some(1);
    let server = server(&spec);
    // M/M/1: rho^2 / (1 - rho) wait.
    for occupancy in [0.1, 0.5, 0.9, 0.95] {
        let expected = occupancy * occupancy / (1.0 - occupancy);
        assert!(
            (server.waiting_at(occupancy, 1) / expected - 1.0).abs() < 0.01,
            "{occupancy}"
        );
    }
}

#[test]
fn a_startup_that_takes_no_time_is_over_at_once() {
    let mut spec = spec(30, 30);
    let none = Distribution::Deterministic { value: 0.0 };
    spec.startup = StartupSpec {
        prepare: none.clone(),
        start: none.clone(),
        ready: none,
        startup_probe: None,
        probe: Probe {
            initial_delay: SimDuration::ZERO,
            probe_period: SimDuration::ZERO,
            success_threshold: 1,
        },
        prepare_at_once: None,
        warm_pool: 0,
    };
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 1, 50.0);
    workload.scale_to(3);
    assert_eq!(run(&mut workload, 0, 1, 50.0), [at(0)]);
    assert_eq!(workload.serving(), 3);
}

#[test]
fn a_startup_probe_holds_the_readiness_probe_back() {
    let mut spec = spec(30, 30);
    let slow = Probe {
        initial_delay: seconds(120),
        probe_period: seconds(1),
        success_threshold: 1,
    };
    spec.startup.startup_probe = Some(slow);
    let server = server(&spec);
    let mut workload = workload(&spec, &server, 1, 50.0);
    workload.scale_to(2);
    let ready = run(&mut workload, 0, 200, 50.0);
    // Started at 5 s; the startup probe looks first 120 s later, the readiness probe within a second of that.
    assert!((at(125)..=at(128)).contains(&ready[0]), "{ready:?}");
}
