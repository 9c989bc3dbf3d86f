//! `WaitFigures` and `SteadyWait`: a wait by its moments, and as a sum of exponentials that adds to a service time.

use super::service_time::ServiceTime;

/// A wait by its moments; times in any unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WaitFigures {
    /// P(wait > 0).
    pub(super) probability: f64,
    /// E(wait | wait > 0).
    pub(super) mean: f64,
    /// The squared coefficient of variation of the wait given that it is positive.
    pub(super) scv: f64,
}

impl WaitFigures {
    /// No wait.
    pub(super) const NONE: Self = Self {
        probability: 0.0,
        mean: 1.0,
        scv: 1.0,
    };

    /// The mean of all waits, of those of 0 too.
    pub(super) fn overall_mean(&self) -> f64 {
        self.probability * self.mean
    }

    /// In another unit of time.
    pub(super) fn times(self, unit: f64) -> Self {
        Self {
            mean: self.mean * unit,
            ..self
        }
    }

    /// Between two, figure by figure.
    pub(super) fn between(self, other: Self, share: f64) -> Self {
        let mid = |a: f64, b: f64| a + share * (b - a);
        Self {
            probability: mid(self.probability, other.probability),
            mean: mid(self.mean, other.mean),
            scv: mid(self.scv, other.scv),
        }
    }

    /// The sum of two independent waits.
    pub(super) fn plus(self, other: Self) -> Self {
        let probability = 1.0 - (1.0 - self.probability) * (1.0 - other.probability);
        if other.probability <= 0.0 {
            return self;
        }
        let square = |wait: Self| wait.probability * wait.mean * wait.mean * (1.0 + wait.scv);
        let (first, second) = (self.overall_mean(), other.overall_mean());
        let mean = (first + second) / probability;
        let squares = square(self) + square(other) + 2.0 * first * second;
        Self {
            probability,
            mean,
            scv: squares / (probability * mean * mean) - 1.0,
        }
    }

    /// Positive waits as one exponential, two in a row (scv below 1), or one of two with balanced means (above). More regular
    /// ones than two in a row can be are to a share uniform from 0, as the rest of a fixed service is.
    pub(super) fn in_line(self) -> SteadyWait {
        let Self {
            probability,
            mean,
            scv,
        } = self;
        let one = |probability: f64, mean: f64| WaitPart {
            probability,
            rate: mean.recip(),
        };
        if (scv - 1.0).abs() < ALIKE {
            return SteadyWait::exponential(probability, mean.recip());
        }
        if scv > 1.0 {
            let short = 0.5 * (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt());
            let long = 1.0 - short;
            return SteadyWait::InLine {
                first: one(probability * short, mean / (2.0 * short)),
                second: one(probability * long, mean / (2.0 * long)),
                uniform: UniformPart::NONE,
            };
        }
        let apart = (2.0 * scv.max(LEAST_SCV) - 1.0).sqrt();
        let (long, short) = (mean * 0.5 * (1.0 + apart), mean * 0.5 * (1.0 - apart));
        let uniform = ((LEAST_SCV - scv) / (LEAST_SCV - 1.0 / 3.0)).clamp(0.0, 1.0) * probability;
        let in_a_row = probability - uniform;
        SteadyWait::InLine {
            first: one(in_a_row * long / (long - short), long),
            second: one(-in_a_row * short / (long - short), short),
            uniform: UniformPart {
                probability: uniform,
                most: 2.0 * mean,
            },
        }
    }
}

/// Variabilities as close to 1 as this make one exponential.
const ALIKE: f64 = 5e-3;
/// Two exponentials in a row can be no more regular than 1/2; a little above their two rates stay apart.
const LEAST_SCV: f64 = 0.51;

/// What requests meet in steady state at one occupancy below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum SteadyWait {
    /// First come, first served: P(wait > x) is the sum of two exponentials, of which the second may be negative, and of a
    /// uniform part.
    InLine {
        /// The first, or only one.
        first: WaitPart,
        /// The second.
        second: WaitPart,
        /// The uniform part.
        uniform: UniformPart,
    },
    /// Processor sharing: the time in the replica is gamma.
    Shared {
        /// Mean time beyond the service time, in seconds.
        extra: f64,
        /// Mean time in the replica, in seconds.
        mean: f64,
        /// Its squared coefficient of variation.
        scv: f64,
    },
}

/// One exponential of a wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WaitPart {
    /// Its weight.
    pub(super) probability: f64,
    /// Its rate, in 1/s.
    pub(super) rate: f64,
}

/// Waits that are uniform from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct UniformPart {
    /// Its weight.
    pub(super) probability: f64,
    /// The longest, in seconds.
    pub(super) most: f64,
}

impl UniformPart {
    const NONE: Self = Self {
        probability: 0.0,
        most: 1.0,
    };
}

impl SteadyWait {
    /// A wait that is 0 or exponential with a rate in 1/s.
    pub(super) const fn exponential(probability: f64, rate: f64) -> Self {
        Self::InLine {
            first: WaitPart { probability, rate },
            second: WaitPart {
                probability: 0.0,
                rate: 1.0,
            },
            uniform: UniformPart::NONE,
        }
    }

    /// Mean time beyond the service time, in seconds.
    pub(super) fn mean(&self) -> f64 {
        match self {
            Self::InLine {
                first,
                second,
                uniform,
            } => {
                first.probability / first.rate
                    + second.probability / second.rate
                    + uniform.probability * uniform.most / 2.0
            }
            Self::Shared { extra, .. } => *extra,
        }
    }

    /// P(service alone <= y < time in the replica): what it adds to the survival `alone` of the service time.
    pub(super) fn late_for_waiting(&self, service: &ServiceTime, alone: f64, y: f64) -> f64 {
        match self {
            Self::InLine {
                first,
                second,
                uniform,
            } => {
                let one =
                    |part: &WaitPart| part.probability * service.late_for_waiting(part.rate, y);
                let mut late = one(first);
                if second.probability != 0.0 {
                    late = (late + one(second)).max(0.0);
                }
                if uniform.probability > 0.0 {
                    let behind = service.survival_after_uniform(0.0, uniform.most, y);
                    late += uniform.probability * (behind - alone).max(0.0);
                }
                late
            }
            Self::Shared { mean, scv, .. } => {
                (ServiceTime::new(*mean, *scv).survival(y) - alone).max(0.0)
            }
        }
    }
}
