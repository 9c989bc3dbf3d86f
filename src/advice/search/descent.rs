//! Descent: from a candidate to one whose neighbours are no better.

use super::contract::{Appraiser, Ranked};
use super::elites::Elites;
use super::ledger::{BATCH, Ledger};
use super::offspring::stepped;
use crate::advice::candidate::position_of;
use crate::advice::{Candidate, Lattice};

/// Steps along one axis.
const STRIDES: [i32; 6] = [-1, 1, -2, 2, -4, 4];
/// Steps along two axes at once: first the nearest ones, then those that pay one knob's step with another's larger one.
const PAIRED: [&[(i32, i32)]; 2] = [
    &[(-1, 1), (1, -1), (-1, -1), (1, 1)],
    &[
        (-1, 2),
        (1, -2),
        (-2, 1),
        (2, -1),
        (-2, 2),
        (2, -2),
        (-1, 3),
        (1, -3),
        (-3, 1),
        (3, -1),
        (-1, -2),
        (1, 2),
        (-2, -1),
        (2, 1),
    ],
];

/// How far a descent looks around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Along one axis at a time.
    Singles,
    /// Along two at once as well.
    Pairs,
}

/// Descends from a candidate, and returns where that leads. All that is met on the way is offered to the elites.
pub(super) fn descend<A: Appraiser + ?Sized>(
    ledger: &mut Ledger<'_, A>,
    elites: &mut Elites,
    start: Ranked,
    reach: Reach,
) -> Ranked {
    let lattice = ledger.lattice;
    elites.note_descent(start.candidate.clone());
    let mut current = start;
    while ledger.room() > 0 {
        let better = better_ones(ledger, elites, &single_steps(lattice, &current), &current);
        if let Some(best) = better.first() {
            let leaps = leaps(lattice, &current, &better);
            let further = better_ones(ledger, elites, &leaps, best);
            current = further.into_iter().next().unwrap_or_else(|| best.clone());
            continue;
        }
        if reach == Reach::Singles {
            break;
        }
        match best_pair(ledger, elites, &current) {
            Some(better) => current = better,
            None => break,
        }
    }
    elites.note_descent(current.candidate.clone());
    current
}

/// Those asked for that are better than one, the best first.
fn better_ones<A: Appraiser + ?Sized>(
    ledger: &mut Ledger<'_, A>,
    elites: &mut Elites,
    wanted: &[Candidate],
    than: &Ranked,
) -> Vec<Ranked> {
    let goal = elites.goal;
    let mut found = ledger.ask(wanted, goal.bar_of(&than.appraisal));
    for ranked in &found {
        elites.offer(ranked.clone());
    }
    found.retain(|ranked| goal.is_better(ranked, than));
    found.sort_by(|a, b| goal.compare(a, b));
    found
}

/// The first batch of pairs of steps that has something better decides.
fn best_pair<A: Appraiser + ?Sized>(
    ledger: &mut Ledger<'_, A>,
    elites: &mut Elites,
    current: &Ranked,
) -> Option<Ranked> {
    for strides in PAIRED {
        let pairs = paired_steps(ledger.lattice, current, strides);
        for batch in pairs.chunks(BATCH) {
            let better = better_ones(ledger, elites, batch, current);
            if let Some(best) = better.into_iter().next() {
                return Some(best);
            }
            if ledger.room() == 0 {
                return None;
            }
        }
    }
    None
}

/// Every axis a few places on, and back to what is.
fn single_steps(lattice: &Lattice, current: &Ranked) -> Vec<Candidate> {
    let mut steps = Vec::new();
    for (index, axis) in lattice.axes.iter().enumerate() {
        let own = current.candidate.0[index];
        let present = Some(position_of(axis.present)).filter(|present| *present != own);
        let strides = STRIDES
            .iter()
            .filter_map(|stride| stepped(own, *stride, axis.values.len()));
        for position in strides.chain(present) {
            steps.push(at(&current.candidate, index, position));
        }
    }
    steps
}

fn paired_steps(lattice: &Lattice, current: &Ranked, strides: &[(i32, i32)]) -> Vec<Candidate> {
    let axes = &lattice.axes;
    let mut steps = Vec::new();
    for first in 0..axes.len() {
        for second in first + 1..axes.len() {
            for (one, other) in strides {
                let own = &current.candidate.0;
                let moved = (
                    stepped(own[first], *one, axes[first].values.len()),
                    stepped(own[second], *other, axes[second].values.len()),
                );
                if let (Some(one), Some(other)) = moved {
                    steps.push(at(&at(&current.candidate, first, one), second, other));
                }
            }
        }
    }
    steps
}

/// The steps that were better, joined: the best of each axis together, the best two, and the best one twice as far.
fn leaps(lattice: &Lattice, current: &Ranked, better: &[Ranked]) -> Vec<Candidate> {
    let from = &current.candidate.0;
    let turned = |ranked: &Ranked| {
        let own = ranked.candidate.0.iter().zip(from);
        own.enumerate()
            .find(|(_, (position, before))| position != before)
            .map(|(index, (position, _))| (index, *position))
    };
    let mut turns: Vec<(usize, u16)> = Vec::new();
    for (index, position) in better.iter().filter_map(turned) {
        if turns.iter().all(|(known, _)| *known != index) {
            turns.push((index, position));
        }
    }
    let mut leaps = Vec::new();
    let mut joint = current.candidate.clone();
    for (count, (index, position)) in turns.iter().enumerate() {
        joint = at(&joint, *index, *position);
        if count > 0 {
            leaps.push(joint.clone());
        }
    }
    if let Some((index, position)) = turns.first() {
        let stride = i32::from(*position) - i32::from(from[*index]);
        let further = stepped(*position, stride, lattice.axes[*index].values.len());
        leaps.extend(further.map(|position| at(&current.candidate, *index, position)));
    }
    leaps
}

fn at(candidate: &Candidate, index: usize, position: u16) -> Candidate {
    let mut moved = candidate.clone();
    moved.0[index] = position;
    moved
}
