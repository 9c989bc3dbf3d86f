//! `Candidate`: one setting of the knobs; `Lattice`: all that may be tried.

use super::{Knob, Value};
use crate::hpa::HpaSpec;

/// The values that one knob may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Which knob.
    pub knob: Knob,
    /// The values, each once, in the order in which neighbours are alike; the autoscaler's own is among them.
    pub values: Vec<Value>,
    /// The index of the autoscaler's own value.
    pub present: usize,
    /// Whether the autoscaler's own value may be advised. Where a wish excludes it, it is there for comparison alone.
    pub may_stay: bool,
}

/// Every combination of the axes' values.
#[derive(Clone, Debug, PartialEq)]
pub struct Lattice {
    /// The autoscaler as it is.
    pub base: HpaSpec,
    /// What is turned; a knob without an axis stays as it is.
    pub axes: Vec<Axis>,
}

/// One point of a lattice: for each axis, the index of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Candidate(pub Vec<u16>);

impl Axis {
    /// Whether the value at a position may be advised.
    #[must_use]
    pub fn may_take(&self, position: usize) -> bool {
        position < self.values.len() && (self.may_stay || position != self.present)
    }
}

impl Lattice {
    /// How many combinations there are: also those with minReplicas over maxReplicas, and those with values that are
    /// there for comparison alone.
    #[must_use]
    pub fn len(&self) -> u64 {
        let sizes = self.axes.iter().map(|axis| axis.values.len() as u64);
        sizes.fold(1, u64::saturating_mul)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many combinations may be advised.
    #[must_use]
    pub fn valid_len(&self) -> u64 {
        let is_bound = |axis: &&Axis| matches!(axis.knob, Knob::MinReplicas | Knob::MaxReplicas);
        let others = self.axes.iter().filter(|axis| !is_bound(axis));
        let rest = others
            .map(|axis| axis.values.len() as u64 - u64::from(!axis.may_stay))
            .fold(1, u64::saturating_mul);
        let counts = |knob: Knob, own: i32| match self.axes.iter().find(|axis| axis.knob == knob) {
            None => vec![own],
            Some(axis) => (0..axis.values.len())
                .filter(|position| axis.may_take(*position))
                .filter_map(|position| match axis.values[position] {
                    Value::Replicas(count) => Some(count),
                    _ => None,
                })
                .collect(),
        };
        let least = counts(Knob::MinReplicas, self.base.min_replicas);
        let most = counts(Knob::MaxReplicas, self.base.max_replicas);
        let is_pinned = self.base.min_replicas == self.base.max_replicas;
        let pairs = least
            .iter()
            .map(|min| {
                let fits = |max: &&i32| min < *max || (is_pinned && min == *max);
                most.iter().filter(fits).count() as u64
            })
            .sum::<u64>();
        rest.saturating_mul(pairs)
    }

    /// The autoscaler as it is.
    #[must_use]
    pub fn present(&self) -> Candidate {
        let positions = self.axes.iter();
        Candidate(positions.map(|axis| position_of(axis.present)).collect())
    }

    /// The combination of this number, counting from 0 to [`len`](Self::len), the last axis the fastest.
    #[must_use]
    pub fn nth(&self, number: u64) -> Candidate {
        let mut rest = number;
        let mut positions: Vec<u16> = self
            .axes
            .iter()
            .rev()
            .map(|axis| {
                let size = (axis.values.len() as u64).max(1);
                let position = rest % size;
                rest /= size;
                u16::try_from(position).unwrap_or(u16::MAX)
            })
            .collect();
        positions.reverse();
        Candidate(positions)
    }

    /// The autoscaler under a candidate's settings.
    #[must_use]
    pub fn spec(&self, candidate: &Candidate) -> HpaSpec {
        let mut spec = self.base.clone();
        for index in self.changed(candidate) {
            let axis = &self.axes[index];
            axis.knob
                .turn(&mut spec, &axis.values[usize::from(candidate.0[index])]);
        }
        spec
    }

    /// Whether it may be advised: minReplicas is below maxReplicas, or equal where it is now, and no wish excludes one of
    /// its values.
    #[must_use]
    pub fn is_valid(&self, candidate: &Candidate) -> bool {
        let positions = self.axes.iter().zip(&candidate.0);
        let count = |knob: Knob, own: i32| {
            let mut found = positions.clone().filter(|(axis, _)| axis.knob == knob);
            match found
                .next()
                .map(|(axis, position)| &axis.values[usize::from(*position)])
            {
                Some(Value::Replicas(count)) => *count,
                _ => own,
            }
        };
        let is_allowed = positions
            .clone()
            .all(|(axis, position)| axis.may_take(usize::from(*position)));
        let least = count(Knob::MinReplicas, self.base.min_replicas);
        let most = count(Knob::MaxReplicas, self.base.max_replicas);
        // Equal bounds switch autoscaling off; nobody is advised that who did not choose it.
        let is_pinned = self.base.min_replicas == self.base.max_replicas;
        is_allowed && (least < most || (is_pinned && least == most))
    }

    /// The candidate with the same autoscaler that changes least.
    ///
    /// An autoscaler without `behavior` gets a whole one as soon as one of its knobs is turned; turning another one to
    /// what defaulting has filled in then changes nothing.
    #[must_use]
    pub fn canonical(&self, candidate: &Candidate) -> Candidate {
        let mut canonical = candidate.clone();
        if self.base.behavior.is_some() {
            return canonical;
        }
        let spec = self.spec(candidate);
        for (index, axis) in self.axes.iter().enumerate() {
            let position = usize::from(canonical.0[index]);
            if position == axis.present || !axis.may_stay || !axis.knob.is_in_behavior() {
                continue;
            }
            let turned = canonical.0[index];
            canonical.0[index] = position_of(axis.present);
            if self.spec(&canonical) != spec {
                canonical.0[index] = turned;
            }
        }
        canonical
    }

    /// The axes on which a candidate differs from the autoscaler as it is.
    pub fn changed<'a>(&'a self, candidate: &'a Candidate) -> impl Iterator<Item = usize> + 'a {
        let axes = self.axes.iter().zip(&candidate.0).enumerate();
        axes.filter(|(_, (axis, position))| axis.present != usize::from(**position))
            .map(|(index, _)| index)
    }
}

/// An index among an axis' values as a candidate keeps it; axes are far shorter.
pub(super) fn position_of(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}
