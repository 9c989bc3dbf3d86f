//! One metric to one proposed replica count.

use std::iter;

use super::decision::{Basis, Evaluation, MetricError, Proposal, Usage};
use super::observation::{MetricFailure, MetricReading, PodGroup, PodSample};
use super::pod_groups::{ReadinessRule, Samples, Tally, ready_pods, rule_for, selected_pods};
use super::spec::{MetricSpec, MetricTarget, Resource};

/// The dead band around a usage ratio of 1, both ends inside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tolerances {
    pub(super) down: f64,
    pub(super) up: f64,
}

impl Tolerances {
    fn contain(self, usage_ratio: f64) -> bool {
        (1.0 - self.down) <= usage_ratio && usage_ratio <= (1.0 + self.up)
    }
}

/// Everything but the metric itself that a proposal depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calculator<'a> {
    pub(super) spec_replicas: i32,
    pub(super) status_replicas: i32,
    pub(super) pods: &'a [PodGroup],
    pub(super) tolerances: Tolerances,
    pub(super) readiness: ReadinessRule,
}

/// What the pods that count add up to.
#[derive(Clone, Copy, Debug)]
struct Measured {
    usage_ratio: f64,
    shown: Usage,
}

impl Calculator<'_> {
    /// What one metric asks for (`computeReplicasForMetric`).
    pub(super) fn evaluate(
        &self,
        metric: &MetricSpec,
        reading: Option<&MetricReading<'_>>,
    ) -> Evaluation {
        match (metric, reading) {
            (
                MetricSpec::Resource { resource, target }
                | MetricSpec::ContainerResource {
                    resource, target, ..
                },
                Some(MetricReading::PodResource {
                    samples,
                    strays,
                    requests,
                }),
            ) => {
                let samples = self.samples((*samples)?, strays)?;
                self.by_resource(resource, *target, samples, requests)
            }
            (
                MetricSpec::Pods {
                    target: MetricTarget::AverageValue(target),
                    ..
                },
                Some(MetricReading::PodCustom { samples, strays }),
            ) => {
                let samples = self.samples((*samples)?, strays)?;
                self.by_average(*target, samples, None)
            }
            (MetricSpec::Object { target, .. }, Some(MetricReading::Object(reading))) => {
                let usage = (*reading)?;
                match *target {
                    MetricTarget::Value(target) => self.by_whole_value(usage, target),
                    MetricTarget::AverageValue(target) => Ok(self.by_object_share(usage, target)),
                    MetricTarget::Utilization(_) => Err(MetricError::InvalidTarget),
                }
            }
            (MetricSpec::External { target, .. }, Some(MetricReading::External(reading))) => {
                let series = (*reading)?;
                if series.is_empty() {
                    return Err(MetricFailure::Empty.into());
                }
                match *target {
                    MetricTarget::Value(target) => {
                        self.by_whole_value(sum_with_cap(series), target)
                    }
                    MetricTarget::AverageValue(target) => {
                        Ok(self.by_external_share(sum_or_cap(series), target))
                    }
                    MetricTarget::Utilization(_) => Err(MetricError::InvalidTarget),
                }
            }
            (MetricSpec::Pods { .. }, Some(MetricReading::PodCustom { .. })) => {
                Err(MetricError::InvalidTarget)
            }
            _ => Err(MetricError::NoReading),
        }
    }

    fn samples<'s>(
        &'s self,
        of_groups: &'s [Option<PodSample>],
        strays: &'s [PodSample],
    ) -> Result<Samples<'s>, MetricError> {
        if of_groups.len() != self.pods.len() {
            return Err(MetricError::NoReading);
        }
        Ok(Samples {
            groups: self.pods,
            of_groups,
            strays,
        })
    }

    fn by_resource(
        &self,
        resource: &Resource,
        target: MetricTarget,
        samples: Samples<'_>,
        requests: &[Option<i64>],
    ) -> Evaluation {
        let readiness = rule_for(resource, &self.readiness);
        match target {
            MetricTarget::Utilization(percent) => {
                self.by_utilization(percent, samples, requests, readiness)
            }
            MetricTarget::AverageValue(target) => self.by_average(target, samples, readiness),
            MetricTarget::Value(_) => Err(MetricError::InvalidTarget),
        }
    }

    /// Usage over request, in whole percent (`GetResourceReplicas`).
    fn by_utilization(
        &self,
        target: i32,
        samples: Samples<'_>,
        requests: &[Option<i64>],
        readiness: Option<&ReadinessRule>,
    ) -> Evaluation {
        if requests.len() != self.pods.len() {
            return Err(MetricError::NoReading);
        }
        let missing_percent = i64::from(target.max(100));
        let tally = samples.tally(readiness, requests.iter().copied(), |request| {
            request.wrapping_mul(missing_percent) / 100
        });
        check_samples(&tally)?;
        if tally.request_missing {
            return Err(MetricError::MissingRequest);
        }
        let percent = utilization(tally.ready.usage, tally.ready.request)?;
        let measured = Measured {
            usage_ratio: f64::from(percent) / f64::from(target),
            shown: Usage::Utilization {
                percent,
                average: tally.ready.usage.wrapping_div(tally.ready.pods),
            },
        };
        self.over_pods(&tally, measured, |filled| {
            let percent = utilization(filled.usage, filled.request)?;
            Ok(f64::from(percent) / f64::from(target))
        })
    }

    /// The mean over pods (`calcPlainMetricReplicas`).
    fn by_average(
        &self,
        target: i64,
        samples: Samples<'_>,
        readiness: Option<&ReadinessRule>,
    ) -> Evaluation {
        let tally = samples.tally(readiness, iter::repeat(Some(0)), |_| target);
        check_samples(&tally)?;
        let mean = |sum: Filled| {
            // Here a pod that is not selected counts too.
            let usage = sum.usage.wrapping_add(tally.strays.usage);
            usage.wrapping_div(sum.pods)
        };
        let ratio = |mean: i64| mean as f64 / target as f64;
        let measured = mean(Filled {
            pods: tally.ready.pods + tally.strays.pods,
            usage: tally.ready.usage,
            request: 0,
        });
        let shown = Measured {
            usage_ratio: ratio(measured),
            shown: Usage::AverageValue(measured),
        };
        self.over_pods(&tally, shown, |filled| Ok(ratio(mean(filled))))
    }

    /// From a usage ratio over pods to a count, filling in pods without a usable sample against the direction of the
    /// change. `ratio_of` tells the ratio once they are filled in.
    fn over_pods(
        &self,
        tally: &Tally,
        measured: Measured,
        ratio_of: impl Fn(Filled) -> Result<f64, MetricError>,
    ) -> Evaluation {
        let Measured { usage_ratio, shown } = measured;
        let proposal = |replicas, filled_ratio, pods, basis| Proposal {
            replicas,
            usage: shown,
            usage_ratio,
            filled_ratio,
            pods,
            basis,
        };
        let ready = tally.ready.pods;
        let scale_up_with_unready = tally.unready.pods > 0 && usage_ratio > 1.0;
        if !scale_up_with_unready && tally.missing.pods == 0 {
            return Ok(if self.tolerances.contain(usage_ratio) {
                proposal(
                    self.spec_replicas,
                    usage_ratio,
                    ready,
                    Basis::WithinTolerance,
                )
            } else {
                let replicas = ceil_replicas(usage_ratio * ready as f64);
                proposal(replicas, usage_ratio, ready, Basis::ReadyPods)
            });
        }

        let mut filled = Filled {
            pods: tally.ready.pods + tally.strays.pods,
            usage: tally.ready.usage,
            request: tally.ready.request,
        };
        if usage_ratio < 1.0 {
            filled.add(
                tally.missing.pods,
                tally.missing.usage,
                tally.missing.request,
            );
        } else if usage_ratio > 1.0 {
            filled.add(tally.missing.pods, 0, tally.missing.request);
        }
        if scale_up_with_unready {
            filled.add(tally.unready.pods, 0, tally.unready.request);
        }
        let filled_ratio = ratio_of(filled)?;
        let proposal = |replicas, basis| proposal(replicas, filled_ratio, filled.pods, basis);
        if self.tolerances.contain(filled_ratio) {
            return Ok(proposal(self.spec_replicas, Basis::WithinTolerance));
        }
        let turned_around =
            (usage_ratio < 1.0 && filled_ratio > 1.0) || (usage_ratio > 1.0 && filled_ratio < 1.0);
        let replicas = ceil_replicas(filled_ratio * filled.pods as f64);
        let against_the_count = (filled_ratio < 1.0 && replicas > self.spec_replicas)
            || (filled_ratio > 1.0 && replicas < self.spec_replicas);
        Ok(if turned_around || against_the_count {
            proposal(self.spec_replicas, Basis::DirectionKept)
        } else {
            proposal(replicas, Basis::FilledIn)
        })
    }

    /// A value that is to stay below a target as a whole (`getUsageRatioReplicaCount`).
    fn by_whole_value(&self, usage: i64, target: i64) -> Evaluation {
        let usage_ratio = usage as f64 / target as f64;
        let proposal = |replicas, pods, basis| Proposal {
            replicas,
            usage: Usage::Value(usage),
            usage_ratio,
            filled_ratio: usage_ratio,
            pods,
            basis,
        };
        if self.spec_replicas == 0 {
            return Ok(proposal(ceil_replicas(usage_ratio), 0, Basis::FromZero));
        }
        if self.tolerances.contain(usage_ratio) {
            return Ok(proposal(self.spec_replicas, 0, Basis::WithinTolerance));
        }
        if selected_pods(self.pods) == 0 {
            return Err(MetricError::NoPods);
        }
        let pods = ready_pods(self.pods);
        let replicas = ceil_replicas_capped(usage_ratio * pods as f64);
        Ok(proposal(replicas, pods, Basis::ReadyPods))
    }

    /// A value of an object, to be shared by the pods (`GetObjectPerPodMetricReplicas`).
    fn by_object_share(&self, usage: i64, target: i64) -> Proposal {
        let shown = ceil_value(usage as f64 / f64::from(self.status_replicas));
        self.per_pod(usage, target, shown, ceil_replicas)
    }

    /// A value from outside, to be shared by the pods (`GetExternalPerPodMetricReplicas`).
    fn by_external_share(&self, usage: i64, target: i64) -> Proposal {
        let shown = if usage as f64 >= i64::MAX as f64 {
            i64::MAX
        } else {
            ceil_value(usage as f64 / f64::from(self.status_replicas))
        };
        self.per_pod(usage, target, shown, ceil_replicas_capped)
    }

    /// Both the tolerance and the count to keep go by `status.replicas` here.
    fn per_pod(&self, usage: i64, target: i64, shown: i64, ceil: fn(f64) -> i32) -> Proposal {
        let usage_ratio = usage as f64 / (target as f64 * f64::from(self.status_replicas));
        let (replicas, basis) = if self.tolerances.contain(usage_ratio) {
            (self.status_replicas, Basis::WithinTolerance)
        } else {
            (ceil(usage as f64 / target as f64), Basis::PerPod)
        };
        Proposal {
            replicas,
            usage: Usage::AverageValue(shown),
            usage_ratio,
            filled_ratio: usage_ratio,
            pods: i64::from(self.status_replicas),
            basis,
        }
    }
}

/// The pods that count once others are filled in.
#[derive(Clone, Copy, Debug)]
struct Filled {
    pods: i64,
    usage: i64,
    request: i64,
}

impl Filled {
    /// `usage` and `request` are already sums.
    fn add(&mut self, pods: i64, usage: i64, request: i64) {
        self.pods += pods;
        self.usage = self.usage.wrapping_add(usage);
        self.request = self.request.wrapping_add(request);
    }
}

fn check_samples(tally: &Tally) -> Result<(), MetricError> {
    if tally.pods == 0 {
        return Err(MetricError::NoPods);
    }
    if tally.ready.pods + tally.strays.pods == 0 {
        return Err(MetricError::NoUsableSamples);
    }
    Ok(())
}

/// Whole percent, truncated (`GetResourceUtilizationRatio`): a ratio of sums, not a mean of ratios.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the controller keeps the low 32 bits as well"
)]
fn utilization(usage: i64, request: i64) -> Result<i32, MetricError> {
    if request == 0 {
        return Err(MetricError::NoRequests);
    }
    Ok(usage.wrapping_mul(100).wrapping_div(request) as i32)
}

/// The sum of all series, at most `i64::MAX` (`GetExternalMetricReplicas`).
fn sum_with_cap(series: &[i64]) -> i64 {
    let mut sum = 0_i64;
    for &value in series {
        if value > 0 && sum > i64::MAX - value {
            return i64::MAX;
        }
        sum = sum.wrapping_add(value);
    }
    sum
}

/// The sum of all series; one that goes below zero on the way is taken for an overflow
/// (`GetExternalPerPodMetricReplicas`).
fn sum_or_cap(series: &[i64]) -> i64 {
    let mut sum = 0_i64;
    for &value in series {
        sum = sum.wrapping_add(value);
        if sum < 0 {
            return i64::MAX;
        }
    }
    sum
}

/// The least whole count that is no smaller. Out of range and NaN become `i32::MIN`, as `truncate_replicas` has it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "in range by the test before"
)]
pub(super) fn ceil_replicas(replicas: f64) -> i32 {
    // Not `f64::ceil`: without a special target that is a call.
    if replicas > f64::from(i32::MIN) && replicas <= f64::from(i32::MAX) {
        let whole = replicas as i32;
        whole + i32::from(f64::from(whole) < replicas)
    } else {
        truncate_replicas(replicas.ceil())
    }
}

/// The least whole count that is no smaller, at most `i32::MAX`.
fn ceil_replicas_capped(replicas: f64) -> i32 {
    if replicas > f64::from(i32::MAX) {
        i32::MAX
    } else {
        ceil_replicas(replicas)
    }
}

/// The whole part. Out of range and NaN become `i32::MIN`, as on amd64, where the controller's decisions were recorded:
/// Go leaves that to the machine.
#[expect(
    clippy::cast_possible_truncation,
    reason = "in range by the test before"
)]
pub(super) fn truncate_replicas(replicas: f64) -> i32 {
    if replicas > f64::from(i32::MIN) - 1.0 && replicas < f64::from(i32::MAX) + 1.0 {
        replicas as i32
    } else {
        i32::MIN
    }
}

/// The least whole value that is no smaller; out of range and NaN become `i64::MIN`, as on amd64.
#[expect(
    clippy::cast_possible_truncation,
    reason = "in range by the test before"
)]
fn ceil_value(value: f64) -> i64 {
    let whole = value.ceil();
    if whole >= i64::MIN as f64 && whole < i64::MAX as f64 {
        whole as i64
    } else {
        i64::MIN
    }
}

impl From<MetricFailure> for MetricError {
    fn from(failure: MetricFailure) -> Self {
        Self::Unavailable(failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hpa::ControllerConfig;
    use crate::hpa::observation::PodPhase;
    use crate::units::{SimDuration, SimTime};

    /// A memory metric over pods that each request 1000: readiness is not looked at.
    #[track_caller]
    fn check(samples: &[Option<i64>], target: MetricTarget, expected: (i32, Basis)) {
        let pod = PodGroup {
            count: 1,
            phase: PodPhase::Running,
            ready: None,
            start_time: None,
            being_deleted: false,
        };
        let pods = vec![pod; samples.len()];
        let replicas = i32::try_from(pods.len()).expect("a count");
        let samples: Vec<Option<PodSample>> = samples
            .iter()
            .map(|value| {
                value.map(|value| PodSample {
                    timestamp: SimTime::ZERO,
                    window: SimDuration::ZERO,
                    value,
                })
            })
            .collect();
        let calculator = Calculator {
            spec_replicas: replicas,
            status_replicas: replicas,
            pods: &pods,
            tolerances: Tolerances { down: 0.1, up: 0.1 },
            readiness: ReadinessRule::new(&ControllerConfig::KUBERNETES_1_36, SimTime::ZERO),
        };
        let metric = MetricSpec::Resource {
            resource: Resource::Memory,
            target,
        };
        let reading = MetricReading::PodResource {
            samples: Ok(&samples),
            strays: &[],
            requests: &vec![Some(1000); samples.len()],
        };
        let proposal = calculator
            .evaluate(&metric, Some(&reading))
            .expect("every pod requests something");
        assert_eq!((proposal.replicas, proposal.basis), expected);
    }

    #[test]
    fn utilization_is_truncated_to_whole_percent_before_the_ratio() {
        let target = MetricTarget::Utilization(50);
        check(&[Some(559), Some(550)], target, (2, Basis::WithinTolerance));
        check(&[Some(560), Some(560)], target, (3, Basis::ReadyPods));
        check(&[Some(449), Some(450)], target, (2, Basis::ReadyPods));
    }

    #[test]
    fn missing_pods_use_their_request_on_the_way_down_and_nothing_on_the_way_up() {
        let target = MetricTarget::Utilization(100);
        let down = [Some(400), Some(95), None, None];
        check(&down, target, (3, Basis::FilledIn));
        let up = [Some(3000), Some(3000), None, None];
        check(&up, target, (6, Basis::FilledIn));
        let turned = [Some(1500), None, None];
        check(&turned, target, (3, Basis::DirectionKept));
    }

    #[test]
    fn a_target_above_the_request_is_what_missing_pods_use() {
        let target = MetricTarget::Utilization(200);
        check(&[Some(1000), None], target, (2, Basis::FilledIn));
    }

    #[test]
    fn a_mean_is_truncated_to_thousandths() {
        let target = MetricTarget::AverageValue(10);
        check(
            &[Some(11), Some(11), Some(13)],
            target,
            (3, Basis::WithinTolerance),
        );
        check(
            &[Some(12), Some(12), Some(12)],
            target,
            (4, Basis::ReadyPods),
        );
    }

    #[test]
    fn out_of_range_counts_become_the_smallest_integer() {
        assert_eq!(ceil_replicas(2_147_483_646.5), i32::MAX);
        assert_eq!(ceil_replicas(2_147_483_647.5), i32::MIN);
        assert_eq!(ceil_replicas(f64::NAN), i32::MIN);
        assert_eq!(ceil_replicas(-1.5), -1);
        assert_eq!(ceil_replicas(-2_147_483_648.5), i32::MIN);
        assert_eq!(ceil_replicas_capped(1e300), i32::MAX);
    }

    #[test]
    fn series_add_up_to_a_cap() {
        assert_eq!(sum_with_cap(&[i64::MAX, 1]), i64::MAX);
        assert_eq!(sum_with_cap(&[5, -7]), -2);
        assert_eq!(sum_or_cap(&[i64::MAX, 1]), i64::MAX);
        assert_eq!(sum_or_cap(&[5, -7, 4]), i64::MAX);
    }
}
