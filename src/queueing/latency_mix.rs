//! `LatencyMix`: the latencies of all requests of a run, some met in steady state and some behind a backlog.

use std::sync::Arc;

use super::latency_table::{FREE_SHARE, LateRequests, LatencyTable};
use super::octave_grid::OctaveGrid;
use super::wait_figures::SteadyWait;

/// Requests by what made their latency: the occupancy they met, or the wait they had.
///
/// Late requests are counted as they are added, in closed form for waits and through the table for occupancies. For
/// quantiles the requests are kept as weights, on the nodes of the table's grid and in bins of waits: 32 to a doubling,
/// from 1 ms to 12 days, each taken as uniform. Adding allocates only when a count of replicas is first met that the
/// table has a sheet of its own for.
#[derive(Clone, Debug)]
pub struct LatencyMix {
    table: Arc<LatencyTable>,
    /// By the table's sheet; empty before the first request.
    steady: Box<[Box<[f64]>]>,
    /// Bin 0 holds waits below the grid, bin k those from node k - 1 to node k.
    waiting: Box<[f64]>,
    requests: f64,
    late: f64,
}

/// Bins of waits, in seconds.
const WAITS: OctaveGrid = OctaveGrid::new(-10, 30, 5);
/// How exactly a quantile is searched, as a share of its distance from the path latency.
const QUANTILE_PRECISION: f64 = 1e-5;
/// Nodes of occupancy taken together for the tail of a mix, which needs less resolution than the count of late requests:
/// the tail is then within 5e-4 at any latency.
const POOLED_NODES: usize = 4;

impl LatencyMix {
    /// Of no requests yet.
    #[must_use]
    pub fn new(table: Arc<LatencyTable>) -> Self {
        Self {
            steady: vec![Box::default(); table.sheets()].into(),
            waiting: vec![0.0; WAITS.nodes()].into(),
            requests: 0.0,
            late: 0.0,
            table,
        }
    }

    /// Adds requests that arrived in steady state at an occupancy of each of `replicas`; returns how many of them are late.
    pub fn add_steady(&mut self, occupancy: f64, replicas: u32, requests: f64) -> LateRequests {
        let Self { table, steady, .. } = self;
        table.visit(occupancy, replicas, |sheet, occupancy, share| {
            let (node, rest) = FREE_SHARE.locate(1.0 - occupancy);
            let requests = requests * share;
            let weights = &mut steady[sheet];
            if weights.is_empty() {
                *weights = vec![0.0; FREE_SHARE.nodes()].into();
            }
            weights[node] += requests * (1.0 - rest);
            weights[node + 1] += requests * rest;
        });
        let late = self.table.late_in_steady(occupancy, replicas, requests);
        self.requests += requests;
        self.late += late.all;
        late
    }

    /// Adds requests that arrived while the wait moved linearly between two values in seconds; returns how many of them
    /// are late. None of them is late for the link: whose the wait is, the caller knows.
    pub fn add_waiting_linear(
        &mut self,
        wait_from: f64,
        wait_to: f64,
        requests: f64,
    ) -> LateRequests {
        let late = self.table.late_behind(wait_from, wait_to, requests);
        self.spread(wait_from.min(wait_to), wait_from.max(wait_to), requests);
        self.requests += requests;
        self.late += late.all;
        late
    }

    /// Takes in all requests of another mix over the same table.
    pub fn merge(&mut self, other: &Self) {
        debug_assert!(self.table == other.table, "mixes of one model are merged");
        let add = |own: &mut [f64], others: &[f64]| {
            for (weight, more) in own.iter_mut().zip(others) {
                *weight += more;
            }
        };
        for (own, others) in self.steady.iter_mut().zip(&other.steady) {
            if own.is_empty() {
                own.clone_from(others);
            } else {
                add(own, others);
            }
        }
        add(&mut self.waiting, &other.waiting);
        self.requests += other.requests;
        self.late += other.late;
    }

    /// How many requests were added.
    #[must_use]
    pub const fn requests(&self) -> f64 {
        self.requests
    }

    /// How many of them take longer than the table's threshold.
    #[must_use]
    pub const fn late_requests(&self) -> f64 {
        self.late
    }

    /// Late requests as a share of all; `None` of no requests.
    #[must_use]
    pub fn late_share(&self) -> Option<f64> {
        (self.requests > 0.0).then(|| self.late / self.requests)
    }

    /// P(latency > `x` seconds) of a request of the mix; `None` of no requests.
    #[must_use]
    pub fn survival(&self, x: f64) -> Option<f64> {
        (self.requests > 0.0).then(|| self.longer_than(&self.pooled_steady(), x) / self.requests)
    }

    /// The mean latency of all requests, in seconds; `None` of no requests. Behind a backlog it is exact to the bins of
    /// waits, within 3 %.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        if self.requests <= 0.0 {
            return None;
        }
        let spec = self.table.model().spec();
        let steady: f64 = self
            .met_sheets()
            .flat_map(|(weights, waits)| weights.iter().zip(waits))
            .map(|(requests, wait)| requests * wait.mean())
            .sum();
        let waiting = self.waiting.iter().enumerate().map(|(bin, requests)| {
            let (from, to) = bin_bounds(bin);
            requests * from.midpoint(to)
        });
        let waited = steady + waiting.sum::<f64>();
        Some(spec.path_latency + spec.mean + waited / self.requests)
    }

    /// The latency that the share `q` of all requests does not exceed, in seconds; `None` of no requests.
    ///
    /// `q` is kept to at most 1 - 1e-9. Behind a backlog the answer is exact to the bins of waits, within 3 %.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        if self.requests <= 0.0 {
            return None;
        }
        let beyond = (1.0 - q).clamp(1e-9, 1.0) * self.requests;
        let spec = self.table.model().spec();
        let steady = self.pooled_steady();
        let enough =
            |behind_path: f64| self.longer_than(&steady, spec.path_latency + behind_path) <= beyond;
        let (mut low, mut high) = (0.0, spec.mean);
        while !enough(high) && high.is_finite() {
            (low, high) = (high, 2.0 * high);
        }
        while high - low > QUANTILE_PRECISION * high {
            let middle = low.midpoint(high);
            if enough(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(spec.path_latency + high)
    }

    /// Weights and waits of the sheets that have requests.
    fn met_sheets(&self) -> impl Iterator<Item = (&[f64], &[SteadyWait])> {
        self.steady
            .iter()
            .enumerate()
            .filter(|(_, weights)| !weights.is_empty())
            .map(|(sheet, weights)| (&**weights, self.table.sheet(sheet).waits()))
    }

    /// Requests in steady state at every fourth node, those between split linearly; nodes without any are left out.
    fn pooled_steady(&self) -> Vec<(f64, SteadyWait)> {
        let mut all = Vec::new();
        for (weights, waits) in self.met_sheets() {
            let mut pooled = vec![0.0; weights.len() / POOLED_NODES + 2];
            for (node, requests) in weights.iter().enumerate() {
                let (pool, rest) = (node / POOLED_NODES, node % POOLED_NODES);
                let share = rest as f64 / POOLED_NODES as f64;
                pooled[pool] += requests * (1.0 - share);
                pooled[pool + 1] += requests * share;
            }
            let waits = waits.iter().step_by(POOLED_NODES);
            all.extend(
                pooled
                    .into_iter()
                    .zip(waits.copied())
                    .filter(|(requests, _)| *requests > 0.0),
            );
        }
        all
    }

    /// Expected requests with a latency over `x` seconds.
    fn longer_than(&self, steady: &[(f64, SteadyWait)], x: f64) -> f64 {
        let model = self.table.model();
        let idle = model.idle_survival(x);
        let steady: f64 = steady
            .iter()
            .map(|(requests, wait)| {
                requests * (idle + model.late_for_waiting(*wait, idle, x)).min(1.0)
            })
            .sum();
        let waiting: f64 = self
            .waiting
            .iter()
            .enumerate()
            .filter(|(_, requests)| **requests > 0.0)
            .map(|(bin, requests)| {
                let (from, to) = bin_bounds(bin);
                requests * model.survival_with_wait_between(from, to, x)
            })
            .sum();
        steady + waiting
    }

    /// Spreads requests uniformly over the bins between two waits.
    fn spread(&mut self, from: f64, to: f64, requests: f64) {
        let (first, last) = (bin_of(from), bin_of(to));
        if first == last {
            self.waiting[first] += requests;
            return;
        }
        let longest = WAITS.value(WAITS.nodes() - 1);
        let (from, to) = (from.max(0.0), to.min(longest));
        let density = requests / (to - from);
        for (bin, weight) in self.waiting[first..=last].iter_mut().enumerate() {
            let (low, high) = bin_bounds(first + bin);
            *weight += density * (to.min(high) - from.max(low));
        }
    }
}

fn bin_of(wait: f64) -> usize {
    if wait < WAITS.value(0) {
        0
    } else {
        WAITS.locate(wait).0 + 1
    }
}

fn bin_bounds(bin: usize) -> (f64, f64) {
    let low = if bin == 0 { 0.0 } else { WAITS.value(bin - 1) };
    (low, WAITS.value(bin))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use crate::queueing::{ServiceModel, ServiceSpec};
    use proptest::prelude::*;

    const SLO_SECONDS: f64 = 0.5;

    fn mix(servers: u32, mean: f64, scv: f64) -> LatencyMix {
        let spec = ServiceSpec {
            servers,
            mean,
            scv,
            path_latency: 0.001,
        };
        let model = ServiceModel::new(spec).unwrap();
        LatencyMix::new(Arc::new(LatencyTable::new(model, SLO_SECONDS)))
    }

    fn any_mix() -> impl Strategy<Value = LatencyMix> {
        let scv = prop_oneof![Just(0.0), Just(1.0), 0.1..4.0];
        (1..20_u32, 0.01..0.5_f64, scv).prop_map(|(servers, mean, scv)| mix(servers, mean, scv))
    }

    /// Occupancies with requests, and pairs of waits with requests.
    type Pieces = (Vec<(f64, f64)>, Vec<(f64, f64, f64)>);

    fn any_pieces() -> impl Strategy<Value = Pieces> {
        let wait = || prop_oneof![0.0..0.01, 0.0..3.0, 0.0..2000.0];
        (
            prop::collection::vec((0.0..0.999, 0.1..100.0), 1..8),
            prop::collection::vec((wait(), wait(), 0.1..100.0), 0..8),
        )
    }

    fn filled(mut mix: LatencyMix, pieces: &Pieces) -> LatencyMix {
        for (occupancy, requests) in &pieces.0 {
            mix.add_steady(*occupancy, 1, *requests);
        }
        for (from, to, requests) in &pieces.1 {
            mix.add_waiting_linear(*from, *to, *requests);
        }
        mix
    }

    /// The survival of a mix from the model alone: no table, no bins.
    fn direct_survival(model: &ServiceModel, pieces: &Pieces, x: f64) -> f64 {
        let steady = pieces.0.iter().map(|(occupancy, requests)| {
            (*requests, model.survival(occupancy * model.capacity(), x))
        });
        let slices = 1000;
        let waiting = pieces.1.iter().map(|(from, to, requests)| {
            let late: f64 = (0..slices)
                .map(|slice| {
                    let share = (f64::from(slice) + 0.5) / f64::from(slices);
                    model.survival_with_wait(from + share * (to - from), x)
                })
                .sum();
            (*requests, late / f64::from(slices))
        });
        let (requests, longer) = steady
            .chain(waiting)
            .fold((0.0, 0.0), |sum, (weight, late)| {
                (sum.0 + weight, sum.1 + weight * late)
            });
        longer / requests
    }

    proptest! {
        #[test]
        fn no_request_is_lost(mix in any_mix(), pieces in any_pieces()) {
            let mix = filled(mix, &pieces);
            let steady = mix.steady.iter().flat_map(|weights| weights.iter());
            let weights: f64 = steady.chain(&mix.waiting).sum();
            prop_assert!((weights / mix.requests() - 1.0).abs() < 1e-9);
            prop_assert!((0.0..=mix.requests()).contains(&mix.late_requests()));
        }

        #[test]
        fn late_requests_match_direct_integration(mix in any_mix(), pieces in any_pieces()) {
            let mix = filled(mix, &pieces);
            let direct = direct_survival(mix.table.model(), &pieces, SLO_SECONDS);
            prop_assert!((mix.late_share().unwrap() - direct).abs() < 1e-3);
        }

        #[test]
        fn the_tail_of_steady_requests_keeps_its_error_bound(
            mix in any_mix(), pieces in any_pieces(), x in 0.0..10.0_f64
        ) {
            let steady = (pieces.0, Vec::new());
            let mix = filled(mix, &steady);
            let direct = direct_survival(mix.table.model(), &steady, x);
            prop_assert!((mix.survival(x).unwrap() - direct).abs() < 5e-4);
        }

        #[test]
        fn quantiles_match_direct_integration(
            mix in any_mix(), pieces in any_pieces(), q in 0.1..0.999_f64
        ) {
            let mix = filled(mix, &pieces);
            let model = mix.table.model();
            let x = mix.quantile(q).unwrap();
            // Within the width of a bin to either side.
            prop_assert!(direct_survival(model, &pieces, x * 1.04 + 0.001) <= 1.0 - q + 2e-3);
            prop_assert!(direct_survival(model, &pieces, x * 0.96 - 0.001) >= 1.0 - q - 2e-3);
        }

        #[test]
        fn merging_is_adding_everything_to_one(mix in any_mix(), a in any_pieces(), b in any_pieces()) {
            let mut merged = filled(mix.clone(), &a);
            merged.merge(&filled(mix.clone(), &b));
            let all = filled(filled(mix, &a), &b);
            prop_assert!((merged.late_requests() - all.late_requests()).abs() < 1e-9 * all.requests());
            let (m, a) = (merged.quantile(0.95).unwrap(), all.quantile(0.95).unwrap());
            prop_assert!((m / a - 1.0).abs() < 1e-4, "{} {}", m, a);
        }
    }

    #[test]
    fn an_empty_mix_has_no_figures() {
        let empty = mix(1, 0.1, 1.0);
        assert_eq!(
            (empty.late_share(), empty.mean(), empty.quantile(0.5)),
            (None, None, None)
        );
    }

    #[test]
    fn a_steady_mix_has_the_quantiles_of_its_queue() {
        let mut mix = mix(10, 0.1, 1.0);
        mix.add_steady(0.7, 1, 1000.0);
        let model = mix.table.model().clone();
        for q in [0.5, 0.95, 0.99] {
            let exact = model.quantile(70.0, q);
            assert!((mix.quantile(q).unwrap() / exact - 1.0).abs() < 1e-3, "{q}");
        }
    }

    #[test]
    fn the_mean_is_that_of_the_queue_and_of_the_waits() {
        let mut mix = mix(10, 0.1, 1.0);
        let steady = mix.table.model().mean_wait(70.0) + 0.101;
        mix.add_steady(0.7, 1, 1000.0);
        assert!((mix.mean().unwrap() / steady - 1.0).abs() < 1e-3);
        mix.add_waiting_linear(1.0, 3.0, 1000.0);
        let both = f64::midpoint(steady, 2.101);
        assert!((mix.mean().unwrap() / both - 1.0).abs() < 0.03);
    }

    #[test]
    fn odd_figures_do_not_panic() {
        let mut mix = mix(1, 0.1, 1.0);
        for odd in [-1.0, 0.0, 1.0, 1e9, f64::INFINITY] {
            mix.add_steady(odd, 1, 1.0);
            mix.add_waiting_linear(odd, odd, 1.0);
            mix.add_waiting_linear(0.0, odd.min(1e9), 1.0);
        }
        assert!(mix.quantile(0.999).is_some());
    }
}
