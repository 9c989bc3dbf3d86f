//! Tells before production what a Kubernetes autoscaling configuration will do, on containers and on KubeVirt machines.
//!
//! A **manifest** and a **trace** make a **scenario**; the **engine** plays the scenario, letting the **hpa** steer
//! the **plant**; that leaves an **outcome**; **analysis** judges it; **advice** says what to change, and why; **report**
//! draws; **cli** carries files in and bytes out.
//!
//! ```text
//! manifest ─┐
//! trace ────┼─► scenario ─► engine { plant ⇄ hpa } ─► outcome ─► analysis ─► report
//! settings ─┘
//! ```
//!
//! The whole line, in memory:
//!
//! ```
//! use scaleplan::manifest::{self, Source};
//! use scaleplan::scenario::{Inputs, Settings, assemble};
//! use scaleplan::trace::{self, ReadOptions};
//! use scaleplan::{analysis, engine};
//!
//! let hpa = "
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata: {name: app}
//! spec:
//!   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
//!   maxReplicas: 10
//!   metrics:
//!   - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
//! ";
//! let load = "time,rps\n0,10\n60,40\n120,160\n180,160\n240,160\n300,40\n";
//!
//! let manifests = manifest::read(vec![Source { name: "hpa.yaml".into(), bytes: hpa.into() }]);
//! let autoscaler = &manifests.autoscalers[0];
//! let scenario = assemble(Inputs {
//!     autoscaler,
//!     workload: manifests.workload_for(autoscaler),
//!     service: None,
//!     trace: trace::read("load.csv", load.as_bytes(), &ReadOptions::infer())?,
//!     flags: &Settings::from_flags(["--cpu-per-request", "10ms"])?,
//!     file: &Settings::default(),
//!     only: &[],
//!     with: &[],
//! })?;
//! let scorecard = analysis::judge(&scenario, &engine::simulate(&scenario)?);
//!
//! // Replicas come as containers and as virtual machines; the latter follow later.
//! let [container, vm] = scorecard.backends.as_slice() else { unreachable!() };
//! assert!(container.lag.max.median < vm.lag.max.median);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every number that neither manifest nor trace says has a default and an origin, listed in
//! [`Scenario::assumptions`](scenario::Scenario::assumptions). The controller alone is [`hpa::reconcile`].

pub mod advice;
pub mod analysis;
pub mod backtest;
pub mod calibration;
pub mod cli;
pub mod engine;
pub mod hpa;
pub mod lint;
pub mod manifest;
pub mod outcome;
pub mod plant;
pub mod queueing;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod trace;
pub mod traffic;
pub mod units;
