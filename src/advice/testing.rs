//! A scenario small enough to play often, for unit tests.

use super::hunt::Grounds;
use super::part::Part;
use super::{Candidate, Hints, Lattice, Wishes};
use crate::manifest::{self, Source};
use crate::scenario::{Inputs, Scenario, Settings, assemble};
use crate::trace::{ReadOptions, read};

const MANIFEST: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: app}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  minReplicas: 2
  maxReplicas: 10
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
";

/// An hour at 60 requests/s with two steps up to 300; a replica at the target bears 70.
pub(super) fn scenario() -> Scenario {
    let source = Source {
        name: "hpa.yaml".to_owned(),
        bytes: MANIFEST.into(),
    };
    let manifests = manifest::read(vec![source]);
    let csv = "timestamp,rps\n0,60\n900,300\n1800,60\n2700,200\n3300,60\n3600,60\n";
    let trace = read("a.csv", csv.as_bytes(), &ReadOptions::infer()).expect("a trace");
    let flags = ["--cpu-per-request", "10ms", "--cpu-request", "1"];
    let scenario = assemble(Inputs {
        autoscaler: &manifests.autoscalers[0],
        workload: None,
        service: None,
        trace,
        flags: &Settings::from_flags(flags).expect("flags"),
        file: &Settings::default(),
        only: &[],
        with: &[],
    });
    scenario.expect("a scenario")
}

/// Four floors, four targets, and the usual values of all else.
pub(super) fn lattice(scenario: &Scenario) -> Lattice {
    let values = ["min=2,4,6,8".to_owned(), "target=40,60,70,80".to_owned()];
    let wishes = Wishes::parse(&[], &[], &values).expect("wishes");
    super::lattice(scenario, &wishes, &Hints::default()).expect("a lattice")
}

/// Parts to seek on, for the first backend.
pub(super) fn grounds<'a>(parts: &'a [&'a Part<'a>]) -> Grounds<'a> {
    Grounds {
        parts,
        slices: &[],
        backends: &[0],
        confidence: 0.95,
        screening_runs: 3,
        seed: 1,
        shuns: &|_| false,
    }
}

/// Every candidate with one of the first three axes turned.
pub(super) fn candidates(lattice: &Lattice) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (index, axis) in lattice.axes.iter().enumerate().take(3) {
        for position in 0..axis.values.len() {
            let mut candidate = lattice.present();
            candidate.0[index] = u16::try_from(position).expect("few");
            candidates.push(candidate);
        }
    }
    candidates.retain(|candidate| lattice.is_valid(candidate));
    candidates.sort();
    candidates.dedup();
    candidates
}
