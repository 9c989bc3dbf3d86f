//! Requests played one by one: what every run must keep, and what closed forms and other simulators say.

/// Rows of the shared ground truth, each request played.
mod ground_truth;
/// What holds in every run: conservation, Little's law, the same bytes for the same seed.
mod invariants;
/// What a link that carries too little does to requests.
mod narrow_path;
/// Steady queues against closed forms, balancing against simulations made elsewhere.
mod steady;
/// What a backend's end, a full path and impatient clients do to requests.
mod trouble;

use scaleplan::stats::Distribution;
use scaleplan::traffic::{
    Balancing, Discipline, Offered, PathSpec, PlayerSpec, RequestPlayer, RetrySpec, Strategy, Tally,
};
use scaleplan::units::{SimDuration, SimTime};

/// Backends of so many workers behind a path that takes no time, for clients with all the time in the world.
fn plain(strategy: Strategy, workers: u32, service: Distribution) -> PlayerSpec {
    PlayerSpec {
        balancing: Balancing {
            strategy,
            ..Balancing::random()
        },
        path: PathSpec::direct(0.0),
        workers,
        speed: f64::from(workers),
        service,
        discipline: Discipline::Fifo,
        queue_bound: None,
        timeout: SimDuration::from_seconds(1_000_000),
        retry: RetrySpec::NONE,
        slo_seconds: 0.3,
    }
}

const fn exponential(mean: f64) -> Distribution {
    Distribution::Exponential { mean }
}

/// A player of backends 0 to n - 1, all in rotation.
fn player(spec: PlayerSpec, backends: u64, run: u32) -> RequestPlayer {
    let mut player = RequestPlayer::new(spec, 1, run);
    let ids: Vec<u64> = (0..backends).collect();
    for id in &ids {
        player.add(*id);
    }
    player.set_rotation(&ids);
    player
}

/// Plays Poisson arrivals from one second to another.
fn play(player: &mut RequestPlayer, from: f64, to: f64, rate: f64) -> Tally {
    player.play(at(from), at(to), Offered::Poisson { rate })
}

fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_seconds_rounded(seconds)
}

/// arrived = answered + refused + timed out + failed + in flight, of all spans so far.
#[track_caller]
fn assert_conserved(total: &Tally) {
    let ended = total.answered + total.refused + total.timed_out + total.failed;
    assert_eq!(total.arrived, ended + total.in_flight, "{total:?}");
}
