//! `LatencyTable`: the late share at any occupancy and count of replicas, looked up instead of computed.

use std::ops::AddAssign;
use std::sync::OnceLock;

use super::latency::ServiceModel;
use super::octave_grid::OctaveGrid;
use super::replica_grid::{REPLICA_NODES, locate_replicas, replicas_at};
use super::root::{first_where, last_where};
use super::splitting::{SplittingRule, hashed_load_classes};
use super::wait_figures::SteadyWait;

/// A service model against one latency threshold, tabulated over the free share 1 - occupancy, and over the count of
/// replicas where that matters.
///
/// The nodes lie at equal steps within each halving of the free share, 64 to a halving and 12 halvings, down to an
/// occupancy of 1 - 2^-12 = 99.98 %; above it the last node stands. The tail e^(-theta x) has theta proportional to the
/// free share, so this grid resolves it equally well at any occupancy, threshold and service time, and the error of
/// linear interpolation is at most [`MAX_ERROR`](Self::MAX_ERROR).
///
/// Counts of replicas are two to a doubling, and computed when they are first met: balancing at random has just one.
#[derive(Clone, Debug)]
pub struct LatencyTable {
    model: ServiceModel,
    slo_seconds: f64,
    sheets: Box<[OnceLock<Sheet>]>,
}

/// The table at one count of replicas.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    late: Box<[f64]>,
    /// As `late`, with a path that takes no time.
    without_path: Box<[f64]>,
    /// As `late`, with a link that is always free; empty without a link.
    without_link: Box<[f64]>,
    waits: Box<[SteadyWait]>,
}

/// Requests over the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LateRequests {
    /// All of them.
    pub all: f64,
    /// Those that would have been in time over a path without latency.
    pub for_path_latency: f64,
    /// Those that would have been in time over a link that is always free.
    pub for_link: f64,
}

impl AddAssign for LateRequests {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.for_path_latency += other.for_path_latency;
        self.for_link += other.for_link;
    }
}

/// Shares of requests over the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct LateShares {
    /// As it is.
    pub(super) late: f64,
    /// Those that a path without latency would have saved.
    pub(super) for_path: f64,
    /// Those that a free link would have saved.
    pub(super) for_link: f64,
}

/// Over the free share.
pub(super) const FREE_SHARE: OctaveGrid = OctaveGrid::new(-12, 12, 6);

/// Nodes between two at which the moments of a wait are computed; between them they are interpolated.
const FIGURE_STEP: usize = 4;

impl LatencyTable {
    /// The greatest difference between [`late_share`](Self::late_share) and [`ServiceModel::survival`] up to an occupancy
    /// of 99.97 %, behind random balancing.
    pub const MAX_ERROR: f64 = 5e-5;

    /// Tabulates a model against a threshold in seconds.
    #[must_use]
    pub fn new(model: ServiceModel, slo_seconds: f64) -> Self {
        let sheets = match model.splitting().rule {
            SplittingRule::Random | SplittingRule::Hashed { .. } => 1,
            _ => REPLICA_NODES,
        };
        let table = Self {
            model,
            slo_seconds,
            sheets: (0..sheets).map(|_| OnceLock::new()).collect(),
        };
        table.sheet(0);
        table
    }

    /// The model that was tabulated.
    #[must_use]
    pub const fn model(&self) -> &ServiceModel {
        &self.model
    }

    /// The threshold, in seconds.
    #[must_use]
    pub const fn slo_seconds(&self) -> f64 {
        self.slo_seconds
    }

    /// The share of requests over the threshold in steady state at an occupancy, of one of `replicas`.
    #[must_use]
    pub fn late_share(&self, occupancy: f64, replicas: u32) -> f64 {
        let mut late = 0.0;
        self.visit(occupancy, replicas, |sheet, occupancy, share| {
            let (node, rest) = FREE_SHARE.locate(1.0 - occupancy);
            late += share * self.sheet(sheet).late_share_between(node, rest);
        });
        late
    }

    /// Those over the threshold of requests that arrive in steady state at an occupancy of each of `replicas`.
    #[must_use]
    pub fn late_in_steady(&self, occupancy: f64, replicas: u32, requests: f64) -> LateRequests {
        if matches!(self.model.splitting().rule, SplittingRule::Random) {
            return self.late_on(0, occupancy, requests);
        }
        let mut late = LateRequests::default();
        self.visit(occupancy, replicas, |sheet, occupancy, share| {
            late += self.late_on(sheet, occupancy, requests * share);
        });
        late
    }

    /// Those over the threshold of requests that arrive while the wait moves linearly between two values in seconds. None
    /// of them is late for the link: whose the wait is, the caller knows.
    #[must_use]
    pub fn late_behind(&self, wait_from: f64, wait_to: f64, requests: f64) -> LateRequests {
        let (model, slo) = (&self.model, self.slo_seconds);
        let late_beyond =
            |threshold| requests * model.survival_with_wait_between(wait_from, wait_to, threshold);
        let late = late_beyond(slo);
        LateRequests {
            all: late,
            for_path_latency: late - late_beyond(slo + model.path_latency()),
            for_link: 0.0,
        }
    }

    /// The mean wait before service in steady state at an occupancy, of one of `replicas`, in seconds.
    #[must_use]
    pub fn mean_wait(&self, occupancy: f64, replicas: u32) -> f64 {
        let mut mean = 0.0;
        self.visit(occupancy, replicas, |sheet, occupancy, share| {
            let (node, rest) = FREE_SHARE.locate(1.0 - occupancy);
            let waits = &self.sheet(sheet).waits;
            // The wait times the free share is smooth up to saturation.
            let scaled = |node: usize| waits[node].mean() * FREE_SHARE.value(node);
            let free = FREE_SHARE.value(0).max(1.0 - occupancy).min(1.0);
            mean += share * (scaled(node) + rest * (scaled(node + 1) - scaled(node))) / free;
        });
        mean
    }

    /// The highest occupancy at which the share `objective` of requests is in time in steady state, of one of `replicas`;
    /// `None` when not even an idle replica keeps that promise.
    #[must_use]
    pub fn max_occupancy(&self, replicas: u32, objective: f64) -> Option<f64> {
        let keeps = |occupancy: f64| {
            occupancy < 1.0 && self.late_share(occupancy, replicas) <= 1.0 - objective
        };
        let occupancy = last_where(0.0, 1.0, keeps);
        (occupancy > 0.0).then_some(occupancy)
    }

    /// The latency that the share `q` of requests does not exceed in steady state at an occupancy, of one of `replicas`,
    /// in seconds.
    #[must_use]
    pub fn quantile(&self, occupancy: f64, replicas: u32, q: f64) -> f64 {
        let model = &self.model;
        if matches!(model.splitting().rule, SplittingRule::Random) {
            return model.quantile(occupancy * model.capacity(), q);
        }
        let mut waits = Vec::with_capacity(10);
        self.visit(occupancy, replicas, |sheet, occupancy, share| {
            let (node, rest) = FREE_SHARE.locate(1.0 - occupancy);
            let met = &self.sheet(sheet).waits;
            waits.push((share * (1.0 - rest), met[node]));
            waits.push((share * rest, met[node + 1]));
        });
        let path = model.path_latency();
        let late = |y: f64| -> f64 {
            waits
                .iter()
                .map(|(share, wait)| share * model.survival_in(*wait, path + y))
                .sum()
        };
        path + first_where(model.spec().mean, |y| late(y) <= 1.0 - q)
    }

    /// The sheets that stand for a count of replicas, each with the occupancy there and the share of requests: most
    /// often one, two between counts, five for classes of clients.
    pub(super) fn visit(
        &self,
        occupancy: f64,
        replicas: u32,
        mut visitor: impl FnMut(usize, f64, f64),
    ) {
        match self.model.splitting().rule {
            SplittingRule::Random => visitor(0, occupancy, 1.0),
            SplittingRule::Hashed { concentration } => {
                for (share, load) in hashed_load_classes(replicas, concentration) {
                    visitor(0, occupancy * load, share);
                }
            }
            _ => {
                let (node, rest) = locate_replicas(replicas);
                visitor(node, occupancy, 1.0 - rest);
                if rest > 0.0 {
                    visitor(node + 1, occupancy, rest);
                }
            }
        }
    }

    /// Those over the threshold of requests that a sheet stands for.
    #[inline]
    fn late_on(&self, sheet: usize, occupancy: f64, requests: f64) -> LateRequests {
        let (node, rest) = FREE_SHARE.locate(1.0 - occupancy);
        let shares = self.sheet(sheet).late_shares_between(node, rest);
        LateRequests {
            all: requests * shares.late,
            for_path_latency: requests * shares.for_path,
            for_link: requests * shares.for_link,
        }
    }

    /// How many sheets there can be.
    pub(super) const fn sheets(&self) -> usize {
        self.sheets.len()
    }

    /// One sheet, computed now if it is the first time.
    pub(super) fn sheet(&self, sheet: usize) -> &Sheet {
        self.sheets[sheet]
            .get_or_init(|| Sheet::new(&self.model, self.slo_seconds, replicas_at(sheet)))
    }
}

impl PartialEq for LatencyTable {
    fn eq(&self, other: &Self) -> bool {
        self.model == other.model && self.slo_seconds.to_bits() == other.slo_seconds.to_bits()
    }
}

impl Sheet {
    fn new(model: &ServiceModel, slo_seconds: f64, replicas: u32) -> Self {
        let late = |waits: &[SteadyWait], threshold: f64| -> Box<[f64]> {
            waits
                .iter()
                .map(|wait| model.survival_in(*wait, threshold))
                .collect()
        };
        let waits = waits(model, replicas);
        let free_link = model.without_waits_for_link();
        Self {
            late: late(&waits, slo_seconds),
            without_path: late(&waits, slo_seconds + model.path_latency()),
            without_link: free_link.map_or_else(
                || [].into(),
                |model| late(&self::waits(&model, replicas), slo_seconds),
            ),
            waits,
        }
    }

    /// The late share at the fraction `rest` of the way from one node to the next.
    pub(super) fn late_share_between(&self, node: usize, rest: f64) -> f64 {
        between(&self.late, node, rest)
    }

    /// The late share there, and what it would be without the path.
    pub(super) fn late_shares_between(&self, node: usize, rest: f64) -> LateShares {
        let late = self.late_share_between(node, rest);
        LateShares {
            late,
            for_path: late - between(&self.without_path, node, rest),
            for_link: if self.without_link.is_empty() {
                0.0
            } else {
                // Both are approximations: a link that hardly waits may seem to help.
                (late - between(&self.without_link, node, rest)).max(0.0)
            },
        }
    }

    /// The wait at each node.
    pub(super) fn waits(&self) -> &[SteadyWait] {
        &self.waits
    }
}

/// The wait at each node: computed at each for a replica alone, else from figures between nodes.
fn waits(model: &ServiceModel, replicas: u32) -> Box<[SteadyWait]> {
    let occupancy = |node: usize| 1.0 - FREE_SHARE.value(node);
    if replicas <= 1 {
        return (0..FREE_SHARE.nodes())
            .filter_map(|node| model.steady_wait(occupancy(node)))
            .collect();
    }
    let figures: Box<[_]> = (0..FREE_SHARE.nodes())
        .step_by(FIGURE_STEP)
        .map(|node| model.wait_figures(occupancy(node), replicas))
        .collect();
    (0..FREE_SHARE.nodes())
        .map(|node| {
            let (whole, rest) = (node / FIGURE_STEP, node % FIGURE_STEP);
            let share = rest as f64 / FIGURE_STEP as f64;
            let next = figures[(whole + 1).min(figures.len() - 1)];
            model.wait_of(figures[whole].between(next, share))
        })
        .collect()
}

fn between(values: &[f64], node: usize, rest: f64) -> f64 {
    let (here, next) = (values[node], values[node + 1]);
    here + rest * (next - here)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use crate::queueing::ServiceSpec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn interpolation_keeps_its_error_bound(
            servers in prop_oneof![1..10_u32, 10..1000_u32],
            scv in prop_oneof![Just(0.0), Just(1.0), 0.01..20.0],
            slo_over_mean in prop_oneof![1.0..10.0, 10.0..10_000.0],
            free in prop_oneof![3e-4..0.02, 0.02..1.0],
        ) {
            let spec = ServiceSpec { servers, mean: 0.1, scv, path_latency: 0.001 };
            let model = ServiceModel::new(spec).unwrap();
            let table = LatencyTable::new(model.clone(), 0.1 * slo_over_mean);
            let occupancy: f64 = 1.0 - free;
            let exact = model.survival(occupancy * model.capacity(), table.slo_seconds());
            let error = (table.late_share(occupancy, 1) - exact).abs();
            prop_assert!(error < LatencyTable::MAX_ERROR, "{}", error);
        }

        #[test]
        fn the_late_share_never_falls_with_occupancy(a in -0.1..1.3_f64, b in -0.1..1.3_f64) {
            let spec = ServiceSpec { servers: 10, mean: 0.1, scv: 0.3, path_latency: 0.0 };
            let table = LatencyTable::new(ServiceModel::new(spec).unwrap(), 0.3);
            prop_assert!(table.late_share(a.min(b), 1) <= table.late_share(a.max(b), 1));
        }
    }
}
