//! M/M/c/K: an M/M/c queue with room for K requests, which refuses the others.

use super::birth_death::{mean, stationary};

/// Places for requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Requests in service at the same time, c.
    pub servers: u32,
    /// Requests in the system at the same time, K.
    pub room: u32,
}

/// Figures of an M/M/c/K queue in steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FiniteRoom {
    /// Share of arrivals refused.
    pub blocked: f64,
    /// Mean number in the system.
    pub mean_in_system: f64,
    /// Mean latency of those not refused, in seconds.
    pub mean_latency: f64,
    /// Mean wait of those not refused, in seconds.
    pub mean_wait: f64,
    /// Requests served, in 1/s.
    pub throughput: f64,
    /// Share of time a server is busy.
    pub occupancy: f64,
}

/// M/M/c/K with `room` = K requests, waiting and in service together; rates in 1/s. From the birth-death chain, then
/// Little's law over those not refused.
///
/// `None` when a rate or the number of servers is not positive, or there is less room than servers.
#[must_use]
pub fn finite_room(
    arrival_rate: f64,
    service_rate: f64,
    Places { servers, room }: Places,
) -> Option<FiniteRoom> {
    if !(arrival_rate > 0.0 && service_rate > 0.0) || servers == 0 || room < servers {
        return None;
    }
    let capacity = f64::from(servers);
    let probabilities = stationary(
        |n| arrival_rate / (n.min(capacity) * service_rate),
        Some(room),
    )?;
    let full = usize::try_from(room).ok()?;
    // The chain may end early when the room is never used up.
    let blocked = probabilities.get(full).copied().unwrap_or_default();
    let throughput = arrival_rate * (1.0 - blocked);
    let mean_in_system = mean(&probabilities, |n| n);
    let mean_latency = mean_in_system / throughput;
    Some(FiniteRoom {
        blocked,
        mean_in_system,
        mean_latency,
        mean_wait: mean_latency - service_rate.recip(),
        throughput,
        occupancy: throughput / (capacity * service_rate),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;
    use crate::queueing::{Mmc, erlang_b};

    #[test]
    fn without_a_line_it_is_erlang_b_and_with_a_long_one_mmc() {
        let places = |servers, room| Places { servers, room };
        let loss = finite_room(9.0, 1.0, places(10, 10)).unwrap();
        assert!((loss.blocked - erlang_b(10, 9.0)).abs() < 1e-14);
        let long = finite_room(9.0, 1.0, places(10, 100_000)).unwrap();
        let endless = Mmc::new(9.0, 1.0, 10).unwrap();
        assert!((long.mean_wait - endless.mean_wait()).abs() < 1e-12);
        assert_eq!(finite_room(9.0, 1.0, places(10, 9)), None);
        assert_eq!(finite_room(9.0, 0.0, places(10, 10)), None);
    }
}
