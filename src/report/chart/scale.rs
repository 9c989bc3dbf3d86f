//! Axes: which values get a tick, what the ticks say, and where they lie.

/// Seconds in each unit of time that an axis may count in, longest first.
const TIME_UNITS: [(&str, f64); 5] = [
    ("d", 86_400.0),
    ("h", 3600.0),
    ("min", 60.0),
    ("s", 1.0),
    ("ms", 1e-3),
];

/// Steps of a time axis below a day, seconds; above, days are counted in ones, twos and fives.
const TIME_STEPS: [f64; 20] = [
    1e-3, 1e-2, 0.1, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0,
    3600.0, 7200.0, 10_800.0, 21_600.0, 43_200.0,
];

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    /// Where, in the axis's own unit.
    pub(crate) at: f64,
    /// What it says.
    pub(crate) label: String,
}

/// The least round number of seconds of which at most `most` fit into `span`.
pub(crate) fn time_step(span: f64, most: usize) -> f64 {
    let least_step = span / most.max(1) as f64;
    TIME_STEPS
        .into_iter()
        .find(|step| *step >= least_step)
        .unwrap_or_else(|| 86_400.0 * round_up(least_step / 86_400.0, &[1.0, 2.0, 5.0]))
}

/// At most `most` ticks from 0 to `span` seconds, at round times, labelled in one unit.
pub(crate) fn time_ticks(span: f64, most: usize) -> Vec<Tick> {
    let step = time_step(span, most);
    let (unit, worth) = TIME_UNITS
        .into_iter()
        .find(|(_, worth)| step >= *worth && (step / worth).fract() == 0.0)
        .unwrap_or(("s", 1.0));
    multiples(step, span)
        .map(|at| Tick {
            at,
            label: format!("{} {unit}", short(at / worth)),
        })
        .collect()
}

/// At most `most` ticks from 0 to at least `top`, at round values; the last one is the axis's end.
pub(crate) fn ticks_to(top: f64, most: usize) -> Vec<Tick> {
    let top = if top > 0.0 { top } else { 1.0 };
    ticks_by(
        round_up(top / most.max(1) as f64, &[1.0, 2.0, 2.5, 5.0]),
        top,
    )
}

/// As [`ticks_to`], at whole values.
pub(crate) fn whole_ticks_to(top: f64, most: usize) -> Vec<Tick> {
    let top = top.max(1.0);
    let step = round_up(top / most.max(1) as f64, &[1.0, 2.0, 5.0]);
    ticks_by(step.max(1.0), top)
}

/// Ticks at the multiples of a step from 0 to at least `top`.
fn ticks_by(step: f64, top: f64) -> Vec<Tick> {
    let end = (top / step).ceil() * step;
    multiples(step, end * (1.0 + 1e-9))
        .map(|at| Tick {
            at,
            label: short(at),
        })
        .collect()
}

/// About `most` ticks at round values, from at most `low` to at least `high`; the outer ones are the axis's ends.
pub(crate) fn ticks_around(low: f64, high: f64, most: usize) -> Vec<Tick> {
    let middle = f64::midpoint(low, high).abs().max(1.0);
    // What is all at one place gets some room around it.
    let (low, high) = if high - low > middle * 1e-3 {
        (low, high)
    } else {
        (low - 0.05 * middle, high + 0.05 * middle)
    };
    let low = if low >= 0.0 { low } else { 0.0 };
    let step = round_up((high - low) / most.max(1) as f64, &[1.0, 2.0, 2.5, 5.0]);
    let first = (low / step).floor();
    let steps = (high / step - first).ceil().max(1.0);
    multiples(1.0, steps)
        .map(|index| {
            let at = (first + index) * step;
            Tick {
                at,
                label: short(at),
            }
        })
        .collect()
}

/// Powers of ten, in seconds, from below `least` to above `most`, both positive; at least two.
pub(crate) fn log_time_ticks(least: f64, most: f64) -> Vec<Tick> {
    let powers = powers_of_ten(least, most).into_iter();
    powers
        .map(|at| {
            let (unit, worth) = TIME_UNITS
                .into_iter()
                .filter(|(_, worth)| *worth <= 1.0)
                .find(|(_, worth)| at >= worth * (1.0 - 1e-9))
                .unwrap_or(("µs", 1e-6));
            Tick {
                at,
                label: format!("{} {unit}", short(at / worth)),
            }
        })
        .collect()
}

/// Powers of ten, in percent, from below `least` to above `most`, both positive; at least two.
pub(crate) fn log_percent_ticks(least: f64, most: f64) -> Vec<Tick> {
    let powers = powers_of_ten(least, most).into_iter();
    powers
        .map(|at| Tick {
            at,
            label: format!("{} %", short(at)),
        })
        .collect()
}

/// Powers of ten from below `least` to above `most`, both positive; at least two, and not all where there are many.
fn powers_of_ten(least: f64, most: f64) -> Vec<f64> {
    // No axis has more decades than this between a billionth and an age.
    const MOST_DECADES: i32 = 24;
    const MOST_LABELS: i32 = 6;
    let power_above = |value: f64| {
        (-MOST_DECADES / 2..MOST_DECADES / 2)
            .find(|power| 10_f64.powi(*power) >= value)
            .unwrap_or(MOST_DECADES / 2)
    };
    let last = power_above(most * (1.0 - 1e-9));
    let first = (power_above(least * (1.0 + 1e-9)) - 1).min(last - 1);
    let step = (last - first).div_euclid(MOST_LABELS) + 1;
    let first = last
        - (last - first).div_euclid(step) * step
        - if (last - first) % step == 0 { 0 } else { step };
    let mut powers = Vec::new();
    let mut power = first;
    while power <= last {
        powers.push(10_f64.powi(power));
        power += step;
    }
    powers
}

/// The least of the factors times a power of ten that is not below a positive value.
fn round_up(value: f64, factors: &[f64]) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    factors
        .iter()
        .map(|factor| factor * power)
        .find(|rounded| *rounded >= value * (1.0 - 1e-12))
        .unwrap_or(10.0 * power)
}

/// 0, step, 2 step, ... up to `end`.
fn multiples(step: f64, end: f64) -> impl Iterator<Item = f64> {
    (0_u32..)
        .map(move |index| f64::from(index) * step)
        .take_while(move |at| *at <= end)
}

/// A tick's number: no more digits than it needs, thousands as `k`, millions as `M`.
fn short(value: f64) -> String {
    let (worth, unit) = match value.abs() {
        size if size >= 1e15 => return format!("{value:.1e}"),
        size if size >= 1e12 => (1e12, "T"),
        size if size >= 1e9 => (1e9, "G"),
        size if size >= 1e6 => (1e6, "M"),
        size if size >= 1e4 => (1e3, "k"),
        size if size > 0.0 && size < 1e-4 => return format!("{value:.1e}"),
        _ => (1.0, ""),
    };
    let rounded = (value / worth * 1e6).round() / 1e6;
    format!("{rounded}{unit}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(ticks: &[Tick], expected: &[&str]) {
        let labels: Vec<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn time_is_counted_in_one_unit_that_fits() {
        check(
            &time_ticks(60.0, 6),
            &["0 s", "10 s", "20 s", "30 s", "40 s", "50 s", "60 s"],
        );
        check(
            &time_ticks(86_400.0, 4),
            &["0 h", "6 h", "12 h", "18 h", "24 h"],
        );
        check(
            &time_ticks(14.0 * 86_400.0, 7),
            &["0 d", "2 d", "4 d", "6 d", "8 d", "10 d", "12 d", "14 d"],
        );
    }

    #[test]
    fn values_end_above_the_top() {
        check(&ticks_to(0.73, 4), &["0", "0.2", "0.4", "0.6", "0.8"]);
        check(&whole_ticks_to(3.0, 8), &["0", "1", "2", "3"]);
        check(&whole_ticks_to(11.0, 5), &["0", "5", "10", "15"]);
        check(&ticks_to(123_456.0, 3), &["0", "50k", "100k", "150k"]);
        check(&ticks_to(0.0, 2), &["0", "0.5", "1"]);
    }

    #[test]
    fn an_axis_need_not_begin_at_zero() {
        check(
            &ticks_around(98.2, 131.0, 4),
            &["90", "100", "110", "120", "130", "140"],
        );
        check(
            &ticks_around(118.0, 118.0, 4),
            &["110", "115", "120", "125"],
        );
        check(&ticks_around(0.0, 0.0, 2), &["0", "0.025", "0.05"]);
    }

    #[test]
    fn decades_are_named_in_units_of_time() {
        check(
            &log_time_ticks(0.000_3, 0.03),
            &["100 µs", "1 ms", "10 ms", "100 ms"],
        );
        check(&log_time_ticks(0.1, 1.0), &["100 ms", "1 s"]);
    }

    proptest! {
        #[test]
        fn decades_hold_all_values(least in 1e-9..1e6_f64, factor in 1.0..1e9_f64) {
            let ticks = log_time_ticks(least, least * factor);
            prop_assert!((2..=8).contains(&ticks.len()), "{}", ticks.len());
            prop_assert!(ticks[0].at <= least);
            prop_assert!(ticks[ticks.len() - 1].at >= (least * factor * (1.0 - 1e-6)).min(1e12));
        }

        #[test]
        fn there_are_never_too_many_ticks(top in 1e-6..1e12_f64, most in 1..12_usize) {
            prop_assert!(time_ticks(top, most).len() <= most + 1);
            let ticks = ticks_to(top, most);
            prop_assert!(ticks.len() <= most + 2 && ticks[ticks.len() - 1].at >= top * (1.0 - 1e-6));
            let ticks = ticks_around(0.9 * top, top, most);
            prop_assert!((2..=most + 3).contains(&ticks.len()), "{}", ticks.len());
            prop_assert!(ticks[0].at <= 0.9 * top && ticks[ticks.len() - 1].at >= top * (1.0 - 1e-6));
        }
    }
}
