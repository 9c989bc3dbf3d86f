//! One sample of a metric is acted on twice.
//!
//! ## What it does
//!
//! Of an Object or External metric with a `Value` target whose samples are further apart than the controller's syncs, it
//! looks in the replay for scale-ups that are written twice within one interval and end above what the load needs by more
//! than the tolerance. It replays the trace with a window of scaling up as long as the interval for what that saves.
//!
//! ## Why is this bad
//!
//! A `Value` target multiplies the present count by the ratio. While the sample stays the same, each sync multiplies again.
//!
//! ## Example
//!
//! ```yaml
//! kind: HorizontalPodAutoscaler
//! spec:
//!   metrics: # scraped every 60 s, looked at every 15 s
//!   - type: External
//!     external: {metric: {name: queue-length}, target: {type: Value, value: "100"}}
//! ```
//!
//! ## Fix
//!
//! An `AverageValue` target, which divides the whole by the count; or a `scaleUp` window of one interval.
//!
//! ## Evidence
//!
//! The replay. kubernetes/kubernetes #110317; kubernetes-sigs/prometheus-adapter #294 has the runaway.

use super::case::{Case, Field};
use super::tried::Tried;
use super::words::{costs, replicas};
use crate::hpa::{Behavior, MetricSpec, MetricTarget};
use crate::lint::finding::Findings;
use crate::lint::length::length;
use crate::outcome::{RunOutcome, ScaleUpBurst};
use crate::units::SimDuration;

pub(crate) fn check(case: &Case<'_, '_>, findings: &mut Findings) {
    let replay = case.replay;
    let scenario = replay.scenario();
    let interval = scenario.intervals.custom;
    let multiplies = |metric: &MetricSpec| {
        let is_total = matches!(
            metric,
            MetricSpec::Object { .. } | MetricSpec::External { .. }
        );
        is_total && matches!(metric.target(), MetricTarget::Value(_))
    };
    if interval <= scenario.controller.sync_period || !scenario.hpa.metrics.iter().any(multiplies) {
        return;
    }
    let run = replay.first_run();
    let Some(burst) = run
        .bursts
        .iter()
        .find(|burst| is_double(run, burst, interval, scenario.controller.tolerance))
    else {
        return;
    };
    let mut hpa = scenario.hpa.clone();
    let behavior = hpa.behavior.get_or_insert_with(Behavior::api_default);
    behavior.scale_up.stabilization_window = Some(interval);
    let tried = Tried::of(replay.ground(), &hpa.into());
    let now = replay.as_it_is();
    let window = if tried.peak < now.peak {
        format!(
            "; or a scaleUp window of {} s, with which at most {:.0} exist instead of {:.0}: {}",
            interval.as_nanos() / 1_000_000_000,
            tried.peak,
            now.peak,
            costs(&[tried.replica_hours - now.replica_hours])
        )
    } else {
        String::new()
    };
    findings.put(
        case.place(Field::Target),
        format!(
            "the metric is {} old when it is acted on again: from {} to {} at {} where the load needs {}",
            length(interval),
            burst.from,
            replicas(burst.to),
            case.replay.moment(burst.begin),
            burst.needed_at_target
        ),
        format!("give the metric an AverageValue target, which does not multiply the count{window}"),
    );
}

/// Whether a scale-up was written twice within one interval, and went too far.
fn is_double(
    run: &RunOutcome,
    burst: &ScaleUpBurst,
    interval: SimDuration,
    tolerance: f64,
) -> bool {
    let needed = f64::from(burst.needed_at_target.max(burst.from).max(1));
    let inside = |pair: &&[crate::outcome::Rescale]| {
        let up = |it: &crate::outcome::Rescale| it.to > it.from;
        burst.begin <= pair[0].at && pair[1].at <= burst.end && up(&pair[0]) && up(&pair[1])
    };
    let mut pairs = run.rescales.windows(2);
    let twice = pairs.any(|pair| inside(&pair) && pair[1].at - pair[0].at < interval);
    twice && f64::from(burst.to) > (needed * (1.0 + tolerance)).ceil()
}

#[cfg(test)]
mod tests {
    use crate::lint::replay_rules::testing::{Play, fires, silent, web};

    /// A metric of all requests/s, with a target for the whole.
    fn of_requests(target: &str) -> Play {
        web("  minReplicas: 2\n  maxReplicas: 60\n", &[(30, 60.0), (40, 130.0), (20, 60.0)])
            .but(
                "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}",
                &format!("{{type: External, external: {{metric: {{name: rate}}, target: {target}}}}}"),
            )
            .with(&["--metric", "rate=rate", "--custom-metrics-interval", "60s"])
    }

    #[test]
    fn a_value_that_multiplies_the_count_again_and_again_is_told() {
        fires(
            "SP915",
            &of_requests("{type: Value, value: 70}"),
            "18:84 warning: the metric is 1 min old when it is acted on again: from 2 to 60 replicas at 30 \
             min 31 s where the load needs 4\n\
             help: give the metric an AverageValue target, which does not multiply the count",
        );
    }

    #[test]
    fn an_average_is_silent() {
        silent(
            "SP915",
            &of_requests("{type: AverageValue, averageValue: 35}"),
        );
        silent(
            "SP915",
            &web("  maxReplicas: 10\n", &[(30, 60.0), (40, 130.0)]),
        );
    }
}
