//! How assumptions write values that have no form of their own.

use super::Amount;
use crate::stats::Distribution;

/// The most samples that are written out.
const MOST_SAMPLES: usize = 8;

/// Times in a distribution's own form; of many samples only their number and what they come to.
pub(super) fn times(times: &Distribution) -> String {
    match times {
        Distribution::Empirical(samples) if samples.values().len() > MOST_SAMPLES => {
            let count = samples.values().len();
            let mean = Distribution::Deterministic {
                value: (times.mean() * 1e6).round() / 1e6,
            };
            let scv = (times.scv() * 100.0).round() / 100.0;
            format!("{count} samples, mean {mean}, scv {scv}")
        }
        _ => times.to_string(),
    }
}

/// Times that were computed, to nine places: `3..18s`.
pub(super) fn rounded_times(computed: &Distribution) -> String {
    let round = |seconds: f64| (seconds * 1e9).round() / 1e9;
    let rounded = match computed {
        Distribution::Deterministic { value } => Distribution::Deterministic {
            value: round(*value),
        },
        Distribution::Uniform { low, high } => Distribution::Uniform {
            low: round(*low),
            high: round(*high),
        },
        Distribution::Exponential { mean } => Distribution::Exponential { mean: round(*mean) },
        other => other.clone(),
    };
    times(&rounded)
}

/// `10 Gbit/s`.
pub(super) fn throughput(bits_per_second: f64) -> String {
    with_prefix(
        bits_per_second,
        "bit/s",
        &[("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)],
    )
}

/// `8 KiB`.
pub(super) fn size(amount: &Amount) -> String {
    let kibi = 1024.0;
    let prefixes = [
        ("Gi", kibi * kibi * kibi),
        ("Mi", kibi * kibi),
        ("Ki", kibi),
    ];
    with_prefix(amount.units(), "B", &prefixes)
}

/// A number in the largest unit of which it is at least one.
fn with_prefix(value: f64, unit: &str, prefixes: &[(&str, f64)]) -> String {
    let (prefix, factor) = prefixes
        .iter()
        .find(|(_, factor)| value >= *factor)
        .copied()
        .unwrap_or(("", 1.0));
    format!("{} {prefix}{unit}", (value / factor * 1e3).round() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_that_fits_is_taken() {
        assert_eq!(throughput(1e10), "10 Gbit/s");
        assert_eq!(throughput(3.5e9), "3.5 Gbit/s");
        assert_eq!(throughput(0.0), "0 bit/s");
        let read = |text: &str| text.parse::<Amount>().expect("a quantity");
        assert_eq!(size(&read("8Ki")), "8 KiB");
        assert_eq!(size(&read("100")), "100 B");
    }

    #[test]
    fn many_samples_are_summed_up() {
        let samples = |count: u32| {
            Distribution::empirical((0..count).map(f64::from).collect()).expect("samples")
        };
        assert_eq!(times(&samples(3)), "samples(0s, 1s, 2s)");
        assert_eq!(times(&samples(101)), "101 samples, mean 50s, scv 0.34");
    }
}
