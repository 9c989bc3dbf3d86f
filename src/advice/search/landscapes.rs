//! Made-up landscapes of settings, cheap enough to know their optima.

use super::{Appraiser, Bar};
use crate::advice::{Appraisal, Axis, Candidate, Knob, Lattice, Value};
use crate::hpa::{Behavior, HpaSpec, MetricSpec, MetricTarget, Resource};
use crate::units::SimDuration;

/// Values on the axes of the landscapes' lattice: 34,560 combinations.
pub(super) const SIZES: [usize; 6] = [12, 3, 16, 4, 5, 3];

/// Budget and cost of where each axis stands, 0 to 1.
pub(super) type Figures = fn(&[f64]) -> (f64, f64);

/// A landscape with what its appraiser does.
pub(super) struct Landscape {
    pub(super) figures: Figures,
    /// Whether candidates beyond the bar are given up.
    pub(super) gives_up: bool,
}

impl Appraiser for Landscape {
    fn appraise(&self, candidate: &Candidate, bar: &Bar) -> Appraisal {
        let places: Vec<f64> = candidate
            .0
            .iter()
            .zip(SIZES)
            .map(|(position, size)| f64::from(*position) / (size - 1) as f64)
            .collect();
        let (budget_spent, cost) = (self.figures)(&places);
        let whole = Appraisal {
            budget_spent,
            bad: 0.0,
            cost,
            reversals: (hash(&places) * 8.0).floor(),
            changes: candidate.0.iter().map(|p| u32::from(*p != 0)).sum(),
            whole: true,
        };
        if self.gives_up && !bar.admits(&whole) {
            // As much as was seen when it became sure.
            return Appraisal {
                budget_spent: budget_spent.min(bar.budget_spent * 1.01),
                cost: cost.min(bar.cost * 1.01),
                whole: false,
                ..whole
            };
        }
        whole
    }
}

/// Some lattice of these sizes.
pub(super) fn lattice() -> Lattice {
    let count = |of: usize, from: i32| {
        let counts = (0..of).map(move |at| from + i32::try_from(at).expect("a small count"));
        counts.map(Value::Replicas).collect::<Vec<_>>()
    };
    let window = |at: usize| {
        let seconds = i64::try_from(at * 60).expect("a small count");
        Value::Window(Some(SimDuration::from_seconds(seconds)))
    };
    let axis = |knob, values| Axis {
        knob,
        values,
        present: 0,
        may_stay: true,
    };
    let percent = |at: usize| {
        let percent = 20 + 5 * i32::try_from(at).expect("a small count");
        Value::Target(MetricTarget::Utilization(percent))
    };
    let tolerance = |at: usize| Value::Tolerance(Some(0.05 * at as f64));
    Lattice {
        base: HpaSpec {
            min_replicas: 1,
            max_replicas: 20,
            metrics: vec![MetricSpec::Resource {
                resource: Resource::Cpu,
                target: MetricTarget::Utilization(20),
            }],
            behavior: Some(Behavior::api_default()),
        },
        axes: vec![
            axis(Knob::MinReplicas, count(SIZES[0], 1)),
            axis(Knob::MaxReplicas, count(SIZES[1], 20)),
            axis(Knob::Target(0), (0..SIZES[2]).map(percent).collect()),
            axis(Knob::ScaleUpWindow, (0..SIZES[3]).map(window).collect()),
            axis(Knob::ScaleDownWindow, (0..SIZES[4]).map(window).collect()),
            axis(
                Knob::ScaleUpTolerance,
                (0..SIZES[5]).map(tolerance).collect(),
            ),
        ],
    }
}

/// More of anything costs and helps, each in its own measure.
pub(super) fn monotone(at: &[f64]) -> (f64, f64) {
    let cost = weighted(at, [60.0, 2.0, 40.0, 6.0, 15.0, 3.0]);
    let help = weighted(at, [3.0, 0.5, 3.0, 0.2, 1.2, 0.3]);
    (8.0 * (-help).exp(), 50.0 + cost)
}

/// Floors and targets trade against each other along a narrow, bent ridge.
pub(super) fn ridge(at: &[f64]) -> (f64, f64) {
    let floor = 1.0 + 11.0 * at[0];
    let target = 0.2 + 0.75 * at[2];
    let spare = floor * (1.0 - target) - 3.0 + at[4] - 0.5 * at[3] - 0.4 * at[5];
    let cost = floor.max(4.0 / target) + 0.3 * floor + 0.5 * at[4] + 0.1 * at[1];
    ((-2.0 * spare).exp(), 10.0 * cost)
}

/// Flat steps: most single steps change nothing.
pub(super) fn plateaus(at: &[f64]) -> (f64, f64) {
    let (budget, cost) = monotone(at);
    ((budget * 4.0).ceil() / 4.0, (cost / 6.0).ceil() * 6.0)
}

/// Ragged in both figures.
pub(super) fn noise(at: &[f64]) -> (f64, f64) {
    let (budget, cost) = ridge(at);
    let ragged = hash(at) - 0.5;
    (budget * (1.0 + 0.4 * ragged), cost * (1.0 + 0.03 * ragged))
}

/// Nothing holds; the nearest miss is in the middle.
pub(super) fn hopeless(at: &[f64]) -> (f64, f64) {
    let (_, cost) = monotone(at);
    let bowl = weighted(at, [1.0; 6]) - 3.0;
    (1.5 + bowl * bowl + (at[2] - 0.6).abs(), cost)
}

/// Four basins, of which one is the deepest.
pub(super) fn basins(at: &[f64]) -> (f64, f64) {
    let wave = |x: f64, turns: f64| 0.5 - 0.5 * (x * turns * std::f64::consts::TAU).cos();
    let (budget, cost) = monotone(at);
    let ripple = 25.0 * wave(at[0], 2.0) + 25.0 * wave(at[2], 2.0) + 5.0 * wave(at[4], 1.0);
    (budget * 0.3, cost + ripple + 10.0 * (at[0] - 0.55).abs())
}

/// Everything leads to one corner, and the best is in a region on the other side, one part in 40 of all.
pub(super) fn deceptive(at: &[f64]) -> (f64, f64) {
    let is_hidden = at[0] > 0.8 && at[2] > 0.8;
    let slope = weighted(at, [40.0, 1.0, 30.0, 2.0, 5.0, 1.0]);
    let cost = if is_hidden {
        20.0 + 0.2 * slope
    } else {
        60.0 + slope
    };
    (0.5, cost)
}

fn weighted(at: &[f64], weights: [f64; 6]) -> f64 {
    at.iter().zip(weights).map(|(place, by)| place * by).sum()
}

/// A number in [0, 1) that looks like chance.
fn hash(at: &[f64]) -> f64 {
    let word = at.iter().fold(0x9e37_79b9_7f4a_7c15_u64, |word, place| {
        let mixed = (word ^ place.to_bits()).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 29)
    });
    (word >> 11) as f64 / (1_u64 << 53) as f64
}
