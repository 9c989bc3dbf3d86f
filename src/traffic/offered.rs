//! `Offered`: the requests that come over a span.

use rand::RngExt;
use rand_distr::Poisson;

use super::draws::ArrivalClock;
use crate::units::SimTime;

/// The greatest rate that is played, requests/s; beyond it arrivals would come closer than times can tell.
const GREATEST_RATE: f64 = 1e12;

/// More arrivals than this in a span without backends are only counted.
const MOST_PLAYED_FOR_NOTHING: f64 = 1e6;

/// The most arrivals that are played in a span, in expectation.
const MOST_PLAYED: f64 = 1e8;

/// The requests that come over a span.
#[derive(Clone, Copy, Debug)]
pub enum Offered<'a> {
    /// At random, requests/s.
    Poisson {
        /// How many a second, on average; none where it is not over zero.
        rate: f64,
    },
    /// At these instants, in ascending order; those outside the span are left out.
    Times(&'a [SimTime]),
}

/// First attempts in order of time.
pub(super) trait Arrivals {
    /// When the next one comes, seconds since the scenario began; infinite after the last.
    fn next(&mut self, clock: &mut ArrivalClock) -> f64;
}

/// No requests.
pub(super) struct Silence;

/// Poisson arrivals at one rate.
pub(super) struct Steady {
    rate: f64,
    begin: f64,
    /// Since `begin`, so that close arrivals stay apart.
    passed: f64,
    length: f64,
}

/// Arrivals that are known.
pub(super) struct Listed<'a> {
    times: std::slice::Iter<'a, SimTime>,
    end: f64,
    last: f64,
}

impl Arrivals for Silence {
    fn next(&mut self, _: &mut ArrivalClock) -> f64 {
        f64::INFINITY
    }
}

impl Steady {
    pub(super) fn new(rate: f64, begin: f64, end: f64) -> Self {
        let played = rate > 0.0 && begin.is_finite() && end.is_finite();
        Self {
            rate: rate.min(GREATEST_RATE),
            begin,
            passed: 0.0,
            length: if played { end - begin } else { 0.0 },
        }
    }

    /// How many arrivals there are where they would be too many to be played for nothing; there are then no others.
    pub(super) fn in_bulk(&mut self, clock: &mut ArrivalClock) -> u64 {
        let mean = self.rate * self.length;
        if mean.is_nan() || mean <= MOST_PLAYED_FOR_NOTHING {
            return 0;
        }
        self.length = 0.0;
        count(mean, clock)
    }

    /// Takes out at random what are too many arrivals to be played; returns how many those are.
    pub(super) fn thin(&mut self, clock: &mut ArrivalClock) -> u64 {
        let mean = self.rate * self.length;
        if mean.is_nan() || mean <= MOST_PLAYED {
            return 0;
        }
        // Poisson arrivals that are split at random make two independent Poisson processes.
        self.rate = MOST_PLAYED / self.length;
        count(mean - MOST_PLAYED, clock)
    }
}

/// A Poisson count of this mean.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count as a float, which saturates"
)]
fn count(mean: f64, clock: &mut ArrivalClock) -> u64 {
    Poisson::new(mean).map_or(mean, |count| clock.counts().sample(count)) as u64
}

impl Arrivals for Steady {
    #[inline]
    fn next(&mut self, clock: &mut ArrivalClock) -> f64 {
        if self.length <= 0.0 {
            return f64::INFINITY;
        }
        let Some(gap) = clock.next(self.rate, self.length - self.passed) else {
            self.length = 0.0;
            return f64::INFINITY;
        };
        self.passed += gap;
        self.begin + self.passed
    }
}

impl<'a> Listed<'a> {
    pub(super) fn new(times: &'a [SimTime], begin: f64, end: f64) -> Self {
        let before = times.partition_point(|time| time.as_seconds() < begin);
        Self {
            times: times[before..].iter(),
            end,
            last: begin,
        }
    }
}

impl Arrivals for Listed<'_> {
    #[inline]
    fn next(&mut self, _: &mut ArrivalClock) -> f64 {
        match self.times.next() {
            Some(time) if time.as_seconds() < self.end => {
                // One that is out of order comes with the one before it.
                self.last = self.last.max(time.as_seconds());
                self.last
            }
            _ => f64::INFINITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Purpose, stream};

    #[test]
    fn too_many_arrivals_are_thinned_to_what_is_played() {
        let streams = [0, 1].map(|ordinal| stream(1, 0, Purpose::RequestArrival, ordinal));
        let [arrivals, counts] = streams;
        let mut clock = ArrivalClock::new(arrivals, counts);
        let mut calm = Steady::new(1e6, 0.0, 15.0);
        assert_eq!(calm.thin(&mut clock), 0);
        for rate in [1e9, 1e12, f64::INFINITY] {
            let mut wild = Steady::new(rate, 0.0, 15.0);
            let expected = rate.min(GREATEST_RATE) * 15.0 - MOST_PLAYED;
            let refused = wild.thin(&mut clock) as f64;
            assert!((refused / expected - 1.0).abs() < 1e-4, "{rate}: {refused}");
            assert!((wild.rate * 15.0 / MOST_PLAYED - 1.0).abs() < 1e-9);
        }
    }
}
