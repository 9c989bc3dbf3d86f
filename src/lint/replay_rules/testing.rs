//! What the tests of these rules share: a manifest, a load in few numbers, and what a rule says of its replay.

use super::replay::{Replay, ReplayInput};
use crate::lint::finding::Finding;
use crate::lint::registry;
use crate::lint::run::lint_with_replays;
use crate::lint::selection::Selection;
use crate::lint::settings::Settings as LintSettings;
use crate::lint::testing::{cpu, deployment, hpa, hpa_of_machines, machines as vms, scaled_object};
use crate::manifest::{self, Manifests, Source, read_objects};
use crate::scenario::{Inputs, Scenario, Settings, assemble};
use crate::trace::{ReadOptions, read};

/// A replay in a test: each part of the load is so many minutes at so many requests/s.
#[derive(Clone)]
pub(crate) struct Play {
    pub(crate) manifest: String,
    pub(crate) load: Vec<(u32, f64)>,
    pub(crate) flags: Vec<&'static str>,
}

/// The Deployment and autoscaler `web` with these lines of the autoscaler's spec and one metric on cpu of 70 %; a replica
/// of half a core serves 50 requests/s of 10 ms, 35 at the target.
pub(crate) fn web(spec: &str, load: &[(u32, f64)]) -> Play {
    let pods =
        "resources: {requests: {cpu: 500m, memory: 512Mi}, limits: {cpu: 500m, memory: 512Mi}}";
    Play {
        manifest: deployment(pods) + &hpa(&format!("{spec}{}", cpu(70))),
        load: load.to_vec(),
        flags: [
            "--runs",
            "3",
            "--cpu-per-request",
            "10ms",
            "--service-time",
            "10ms",
        ]
        .to_vec(),
    }
}

/// Likewise of a ScaledObject with these lines of its spec and one trigger on the rate, 35 requests/s for each replica.
pub(crate) fn scaled(spec: &str, load: &[(u32, f64)]) -> Play {
    let trigger = "  triggers:\n  - {type: prometheus, metadata: {query: x, threshold: \"35\"}}\n";
    let hpa = web(spec, load);
    let (deployment, _) = hpa.manifest.split_once("---\n").expect("two documents");
    Play {
        manifest: format!(
            "{deployment}---\n{}",
            scaled_object(&format!("{spec}{trigger}"))
        ),
        ..hpa
    }
    .with(&["--metric", "s0-prometheus=rate"])
}

/// Likewise of the virtual machines `web`, with a core that serves 100 requests/s.
pub(crate) fn machines(spec: &str, load: &[(u32, f64)]) -> Play {
    let domain = "{cpu: {cores: 1}, resources: {requests: {cpu: 1}}, devices: {}}";
    Play {
        manifest: vms(domain, "") + &hpa_of_machines(&format!("{spec}{}", cpu(70))),
        ..web(spec, load)
    }
}

impl Play {
    /// With further flags.
    pub(crate) fn with(mut self, flags: &[&'static str]) -> Self {
        self.flags.extend(flags);
        self
    }

    /// With another text in place of one.
    pub(crate) fn but(mut self, from: &str, to: &str) -> Self {
        assert!(
            self.manifest.contains(from),
            "`{from}` in {}",
            self.manifest
        );
        self.manifest = self.manifest.replace(from, to);
        self
    }
}

/// Checks what a rule says of a replay, whole: for each finding `line:column severity: message`, and on a line of its own
/// `help: ` and the help.
#[track_caller]
pub(crate) fn fires(code: &str, play: &Play, expected: &str) {
    let told = told(code, play);
    let told = told.join("\n");
    assert_eq!(told, expected, "of\n{}", play.manifest);
}

/// Checks that a rule says nothing of a replay.
#[track_caller]
pub(crate) fn silent(code: &str, play: &Play) {
    let told = told(code, play);
    assert!(told.is_empty(), "told {told:#?}\nof\n{}", play.manifest);
}

/// The scenario that a test plays.
#[track_caller]
pub(crate) fn scenario_of(play: &Play) -> Scenario {
    scenario(play, &manifests_of(play))
}

#[track_caller]
fn manifests_of(play: &Play) -> Manifests {
    let manifests = manifest::read(vec![source(play)]);
    assert!(manifests.errors.is_empty(), "{:?}", manifests.errors);
    manifests
}

fn source(play: &Play) -> Source {
    Source {
        name: "a.yaml".to_owned(),
        bytes: play.manifest.clone().into_bytes(),
    }
}

#[track_caller]
fn told(code: &str, play: &Play) -> Vec<String> {
    let manifests = manifests_of(play);
    let input = ReplayInput::new(&manifests.autoscalers[0], scenario(play, &manifests));
    let replays = [Replay::play(&input).expect("it plays")];
    let objects = read_objects(vec![source(play)]);
    let rule = registry::rule(code).expect("there is a rule of this code");
    let linted = lint_with_replays(
        &objects,
        &LintSettings::USUAL,
        &Selection::only(rule),
        &replays,
    );
    let tell = |finding: &Finding| {
        assert!(!finding.help.is_empty(), "no help: {finding:#?}");
        for text in [finding.message.as_str(), &finding.help] {
            assert!(
                !text.ends_with('.') && !text.contains("NaN"),
                "no fragment: {text}"
            );
        }
        let at = finding.place.start;
        format!(
            "{}:{} {}: {}\nhelp: {}",
            at.line, at.column, finding.severity, finding.message, finding.help
        )
    };
    linted.findings.iter().map(tell).collect()
}

#[track_caller]
fn scenario(play: &Play, manifests: &Manifests) -> Scenario {
    const STEP: u32 = 15;
    let rates = play.load.iter().flat_map(|(minutes, rate)| {
        std::iter::repeat_n(
            *rate,
            usize::try_from(minutes * 60 / STEP).expect("a count"),
        )
    });
    let rows = rates
        .enumerate()
        .map(|(row, rate)| format!("{},{rate}\n", row * 15));
    let csv = format!("timestamp,rps\n{}", rows.collect::<Vec<String>>().concat());
    let trace = read("load.csv", csv.as_bytes(), &ReadOptions::infer()).expect("a trace");
    let autoscaler = &manifests.autoscalers[0];
    assemble(Inputs {
        autoscaler,
        workload: manifests.workload_for(autoscaler),
        service: None,
        trace,
        flags: &Settings::from_flags(play.flags.iter().copied()).expect("flags"),
        file: &Settings::default(),
        only: &[],
        with: &[],
    })
    .expect("a scenario")
}
