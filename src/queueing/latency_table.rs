//! `LatencyTable`: the late share at any occupancy, looked up instead of computed.

use super::latency::{ServiceModel, SteadyWait};
use super::octave_grid::OctaveGrid;

/// A service model against one latency threshold, tabulated over the free share 1 - occupancy.
///
/// The nodes lie at equal steps within each halving of the free share, 64 to a halving and 12 halvings, down to an
/// occupancy of 1 - 2^-12 = 99.98 %; above it the last node stands. The tail e^(-theta x) has theta proportional to the
/// free share, so this grid resolves it equally well at any occupancy, threshold and service time, and the error of
/// linear interpolation is at most [`MAX_ERROR`](Self::MAX_ERROR).
#[derive(Clone, Debug, PartialEq)]
pub struct LatencyTable {
    model: ServiceModel,
    slo_seconds: f64,
    late_shares: Box<[f64]>,
    waits: Box<[SteadyWait]>,
}

/// Over the free share.
pub(super) const FREE_SHARE: OctaveGrid = OctaveGrid::new(-12, 12, 6);

impl LatencyTable {
    /// The greatest difference between [`late_share`](Self::late_share) and [`ServiceModel::survival`] up to an occupancy
    /// of 99.97 %.
    pub const MAX_ERROR: f64 = 5e-5;

    /// Tabulates a model against a threshold in seconds.
    #[must_use]
    pub fn new(model: ServiceModel, slo_seconds: f64) -> Self {
        let waits: Box<[_]> = (0..FREE_SHARE.nodes())
            .filter_map(|node| model.steady_wait(1.0 - FREE_SHARE.value(node)))
            .collect();
        Self {
            late_shares: waits
                .iter()
                .map(|wait| model.survival_in(*wait, slo_seconds))
                .collect(),
            waits,
            model,
            slo_seconds,
        }
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

    /// The share of requests over the threshold in steady state at an occupancy.
    #[must_use]
    pub fn late_share(&self, occupancy: f64) -> f64 {
        let (node, rest) = FREE_SHARE.locate(1.0 - occupancy);
        self.late_share_between(node, rest)
    }

    /// The late share at the fraction `rest` of the way from one node to the next.
    pub(super) fn late_share_between(&self, node: usize, rest: f64) -> f64 {
        let (here, next) = (self.late_shares[node], self.late_shares[node + 1]);
        here + rest * (next - here)
    }

    /// The wait at each node.
    pub(super) fn waits(&self) -> &[SteadyWait] {
        &self.waits
    }
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
            let table = LatencyTable::new(model, 0.1 * slo_over_mean);
            let occupancy: f64 = 1.0 - free;
            let exact = model.survival(occupancy * model.capacity(), table.slo_seconds());
            let error = (table.late_share(occupancy) - exact).abs();
            prop_assert!(error < LatencyTable::MAX_ERROR, "{}", error);
        }

        #[test]
        fn the_late_share_never_falls_with_occupancy(a in -0.1..1.3_f64, b in -0.1..1.3_f64) {
            let spec = ServiceSpec { servers: 10, mean: 0.1, scv: 0.3, path_latency: 0.0 };
            let table = LatencyTable::new(ServiceModel::new(spec).unwrap(), 0.3);
            prop_assert!(table.late_share(a.min(b)) <= table.late_share(a.max(b)));
        }
    }
}
