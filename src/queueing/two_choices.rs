//! Two choices: each request goes to the less loaded of two replicas taken at random.

use super::least_connections::{first_round, first_round_scv, least_connections_wait};
use super::wait_figures::WaitFigures;

/// The wait behind one dispatcher that sends each request to the less loaded of two of `replicas` replicas, of `servers`
/// servers each; for at least two replicas. Service times have mean 1 and the squared coefficient of variation `scv`.
///
/// For two replicas it is least connections. For very many and exponential service it is the mean-field limit
/// ([`MeanField`]). Between:
///
/// * The mean number of rounds that a wait takes grows by z times a factor that goes from rho c^0.11 / 2 to 1 as z does,
///   z = 1 / (n (1 - rho)). With one server the former is the known term of order 1/n of the mean number in the system,
///   rho^2 / (2 (1 - rho)) (Gast and Van Houdt, "A refined mean field approximation", 2017).
/// * P(wait > 0) goes from least connections' with two replicas to the limit as (2 / n)^(c^-0.15).
/// * For other than exponential service the first round is the first of c services to be done, the others
///   (1 + scv) / (2 c).
///
/// The exponents and the factor's way were fitted for this crate, as in
/// [`least_connections_wait`](super::least_connections::least_connections_wait). For gamma service the mean latency is
/// within 7 % up to scv 1 and 12 % at scv 4.
pub(super) fn two_choices_wait(
    occupancy: f64,
    replicas: f64,
    servers: u32,
    scv: f64,
) -> WaitFigures {
    let pair = least_connections_wait(occupancy, 2.0, servers, scv);
    if replicas <= 2.0 {
        return pair;
    }
    let workers = f64::from(servers);
    let limit = MeanField::new(occupancy, servers);
    let spread = (replicas * (1.0 - occupancy)).recip();
    let slight = occupancy / 2.0 * workers.powf(0.11);
    let strong = spread.powf(1.5);
    let growth = slight + (1.0 - slight) * strong / (strong + 7.0 * limit.rounds);
    let round = (1.0 + scv) / (2.0 * workers);
    let first = first_round(workers, scv);
    let in_the_limit = first + round * (limit.rounds - 1.0);
    let mean = in_the_limit + round * spread * growth;
    let nearer = (2.0 / replicas).powf(workers.powf(-0.15));
    let regular = limit.scv * first_round_scv(workers, scv).powf(limit.rounds.sqrt().recip());
    WaitFigures {
        probability: limit.probability + (pair.probability - limit.probability) * nearer,
        mean,
        scv: 1.0 + (regular - 1.0) * (in_the_limit / mean).powf(1.5),
    }
}

/// The limit of very many replicas with exponential service.
struct MeanField {
    /// P(wait > 0).
    probability: f64,
    /// Rounds of 1 / c mean service times that a positive wait takes, on average.
    rounds: f64,
    /// The squared coefficient of variation of that wait.
    scv: f64,
}

impl MeanField {
    /// Q(k), the share of replicas with at least k requests, satisfies lambda Q(k)^2 = the rate at which replicas with
    /// more than k requests serve one: c Q(k + 1) from k = c - 1 on, and (k + 1) Q(k + 1) + Q(k + 2) + ... + Q(c) below
    /// (Vvedenskaya, Dobrushin and Karpelevich 1996; Mitzenmacher 2001; here with c servers). Q(c) is found so that
    /// Q(0) = 1.
    fn new(occupancy: f64, servers: u32) -> Self {
        let full = if servers == 1 {
            occupancy
        } else {
            largest_full_share(|full| empty_share(occupancy, servers, full) <= 1.0)
        };
        let probability = full * full;
        // P(at least k rounds | wait > 0) = Q(c + k - 1)^2 / Q(c)^2.
        let (mut share, mut count, mut squares, mut k) = (full, 0.0, 0.0, 0.0);
        loop {
            let at_least = (share / full).powi(2);
            k += 1.0;
            count += at_least;
            squares += (2.0 * k - 1.0) * at_least;
            // Written so that no share is lost below the least number.
            if at_least.is_nan() || at_least < 1e-14 || k > 1e6 {
                break;
            }
            share = occupancy * share * share;
        }
        let rounds = if count > 0.0 { count } else { 1.0 };
        // k rounds are Erlang k: variance k, plus that of their number.
        let variance = rounds + (squares - rounds * rounds).max(0.0);
        Self {
            probability,
            rounds,
            scv: if count > 0.0 {
                variance / (rounds * rounds)
            } else {
                1.0
            },
        }
    }
}

/// Q(0) when Q(c) is `full`.
fn empty_share(occupancy: f64, servers: u32, full: f64) -> f64 {
    let rate = occupancy * f64::from(servers);
    let (mut above, mut higher) = (full, 0.0);
    for k in (0..servers).rev() {
        // `above` is Q(k + 1), `higher` the sum of those from Q(k + 2) to Q(c).
        let here = ((f64::from(k + 1) * above + higher) / rate).sqrt();
        higher += above;
        above = here;
        if above > 1.0 {
            return above;
        }
    }
    above
}

/// The greatest share for which a condition holds, to about nine digits.
fn largest_full_share(holds: impl Fn(f64) -> bool) -> f64 {
    // In the logarithm, because it can be very small.
    let (mut holding, mut failing) = (-230.0_f64, 0.0_f64);
    while failing - holding > 1e-9 {
        let middle = holding.midpoint(failing);
        if holds(middle.exp()) {
            holding = middle;
        } else {
            failing = middle;
        }
    }
    holding.exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing::power_of_choices_latency;

    #[test]
    fn very_many_exponential_servers_follow_the_known_series() {
        for occupancy in [0.3, 0.7, 0.95] {
            let wait = two_choices_wait(occupancy, 1e6, 1, 1.0).overall_mean();
            let known = power_of_choices_latency(occupancy, 2, 1.0) - 1.0;
            assert!(
                (wait / known - 1.0).abs() < 1e-3,
                "{occupancy}: {wait} {known}"
            );
        }
    }

    #[test]
    fn rates_in_and_out_of_the_limit_balance() {
        for (occupancy, servers) in [(0.7, 4), (0.9, 16), (0.97, 64)] {
            let full = MeanField::new(occupancy, servers).probability.sqrt();
            assert!((empty_share(occupancy, servers, full) - 1.0).abs() < 1e-6);
        }
    }
}
