//! What one number of a trace means.

use std::fmt;
use std::str::FromStr;

/// What one number of a trace means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceUnit {
    /// Requests per second, averaged over the step.
    RequestsPerSecond,
    /// Requests per minute, averaged over the step.
    RequestsPerMinute,
    /// Requests that arrived within the step.
    CountPerStep,
    /// Requests since some beginning, as a Prometheus counter. Only to be chosen: the series then holds the increase
    /// in requests per second, and its unit says so.
    Counter,
    /// One row for each request; the series holds the rows counted in each step.
    Events,
    /// Cores of cpu in use.
    Cores,
    /// Thousandths of a core of cpu in use.
    MilliCores,
    /// Percent of a cpu request that the caller names.
    Percent,
    /// Share of a cpu request that the caller names; 1 is all of it.
    Fraction,
}

/// The unit of a trace, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitChoice {
    /// The unit.
    pub unit: TraceUnit,
    /// Who said so.
    pub source: UnitSource,
}

/// Who said what a trace's unit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitSource {
    /// The caller named it.
    Chosen,
    /// The reader inferred it.
    Inferred {
        /// Why, as the rest of a sentence that begins with "because".
        because: String,
    },
}

impl TraceUnit {
    const WORDS: [(&'static str, Self); 9] = [
        ("rps", Self::RequestsPerSecond),
        ("rpm", Self::RequestsPerMinute),
        ("count", Self::CountPerStep),
        ("counter", Self::Counter),
        ("events", Self::Events),
        ("cores", Self::Cores),
        ("millicores", Self::MilliCores),
        ("percent", Self::Percent),
        ("fraction", Self::Fraction),
    ];

    /// Whether the number is an amount of requests that belongs to one step, so that it adds up over steps.
    #[must_use]
    pub fn is_count(self) -> bool {
        matches!(self, Self::CountPerStep | Self::Events)
    }

    /// Whether the number is cpu in use, so that a cpu time per request is needed to see requests in it.
    #[must_use]
    pub fn is_cpu(self) -> bool {
        matches!(
            self,
            Self::Cores | Self::MilliCores | Self::Percent | Self::Fraction
        )
    }

    /// Whether the number is a share of a cpu request that only the caller knows.
    #[must_use]
    pub fn is_share(self) -> bool {
        matches!(self, Self::Percent | Self::Fraction)
    }

    /// The word that names the unit on a command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, unit)| *unit == self)
            .map_or("", |(word, _)| word)
    }
}

impl FromStr for TraceUnit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::WORDS
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, unit)| *unit)
            .ok_or_else(|| {
                let words: Vec<_> = Self::WORDS.iter().map(|(word, _)| *word).collect();
                format!("expected one of {}", words.join(", "))
            })
    }
}

impl fmt::Display for TraceUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RequestsPerSecond => "requests per second",
            Self::RequestsPerMinute => "requests per minute",
            Self::CountPerStep => "requests per step",
            Self::Counter => "requests since the beginning (a counter)",
            Self::Events => "one row per request",
            Self::Cores => "cores of cpu",
            Self::MilliCores => "millicores of cpu",
            Self::Percent => "percent of a cpu request",
            Self::Fraction => "share of a cpu request",
        })
    }
}

impl fmt::Display for UnitChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            UnitSource::Chosen => write!(f, "{} (as told)", self.unit),
            UnitSource::Inferred { because } => {
                write!(f, "{} (inferred, because {because})", self.unit)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_named_by_one_word_that_reads_back() {
        for (word, unit) in TraceUnit::WORDS {
            assert_eq!(word.parse(), Ok(unit));
            assert_eq!(unit.word(), word);
        }
        assert!("req".parse::<TraceUnit>().is_err());
    }
}
