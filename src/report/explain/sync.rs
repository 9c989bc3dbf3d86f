//! `ExplainedSync`: one sync, as `kubectl describe hpa` would show it and stage by stage.

use serde::Serialize;

use super::arithmetic::{Step, length, steps};
use super::describe;
use super::messages::{ConditionRow, EventRow, conditions, events};
use crate::analysis::sync_story;
use crate::outcome::{SyncLog, SyncRecord};
use crate::report::input::Colour;
use crate::report::layout::{page_width, wrap};
use crate::report::paint::{Tone, paint};
use crate::report::subject::Subject;
use crate::report::{escape, json, yaml};
use crate::units::SimTime;

/// Room for the names of stages.
const STAGES: usize = 16;

/// One sync of a run, and what was asked for.
#[derive(Clone, Copy, Debug)]
pub struct ExplainedSync<'a> {
    /// What was played.
    pub subject: &'a Subject,
    /// On which backend, by its name.
    pub backend: &'a str,
    /// The syncs of its first run.
    pub log: &'a SyncLog,
    /// The index of the sync in it.
    pub index: usize,
    /// The time that was asked for.
    pub asked: SimTime,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: &'static str,
    scaleplan_version: &'a str,
    autoscaler: &'a str,
    backend: &'a str,
    asked_seconds: f64,
    at_seconds: f64,
    /// RFC 3339; null where the trace has no date.
    at: Option<String>,
    current_replicas: i32,
    desired_replicas: i32,
    ready_replicas: u32,
    arrival_rate_per_second: f64,
    min_replicas: i32,
    max_replicas: i32,
    recommendation: Option<i32>,
    stabilized: Option<i32>,
    reason: &'a str,
    bound: Option<&'static str>,
    metrics: Vec<MetricPart<'a>>,
    conditions: Vec<ConditionPart<'a>>,
    events: Vec<EventPart<'a>>,
    steps: Vec<StepPart<'a>>,
}

#[derive(Serialize)]
struct MetricPart<'a> {
    metric: &'a str,
    current: String,
    target: &'a str,
}

#[derive(Serialize)]
struct ConditionPart<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
    reason: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventPart<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    reason: &'a str,
    last_seconds: f64,
    first_seconds: f64,
    count: usize,
    message: &'a str,
}

#[derive(Serialize)]
struct StepPart<'a> {
    stage: &'static str,
    told: &'a str,
}

/// What the forms share.
struct Parts<'a> {
    sync: &'a SyncRecord,
    conditions: Vec<ConditionRow>,
    events: Vec<EventRow>,
    steps: Vec<Step>,
}

impl<'a> ExplainedSync<'a> {
    /// As text, at most as wide as the terminal, where there is one; tables of Kubernetes keep their own width.
    #[must_use]
    pub fn table(&self, width: Option<u16>, colour: Colour) -> String {
        let width = page_width(width);
        let Some(parts) = self.parts() else {
            return String::new();
        };
        let mut lines: Vec<String> = wrap(&self.heading(parts.sync), width, 2)
            .iter()
            .map(|line| paint(line, Tone::Heading, colour))
            .collect();
        lines.push(String::new());
        lines.extend(self.described(&parts));
        lines.push(String::new());
        lines.push(paint("How it came to that", Tone::Heading, colour));
        for step in &parts.steps {
            let text = format!("{:<STAGES$}{}", step.stage, step.told);
            let wrapped = wrap(&text, width.saturating_sub(2), STAGES);
            lines.extend(wrapped.iter().map(|line| format!("  {line}")));
        }
        lines.join("\n") + "\n"
    }

    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let Some(parts) = self.parts() else {
            return String::new();
        };
        let mut lines = vec![
            format!("### {}", escape::markdown_text(&self.heading(parts.sync))),
            String::new(),
            "```text".to_owned(),
        ];
        // A fence within would end the block.
        let described = self.described(&parts);
        lines.extend(described.iter().map(|line| line.replace("```", "\'\'\'")));
        lines.push("```".to_owned());
        lines.push(String::new());
        lines.push("| stage | |".to_owned());
        lines.push("| --- | --- |".to_owned());
        for step in &parts.steps {
            let told = escape::markdown_text(&step.told);
            lines.push(format!("| {} | {told} |", step.stage));
        }
        lines.join("\n") + "\n"
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        self.parts()
            .map_or_else(String::new, |parts| json::document(&self.document(&parts)))
    }

    /// The same value as YAML.
    #[must_use]
    pub fn yaml(&self) -> String {
        self.parts()
            .map_or_else(String::new, |parts| yaml::document(&self.document(&parts)))
    }

    fn parts(&self) -> Option<Parts<'a>> {
        let steering = &self.subject.steering;
        let story = sync_story(self.log, self.index, steering)?;
        let sync = self.log.syncs.get(self.index)?;
        Some(Parts {
            sync,
            conditions: conditions(self.log, self.index, steering),
            events: events(self.log, self.index, steering),
            steps: steps(sync, &story, steering, &|at| clock(self.subject, at)),
        })
    }

    /// Which sync it is, and that it is not the moment that was asked for where it is not.
    fn heading(&self, sync: &SyncRecord) -> String {
        let at = clock(self.subject, sync.at);
        let backend = escape::plain(self.backend);
        let next = self.log.syncs.get(self.index + 1);
        if whole_second(sync.at) == whole_second(self.asked) {
            return format!("The sync at {at}, run 1 on {backend}");
        }
        let asked = clock(self.subject, self.asked);
        let next = next.map_or_else(
            || "it is the last one of the run".to_owned(),
            |next| format!("the next is at {}", clock(self.subject, next.at)),
        );
        format!(
            "There is no sync at {asked}; the last one before it, at {at} ({next}), run 1 on {backend}"
        )
    }

    fn described(&self, parts: &Parts<'_>) -> Vec<String> {
        describe::lines(self.subject, parts.sync, &parts.conditions, &parts.events)
    }

    fn document<'b>(&'b self, parts: &'b Parts<'b>) -> Document<'b> {
        let (subject, sync) = (self.subject, parts.sync);
        let metrics = subject.steering.metrics.iter().enumerate();
        Document {
            schema_version: "1",
            scaleplan_version: &subject.program_version,
            autoscaler: &subject.name,
            backend: self.backend,
            asked_seconds: self.asked.as_seconds(),
            at_seconds: sync.at.as_seconds(),
            at: subject.trace_start.map(|start| {
                let since = jiff::SignedDuration::from_nanos(sync.at.as_nanos());
                start
                    .saturating_add(since)
                    .map_or_else(|_| String::new(), |at| at.to_string())
            }),
            current_replicas: sync.current,
            desired_replicas: sync.desired,
            ready_replicas: sync.ready,
            arrival_rate_per_second: sync.arrival_rate,
            min_replicas: subject.steering.min_replicas,
            max_replicas: subject.steering.max_replicas,
            recommendation: sync.inputs.recommendation,
            stabilized: sync.inputs.stabilized,
            reason: &sync.inputs.reason,
            bound: sync.inputs.brake.map(crate::outcome::Brake::name),
            metrics: metrics
                .map(|(index, metric)| MetricPart {
                    metric: &metric.described,
                    current: describe::current(sync.inputs.votes.get(index)),
                    target: &metric.target,
                })
                .collect(),
            conditions: parts
                .conditions
                .iter()
                .map(|row| ConditionPart {
                    kind: row.kind,
                    status: row.status,
                    reason: &row.reason,
                    message: &row.message,
                })
                .collect(),
            events: parts
                .events
                .iter()
                .map(|row| EventPart {
                    kind: row.kind,
                    reason: &row.reason,
                    last_seconds: row.last.as_seconds(),
                    first_seconds: row.first.as_seconds(),
                    count: row.count,
                    message: &row.message,
                })
                .collect(),
            steps: parts
                .steps
                .iter()
                .map(|step| StepPart {
                    stage: step.stage,
                    told: &step.told,
                })
                .collect(),
        }
    }
}

/// The second that a moment is in.
const fn whole_second(at: SimTime) -> i64 {
    at.as_nanos().div_euclid(1_000_000_000)
}

/// A time of the run: date and clock in UTC where the trace has a date, else the time since it began.
pub(super) fn clock(subject: &Subject, at: SimTime) -> String {
    let Some(start) = subject.trace_start else {
        return length(SimTime::from_seconds(whole_second(at)).since_start());
    };
    let since = jiff::SignedDuration::from_nanos(at.as_nanos());
    match start.saturating_add(since) {
        Ok(date) => {
            // Whole seconds: a sync is some nanoseconds off its period.
            let date = date.strftime("%Y-%m-%d %H:%M:%S");
            format!("{date} UTC")
        }
        Err(_) => length(at.since_start()),
    }
}
