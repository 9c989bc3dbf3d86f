//! `Slo`: the share of requests that must be answered within a time, and over what it is counted.

use std::fmt;
use std::str::FromStr;

/// A latency objective: at least `objective` of the requests within `latency`, of the whole trace, or in enough of its
/// one-minute slices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slo {
    /// The latency that a good request keeps, seconds.
    pub latency: f64,
    /// The share of requests that must be good, in (0, 1).
    pub objective: f64,
    /// The share of one-minute slices in which that must hold, in (0, 1): OpenSLO's `RatioTimeslices`. `None` where all
    /// requests of the trace are counted together: its `Occurrences`.
    pub good_slices: Option<f64>,
}

impl Slo {
    /// 99 % of requests under 300 ms.
    pub const DEFAULT: Self = Self {
        latency: 0.3,
        objective: 0.99,
        good_slices: None,
    };
}

impl fmt::Display for Slo {
    /// As [`FromStr`] reads it: `99%<300ms`, `99%<300ms@99.9%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| (share * 100.0 * 1e9).round() / 1e9;
        write!(f, "{}%<", percent(self.objective))?;
        if self.latency < 1.0 {
            write!(f, "{}ms", (self.latency * 1000.0 * 1e6).round() / 1e6)?;
        } else {
            write!(f, "{}s", self.latency)?;
        }
        match self.good_slices {
            Some(share) => write!(f, "@{}%", percent(share)),
            None => Ok(()),
        }
    }
}

impl FromStr for Slo {
    type Err = String;

    /// Reads `99%<300ms`, or `p99<300ms`, which says the same; with `@99.9%` after it, in 99.9 % of the minutes.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{}` is not an objective, expected for example `99%<300ms`, `p99<300ms` or `p99<300ms@99.9%`, with \
                 shares above 0 % and below 100 %",
                text.escape_debug()
            )
        };
        let (share, rest) = text.split_once('<').ok_or_else(wrong)?;
        let (latency, slices) = match rest.split_once('@') {
            Some((latency, slices)) => (latency, Some(slices)),
            None => (rest, None),
        };
        let share = share.trim();
        let objective = share
            .strip_suffix('%')
            .or_else(|| share.strip_prefix(['p', 'P']))
            .and_then(share_of_percent)
            .ok_or_else(wrong)?;
        let latency: super::Span = latency
            .trim()
            .trim_start_matches('=')
            .parse()
            .map_err(|_| wrong())?;
        let good_slices = match slices {
            Some(slices) => {
                let percent = slices.trim().strip_suffix('%');
                Some(percent.and_then(share_of_percent).ok_or_else(wrong)?)
            }
            None => None,
        };
        if latency.0 > 0.0 {
            Ok(Self {
                latency: latency.0,
                objective,
                good_slices,
            })
        } else {
            Err(wrong())
        }
    }
}

/// A share that is neither nothing nor all.
fn share_of_percent(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().parse().ok()?;
    let share = percent / 100.0;
    (share > 0.0 && share < 1.0).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(f64, f64, Option<f64>)>) {
        let read = text.parse::<Slo>();
        let found = read.map(|slo| (slo.objective, slo.latency, slo.good_slices));
        assert_eq!(found.ok(), expected, "{text}");
    }

    #[test]
    fn an_objective_counts_requests_or_minutes() {
        check("99%<300ms", Some((0.99, 0.3, None)));
        check("p95<2s", Some((0.95, 2.0, None)));
        check("P99 <= 300ms", Some((0.99, 0.3, None)));
        check("p99<300ms@99.9%", Some((0.99, 0.3, Some(99.9 / 100.0))));
        check(" 99% < 0.3s @ 99 % ", Some((0.99, 0.3, Some(0.99))));
    }

    #[test]
    fn what_is_not_an_objective_is_refused() {
        for text in [
            "",
            "99%",
            "99<300ms",
            "p99<",
            "p99<-1s",
            "p99<0s",
            "p100<300ms",
            "p0<300ms",
            "pNaN<300ms",
            "p99<300ms@",
            "p99<300ms@99.9",
            "p99<300ms@100%",
            "p99<300ms@0%",
            "p99<300ms@NaN%",
            "p99<300ms@99%@99%",
            "p99@99%<300ms",
        ] {
            check(text, None);
        }
        let said = "p99<300ms@all".parse::<Slo>().expect_err("no share");
        assert!(said.contains("`p99<300ms@99.9%`"), "{said}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            percent in 1..9_999_u32, millis in 1..600_000_u32, slices in prop::option::of(1..99_999_u32)
        ) {
            let slo = Slo {
                latency: f64::from(millis) / 1000.0,
                objective: f64::from(percent) / 100.0 / 100.0,
                good_slices: slices.map(|slices| f64::from(slices) / 1000.0 / 100.0),
            };
            let text = slo.to_string();
            let read: Slo = text.parse().expect("what was written");
            prop_assert_eq!(read.to_string(), text);
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs();
            prop_assert!(close(read.latency, slo.latency) && close(read.objective, slo.objective));
            prop_assert_eq!(read.good_slices, slo.good_slices);
        }
    }
}
