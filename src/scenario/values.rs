//! Values that flags and scenario files write in a form of their own: quantities, metric mappings, counts or percents.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::{MetricSource, Span, settings_file};
use crate::units::Quantity;

/// A Kubernetes quantity that is not negative, as the user wrote it: `250m`, `1.5`, `512Mi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub Quantity);

impl Amount {
    /// In whole units: cores, bytes.
    #[must_use]
    pub fn units(self) -> f64 {
        self.0.milli_value() as f64 / 1e3
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let quantity = Quantity::parse(text).map_err(|error| error.to_string())?;
        if quantity.milli_value() < 0 {
            return Err(format!(
                "`{}` is negative, expected zero or more",
                text.escape_debug()
            ));
        }
        Ok(Self(quantity))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        settings_file::parsed(deserializer)
    }
}

/// What a metric of the autoscaler reads, `NAME=SOURCE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricMapping {
    /// The metric's name.
    pub name: String,
    /// What it reads.
    pub source: MetricSource,
}

impl FromStr for MetricMapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, source) = text
            .rsplit_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| {
                format!(
                    "`{}` maps no metric, expected NAME=SOURCE such as `http_requests=rate`",
                    text.escape_debug()
                )
            })?;
        Ok(Self {
            name: name.to_owned(),
            source: source.parse()?,
        })
    }
}

impl<'de> Deserialize<'de> for MetricMapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        settings_file::parsed(deserializer)
    }
}

/// For how long a client's choice of replica holds after its last request; `none` for no affinity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionAffinity(pub Option<Span>);

impl FromStr for SessionAffinity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "none" {
            return Ok(Self(None));
        }
        let span: Span = text
            .parse()
            .map_err(|error: String| format!("{error}, or `none`"))?;
        Ok(Self(Some(span)))
    }
}

impl fmt::Display for SessionAffinity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(span) => span.fmt(f),
            None => f.write_str("none"),
        }
    }
}

impl<'de> Deserialize<'de> for SessionAffinity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        settings_file::parsed(deserializer)
    }
}

/// Retries as a share of requests that all clients together may make; `none`, which is infinite, for no such limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryBudget(pub f64);

impl FromStr for RetryBudget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "none" {
            return Ok(Self(f64::INFINITY));
        }
        let share = text
            .trim()
            .parse()
            .ok()
            .filter(|share: &f64| share.is_finite());
        share.map(Self).ok_or_else(|| {
            format!(
                "`{}` is no budget, expected a share such as `0.2`, or `none`",
                text.escape_debug()
            )
        })
    }
}

impl fmt::Display for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_finite() {
            self.0.fmt(f)
        } else {
            f.write_str("none")
        }
    }
}

impl<'de> Deserialize<'de> for RetryBudget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        settings_file::parsed(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_a_value_where_there_may_be_none() {
        assert_eq!("none".parse(), Ok(SessionAffinity(None)));
        assert_eq!("3h".parse(), Ok(SessionAffinity(Some(Span(10_800.0)))));
        assert_eq!("none".parse(), Ok(RetryBudget(f64::INFINITY)));
        assert_eq!("0.2".parse(), Ok(RetryBudget(0.2)));
        for text in ["", "inf", "NaN", "much"] {
            assert!(text.parse::<RetryBudget>().is_err(), "{text}");
            assert!(text.parse::<SessionAffinity>().is_err(), "{text}");
        }
    }
}
