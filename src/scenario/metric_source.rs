//! `MetricSource`: which number of the plant an HPA metric reads.

use std::fmt;
use std::str::FromStr;

/// Which number of the plant an HPA metric reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricSource {
    /// Cpu usage of the replicas.
    Cpu,
    /// Memory usage of the replicas.
    Memory,
    /// Requests/s: of each pod for a Pods metric, of all for Object and External.
    Rate,
    /// Requests in flight or waiting: in each pod for a Pods metric, in all for Object and External.
    InFlight,
    /// Requests waiting for a worker: in each pod for a Pods metric, in all for Object and External.
    Backlog,
    /// A column of the trace, by its name: the value of that time.
    Column(String),
}

impl fmt::Display for MetricSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Memory => f.write_str("memory"),
            Self::Rate => f.write_str("rate"),
            Self::InFlight => f.write_str("in-flight"),
            Self::Backlog => f.write_str("backlog"),
            Self::Column(name) => write!(f, "column:{name}"),
        }
    }
}

impl FromStr for MetricSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "rate" => Ok(Self::Rate),
            "in-flight" => Ok(Self::InFlight),
            "backlog" => Ok(Self::Backlog),
            _ => match text.strip_prefix("column:") {
                Some(name) if !name.is_empty() => Ok(Self::Column(name.to_owned())),
                _ => Err(format!(
                    "`{}` is no metric source, expected `rate`, `in-flight`, `backlog` or `column:NAME`",
                    text.escape_debug()
                )),
            },
        }
    }
}
