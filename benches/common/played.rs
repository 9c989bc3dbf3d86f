//! A scenario of containers from a manifest, a trace and flags, as texts.

use scaleplan::manifest::{self, Source};
use scaleplan::scenario::{Inputs, Scenario, Settings, assemble};
use scaleplan::trace::{self, ReadOptions};

/// What the first autoscaler of a manifest and the rows of a CSV make under these flags.
pub(crate) fn played(manifest: &str, csv: &str, flags: &[&str]) -> Scenario {
    let trace = trace::read("load.csv", csv.as_bytes(), &ReadOptions::infer()).expect("a trace");
    let manifests = manifest::read(vec![Source {
        name: "hpa.yaml".to_owned(),
        bytes: manifest.into(),
    }]);
    assemble(Inputs {
        autoscaler: &manifests.autoscalers[0],
        workload: None,
        service: None,
        trace,
        flags: &Settings::from_flags(flags.iter().copied()).expect("settings"),
        file: &Settings::default(),
        only: &["container".to_owned()],
        with: &[],
    })
    .expect("a scenario")
}
