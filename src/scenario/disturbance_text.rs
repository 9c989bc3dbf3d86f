//! A disturbance as a scenario file writes it: `{at: 12h, node-failure: {nodes: 1, for: 10m}}`.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Disturbance, DisturbanceKind, IntOrPercent, Span};
use crate::units::{SimDuration, SimTime};

/// The most that preparing may be slowed down.
const SLOWEST: f64 = 1e6;

/// A disturbance as written: a time, and one of the rest.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct AsWritten {
    at: Span,
    node_failure: Option<NodeFailure>,
    zone_loss: Option<ZoneLoss>,
    replica_failure: Option<ReplicaFailure>,
    rolling_update: Option<RollingUpdate>,
    slow_prepare: Option<SlowPrepare>,
    metric_outage: Option<MetricOutage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeFailure {
    #[serde(default = "one")]
    nodes: u32,
    #[serde(rename = "for")]
    lasts: Option<Span>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ZoneLoss {
    #[serde(default = "one")]
    zones: u32,
    #[serde(rename = "for")]
    lasts: Option<Span>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplicaFailure {
    #[serde(default = "one")]
    replicas: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RollingUpdate {
    #[serde(default = "a_quarter")]
    max_surge: IntOrPercent,
    #[serde(default = "a_quarter")]
    max_unavailable: IntOrPercent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SlowPrepare {
    factor: f64,
    #[serde(rename = "for")]
    lasts: Span,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricOutage {
    #[serde(rename = "for")]
    lasts: Span,
}

impl<'de> Deserialize<'de> for Disturbance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Item)
    }
}

/// Makes a disturbance while the reader still knows the place of its item.
struct Item;

impl<'de> Visitor<'de> for Item {
    type Value = Disturbance;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item such as `{at: 12h, replica-failure: {replicas: 1}}`")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Disturbance, M::Error> {
        let written = AsWritten::deserialize(MapAccessDeserializer::new(map))?;
        written.try_into().map_err(M::Error::custom)
    }
}

impl TryFrom<AsWritten> for Disturbance {
    type Error = String;

    fn try_from(written: AsWritten) -> Result<Self, String> {
        let AsWritten {
            at,
            node_failure,
            zone_loss,
            replica_failure,
            rolling_update,
            slow_prepare,
            metric_outage,
        } = written;
        let kinds = [
            node_failure.map(NodeFailure::kind),
            zone_loss.map(ZoneLoss::kind),
            replica_failure.map(ReplicaFailure::kind),
            rolling_update.map(|update| Ok(update.kind())),
            slow_prepare.map(SlowPrepare::kind),
            metric_outage.map(MetricOutage::kind),
        ];
        let mut given = kinds.into_iter().flatten();
        let (Some(kind), None) = (given.next(), given.next()) else {
            return Err(
                "expected `at` and one of `node-failure`, `zone-loss`, `replica-failure`, `rolling-update`, \
                 `slow-prepare` and `metric-outage`"
                    .to_owned(),
            );
        };
        Ok(Self {
            at: SimTime::ZERO + at.duration(),
            kind: kind?,
        })
    }
}

impl NodeFailure {
    fn kind(self) -> Result<DisturbanceKind, String> {
        Ok(DisturbanceKind::NodeFailure {
            nodes: at_least_one("nodes", self.nodes)?,
            lasts: self.lasts.map(lasting).transpose()?.map(Span::duration),
        })
    }
}

impl ZoneLoss {
    fn kind(self) -> Result<DisturbanceKind, String> {
        Ok(DisturbanceKind::ZoneLoss {
            zones: at_least_one("zones", self.zones)?,
            lasts: self.lasts.map(lasting).transpose()?.map(Span::duration),
        })
    }
}

impl ReplicaFailure {
    fn kind(self) -> Result<DisturbanceKind, String> {
        Ok(DisturbanceKind::ReplicaFailure {
            replicas: at_least_one("replicas", self.replicas)?,
        })
    }
}

impl RollingUpdate {
    const fn kind(self) -> DisturbanceKind {
        DisturbanceKind::RollingUpdate {
            max_surge: self.max_surge,
            max_unavailable: self.max_unavailable,
        }
    }
}

impl SlowPrepare {
    fn kind(self) -> Result<DisturbanceKind, String> {
        if !(0.0..=SLOWEST).contains(&self.factor) {
            return Err(format!(
                "factor is `{}`, expected a number from 0 to a million",
                self.factor
            ));
        }
        Ok(DisturbanceKind::SlowPrepare {
            factor: self.factor,
            lasts: lasting(self.lasts)?.duration(),
        })
    }
}

impl MetricOutage {
    fn kind(self) -> Result<DisturbanceKind, String> {
        Ok(DisturbanceKind::MetricOutage {
            lasts: lasting(self.lasts)?.duration(),
        })
    }
}

fn at_least_one(key: &str, count: u32) -> Result<u32, String> {
    if count == 0 {
        return Err(format!("{key} is `0`, expected at least 1"));
    }
    Ok(count)
}

fn lasting(span: Span) -> Result<Span, String> {
    if span.duration() <= SimDuration::ZERO {
        return Err(format!("for is `{span}`, expected more than no time"));
    }
    Ok(span)
}

const fn one() -> u32 {
    1
}

/// The default of `maxSurge` and of `maxUnavailable` of a Deployment.
const fn a_quarter() -> IntOrPercent {
    IntOrPercent::Percent(25)
}

#[cfg(test)]
mod tests {
    use crate::scenario::Settings;

    /// Checks what is made of an item of the list, or its refusal behind the place of the item.
    #[track_caller]
    fn check(item: &str, expected: &str) {
        let text =
            format!("runs: 3\ndisturbances:\n  - {{at: 1h, replica-failure: {{}}}}\n  - {item}\n");
        let told = match Settings::from_file(&text) {
            Ok(settings) => settings.disturbances[1].to_string(),
            Err(refusal) => refusal,
        };
        let told = told.strip_prefix("line 4, ").unwrap_or(&told);
        assert_eq!(told, expected, "{item}");
    }

    #[test]
    fn each_kind_is_read() {
        check(
            "{at: 2h, node-failure: {nodes: 2, for: 10m}}",
            "at 120m 2 nodes down for 10m",
        );
        check("{at: 0, node-failure: {}}", "at 0s 1 node down for good");
        check(
            "{at: 30s, zone-loss: {for: 1m}}",
            "at 30s 1 zone down for 60s",
        );
        check(
            "{at: 30s, replica-failure: {replicas: 3}}",
            "at 30s 3 replicas down",
        );
        check(
            "{at: 30s, rolling-update: {}}",
            "at 30s a rolling update, surge 25%, unavailable 25%",
        );
        check(
            "{at: 30s, rolling-update: {max-surge: 1, max-unavailable: 0}}",
            "at 30s a rolling update, surge 1, unavailable 0",
        );
        check(
            "{at: 30s, slow-prepare: {factor: 4, for: 10m}}",
            "at 30s prepare takes 4 times as long for 10m",
        );
        check(
            "{at: 30s, metric-outage: {for: 5m}}",
            "at 30s no metrics for 300s",
        );
    }

    #[test]
    fn an_item_is_a_time_and_one_thing_that_happens() {
        let expected = "column 5: disturbances[1]: expected `at` and one of `node-failure`, `zone-loss`, \
                        `replica-failure`, `rolling-update`, `slow-prepare` and `metric-outage`";
        check("{at: 1h}", expected);
        check("{at: 1h, replica-failure: {}, zone-loss: {}}", expected);
        check(
            "{node-failure: {}}",
            "column 5: disturbances[1]: missing key `at`",
        );
        check(
            "17",
            "column 5: disturbances[1]: found integer `17`, expected an item such as \
             `{at: 12h, replica-failure: {replicas: 1}}`",
        );
    }

    #[test]
    fn a_refusal_names_the_place() {
        check(
            "{at: 1h, node-failure: {nodes: 0}}",
            "column 5: disturbances[1]: nodes is `0`, expected at least 1",
        );
        check(
            "{at: 1h, node-failure: {for: 0}}",
            "column 5: disturbances[1]: for is `0s`, expected more than no time",
        );
        check(
            "{at: 1h, node-failure: {node: 1}}",
            "column 29: disturbances[1].node-failure: unknown key `node`, expected `nodes` or `for`",
        );
        check(
            "{at: 1h, slow-prepare: {factor: .nan, for: 1m}}",
            "column 5: disturbances[1]: factor is `NaN`, expected a number from 0 to a million",
        );
        check(
            "{at: 1h, slow-prepare: {for: 1m}}",
            "column 28: disturbances[1].slow-prepare: missing key `factor`",
        );
        check(
            "{at: 1h, rolling-update: {max-surge: x}}",
            "column 42: disturbances[1].rolling-update.max-surge: `x` is neither a count nor a percentage, expected for \
             example `1` or `25%`",
        );
    }
}
