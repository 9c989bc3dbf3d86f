//! What rules are told besides manifests: the cluster they are meant for, and where a number becomes a finding.

use std::str::FromStr;

use thiserror::Error;

use crate::hpa::ControllerConfig;
use crate::units::{Quantity, SimDuration};

/// What rules are told besides manifests.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The cluster that the manifests are meant for.
    pub cluster: Cluster,
    /// Where a number becomes a finding.
    pub thresholds: Thresholds,
}

/// What is known of the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Its version; `None` is the newest that is known, and rules about versions stay silent where only some lack a
    /// feature.
    pub version: Option<KubernetesVersion>,
    /// The flags of its HPA controller.
    pub controller: ControllerConfig,
    /// Cpu that it has for workloads, if said.
    pub cpu: Option<Quantity>,
    /// Memory that it has for workloads, if said.
    pub memory: Option<Quantity>,
    /// How many nodes it has, if said.
    pub nodes: Option<i32>,
    /// KubeVirt's `cpuAllocationRatio`: virtual cpus for each requested core.
    pub cpu_allocation_ratio: i64,
}

/// A version such as 1.33.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubernetesVersion {
    /// Always 1 so far.
    pub major: u32,
    /// What changes three times a year.
    pub minor: u32,
}

/// Where a number becomes a finding. Each says which rule it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// SP112: the fewest replicas of a workload behind a Service.
    pub fewest_replicas: i32,
    /// SP114: the largest ratio of `maxReplicas` to `minReplicas`.
    pub widest_room: i32,
    /// SP306, SP602: the longest that probes alone may hold a pod back.
    pub longest_probe_floor: SimDuration,
    /// SP308: the largest ratio of a limit to its request.
    pub largest_burst: f64,
    /// SP311: the highest target utilization without burst, percent.
    pub highest_target: i32,
    /// SP313: the lowest target utilization, percent.
    pub lowest_target: i32,
    /// SP403: the longest window of scaling up.
    pub longest_scale_up_window: SimDuration,
    /// SP404: the shortest window of scaling down.
    pub shortest_scale_down_window: SimDuration,
    /// SP405, SP607: how long a pod takes to be ready, where the manifest doesn't say; a container and a machine.
    pub startup: (SimDuration, SimDuration),
    /// SP406: the longest way from minReplicas to maxReplicas.
    pub longest_ramp: SimDuration,
    /// SP407: the longest way from maxReplicas to minReplicas.
    pub longest_drain: SimDuration,
    /// What a replay must show.
    pub replay: ReplayThresholds,
}

/// Where a figure of a replay becomes a finding. Times and counts are medians over the runs.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayThresholds {
    /// SP902: the longest 95th percentile of the time from a load to the capacity for it.
    pub longest_lag: SimDuration,
    /// SP903, SP909, SP923: the longest time of a day for which one bound alone may keep capacity below the demand.
    pub longest_bound: SimDuration,
    /// SP904: the most cycles of one scale-up in which usage is clipped at the limit.
    pub most_clipped_cycles: usize,
    /// SP905: the longest time at `maxReplicas` with unmet demand.
    pub longest_pinned: SimDuration,
    /// SP906: the least share of `maxReplicas` that a peak should need.
    pub least_share_of_max: f64,
    /// SP907: the most changes of direction in one hour.
    pub most_reversals: usize,
    /// SP908: the most scale-ins of a day that are taken back at once.
    pub most_taken_back: f64,
    /// SP910: the largest share of replicas beyond the load that rounding up may add.
    pub largest_rounding: f64,
    /// SP911: the longest time for which more replicas may stand still than the load needs.
    pub longest_stuck: SimDuration,
    /// SP913, SP914: the largest share of replicas that starting pods, or a rollout, may add.
    pub largest_overshoot: f64,
    /// SP916: how long metrics fail in the experiment.
    pub metric_outage: SimDuration,
    /// SP918, SP926: the least share of replica-hours that is worth a finding.
    pub least_saving: f64,
    /// SP927: the shortest trace that shows a period of the load.
    pub shortest_trace: SimDuration,
}

/// A text that is no version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no Kubernetes version, expected one such as `1.33`")]
pub struct VersionError(String);

impl Settings {
    /// What holds where nobody says otherwise: the newest Kubernetes with the flags it comes with.
    pub const USUAL: Self = Self {
        cluster: Cluster {
            version: None,
            controller: ControllerConfig::KUBERNETES_1_36,
            cpu: None,
            memory: None,
            nodes: None,
            cpu_allocation_ratio: 10,
        },
        thresholds: Thresholds {
            fewest_replicas: 2,
            widest_room: 20,
            longest_probe_floor: SimDuration::from_seconds(30),
            largest_burst: 4.0,
            highest_target: 80,
            lowest_target: 30,
            longest_scale_up_window: SimDuration::from_seconds(15),
            shortest_scale_down_window: SimDuration::from_seconds(60),
            startup: (SimDuration::from_seconds(30), SimDuration::from_seconds(90)),
            longest_ramp: SimDuration::from_seconds(600),
            longest_drain: SimDuration::from_seconds(3600),
            replay: ReplayThresholds {
                longest_lag: SimDuration::from_seconds(180),
                longest_bound: SimDuration::from_seconds(60),
                most_clipped_cycles: 3,
                longest_pinned: SimDuration::from_seconds(300),
                least_share_of_max: 0.5,
                most_reversals: 6,
                most_taken_back: 3.0,
                largest_rounding: 0.25,
                longest_stuck: SimDuration::from_seconds(3600),
                largest_overshoot: 0.2,
                metric_outage: SimDuration::from_seconds(600),
                least_saving: 0.2,
                shortest_trace: SimDuration::from_seconds(86_400),
            },
        },
    };
}

impl Cluster {
    /// Whether its version is known to be below 1.`minor`.
    #[must_use]
    pub fn is_before(&self, minor: u32) -> bool {
        let bound = KubernetesVersion { major: 1, minor };
        self.version.is_some_and(|version| version < bound)
    }
}

impl FromStr for KubernetesVersion {
    type Err = VersionError;

    /// Reads `1.33`, `v1.33`, `1.33.2` or `1.33.2-gke.100`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let refuse = || VersionError(text.to_owned());
        let mut parts = text.trim_start_matches('v').split('.');
        let mut number = || {
            let digits = parts.next().ok_or_else(refuse)?;
            digits.trim_end_matches('+').parse().map_err(|_| refuse())
        };
        let (major, minor) = (number()?, number()?);
        Ok(Self { major, minor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_with_and_without_their_ornaments() {
        for text in ["1.33", "v1.33", "1.33.2", "v1.33.2-gke.100", "1.33+"] {
            let expected = KubernetesVersion {
                major: 1,
                minor: 33,
            };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["", "1", "1.x", "new"] {
            assert!(text.parse::<KubernetesVersion>().is_err(), "{text}");
        }
    }
}
