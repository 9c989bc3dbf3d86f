//! `Disturbance`: what goes wrong, or is done on purpose, beside the trace.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::{Span, settings_file};
use crate::units::{SimDuration, SimTime};

/// Something that happens to the workload or to its sensors at a given time.
#[derive(Clone, Debug, PartialEq)]
pub struct Disturbance {
    /// When, from the beginning of the trace.
    pub at: SimTime,
    /// What.
    pub kind: DisturbanceKind,
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum DisturbanceKind {
    /// Nodes stop without a word, and their replicas with them. Needs a node pool.
    NodeFailure {
        /// How many; all where there are fewer.
        nodes: u32,
        /// For how long they are gone; `None` for good.
        lasts: Option<SimDuration>,
    },
    /// All nodes of zones stop. Needs a node pool.
    ZoneLoss {
        /// How many zones; all where there are fewer.
        zones: u32,
        /// For how long they are gone; `None` for good.
        lasts: Option<SimDuration>,
    },
    /// Replicas stop answering, their nodes do not; they are restarted once they are seen dead.
    ReplicaFailure {
        /// How many; all where there are fewer.
        replicas: u32,
    },
    /// Every replica is replaced by a new one.
    RollingUpdate {
        /// Replicas that may exist beyond the wanted ones (`maxSurge`); see [`IntOrPercent::rolling_limits`].
        max_surge: IntOrPercent,
        /// Wanted replicas that may be missing (`maxUnavailable`).
        max_unavailable: IntOrPercent,
    },
    /// Replicas created meanwhile take longer to prepare: a registry or storage under pressure.
    SlowPrepare {
        /// Times the usual.
        factor: f64,
        /// For how long.
        lasts: SimDuration,
    },
    /// The controller gets no metrics.
    MetricOutage {
        /// For how long.
        lasts: SimDuration,
    },
}

impl DisturbanceKind {
    /// Its key in a scenario file.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NodeFailure { .. } => "node-failure",
            Self::ZoneLoss { .. } => "zone-loss",
            Self::ReplicaFailure { .. } => "replica-failure",
            Self::RollingUpdate { .. } => "rolling-update",
            Self::SlowPrepare { .. } => "slow-prepare",
            Self::MetricOutage { .. } => "metric-outage",
        }
    }

    /// Whether it happens to nodes, of which there have to be some.
    #[must_use]
    pub const fn needs_nodes(&self) -> bool {
        matches!(self, Self::NodeFailure { .. } | Self::ZoneLoss { .. })
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = Span(self.at.as_seconds());
        let span = |lasts: SimDuration| Span(lasts.as_seconds());
        let gone = |lasts: Option<SimDuration>| match lasts {
            Some(lasts) => format!("for {}", span(lasts)),
            None => "for good".to_owned(),
        };
        let counted =
            |count: u32, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        match &self.kind {
            DisturbanceKind::NodeFailure { nodes, lasts } => {
                write!(
                    f,
                    "at {at} {} down {}",
                    counted(*nodes, "node"),
                    gone(*lasts)
                )
            }
            DisturbanceKind::ZoneLoss { zones, lasts } => {
                write!(
                    f,
                    "at {at} {} down {}",
                    counted(*zones, "zone"),
                    gone(*lasts)
                )
            }
            DisturbanceKind::ReplicaFailure { replicas } => {
                write!(f, "at {at} {} down", counted(*replicas, "replica"))
            }
            DisturbanceKind::RollingUpdate {
                max_surge,
                max_unavailable,
            } => write!(
                f,
                "at {at} a rolling update, surge {max_surge}, unavailable {max_unavailable}"
            ),
            DisturbanceKind::SlowPrepare { factor, lasts } => {
                write!(
                    f,
                    "at {at} prepare takes {factor} times as long for {}",
                    span(*lasts)
                )
            }
            DisturbanceKind::MetricOutage { lasts } => {
                write!(f, "at {at} no metrics for {}", span(*lasts))
            }
        }
    }
}

/// A count of replicas, or a percentage of those wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntOrPercent {
    /// So many.
    Count(u32),
    /// So many of a hundred.
    Percent(u32),
}

impl IntOrPercent {
    /// What Kubernetes makes of `maxSurge` and `maxUnavailable` at a count of wanted replicas: the first rounded up,
    /// the second down, and at least one missing replica where both come to none (`ResolveFenceposts` in
    /// `pkg/controller/deployment/util/deployment_util.go`).
    #[must_use]
    pub fn rolling_limits(max_surge: Self, max_unavailable: Self, replicas: u32) -> (u32, u32) {
        let of = |percent: u32| u64::from(percent) * u64::from(replicas);
        let whole = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let surge = match max_surge {
            Self::Count(count) => count,
            Self::Percent(percent) => whole(of(percent).div_ceil(100)),
        };
        let unavailable = match max_unavailable {
            Self::Count(count) => count,
            Self::Percent(percent) => whole(of(percent) / 100),
        };
        if surge == 0 && unavailable == 0 {
            (0, 1)
        } else {
            (surge, unavailable)
        }
    }
}

impl FromStr for IntOrPercent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let read = match trimmed.strip_suffix('%') {
            Some(percent) => percent.parse().map(Self::Percent),
            None => trimmed.parse().map(Self::Count),
        };
        read.map_err(|_| {
            format!(
                "`{}` is neither a count nor a percentage, expected for example `1` or `25%`",
                text.escape_debug()
            )
        })
    }
}

impl fmt::Display for IntOrPercent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl<'de> Deserialize<'de> for IntOrPercent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        settings_file::parsed(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(surge: &str, unavailable: &str, replicas: u32, expected: (u32, u32)) {
        let read = |text: &str| text.parse::<IntOrPercent>().expect("a count or percentage");
        let limits = IntOrPercent::rolling_limits(read(surge), read(unavailable), replicas);
        assert_eq!(limits, expected, "{surge} {unavailable} of {replicas}");
    }

    #[test]
    fn a_surge_is_rounded_up_and_what_is_missing_down() {
        check("25%", "25%", 10, (3, 2));
        check("25%", "25%", 1, (1, 0));
        check("25%", "25%", 0, (0, 1));
        check("1", "0", 10, (1, 0));
        check("0", "0", 10, (0, 1));
        check("0%", "10%", 5, (0, 1));
        check("4294967295%", "100%", u32::MAX, (u32::MAX, u32::MAX));
    }

    #[test]
    fn neither_count_nor_percentage_is_refused() {
        for text in ["", "%", "-1", "1.5", "ten", "25 %%"] {
            assert!(text.parse::<IntOrPercent>().is_err(), "{text}");
        }
    }
}
