//! The same load under two scaling behaviors: none given, and one that adds a pod a minute.
//!
//! Demonstrates in particular: a load in the compact notation, two scenarios with common random numbers, and what held
//! the scale-ups back.
//!
//! ```text
//! requests/s
//!  120 |    ┌──────────┐       behavior absent: at most twice the replicas, or 4, at each sync
//!   20 |────┘          └────   careful:         at most one more a minute
//!      +----+----------+----
//!      0    5 min      25 min
//! ```
//!
//! Run it with `cargo run --release --example compare_two_behaviors`.

use std::error::Error;
use std::fmt::Write as _;

use scaleplan::analysis::{BackendCard, judge};
use scaleplan::engine::simulate;
use scaleplan::manifest::{self, Source};
use scaleplan::scenario::{Inputs, Settings, assemble};
use scaleplan::trace::{Series, Trace, TraceUnit, UnitChoice, UnitSource};
use scaleplan::units::SimDuration;

const AUTOSCALER: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}
";

const CAREFUL: &str = "
  behavior:
    scaleUp:
      policies: [{type: Pods, value: 1, periodSeconds: 60}]
";

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", comparison()?);
    Ok(())
}

/// Plays both, and puts them side by side.
pub(crate) fn comparison() -> Result<String, Box<dyn Error>> {
    let mut text =
        String::from("behavior   bad requests   worst lag   replica-hours   held back most by\n");
    for (name, behavior) in [("absent", ""), ("careful", CAREFUL)] {
        let card = play(&format!("{AUTOSCALER}{behavior}"))?;
        let most = card
            .bounds
            .iter()
            .max_by(|a, b| a.share.total_cmp(&b.share))
            .ok_or("no bounds")?;
        writeln!(
            text,
            "{name:<8} {:>12.1} % {:>9.0} s {:>15.1}   {} ({:.0} %)",
            card.slo.bad_percent.median,
            card.lag.max.median,
            card.provision.replica_hours.median,
            most.bound.name(),
            100.0 * most.share
        )?;
    }
    Ok(text)
}

/// The card of containers under a manifest.
fn play(manifest: &str) -> Result<BackendCard, Box<dyn Error>> {
    let manifests = manifest::read(vec![Source {
        name: "shop.yaml".to_owned(),
        bytes: manifest.as_bytes().to_vec(),
    }]);
    // 20 requests/s for 5 steps, 120 for 20, 20 for 5: `axn` is a value and n repeats of it.
    let series = Series::from_notation(SimDuration::from_seconds(60), "20x4 120x19 20x4")?;
    let flags = Settings::from_flags(["--cpu-per-request", "20ms", "--cpu-limit", "1"])?;
    let scenario = assemble(Inputs {
        autoscaler: manifests.autoscalers.first().ok_or("no autoscaler")?,
        workload: None,
        service: None,
        trace: Trace {
            name: "20 minutes of load".to_owned(),
            start: None,
            series,
            columns: Vec::new(),
            unit: UnitChoice {
                unit: TraceUnit::RequestsPerSecond,
                source: UnitSource::Chosen,
            },
            notes: Vec::new(),
        },
        flags: &flags,
        file: &Settings::default(),
        only: &["container".to_owned()],
        with: &[],
    })?;
    let outcome = simulate(&scenario)?;
    let mut scorecard = judge(&scenario, &outcome);
    Ok(scorecard.backends.remove(0))
}
