//! `Slo`: the share of requests that must be answered within a time.

use std::fmt;
use std::str::FromStr;

/// A latency objective: at least `objective` of the requests within `latency`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slo {
    /// The latency that a good request keeps, seconds.
    pub latency: f64,
    /// The share of requests that must be good, in (0, 1).
    pub objective: f64,
}

impl Slo {
    /// 99 % of requests under 300 ms.
    pub const DEFAULT: Self = Self {
        latency: 0.3,
        objective: 0.99,
    };
}

impl fmt::Display for Slo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.objective * 100.0 * 1e9).round() / 1e9;
        if self.latency < 1.0 {
            write!(
                f,
                "{percent}%<{}ms",
                (self.latency * 1000.0 * 1e6).round() / 1e6
            )
        } else {
            write!(f, "{percent}%<{}s", self.latency)
        }
    }
}

impl FromStr for Slo {
    type Err = String;

    /// Reads `99%<300ms`, or `p99<300ms`, which says the same.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{}` is not an objective, expected for example `99%<300ms` or `p99<300ms`",
                text.escape_debug()
            )
        };
        let (share, latency) = text.split_once('<').ok_or_else(wrong)?;
        let share = share.trim();
        let percent: f64 = share
            .strip_suffix('%')
            .or_else(|| share.strip_prefix(['p', 'P']))
            .and_then(|number| number.trim().parse().ok())
            .ok_or_else(wrong)?;
        let latency: super::Span = latency
            .trim()
            .trim_start_matches('=')
            .parse()
            .map_err(|_| wrong())?;
        let slo = Self {
            latency: latency.0,
            objective: percent / 100.0,
        };
        let sensible = slo.objective > 0.0 && slo.objective < 1.0 && slo.latency > 0.0;
        if sensible { Ok(slo) } else { Err(wrong()) }
    }
}
