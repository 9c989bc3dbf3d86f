//! Least connections: each request goes to the replica with the fewest, as near to one common line as a balancer gets.

use super::erlang::erlang_c;
use super::wait_figures::WaitFigures;

/// The wait behind one dispatcher that sends each request to the one of `replicas` replicas, of `servers` servers each,
/// with the fewest requests; for at least two replicas. Service times have mean 1 and the squared coefficient of
/// variation `scv`.
///
/// Two corrections to the central queue M/G/(n c), written in y = n (1 - rho):
///
/// * An arrival finds no free server with C(n c) (1 - rho + rho e^(-0.18 y)) instead of Erlang's C(n c): free servers
///   stay free while requests wait elsewhere. For scv under 1 and several servers there are a little fewer.
/// * The wait is whole rounds: what is an exponential backlog of mean 1 / y rounds in the central queue is rounded up
///   here, so 1 / (1 - e^-y) rounds on average. The first is what is left of the shortest of c services.
///
/// Both forms were found for this crate, and their two constants fitted, on simulated queues of 2 to 50 replicas of 1, 4
/// and 16 servers. For gamma service the mean latency is within 5 % up to scv 1 and 10 % at scv 4.
pub(super) fn least_connections_wait(
    occupancy: f64,
    replicas: f64,
    servers: u32,
    scv: f64,
) -> WaitFigures {
    let workers = f64::from(servers);
    let spare = replicas * (1.0 - occupancy);
    let full_round = (1.0 + scv) / (2.0 * workers);
    let first_round = first_round(workers, scv);
    // With one replica both corrections vanish.
    let alone = 1.0 - replicas.powf(-1.5);
    let central = central_wait_probability(occupancy, replicas, servers);
    let kept_free = 1.0 - alone * occupancy * -(-0.18 * spare).exp_m1();
    let early = if scv < 1.0 {
        1.0 - (1.0 - full_round / first_round) * -(-0.7 * spare).exp_m1()
    } else {
        1.0
    };
    let rounding = -(-spare).exp_m1().recip() - spare.recip();
    WaitFigures {
        probability: central * kept_free * early,
        mean: full_round / spare + alone * first_round * rounding,
        // Residual services in light traffic, exponential in heavy traffic.
        scv: 1.0 + (first_round_scv(workers, scv) - 1.0) * -(-1.9 * spare).exp_m1(),
    }
}

/// The mean time until the first of `workers` busy servers is done, in mean service times: exact for exponential and fixed
/// service, and for one server; between linearly.
pub(super) fn first_round(workers: f64, scv: f64) -> f64 {
    if scv <= 1.0 {
        scv / workers + (1.0 - scv) / (workers + 1.0)
    } else {
        (1.0 + (scv - 1.0) / (2.0 * workers)) / workers
    }
}

/// The squared coefficient of variation of that time, from the third moment of a gamma time.
pub(super) fn first_round_scv(workers: f64, scv: f64) -> f64 {
    let one = 4.0 * (1.0 + 2.0 * scv) / (3.0 * (1.0 + scv)) - 1.0;
    1.0 + (one - 1.0) * 3.0 / (workers + 2.0)
}

/// Erlang C of all servers of all replicas in one line.
pub(super) fn central_wait_probability(occupancy: f64, replicas: f64, servers: u32) -> f64 {
    let all = replicas * f64::from(servers);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive count below the bound just before"
    )]
    if all <= MOST_EXACT {
        erlang_c(all.round() as u32, occupancy * all)
    } else {
        halfin_whitt_wait_probability(occupancy, all)
    }
}

/// So many servers are computed by recursion, more by their limit.
const MOST_EXACT: f64 = 2_000.0;

/// 1 / (1 + beta Phi(beta) / phi(beta)), beta = (1 - rho) sqrt(c) (Halfin and Whitt 1981).
fn halfin_whitt_wait_probability(occupancy: f64, servers: f64) -> f64 {
    use statrs::distribution::{Continuous, ContinuousCDF, Normal};
    let normal = Normal::standard();
    let margin = (1.0 - occupancy) * servers.sqrt();
    if margin > 30.0 {
        return 0.0;
    }
    (1.0 + margin * normal.cdf(margin) / normal.pdf(margin)).recip()
}
