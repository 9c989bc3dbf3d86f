//! `Peak`: the highest load that is wanted, as typed.

use std::str::FromStr;

use anyhow::{Result, bail};

use crate::trace::{Trace, TraceUnit};

/// The highest load that is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peak {
    value: f64,
    /// `None` where the number is in the trace's own unit.
    unit: Option<TraceUnit>,
}

impl FromStr for Peak {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{}` is no load, expected a number, or one with its unit such as `500rps` or `12cores`",
                text.escape_debug()
            )
        };
        let trimmed = text.trim();
        let digits =
            trimmed.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '%');
        let word = trimmed[digits.len()..].trim();
        let value = digits.trim().parse().map_err(|_| wrong())?;
        let unit = match word {
            "" => None,
            "%" => Some(TraceUnit::Percent),
            word => Some(word.parse().map_err(|_| wrong())?),
        };
        Ok(Self { value, unit })
    }
}

impl Peak {
    /// The trace with this peak.
    pub(super) fn of(self, trace: Trace) -> Result<Trace> {
        let own = trace.unit.unit;
        let Some(wanted) = self.unit.filter(|wanted| *wanted != own) else {
            return Ok(trace.with_peak(self.value)?);
        };
        let in_own = match (wanted, own) {
            (TraceUnit::Cores, TraceUnit::MilliCores)
            | (TraceUnit::Fraction, TraceUnit::Percent) => {
                let times = if own == TraceUnit::Percent {
                    100.0
                } else {
                    1e3
                };
                self.value * times
            }
            (TraceUnit::MilliCores, TraceUnit::Cores) => self.value / 1e3,
            (TraceUnit::Percent, TraceUnit::Fraction) => self.value / 100.0,
            (TraceUnit::RequestsPerSecond | TraceUnit::RequestsPerMinute, own) if !own.is_cpu() => {
                let per_second = if wanted == TraceUnit::RequestsPerMinute {
                    self.value / 60.0
                } else {
                    self.value
                };
                // The factor is that of the rates; it holds for counts as well, whose steps stay as long as they are.
                let rates = trace.clone().in_rates();
                let scaled = rates.clone().with_peak(per_second)?;
                let factor = scaled.series.peak() / rates.series.peak();
                return Ok(trace.scaled(factor)?);
            }
            _ => bail!(
                "a peak in {wanted} was asked for, the trace is in {own}, expected the same unit"
            ),
        };
        Ok(trace.with_peak(in_own)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Series;
    use crate::units::SimDuration;

    #[track_caller]
    fn check(peak: &str, unit: TraceUnit, expected: f64) {
        let series = Series::from_notation(SimDuration::from_seconds(60), "1 4 2").expect("valid");
        let peak: Peak = peak.parse().expect("a load");
        let made = peak
            .of(Trace::from_series("t", series, unit))
            .expect("a peak");
        assert!((made.series.peak() - expected).abs() < 1e-9, "{made:?}");
    }

    #[test]
    fn a_peak_is_in_its_own_unit_or_in_that_of_the_trace() {
        check("500", TraceUnit::RequestsPerSecond, 500.0);
        check("500rps", TraceUnit::RequestsPerSecond, 500.0);
        check("600 rpm", TraceUnit::RequestsPerSecond, 10.0);
        check("10rps", TraceUnit::CountPerStep, 600.0);
        check("10rps", TraceUnit::RequestsPerMinute, 600.0);
        check("500", TraceUnit::CountPerStep, 500.0);
        check("2cores", TraceUnit::MilliCores, 2000.0);
        check("80%", TraceUnit::Fraction, 0.8);
    }

    #[test]
    fn what_is_no_load_is_refused() {
        for wrong in ["", "rps", "5x", "5 requests", "1 2"] {
            assert!(wrong.parse::<Peak>().is_err(), "{wrong}");
        }
        let series = Series::from_notation(SimDuration::from_seconds(60), "1 4 2").expect("valid");
        let cpu = Trace::from_series("t", series, TraceUnit::Cores);
        let peak: Peak = "5rps".parse().expect("a load");
        assert!(peak.of(cpu).is_err());
    }
}
