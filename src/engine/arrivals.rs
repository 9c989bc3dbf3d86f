//! `Arrivals`: the trace's rate over time, with seeded counts within steps that are coarser than the grain.

use rand_distr::{Distribution as _, Poisson};

use crate::stats::{Purpose, stream};
use crate::trace::ArrivalTrace;
use crate::units::{SimDuration, SimTime};

/// Above this mean a count's spread is below 0.1 % and no longer drawn.
const LARGEST_DRAWN_MEAN: f64 = 1e6;

/// Walks through the arrival rate.
///
/// A step longer than the grain is cut into equal parts. The parts share the step's requests as independent Poisson
/// counts would, given their sum: the total of every step stays what the trace says.
pub(super) struct Arrivals<'a> {
    trace: &'a ArrivalTrace,
    grain: SimDuration,
    seed: u64,
    run: u32,
    step: usize,
    part: usize,
    parts: Vec<f64>,
    until: SimTime,
}

impl<'a> Arrivals<'a> {
    pub(super) fn new(trace: &'a ArrivalTrace, grain: SimDuration, seed: u64, run: u32) -> Self {
        let mut arrivals = Self {
            trace,
            grain,
            seed,
            run,
            step: 0,
            part: 0,
            parts: Vec::new(),
            until: SimTime::ZERO,
        };
        arrivals.cut();
        arrivals.until = arrivals.find_until();
        arrivals
    }

    /// The rate as the trace has it, for requests that are drawn one by one: as a Poisson process they vary within a
    /// coarse step as much as its parts would, so cutting it would make them vary twice.
    pub(super) fn uncut(trace: &'a ArrivalTrace) -> Self {
        // Nothing is drawn, so neither seed nor run matters.
        Self::new(trace, SimDuration::from_nanos(i64::MAX), 0, 0)
    }

    /// The present rate, requests/s.
    pub(super) fn rate(&self) -> f64 {
        self.parts.get(self.part).copied().unwrap_or(0.0)
    }

    /// When the present rate ends.
    pub(super) const fn until(&self) -> SimTime {
        self.until
    }

    /// Goes on to the next rate; at the end of the trace it stays at the last.
    pub(super) fn advance(&mut self) {
        self.part += 1;
        if self.part >= self.parts.len() {
            if self.step + 1 >= self.trace.rates().len() {
                self.part -= 1;
                return;
            }
            self.step += 1;
            self.part = 0;
            self.cut();
        }
        self.until = self.find_until();
    }

    fn find_until(&self) -> SimTime {
        let (begin, end) = self.bounds();
        let parts = i64::try_from(self.parts.len()).unwrap_or(i64::MAX);
        let passed = i64::try_from(self.part + 1).unwrap_or(i64::MAX);
        if passed >= parts {
            end
        } else {
            begin + SimDuration::from_nanos((end - begin).as_nanos() / parts * passed)
        }
    }

    fn bounds(&self) -> (SimTime, SimTime) {
        let starts = self.trace.starts();
        let end = starts.get(self.step + 1).copied();
        (starts[self.step], end.unwrap_or_else(|| self.trace.end()))
    }

    fn cut(&mut self) {
        let (begin, end) = self.bounds();
        let rate = self.trace.rates()[self.step];
        let length = end - begin;
        self.parts.clear();
        if length <= self.grain || rate <= 0.0 {
            self.parts.push(rate);
            return;
        }
        let grain = self.grain.as_nanos().max(1);
        let parts = length.as_nanos() / grain + i64::from(length.as_nanos() % grain != 0);
        let parts = usize::try_from(parts).unwrap_or(usize::MAX).min(100_000);
        let mean = rate * length.as_seconds() / parts as f64;
        let counts = (mean <= LARGEST_DRAWN_MEAN)
            .then(|| Poisson::new(mean).ok())
            .flatten();
        let Some(counts) = counts else {
            self.parts.resize(parts, rate);
            return;
        };
        let ordinal = self.step as u64;
        let mut draws = stream(self.seed, self.run, Purpose::ArrivalsWithinStep, ordinal);
        self.parts
            .extend((0..parts).map(|_| counts.sample(&mut draws)));
        let drawn: f64 = self.parts.iter().sum();
        if drawn > 0.0 {
            let factor = rate * parts as f64 / drawn;
            self.parts.iter_mut().for_each(|part| *part *= factor);
        } else {
            // A step with a fraction of a request: nothing was drawn, so it is spread evenly.
            self.parts.fill(rate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Series;

    fn trace(step: i64, notation: &str) -> ArrivalTrace {
        let series = Series::from_notation(SimDuration::from_seconds(step), notation);
        ArrivalTrace::from_rates(series.expect("valid notation"))
    }

    fn played(trace: &ArrivalTrace, grain: i64, run: u32) -> Vec<(SimTime, f64)> {
        let mut arrivals = Arrivals::new(trace, SimDuration::from_seconds(grain), 1, run);
        let mut steps = Vec::new();
        loop {
            steps.push((arrivals.until(), arrivals.rate()));
            if arrivals.until() >= trace.end() {
                return steps;
            }
            arrivals.advance();
        }
    }

    #[test]
    fn fine_steps_are_played_as_they_are() {
        let at = SimTime::from_seconds;
        let expected = vec![(at(30), 5.0), (at(60), 0.0), (at(90), 7.0)];
        assert_eq!(played(&trace(30, "5 0 7"), 60, 0), expected);
    }

    #[test]
    fn a_coarse_step_keeps_its_requests() {
        let trace = trace(300, "2 0 0.001");
        let parts = played(&trace, 60, 0);
        assert_eq!(parts.len(), 5 + 1 + 5);
        let mut begin = SimTime::ZERO;
        let mut requests = 0.0;
        for (end, rate) in &parts {
            requests += rate * (*end - begin).as_seconds();
            begin = *end;
        }
        assert!((requests - trace.total_requests()).abs() < 1e-6);
        assert!(parts[..5].iter().any(|part| (part.1 - 2.0).abs() > 1e-3));
    }

    #[test]
    fn requests_drawn_one_by_one_vary_once() {
        // 2 requests/s for five minutes: 120 in each minute, with a variance of 120 if they come as a Poisson process.
        let trace = trace(300, "2");
        let mut uncut = Arrivals::uncut(&trace);
        assert_eq!((uncut.until(), uncut.rate()), (trace.end(), 2.0));
        uncut.advance();
        assert_eq!(uncut.until(), trace.end());
        // The cut rates vary like that already; Poisson counts at those rates have the sum of both variances.
        let (mut sum, mut squares, runs) = (0.0, 0.0, 400_u32);
        for run in 0..runs {
            let in_first_minute = played(&trace, 60, run)[0].1 * 60.0;
            sum += in_first_minute;
            squares += in_first_minute * in_first_minute;
        }
        let mean = sum / f64::from(runs);
        let variance = squares / f64::from(runs) - mean * mean;
        // Four fifths of 120, as the five minutes share a fixed sum.
        assert!((variance / 96.0 - 1.0).abs() < 0.25, "{variance}");
    }

    #[test]
    fn another_run_draws_other_arrivals() {
        let trace = trace(300, "2");
        assert_eq!(played(&trace, 60, 3), played(&trace, 60, 3));
        assert_ne!(played(&trace, 60, 3), played(&trace, 60, 4));
    }
}
