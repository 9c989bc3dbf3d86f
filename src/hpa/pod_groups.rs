//! Ready, unready, missing, ignored: which samples count.

use super::config::ControllerConfig;
use super::observation::{ConditionStatus, PodGroup, PodPhase, PodSample, ReadyCondition};
use super::spec::Resource;
use crate::units::{SimDuration, SimTime};

/// How a pod counts for one metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PodClass {
    /// Its sample counts.
    Ready,
    /// Its sample, if any, is set aside; on the way up it comes back as no usage at all.
    Unready,
    /// It has no sample; it is filled in against the direction of the change.
    Missing,
    /// It is on its way out.
    Ignored,
}

/// The controller's rule for distrusting early CPU samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadinessRule {
    /// A pod started later than this may still be initializing.
    young_since: SimTime,
    initial_readiness_delay: SimDuration,
}

impl ReadinessRule {
    pub(super) fn new(config: &ControllerConfig, now: SimTime) -> Self {
        Self {
            young_since: now - config.cpu_initialization_period,
            initial_readiness_delay: config.initial_readiness_delay,
        }
    }

    /// Whether a CPU sample is to be set aside.
    fn distrusts(&self, group: &PodGroup, sample: &PodSample) -> bool {
        let (Some(ready), Some(start_time)) = (group.ready, group.start_time) else {
            return true;
        };
        let not_ready = ready.status == ConditionStatus::False;
        if start_time > self.young_since {
            // One whole metrics window must lie after the pod became what it is.
            not_ready || sample.timestamp < ready.last_transition + sample.window
        } else {
            // It was never ready: it became unready within the delay of its start.
            not_ready && start_time + self.initial_readiness_delay > ready.last_transition
        }
    }
}

/// The class of each pod of a group (`groupPods`). The order of the questions matters: a pod without a sample is missing
/// even if it is not ready.
pub(super) fn classify(
    group: &PodGroup,
    sample: Option<&PodSample>,
    readiness: Option<&ReadinessRule>,
) -> PodClass {
    if group.being_deleted || group.phase == PodPhase::Failed {
        return PodClass::Ignored;
    }
    if group.phase == PodPhase::Pending {
        return PodClass::Unready;
    }
    let Some(sample) = sample else {
        return PodClass::Missing;
    };
    match readiness {
        Some(rule) if rule.distrusts(group, sample) => PodClass::Unready,
        _ => PodClass::Ready,
    }
}

/// Pods and their sums, for one metric. Sums wrap around as Go's do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) pods: i64,
    pub(super) usage: i64,
    pub(super) request: i64,
}

impl Sum {
    pub(super) fn add(&mut self, pods: i64, usage: i64, request: i64) {
        self.pods += pods;
        self.usage = self.usage.wrapping_add(usage.wrapping_mul(pods));
        self.request = self.request.wrapping_add(request.wrapping_mul(pods));
    }
}

/// All selected pods of one metric, class by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Selected pods of every class.
    pub(super) pods: i64,
    pub(super) ready: Sum,
    /// `usage` stays zero.
    pub(super) unready: Sum,
    /// `usage` is what they count for on the way down.
    pub(super) missing: Sum,
    /// Samples of pods that are not selected.
    pub(super) strays: Sum,
    /// Whether a pod of any class lacks its request.
    pub(super) request_missing: bool,
}

/// The samples of one metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Samples<'a> {
    pub(super) groups: &'a [PodGroup],
    /// As many as groups: the sample of each pod of that group.
    pub(super) of_groups: &'a [Option<PodSample>],
    /// Samples of pods that are not selected.
    pub(super) strays: &'a [PodSample],
}

impl Samples<'_> {
    /// Sums up each class. `requests` tells, group by group, what each pod requests; `missing_usage` what a pod of some
    /// request counts for on the way down if it has no sample.
    #[inline]
    pub(super) fn tally(
        &self,
        readiness: Option<&ReadinessRule>,
        requests: impl Iterator<Item = Option<i64>>,
        missing_usage: impl Fn(i64) -> i64,
    ) -> Tally {
        let mut tally = Tally::default();
        let known = self.groups.iter().zip(self.of_groups).zip(requests);
        for ((group, sample), request) in known {
            if group.count == 0 {
                continue;
            }
            let pods = i64::from(group.count);
            tally.pods += pods;
            tally.request_missing |= request.is_none();
            let request = request.unwrap_or(0);
            match classify(group, sample.as_ref(), readiness) {
                PodClass::Ready => {
                    let usage = sample.as_ref().map_or(0, |sample| sample.value);
                    tally.ready.add(pods, usage, request);
                }
                PodClass::Unready => tally.unready.add(pods, 0, request),
                PodClass::Missing => tally.missing.add(pods, missing_usage(request), request),
                PodClass::Ignored => {}
            }
        }
        for stray in self.strays {
            tally.strays.add(1, stray.value, 0);
        }
        tally
    }
}

/// How many pods run and are ready (`getReadyPodsCount`): here pods that are being deleted count too.
pub(super) fn ready_pods(groups: &[PodGroup]) -> i64 {
    groups
        .iter()
        .filter(|group| {
            group.phase == PodPhase::Running
                && matches!(
                    group.ready,
                    Some(ReadyCondition {
                        status: ConditionStatus::True,
                        ..
                    })
                )
        })
        .map(|group| i64::from(group.count))
        .sum()
}

/// How many pods are selected.
pub(super) fn selected_pods(groups: &[PodGroup]) -> i64 {
    groups.iter().map(|group| i64::from(group.count)).sum()
}

/// Readiness is looked at for `cpu` alone.
pub(super) fn rule_for<'a>(
    resource: &Resource,
    readiness: &'a ReadinessRule,
) -> Option<&'a ReadinessRule> {
    (*resource == Resource::Cpu).then_some(readiness)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default flags at 1000 s.
    fn rule() -> ReadinessRule {
        ReadinessRule::new(&ControllerConfig::KUBERNETES_1_36, ago(0))
    }

    fn ago(seconds: i64) -> SimTime {
        SimTime::from_seconds(1000 - seconds)
    }

    /// A pod started so many seconds ago, whose Ready condition took this status so many seconds ago.
    fn pod(start: i64, status: ConditionStatus, transition: i64) -> PodGroup {
        PodGroup {
            count: 1,
            phase: PodPhase::Running,
            ready: Some(ReadyCondition {
                status,
                last_transition: ago(transition),
            }),
            start_time: Some(ago(start)),
            being_deleted: false,
        }
    }

    fn sampled(seconds_ago: i64) -> PodSample {
        PodSample {
            timestamp: ago(seconds_ago),
            window: SimDuration::from_seconds(30),
            value: 100,
        }
    }

    #[track_caller]
    fn check(group: &PodGroup, sample: Option<PodSample>, expected: PodClass) {
        assert_eq!(classify(group, sample.as_ref(), Some(&rule())), expected);
    }

    #[test]
    fn an_early_sample_counts_once_a_whole_window_lies_after_readiness() {
        let young = pod(100, ConditionStatus::True, 60);
        check(&young, Some(sampled(30)), PodClass::Ready);
        check(&young, Some(sampled(31)), PodClass::Unready);
        check(
            &pod(100, ConditionStatus::False, 60),
            Some(sampled(0)),
            PodClass::Unready,
        );
    }

    #[test]
    fn the_initialization_period_ends_exactly_on_time() {
        let stale = Some(sampled(290));
        check(
            &pod(299, ConditionStatus::True, 280),
            stale,
            PodClass::Unready,
        );
        check(
            &pod(300, ConditionStatus::True, 280),
            stale,
            PodClass::Ready,
        );
    }

    #[test]
    fn a_grown_pod_counts_unless_it_never_was_ready() {
        let sample = Some(sampled(0));
        check(
            &pod(400, ConditionStatus::False, 371),
            sample,
            PodClass::Unready,
        );
        check(
            &pod(400, ConditionStatus::False, 370),
            sample,
            PodClass::Ready,
        );
    }

    #[test]
    fn unknown_readiness_counts_as_ready() {
        check(
            &pod(400, ConditionStatus::Unknown, 399),
            Some(sampled(0)),
            PodClass::Ready,
        );
    }

    #[test]
    fn no_condition_or_no_start_time_is_unready() {
        let mut bare = pod(400, ConditionStatus::True, 300);
        bare.ready = None;
        check(&bare, Some(sampled(0)), PodClass::Unready);
        let mut unstarted = pod(400, ConditionStatus::True, 300);
        unstarted.start_time = None;
        check(&unstarted, Some(sampled(0)), PodClass::Unready);
    }

    #[test]
    fn a_pod_without_a_sample_is_missing_even_if_unready() {
        check(
            &pod(100, ConditionStatus::False, 60),
            None,
            PodClass::Missing,
        );
    }

    #[test]
    fn pods_on_their_way_out_are_ignored_and_pending_ones_unready() {
        let mut group = pod(400, ConditionStatus::True, 300);
        group.phase = PodPhase::Pending;
        check(&group, None, PodClass::Unready);
        group.being_deleted = true;
        check(&group, Some(sampled(0)), PodClass::Ignored);
        group.being_deleted = false;
        group.phase = PodPhase::Failed;
        check(&group, None, PodClass::Ignored);
        group.phase = PodPhase::Succeeded;
        check(&group, Some(sampled(0)), PodClass::Ready);
    }

    #[test]
    fn only_cpu_looks_at_readiness() {
        let unready = pod(100, ConditionStatus::False, 60);
        assert_eq!(
            classify(
                &unready,
                Some(&sampled(0)),
                rule_for(&Resource::Memory, &rule())
            ),
            PodClass::Ready
        );
    }
}
