//! A link that carries less than comes.

use super::{assert_conserved, at, plain, play, player};
use scaleplan::stats::Distribution;
use scaleplan::traffic::{Discipline, Offered, PathSpec, PlayerSpec, Strategy, Tally};
use scaleplan::units::{SimDuration, SimTime};

/// Backends that serve at once, behind a link that carries five exchanges a second.
fn narrow() -> PlayerSpec {
    PlayerSpec {
        path: PathSpec {
            bits_per_second: 8000.0,
            request_bytes: 100.0,
            response_bytes: 100.0,
            ..PathSpec::direct(0.0)
        },
        timeout: SimDuration::from_seconds(10),
        ..plain(
            Strategy::RoundRobin,
            10,
            Distribution::Deterministic { value: 0.0 },
        )
    }
}

/// Twenty requests a second, evenly.
fn twenty_a_second(until: f64) -> Vec<SimTime> {
    (0_u32..10_000)
        .map(|request| f64::from(request) * 0.05)
        .take_while(|seconds| *seconds < until)
        .map(at)
        .collect()
}

#[track_caller]
fn check_backlog(discipline: Discipline) {
    let spec = PlayerSpec {
        discipline,
        ..narrow()
    };
    let mut player = player(spec, 1, 0);
    let times = twenty_a_second(60.0);
    // Of 100 that came the link has carried 25.
    let early = player.play(at(0.0), at(5.0), Offered::Times(&times));
    assert!((74..=76).contains(&early.backlog), "{}", early.backlog);
    // All that came within the timeout, but for those the link carries just before it.
    let late = player.play(at(5.0), at(60.0), Offered::Times(&times));
    assert!((195..=200).contains(&late.backlog), "{}", late.backlog);
    let usage = player.usage(0).expect("a backend");
    assert_eq!((usage.waiting, usage.inside), (late.backlog, late.backlog));
    let after = player.play(at(60.0), at(71.0), Offered::Times(&[]));
    assert_eq!(after.backlog, 0);
    let mut total = early;
    total.add(&late);
    total.add(&after);
    assert_conserved(&total);
}

#[test]
fn all_who_wait_for_the_link_are_the_backlog_until_they_give_up() {
    check_backlog(Discipline::Fifo);
    check_backlog(Discipline::ProcessorSharing);
}

#[test]
fn the_busiest_path_never_carries_more_than_it_can_however_long_its_line() {
    let mut player = player(narrow(), 3, 0);
    let mut total = Tally::default();
    for span in 0..12 {
        let begin = 5.0 * f64::from(span);
        total.add(&play(&mut player, begin, begin + 5.0, 60.0));
        if span == 5 {
            player.remove(1, at(begin + 5.0));
        }
    }
    let most = 8000.0 * 60.0;
    let bits = total.path.busiest_bits;
    assert!(bits > 0.95 * most && bits < most * (1.0 + 1e-9), "{bits}");
    player.end_slice();
    let next = play(&mut player, 60.0, 65.0, 60.0).path.busiest_bits;
    assert!(next < 8000.0 * 5.0 * (1.0 + 1e-9), "{next}");
}

#[test]
fn who_gets_no_answer_sends_a_request_and_no_response() {
    let spec = PlayerSpec {
        workers: 1,
        speed: 1.0,
        queue_bound: Some(1),
        service: Distribution::Deterministic { value: 20.0 },
        timeout: SimDuration::from_seconds(30),
        ..narrow()
    };
    let mut player = player(spec, 1, 0);
    // One is served, one would be too late, one finds the line full.
    let times = [1.0, 2.0, 3.0].map(at);
    let tally = player.play(at(0.0), at(60.0), Offered::Times(&times));
    assert_eq!((tally.answered, tally.timed_out, tally.refused), (1, 1, 1));
    assert!((tally.path.busiest_bits - 3200.0).abs() < 1e-6);
}

#[test]
fn a_backend_that_never_was_sent_anything_is_idle() {
    let player = player(narrow(), 1, 0);
    let usage = player.usage(0).expect("a backend");
    assert!(player.is_idle(0) && usage.worker_seconds.abs() < 1e-12);
}
