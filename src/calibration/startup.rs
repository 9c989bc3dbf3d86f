//! `startup_settings`: startup phases as fitted distributions.

use super::fit::fit_times;
use super::kube_objects::{Startup, StartupKind, Startups};
use super::measured::{Measured, span};
use crate::stats::quantile_of_sorted;

/// What timestamps are cut to, s.
const GRAIN: f64 = 1.0;
/// So long after a pod ran, and after what its startup probe allows, a Deployment takes a rollout for failed, s
/// (progressDeadlineSeconds): what is ready later has been ready before.
const LONGEST_POD: f64 = 600.0;
/// The longest boot of a machine that is believed, s.
const LONGEST_VM: f64 = 3600.0;
/// A time that is so many times the median, and longer than a minute, is no startup of the same application.
const OUTLIER: f64 = 10.0;

/// The settings that startups tell: prepare, start and ready of pods and of machines, each as the distribution that fits.
#[must_use]
pub fn startup_settings(name: &str, startups: &Startups) -> Vec<Measured> {
    let mut settings = Vec::new();
    for kind in [StartupKind::Container, StartupKind::Vm] {
        let of_kind = || startups.replicas.iter().filter(move |one| one.kind == kind);
        if of_kind().next().is_none() {
            continue;
        }
        let is_split = |one: &&Startup| one.prepare.is_some() || one.start.is_some();
        let split = of_kind().filter(is_split).count();
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
        if split > 0 {
            let mut phases = [
                told(
                    prepare,
                    |one| one.prepare,
                    &format!("{pods}: from scheduled, or created, until image or disk were there"),
                ),
                told(
                    start,
                    |one| one.start,
                    &format!("{pods}: from there until they ran"),
                ),
            ];
            let whole = of_kind().filter(|one| one.prepare_and_start.is_some());
            let left_out = whole.count();
            if let (Some(first), 1..) = (phases.iter_mut().flatten().next(), left_out) {
                first.notes.push(format!(
                    "{left_out} of {} {pods} do not tell when image or disk were there (events are kept for an hour): they \
                     count in neither phase",
                    left_out + split
                ));
            }
            settings.extend(phases.into_iter().flatten());
        } else if let Some(mut whole) = told(
            prepare,
            |one| one.prepare_and_start,
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
        let (first_times, late) = without_later_changes(kind, of_kind());
        let times: Vec<f64> = first_times
            .into_iter()
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
        if let (false, Some(last)) = (late.is_empty(), settings.last_mut()) {
            last.notes.push(told_of_later_changes(pods, ready, &late));
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

/// Times from running until ready, each with its probe's period, and apart those that are too long to be of a startup.
fn without_later_changes<'a>(
    kind: StartupKind,
    startups: impl Iterator<Item = &'a Startup>,
) -> (Vec<(f64, f64)>, Vec<f64>) {
    let longest = |one: &Startup| match kind {
        StartupKind::Container => LONGEST_POD + one.startup_limit,
        StartupKind::Vm => LONGEST_VM,
    };
    let mut late = Vec::new();
    let mut kept = Vec::new();
    for one in startups {
        match one.ready {
            Some(ready) if ready > longest(one) => late.push(ready),
            Some(ready) => kept.push((ready, one.probe_period.unwrap_or(0.0))),
            None => {}
        }
    }
    let mut sorted: Vec<f64> = kept.iter().map(|(ready, _)| *ready).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let median = quantile_of_sorted(&sorted, 0.5).unwrap_or_default();
    let limit = f64::max(median * OUTLIER, 60.0);
    late.extend(sorted.into_iter().filter(|ready| *ready > limit));
    kept.retain(|(ready, _)| *ready <= limit);
    (kept, late)
}

fn told_of_later_changes(pods: &str, ready: &str, late: &[f64]) -> String {
    format!(
        "{pods}: {} became ready {} or more after they ran, too long for a startup: they have been unready in between, as \
         Kubernetes keeps only the last change, and tell nothing of {ready}",
        late.len(),
        span(late.iter().copied().fold(f64::INFINITY, f64::min))
    )
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

    fn values(found: &[Measured]) -> Vec<String> {
        let values = found.iter();
        values
            .map(|one| format!("{}: {}", one.key, one.value))
            .collect()
    }

    #[test]
    fn pods_whose_pull_is_not_told_count_in_neither_phase() {
        // Each is pulled for 30 s and starts in 2 s; of the older ones the events are gone.
        let named = |index: u32| pod(0, 32, 42).replace("\"a\"", &format!("\"p{index}\""));
        let pulled = |index: u32| {
            format!(
                r#"{{"kind":"Event","reason":"Pulled","involvedObject":{{"name":"p{index}"}},"firstTimestamp":"2026-01-01T00:00:30Z"}}"#
            )
        };
        let mut objects: Vec<String> = (0..20).map(named).collect();
        objects.extend((0..3).map(pulled));
        let found = settings(&objects);
        assert_eq!(
            values(&found)[..2],
            ["container-prepare: 30s", "container-start: 2s"]
        );
        let told = found[0].notes.iter();
        assert_eq!(
            told.filter(|note| note.contains("17 of 20 pods")).count(),
            1
        );
    }

    #[test]
    fn pods_that_were_unready_in_between_tell_nothing_of_their_startup() {
        let mut pods: Vec<String> = (0..12).map(|k| pod(0, 5, 31 + k % 3)).collect();
        pods.push(pod(0, 5, 31).replace("00:00:31Z", "15:02:00Z"));
        pods.push(pod(0, 5, 31).replace("00:00:31Z", "00:08:00Z"));
        let found = settings(&pods);
        let ready = found.last().expect("settings");
        assert!(ready.interval.starts_with("12 times"), "{ready:?}");
        let told = ready
            .notes
            .iter()
            .any(|note| note.starts_with("pods: 2 became ready 475s"));
        assert!(told, "{ready:?}");
        let all_later = settings(&[pods[12].clone(), pods[12].clone()]);
        assert!(all_later.iter().all(|one| one.key != "container-ready"));
        let told = all_later.last().expect("a start");
        assert!(
            told.notes
                .iter()
                .any(|note| note.contains("nothing of container-ready"))
        );
    }

    #[test]
    fn a_startup_that_its_probe_allows_is_believed_however_long_it_is() {
        let slow = pod(0, 5, 31).replace("00:00:31Z", "00:25:05Z").replace(
            "{\"readinessProbe\"",
            r#"{"startupProbe":{"periodSeconds":10,"failureThreshold":120},"readinessProbe""#,
        );
        let found = settings(&[slow]);
        assert_eq!(values(&found)[2], "container-ready: 1500s");
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
