//! `seek`: the advice for one backend, or for several together.

use std::collections::HashMap;

use super::advise::{PartProgress, Question, Work};
use super::binding::nearest_miss;
use super::candidate::position_of;
use super::front::front;
use super::hunt::{Grounds, Hunted, Stops, hunt};
use super::nines::{confirm_for_nines, further_budgets, nines};
use super::part::Part;
use super::search::{Found, Limits, Progress, Ranked};
use super::theory::Suggestion;
use super::theory_gap::{hints, theory_gaps};
use super::{
    Advised, Candidate, ChangeAdvice, Conclusion, Ended, FrontPoint, Hints, Judged, Knob, Lattice,
    NearestMiss, Searched, Standing, TunedOn, Value,
};
use crate::scenario::{MANY_REPLICAS, Slo};
use crate::units::SimDuration;

/// Costs less by no more than this share are not worth a change.
const WORTH_A_CHANGE: f64 = 0.01;

/// Candidates of a first look that may be confirmed.
const FINALISTS: usize = 2000;

/// One in so many candidates is kept for a search on both parts, where the best of the first misses on the second.
const KEPT_FOR_BOTH_PARTS: u64 = 2;

/// Which share of the time for a part its search may take until it is ended, the first of two and the last; and until when
/// the promising are confirmed.
const FIRST_SEARCH: f64 = 0.45;
/// Of that, until when it is learnt which runs are hard.
const PILOTING: f64 = 0.3;
const SEARCHING: f64 = 0.65;
const CONFIRMING: f64 = 0.8;

/// Points of the front that are confirmed, and the most that are shown.
const FRONT_POINTS: usize = 12;
const MOST_POINTS: usize = 40;

/// What is sought, and where.
pub(super) struct Sought<'a> {
    pub(super) question: &'a Question<'a>,
    /// What is searched.
    pub(super) lattice: &'a Lattice,
    /// What theory suggests for each backend of the scenario.
    pub(super) suggestions: &'a [Option<Suggestion>],
    /// The part of the trace that is tuned on.
    pub(super) tuned: &'a Part<'a>,
    /// The part that judges.
    pub(super) held_out: Option<&'a Part<'a>>,
    /// The hardest slices of what is tuned on.
    pub(super) slices: &'a [Part<'a>],
    /// The backends that the settings are for.
    pub(super) backends: &'a [usize],
    /// Their names.
    pub(super) names: &'a [String],
    /// Candidates to look at, at most, in one search or two.
    pub(super) evaluations: u64,
    /// Runs of a first look.
    pub(super) screening_runs: u32,
    /// The shares of the whole work up to the beginning and the end of this part.
    pub(super) shares: [f64; 2],
}

/// The advice.
pub(super) fn seek(sought: &Sought<'_>) -> Advised {
    let scenario = sought.question.scenario;
    let lattice = sought.lattice;
    let suggestions: Vec<Suggestion> = sought
        .backends
        .iter()
        .filter_map(|backend| sought.suggestions[*backend].clone())
        .collect();
    let starts = [
        lattice.present(),
        nearest(lattice, &hints(scenario, &suggestions)),
    ];
    let (alone, both) = (
        sought.parts(TunedOn::FirstPart),
        sought.parts(TunedOn::BothParts),
    );
    let Hunt {
        mut hunted,
        tuned_on,
        earlier,
    } = sought.hunt(&starts, &alone, &both);
    let best = sought.judged(lattice, &hunted.best);
    let now = sought.judged(lattice, &lattice.present());
    let conclusion = if !holds(&best) {
        let failing = match (sought.held_out, best.held_out) {
            (Some(held_out), Some(standing)) if !standing.holds && best.tuned.holds => held_out,
            _ => sought.tuned,
        };
        Conclusion::NothingMeets(NearestMiss {
            only_held_out: tuned_on == TunedOn::BothParts,
            ..nearest_miss(failing, &best.hpa, sought.backends)
        })
    } else if sought.keeps(&now, &best) {
        Conclusion::Keep
    } else {
        Conclusion::Change
    };
    let best = if conclusion == Conclusion::Keep {
        now.clone()
    } else {
        best
    };
    let own = scenario.slo.good_slices.unwrap_or(scenario.slo.objective);
    let changes = sought.changes(lattice, &best.candidate);
    let judging = || sought.stop(Work::Judging, 1.0);
    confirm_for_nines(own, &hunted.found, &mut hunted.confirmed, &judging);
    let shown = front(&hunted.found.archive, FRONT_POINTS);
    let shown: Vec<Candidate> = shown.into_iter().map(|ranked| ranked.candidate).collect();
    hunted.confirmed.confirm(&shown, f64::INFINITY, &judging);
    let mut looked_at = hunted.found.looked_at.clone();
    let confirmed = hunted.confirmed.looked_at();
    let all_confirmed = confirmed.len() as u64;
    for (candidate, whole) in earlier.into_iter().chain([confirmed]).flatten() {
        *looked_at.entry(candidate).or_default() |= whole;
    }
    let figures = best.tuned.figures;
    let price = figures.cost.median / figures.replica_hours.median;
    Advised {
        backends: sought.names.to_vec(),
        changes,
        front: front_points(&hunted, &best.candidate),
        nines: if all_confirmed == 0 {
            Vec::new()
        } else {
            let is_possible = |objective| sought.is_possible(objective);
            nines(own, price, &hunted, is_possible)
        },
        theory_gaps: theory_gaps(scenario, lattice, &best.hpa, &suggestions),
        searched: Searched {
            candidates: lattice.valid_len(),
            tried: looked_at.len() as u64,
            given_up: looked_at.values().filter(|whole| !**whole).count() as u64,
            confirmed: all_confirmed,
            ended: hunted.ended,
        },
        tuned_on,
        conclusion,
        now,
        best,
    }
}

/// The candidate with the first of the hints on each axis that has one.
fn nearest(lattice: &Lattice, hints: &Hints) -> Candidate {
    let mut nearest = lattice.present();
    for (position, axis) in nearest.0.iter_mut().zip(&lattice.axes) {
        let window =
            |windows: &[SimDuration]| windows.first().map(|first| Value::Window(Some(*first)));
        let hint = match axis.knob {
            Knob::MinReplicas => hints.min.iter().max().map(|count| Value::Replicas(*count)),
            Knob::MaxReplicas => hints.max.iter().max().map(|count| Value::Replicas(*count)),
            Knob::Target(metric) => hints
                .targets
                .iter()
                .find(|(hinted, _)| *hinted == metric)
                .map(|(_, target)| Value::Target(*target)),
            Knob::ScaleUpWindow => window(&hints.up_windows),
            Knob::ScaleDownWindow => window(&hints.down_windows),
            _ => None,
        };
        let found = hint.and_then(|hint| axis.values.iter().position(|value| *value == hint));
        *position = found.map_or(*position, position_of);
    }
    nearest
}

/// The front of what was confirmed over all runs; where the search was ended too early to confirm, of a first look.
fn front_points(hunted: &Hunted<'_>, best: &Candidate) -> Vec<FrontPoint> {
    let mut all = hunted.confirmed.all_whole();
    if hunted.found.ended.is_early() {
        let screened = hunted.found.archive.iter();
        let is_open = |ranked: &&Ranked| hunted.confirmed.get(&ranked.candidate).is_none();
        all.extend(screened.filter(is_open).cloned());
    }
    let mut points = front(&all, MOST_POINTS);
    if points.iter().all(|point| point.candidate != *best) {
        points.extend(all.iter().find(|point| point.candidate == *best).cloned());
        points.sort_by(|a, b| a.appraisal.cost.total_cmp(&b.appraisal.cost));
    }
    points
        .into_iter()
        .map(
            |Ranked {
                 candidate,
                 appraisal,
             }| FrontPoint {
                confirmed: hunted.confirmed.whole(&candidate).is_some(),
                replica_hours: appraisal.cost,
                budget_spent: appraisal.budget_spent,
                candidate,
            },
        )
        .collect()
}

/// What a search, or two, came to.
struct Hunt<'a> {
    hunted: Hunted<'a>,
    /// What the search behind it saw.
    tuned_on: TunedOn,
    /// What the first search looked at, where there were two.
    earlier: Option<HashMap<Candidate, bool>>,
}

impl<'a> Sought<'a> {
    /// Searches on what is tuned on; where the best of that misses on what is held out, again on both.
    fn hunt<'b>(
        &'b self,
        starts: &[Candidate],
        alone: &'b [&'b Part<'b>],
        both: &'b [&'b Part<'b>],
    ) -> Hunt<'b> {
        // The rest is for a second search, if it comes to that.
        let at_first = match self.held_out {
            Some(_) => self.evaluations - self.evaluations / KEPT_FOR_BOTH_PARTS,
            None => self.evaluations,
        };
        let first = Hunt {
            hunted: self.hunt_on(alone, starts, None, at_first),
            tuned_on: TunedOn::FirstPart,
            earlier: None,
        };
        let Some(held_out) = self.held_out else {
            return first;
        };
        let hpa = self.lattice.spec(&first.hunted.best);
        let confirming = || self.stop(Work::Confirming, CONFIRMING);
        let confidence = self.question.confidence;
        let standing = held_out.standing(&hpa, self.backends, confidence, &confirming);
        if self.stop(Work::Searching, SEARCHING).is_some()
            || standing.holds
            || !first.hunted.holds()
        {
            return first;
        }
        // What stood between cost and budget on the first part is near what does on both.
        let front = front(&first.hunted.found.archive, FRONT_POINTS);
        let front = front.iter().map(|ranked| &ranked.candidate);
        let starts: Vec<Candidate> = starts
            .iter()
            .chain([&first.hunted.best])
            .chain(front)
            .cloned()
            .collect();
        let left = self.evaluations.saturating_sub(first.hunted.found.tried());
        let mut earlier = first.hunted.found;
        let hunted = self.hunt_on(both, &starts, Some(&earlier), left.max(1));
        earlier.note_looked_at(first.hunted.confirmed.looked_at());
        Hunt {
            hunted,
            tuned_on: TunedOn::BothParts,
            earlier: Some(earlier.looked_at),
        }
    }

    fn hunt_on<'b>(
        &'b self,
        parts: &'b [&'b Part<'b>],
        starts: &[Candidate],
        earlier: Option<&Found>,
        evaluations: u64,
    ) -> Hunted<'b> {
        let before = earlier.map_or(0, Found::tried);
        let told = |progress: &Progress<'_>| {
            (self.question.told)(PartProgress {
                backends: self.names,
                tried: before + progress.tried,
                at_most: before + progress.at_most,
                best: progress.best.map(|best| best.appraisal),
            });
        };
        let slo = self.question.scenario.slo;
        let until = match (earlier, self.held_out) {
            (None, Some(_)) => FIRST_SEARCH,
            _ => SEARCHING,
        };
        let limits = Limits {
            evaluations,
            stop: &|| self.stop(Work::Searching, until),
            further_budgets: &further_budgets(slo.good_slices.unwrap_or(slo.objective)),
            finalists: FINALISTS,
        };
        hunt(
            self.lattice,
            self.grounds(parts),
            starts,
            earlier,
            &limits,
            Stops {
                piloting: &|| self.stop(Work::Searching, until * PILOTING),
                confirming: &|| self.stop(Work::Confirming, until + CONFIRMING - SEARCHING),
            },
            &told,
        )
    }

    /// Whether an idle replica is quick enough for so large a share of the requests; of minutes there is no such bound.
    fn is_possible(&self, objective: f64) -> bool {
        let scenario = self.question.scenario;
        let slo = Slo {
            objective,
            ..scenario.slo
        };
        let is_quick = |backend: &usize| {
            let server = scenario.backends[*backend].server(slo);
            server.is_ok_and(|server| server.max_rate(MANY_REPLICAS).is_some())
        };
        slo.good_slices.is_some() || self.backends.iter().all(is_quick)
    }

    /// Why to stop some work, if so, that is to be done by a share of the time for this part.
    fn stop(&self, work: Work, share: f64) -> Option<Ended> {
        let [from, until] = self.shares;
        (self.question.stop)(work, from + (until - from) * share)
    }

    /// The parts that a search sees.
    fn parts(&self, tuned_on: TunedOn) -> Vec<&'a Part<'a>> {
        let held_out = self.held_out.filter(|_| tuned_on == TunedOn::BothParts);
        std::iter::once(self.tuned).chain(held_out).collect()
    }

    fn grounds<'b>(&self, parts: &'b [&'b Part<'b>]) -> Grounds<'b>
    where
        'a: 'b,
    {
        Grounds {
            parts,
            slices: self.slices,
            backends: self.backends,
            confidence: self.question.confidence,
            screening_runs: self.screening_runs,
            seed: self.question.scenario.seed,
            shuns: self.question.shuns,
        }
    }

    /// Whether the present settings may stay and are as good as the best: they hold, and cost hardly more on all parts.
    fn keeps(&self, now: &Judged, best: &Judged) -> bool {
        let cost = |judged: &Judged| {
            let held_out = self.held_out.zip(judged.held_out);
            let own = judged.tuned.figures.replica_hours.median * self.tuned.days;
            own + held_out.map_or(0.0, |(part, standing)| {
                standing.figures.replica_hours.median * part.days
            })
        };
        self.lattice.is_valid(&now.candidate)
            && (now.candidate == best.candidate
                || (holds(now) && cost(best) > cost(now) * (1.0 - WORTH_A_CHANGE)))
    }

    /// A candidate, played over all runs of both parts.
    fn judged(&self, lattice: &Lattice, candidate: &Candidate) -> Judged {
        let hpa = lattice.spec(candidate);
        let confidence = self.question.confidence;
        let judging = || self.stop(Work::Judging, 1.0);
        let standing = |part: &Part<'_>| part.standing(&hpa, self.backends, confidence, &judging);
        Judged {
            candidate: candidate.clone(),
            tuned: standing(self.tuned),
            held_out: self.held_out.map(standing),
            hpa,
        }
    }

    /// Each change of a candidate, alone and taken back.
    fn changes(&self, lattice: &Lattice, best: &Candidate) -> Vec<ChangeAdvice> {
        let present = lattice.present();
        let judging = || self.stop(Work::Judging, 1.0);
        let standing = |candidate: &Candidate| -> Standing {
            let hpa = lattice.spec(candidate);
            let confidence = self.question.confidence;
            self.tuned
                .standing(&hpa, self.backends, confidence, &judging)
        };
        let changed: Vec<usize> = lattice.changed(best).collect();
        let effect = |index: &usize| {
            let axis = &lattice.axes[*index];
            let (mut alone, mut without) = (present.clone(), best.clone());
            alone.0[*index] = best.0[*index];
            without.0[*index] = present.0[*index];
            let effect_of = |candidate: &Candidate| {
                let may_play = judging().is_none() && lattice.is_valid(candidate);
                let standing = may_play.then(|| standing(candidate))?;
                // Of fewer runs than the others it says nothing beside them.
                let is_whole = standing.runs == self.question.scenario.runs;
                is_whole.then_some(standing.figures)
            };
            ChangeAdvice {
                knob: axis.knob,
                from: axis.values[axis.present].clone(),
                to: axis.values[usize::from(best.0[*index])].clone(),
                alone: effect_of(&alone),
                without: effect_of(&without),
            }
        };
        changed.iter().map(effect).collect()
    }
}

/// Whether settings hold wherever they were judged.
fn holds(judged: &Judged) -> bool {
    judged.tuned.holds && judged.held_out.is_none_or(|standing| standing.holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::testing::{lattice, scenario};
    use crate::hpa::MetricTarget;

    #[test]
    fn the_search_begins_at_what_theory_suggests_where_that_is_tried() {
        let lattice = lattice(&scenario());
        let hints = Hints {
            min: vec![4, 6],
            targets: vec![(0, MetricTarget::Utilization(60))],
            down_windows: vec![SimDuration::from_seconds(61)],
            ..Hints::default()
        };
        let spec = lattice.spec(&nearest(&lattice, &hints));
        assert_eq!(spec.min_replicas, 6);
        assert_eq!(spec.metrics[0].target(), MetricTarget::Utilization(60));
        // Nobody tries 61 s.
        assert_eq!(spec.behavior, None);
        assert_eq!(nearest(&lattice, &Hints::default()), lattice.present());
    }
}
