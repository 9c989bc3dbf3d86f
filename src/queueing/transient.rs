//! M/M/c on its way: the number in system at any time, while load and servers change in steps.

use statrs::distribution::{Discrete, Poisson};

use super::birth_death::{mean, stationary};
use super::mmc::Mmc;

/// The distribution of the number in an M/M/c system, moved through time by uniformization (Jensen 1953).
///
/// The slow and exact companion of the fluid: its cost grows with time, rates and backlog.
#[derive(Clone, Debug, PartialEq)]
pub struct TransientQueue {
    service_rate: f64,
    probabilities: Vec<f64>,
}

/// Arrivals and servers over one stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Arrivals, in 1/s.
    pub arrival_rate: f64,
    /// Number of servers.
    pub servers: u32,
    /// Length, in seconds.
    pub seconds: f64,
}

/// Probabilities below this at either end are dropped.
const NEGLIGIBLE: f64 = 1e-22;
/// Standard deviations of the Poisson number of steps that are counted.
const DEVIATIONS: f64 = 11.0;

impl TransientQueue {
    /// An empty system, whose servers serve at `service_rate` each, in 1/s.
    #[must_use]
    pub fn empty(service_rate: f64) -> Self {
        Self {
            service_rate,
            probabilities: vec![1.0],
        }
    }

    /// A system in the steady state of a queue. `None` when it takes more than ten million states.
    #[must_use]
    pub fn steady(queue: &Mmc) -> Option<Self> {
        let servers = f64::from(queue.servers());
        let load = queue.offered_load();
        Some(Self {
            service_rate: queue.service_rate(),
            probabilities: stationary(|n| load / n.min(servers), None)?,
        })
    }

    /// Moves time on. In-service requests beyond a lower number of servers go back to the head of the line.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of steps, not negative"
    )]
    pub fn advance(&mut self, stretch: Stretch) {
        let servers = f64::from(stretch.servers);
        let uniform_rate = stretch.arrival_rate + servers * self.service_rate;
        let expected_steps = uniform_rate * stretch.seconds;
        let Ok(steps) = Poisson::new(expected_steps) else {
            return; // No time or no rate: nothing moves.
        };
        let spread = DEVIATIONS * (expected_steps.sqrt() + DEVIATIONS);
        let first = (expected_steps - spread).max(0.0) as u64;
        let last = (expected_steps + spread) as u64;
        let up = stretch.arrival_rate / uniform_rate;
        let down = self.service_rate / uniform_rate;
        let (mut now, mut next) = (Window::new(&self.probabilities), Window::new(&[]));
        let mut sum = Vec::new();
        for step in 0..=last {
            if step >= first {
                now.add_to(&mut sum, steps.pmf(step));
            }
            now.step(&mut next, |n| (up, down * n.min(servers)));
            std::mem::swap(&mut now, &mut next);
        }
        self.probabilities = sum;
    }

    /// Expected number in the system, waiting and in service.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        mean(&self.probabilities, |n| n)
    }

    /// P(wait > `x` seconds) of a request that arrives now, if the number of servers stays `servers`.
    ///
    /// With n >= c in the system it waits for n - c + 1 services of rate c mu.
    #[must_use]
    pub fn wait_survival(&self, servers: u32, x: f64) -> f64 {
        let waiting_from = self.probabilities.iter().skip(servers as usize);
        let Ok(served) = Poisson::new(f64::from(servers) * self.service_rate * x) else {
            return waiting_from.sum();
        };
        let mut too_few_served = 0.0;
        waiting_from
            .zip(0..)
            .map(|(probability, ahead)| {
                too_few_served += served.pmf(ahead);
                probability * too_few_served
            })
            .sum()
    }
}

/// Probabilities of consecutive states from `first` on; all others are 0.
struct Window {
    first: usize,
    values: Vec<f64>,
}

impl Window {
    fn new(values: &[f64]) -> Self {
        Self {
            first: 0,
            values: values.to_vec(),
        }
    }

    /// One step of the uniformized chain into `next`; `moves(n)` are the probabilities to go up and down from n.
    fn step(&self, next: &mut Self, moves: impl Fn(f64) -> (f64, f64)) {
        next.first = self.first.saturating_sub(1);
        let shift = self.first - next.first;
        next.values.clear();
        next.values.resize(self.values.len() + shift + 1, 0.0);
        for (index, probability) in self.values.iter().enumerate() {
            let (up, down) = moves((self.first + index) as f64);
            let here = index + shift;
            next.values[here] += probability * (1.0 - up - down);
            next.values[here + 1] += probability * up;
            if here > 0 {
                next.values[here - 1] += probability * down;
            }
        }
        while next.values.last().is_some_and(|last| *last < NEGLIGIBLE) {
            next.values.pop();
        }
        if next.values.first().is_some_and(|first| *first < NEGLIGIBLE) {
            next.values.remove(0);
            next.first += 1;
        }
    }

    fn add_to(&self, sum: &mut Vec<f64>, weight: f64) {
        let end = self.first + self.values.len();
        if sum.len() < end {
            sum.resize(end, 0.0);
        }
        for (total, value) in sum[self.first..].iter_mut().zip(&self.values) {
            *total += weight * value;
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;

    #[test]
    fn a_steady_state_stays() {
        let queue = Mmc::new(7.0, 1.0, 10).unwrap();
        let mut moved = TransientQueue::steady(&queue).unwrap();
        assert!((moved.mean_in_system() - queue.mean_in_system()).abs() < 1e-12);
        assert!((moved.wait_survival(10, 0.3) - queue.wait_survival(0.3)).abs() < 1e-12);
        moved.advance(Stretch {
            arrival_rate: 7.0,
            servers: 10,
            seconds: 50.0,
        });
        assert!((moved.mean_in_system() - queue.mean_in_system()).abs() < 1e-10);
    }

    #[test]
    fn two_stretches_are_one_long_one() {
        let stretch = |seconds| Stretch {
            arrival_rate: 12.0,
            servers: 10,
            seconds,
        };
        let mut halves = TransientQueue::empty(1.0);
        halves.advance(stretch(4.0));
        halves.advance(stretch(6.0));
        let mut whole = TransientQueue::empty(1.0);
        whole.advance(stretch(10.0));
        assert!((halves.mean_in_system() - whole.mean_in_system()).abs() < 1e-10);
        assert!((whole.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn without_servers_arrivals_are_counted() {
        let mut queue = TransientQueue::empty(1.0);
        queue.advance(Stretch {
            arrival_rate: 3.0,
            servers: 0,
            seconds: 10.0,
        });
        assert!((queue.mean_in_system() - 30.0).abs() < 1e-9);
    }
}
