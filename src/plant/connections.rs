//! `Connections`: how many connections a load keeps open at one replica, and what a cap refuses.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use crate::queueing::erlang_b;
use crate::traffic::ConnectionSpec;

/// Connections to one replica under a cap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Connections {
    most: f64,
    keep_alive: f64,
    linger: f64,
}

/// The heaviest load so far that no cap touched: one that it covers needs no more connections, and is not looked at again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HeaviestLoad {
    rate: f64,
    size: f64,
    replicas: u32,
}

impl HeaviestLoad {
    /// Whether a load has neither more requests/s nor a greater `size`, whatever else its connections grow with, at the
    /// same count of replicas.
    pub(super) fn covers(&self, rate: f64, size: f64, replicas: u32) -> bool {
        rate <= self.rate && size <= self.size && replicas == self.replicas
    }

    /// Remembers a load, if it is heavier in all.
    pub(super) fn remember(&mut self, rate: f64, size: f64, replicas: u32) {
        if replicas != self.replicas || rate >= self.rate && size >= self.size {
            (self.rate, self.size, self.replicas) = (rate, size, replicas);
        }
    }
}

/// Up to this many connections the share that a cap refuses is computed by recursion.
const FEW: f64 = 200.0;

impl Connections {
    pub(super) fn new(spec: ConnectionSpec) -> Self {
        Self {
            most: f64::from(spec.most),
            keep_alive: spec.keep_alive.as_seconds(),
            linger: spec.linger.as_seconds(),
        }
    }

    /// The cap.
    pub(super) const fn most(&self) -> f64 {
        self.most
    }

    /// Connections that are open or remembered while so many requests are in flight and requests arrive at a rate,
    /// in 1/s.
    ///
    /// Without keep-alive each request has a connection of its own, which lingers after it. With it there are as many as
    /// were needed at the same time within the last keep-alive: the mean in flight m and sqrt(2 m ln(1 + lambda
    /// keep-alive)) above it, the greatest of about that many draws of a Poisson number; those above close one by one.
    pub(super) fn needed(&self, in_flight: f64, rate: f64) -> f64 {
        if self.keep_alive <= 0.0 {
            return in_flight + rate * self.linger;
        }
        let spare = (2.0 * in_flight * (rate * self.keep_alive).ln_1p()).sqrt();
        in_flight + spare * (1.0 + self.linger / self.keep_alive)
    }

    /// The share of requests that the cap refuses when they would need so many connections: Erlang's loss formula, which
    /// holds for any holding time; for many connections its normal limit.
    pub(super) fn refused(&self, needed: f64) -> f64 {
        if needed < 0.5 * self.most.min(2.0 * FEW) || needed <= 0.0 {
            return 0.0;
        }
        if self.most <= FEW {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number below the bound just before"
            )]
            return erlang_b(self.most as u32, needed);
        }
        let spread = needed.sqrt();
        let margin = (self.most - needed) / spread;
        if margin > 8.0 {
            return 0.0;
        }
        if margin < -8.0 {
            return 1.0 - self.most / needed;
        }
        let normal = Normal::standard();
        (normal.pdf(margin) / (spread * normal.cdf(margin))).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimDuration;

    fn connections(most: u32, keep_alive: i64, linger: i64) -> Connections {
        Connections::new(ConnectionSpec {
            most,
            keep_alive: SimDuration::from_seconds(keep_alive),
            linger: SimDuration::from_seconds(linger),
        })
    }

    #[test]
    fn closed_connections_linger() {
        assert!((connections(100, 0, 60).needed(5.0, 10.0) - 605.0).abs() < 1e-9);
        let reused = connections(100, 60, 60).needed(5.0, 10.0);
        assert!(5.0 < reused && reused < 50.0, "{reused}");
    }

    #[test]
    fn both_forms_of_the_loss_formula_agree() {
        for needed in [900.0, 990.0, 1000.0, 1200.0, 3000.0] {
            let found = connections(1000, 0, 0).refused(needed);
            assert!(
                (found - erlang_b(1000, needed)).abs() < 2e-3,
                "{needed}: {found}"
            );
        }
        assert!(connections(1000, 0, 0).refused(100.0).abs() < 1e-300);
        assert!((connections(0, 0, 0).refused(1.0) - 1.0).abs() < 1e-12);
    }
}
