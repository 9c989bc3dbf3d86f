//! Comparisons that were asked for: their variants as scenarios, played.

use anyhow::{Context as _, Result};

use super::args::SimulateArgs;
use crate::analysis::{Comparison, Played, Varied, compare};
use crate::engine::simulate_with_progress;
use crate::outcome::Outcome;
use crate::scenario::{Inputs, Optimization, Scenario, assemble};

/// A comparison that was asked for.
pub(super) struct Asked {
    varied: Varied,
    variants: Vec<Variant>,
}

/// One of its variants.
struct Variant {
    name: &'static str,
    scenario: Scenario,
    /// The backends that are others than the baseline's: the rest has been played.
    others: Vec<usize>,
}

/// The comparisons that flags ask for. `inputs` are those that `baseline` was made of.
pub(super) fn asked_for(
    args: &SimulateArgs,
    baseline: &Scenario,
    inputs: &Inputs<'_>,
) -> Result<Vec<Asked>> {
    let mut asked = Vec::new();
    if args.balancing_each {
        let variants = baseline.with_each_balancing().into_iter();
        asked.push(Asked {
            varied: Varied::Balancing,
            variants: variants
                .map(|(name, scenario)| Variant::new(name, scenario, baseline))
                .collect(),
        });
    }
    if args.with_each {
        // Those in force already are in the baseline.
        let in_force = [&inputs.flags.with, &inputs.file.with];
        let others = Optimization::ALL
            .iter()
            .filter(|optimization| !in_force.iter().any(|with| with.contains(optimization)));
        let variants = others.map(|optimization| {
            let scenario = assemble(Inputs {
                with: &[*optimization],
                ..inputs.clone()
            });
            let scenario = scenario.with_context(|| format!("--with-each: {optimization}"))?;
            Ok(Variant::new(optimization.name(), scenario, baseline))
        });
        asked.push(Asked {
            varied: Varied::Optimization,
            variants: variants.collect::<Result<_>>()?,
        });
    }
    Ok(asked)
}

impl Asked {
    /// How many backends are still to be played.
    pub(super) fn backends(&self) -> usize {
        self.variants
            .iter()
            .map(|variant| variant.others.len())
            .sum()
    }

    /// Plays the variants; calls `run_done` after each run of a backend.
    pub(super) fn play(
        &self,
        baseline: Played<'_>,
        run_done: impl Fn() + Sync,
    ) -> Result<Comparison> {
        let outcomes: Vec<Outcome> = self
            .variants
            .iter()
            .map(|variant| variant.play(baseline.outcome, &run_done))
            .collect::<Result<_>>()?;
        let variants: Vec<(&str, Played)> = self
            .variants
            .iter()
            .zip(&outcomes)
            .map(|(variant, outcome)| {
                let scenario = &variant.scenario;
                (variant.name, Played { scenario, outcome })
            })
            .collect();
        Ok(compare(self.varied, baseline, &variants))
    }
}

impl Variant {
    fn new(name: &'static str, scenario: Scenario, baseline: &Scenario) -> Self {
        let pairs = scenario.backends.iter().zip(&baseline.backends);
        let others = pairs.enumerate().filter(|(_, (own, their))| own != their);
        Self {
            name,
            others: others.map(|(index, _)| index).collect(),
            scenario,
        }
    }

    /// What the baseline left, with the backends that are others played anew: backends do not meet.
    fn play(&self, baseline: &Outcome, run_done: impl Fn() + Sync) -> Result<Outcome> {
        let mut outcome = baseline.clone();
        if self.others.is_empty() {
            return Ok(outcome);
        }
        let mut scenario = self.scenario.clone();
        let backends = self.others.iter();
        scenario.backends = backends
            .map(|index| self.scenario.backends[*index].clone())
            .collect();
        let played = simulate_with_progress(&scenario, run_done)
            .with_context(|| format!("with {}", self.name))?;
        for (index, backend) in self.others.iter().zip(played.backends) {
            outcome.backends[*index] = backend;
        }
        Ok(outcome)
    }
}
