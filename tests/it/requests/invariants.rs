use proptest::prelude::*;
use scaleplan::stats::Distribution;
use scaleplan::traffic::{
    Balancing, ClientPopulation, ConnectionSpec, Death, Discipline, Offered, PathSpec, Pinning,
    PlayerSpec, RequestPlayer, RetrySpec, Strategy as Balance, Tally,
};
use scaleplan::units::{SimDuration, SimTime};

use super::{assert_conserved, at, play, player};

fn any_time() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        (0.0..0.5_f64).prop_map(|value| Distribution::Deterministic { value }),
        (0.001..0.5_f64).prop_map(|mean| Distribution::Exponential { mean }),
        (0.001..0.5_f64, 0.1..4.0_f64)
            .prop_map(|(mean, scv)| Distribution::LogNormal { mean, scv }),
    ]
}

fn any_balancing() -> impl Strategy<Value = Balancing> {
    let pinning = prop_oneof![
        Just(Pinning::Request),
        Just(Pinning::Affinity(SimDuration::from_seconds(2))),
        Just(Pinning::Connection(Distribution::Exponential { mean: 1.0 })),
    ];
    (0..Balance::ALL.len(), 1..4_u32, pinning, 1..20_u32).prop_map(
        |(strategy, dispatchers, pinning, count)| Balancing {
            strategy: Balance::ALL[strategy],
            dispatchers,
            pinning,
            clients: ClientPopulation { count, skew: 1.0 },
        },
    )
}

fn any_path() -> impl Strategy<Value = PathSpec> {
    let connections = (prop_oneof![Just(u32::MAX), 0..20_u32], 0..3_i64, 0..3_i64);
    let bits = prop_oneof![Just(f64::INFINITY), 1e4..1e7_f64, Just(0.0)];
    (any_time(), 0.0..0.1_f64, bits, connections).prop_map(
        |(latency, ingress_latency, bits_per_second, (most, keep_alive, linger))| PathSpec {
            latency,
            ingress_latency,
            bits_per_second,
            request_bytes: 500.0,
            response_bytes: 2000.0,
            connections: ConnectionSpec {
                most,
                keep_alive: SimDuration::from_seconds(keep_alive),
                linger: SimDuration::from_seconds(linger),
            },
        },
    )
}

fn any_spec() -> impl Strategy<Value = PlayerSpec> {
    let discipline = prop_oneof![Just(Discipline::Fifo), Just(Discipline::ProcessorSharing)];
    let serving = (
        1..6_u32,
        prop_oneof![Just(1.0), 0.0..1.0_f64],
        any_time(),
        discipline,
        prop::option::of(0..6_u32),
    );
    let clients = (
        0.0..3.0_f64,
        1..5_u32,
        0.0..1.0_f64,
        prop_oneof![Just(f64::INFINITY), 0.0..0.5_f64],
    );
    (any_balancing(), any_path(), serving, clients).prop_map(
        |(balancing, path, (workers, share, service, discipline, queue_bound), clients)| {
            let (timeout, attempts, backoff, budget) = clients;
            PlayerSpec {
                balancing,
                path,
                workers,
                speed: f64::from(workers) * share,
                service,
                discipline,
                queue_bound,
                timeout: SimDuration::from_seconds_rounded(timeout),
                retry: RetrySpec {
                    attempts,
                    backoff: SimDuration::from_seconds_rounded(backoff),
                    budget,
                },
                slo_seconds: 0.3,
            }
        },
    )
}

/// What can happen to backends between two spans.
#[derive(Clone, Copy, Debug)]
enum Change {
    Nothing,
    Add(u64),
    Rotate(u64),
    StopAccepting(u64),
    Kill(u64, Death),
    Remove(u64),
}

fn any_change() -> impl Strategy<Value = Change> {
    let id = 0..6_u64;
    prop_oneof![
        Just(Change::Nothing),
        id.clone().prop_map(Change::Add),
        (0..7_u64).prop_map(Change::Rotate),
        id.clone().prop_map(Change::StopAccepting),
        id.clone().prop_map(|id| Change::Kill(id, Death::Silent)),
        id.clone().prop_map(|id| Change::Kill(id, Death::Refusing)),
        id.prop_map(Change::Remove),
    ]
}

fn apply(player: &mut RequestPlayer, change: Change, now: f64) {
    match change {
        Change::Nothing => {}
        Change::Add(id) => player.add(id),
        Change::Rotate(count) => player.set_rotation(&(0..count).collect::<Vec<_>>()),
        Change::StopAccepting(id) => player.stop_accepting(id),
        Change::Kill(id, death) => player.kill(id, at(now), death),
        Change::Remove(id) => player.remove(id, at(now)),
    }
}

proptest! {
    #[test]
    fn no_request_is_lost_or_counted_twice(
        spec in any_spec(),
        backends in 0..5_u64,
        spans in prop::collection::vec((any_change(), 0.0..2.0_f64, 0.0..200.0_f64), 1..12),
    ) {
        let mut player = player(spec, backends, 0);
        let mut total = Tally::default();
        let mut now = 0.0;
        for (change, seconds, rate) in spans {
            apply(&mut player, change, now);
            total.add(&play(&mut player, now, now + seconds, rate));
            now += seconds;
            assert_conserved(&total);
        }
        // Timeouts and backoffs are seconds, so that all fates are known long before.
        total.add(&play(&mut player, now, now + 1000.0, 0.0));
        assert_conserved(&total);
        prop_assert_eq!(total.in_flight, 0);
        prop_assert_eq!(player.latencies().count(), total.answered);
        for id in 0..6 {
            if let Some(usage) = player.usage(id) {
                prop_assert!(usage.worker_seconds >= -1e-9 && usage.worker_seconds.is_finite());
                prop_assert_eq!(usage.waiting, 0);
            }
        }
    }

    /// The time-integral of the requests in flight is the sum of their times in the system (Little 1961), measured by
    /// counting them at the points of a grid.
    #[test]
    fn the_mean_in_flight_is_the_rate_times_the_mean_time(
        spec in any_spec(), backends in 1..4_u64, rate in 1.0..100.0_f64
    ) {
        let mut spec = PlayerSpec { retry: RetrySpec::NONE, ..spec };
        if spec.queue_bound.is_some() {
            // Who is refused after the way to a server has been in flight for a time that nothing tells.
            spec.path.bits_per_second = f64::INFINITY;
        }
        let timeout = spec.timeout.as_seconds();
        let mut player = player(spec, backends, 0);
        let step = 0.05;
        let mut total = Tally::default();
        let mut seen = 0.0;
        for k in 0..400 {
            let begin = f64::from(k) * step;
            let rate = if k < 300 { rate } else { 0.0 };
            total.add(&play(&mut player, begin, begin + step, rate));
            seen += total.in_flight as f64 * step;
        }
        prop_assert_eq!(total.in_flight, 0);
        let answered = player.latencies().mean().unwrap_or(0.0) * total.answered as f64;
        let in_all = answered + timeout * total.timed_out as f64;
        // A stay is seen to within a step; five standard deviations of the sum, and rounding.
        let tolerance = 5.0 * step * (total.arrived as f64 / 4.0).sqrt() + 1e-6 * (1.0 + in_all);
        prop_assert!((seen - in_all).abs() <= tolerance, "{} {}", seen, in_all);
    }

    /// The same for the line before the workers, where the path takes no time.
    #[test]
    fn the_mean_line_is_the_rate_times_the_mean_wait(
        spec in any_spec(), backends in 1..4_u64, rate in 1.0..100.0_f64
    ) {
        let path = PathSpec::direct(0.001);
        let mut player = player(PlayerSpec { retry: RetrySpec::NONE, path, ..spec }, backends, 0);
        let step = 0.05;
        let mut total = Tally::default();
        let mut seen = 0.0;
        for k in 0..400 {
            let begin = f64::from(k) * step;
            let rate = if k < 300 { rate } else { 0.0 };
            total.add(&play(&mut player, begin, begin + step, rate));
            seen += total.backlog as f64 * step;
        }
        // Shared servers tell how long a request had waited when it has been served.
        total.add(&play(&mut player, 20.0, 10_000.0, 0.0));
        let tolerance = 5.0 * step * (total.arrived as f64 / 4.0).sqrt() + 1e-6 * (1.0 + seen);
        prop_assert!(
            (seen - total.wait_seconds).abs() <= tolerance,
            "{} {}", seen, total.wait_seconds
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_longer_spans_change_nothing(
        spec in any_spec(), backends in 0..4_u64, rate in 0.0..100.0_f64
    ) {
        let figures = |parts: u32, run: u32| {
            let mut player = player(spec.clone(), backends, run);
            let mut total = Tally::default();
            let length = 4.0 / f64::from(parts);
            for part in 0..parts {
                let begin = f64::from(part) * length;
                total.add(&play(&mut player, begin, begin + length, rate));
            }
            let latencies = player.latencies();
            let quantiles = [0.5, 0.95, 0.99].map(|q| latencies.quantile(q));
            let fates = [total.arrived, total.answered, total.timed_out, total.refused];
            (fates, quantiles, total.wait_seconds.to_bits())
        };
        prop_assert_eq!(figures(1, 0), figures(1, 0));
        // Cut into four, instants may differ in their last digit.
        prop_assert_eq!(figures(1, 0).0, figures(4, 0).0);
    }
}

#[test]
fn two_paths_are_sent_the_same_requests() {
    let played = |latency: f64| {
        let spec = PlayerSpec {
            path: PathSpec::direct(latency),
            ..super::plain(
                Balance::Random,
                1000,
                Distribution::Exponential { mean: 0.1 },
            )
        };
        let mut player = player(spec, 1, 0);
        let tally = play(&mut player, 0.0, 100.0, 50.0);
        let worked = player.usage(0).expect("a backend").worker_seconds;
        (tally.arrived, tally.waits, worked)
    };
    assert_eq!(played(0.0), played(0.5));
}

#[test]
fn no_rate_is_too_odd() {
    for backends in [0, 2] {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9, 1e300] {
            if backends > 0 && rate > 1e6 {
                continue; // These are played, one by one.
            }
            let spec = super::plain(
                Balance::Random,
                1,
                Distribution::Deterministic { value: 0.0 },
            );
            let mut player = player(spec, backends, 0);
            let tally = play(&mut player, 0.0, 3600.0, rate);
            assert_conserved(&tally);
            assert!(tally.arrived == 0 || rate > 1e6, "{rate}");
        }
    }
}

#[test]
fn times_are_played_as_they_are() {
    let spec = super::plain(
        Balance::RoundRobin,
        1,
        Distribution::Deterministic { value: 1.0 },
    );
    let mut player = player(spec, 1, 0);
    let times = [-1.0, 0.5, 0.7, 3.0, 9.9, 10.0].map(at);
    let tally = player.play(SimTime::ZERO, at(10.0), Offered::Times(&times));
    assert_eq!((tally.arrived, tally.answered, tally.in_flight), (4, 3, 1));
    assert!((tally.worst_wait - 0.8).abs() < 1e-9);
}
