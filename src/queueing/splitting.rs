//! `Splitting`: how requests are dealt out among replicas, as far as it shapes the queue of each.

/// How requests are dealt out among replicas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Splitting {
    /// Who is chosen.
    pub rule: SplittingRule,
    /// Independent dispatchers that share the requests at random, each with its own turn and its own counts; at least 1.
    pub dispatchers: u32,
}

/// The rule that picks a replica.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SplittingRule {
    /// Any, equally likely.
    Random,
    /// In turn.
    RoundRobin,
    /// The one with the fewest requests, ties at random.
    LeastConnections,
    /// The less loaded of two different ones taken at random.
    PowerOfTwoChoices,
    /// Each client has its replica, found by a hash.
    Hashed {
        /// The sum of the squared shares of all requests that each client sends: 1 / K for K equal clients.
        concentration: f64,
    },
}

impl Splitting {
    /// Any replica, equally likely: kube-proxy with iptables or nftables.
    pub const RANDOM: Self = Self {
        rule: SplittingRule::Random,
        dispatchers: 1,
    };

    /// Whether every replica gets the same share of requests in the long run.
    #[must_use]
    pub const fn shares_alike(&self) -> bool {
        !matches!(self.rule, SplittingRule::Hashed { .. })
    }

    /// Whether the latency at a given occupancy depends on how many replicas there are.
    #[must_use]
    pub const fn depends_on_replicas(&self) -> bool {
        !matches!(self.rule, SplittingRule::Random)
    }
}

/// Points of the normal distribution whose weights integrate polynomials up to the ninth degree: (point, weight)
/// (Gauss-Hermite with five points; Abramowitz and Stegun, table 25.10).
const NORMAL_POINTS: [(f64, f64); 5] = [
    (-2.856_970_013_872_806, 0.011_257_411_327_720_69),
    (-1.355_626_179_974_266, 0.222_075_922_005_612_6),
    (0.0, 0.533_333_333_333_333_3),
    (1.355_626_179_974_266, 0.222_075_922_005_612_6),
    (2.856_970_013_872_806, 0.011_257_411_327_720_69),
];

/// The load of `replicas` replicas when clients are hashed to them, relative to the mean, in five classes: (share of all
/// requests that go to replicas of the class, their load).
///
/// A replica's load is the sum of the shares of the clients that hash to it, with the coefficient of variation
/// sqrt((n - 1) sum p^2), which is sqrt((n - 1) / K) for K equal clients. It is taken as lognormal, so a request meets
/// the same distribution shifted by its variance.
pub(super) fn hashed_load_classes(replicas: u32, concentration: f64) -> [(f64, f64); 5] {
    let others = f64::from(replicas.max(1)) - 1.0;
    // One client on one of n replicas is the extreme: that replica carries n times the mean.
    let variance = (others * concentration.clamp(0.0, 1.0)).min(others);
    let log_variance = variance.ln_1p();
    NORMAL_POINTS.map(|(point, weight)| {
        let load = (point * log_variance.sqrt() + log_variance / 2.0).exp();
        (weight, load.min(f64::from(replicas.max(1))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_request_meets_the_mean_load_raised_by_its_variance(
            replicas in 2..40_u32, concentration in 1e-6..0.01_f64
        ) {
            let classes = hashed_load_classes(replicas, concentration);
            let total: f64 = classes.iter().map(|(share, _)| share).sum();
            let met: f64 = classes.iter().map(|(share, load)| share * load).sum();
            prop_assert!((total - 1.0).abs() < 1e-12);
            let expected = 1.0 + f64::from(replicas - 1) * concentration;
            prop_assert!((met / expected - 1.0).abs() < 1e-3, "{} {}", met, expected);
        }
    }

    #[test]
    fn one_replica_takes_all() {
        for (_, load) in hashed_load_classes(1, 1.0) {
            assert!((load - 1.0).abs() < 1e-12);
        }
    }
}
