//! `startup_settings`: startup phases as fitted distributions.

use super::fit::fit_times;
use super::kube_objects::{Startup, StartupKind, Startups};
use super::measured::Measured;

/// What timestamps are cut to, s.
const GRAIN: f64 = 1.0;

/// The settings that startups tell: prepare, start and ready of pods and of machines, each as the distribution that fits.
#[must_use]
pub fn startup_settings(name: &str, startups: &Startups) -> Vec<Measured> {
    let mut settings = Vec::new();
    for kind in [StartupKind::Container, StartupKind::Vm] {
        let of_kind = || startups.replicas.iter().filter(move |one| one.kind == kind);
        if of_kind().next().is_none() {
            continue;
        }
        let is_pulled = of_kind().any(|one| one.prepare.is_some());
        let [prepare, start, ready] = kind.phases();
        let told = |key, phase: fn(&Startup) -> Option<f64>, what: &str| {
            setting(
                key,
                name,
                &of_kind().filter_map(phase).collect::<Vec<_>>(),
                what,
            )
        };
        let pods = match kind {
            StartupKind::Container => "pods",
            StartupKind::Vm => "VirtualMachineInstances",
        };
        if is_pulled {
            settings.extend(told(
                prepare,
                |one| one.prepare,
                &format!("{pods}: from scheduled, or created, until image or disk were there"),
            ));
            settings.extend(told(
                start,
                |one| one.start,
                &format!("{pods}: from there until they ran"),
            ));
        } else if let Some(mut whole) = told(
            prepare,
            |one| one.start,
            &format!("{pods}: from scheduled until their container ran"),
        ) {
            whole.notes.push(format!(
                "no events of image pulls were given, so {prepare} holds pull and start, and {start} is zero"
            ));
            settings.push(whole);
            settings.push(Measured {
                key: start,
                value: "0s".to_owned(),
                interval: format!("in {prepare}"),
                source: name.to_owned(),
                notes: Vec::new(),
                estimate: None,
            });
        }
        // The model waits for a probe after the application is up; that wait is in what was measured.
        let times: Vec<f64> = of_kind()
            .filter_map(|one| Some((one.ready?, one.probe_period.unwrap_or(0.0))))
            .enumerate()
            .map(|(index, (ready, period))| {
                let share = (index as f64 * GOLDEN).fract();
                (ready - share * period).max(0.0)
            })
            .collect();
        let what = format!("{pods}: from running until ready, less the wait for the probe");
        if let Some(mut one) = setting(ready, name, &times, &what) {
            if of_kind().any(|one| one.probe_period.is_some()) {
                one.notes.push(
                    "an application is seen at the next probe: a share of the period, spread evenly over the replicas, \
                     was taken off"
                        .to_owned(),
                );
            }
            settings.push(one);
        }
    }
    if startups.backwards > 0
        && let Some(first) = settings.first_mut()
    {
        first.notes.push(format!(
            "{} phases ended more than a second before they began (clocks that differ) and are left out",
            startups.backwards
        ));
    }
    settings
}

/// Its multiples spread evenly over the unit interval (Weyl).
pub(super) const GOLDEN: f64 = 0.618_033_988_749_895;

fn setting(key: &'static str, name: &str, times: &[f64], what: &str) -> Option<Measured> {
    let fitted = fit_times(times, GRAIN)?;
    let mut notes = vec![
        "timestamps are whole seconds: equal times were spread evenly over a second before fitting"
            .to_owned(),
    ];
    if times.len() == 1 {
        notes.push("one replica alone tells nothing of how startup varies".to_owned());
    }
    Some(Measured {
        key,
        value: fitted.distribution.to_string(),
        interval: fitted.told(),
        source: format!("{what}; {name}"),
        notes,
        estimate: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::read_startups;

    fn pod(created: u32, started: u32, ready: u32) -> String {
        format!(
            r#"{{"kind":"Pod","metadata":{{"name":"a","creationTimestamp":"2026-01-01T00:00:{created:02}Z"}},
            "spec":{{"containers":[{{"readinessProbe":{{"periodSeconds":5}}}}]}},"status":{{"conditions":[
            {{"type":"PodScheduled","status":"True","lastTransitionTime":"2026-01-01T00:00:{created:02}Z"}},
            {{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:{ready:02}Z"}}],
            "containerStatuses":[{{"restartCount":0,"state":{{"running":{{"startedAt":"2026-01-01T00:00:{started:02}Z"}}}}}}]}}}}"#
        )
    }

    fn settings(pods: &[String]) -> Vec<Measured> {
        let text = format!(r#"{{"kind":"List","items":[{}]}}"#, pods.join(","));
        let startups = read_startups("pods.json", text.as_bytes()).expect("pods");
        startup_settings("pods.json", &startups)
    }

    #[test]
    fn pods_tell_when_they_ran_and_when_they_were_ready() {
        let pods: Vec<String> = (0..20).map(|k| pod(0, 2 + k % 3, 12 + k)).collect();
        let keys: Vec<&str> = settings(&pods).iter().map(|one| one.key).collect();
        assert_eq!(
            keys,
            ["container-prepare", "container-start", "container-ready"]
        );
    }

    #[test]
    fn one_pod_is_a_fixed_time_and_says_so() {
        let found = settings(&[pod(0, 3, 20)]);
        assert_eq!(found[0].value, "3s");
        assert!(
            found[0]
                .notes
                .iter()
                .any(|note| note.contains("one replica alone"))
        );
    }

    #[test]
    fn a_clock_that_runs_backwards_is_left_out_and_told() {
        let found = settings(&[pod(10, 3, 20), pod(0, 3, 20)]);
        assert!(
            found[0]
                .notes
                .iter()
                .any(|note| note.contains("clocks that differ")),
            "{found:?}"
        );
    }

    #[test]
    fn machines_tell_their_phases() {
        let text = r#"{"kind":"VirtualMachineInstance","metadata":{"creationTimestamp":"2026-01-01T00:00:00Z"},"status":{
            "phaseTransitionTimestamps":[{"phase":"Scheduled","phaseTransitionTimestamp":"2026-01-01T00:00:40Z"},
            {"phase":"Running","phaseTransitionTimestamp":"2026-01-01T00:01:00Z"}],
            "conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:01:20Z"}]}}"#;
        let startups = read_startups("vmi.json", text.as_bytes()).expect("a machine");
        let found: Vec<String> = startup_settings("vmi.json", &startups)
            .iter()
            .map(|one| format!("{}: {}", one.key, one.value))
            .collect();
        assert_eq!(found, ["vm-prepare: 40s", "vm-start: 20s", "vm-ready: 20s"]);
    }

    #[test]
    fn what_tells_no_time_is_refused() {
        let error = read_startups(
            "a.json",
            b"{\"kind\":\"List\",\"items\":[{\"kind\":\"Pod\"}]}",
        )
        .expect_err("no times");
        assert!(error.to_string().contains("among 1 objects"), "{error}");
        let error = read_startups("a.json", b"<html>").expect_err("no JSON");
        assert!(error.to_string().contains("not what `kubectl"), "{error}");
    }
}
