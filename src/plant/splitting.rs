//! From the balancing of requests to what the queueing formulas know of it.

use crate::queueing::{Splitting, SplittingRule};
use crate::traffic::{Balancing, ClientPopulation, Pinning, Strategy};

/// How the fluid takes a balancing.
///
/// A client that stays with its replica is a client that is hashed to it: with session affinity whatever the strategy,
/// and with connections that were dealt out at random. Connections that were dealt out in turn or by count are equally
/// many at each replica, so only the difference between clients is left.
pub(super) fn splitting(balancing: &Balancing) -> Splitting {
    let concentration = concentration(balancing.clients);
    let hashed = SplittingRule::Hashed { concentration };
    let rule = match (&balancing.pinning, balancing.strategy) {
        (Pinning::Affinity(_), _)
        | (_, Strategy::IpHash)
        | (Pinning::Connection(_), Strategy::Random) => hashed,
        (Pinning::Connection(_), _) => {
            let equal = f64::from(balancing.clients.count.max(1)).recip();
            SplittingRule::Hashed {
                concentration: (concentration - equal).max(0.0),
            }
        }
        (Pinning::Request, Strategy::Random) => SplittingRule::Random,
        (Pinning::Request, Strategy::RoundRobin) => SplittingRule::RoundRobin,
        (Pinning::Request, Strategy::LeastConnections) => SplittingRule::LeastConnections,
        (Pinning::Request, Strategy::PowerOfTwoChoices) => SplittingRule::PowerOfTwoChoices,
    };
    Splitting {
        rule,
        dispatchers: balancing.dispatchers.max(1),
    }
}

/// Clients whose shares are summed one by one; those beyond by an integral.
const ONE_BY_ONE: u32 = 10_000;

/// The sum of the squared shares of the clients.
fn concentration(ClientPopulation { count, skew }: ClientPopulation) -> f64 {
    let sum = |exponent: f64| {
        let first: f64 = (1..=count.clamp(1, ONE_BY_ONE))
            .map(|client| f64::from(client).powf(-exponent))
            .sum();
        if count <= ONE_BY_ONE {
            return first;
        }
        let (from, to) = (f64::from(ONE_BY_ONE) + 0.5, f64::from(count) + 0.5);
        let rest = if (exponent - 1.0).abs() < 1e-9 {
            (to / from).ln()
        } else {
            (to.powf(1.0 - exponent) - from.powf(1.0 - exponent)) / (1.0 - exponent)
        };
        first + rest
    };
    let shares = sum(skew);
    (sum(2.0 * skew) / (shares * shares)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(count: u32, skew: f64, expected: f64) {
        let found = concentration(ClientPopulation { count, skew });
        assert!((found / expected - 1.0).abs() < 1e-6, "{found}");
    }

    #[test]
    fn equal_clients_share_equally() {
        check(1, 0.0, 1.0);
        check(50, 0.0, 0.02);
        check(1_000_000, 0.0, 1e-6);
        check(1, 1.5, 1.0);
        // 1 and 1/2: shares 2/3 and 1/3.
        check(2, 1.0, 5.0 / 9.0);
    }
}
