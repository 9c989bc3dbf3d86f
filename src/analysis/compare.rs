//! `compare`: variants of one scenario side by side, each against the baseline.

use super::bands::band_of;
use super::judge::{judge, lag_p95};
use super::scorecard::BackendCard;
use crate::outcome::{BackendOutcome, Outcome, RunOutcome};
use crate::scenario::Scenario;
use crate::stats::Band;

/// Differences closer than this, in their own unit, are ties: no report shows them.
const TIE: f64 = 1e-6;

/// A scenario and what it left.
#[derive(Clone, Copy, Debug)]
pub struct Played<'a> {
    /// What was played.
    pub scenario: &'a Scenario,
    /// What happened.
    pub outcome: &'a Outcome,
}

/// What the variants of a comparison differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Varied {
    /// How a replica is chosen for a request; variants keep their order.
    Balancing,
    /// Which optimization is made; variants are ranked by what they win.
    Optimization,
}

/// Variants of one scenario side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What they differ in.
    pub varied: Varied,
    /// One entry for each backend, in the scenario's order.
    pub backends: Vec<BackendComparison>,
    /// What the reader should know of the variants, beyond what holds for the scenario as it is.
    pub warnings: Vec<String>,
}

/// One backend in all variants.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendComparison {
    /// The scenario as it is.
    pub baseline: BackendCard,
    /// The variants.
    pub variants: Vec<VariantCard>,
}

/// One backend in one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantCard {
    /// What the variant is called.
    pub name: String,
    /// Whether it is another than the baseline; where it is not, this backend has it already, or it does not concern it.
    pub is_other: bool,
    /// Its figures.
    pub card: BackendCard,
    /// Its figures less those of the baseline.
    pub difference: DifferenceCard,
}

/// A variant less the baseline, run by run: run k of both meets the same requests, so luck is not in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DifferenceCard {
    /// Share of bad requests, percentage points.
    pub bad_points: Band,
    /// Scale lag p95, seconds; the lag of a run without lag episodes is zero.
    pub lag_p95: Band,
    /// Latency p99, seconds.
    pub p99: Band,
}

/// Puts variants, each with its name, beside the scenario as it is. All are of the same backends and runs.
///
/// Optimizations are ranked on each backend by the bad requests that they avoid, then by scale lag p95, then by latency
/// p99; ties keep their order.
#[must_use]
pub fn compare(varied: Varied, baseline: Played, variants: &[(&str, Played)]) -> Comparison {
    let scorecard = judge(baseline.scenario, baseline.outcome);
    let cards: Vec<Vec<BackendCard>> = variants
        .iter()
        .map(|(_, variant)| judge(variant.scenario, variant.outcome).backends)
        .collect();
    let backends = scorecard.backends.into_iter().enumerate();
    let backends = backends.map(|(index, card)| {
        let own = &baseline.scenario.backends[index].plant;
        let left = &baseline.outcome.backends[index];
        let mut beside: Vec<VariantCard> = variants
            .iter()
            .zip(&cards)
            .filter_map(|((name, variant), cards)| {
                Some(VariantCard {
                    name: (*name).to_owned(),
                    is_other: variant.scenario.backends.get(index)?.plant != *own,
                    card: cards.get(index)?.clone(),
                    difference: difference(left, variant.outcome.backends.get(index)?),
                })
            })
            .collect();
        if varied == Varied::Optimization {
            beside.sort_by_key(|variant| rank(&variant.difference));
        }
        BackendComparison {
            baseline: card,
            variants: beside,
        }
    });
    Comparison {
        varied,
        backends: backends.collect(),
        warnings: warnings(baseline.scenario, variants),
    }
}

/// Warnings of variants that are others than the baseline, after the names of the variants, that the baseline does not have.
fn warnings(baseline: &Scenario, variants: &[(&str, Played)]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (name, variant) in variants {
        if variant.scenario.backends == baseline.backends {
            continue;
        }
        for warning in &variant.scenario.warnings {
            if !baseline.warnings.contains(warning) {
                found.push(format!("{name}: {warning}"));
            }
        }
    }
    found
}

fn difference(baseline: &BackendOutcome, variant: &BackendOutcome) -> DifferenceCard {
    let of_pairs = |figure: fn(&RunOutcome) -> f64| {
        let pairs = baseline.runs.iter().zip(&variant.runs);
        let differences = pairs.map(|(before, after)| figure(after) - figure(before));
        let known: Vec<f64> = differences.filter(|value| value.is_finite()).collect();
        band_of(&known)
    };
    DifferenceCard {
        bad_points: of_pairs(|run| 100.0 * (1.0 - run.requests.good_share())),
        lag_p95: of_pairs(|run| {
            if run.lag_episodes.is_empty() {
                0.0
            } else {
                lag_p95(run)
            }
        }),
        p99: of_pairs(|run| run.latency.p99),
    }
}

/// Smaller is better; what is not known is worst.
fn rank(difference: &DifferenceCard) -> [i64; 3] {
    [difference.bad_points, difference.lag_p95, difference.p99].map(|band| in_ties(band.median))
}

/// How many ties a difference is worth.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast saturates, and what is that large is ranked well enough"
)]
fn in_ties(value: f64) -> i64 {
    if value.is_nan() {
        i64::MAX
    } else {
        (value / TIE).round() as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(value: f64) -> Band {
        Band {
            low: value,
            median: value,
            high: value,
        }
    }

    #[track_caller]
    fn check_rank(better: [f64; 3], worse: [f64; 3]) {
        let card = |[bad_points, lag_p95, p99]: [f64; 3]| DifferenceCard {
            bad_points: same(bad_points),
            lag_p95: same(lag_p95),
            p99: same(p99),
        };
        assert!(rank(&card(better)) < rank(&card(worse)));
    }

    #[test]
    fn bad_requests_count_before_lag_and_lag_before_latency() {
        check_rank([-2.0, 5.0, 1.0], [-1.0, -50.0, -3.0]);
        check_rank([-1.0, -50.0, 1.0], [-1.0, -20.0, -3.0]);
        check_rank([-1.0, -20.0, -3.0], [-1.0, -20.0, 1.0]);
        // What nobody would see does not decide.
        check_rank([-1.0, -50.0, 0.0], [-1.0 - 1e-12, -20.0, 0.0]);
        check_rank([0.0, 0.0, 0.0], [0.5, -20.0, 0.0]);
        check_rank([3.0, 0.0, 0.0], [f64::NAN, -20.0, 0.0]);
    }
}
