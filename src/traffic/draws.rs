//! `Draws`: the random numbers of a player, each kind from a stream of its own.

use super::player_spec::PlayerSpec;
use crate::stats::{self, Distribution, ExponentialDraws, Purpose, Stream, stream};

/// The longest service or latency, seconds: beyond any run, and finite.
const LONGEST: f64 = 1e9;

/// Streams for arrivals, and for what each attempt takes.
///
/// First attempts draw one service time and one latency each, in order of arrival, whatever becomes of them; retries
/// have streams of their own. So two backends are sent the same requests.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    pub arrivals: ArrivalClock,
    pub service: Sampler,
    pub latency: Sampler,
    pub retry_service: Sampler,
    pub retry_latency: Sampler,
}

impl Draws {
    pub(super) fn new(spec: &PlayerSpec, seed: u64, run: u32) -> Self {
        let sampler = |distribution: &Distribution, purpose, ordinal| {
            Sampler::new(distribution, stream(seed, run, purpose, ordinal))
        };
        Self {
            arrivals: ArrivalClock::new(
                stream(seed, run, Purpose::RequestArrival, 0),
                stream(seed, run, Purpose::RequestArrival, 1),
            ),
            service: sampler(&spec.service, Purpose::RequestService, 0),
            latency: sampler(&spec.path.latency, Purpose::RequestPath, 0),
            retry_service: sampler(&spec.service, Purpose::Retry, 1),
            retry_latency: sampler(&spec.path.latency, Purpose::Retry, 2),
        }
    }
}

/// Poisson arrivals by their hazard: the next one comes when the integral of the rate since the last has reached a
/// unit-exponential variate. What is left of it at a change of rate stays valid.
#[derive(Clone, Debug)]
pub(super) struct ArrivalClock {
    draws: ExponentialDraws,
    left: f64,
    /// For what is not drawn one by one.
    counts: Stream,
}

impl ArrivalClock {
    pub(super) fn new(stream: Stream, counts: Stream) -> Self {
        let mut draws = ExponentialDraws::new(stream);
        let left = draws.draw();
        Self {
            draws,
            left,
            counts,
        }
    }

    /// The stream for counts of arrivals that are not drawn one by one.
    pub(super) const fn counts(&mut self) -> &mut Stream {
        &mut self.counts
    }

    /// How long until the next arrival at `rate`; `None` when it does not come within `rest` seconds, which then have
    /// passed.
    #[inline]
    pub(super) fn next(&mut self, rate: f64, rest: f64) -> Option<f64> {
        let gap = self.left / rate;
        if gap < rest {
            self.left = self.draws.draw();
            return Some(gap);
        }
        self.left = (self.left - rate * rest).max(0.0);
        None
    }
}

/// Draws of one distribution, each finite and not negative.
#[derive(Clone, Debug)]
pub(super) enum Sampler {
    Fixed(f64),
    Exponential {
        mean: f64,
        draws: ExponentialDraws,
    },
    Other {
        sampler: stats::Sampler,
        stream: Box<Stream>,
    },
}

impl Sampler {
    fn new(distribution: &Distribution, stream: Stream) -> Self {
        match distribution {
            Distribution::Deterministic { value } => Self::Fixed(checked(*value)),
            Distribution::Exponential { mean } => Self::Exponential {
                mean: checked(*mean),
                draws: ExponentialDraws::new(stream),
            },
            // That is the exponential distribution, and a usual case.
            Distribution::Gamma { mean, scv } if (scv - 1.0).abs() < f64::EPSILON => {
                let mean = *mean;
                Self::new(&Distribution::Exponential { mean }, stream)
            }
            _ => Self::Other {
                sampler: distribution.sampler(),
                stream: Box::new(stream),
            },
        }
    }

    #[inline]
    pub(super) fn draw(&mut self) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Exponential { mean, draws } => *mean * draws.draw(),
            Self::Other { sampler, stream } => checked(sampler.sample(stream.as_mut())),
        }
    }
}

#[inline]
fn checked(seconds: f64) -> f64 {
    if seconds > 0.0 {
        seconds.min(LONGEST)
    } else {
        0.0
    }
}
