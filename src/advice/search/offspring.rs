//! New candidates: drawn anew, changed a little, or crossed from two.

use rand::RngExt;

use super::contract::Ranked;
use crate::advice::candidate::position_of;
use crate::advice::{Candidate, Lattice};
use crate::stats::Stream;

/// Draws candidates of a lattice.
pub(super) struct Breeder<'a> {
    pub(super) lattice: &'a Lattice,
    pub(super) random: Stream,
}

impl Breeder<'_> {
    /// Any candidate, each as likely.
    pub(super) fn anew(&mut self) -> Candidate {
        let sizes: Vec<usize> = self.lattice.axes.iter().map(|a| a.values.len()).collect();
        Candidate(
            sizes
                .into_iter()
                .map(|size| position_of(self.below(size)))
                .collect(),
        )
    }

    /// A child of the best: changed on some axes, crossed, or both.
    pub(super) fn child(&mut self, elites: &[Ranked]) -> Candidate {
        let Some(parent) = self.parent(elites) else {
            return self.anew();
        };
        let mut child = parent;
        let crosses = self.below(3) == 0;
        if crosses && let Some(other) = self.parent(elites) {
            for (position, others) in child.0.iter_mut().zip(other.0) {
                if self.random.random::<bool>() {
                    *position = others;
                }
            }
        }
        let turns = if crosses {
            self.below(2)
        } else {
            1 + self.below(3)
        };
        for _ in 0..turns {
            self.turn_one(&mut child);
        }
        child
    }

    /// The better of two: the smaller of two places in a ranked list.
    fn parent(&mut self, elites: &[Ranked]) -> Option<Candidate> {
        if elites.is_empty() {
            return None;
        }
        let place = self.below(elites.len()).min(self.below(elites.len()));
        Some(elites[place].candidate.clone())
    }

    /// Moves one axis by a step or more, rarely to any value, or back to what is.
    fn turn_one(&mut self, candidate: &mut Candidate) {
        if self.lattice.axes.is_empty() {
            return;
        }
        let index = self.below(self.lattice.axes.len());
        let axis = &self.lattice.axes[index];
        let (size, present) = (axis.values.len(), axis.present);
        candidate.0[index] = match self.below(10) {
            0 => position_of(self.below(size)),
            1 => position_of(present),
            _ => {
                let mut stride = 1;
                while stride < 8 && self.random.random::<bool>() {
                    stride += 1;
                }
                let stride = if self.random.random::<bool>() {
                    stride
                } else {
                    -stride
                };
                stepped(candidate.0[index], stride, size).unwrap_or(candidate.0[index])
            }
        };
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u32::try_from(bound).unwrap_or(u32::MAX).max(1);
        self.random.random_range(0..bound) as usize
    }
}

/// A position some places on; `None` beyond the ends.
pub(super) fn stepped(position: u16, stride: i32, size: usize) -> Option<u16> {
    let moved = i32::from(position) + stride;
    let moved = u16::try_from(moved).ok()?;
    (usize::from(moved) < size).then_some(moved)
}
