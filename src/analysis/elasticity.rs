//! Elasticity scores after the SPEC research group: how closely ready replicas follow demand.
//!
//! Herbst et al., "Ready for Rain? A View from SPEC Research on the Future of Cloud Metrics", SPEC-RG-2016-01; "Quantifying
//! Cloud Performance and Dependability", ACM TOMPECS 3(4), 2018. What has been checked, and where: timeshares, the
//! absolute accuracies and the count of replicas in the jitter are as BUNGEE, the group's benchmark, computes them
//! (github.com/NikolasHerbst/BUNGEE, package `tools.descartes.bungee.metric`, commits 325dfa1 and 1823e36). The shares of
//! the demand, the instability with both directions, the jitter by adaptations and the elastic speedup are as quoted from
//! the report and have not been read there. BUNGEE's `Instability` differs: only a supply that moves above the demand's
//! direction counts, sgn(ds) > sgn(dd).

use super::bands::{band, percent_of};
use super::scorecard::{ElasticityCard, MismatchCard};
use crate::outcome::{ElasticityFigures, MismatchSums, RunOutcome};

/// What the elastic speedup takes in place of a smaller score, percent: of a day, nine seconds.
pub const LEAST_SCORE: f64 = 0.01;

const HOUR: f64 = 3600.0;

/// The scores of one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElasticityScores {
    /// Of the ready replicas.
    pub scaled: MismatchScores,
    /// Of the baseline, a count that nobody scales.
    pub baseline: MismatchScores,
    /// Instability υ, percent of the time: demand and supply do not move the same way. `100 / (T - t1) · Σ min(|sgn Δs -
    /// sgn Δd|, 1) Δt`, over intervals of one sync period. NaN of a run without two looks.
    pub instability_percent: f64,
    /// Jitter j, adaptations per hour: changes of supply less changes of demand. Above zero supply moves too often,
    /// below it too seldom.
    pub jitter_per_hour: f64,
    /// The same, counted in replicas as BUNGEE does: a change by three replicas counts three times.
    pub replica_jitter_per_hour: f64,
    /// Elastic speedup ε over the baseline.
    pub speedup: ElasticSpeedup,
}

/// How far a supply s is from a demand d over a time T.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MismatchScores {
    /// Accuracy θ_U, percent: `100 / T · ∫ max(d - s, 0) / d dt`. Over the time with d > 0, NaN without any: nothing is no
    /// share of nothing.
    pub under_accuracy: f64,
    /// Accuracy θ_O, percent: `100 / T · ∫ max(s - d, 0) / d dt`, likewise.
    pub over_accuracy: f64,
    /// The older form of θ_U, replicas: `1 / T · ∫ max(d - s, 0) dt`.
    pub under_replicas: f64,
    /// The older form of θ_O, replicas: `1 / T · ∫ max(s - d, 0) dt`.
    pub over_replicas: f64,
    /// Timeshare τ_U, percent: `100 / T · ∫ max(sgn(d - s), 0) dt`.
    pub under_timeshare: f64,
    /// Timeshare τ_O, percent: `100 / T · ∫ max(sgn(s - d), 0) dt`.
    pub over_timeshare: f64,
}

/// `ε = (Π baseline / this)^(1/4)` over θ_U, θ_O, τ_U and τ_O: above 1 the autoscaler follows demand better than the
/// constant count does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElasticSpeedup {
    /// ε. NaN where there was no demand.
    pub value: f64,
    /// Whether some score was below [`LEAST_SCORE`], which then stood for it: ε is undefined where a score is zero, and
    /// what is shown depends on that floor.
    pub is_clamped: bool,
}

/// The scores that a run's sums make. They do not depend on the unit of time, but for the jitter, which is a rate.
#[must_use]
pub fn elasticity_scores(figures: &ElasticityFigures) -> ElasticityScores {
    let scaled = mismatch(&figures.scaled, figures);
    let baseline = mismatch(&figures.baseline, figures);
    let per_hour = |supply: u64, demand: u64| {
        mean_over((supply as f64 - demand as f64) * HOUR, figures.seconds)
    };
    ElasticityScores {
        scaled,
        baseline,
        instability_percent: mean_over(
            100.0 * figures.diverging_intervals as f64,
            figures.intervals as f64,
        ),
        jitter_per_hour: per_hour(figures.supply_changes, figures.demand_changes),
        replica_jitter_per_hour: per_hour(figures.supply_steps, figures.demand_steps),
        speedup: elastic_speedup(&scaled, &baseline),
    }
}

/// How much closer to the demand a supply is than a baseline.
#[must_use]
pub fn elastic_speedup(scaled: &MismatchScores, baseline: &MismatchScores) -> ElasticSpeedup {
    let of = |scores: &MismatchScores| {
        [
            scores.under_accuracy,
            scores.over_accuracy,
            scores.under_timeshare,
            scores.over_timeshare,
        ]
    };
    let (mut product, mut is_clamped) = (1.0, false);
    for (this, before) in of(scaled).into_iter().zip(of(baseline)) {
        is_clamped |= this < LEAST_SCORE || before < LEAST_SCORE;
        // `f64::max` would take the floor for a score that is not known.
        let floored = |score: f64| {
            if score < LEAST_SCORE {
                LEAST_SCORE
            } else {
                score
            }
        };
        product *= floored(before) / floored(this);
    }
    ElasticSpeedup {
        value: product.powf(0.25),
        is_clamped,
    }
}

pub(super) fn elasticity_card(runs: &[RunOutcome]) -> ElasticityCard {
    let of = |score: fn(&ElasticityScores) -> f64| {
        band(runs, |run| score(&elasticity_scores(&run.elasticity)))
    };
    let clamped = runs
        .iter()
        .filter(|run| elasticity_scores(&run.elasticity).speedup.is_clamped)
        .count();
    ElasticityCard {
        speedup: of(|scores| scores.speedup.value),
        clamped_runs: u32::try_from(clamped).unwrap_or(u32::MAX),
        scaled: MismatchCard {
            under_accuracy: of(|scores| scores.scaled.under_accuracy),
            over_accuracy: of(|scores| scores.scaled.over_accuracy),
            under_replicas: of(|scores| scores.scaled.under_replicas),
            over_replicas: of(|scores| scores.scaled.over_replicas),
            under_timeshare: of(|scores| scores.scaled.under_timeshare),
            over_timeshare: of(|scores| scores.scaled.over_timeshare),
        },
        baseline_replicas: band(runs, |run| f64::from(run.elasticity.baseline_replicas)),
        baseline: MismatchCard {
            under_accuracy: of(|scores| scores.baseline.under_accuracy),
            over_accuracy: of(|scores| scores.baseline.over_accuracy),
            under_replicas: of(|scores| scores.baseline.under_replicas),
            over_replicas: of(|scores| scores.baseline.over_replicas),
            under_timeshare: of(|scores| scores.baseline.under_timeshare),
            over_timeshare: of(|scores| scores.baseline.over_timeshare),
        },
        instability_percent: of(|scores| scores.instability_percent),
        jitter_per_hour: of(|scores| scores.jitter_per_hour),
        replica_jitter_per_hour: of(|scores| scores.replica_jitter_per_hour),
    }
}

fn mismatch(sums: &MismatchSums, figures: &ElasticityFigures) -> MismatchScores {
    let whole = figures.seconds;
    MismatchScores {
        under_accuracy: mean_over(100.0 * sums.relative_under, figures.demand_seconds),
        over_accuracy: mean_over(100.0 * sums.relative_over, figures.demand_seconds),
        under_replicas: mean_over(sums.under, whole),
        over_replicas: mean_over(sums.over, whole),
        under_timeshare: percent_of(sums.under_seconds, whole),
        over_timeshare: percent_of(sums.over_seconds, whole),
    }
}

/// NaN over nothing.
fn mean_over(sum: f64, length: f64) -> f64 {
    if length > 0.0 { sum / length } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sums(of: [f64; 6]) -> MismatchSums {
        let [
            relative_under,
            relative_over,
            under,
            over,
            under_seconds,
            over_seconds,
        ] = of;
        MismatchSums {
            relative_under,
            relative_over,
            under,
            over,
            under_seconds,
            over_seconds,
        }
    }

    /// d = 10 10 14 14 14 14 8 8 8 8 and s = 10 10 10 12 14 14 14 14 10 8, for a second each, beside a constant 10; the
    /// test of `engine/elasticity_recorder.rs` shows that these are its sums.
    fn trailing() -> ElasticityFigures {
        ElasticityFigures {
            scaled: sums([6.0 / 14.0, 14.0 / 8.0, 6.0, 14.0, 2.0, 3.0]),
            baseline: sums([16.0 / 14.0, 1.0, 16.0, 8.0, 4.0, 4.0]),
            baseline_replicas: 10,
            seconds: 10.0,
            demand_seconds: 10.0,
            demand_changes: 2,
            demand_steps: 10,
            supply_changes: 4,
            supply_steps: 10,
            intervals: 9,
            diverging_intervals: 6,
        }
    }

    fn all(scores: &ElasticityScores) -> Vec<f64> {
        let of = |scores: &MismatchScores| {
            [
                scores.under_accuracy,
                scores.over_accuracy,
                scores.under_replicas,
                scores.over_replicas,
                scores.under_timeshare,
                scores.over_timeshare,
            ]
        };
        let both = [of(&scores.scaled), of(&scores.baseline)].concat();
        let rest = [scores.instability_percent, scores.speedup.value];
        [both.as_slice(), rest.as_slice()].concat()
    }

    #[track_caller]
    fn check(figures: &ElasticityFigures, expected: &[f64]) {
        let found = all(&elasticity_scores(figures));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 5e-7, "{found} {expected}");
        }
    }

    #[test]
    fn a_supply_that_trails_demand_has_the_scores_computed_by_hand() {
        let scaled = [4.285_714, 17.5, 0.6, 1.4, 20.0, 30.0];
        let baseline = [11.428_571, 10.0, 1.6, 0.8, 40.0, 40.0];
        let rest = [66.666_667, 1.419_792];
        check(&trailing(), &[scaled.as_slice(), &baseline, &rest].concat());
        let scores = elasticity_scores(&trailing());
        // 0.2 adaptations for each interval of a second; by replicas supply moved as much as demand.
        assert!((scores.jitter_per_hour - 0.2 * HOUR).abs() < 1e-9);
        assert!(scores.replica_jitter_per_hour.abs() < 1e-9);
        assert!(!scores.speedup.is_clamped);
    }

    #[test]
    fn a_perfect_supply_has_a_speedup_that_says_it_is_clamped() {
        let perfect = ElasticityFigures {
            scaled: MismatchSums::default(),
            ..trailing()
        };
        let speedup = elasticity_scores(&perfect).speedup;
        assert!(speedup.is_clamped);
        assert!(speedup.value > 1.0 && speedup.value.is_finite());
    }

    #[test]
    fn a_run_without_demand_has_no_accuracy() {
        let idle = ElasticityFigures {
            scaled: sums([0.0, 0.0, 0.0, 20.0, 0.0, 10.0]),
            demand_seconds: 0.0,
            ..trailing()
        };
        let scores = elasticity_scores(&idle);
        assert!(scores.scaled.under_accuracy.is_nan() && scores.scaled.over_accuracy.is_nan());
        assert!((scores.scaled.over_timeshare - 100.0).abs() < 1e-12);
        assert!(scores.speedup.value.is_nan());
    }

    #[test]
    fn no_time_at_all_has_no_scores() {
        let scores = elasticity_scores(&ElasticityFigures::default());
        assert!(scores.instability_percent.is_nan() && scores.jitter_per_hour.is_nan());
        assert!(scores.scaled.under_replicas.is_nan() && scores.speedup.value.is_nan());
    }

    fn any_sums() -> impl Strategy<Value = MismatchSums> {
        prop::array::uniform6(0.0..10.0).prop_map(sums)
    }

    proptest! {
        #[test]
        fn the_baseline_beside_itself_has_a_speedup_of_one(baseline in any_sums()) {
            let figures = ElasticityFigures { scaled: baseline, baseline, ..trailing() };
            prop_assert!((elasticity_scores(&figures).speedup.value - 1.0).abs() < 1e-12);
        }

        #[test]
        fn scores_are_the_same_in_any_unit_of_time(
            scaled in any_sums(), baseline in any_sums(), factor in 0.01..100.0
        ) {
            let figures = ElasticityFigures { scaled, baseline, ..trailing() };
            let longer = |of: &MismatchSums| sums([
                of.relative_under, of.relative_over, of.under, of.over, of.under_seconds,
                of.over_seconds,
            ].map(|sum| sum * factor));
            let stretched = ElasticityFigures {
                scaled: longer(&scaled),
                baseline: longer(&baseline),
                seconds: figures.seconds * factor,
                demand_seconds: figures.demand_seconds * factor,
                ..figures
            };
            let (scores, others) = (elasticity_scores(&figures), elasticity_scores(&stretched));
            for (one, other) in all(&scores).into_iter().zip(all(&others)) {
                prop_assert!((one - other).abs() <= 1e-9 * one.abs().max(1.0), "{} {}", one, other);
            }
            let rates = [scores.jitter_per_hour, others.jitter_per_hour * factor];
            prop_assert!((rates[0] - rates[1]).abs() <= 1e-9 * rates[0].abs().max(1.0));
        }
    }
}
