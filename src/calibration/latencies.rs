//! `Latencies`: a cumulative latency histogram, and the service time behind it.

use thiserror::Error;

use super::measured::{Measured, digits, span};

/// A cumulative histogram: upper bounds in seconds, ascending, and how many were at most as long.
#[derive(Clone, Debug, PartialEq)]
pub struct Latencies {
    buckets: Vec<(f64, f64)>,
}

/// Why counts are no histogram.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LatencyError {
    /// Fewer than two bounds, or none finite.
    #[error("{0} buckets with a finite `le`, expected at least 2")]
    TooFew(usize),
    /// Nothing was counted.
    #[error("the histogram counted no request")]
    Empty,
}

impl Latencies {
    /// A histogram of (upper bound in seconds, cumulative count), in any order; bounds that occur several times are added
    /// up, as those of several pods are. Counts that fall are taken as those before them: scrapes are not atomic.
    ///
    /// # Errors
    /// When there are fewer than two finite bounds, or nothing was counted.
    pub fn new(mut buckets: Vec<(f64, f64)>) -> Result<Self, LatencyError> {
        buckets.retain(|(bound, count)| !bound.is_nan() && count.is_finite());
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut summed: Vec<(f64, f64)> = Vec::new();
        for (bound, count) in buckets {
            match summed.last_mut() {
                Some((last, sum)) if last.total_cmp(&bound).is_eq() => *sum += count,
                _ => summed.push((bound, count)),
            }
        }
        let mut highest = 0.0;
        for (_, count) in &mut summed {
            highest = count.max(highest);
            *count = highest;
        }
        let finite = summed.iter().filter(|(bound, _)| bound.is_finite()).count();
        if finite < 2 {
            return Err(LatencyError::TooFew(finite));
        }
        if highest <= 0.0 {
            return Err(LatencyError::Empty);
        }
        Ok(Self { buckets: summed })
    }

    /// Mean, squared coefficient of variation and the share beyond the last finite bound, with every request in the middle
    /// of its bucket; those beyond it at the bound.
    fn moments(&self) -> (f64, f64, f64) {
        let total = self.buckets.last().map_or(0.0, |(_, count)| *count);
        let (mut low, mut before, mut sum, mut squares, mut beyond) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (bound, count) in &self.buckets {
            let share = (count - before) / total;
            let middle = if bound.is_finite() {
                f64::midpoint(low, *bound)
            } else {
                beyond += share;
                low
            };
            let width = if bound.is_finite() { bound - low } else { 0.0 };
            sum += share * middle;
            squares += share * (middle * middle + width * width / 12.0);
            low = if bound.is_finite() { *bound } else { low };
            before = *count;
        }
        let scv = if sum > 0.0 {
            squares / (sum * sum) - 1.0
        } else {
            0.0
        };
        (sum, scv.max(0.0), beyond)
    }

    /// The mean where every request took as long as its bucket's lower, and its upper bound.
    fn mean_bounds(&self) -> (f64, f64) {
        let total = self.buckets.last().map_or(0.0, |(_, count)| *count);
        let (mut low, mut before, mut least, mut most) = (0.0, 0.0, 0.0, 0.0);
        for (bound, count) in &self.buckets {
            let share = (count - before) / total;
            let upper = if bound.is_finite() { *bound } else { low };
            least += share * low;
            most += share * upper;
            low = upper;
            before = *count;
        }
        (least, most)
    }

    /// The settings: mean and variability of the service time. Latency is service and wait together, so at a high load
    /// this is too long.
    #[must_use]
    pub fn settings(&self, name: &str) -> Vec<Measured> {
        let (mean, scv, beyond) = self.moments();
        let (least, most) = self.mean_bounds();
        let total = self.buckets.last().map_or(0.0, |(_, count)| *count);
        let source = format!(
            "latency histogram of {} requests in {} buckets, {name}",
            digits(total),
            self.buckets.len()
        );
        let mut notes = vec![
            "latency is wait and service together: take a histogram of a time without queues, or this is too long"
                .to_owned(),
        ];
        if beyond > 0.0 {
            notes.push(format!(
                "{} % of the requests are beyond the last bound, and taken as long as that",
                digits(beyond * 100.0)
            ));
        }
        vec![
            Measured {
                key: "service-time",
                value: span(mean),
                interval: format!(
                    "between {} and {} whatever lies within the buckets",
                    span(least),
                    span(most)
                ),
                source: source.clone(),
                notes,
                estimate: None,
            },
            Measured {
                key: "service-scv",
                value: digits(scv.min(100.0)),
                interval: "with requests spread evenly within each bucket".to_owned(),
                source,
                notes: Vec::new(),
                estimate: None,
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_of_several_pods_add_up_to_a_mean() {
        let buckets = vec![
            (0.1, 10.0),
            (0.2, 20.0),
            (f64::INFINITY, 20.0),
            (0.1, 10.0),
            (0.2, 20.0),
        ];
        let latencies = Latencies::new(buckets).expect("a histogram");
        let settings = latencies.settings("hist.json");
        assert_eq!(settings[0].value, "100ms");
        assert_eq!(
            settings[0].interval,
            "between 50ms and 150ms whatever lies within the buckets"
        );
    }

    #[test]
    fn what_counts_nothing_is_refused() {
        assert_eq!(
            Latencies::new(vec![(0.1, 0.0), (0.2, 0.0)]),
            Err(LatencyError::Empty)
        );
        assert_eq!(
            Latencies::new(vec![(0.1, 3.0)]),
            Err(LatencyError::TooFew(1))
        );
    }
}
