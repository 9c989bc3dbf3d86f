//! Variants of a scenario that differ in one thing, to be compared.

use super::Scenario;
use crate::traffic::Strategy;

impl Scenario {
    /// The scenario with each balancing strategy in turn on all its backends, beside the strategy's name. Everything
    /// else stays, so that the difference is the strategy's.
    #[must_use]
    pub fn with_each_strategy(&self) -> Vec<(&'static str, Self)> {
        let variants = Strategy::ALL.iter().map(|strategy| {
            let mut variant = self.clone();
            for backend in &mut variant.backends {
                backend.plant.balancing.strategy = *strategy;
            }
            (name(*strategy), variant)
        });
        variants.collect()
    }
}

const fn name(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Random => "random",
        Strategy::RoundRobin => "round-robin",
        Strategy::LeastConnections => "least-connections",
        Strategy::PowerOfTwoChoices => "power-of-two",
        Strategy::IpHash => "ip-hash",
    }
}
