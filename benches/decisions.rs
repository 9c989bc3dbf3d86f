//! How many decisions a second, against a plain per-pod calculator and for ten times the pods.
//!
//! `cargo bench --bench decisions`. Every figure is the best of several rounds in this one process.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(
    clippy::iter_over_hash_type,
    reason = "the plain calculator sums and fills in, where order does not matter"
)]

use std::collections::{HashMap, HashSet};
use std::hint::black_box;
use std::time::Instant;

use scaleplan::hpa::{
    Behavior, ConditionStatus, ControllerConfig, Decision, HpaSpec, HpaState, MetricReading,
    MetricSpec, MetricTarget, Observation, PodGroup, PodPhase, PodSample, PolicyKind,
    ReadyCondition, Resource, ScaleReading, ScaleUpdate, ScalingPolicy, ScalingRules, SelectPolicy,
    Selection, reconcile,
};
use scaleplan::units::{SimDuration, SimTime};

const TARGET_PERCENT: i32 = 70;
const REQUEST: i64 = 500;
const SYNC_PERIOD: SimDuration = SimDuration::from_seconds(15);
const ROUNDS: usize = 100;
/// Decisions a second of a 10-pod autoscaler, one thread.
const FLOOR_MILLIONS: f64 = 8.0;
/// Times the plain calculator.
const FLOOR_TIMES_PLAIN: f64 = 20.0;
/// A 100-pod decision over a 10-pod one.
const CEILING_HUNDRED_OVER_TEN: f64 = 1.2;

fn main() {
    check_same_decisions();

    let [absent, set, plain, absent_100, set_100] = best_of_rounds(&mut [
        &mut || grouped_round(10, None),
        &mut || grouped_round(10, Some(behavior())),
        &mut || plain_round(10),
        &mut || grouped_round(100, None),
        &mut || grouped_round(100, Some(behavior())),
    ]);
    for (name, nanos) in [("behavior absent", absent), ("behavior set", set)] {
        let millions = 1000.0 / nanos;
        println!(
            "10 pods, {name}: {millions:.2} M decisions/s ({nanos:.1} ns), floor {FLOOR_MILLIONS} M/s: {}",
            verdict(millions >= FLOOR_MILLIONS)
        );
    }
    let times = plain / absent;
    println!(
        "10 pods, plain per-pod calculator: {:.2} M decisions/s ({plain:.1} ns)",
        1000.0 / plain
    );
    println!(
        "grouped over plain: {times:.1} times as fast, floor {FLOOR_TIMES_PLAIN}: {}",
        verdict(times >= FLOOR_TIMES_PLAIN)
    );
    for (name, ratio) in [
        ("behavior absent", absent_100 / absent),
        ("behavior set", set_100 / set),
    ] {
        println!(
            "100 pods over 10 pods, {name}: {ratio:.2}, ceiling {CEILING_HUNDRED_OVER_TEN}: {}",
            verdict(ratio <= CEILING_HUNDRED_OVER_TEN)
        );
    }
}

fn verdict(holds: bool) -> &'static str {
    if holds { "met" } else { "MISSED" }
}

/// Four policies, both windows: what a careful user writes.
fn behavior() -> Behavior {
    let rules = |window, pods, percent| ScalingRules {
        stabilization_window: Some(SimDuration::from_seconds(window)),
        select_policy: SelectPolicy::Max,
        policies: vec![
            ScalingPolicy {
                kind: PolicyKind::Pods,
                value: pods,
                policy_period: SimDuration::from_seconds(60),
            },
            ScalingPolicy {
                kind: PolicyKind::Percent,
                value: percent,
                policy_period: SimDuration::from_seconds(60),
            },
        ],
        tolerance: None,
    };
    Behavior {
        scale_up: rules(30, 4, 100),
        scale_down: rules(300, 2, 10),
    }
}

fn spec(pods: u32, behavior: Option<Behavior>) -> HpaSpec {
    HpaSpec {
        min_replicas: 1,
        max_replicas: i32::try_from(pods).expect("a count") * 4,
        metrics: vec![MetricSpec::Resource {
            resource: Resource::Cpu,
            target: MetricTarget::Utilization(TARGET_PERCENT),
        }],
        behavior,
    }
}

/// Thousandths of a core that each pod uses at some sync: up and down between idle and well above the target in an hour,
/// with some noise on it.
fn usage(sync: i64) -> i64 {
    let in_hour = sync % 240;
    let wave = in_hour.min(240 - in_hour) * 4;
    let noise = sync.wrapping_mul(0x5851_F42D_4C95_7F2D).rotate_right(29) & 0x3F;
    wave + noise
}

/// Of ten pods, eight are counted, one has no sample yet and one has just started.
fn groups(pods: u32, now: SimTime) -> [PodGroup; 3] {
    let group = |tenths: u32, age_seconds: i64, status| PodGroup {
        count: pods / 10 * tenths,
        phase: PodPhase::Running,
        ready: Some(ReadyCondition {
            status,
            last_transition: now - SimDuration::from_seconds(age_seconds - 10),
        }),
        start_time: Some(now - SimDuration::from_seconds(age_seconds)),
        being_deleted: false,
    };
    [
        group(8, 3600, ConditionStatus::True),
        group(1, 60, ConditionStatus::True),
        group(1, 20, ConditionStatus::False),
    ]
}

fn samples(sync: i64, now: SimTime) -> [Option<PodSample>; 3] {
    let sample = PodSample {
        timestamp: now,
        window: SimDuration::from_seconds(15),
        value: usage(sync),
    };
    [Some(sample), None, Some(sample)]
}

fn time_of(sync: i64) -> SimTime {
    SimTime::ZERO + SYNC_PERIOD * sync
}

/// One grouped decision. The count that the controller finds is the same each time.
fn grouped(
    config: &ControllerConfig,
    spec: &HpaSpec,
    state: &mut HpaState,
    pods: u32,
    sync: i64,
) -> Decision {
    let now = time_of(sync);
    let replicas = i32::try_from(pods).expect("a count");
    let samples = samples(sync, now);
    let observation = Observation {
        now,
        scale: ScaleReading::Found {
            spec_replicas: replicas,
            status_replicas: replicas,
        },
        selection: Selection::Valid,
        pods: &groups(pods, now),
        metrics: &[MetricReading::PodResource {
            samples: Ok(&samples),
            strays: &[],
            requests: &[Some(REQUEST); 3],
        }],
        update: ScaleUpdate::Accepted,
    };
    reconcile(config, spec, state, &observation)
}

/// Nanoseconds a decision, over one round.
fn grouped_round(pods: u32, behavior: Option<Behavior>) -> f64 {
    const DECISIONS: i64 = 40_000;
    let config = ControllerConfig::KUBERNETES_1_36;
    let spec = spec(pods, behavior);
    let mut state = HpaState::new();
    let start = Instant::now();
    for sync in 0..DECISIONS {
        black_box(grouped(&config, &spec, &mut state, black_box(pods), sync));
    }
    start.elapsed().as_secs_f64() * 1e9 / DECISIONS as f64
}

fn plain_round(pods: u32) -> f64 {
    const DECISIONS: i64 = 2_000;
    let mut plain = Plain::new(pods);
    let start = Instant::now();
    for sync in 0..DECISIONS {
        plain.observe(sync);
        black_box(plain.decide());
    }
    start.elapsed().as_secs_f64() * 1e9 / DECISIONS as f64
}

/// The best round of each. Rounds take turns, so that what else the machine does hits all alike.
fn best_of_rounds<const N: usize>(contenders: &mut [&mut dyn FnMut() -> f64; N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for (best, round) in best.iter_mut().zip(contenders.iter_mut()) {
            *best = best.min(round());
        }
    }
    best
}

fn check_same_decisions() {
    let config = ControllerConfig::KUBERNETES_1_36;
    for pods in [10, 100] {
        let spec = spec(pods, None);
        let mut state = HpaState::new();
        let mut plain = Plain::new(pods);
        for sync in 0..5000 {
            plain.observe(sync);
            let (recommendation, desired) = plain.decide();
            let decision = grouped(&config, &spec, &mut state, pods, sync);
            assert_eq!(decision.recommendation, Some(recommendation), "sync {sync}");
            assert_eq!(decision.desired_replicas, desired, "sync {sync}");
        }
    }
}

/// The obvious implementation, as the upstream calculator has it: pods and samples by name, sets of names, no groups.
/// CPU utilization without `behavior` is all that it can do.
struct Plain {
    max_replicas: i32,
    pods: Vec<PlainPod>,
    /// What the metrics API answers.
    answer: Vec<(String, PlainSample)>,
    now: SimTime,
    recommendations: Vec<(i32, SimTime)>,
    condition: String,
}

struct PlainPod {
    name: String,
    ready: bool,
    start_time: SimTime,
    last_transition: SimTime,
    container_requests: Vec<(String, i64)>,
}

#[derive(Clone, Copy)]
struct PlainSample {
    value: i64,
    timestamp: SimTime,
    window: SimDuration,
}

impl Plain {
    fn new(pods: u32) -> Self {
        let pods: Vec<PlainPod> = groups(pods, SimTime::ZERO)
            .iter()
            .enumerate()
            .flat_map(|(index, group)| {
                (0..group.count).map(move |ordinal| PlainPod {
                    name: format!("web-7d4b9c6f5-{index}{ordinal:04}"),
                    ready: true,
                    start_time: SimTime::ZERO,
                    last_transition: SimTime::ZERO,
                    container_requests: vec![("app".to_owned(), REQUEST)],
                })
            })
            .collect();
        let answer = pods
            .iter()
            .map(|pod| {
                let sample = PlainSample {
                    value: 0,
                    timestamp: SimTime::ZERO,
                    window: SimDuration::from_seconds(15),
                };
                (pod.name.clone(), sample)
            })
            .collect();
        Self {
            max_replicas: i32::try_from(pods.len()).expect("a count") * 4,
            pods,
            answer,
            now: SimTime::ZERO,
            recommendations: Vec::new(),
            condition: String::new(),
        }
    }

    /// Brings the cluster to where it is at a sync; the same cluster as `groups` and `samples` tell of.
    fn observe(&mut self, sync: i64) {
        self.now = time_of(sync);
        let groups = groups(u32::try_from(self.pods.len()).expect("a count"), self.now);
        let samples = samples(sync, self.now);
        self.answer.clear();
        let mut pods = self.pods.iter_mut();
        for (group, sample) in groups.iter().zip(&samples) {
            let ready = group.ready.expect("every group has the condition");
            for pod in pods.by_ref().take(group.count as usize) {
                pod.ready = ready.status == ConditionStatus::True;
                pod.last_transition = ready.last_transition;
                pod.start_time = group.start_time.expect("every group has started");
                if let Some(sample) = sample {
                    let sample = PlainSample {
                        value: sample.value,
                        timestamp: sample.timestamp,
                        window: sample.window,
                    };
                    self.answer.push((pod.name.clone(), sample));
                }
            }
        }
    }

    /// The recommendation and the count that it comes to.
    fn decide(&mut self) -> (i32, i32) {
        let current = i32::try_from(self.pods.len()).expect("a count");
        if self.recommendations.is_empty() {
            self.recommendations.push((current, self.now));
        }
        let recommendation = self.calculate(current);
        let stabilized = self.stabilize(recommendation);
        self.condition = if stabilized == recommendation {
            "ReadyForNewScale: recommended size matches current size".to_owned()
        } else {
            "ScaleDownStabilized: recent recommendations were higher".to_owned()
        };
        let limit = self.max_replicas.min((2 * current).max(4));
        (recommendation, stabilized.clamp(1, limit))
    }

    fn calculate(&self, current: i32) -> i32 {
        let mut metrics: HashMap<String, PlainSample> = self.answer.iter().cloned().collect();
        let mut ready_pods = 0_usize;
        let mut unready = HashSet::new();
        let mut missing = HashSet::new();
        for pod in &self.pods {
            let Some(sample) = metrics.get(&pod.name) else {
                missing.insert(pod.name.clone());
                continue;
            };
            let young = pod.start_time + SimDuration::from_seconds(300) > self.now;
            let distrusted = if young {
                !pod.ready || sample.timestamp < pod.last_transition + sample.window
            } else {
                !pod.ready && pod.start_time + SimDuration::from_seconds(30) > pod.last_transition
            };
            if distrusted {
                unready.insert(pod.name.clone());
            } else {
                ready_pods += 1;
            }
        }
        for name in &unready {
            metrics.remove(name);
        }
        let mut requests: HashMap<String, i64> = HashMap::with_capacity(self.pods.len());
        for pod in &self.pods {
            let request = pod.container_requests.iter().map(|(_, request)| request);
            requests.insert(pod.name.clone(), request.sum());
        }
        let ratio = utilization_ratio(&metrics, &requests);
        let within = |ratio: f64| (1.0 - 0.1..=1.0 + 0.1).contains(&ratio);
        let growing_unready = !unready.is_empty() && ratio > 1.0;
        if !growing_unready && missing.is_empty() {
            return if within(ratio) {
                current
            } else {
                ceil(ratio * ready_pods as f64)
            };
        }
        for name in &missing {
            if ratio < 1.0 {
                metrics.insert(name.clone(), filled_in(requests[name]));
            } else if ratio > 1.0 {
                metrics.insert(name.clone(), filled_in(0));
            }
        }
        if growing_unready {
            for name in &unready {
                metrics.insert(name.clone(), filled_in(0));
            }
        }
        let filled = utilization_ratio(&metrics, &requests);
        if within(filled) || (ratio < 1.0 && filled > 1.0) || (ratio > 1.0 && filled < 1.0) {
            return current;
        }
        let replicas = ceil(filled * metrics.len() as f64);
        if (filled < 1.0 && replicas > current) || (filled > 1.0 && replicas < current) {
            return current;
        }
        replicas
    }

    fn stabilize(&mut self, recommendation: i32) -> i32 {
        let cutoff = self.now - SimDuration::from_seconds(300);
        let mut highest = recommendation;
        let mut outdated = None;
        for (slot, &(replicas, at)) in self.recommendations.iter().enumerate() {
            if at < cutoff {
                outdated = Some(slot);
            } else {
                highest = highest.max(replicas);
            }
        }
        match outdated {
            Some(slot) => self.recommendations[slot] = (recommendation, self.now),
            None => self.recommendations.push((recommendation, self.now)),
        }
        highest
    }
}

fn filled_in(value: i64) -> PlainSample {
    PlainSample {
        value,
        timestamp: SimTime::ZERO,
        window: SimDuration::ZERO,
    }
}

fn utilization_ratio(
    metrics: &HashMap<String, PlainSample>,
    requests: &HashMap<String, i64>,
) -> f64 {
    let (mut used, mut requested) = (0, 0);
    for (name, sample) in metrics {
        if let Some(request) = requests.get(name) {
            used += sample.value;
            requested += request;
        }
    }
    (used * 100 / requested) as f64 / f64::from(TARGET_PERCENT)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the counts of this bench are small"
)]
fn ceil(replicas: f64) -> i32 {
    replicas.ceil() as i32
}
