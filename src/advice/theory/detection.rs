//! How long a step of the load stays unseen: usage counters, scrapes and syncs, each on its own grid.

use super::quadrature;

/// The way of a metric from the pods to the controller. Periods in seconds, all positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MetricPath {
    /// Usage counters read every `usage` seconds; a scrape every `scrape` seconds keeps the last reading, and the rate is
    /// the growth between the last two distinct ones (cAdvisor and metrics-server).
    Resource {
        /// Period of the readings.
        usage: f64,
        /// Period of the scrapes.
        scrape: f64,
    },
    /// A counter read and kept at once every `scrape` seconds; the rate is its growth since the scrape before.
    Rate {
        /// Period of the scrapes, and the rate's window.
        scrape: f64,
    },
    /// A value of the moment, read every `scrape` seconds.
    Gauge {
        /// Period of the scrapes.
        scrape: f64,
    },
}

/// A load that steps at time 0, as the metric measures it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadStep {
    /// The metric's value before.
    pub before: f64,
    /// Its value from then on.
    pub after: f64,
    /// What a reading must exceed to count: (1 + tolerance) times the target.
    pub threshold: f64,
}

/// Scrapes that bring something new, after which a reading is of the new load alone.
const MOST_READINGS: u32 = 4;

impl MetricPath {
    /// Seconds until the first sync acts on a step, with all phases independent and uniform; sorted. Empty where no
    /// reading ever exceeds the threshold.
    ///
    /// A deterministic integration over the phases on evenly spread points; the means of `control_results.json` are met within
    /// 2 %, their 95th percentiles within 3 %.
    #[must_use]
    pub fn delays(self, step: LoadStep, sync: f64) -> Vec<f64> {
        let mut delays: Vec<f64> = quadrature::points::<3>()
            .filter_map(|[usage, scrape, phase]| {
                let seen = self.seen_at(step, [usage, scrape])?;
                Some(seen + wait_for_sync(seen, sync, phase))
            })
            .collect();
        delays.sort_by(f64::total_cmp);
        delays
    }

    /// Seconds until a reading over the threshold can be had, for given phases of usage readings and scrapes in [0, 1);
    /// `None` where there never is one.
    ///
    /// In short: x* + scrape / 2 + usage / 2 on average, where x* = window ((1 + tolerance) target - before) / (after -
    /// before) is how much of the window must lie after the step.
    #[must_use]
    pub fn seen_at(self, step: LoadStep, [usage_phase, scrape_phase]: [f64; 2]) -> Option<f64> {
        if step.before > step.threshold {
            return Some(0.0);
        }
        let above = |reading: f64| reading > step.threshold;
        if !above(step.after) {
            return None;
        }
        match self {
            Self::Gauge { scrape } => Some(scrape_phase * scrape),
            Self::Rate { scrape } => {
                let first = scrape_phase * scrape;
                let reading = step.mean_between(first - scrape, first);
                Some(if above(reading) {
                    first
                } else {
                    first + scrape
                })
            }
            Self::Resource { usage, scrape } => {
                let readings = Grid {
                    first: usage_phase * usage,
                    period: usage,
                };
                let scrapes = Grid {
                    first: scrape_phase * scrape,
                    period: scrape,
                };
                let mut at = scrapes.at_or_after(0.0);
                for _ in 0..MOST_READINGS {
                    let later = readings.at_or_before(at);
                    let earlier = readings.at_or_before(scrapes.before(later));
                    if above(step.mean_between(earlier, later)) {
                        return Some(at);
                    }
                    at = scrapes.at_or_after(later + usage);
                }
                Some(at)
            }
        }
    }

    /// The span that a reading averages over, seconds: 0 for a value of the moment.
    #[must_use]
    pub const fn window(self) -> f64 {
        match self {
            Self::Resource { usage, scrape } => usage.max(scrape),
            Self::Rate { scrape } => scrape,
            Self::Gauge { .. } => 0.0,
        }
    }

    /// How old the load in a reading is at most, seconds: the window, and the time until the next reading.
    #[must_use]
    pub const fn greatest_age(self) -> f64 {
        match self {
            Self::Resource { usage, scrape } => self.window() + scrape + usage,
            Self::Rate { scrape } => 2.0 * scrape,
            Self::Gauge { scrape } => scrape,
        }
    }
}

impl LoadStep {
    /// What a metric that averages over a span reads.
    fn mean_between(self, from: f64, to: f64) -> f64 {
        let length = to - from;
        if length <= 0.0 {
            return if to > 0.0 { self.after } else { self.before };
        }
        let share = (to.max(0.0) - from.max(0.0)) / length;
        self.before + share * (self.after - self.before)
    }
}

/// From `seen` until the next sync, whose phase is in [0, 1) of its period.
pub(super) fn wait_for_sync(seen: f64, sync: f64, phase: f64) -> f64 {
    let grid = Grid {
        first: phase * sync,
        period: sync,
    };
    grid.at_or_after(seen) - seen
}

/// Moments a period apart, one of them at `first`.
#[derive(Clone, Copy)]
struct Grid {
    first: f64,
    period: f64,
}

impl Grid {
    fn at_or_before(self, time: f64) -> f64 {
        self.first + ((time - self.first) / self.period + 1e-9).floor() * self.period
    }

    fn at_or_after(self, time: f64) -> f64 {
        self.first + ((time - self.first) / self.period - 1e-9).ceil() * self.period
    }

    fn before(self, time: f64) -> f64 {
        self.at_or_after(time) - self.period
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: MetricPath = MetricPath::Resource {
        usage: 10.0,
        scrape: 15.0,
    };

    #[test]
    fn a_doubling_shows_after_some_twenty_seconds() {
        let step = LoadStep {
            before: 0.5,
            after: 1.0,
            threshold: 0.55,
        };
        let delays = USUAL.delays(step, 15.0);
        let mean = delays.iter().sum::<f64>() / delays.len() as f64;
        assert!((mean - 21.2).abs() < 0.3, "{mean}");
        assert!(delays.last().is_some_and(|longest| *longest <= 40.0 + 1e-6));
    }

    #[test]
    fn what_stays_within_the_tolerance_is_never_seen() {
        let step = LoadStep {
            before: 0.5,
            after: 0.55,
            threshold: 0.55,
        };
        assert!(USUAL.delays(step, 15.0).is_empty());
    }

    #[test]
    fn a_gauge_is_seen_at_the_next_scrape() {
        let step = LoadStep {
            before: 0.0,
            after: 9.0,
            threshold: 1.0,
        };
        let path = MetricPath::Gauge { scrape: 30.0 };
        assert_eq!(path.seen_at(step, [0.0, 0.5]), Some(15.0));
    }

    #[test]
    fn a_rate_that_is_half_of_the_old_load_may_need_a_second_window() {
        let path = MetricPath::Rate { scrape: 30.0 };
        let step = LoadStep {
            before: 1.0,
            after: 2.0,
            threshold: 1.6,
        };
        assert_eq!(path.seen_at(step, [0.0, 0.5]), Some(45.0));
        assert_eq!(path.seen_at(step, [0.0, 0.7]), Some(21.0));
    }

    #[test]
    fn readings_rarer_than_scrapes_make_the_window() {
        let path = MetricPath::Resource {
            usage: 60.0,
            scrape: 15.0,
        };
        let step = LoadStep {
            before: 0.0,
            after: 1.0,
            threshold: 0.9,
        };
        for phase in 0..20 {
            let seen = path.seen_at(step, [f64::from(phase) / 20.0, 0.3]);
            assert!(seen.is_some_and(|seen| seen <= 135.0), "{seen:?}");
        }
    }
}
