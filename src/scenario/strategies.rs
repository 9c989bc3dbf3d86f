//! The same scenario under another balancing strategy.

use super::balancing::only_discrete;
use super::{Origin, Scenario};
use crate::traffic::{Balancing, Strategy};

impl Scenario {
    /// The strategy that the backends share.
    #[must_use]
    pub fn strategy(&self) -> Strategy {
        self.backends
            .first()
            .map_or(Strategy::Random, |backend| backend.plant.balancing.strategy)
    }

    /// The same scenario under each strategy, beside the strategy's name; see [`Self::with_balancing`].
    #[must_use]
    pub fn with_each_balancing(&self) -> Vec<(&'static str, Self)> {
        let variants = Strategy::ALL.iter();
        variants
            .map(|strategy| (strategy.name(), self.with_balancing(*strategy)))
            .collect()
    }

    /// The same scenario with another balancing strategy on every backend; assumptions and warnings say so.
    #[must_use]
    pub fn with_balancing(&self, strategy: Strategy) -> Self {
        let mut other = self.clone();
        if strategy == self.strategy() {
            return other;
        }
        let told = |balancing: &Balancing| only_discrete(balancing, self.fidelity);
        let Some(first) = other.backends.first() else {
            return other;
        };
        if let Some(warning) = told(&first.plant.balancing) {
            other.warnings.retain(|known| *known != warning);
        }
        for backend in &mut other.backends {
            backend.plant.balancing.strategy = strategy;
        }
        let warning = other
            .backends
            .first()
            .and_then(|first| told(&first.plant.balancing));
        other.warnings.extend(warning);
        for assumption in &mut other.assumptions {
            if assumption.key == "balancing" {
                strategy.name().clone_into(&mut assumption.value);
                assumption.origin = Origin::Derived("one of the strategies compared".to_owned());
            }
        }
        other
    }
}
