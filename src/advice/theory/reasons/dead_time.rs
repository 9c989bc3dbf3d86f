//! How late the loop is.

use super::{given, seconds};
use crate::advice::theory::facts::Facts;
use crate::advice::theory::figure::{Finding, Part, Reason};

pub(super) fn dead_time(facts: &Facts<'_>) -> Vec<Reason> {
    let dead = &facts.dead_time;
    let startup = &facts.backend.plant.startup;
    let step = facts.meter.doubling(facts.tolerance_up);
    let part = Part::DeadTime;
    vec![
        Reason {
            part,
            key: "metricDelay",
            quantity: "until the metric shows a doubled load, median and p95",
            formula: "readings and scrapes on their own grids, a mean over a window",
            given: vec![
                given("from", facts.metric(step.before)),
                given("to", facts.metric(step.after)),
                given("window", seconds(facts.meter.path.window())),
            ],
            finding: Finding::Between(seconds(dead.metric.median), seconds(dead.metric.p95)),
            source: "cAdvisor housekeeping; metrics-server pkg/storage; all phases integrated",
        },
        Reason {
            part,
            key: "syncWait",
            quantity: "until the next sync",
            formula: "0 to h",
            given: vec![given("h", seconds(facts.sync))],
            finding: Finding::Between(seconds(0.0), seconds(facts.sync)),
            source: "--horizontal-pod-autoscaler-sync-period",
        },
        Reason {
            part,
            key: "startup",
            quantity: "until a new replica serves, median and p95",
            formula: "prepare + start + ready, seen by a probe, + endpoints",
            given: vec![
                given("mean prepare", seconds(startup.prepare.mean())),
                given("start", seconds(startup.start.mean())),
                given("ready", seconds(startup.ready.mean())),
                given(
                    "probe every",
                    seconds(startup.probe.probe_period.as_seconds()),
                ),
            ],
            finding: Finding::Between(seconds(dead.startup.median), seconds(dead.startup.p95)),
            source: "the backend's startup times, all quantiles integrated",
        },
        Reason {
            part,
            key: "deadTime",
            quantity: "dead time, median and p95",
            formula: "metric + sync wait + startup; L is without the sync wait",
            given: vec![
                given("L median", seconds(dead.lag.median)),
                given("L p95", seconds(dead.lag.p95)),
            ],
            finding: Finding::Between(seconds(dead.whole.median), seconds(dead.whole.p95)),
            source: "their sum, draw by draw",
        },
    ]
}
