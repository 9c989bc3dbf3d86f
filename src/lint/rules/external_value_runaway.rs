//! The length of a queue is aimed at as a value, by which every sync multiplies the count.
//!
//! ## What it does
//!
//! Looks for External and Object metrics with a target of type `Value` whose name says that they count work that waits:
//! queue, backlog, messages, pending and the like. Names that speak of ages, times or rates are not told.
//!
//! ## Why is this bad
//!
//! With `Value` the ratio of metric and target multiplies the present count. While a queue of ten times the target is
//! worked off, each sync multiplies by ten, however many pods already work on it: it goes to `maxReplicas`, and, once the
//! queue is empty, all the way down.
//!
//! ## Example
//!
//! ```yaml
//! external:
//!   metric: {name: queue_messages_ready}
//!   target: {type: Value, value: 100}
//! ```
//!
//! ## Fix
//!
//! Aim at the work for each pod: `type: AverageValue`, `averageValue: 100`. The count then is queue over target.
//!
//! ## Evidence
//!
//! `GetExternalMetricReplicas` in `pkg/controller/podautoscaler/replica_calculator.go`; prometheus-adapter issue 294.

use crate::hpa::{MetricSpec, MetricTarget};
use crate::lint::context::Context;
use crate::lint::finding::Findings;

/// Words for work that waits.
const WAITING: [&str; 16] = [
    "queue",
    "queued",
    "queues",
    "backlog",
    "message",
    "messages",
    "undelivered",
    "unacked",
    "unacknowledged",
    "pending",
    "outstanding",
    "depth",
    "waiting",
    "jobs",
    "tasks",
    "visible",
];
/// Words for what does not fall as pods are added to work it off.
const OTHERWISE: [&str; 13] = [
    "age",
    "second",
    "seconds",
    "ms",
    "time",
    "duration",
    "latency",
    "delay",
    "rate",
    "ratio",
    "percent",
    "utilization",
    "per",
];

pub(crate) fn check(context: &Context<'_>, findings: &mut Findings) {
    for autoscaled in context.autoscalers() {
        for metric in autoscaled.metrics() {
            let (MetricSpec::External {
                name,
                target: MetricTarget::Value(_),
            }
            | MetricSpec::Object {
                name,
                target: MetricTarget::Value(_),
            }) = metric.spec
            else {
                continue;
            };
            if !counts_waiting_work(name) {
                continue;
            }
            findings.put(
                autoscaled.place_of_target(&metric),
                format!("each sync multiplies the count by `{name}` over its target, however many pods work on it already"),
                "aim at the work for each pod, by type AverageValue",
            );
        }
    }
}

/// Whether a metric's name says that it counts work that waits.
fn counts_waiting_work(name: &str) -> bool {
    let mut spaced = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for letter in name.chars() {
        // `ApproximateNumberOfMessagesVisible` is words too.
        if letter.is_ascii_uppercase() && before.is_ascii_lowercase() {
            spaced.push(' ');
        }
        spaced.push(letter.to_ascii_lowercase());
        before = letter;
    }
    let words = || spaced.split(|letter: char| !letter.is_ascii_alphanumeric());
    words().any(|word| WAITING.contains(&word)) && !words().any(|word| OTHERWISE.contains(&word))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fires, hpa, silent};

    fn with(name: &str, target: &str) -> String {
        hpa(&format!(
            "  maxReplicas: 10\n  metrics:\n  - {{type: External, external: {{target: {{{target}}}, metric: {{name: {name}}}}}}}\n"
        ))
    }

    const VALUE: &str = "type: Value, value: 100";

    #[test]
    fn a_queue_as_a_value_is_told() {
        for name in [
            "queue_messages_ready",
            "pubsub.googleapis.com|subscription|num_undelivered_messages",
            "ApproximateNumberOfMessagesVisible",
        ] {
            let told = format!("8:62 each sync multiplies the count by `{name}`");
            fires("SP412", &with(name, VALUE), &[told.as_str()]);
        }
    }

    #[test]
    fn other_metrics_and_the_work_for_each_pod_are_silent() {
        silent(
            "SP412",
            &with(
                "queue_messages_ready",
                "type: AverageValue, averageValue: 100",
            ),
        );
        silent("SP412", &with("request_latency_ms", VALUE));
        silent("SP412", &with("oldest_message_age_seconds", VALUE));
        silent("SP412", &with("messages_per_second", VALUE));
    }
}
