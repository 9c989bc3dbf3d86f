//! Other targets of an autoscaler's metric.

use crate::hpa::{HpaSpec, MetricSpec, MetricTarget};

/// Targets that are tried instead of one of this many percent, in steps of so much.
const TARGET_STEP: i32 = 5;
/// The lowest target that is tried, percent.
const LOWEST_TARGET: i32 = 20;

/// The autoscaler with another target of its first metric.
pub(super) fn with_target(hpa: &HpaSpec, wanted: MetricTarget) -> HpaSpec {
    let mut changed = hpa.clone();
    if let Some(metric) = changed.metrics.first_mut() {
        match metric {
            MetricSpec::Resource { target, .. }
            | MetricSpec::ContainerResource { target, .. }
            | MetricSpec::Pods { target, .. }
            | MetricSpec::Object { target, .. }
            | MetricSpec::External { target, .. } => *target = wanted,
        }
    }
    changed
}

/// Lower targets than that of the only metric, the highest first; `None` where there are several metrics.
pub(super) fn lower_targets(hpa: &HpaSpec) -> Option<Vec<MetricTarget>> {
    let [metric] = hpa.metrics.as_slice() else {
        return None;
    };
    // A share of the target, in twentieths, which makes whole percents of a utilization where it is read.
    let parts = || (5..20_i64).rev();
    let of = |amount: i64, part: i64| (amount / 20).saturating_mul(part);
    Some(match metric.target() {
        MetricTarget::Utilization(percent) => {
            let highest = (percent - 1) / TARGET_STEP;
            let steps = (LOWEST_TARGET / TARGET_STEP..=highest).rev();
            steps
                .map(|step| MetricTarget::Utilization(step * TARGET_STEP))
                .collect()
        }
        MetricTarget::AverageValue(milli) => parts()
            .map(|part| MetricTarget::AverageValue(of(milli, part)))
            .filter(|target| *target != MetricTarget::AverageValue(0))
            .collect(),
        MetricTarget::Value(milli) => parts()
            .map(|part| MetricTarget::Value(of(milli, part)))
            .filter(|target| *target != MetricTarget::Value(0))
            .collect(),
    })
}
