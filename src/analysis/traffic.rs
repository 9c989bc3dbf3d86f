//! How requests travelled: load imbalance, what the path did, and what it loses against a container's.

use super::bands::{band, band_of, percent_of};
use super::scorecard::{PathCard, PathLimitCard, PathLossCard, TrafficCard};
use crate::outcome::{Imbalance, PathLimit, RunOutcome};
use crate::scenario::Backend;
use crate::units::SimTime;

/// From which share of its capacity on a path counts as nearly full: what it carried is then what it can carry.
const NEARLY_FULL: f64 = 0.9;

pub(super) fn traffic_card(runs: &[RunOutcome]) -> TrafficCard {
    let imbalance = |figure: fn(&Imbalance) -> f64| {
        band(runs, move |run| {
            run.traffic.imbalance.as_ref().map_or(f64::NAN, figure)
        })
    };
    TrafficCard {
        retries: band(runs, |run| run.traffic.retries),
        misrouted: band(runs, |run| run.traffic.misrouted),
        dead_seconds: band(runs, |run| run.traffic.dead_seconds),
        share_cv: imbalance(|spread| spread.share_cv),
        busiest: imbalance(|spread| spread.busiest),
    }
}

/// `against` is the backend, and its runs, that losses are measured against.
pub(super) fn path_card(
    backend: &Backend,
    runs: &[RunOutcome],
    against: Option<(&Backend, &[RunOutcome])>,
) -> PathCard {
    let limits = PathLimit::ALL.iter().enumerate().map(|(index, limit)| {
        let is_first = |run: &&RunOutcome| run.traffic.path.bound_first() == Some(*limit);
        let first_in = runs.iter().filter(is_first).count();
        PathLimitCard {
            limit: *limit,
            spoilt: band(runs, |run| run.traffic.path.spoilt[index].requests),
            first_in: u32::try_from(first_in).unwrap_or(u32::MAX),
        }
    });
    let firsts = |run: &RunOutcome| {
        let firsts = run
            .traffic
            .path
            .spoilt
            .iter()
            .filter_map(|spoilt| spoilt.first);
        firsts.min().map_or(f64::NAN, SimTime::as_seconds)
    };
    PathCard {
        mean: band(runs, |run| run.traffic.path.mean_seconds),
        peak_bits_per_second: band(runs, |run| run.traffic.path.peak_bits_per_second),
        peak_throughput_percent: band(runs, |run| 100.0 * throughput(backend, run).used()),
        peak_connections: band(runs, |run| run.traffic.path.peak_connections),
        peak_connections_percent: band(runs, |run| 100.0 * connections(backend, run).used()),
        limits: limits.collect(),
        bound_first_at: band(runs, firsts),
        loss: path_loss(backend, runs, against),
    }
}

/// The loss ratios, run by run: run k of every backend meets the same requests.
fn path_loss(
    backend: &Backend,
    runs: &[RunOutcome],
    against: Option<(&Backend, &[RunOutcome])>,
) -> PathLossCard {
    let of_pairs = |figure: &dyn Fn(&Backend, &RunOutcome, &RunOutcome) -> f64| {
        let pairs = against
            .iter()
            .flat_map(|(container, theirs)| theirs.iter().map(move |their| (container, their)))
            .zip(runs)
            .map(|((container, their), own)| figure(container, their, own));
        let known: Vec<f64> = pairs.filter(|value| value.is_finite()).collect();
        band_of(&known)
    };
    PathLossCard {
        latency_percent: of_pairs(&|_, their, own| {
            let (their, own) = (
                their.traffic.path.mean_seconds,
                own.traffic.path.mean_seconds,
            );
            100.0 * (own / their - 1.0)
        }),
        throughput_percent: of_pairs(&|container, their, own| {
            throughput(backend, own).loss_percent(throughput(container, their))
        }),
        connections_percent: of_pairs(&|container, their, own| {
            connections(backend, own).loss_percent(connections(container, their))
        }),
    }
}

/// The most of something that one replica's path carried, and what it can carry.
#[derive(Clone, Copy)]
struct Carried {
    peak: f64,
    most: f64,
}

fn throughput(backend: &Backend, run: &RunOutcome) -> Carried {
    Carried {
        peak: run.traffic.path.peak_bits_per_second,
        most: backend.plant.path.bits_per_second,
    }
}

fn connections(backend: &Backend, run: &RunOutcome) -> Carried {
    let most = backend.plant.path.connections.most;
    Carried {
        peak: run.traffic.path.peak_connections,
        most: if most == u32::MAX {
            f64::INFINITY
        } else {
            f64::from(most)
        },
    }
}

impl Carried {
    /// The share of its capacity that was used; NaN where there is no limit to speak of.
    fn used(self) -> f64 {
        if self.most.is_finite() && self.most > 0.0 {
            self.peak / self.most
        } else {
            f64::NAN
        }
    }

    /// How much less than another it carried, percent; NaN where that shows no loss.
    fn loss_percent(self, other: Self) -> f64 {
        if self.used() >= NEARLY_FULL && self.peak < other.peak {
            percent_of(other.peak - self.peak, other.peak)
        } else {
            f64::NAN
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(peak: f64, most: f64) -> Carried {
        Carried { peak, most }
    }

    #[track_caller]
    fn check_loss(own: Carried, container: Carried, expected: Option<f64>) {
        let loss = own.loss_percent(container);
        match expected {
            Some(expected) => assert!((loss - expected).abs() < 1e-9, "{loss}"),
            None => assert!(loss.is_nan(), "{loss}"),
        }
    }

    #[test]
    fn a_loss_is_measured_only_where_the_path_was_nearly_full() {
        check_loss(carried(2e9, 2e9), carried(8e9, 10e9), Some(75.0));
        check_loss(carried(1.9e9, 2e9), carried(3.8e9, 10e9), Some(50.0));
        check_loss(carried(1e9, 2e9), carried(8e9, 10e9), None);
        // More replicas to share the load: nothing is known of what a container could have carried.
        check_loss(carried(2e9, 2e9), carried(1.5e9, 10e9), None);
    }

    #[test]
    fn what_has_no_limit_or_a_limit_of_zero_is_never_full() {
        check_loss(carried(2e9, f64::INFINITY), carried(8e9, 10e9), None);
        check_loss(carried(0.0, 0.0), carried(8e9, 10e9), None);
        check_loss(carried(f64::NAN, 2e9), carried(8e9, 10e9), None);
        check_loss(carried(2e9, 2e9), carried(f64::NAN, 10e9), None);
    }
}
