//! `fit_times`: measured times to a distribution, or to themselves where none fits.

use crate::stats::{Distribution, Summary, quantile_of_sorted};

use super::measured::{digits, span};

/// Fewer times than this are taken as they are: any shape would fit.
const FEWEST: usize = 8;
/// The most times that are written down where no family fits; more are thinned to quantiles.
const MOST_SAMPLES: usize = 60;
/// With parameters from the same times a distance over this, times the root of their number, is refused at 5 %
/// (Lilliefors 1967, of the normal law: 0.895; other laws are near).
const CRITICAL: f64 = 0.895;

/// A distribution of measured times, and how well it fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The distribution.
    pub distribution: Distribution,
    /// How well it fits.
    pub goodness: GoodnessOfFit,
    /// How many times there were.
    pub samples: usize,
    /// Median and 95 % quantile of the times, s.
    pub median_and_high: (f64, f64),
}

/// How well a distribution fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GoodnessOfFit {
    /// The times themselves.
    AsMeasured(WhyMeasured),
    /// A family: the Kolmogorov-Smirnov distance and the Anderson-Darling statistic.
    Family {
        /// Largest distance between the distribution functions.
        distance: f64,
        /// The distance that so many times would be refused at.
        critical: f64,
        /// Anderson and Darling's A squared.
        anderson_darling: f64,
    },
}

/// Why times are kept as measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyMeasured {
    /// There are too few to tell a shape.
    Few,
    /// They hardly vary.
    Constant,
    /// No family fits.
    NoFamily,
}

/// Fits exponential, uniform, lognormal, gamma and hyperexponential by their moments and takes the one with the least
/// Anderson-Darling statistic among those within the Kolmogorov-Smirnov bound; the times themselves where there is none.
/// `grain` is how exactly times are known, s: equal ones are spread evenly over it, the same way each time. `None` without
/// any time.
#[must_use]
pub fn fit_times(times: &[f64], grain: f64) -> Option<Fitted> {
    let mut sorted: Vec<f64> = times
        .iter()
        .copied()
        .filter(|time| time.is_finite() && *time >= 0.0)
        .collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let spread = spread_ties(&sorted, grain);
    let mut summary = Summary::new();
    summary.extend(spread.iter().copied());
    let mean = summary.mean()?;
    let scv = if mean > 0.0 {
        summary.variance().unwrap_or(0.0) / (mean * mean)
    } else {
        0.0
    };
    let quantile = |q| quantile_of_sorted(&sorted, q).unwrap_or_default();
    let median_and_high = (quantile(0.5), quantile(0.95));
    let samples = sorted.len();
    let measured = |why| {
        let kept = if why == WhyMeasured::Constant {
            vec![quantile(0.5)]
        } else {
            thinned(&sorted)
        };
        let distribution = match kept.as_slice() {
            [one] => Distribution::deterministic(*one),
            _ => Distribution::empirical(kept),
        };
        Some(Fitted {
            distribution: distribution.ok()?,
            goodness: GoodnessOfFit::AsMeasured(why),
            samples,
            median_and_high,
        })
    };
    let range = sorted[samples - 1] - sorted[0];
    if range <= 1e-9 {
        return measured(WhyMeasured::Constant);
    }
    if samples < FEWEST {
        return measured(WhyMeasured::Few);
    }
    let half = (3.0 * scv).sqrt() * mean;
    let candidates = [
        Distribution::uniform((mean - half).max(0.0), mean + half),
        Distribution::exponential(mean),
        Distribution::log_normal(mean, scv),
        Distribution::gamma(mean, scv),
        Distribution::hyper_exponential(mean, scv),
    ];
    let critical = CRITICAL / (samples as f64).sqrt();
    let best = candidates
        .into_iter()
        .flatten()
        .map(|candidate| {
            let (distance, anderson_darling) = misfit(&candidate, &spread);
            (candidate, distance, anderson_darling)
        })
        .filter(|(_, distance, misfit)| *distance <= critical && misfit.is_finite())
        .min_by(|(_, _, one), (_, _, other)| one.total_cmp(other));
    let Some((distribution, distance, anderson_darling)) = best else {
        return measured(WhyMeasured::NoFamily);
    };
    Some(Fitted {
        distribution: rounded(distribution),
        goodness: GoodnessOfFit::Family {
            distance,
            critical,
            anderson_darling,
        },
        samples,
        median_and_high,
    })
}

impl Fitted {
    /// How well it fits, in words.
    #[must_use]
    pub fn told(&self) -> String {
        let (median, high) = self.median_and_high;
        let times = if self.samples == 1 { "time" } else { "times" };
        let begin = format!(
            "{} {times}, median {}, 95 % quantile {}; ",
            self.samples,
            span(median),
            span(high)
        );
        begin
            + &match self.goodness {
                GoodnessOfFit::AsMeasured(WhyMeasured::Few) => {
                    "too few to tell a distribution, so they are taken as they are".to_owned()
                }
                GoodnessOfFit::AsMeasured(WhyMeasured::Constant) => "all are the same".to_owned(),
                GoodnessOfFit::AsMeasured(WhyMeasured::NoFamily) => {
                    "no family of distributions fits, so they are taken as measured".to_owned()
                }
                GoodnessOfFit::Family {
                    distance,
                    critical,
                    anderson_darling,
                } => format!(
                    "Kolmogorov-Smirnov distance {} (refused at 5 % from {}), Anderson-Darling {}",
                    digits(distance),
                    digits(critical),
                    digits(anderson_darling)
                ),
            }
    }
}

/// Equal times spread evenly over the grain that they were cut to.
fn spread_ties(sorted: &[f64], grain: f64) -> Vec<f64> {
    let mut spread = Vec::with_capacity(sorted.len());
    for run in sorted.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
        let count = run.len() as f64;
        for (index, time) in run.iter().enumerate() {
            let share = (index as f64 + 0.5) / count - 0.5;
            spread.push((time + share * grain).max(0.0));
        }
    }
    spread.sort_unstable_by(f64::total_cmp);
    spread
}

/// The Kolmogorov-Smirnov distance and the Anderson-Darling statistic of sorted times.
fn misfit(distribution: &Distribution, sorted: &[f64]) -> (f64, f64) {
    let n = sorted.len() as f64;
    let mut distance: f64 = 0.0;
    let mut sum = 0.0;
    let below: Vec<f64> = sorted
        .iter()
        .map(|time| 1.0 - distribution.survival(*time))
        .collect();
    for (index, at) in below.iter().enumerate() {
        let rank = index as f64;
        distance = distance
            .max((at - rank / n).abs())
            .max(((rank + 1.0) / n - at).abs());
        let mirrored = 1.0 - below[below.len() - 1 - index];
        let logs = at.max(1e-12).ln() + mirrored.max(1e-12).ln();
        sum += (2.0 * rank + 1.0) * logs;
    }
    (distance, -n - sum / n)
}

fn thinned(sorted: &[f64]) -> Vec<f64> {
    if sorted.len() <= MOST_SAMPLES {
        return sorted.to_vec();
    }
    let last = (MOST_SAMPLES - 1) as f64;
    (0..MOST_SAMPLES)
        .filter_map(|rank| quantile_of_sorted(sorted, rank as f64 / last))
        .collect()
}

/// The distribution with parameters of three digits: more would only pretend to be known.
fn rounded(distribution: Distribution) -> Distribution {
    let round = |value: f64| {
        digits(value * 1e3)
            .parse::<f64>()
            .map_or(value, |ms| ms / 1e3)
    };
    match distribution {
        Distribution::Uniform { low, high } => Distribution::Uniform {
            low: round(low),
            high: round(high),
        },
        Distribution::Exponential { mean } => Distribution::Exponential { mean: round(mean) },
        Distribution::LogNormal { mean, scv } => Distribution::LogNormal {
            mean: round(mean),
            scv: round(scv),
        },
        Distribution::Gamma { mean, scv } => Distribution::Gamma {
            mean: round(mean),
            scv: round(scv),
        },
        Distribution::HyperExponential { mean, scv } => Distribution::HyperExponential {
            mean: round(mean),
            scv: round(scv).max(1.0),
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str, count: u32) -> Vec<f64> {
        let distribution: Distribution = text.parse().expect("a distribution");
        (0..count)
            .map(|k| distribution.quantile((f64::from(k) + 0.5) / f64::from(count)))
            .collect()
    }

    #[track_caller]
    fn check(text: &str) {
        let expected: Distribution = text.parse().expect("a distribution");
        let fitted = fit_times(&drawn(text, 200), 0.0).expect("times");
        assert!(
            std::mem::discriminant(&fitted.distribution) == std::mem::discriminant(&expected),
            "{text}: {fitted:?}"
        );
        let ratio = fitted.distribution.mean() / expected.mean();
        assert!((ratio - 1.0).abs() < 0.05, "{text}: {fitted:?}");
    }

    #[test]
    fn times_of_a_family_are_given_back_to_it() {
        check("5s..30s");
        check("exp(20s)");
        check("lognormal(20s, scv 0.3)");
        check("gamma(20s, scv 0.4)");
    }

    #[test]
    fn two_heaps_are_no_family() {
        let mut times = vec![2.0; 30];
        times.extend([60.0; 30]);
        let fitted = fit_times(&times, 1.0).expect("times");
        assert_eq!(
            fitted.goodness,
            GoodnessOfFit::AsMeasured(WhyMeasured::NoFamily)
        );
    }

    #[test]
    fn few_times_and_equal_ones_stay_as_they_are() {
        assert_eq!(fit_times(&[], 1.0), None);
        let one = fit_times(&[7.0], 1.0).expect("a time");
        assert_eq!(one.distribution, Distribution::Deterministic { value: 7.0 });
        let few = fit_times(&[7.0, 9.0, 8.0], 1.0).expect("times");
        assert_eq!(few.goodness, GoodnessOfFit::AsMeasured(WhyMeasured::Few));
    }
}
