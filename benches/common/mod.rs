//! What the benches of the closed loop share: a daily wave, its scenario, and the plain loop that they are measured
//! against.

mod played;

use std::time::{Duration, Instant};

use played::played;
use scaleplan::scenario::Scenario;

/// Between two syncs, and two values of the trace.
pub(crate) const STEP_SECONDS: u32 = 15;

const MANIFEST: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: app}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  minReplicas: 1
  maxReplicas: 50
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
";

/// A daily wave with noise and a spike now and then, requests/s.
pub(crate) fn rates(steps: u32) -> Vec<f64> {
    let mut noise: u64 = 0x9e37_79b9_7f4a_7c15;
    (0..steps)
        .map(|step| {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            let day = f64::from(step * STEP_SECONDS) / 86_400.0;
            let wave = 1000.0 + 800.0 * (day * std::f64::consts::TAU).sin();
            let spike = if noise % 2000 < 3 { 1.6 } else { 1.0 };
            wave * spike * (0.97 + 0.06 * (noise >> 40) as f64 / f64::from(1 << 24))
        })
        .collect()
}

/// One backend, one run, up to 30 replicas at the peak; `slo` as on the command line.
pub(crate) fn scenario(rates: &[f64], slo: &str) -> Scenario {
    let rows: Vec<String> = rates
        .iter()
        .enumerate()
        .map(|(row, rate)| format!("{},{rate}", row * STEP_SECONDS as usize))
        .collect();
    let csv = format!("timestamp,rps\n{}\n", rows.join("\n"));
    played(
        MANIFEST,
        &csv,
        &["--runs", "1", "--peak-replicas", "30", "--slo", slo],
    )
}

/// What the plain loop counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) replica_syncs: u64,
    pub(crate) overloaded: u64,
    pub(crate) rescales: u64,
    pub(crate) backlog: f64,
}

/// The plain loop: utilization, tolerance, ceil, the doubling limit, a window of 20 recommendations, a backlog.
pub(crate) fn plain_loop(rates: &[f64], capacity: f64) -> Counters {
    let mut counters = Counters::default();
    let mut window = [1_i32; 20];
    let mut replicas = 1_i32;
    let mut backlog = 0.0_f64;
    for (sync, rate) in rates.iter().enumerate() {
        let offered = rate + backlog / f64::from(STEP_SECONDS);
        let served = offered.min(f64::from(replicas) * capacity);
        backlog = ((offered - served) * f64::from(STEP_SECONDS)).max(0.0);
        let ratio = served / (f64::from(replicas) * capacity * 0.7);
        #[expect(clippy::cast_possible_truncation, reason = "a small count of replicas")]
        let wanted = if (0.9..=1.1).contains(&ratio) {
            replicas
        } else {
            (f64::from(replicas) * ratio).ceil() as i32
        };
        window[sync % 20] = wanted;
        let highest = window.iter().copied().fold(0, i32::max);
        let next = highest.min((2 * replicas).max(4)).clamp(1, 50);
        counters.rescales += u64::from(next != replicas);
        counters.overloaded += u64::from(backlog > 0.0);
        counters.replica_syncs += u64::from(replicas.unsigned_abs());
        counters.backlog += backlog;
        replicas = next;
    }
    counters
}

/// How long something takes.
pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

/// The middle one.
pub(crate) fn median<T: PartialOrd + Copy>(mut times: Vec<T>) -> T {
    times.sort_by(|a, b| a.partial_cmp(b).expect("times are numbers"));
    times[times.len() / 2]
}
