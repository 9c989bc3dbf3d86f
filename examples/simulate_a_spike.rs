//! Replays ten minutes of sixfold load on containers and on virtual machines.
//!
//! Demonstrates in particular: a manifest from text, a workload from a formula, settings as a user would type them, and
//! the figures of a scorecard.
//!
//! ```text
//! requests/s
//!  120 |      ┌──────────┐
//!      |      │          │            one replica at the target: 15 requests/s
//!   20 |──────┘          └──────────  so 2 replicas before and after, 8 within
//!      +------+----------+----------
//!      0      5 min      15 min     30 min
//! ```
//!
//! Run it with `cargo run --release --example simulate_a_spike`.

use std::error::Error;
use std::fmt::Write as _;

use scaleplan::analysis::judge;
use scaleplan::engine::simulate;
use scaleplan::manifest::{self, Source};
use scaleplan::scenario::{Inputs, Settings, assemble};
use scaleplan::trace::{Profile, Trace, TraceUnit, UnitChoice, UnitSource};
use scaleplan::units::{SimDuration, SimTime};

/// An autoscaler at 60 % of a request of 500 millicores: 0.3 cores a replica.
const MANIFEST: &str = "
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
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: shop
        image: shop
        resources: {requests: {cpu: 500m}, limits: {cpu: '1'}}
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
";

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", spike()?);
    Ok(())
}

/// Plays the spike, and says what became of it.
pub(crate) fn spike() -> Result<String, Box<dyn Error>> {
    let manifests = manifest::read(vec![Source {
        name: "shop.yaml".to_owned(),
        bytes: MANIFEST.as_bytes().to_vec(),
    }]);
    let autoscaler = manifests.autoscalers.first().ok_or("no autoscaler")?;

    let spike = Profile::Spike {
        base: 20.0,
        peak: 120.0,
        start: SimTime::from_seconds(5 * 60),
        length: SimDuration::from_seconds(10 * 60),
    };
    let step = SimDuration::from_seconds(15);
    let length = SimDuration::from_seconds(30 * 60);

    // 20 core-milliseconds a request: 15 requests/s at 0.3 cores.
    let flags = Settings::from_flags(["--cpu-per-request", "20ms", "--runs", "20"])?;
    let scenario = assemble(Inputs {
        autoscaler,
        workload: manifests.workload_for(autoscaler),
        service: None,
        trace: Trace {
            name: "a spike".to_owned(),
            start: None,
            series: spike.series(step, length),
            columns: Vec::new(),
            unit: UnitChoice {
                unit: TraceUnit::RequestsPerSecond,
                source: UnitSource::Chosen,
            },
            notes: Vec::new(),
        },
        flags: &flags,
        file: &Settings::default(),
        only: &[],
        with: &[],
    })?;

    let outcome = simulate(&scenario)?;
    let scorecard = judge(&scenario, &outcome);
    let mut text = String::new();
    for card in &scorecard.backends {
        // Medians over the runs. Lag and its stages are in seconds.
        let [detect, decide, prepare, start, ready] = card.lag.stages.map(|stage| stage.max);
        writeln!(
            text,
            "{}: {:.1} % of requests bad, capacity {:.0} s late at worst",
            card.backend, card.slo.bad_percent.median, card.lag.max.median
        )?;
        writeln!(
            text,
            "  detect {:.0} s, decide {:.0} s, prepare {:.0} s, start {:.0} s, ready {:.0} s",
            detect.median, decide.median, prepare.median, start.median, ready.median
        )?;
    }
    Ok(text)
}
