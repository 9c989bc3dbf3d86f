//! How large a share is at least, after so many trials.

use statrs::function::beta::inv_beta_reg;

/// The exact lower confidence bound, one-sided, of the probability of a success after `successes` in `trials`
/// independent trials (Clopper and Pearson 1934): the probability p at which so many successes or more would be seen
/// with probability `1 - confidence` only. That is the `1 - confidence` quantile of Beta(k, n - k + 1); 0 without a
/// success.
///
/// `confidence` lies in (0, 1); what is outside gives 0, which is a bound for certain.
#[must_use]
pub fn proportion_lower_bound(successes: u32, trials: u32, confidence: f64) -> f64 {
    let successes = successes.min(trials);
    if successes == 0 || !(confidence > 0.0 && confidence < 1.0) {
        return 0.0;
    }
    let (k, n) = (f64::from(successes), f64::from(trials));
    let doubt = 1.0 - confidence;
    if successes == trials {
        return doubt.powf(1.0 / n);
    }
    inv_beta_reg(k, n - k + 1.0, doubt).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "bounds that are given as they are")]

    use proptest::prelude::*;

    use super::*;

    /// The probability of at least so many successes.
    fn upper_tail(successes: u32, trials: u32, p: f64) -> f64 {
        let mut chance = (1.0 - p).powf(f64::from(trials));
        let mut below = 0.0;
        for k in 0..successes {
            below += chance;
            chance *= f64::from(trials - k) / f64::from(k + 1) * p / (1.0 - p);
        }
        1.0 - below
    }

    #[track_caller]
    fn check(successes: u32, trials: u32, expected: f64) {
        let bound = proportion_lower_bound(successes, trials, 0.95);
        assert!((bound - expected).abs() < 5e-5, "{bound}");
    }

    #[test]
    fn twenty_of_twenty_runs_show_86_percent() {
        check(20, 20, 0.8609);
        check(19, 20, 0.7839);
        check(59, 59, 0.9505);
        check(1, 1, 0.05);
    }

    #[test]
    fn nothing_seen_shows_nothing() {
        check(0, 20, 0.0);
        check(0, 0, 0.0);
        for confidence in [0.0, 1.0, -1.0, 2.0, f64::NAN] {
            assert_eq!(proportion_lower_bound(3, 4, confidence), 0.0);
        }
        // More successes than trials are all of them.
        assert_eq!(
            proportion_lower_bound(9, 4, 0.95),
            proportion_lower_bound(4, 4, 0.95)
        );
    }

    proptest! {
        #[test]
        fn at_the_bound_so_many_successes_have_the_doubt_for_a_probability(
            trials in 1..60_u32,
            share in 0.0..1.0_f64,
            confidence in 0.5..0.999_f64,
        ) {
            let successes = (1..=trials).find(|k| f64::from(*k) >= share * f64::from(trials)).unwrap_or(trials);
            let bound = proportion_lower_bound(successes, trials, confidence);
            prop_assert!((upper_tail(successes, trials, bound) - (1.0 - confidence)).abs() < 1e-6, "{}", bound);
        }
    }
}
