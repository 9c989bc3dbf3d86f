//! `simulate`: every run of every backend, side by side.

use rayon::prelude::*;
use thiserror::Error;

use super::recorder::{Course, KeepTimeline, Recorder};
use super::replay::{Job, replay};
use super::timeline_recorder::timeline_step;
use crate::outcome::{BackendOutcome, DecisionLog, Outcome, SyncLog, Timeline};
use crate::plant::{Grouping, Server};
use crate::queueing::ServiceModelError;
use crate::scenario::{Backend, Scenario};

/// Why a scenario cannot be played.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EngineError {
    /// A backend's figures make no queueing model.
    #[error("backend `{backend}`: {problem}")]
    Service {
        /// The backend's name.
        backend: String,
        /// What is wrong with its figures.
        problem: ServiceModelError,
    },
}

/// Whether the first run of each backend keeps every sync, some 200 bytes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepSyncs {
    /// Every one.
    Every,
    /// None.
    No,
}

/// Plays a scenario: every run of every backend, on all cores. The outcome does not depend on how many there are.
///
/// # Errors
/// When a backend's figures make no queueing model.
pub fn simulate(scenario: &Scenario) -> Result<Outcome, EngineError> {
    simulate_with_progress(scenario, || {})
}

/// As [`simulate`]; calls `run_done` after each run of a backend, from any thread.
///
/// # Errors
/// When a backend's figures make no queueing model.
pub fn simulate_with_progress(
    scenario: &Scenario,
    run_done: impl Fn() + Sync,
) -> Result<Outcome, EngineError> {
    simulate_keeping(scenario, KeepSyncs::No, run_done)
}

/// As [`simulate_with_progress`], with a choice of what is kept.
///
/// # Errors
/// When a backend's figures make no queueing model.
pub fn simulate_keeping(
    scenario: &Scenario,
    syncs: KeepSyncs,
    run_done: impl Fn() + Sync,
) -> Result<Outcome, EngineError> {
    simulate_grouped(scenario, Grouping::Merged, syncs, run_done)
}

/// As [`simulate_with_progress`], with a choice of how pods are kept.
///
/// # Errors
/// When a backend's figures make no queueing model.
pub(crate) fn simulate_grouped(
    scenario: &Scenario,
    grouping: Grouping,
    syncs: KeepSyncs,
    run_done: impl Fn() + Sync,
) -> Result<Outcome, EngineError> {
    let servers = servers(scenario)?;
    let step = timeline_step(scenario.trace.end().since_start());
    let jobs: Vec<(usize, u32)> = (0..scenario.backends.len())
        .flat_map(|backend| (0..scenario.runs).map(move |run| (backend, run)))
        .collect();
    let mut played: Vec<_> = jobs
        .par_iter()
        .map(|(index, run)| {
            let server = &servers[*index];
            let keep = KeepTimeline::of_run(*run, step);
            let job = Job {
                scenario,
                backend: &scenario.backends[*index],
                server,
                run: *run,
                hpa: &scenario.hpa,
                initial_replicas: scenario.initial_replicas,
                keep,
                grouping,
            };
            let mut played = replay(job, Recorder::new(scenario, server, keep, syncs));
            let recorder = played.recorder;
            let outcome = recorder.finish(*run, played.end, &mut played.workload);
            run_done();
            outcome
        })
        .collect();
    let mut backends = Vec::with_capacity(scenario.backends.len());
    for backend in &scenario.backends {
        let rest = played.split_off(played.len().min(scenario.runs as usize));
        let mut course = Course {
            timeline: Timeline {
                step,
                rows: Vec::new(),
            },
            decisions: DecisionLog::default(),
            syncs: SyncLog::default(),
        };
        let mut runs = Vec::with_capacity(played.len());
        for (run, kept) in std::mem::replace(&mut played, rest) {
            if let Some(kept) = kept {
                course = kept;
            }
            runs.push(run);
        }
        backends.push(BackendOutcome {
            backend: backend.name.clone(),
            runs,
            timeline: course.timeline,
            decisions: course.decisions,
            syncs: course.syncs,
        });
    }
    Ok(Outcome { backends })
}

/// The server of each backend.
pub(super) fn servers(scenario: &Scenario) -> Result<Vec<Server>, EngineError> {
    let slo = scenario.slo;
    let server = |backend: &Backend| {
        Server::new(&backend.plant, slo.latency, slo.objective).map_err(|problem| {
            EngineError::Service {
                backend: backend.name.clone(),
                problem,
            }
        })
    };
    scenario.backends.iter().map(server).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{self, Source};
    use crate::outcome::RunOutcome;
    use crate::plant::{EndpointSpec, NodePool, PrepareLimit, PrepareScope};
    use crate::scenario::{Disturbance, DisturbanceKind, Inputs, IntOrPercent, Settings, assemble};
    use crate::stats::Distribution;
    use crate::trace::{ReadOptions, read};
    use crate::units::{SimDuration, SimTime};
    use proptest::prelude::*;

    const MANIFEST: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: app}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  minReplicas: 1
  maxReplicas: 30
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
    - type: Pods
      pods: {metric: {name: inside}, target: {type: AverageValue, averageValue: 5}}
";

    fn scenario(rates: &[u32], seed: u64) -> Scenario {
        let source = Source {
            name: "hpa.yaml".to_owned(),
            bytes: MANIFEST.into(),
        };
        let manifests = manifest::read(vec![source]);
        let rows: Vec<String> = rates
            .iter()
            .enumerate()
            .map(|(row, rate)| format!("{},{rate}", row * 45))
            .collect();
        let csv = format!("timestamp,rps\n{}\n", rows.join("\n"));
        let trace = read("a.csv", csv.as_bytes(), &ReadOptions::infer()).expect("a trace");
        let seed = seed.to_string();
        let flags = [
            "--cpu-per-request",
            "10ms",
            "--cpu-request",
            "1",
            "--service-time",
            "20ms",
            "--runs",
            "2",
            "--metric",
            "inside=in-flight",
            "--seed",
            &seed,
        ];
        assemble(Inputs {
            autoscaler: &manifests.autoscalers[0],
            workload: None,
            service: None,
            trace,
            flags: &Settings::from_flags(flags).expect("flags"),
            file: &Settings::default(),
            only: &[],
            with: &[],
        })
        .expect("a scenario")
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-6 * (1.0 + a.abs().max(b.abs()))
    }

    #[track_caller]
    fn assert_alike(merged: &RunOutcome, single: &RunOutcome) {
        assert_eq!(merged.rescales, single.rescales);
        assert_eq!(merged.lag_episodes, single.lag_episodes);
        assert_eq!(merged.bound_time, single.bound_time);
        let requests = |run: &RunOutcome| {
            let fates = run.requests;
            [
                fates.arrived,
                fates.late,
                fates.timed_out,
                fates.refused,
                fates.failed,
                run.traffic.misrouted,
                run.traffic.dead_seconds,
            ]
        };
        for (a, b) in requests(merged).into_iter().zip(requests(single)) {
            assert!(close(a, b), "{merged:?}\n{single:?}");
        }
        assert!(close(merged.provision.existing, single.provision.existing));
        assert!(close(merged.latency.p99, single.latency.p99) || merged.latency.p99.is_nan());
    }

    /// What may happen beside the trace, every ten minutes.
    fn disturbances() -> impl Strategy<Value = Vec<Disturbance>> {
        let seconds = SimDuration::from_seconds;
        let lasts = move || prop::option::of((1..600_i64).prop_map(seconds));
        let kind = prop_oneof![
            (1..3_u32, lasts())
                .prop_map(|(nodes, lasts)| DisturbanceKind::NodeFailure { nodes, lasts }),
            (1..3_u32, lasts())
                .prop_map(|(zones, lasts)| DisturbanceKind::ZoneLoss { zones, lasts }),
            (1..4_u32).prop_map(|replicas| DisturbanceKind::ReplicaFailure { replicas }),
            (0..3_u32, 0..3_u32).prop_map(|(max_surge, max_unavailable)| {
                DisturbanceKind::RollingUpdate {
                    max_surge: IntOrPercent::Count(max_surge),
                    max_unavailable: IntOrPercent::Count(max_unavailable),
                }
            }),
            (0.5..4.0).prop_map(move |factor| DisturbanceKind::SlowPrepare {
                factor,
                lasts: seconds(300),
            }),
            (1..300_i64).prop_map(move |lasts| DisturbanceKind::MetricOutage {
                lasts: seconds(lasts),
            }),
        ];
        prop::collection::vec(kind, 0..4).prop_map(|kinds| {
            let times = (1..).map(|nth| SimTime::from_seconds(600 * nth));
            let dated = times.zip(kinds);
            dated.map(|(at, kind)| Disturbance { at, kind }).collect()
        })
    }

    /// Delays, limits and nodes that a scenario may have.
    fn lifecycle(scenario: &mut Scenario, kind: u8) {
        let between = |low, high| Distribution::Uniform { low, high };
        for backend in &mut scenario.backends {
            let plant = &mut backend.plant;
            if kind & 1 > 0 {
                plant.endpoints = EndpointSpec {
                    add_delay: between(0.0, 5.0),
                    remove_delay: between(0.0, 8.0),
                    pre_stop: SimDuration::from_seconds(4),
                };
            }
            if kind & 2 > 0 {
                plant.startup.prepare_at_once = Some(PrepareLimit {
                    at_once: 2,
                    scope: PrepareScope::Storage,
                });
                plant.startup.warm_pool = 3;
            }
            if kind & 4 > 0 {
                plant.nodes = Some(NodePool {
                    nodes: 2,
                    most: 5,
                    zones: 2,
                    replicas_per_node: 4,
                    provisioning: between(30.0, 90.0),
                });
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn pods_in_trouble_live_the_same_life_together_and_one_by_one(
            rates in prop::collection::vec(0..2000_u32, 20..60), seed in 0..1000_u64,
            disturbances in disturbances(), kind in 0..8_u8
        ) {
            prop_assume!(rates.iter().any(|rate| *rate > 0));
            let mut scenario = scenario(&rates, seed);
            scenario.disturbances = disturbances;
            lifecycle(&mut scenario, kind);
            let merged = simulate_grouped(&scenario, Grouping::Merged, KeepSyncs::No, || {}).expect("it plays");
            let single = simulate_grouped(&scenario, Grouping::Single, KeepSyncs::No, || {}).expect("it plays");
            for (merged, single) in merged.backends.iter().zip(&single.backends) {
                for (merged, single) in merged.runs.iter().zip(&single.runs) {
                    assert_alike(merged, single);
                }
            }
        }

        #[test]
        fn pods_kept_together_and_one_by_one_live_the_same_life(
            rates in prop::collection::vec(0..4000_u32, 10..60), seed in 0..1000_u64
        ) {
            prop_assume!(rates.iter().any(|rate| *rate > 0));
            let scenario = scenario(&rates, seed);
            let merged = simulate_grouped(&scenario, Grouping::Merged, KeepSyncs::No, || {}).expect("it plays");
            let single = simulate_grouped(&scenario, Grouping::Single, KeepSyncs::No, || {}).expect("it plays");
            for (merged, single) in merged.backends.iter().zip(&single.backends) {
                for (merged, single) in merged.runs.iter().zip(&single.runs) {
                    assert_alike(merged, single);
                }
            }
        }
    }
}
