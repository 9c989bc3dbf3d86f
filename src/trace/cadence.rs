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
    /// Whether nearly all distances are whole multiples of the step, as in a table that leaves out empty steps.
    pub(crate) is_grid: bool,
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
        let step = step_of(&distances, median);
        Some(Self {
            step,
            is_grid: are_multiples(&distances, step),
            median,
            steadiness,
        })
    }

    /// Whether samples keep no common distance, as readings taken now and then.
    pub(crate) fn is_irregular(&self) -> bool {
        self.steadiness < 0.8 && !self.is_grid
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
    // Multiples of a tiny step say nothing.
    if smallest > median / 20 && are_multiples(distances, smallest) {
        smallest
    } else {
        median
    }
}

/// Whether at least nineteen in twenty distances are whole multiples of a step, within a twentieth of it.
fn are_multiples(distances: &[i64], step: i64) -> bool {
    let is_multiple = |distance: &&i64| {
        let steps = **distance as f64 / step as f64;
        (steps - steps.round()).abs() <= 0.05 && steps.round() >= 1.0
    };
    let multiples = distances.iter().filter(is_multiple).count();
    multiples * 20 >= distances.len() * 19
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
    fn readings_off_any_grid_are_irregular() {
        let is_irregular = |times: &[i64]| Cadence::of(times).is_some_and(|c| c.is_irregular());
        assert!(is_irregular(&[0, 10, 21, 47, 55, 90, 99, 130]));
        assert!(!is_irregular(&[0, 10, 20, 50, 60, 90, 100, 130]));
        assert!(!is_irregular(&[0, 9, 20, 31, 40, 49, 60]));
    }

    #[test]
    fn one_time_has_no_cadence() {
        assert_eq!(Cadence::of(&[7, 7, 7]), None);
        assert_eq!(Cadence::of(&[]), None);
    }
}
