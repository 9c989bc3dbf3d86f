//! Which candidates come first in the end: where costs are alike, the calmest, then the one that changes least.

use super::contract::{Appraiser, Bar, Ranked};
use super::elites::Goal;
use super::ledger::Ledger;
use super::offspring::stepped;
use crate::advice::candidate::position_of;

/// Costs that differ by no more than this share of the cheapest are alike.
pub(in crate::advice) const ALIKE: f64 = 0.005;

/// Brings candidates in order: those that hold by cost, then the others by how near they miss.
///
/// Of those that hold and cost at most 0.5 % more than the cheapest, the calmest come first, in tenths of a reversal a
/// day, then those with the fewest changes, then the cheapest. The group is that of the cheapest alone, so the order
/// depends on nothing but the list.
pub(in crate::advice) fn best_first(mut ranked: Vec<Ranked>) -> Vec<Ranked> {
    ranked.sort_by(|a, b| Goal::OBJECTIVE.compare(a, b));
    let Some(cheapest) = ranked
        .first()
        .filter(|best| best.appraisal.holds())
        .cloned()
    else {
        return ranked;
    };
    let alike = ranked
        .iter()
        .take_while(|one| {
            one.appraisal.holds() && one.appraisal.cost <= cheapest.appraisal.cost * (1.0 + ALIKE)
        })
        .count();
    ranked[..alike].sort_by(|a, b| calm(a).cmp(&calm(b)));
    ranked
}

/// Looks around the best candidate for a calmer one, or one that changes less, at a cost alike.
pub(super) fn calm_down<A: Appraiser + ?Sized>(ledger: &mut Ledger<'_, A>) {
    loop {
        let Some(best) = best_first(ledger.admitted().collect()).into_iter().next() else {
            return;
        };
        let mut holding = ledger.admitted().filter(|one| one.appraisal.holds());
        let Some(first) = holding.next() else { return };
        let cheapest = holding.fold(first.appraisal.cost, |least, one| {
            least.min(one.appraisal.cost)
        });
        let bar = Bar {
            budget_spent: Goal::OBJECTIVE.budget_spent,
            cost: cheapest * (1.0 + ALIKE),
        };
        let mut wanted = Vec::new();
        for (index, axis) in ledger.lattice.axes.iter().enumerate() {
            let own = best.candidate.0[index];
            let near = [-2, -1, 1, 2]
                .into_iter()
                .filter_map(|stride| stepped(own, stride, axis.values.len()));
            for position in near.chain([position_of(axis.present)]) {
                let mut one = best.candidate.clone();
                one.0[index] = position;
                wanted.push(one);
            }
        }
        let found = ledger.ask(&wanted, bar);
        let is_calmer = |one: &Ranked| calm(one) < calm(&best);
        let is_cheaper = |one: &Ranked| one.appraisal.cost < cheapest;
        if ledger.room() == 0 || !found.iter().any(|one| is_calmer(one) || is_cheaper(one)) {
            return;
        }
    }
}

/// What decides among candidates of like cost.
fn calm(ranked: &Ranked) -> (Total, u32, Total, &[u16]) {
    let appraisal = &ranked.appraisal;
    (
        Total((appraisal.reversals * 10.0).round()),
        appraisal.changes,
        Total(appraisal.cost),
        &ranked.candidate.0,
    )
}

/// A number that has an order.
#[derive(Clone, Copy, Debug)]
struct Total(f64);

impl Ord for Total {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Total {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Total {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Total {}
