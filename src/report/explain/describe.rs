//! One sync in the form of `kubectl describe hpa`.

use super::messages::{ConditionRow, EventRow};
use crate::outcome::{Measured, MetricVote, SyncRecord};
use crate::report::escape;
use crate::report::subject::Subject;
use crate::scenario::SteeringRules;
use crate::units::{Quantity, SimTime};

/// Room between two columns.
const GAP: usize = 2;

/// The lines of `kubectl describe hpa`, as far as a run knows them.
pub(super) fn lines(
    subject: &Subject,
    sync: &SyncRecord,
    conditions: &[ConditionRow],
    events: &[EventRow],
) -> Vec<String> {
    let (namespace, name) = subject
        .name
        .split_once('/')
        .unwrap_or(("default", &subject.name));
    let mut pairs = vec![
        ("Name:".to_owned(), escape::plain(name)),
        ("Namespace:".to_owned(), escape::plain(namespace)),
        (
            "Reference:".to_owned(),
            escape::plain(&format!("{}/{}", subject.target.kind, subject.target.name)),
        ),
        ("Metrics:".to_owned(), "( current / target )".to_owned()),
    ];
    for (index, metric) in subject.steering.metrics.iter().enumerate() {
        let vote = sync.inputs.votes.get(index);
        pairs.push((
            format!("  {}:", escape::plain(&metric.described)),
            format!("{} / {}", current(vote), escape::plain(&metric.target)),
        ));
    }
    pairs.push((
        "Min replicas:".to_owned(),
        subject.steering.min_replicas.to_string(),
    ));
    pairs.push((
        "Max replicas:".to_owned(),
        subject.steering.max_replicas.to_string(),
    ));
    pairs.push((
        format!("{} pods:", escape::plain(&subject.target.kind)),
        format!("{} current / {} desired", sync.current, sync.desired),
    ));
    let behavior = behavior(subject);
    // As kubectl does, the behavior stands before the count of pods, with its own indent.
    let at = pairs.len() - 1;
    let room = pairs
        .iter()
        .map(|(label, _)| label.chars().count())
        .max()
        .unwrap_or(0)
        + GAP;
    let pair = |(label, value): &(String, String)| format!("{label:<room$}{value}");
    let mut lines: Vec<String> = pairs[..at].iter().map(pair).collect();
    lines.extend(behavior);
    lines.extend(pairs[at..].iter().map(pair));
    lines.push("Conditions:".to_owned());
    lines.extend(table(
        ["Type", "Status", "Reason", "Message"].map(str::to_owned),
        conditions.iter().map(|row| {
            [
                row.kind.to_owned(),
                row.status.to_owned(),
                row.reason.clone(),
                row.message.clone(),
            ]
        }),
    ));
    if events.is_empty() {
        lines.push("Events:  <none>".to_owned());
    } else {
        lines.push("Events:".to_owned());
        lines.extend(event_table(events, sync.at));
    }
    lines
}

fn event_table(events: &[EventRow], now: SimTime) -> Vec<String> {
    table(
        ["Type", "Reason", "Age", "From", "Message"].map(str::to_owned),
        events.iter().map(|row| {
            [
                row.kind.to_owned(),
                row.reason.clone(),
                row.age(now),
                "horizontal-pod-autoscaler".to_owned(),
                row.message.clone(),
            ]
        }),
    )
}

/// A metric as it was measured: `83% (166m)`, `1200m`, `<unknown>`.
pub(super) fn current(vote: Option<&Result<MetricVote, String>>) -> String {
    let Some(Ok(vote)) = vote else {
        return "<unknown>".to_owned();
    };
    match vote.measured {
        Measured::Percent(percent, average) => format!("{percent}% ({})", quantity(average)),
        Measured::Average(value) | Measured::Whole(value) => quantity(value),
    }
}

/// A value as Kubernetes writes it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "thousandths of what was thousandths; a float cast saturates"
)]
fn quantity(value: f64) -> String {
    if value.is_nan() {
        return "<unknown>".to_owned();
    }
    Quantity::from_milli((value * 1000.0).round() as i64).to_string()
}

fn behavior(subject: &Subject) -> Vec<String> {
    let steering = &subject.steering;
    let Some(policies) = &steering.policies else {
        return Vec::new();
    };
    let mut lines = vec!["Behavior:".to_owned()];
    let rules = [
        ("Scale Up", &policies.up, steering.up_window),
        ("Scale Down", &policies.down, steering.down_window),
    ];
    for (title, rules, window) in rules {
        lines.push(format!("  {title}:"));
        lines.push(format!(
            "    Stabilization Window: {} seconds",
            window.as_seconds()
        ));
        lines.push(format!("    Select Policy: {}", rules.select.name()));
        lines.extend(policy_lines(rules));
    }
    lines
}

fn policy_lines(rules: &SteeringRules) -> Vec<String> {
    let policies = rules.policies.iter().map(|policy| {
        format!(
            "      - Type: {:<8} Value: {:<4} Period: {} seconds",
            policy.unit.name(),
            policy.value,
            policy.period.as_seconds()
        )
    });
    std::iter::once("    Policies:".to_owned())
        .chain(policies)
        .collect()
}

/// Columns as wide as what is in them, the last as long as it is.
fn table<const N: usize>(
    head: [String; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Vec<String> {
    let mut all = vec![head.clone(), head.map(|title| "-".repeat(title.len()))];
    all.extend(rows);
    let mut widths = [0; N];
    for row in &all {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    all.iter()
        .map(|row| {
            let gap = " ".repeat(GAP);
            let cells = row.iter().zip(widths);
            let cells: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            format!("{gap}{}", cells.join(&gap)).trim_end().to_owned()
        })
        .collect()
}
