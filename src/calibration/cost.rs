//! `cost`: cpu per request and idle cpu, from a rate and a usage that were recorded beside one another.

use thiserror::Error;

use super::estimate::Estimate;
use super::measured::{Measured, digits, span};
use super::regression::{TooFewPoints, theil_sen};
use crate::stats::quantile_of_sorted;
use crate::trace::Series;
use crate::units::{SimDuration, SimTime};

/// How far usage may trail the rate: metrics are means over the last scrapes.
const LATEST: i64 = 120;
/// The least rise of the load, highest over lowest, from which a slope is believed.
const LEAST_SPREAD: f64 = 1.1;

/// A rate and a usage, on one clock.
#[derive(Clone, Copy, Debug)]
pub struct RateAndUsage<'a> {
    /// Requests/s.
    pub rate: &'a Series,
    /// Cpu that was used in all.
    pub usage: &'a Series,
    /// Cores in one of its numbers: 1, or 0.001 of millicores.
    pub usage_unit: f64,
    /// When the usage begins on the clock of the rate.
    pub usage_begins: SimDuration,
    /// Replicas that both are of.
    pub replicas: f64,
}

/// Why a rate and a usage tell no cost.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum CostError {
    /// No time in common.
    #[error("rate and usage have no time in common")]
    NoOverlap,
    /// Too few samples, or one load.
    #[error("rate and usage: {0}")]
    Points(#[from] TooFewPoints),
    /// Nothing but zero.
    #[error("the rate is zero throughout, expected requests")]
    NoRequests,
    /// A constant usage, or one that falls.
    #[error(
        "usage does not grow with the rate ({0} millicores for each request/s), expected a load that varies"
    )]
    NoGrowth(f64),
    /// A constant rate.
    #[error(
        "the rate varies by less than 10 % (5 % to 95 % of the samples), expected a load that varies"
    )]
    NoSpread,
}

/// Cpu per request and idle cpu of a replica, by a Theil-Sen line over the samples of the usage. Of the lags up to two
/// minutes the one is taken at which the points lie nearest to a line, since metrics trail the load.
///
/// # Errors
/// When the two do not overlap, or tell of no load that varies.
pub fn cost(name: &str, both: &RateAndUsage<'_>) -> Result<Vec<Measured>, CostError> {
    let mut best: Option<(f64, i64, super::Line)> = None;
    let mut left_out = 0;
    let mut failed = CostError::NoOverlap;
    for lag in (0..=LATEST).step_by(5) {
        let Samples {
            points,
            beside_holes,
        } = samples(both, lag);
        if points.is_empty() {
            continue;
        }
        if points.iter().all(|(rate, _)| *rate <= 0.0) {
            failed = CostError::NoRequests;
            continue;
        }
        if !is_spread(&points) {
            failed = CostError::NoSpread;
            continue;
        }
        match theil_sen(&points) {
            Ok(line) => {
                let misfit = line.typical_residual;
                if best.as_ref().is_none_or(|(least, _, _)| misfit < *least) {
                    best = Some((misfit, lag, line));
                    left_out = beside_holes;
                }
            }
            Err(error) => failed = error.into(),
        }
    }
    let Some((_, lag, line)) = best else {
        return Err(failed);
    };
    if line.slope <= 0.0 {
        return Err(CostError::NoGrowth(line.slope * 1e3));
    }
    let source = format!(
        "Theil-Sen line of usage over rate, {} samples of {name}, usage {lag} s after the rate",
        line.points
    );
    let replicas = both.replicas.max(1.0);
    let mut settings = vec![Measured {
        key: "cpu-per-request",
        value: span(line.slope),
        interval: format!(
            "95 % interval {} to {}; half of the samples are within {} millicores of the line",
            span(line.slope_interval.0.max(0.0)),
            span(line.slope_interval.1),
            digits(line.typical_residual * 1e3)
        ),
        source: source.clone(),
        notes: Vec::new(),
        estimate: Some(Estimate {
            value: line.slope,
            low: line.slope_interval.0,
            high: line.slope_interval.1,
        }),
    }];
    if line.intercept > 0.0 {
        let milli = |cores: f64| digits((cores.max(0.0) * 1e3 / replicas).round().max(1.0));
        settings.push(Measured {
            key: "cpu-idle",
            value: format!("{}m", milli(line.intercept)),
            interval: format!(
                "95 % interval {}m to {}m of each of {} replicas",
                milli(line.intercept_interval.0),
                milli(line.intercept_interval.1),
                digits(replicas)
            ),
            source,
            notes: Vec::new(),
            estimate: None,
        });
    }
    if left_out > 0 {
        settings[0].notes.push(format!(
            "{left_out} samples of the usage are left out, since the rate has a hole there"
        ));
    }
    Ok(settings)
}

/// Rates, each with the usage that answers it.
struct Samples {
    points: Vec<(f64, f64)>,
    /// How many are left out because the rate was not recorded throughout.
    beside_holes: usize,
}

/// The usage of each step beside the mean rate of as long a span, `lag` seconds before. What holes of either were filled
/// with is no sample.
fn samples(both: &RateAndUsage<'_>, lag: i64) -> Samples {
    let lag = SimDuration::from_seconds(lag);
    let mut samples = Samples {
        points: Vec::new(),
        beside_holes: 0,
    };
    for (index, step) in both.usage.steps().enumerate() {
        if both.usage.is_gap(index) {
            continue;
        }
        let at = step.start + both.usage_begins - lag;
        match mean_over(both.rate, at, at + step.length()) {
            Window::Whole(rate) => samples.points.push((rate, step.value * both.usage_unit)),
            Window::BesideHole => samples.beside_holes += 1,
            Window::Outside => {}
        }
    }
    samples
}

/// What a span of a series tells.
enum Window {
    /// Its mean: all of it was recorded.
    Whole(f64),
    /// Part of it was filled.
    BesideHole,
    /// It is not within the series.
    Outside,
}

fn mean_over(series: &Series, from: SimTime, to: SimTime) -> Window {
    let starts = series.starts();
    let before = starts.partition_point(|start| *start <= from);
    if before == 0 || from >= to || to > series.end() {
        return Window::Outside;
    }
    let (first, last) = (before - 1, starts.partition_point(|start| *start < to));
    let gaps = series.gaps();
    let next_gap = gaps.partition_point(|gap| *gap < first);
    if gaps.get(next_gap).is_some_and(|gap| *gap < last) {
        return Window::BesideHole;
    }
    let sum: f64 = (first..last)
        .map(|index| {
            let end = starts.get(index + 1).map_or(to, |next| to.min(*next));
            series.values()[index] * (end - starts[index].max(from)).as_seconds()
        })
        .sum();
    Window::Whole(sum / (to - from).as_seconds())
}

fn is_spread(points: &[(f64, f64)]) -> bool {
    let mut rates: Vec<f64> = points.iter().map(|(rate, _)| *rate).collect();
    rates.sort_unstable_by(f64::total_cmp);
    let at = |q| quantile_of_sorted(&rates, q).unwrap_or_default();
    at(0.95) > at(0.05) * LEAST_SPREAD && at(0.95) > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{ReadOptions, TraceUnit, read};

    fn series(unit: TraceUnit, values: impl Iterator<Item = f64>) -> Series {
        let rows: Vec<String> = values
            .enumerate()
            .map(|(row, value)| format!("{},{value}", row * 15))
            .collect();
        let rows = rows.join("\n");
        let options = ReadOptions {
            unit: Some(unit),
            ..ReadOptions::infer()
        };
        let text = format!("time,value\n{rows}");
        read("a.csv", text.as_bytes(), &options)
            .expect("a series")
            .series
    }

    fn found(
        rate: impl Fn(u32) -> f64,
        usage: impl Fn(u32) -> f64,
    ) -> Result<Vec<String>, CostError> {
        let rate = series(TraceUnit::RequestsPerSecond, (0..80).map(rate));
        let usage = series(TraceUnit::Cores, (0..80).map(usage));
        let both = RateAndUsage {
            rate: &rate,
            usage: &usage,
            usage_unit: 1.0,
            usage_begins: SimDuration::ZERO,
            replicas: 2.0,
        };
        let settings = cost("cpu.csv", &both)?;
        Ok(settings
            .iter()
            .map(|one| format!("{}: {}", one.key, one.value))
            .collect())
    }

    #[test]
    fn usage_that_trails_the_rate_by_half_a_minute_is_still_a_line() {
        let rate = |row: u32| 50.0 + f64::from((row / 7) * 13 % 50);
        let usage = |row: u32| 0.1 + 0.02 * rate(row.saturating_sub(2));
        assert_eq!(
            found(rate, usage),
            Ok(vec![
                "cpu-per-request: 20ms".to_owned(),
                "cpu-idle: 50m".to_owned()
            ])
        );
    }

    #[test]
    fn a_hole_of_the_rate_is_no_sample_of_what_it_was_filled_with() {
        let load = |row: u32| f64::from(5 + row % 40);
        let text = |column: &str, value: &dyn Fn(u32) -> Option<f64>| {
            let rows = (0..240).filter_map(|row| Some(format!("{},{}\n", row * 15, value(row)?)));
            format!("time,{column}\n{}", rows.collect::<String>())
        };
        let read = |text: &str| {
            let read = read("a.csv", text.as_bytes(), &ReadOptions::infer());
            read.expect("a series").series
        };
        let rate = read(&text("rps", &|row| {
            (!(60..200).contains(&row)).then(|| load(row))
        }));
        let usage = read(&text("cores", &|row| Some(0.1 + 0.02 * load(row))));
        let both = RateAndUsage {
            rate: &rate,
            usage: &usage,
            usage_unit: 1.0,
            usage_begins: SimDuration::ZERO,
            replicas: 1.0,
        };
        let settings = cost("cpu.csv", &both).expect("a cost");
        let found: Vec<&str> = settings.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(found, ["20ms", "100m"]);
        assert!(
            settings[0].notes[0].starts_with("140 samples of the usage are left out"),
            "{settings:?}"
        );
    }

    #[test]
    fn loads_that_tell_nothing_are_refused() {
        let grows = |row: u32| f64::from(row + 1);
        assert!(matches!(found(grows, |_| 2.0), Err(CostError::NoGrowth(_))));
        assert_eq!(found(|_| 5.0, grows), Err(CostError::NoSpread));
    }
}
