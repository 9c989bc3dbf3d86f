use scaleplan::stats::Distribution;
use scaleplan::traffic::{
    ConnectionSpec, Death, Offered, PathSpec, PlayerSpec, RequestPlayer, RetrySpec, Strategy, Tally,
};
use scaleplan::units::{SimDuration, SimTime};

use super::{assert_conserved, at, exponential, plain, play, player};

const fn fixed(value: f64) -> Distribution {
    Distribution::Deterministic { value }
}

fn send(player: &mut RequestPlayer, from: f64, to: f64, times: &[f64]) -> Tally {
    let times: Vec<SimTime> = times.iter().copied().map(at).collect();
    player.play(at(from), at(to), Offered::Times(&times))
}

/// Two backends in turn, of one worker that takes 4 s, for clients that wait 10 s.
fn pair() -> RequestPlayer {
    let spec = PlayerSpec {
        timeout: SimDuration::from_seconds(10),
        ..plain(Strategy::RoundRobin, 1, fixed(4.0))
    };
    player(spec, 2, 0)
}

#[test]
fn a_silent_death_hangs_its_clients_until_they_give_up() {
    let mut player = pair();
    send(&mut player, 0.0, 2.0, &[1.0, 1.0]);
    player.kill(0, at(2.0), Death::Silent);
    player.set_rotation(&[0]);
    let sent = send(&mut player, 2.0, 6.0, &[3.0]);
    assert_eq!((sent.answered, sent.misrouted, sent.to_dead), (1, 1, 1));
    // The one inside gives up at 11 s, the one sent to the dead at 13 s, whatever becomes of the backend.
    player.remove(0, at(6.0));
    let rest = send(&mut player, 6.0, 12.0, &[]);
    assert_eq!((rest.timed_out, rest.in_flight), (1, 1));
    assert_eq!(send(&mut player, 12.0, 14.0, &[]).timed_out, 1);
    assert!(player.usage(0).is_none());
}

#[test]
fn a_crash_fails_its_clients_at_once_and_refuses_the_next() {
    let mut player = pair();
    send(&mut player, 0.0, 2.0, &[1.0, 1.0]);
    player.kill(0, at(2.0), Death::Refusing);
    player.set_rotation(&[0]);
    let next = send(&mut player, 2.0, 4.0, &[3.0]);
    // It answers that it does not: who is sent there is misrouted, not left hanging.
    assert_eq!(
        (next.failed, next.refused, next.misrouted, next.to_dead),
        (1, 1, 1, 0)
    );
    let worked = player.usage(0).map(|usage| usage.worker_seconds);
    assert_eq!(worked, Some(1.0));
}

#[test]
fn who_stops_accepting_serves_what_it_has() {
    let mut player = pair();
    send(&mut player, 0.0, 2.0, &[1.0, 1.0]);
    player.stop_accepting(0);
    player.set_rotation(&[0]);
    let next = send(&mut player, 2.0, 4.0, &[3.0]);
    assert_eq!((next.refused, next.misrouted, next.to_dead), (1, 1, 0));
    assert!(!player.is_idle(0));
    assert_eq!(send(&mut player, 4.0, 6.0, &[]).answered, 2);
    assert!(player.is_idle(0));
}

#[test]
fn a_removed_backend_fails_what_is_inside_once() {
    let spec = PlayerSpec {
        timeout: SimDuration::from_seconds(2),
        retry: RetrySpec {
            attempts: 2,
            backoff: SimDuration::from_seconds(1),
            budget: f64::INFINITY,
        },
        ..plain(Strategy::RoundRobin, 1, fixed(4.0))
    };
    let mut player = player(spec, 1, 0);
    // It is known from the start that this one would give up at 2 s.
    send(&mut player, 0.0, 1.0, &[0.0]);
    player.remove(0, at(1.0));
    let rest = send(&mut player, 1.0, 20.0, &[]);
    assert_eq!((rest.retried, rest.refused, rest.timed_out), (1, 1, 0));
}

#[test]
fn without_backends_all_are_refused() {
    let mut player = player(plain(Strategy::LeastConnections, 1, fixed(0.1)), 0, 0);
    let tally = play(&mut player, 0.0, 10.0, 100.0);
    assert!(tally.arrived > 900 && tally.refused == tally.arrived);
    player.set_rotation(&[7, 8]);
    assert_eq!(play(&mut player, 10.0, 11.0, 100.0).answered, 0);
}

#[test]
fn a_full_table_of_connections_refuses() {
    let connections = ConnectionSpec {
        most: 3,
        keep_alive: SimDuration::ZERO,
        linger: SimDuration::from_seconds(64),
    };
    let spec = PlayerSpec {
        path: PathSpec {
            connections,
            ..PathSpec::direct(0.0)
        },
        ..plain(Strategy::Random, 10, fixed(0.1))
    };
    let mut player = player(spec, 1, 0);
    let tally = send(&mut player, 0.0, 10.0, &[1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!((tally.answered, tally.refused), (3, 2));
    assert_eq!(
        (tally.path.connections, tally.path.spoilt_by_connections),
        (3, 2)
    );
}

#[test]
fn a_kept_connection_saves_the_handshake() {
    let connections = ConnectionSpec {
        most: 3,
        keep_alive: SimDuration::from_seconds(60),
        linger: SimDuration::ZERO,
    };
    let spec = PlayerSpec {
        path: PathSpec {
            connections,
            ..PathSpec::direct(0.25)
        },
        ..plain(Strategy::Random, 10, fixed(0.0))
    };
    let mut player = player(spec, 1, 0);
    let tally = send(&mut player, 0.0, 10.0, &[1.0, 2.0]);
    assert_eq!((tally.late, tally.path.spoilt_by_latency), (1, 1));
    assert_eq!(player.latencies().max(), Some(0.5));
    assert!((tally.path.seconds - 0.75).abs() < 1e-9);
}

#[test]
fn a_narrow_path_makes_requests_late_and_the_tally_says_so() {
    let spec = PlayerSpec {
        path: PathSpec {
            bits_per_second: 8000.0,
            request_bytes: 100.0,
            response_bytes: 100.0,
            ..PathSpec::direct(0.0)
        },
        ..plain(Strategy::Random, 10, fixed(0.0))
    };
    let mut player = player(spec, 1, 0);
    let tally = send(&mut player, 0.0, 10.0, &[1.0, 1.0, 1.0]);
    assert_eq!((tally.late, tally.path.spoilt_by_throughput), (2, 2));
    assert!((tally.path.busiest_bits - 4800.0).abs() < 1e-9);
    assert!((player.latencies().max().unwrap_or_default() - 0.6).abs() < 1e-9);
}

#[test]
fn shares_tell_how_unequal_the_backends_were() {
    let mut player = player(plain(Strategy::RoundRobin, 1, fixed(0.01)), 4, 0);
    player.end_slice();
    play(&mut player, 0.0, 60.0, 100.0);
    let even = player.end_slice().expect("four backends");
    assert!(
        even.share_cv < 0.01 && even.busiest_over_mean < 1.01,
        "{even:?}"
    );
    player.set_rotation(&[0]);
    assert_eq!(player.end_slice(), None);
}

/// 70 requests/s for ten workers that serve 100/s, with a burst of 300/s for 20 s; the share answered two minutes later.
fn answered_after_a_burst(retry: RetrySpec) -> f64 {
    let spec = PlayerSpec {
        timeout: SimDuration::from_millis(500),
        retry,
        ..plain(Strategy::Random, 10, exponential(0.1))
    };
    let mut player = player(spec, 1, 0);
    let mut total = play(&mut player, 0.0, 60.0, 70.0);
    assert!(total.answered as f64 > 0.95 * total.arrived as f64);
    total.add(&play(&mut player, 60.0, 80.0, 300.0));
    total.add(&play(&mut player, 80.0, 200.0, 70.0));
    assert_conserved(&total);
    let last = play(&mut player, 200.0, 260.0, 70.0);
    last.answered as f64 / last.arrived as f64
}

#[test]
fn a_retry_storm_outlives_the_burst_that_began_it() {
    let storm = RetrySpec {
        attempts: 10,
        backoff: SimDuration::from_millis(50),
        budget: f64::INFINITY,
    };
    let stormy = answered_after_a_burst(storm);
    let budgeted = answered_after_a_burst(RetrySpec {
        budget: 0.1,
        ..storm
    });
    let patient = answered_after_a_burst(RetrySpec::NONE);
    assert!(stormy < 0.8, "{stormy}");
    assert!(budgeted > 0.95 && patient > 0.95, "{budgeted} {patient}");
}
