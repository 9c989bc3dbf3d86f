//! How evenly samples are spaced, and how long one of them lasts.

/// As many distances as the cadence is taken from.
const SAMPLED: usize = 100_000;

/// How evenly samples are spaced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cadence {
    /// The length of one sample's step, in nanoseconds.
    pub(crate) step: i64,
    /// The median distance between samples of different times, in nanoseconds.
    pub(crate) median: i64,
    /// The share of distances within half of the median.
    pub(crate) steadiness: f64,
}

impl Cadence {
    /// The cadence of sorted times, from up to 100,000 distances taken evenly; `None` when all times are one.
    pub(crate) fn of(times: &[i64]) -> Option<Self> {
        let stride = times.len().div_ceil(SAMPLED).max(1);
        let mut distances: Vec<i64> = times
            .windows(2)
            .step_by(stride)
            .map(|pair| pair[1].saturating_sub(pair[0]))
            .filter(|distance| *distance > 0)
            .collect();
        if distances.is_empty() {
            // The sampled pairs may all be duplicates although others are not.
            let distance = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
            distances.extend(distance.filter(|distance| *distance > 0).take(SAMPLED));
        }
        distances.sort_unstable();
        let median = *distances.get(distances.len() / 2)?;
        let near = |distance: &&i64| (**distance - median).abs() <= median / 2;
        let steadiness = distances.iter().filter(near).count() as f64 / distances.len() as f64;
        Some(Self {
            step: step_of(&distances, median),
            median,
            steadiness,
        })
    }

    /// Whether samples keep no common distance, as readings taken now and then.
    pub(crate) fn is_irregular(&self) -> bool {
        self.steadiness < 0.8
    }

    /// Whether times scatter as those of single events do. Half of a Poisson stream's distances lie below the median
    /// and a third within half of it.
    pub(crate) fn is_event_like(&self) -> bool {
        self.steadiness < 0.5
    }
}

/// The step behind sorted distances: the median, or the smallest one if nearly all are whole multiples of it, as in a
/// table that leaves out steps without requests.
fn step_of(distances: &[i64], median: i64) -> i64 {
    let smallest = distances[distances.len() / 20];
    if smallest > median / 4 * 3 {
        return median;
    }
    let is_multiple = |distance: &&i64| {
        let share = **distance as f64 / smallest as f64;
        (share - share.round()).abs() <= 0.05 && share.round() >= 1.0
    };
    let multiples = distances.iter().filter(is_multiple).count();
    // Nineteen in twenty; multiples of a tiny step say nothing, hence the lower bound on its size.
    if multiples * 20 >= distances.len() * 19 && smallest > median / 20 {
        smallest
    } else {
        median
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(times: &[i64], step: i64, steadiness: f64) {
        let cadence = Cadence::of(times).expect("times differ");
        assert_eq!(cadence.step, step);
        assert!(
            (cadence.steadiness - steadiness).abs() < 1e-9,
            "{cadence:?}"
        );
    }

    #[test]
    fn the_step_is_the_median_distance() {
        check(&[0, 300, 600, 900, 1500], 300, 0.75);
        check(&[0, 299, 600, 900, 1200], 300, 1.0);
        check(&[0, 0, 0, 10, 20, 20, 30], 10, 1.0);
    }

    #[test]
    fn a_table_without_empty_steps_still_shows_its_step() {
        check(&[0, 15, 60, 75, 120, 165, 180, 225], 15, 4.0 / 7.0);
    }

    #[test]
    fn one_time_has_no_cadence() {
        assert_eq!(Cadence::of(&[7, 7, 7]), None);
        assert_eq!(Cadence::of(&[]), None);
    }
}
