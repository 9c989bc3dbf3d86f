//! The Pareto front of cost against objective.

use super::search::Ranked;

/// Those that no other one beats in budget, cost and reversals together, by cost.
pub(super) fn non_dominated(ranked: &[Ranked]) -> Vec<Ranked> {
    let figures = |one: &Ranked| {
        let appraisal = &one.appraisal;
        [appraisal.cost, appraisal.budget_spent, appraisal.reversals]
    };
    let mut by_cost: Vec<&Ranked> = ranked.iter().collect();
    by_cost.sort_by(|a, b| {
        let pairs = figures(a).into_iter().zip(figures(b));
        pairs
            .map(|(x, y)| x.total_cmp(&y))
            .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
            .then(a.appraisal.changes.cmp(&b.appraisal.changes))
            .then_with(|| a.candidate.cmp(&b.candidate))
    });
    // Whoever beats one comes before it, so looking back is enough.
    let mut kept: Vec<Ranked> = Vec::new();
    for one in by_cost {
        let own = figures(one);
        let is_beaten = kept.iter().any(|other| {
            let pairs = figures(other).into_iter().zip(own);
            pairs.into_iter().all(|(theirs, own)| theirs <= own)
        });
        if !is_beaten {
            kept.push(one.clone());
        }
    }
    kept
}

/// The front of cost against budget spent, the cheapest first, thinned to so many: its ends and its knee stay, and
/// between them points that are apart.
pub(super) fn front(ranked: &[Ranked], most: usize) -> Vec<Ranked> {
    let mut front: Vec<Ranked> = Vec::new();
    for one in non_dominated(ranked) {
        let is_better = front
            .last()
            .is_none_or(|last| one.appraisal.budget_spent < last.appraisal.budget_spent);
        if is_better && one.appraisal.whole {
            front.push(one);
        }
    }
    thinned(front, most)
}

/// The candidate where the front bends most: the farthest from the line between its ends.
fn knee(points: &[(f64, f64)]) -> usize {
    let bend = |index: &usize| {
        let (x, y) = points[*index];
        1.0 - x - y
    };
    (0..points.len())
        .max_by(|a, b| bend(a).total_cmp(&bend(b)).then(b.cmp(a)))
        .unwrap_or(0)
}

/// Where points stand between the ends of a front, 0 to 1 each; budgets by their order of magnitude, as nines are.
fn scaled(front: &[Ranked]) -> Vec<(f64, f64)> {
    // A budget that is not touched at all counts as a millionth of it.
    let place = |one: &Ranked| {
        (
            one.appraisal.cost,
            one.appraisal.budget_spent.clamp(1e-6, 1e12).ln(),
        )
    };
    let (Some(first), Some(last)) = (front.first().map(place), front.last().map(place)) else {
        return Vec::new();
    };
    let share = |value: f64, from: f64, to: f64| {
        let span = to - from;
        if span > 0.0 {
            (value - from) / span
        } else {
            0.0
        }
    };
    let points = front.iter().map(place);
    points
        .map(|(cost, budget)| (share(cost, first.0, last.0), share(budget, last.1, first.1)))
        .collect()
}

/// Takes the point away whose neighbours are nearest to each other until few enough are left.
fn thinned(mut front: Vec<Ranked>, most: usize) -> Vec<Ranked> {
    let mut points = scaled(&front);
    let mut knee = knee(&points);
    // The last one that costs least while it holds is what the front is about.
    let is_edge = |front: &[Ranked], index: usize| {
        front[index].appraisal.holds() && (index == 0 || !front[index - 1].appraisal.holds())
    };
    while front.len() > most {
        let gap = |index: usize| {
            let (before, after) = (points[index - 1], points[index + 1]);
            (after.0 - before.0).abs() + (after.1 - before.1).abs()
        };
        let inner = 1..front.len() - 1;
        let spare = inner.filter(|index| *index != knee && !is_edge(&front, *index));
        let Some(nearest) = spare.min_by(|a, b| gap(*a).total_cmp(&gap(*b))) else {
            break;
        };
        front.remove(nearest);
        points.remove(nearest);
        knee -= usize::from(nearest < knee);
    }
    front
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::{Appraisal, Candidate};

    fn point(number: u16, cost: f64, budget_spent: f64) -> Ranked {
        Ranked {
            candidate: Candidate(vec![number]),
            appraisal: Appraisal {
                budget_spent,
                bad: 0.0,
                cost,
                reversals: 0.0,
                changes: 0,
                whole: true,
            },
        }
    }

    const MOST: usize = 40;

    fn numbers(front: &[Ranked]) -> Vec<u16> {
        front.iter().map(|one| one.candidate.0[0]).collect()
    }

    #[test]
    fn what_another_beats_is_not_on_the_front() {
        let points = [
            point(0, 10.0, 2.0),
            point(1, 10.0, 2.0),
            point(2, 12.0, 2.5),
            point(3, 20.0, 0.5),
            point(4, 15.0, 1.0),
            point(5, 15.0, 1.5),
        ];
        assert_eq!(numbers(&front(&points, MOST)), [0, 4, 3]);
        assert_eq!(numbers(&non_dominated(&points)), [0, 4, 3]);
        assert!(front(&[], MOST).is_empty());
    }

    #[test]
    fn calm_keeps_a_candidate_in_the_archive_and_not_on_the_front() {
        let mut calm = point(1, 12.0, 2.5);
        calm.appraisal.reversals = -1.0;
        let points = [point(0, 10.0, 2.0), calm];
        assert_eq!(numbers(&non_dominated(&points)), [0, 1]);
        assert_eq!(numbers(&front(&points, MOST)), [0]);
    }

    #[test]
    fn a_long_front_keeps_its_ends_its_knee_and_where_the_objective_begins_to_hold() {
        let all: Vec<Ranked> = (0..500_u16)
            .map(|number| {
                let cost = 100.0 + f64::from(number);
                let budget =
                    50.0 * (-f64::from(number.min(60)) / 8.0).exp() - f64::from(number) * 1e-6;
                point(number, cost, budget)
            })
            .collect();
        let thinned = numbers(&front(&all, MOST));
        assert_eq!(thinned.len(), MOST);
        assert!(thinned.is_sorted());
        assert_eq!((thinned[0], thinned[MOST - 1]), (0, 499));
        assert!(thinned.contains(&60), "the knee: {thinned:?}");
        let first_holding = all.iter().position(|one| one.appraisal.holds());
        let first_holding = u16::try_from(first_holding.expect("some hold")).expect("few");
        assert!(thinned.contains(&first_holding), "{thinned:?}");
    }

    #[test]
    fn budgets_of_nothing_and_without_end_have_a_place() {
        let points = [
            point(0, 1.0, f64::INFINITY),
            point(1, 2.0, 0.1),
            point(2, 3.0, 0.0),
        ];
        assert_eq!(numbers(&front(&points, MOST)), [0, 1, 2]);
    }
}
