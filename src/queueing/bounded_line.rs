//! A line with room for a number of waiting requests: how many it refuses, and how long the others wait.

use super::erlang::erlang_b;

/// A replica whose line holds at most `room` requests; beyond that requests are refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundedLine {
    /// Requests in service at the same time.
    pub servers: u32,
    /// Requests that may wait.
    pub room: u32,
    /// Squared coefficient of variation of the service time.
    pub scv: f64,
}

/// What a [`BoundedLine`] does in steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundedFigures {
    /// The share of requests that it refuses.
    pub refused: f64,
    /// Mean wait of the others, in mean service times.
    pub mean_wait: f64,
}

impl BoundedLine {
    /// At an occupancy, which may be above 1: M/M/c/K in closed form. For other than exponential service the line's
    /// states fall off with rho^(2 / (1 + scv)) instead of rho, as the heavy-traffic limit does.
    #[must_use]
    pub fn at(&self, occupancy: f64) -> BoundedFigures {
        let (workers, room) = (f64::from(self.servers), f64::from(self.room));
        let offered = occupancy * workers;
        let blocked = erlang_b(self.servers, offered);
        if offered <= 0.0 || blocked <= 0.0 {
            return BoundedFigures {
                refused: 0.0,
                mean_wait: 0.0,
            };
        }
        let step = occupancy.powf(2.0 / (1.0 + self.scv));
        // Relative to the state with all servers busy and nobody waiting.
        let not_all_busy = blocked.recip() - 1.0;
        let (line, waiting, full) = if (step - 1.0).abs() < 1e-6 {
            (room + 1.0, room * (room + 1.0) / 2.0, 1.0)
        } else if step < 1.0 {
            let full = step.powf(room);
            let line = (1.0 - full * step) / (1.0 - step);
            let waiting = (line - 1.0 - room * full * step) / (1.0 - step);
            (line, waiting, full)
        } else {
            // Relative to the full line, so that nothing overflows.
            let back = step.recip();
            let empty = back.powf(room);
            let line = (1.0 - empty * back) / (1.0 - back);
            let from_full = (line - 1.0 - room * empty * back) / (1.0 - back);
            let all = not_all_busy * empty + line;
            return self.figures(offered, 1.0 / all, (room * line - from_full) / all);
        };
        let all = not_all_busy + line;
        self.figures(offered, full / all, waiting / all)
    }

    fn figures(&self, offered: f64, full: f64, waiting: f64) -> BoundedFigures {
        // With other than exponential service the states only stand in; no more can be served than there are servers.
        let refused = full.clamp((1.0 - f64::from(self.servers) / offered).max(0.0), 1.0);
        let accepted = offered * (1.0 - refused);
        BoundedFigures {
            refused,
            mean_wait: if accepted > 0.0 {
                waiting.max(0.0) / accepted
            } else {
                0.0
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use crate::queueing::{Places, finite_room};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn exponential_service_is_the_finite_queue(
            servers in 1..40_u32, room in 0..60_u32, occupancy in 0.05..3.0_f64
        ) {
            let line = BoundedLine { servers, room, scv: 1.0 };
            let found = line.at(occupancy);
            let places = Places { servers, room: servers + room };
            let exact = finite_room(occupancy * f64::from(servers), 1.0, places).unwrap();
            prop_assert!((found.refused - exact.blocked).abs() < 1e-6);
            prop_assert!((found.mean_wait - exact.mean_wait).abs() < 1e-6 * (1.0 + exact.mean_wait));
        }
    }
}
