//! `ExplainedHold`: over a span, which rule kept the count from going down, or up.

use comfy_table::Cell;
use serde::Serialize;

use super::arithmetic::{of_limit, of_metric, window};
use super::sync::clock;
use crate::analysis::{Direction, HeldSpan, Holder, held, leading, leading_metric, sync_story};
use crate::outcome::{SyncLog, SyncRecord};
use crate::report::input::Colour;
use crate::report::layout::{flush_left, page_width, plain_table, wrap};
use crate::report::paint::{Tone, paint};
use crate::report::subject::Subject;
use crate::report::{escape, json, yaml};
use crate::units::SimTime;

/// A span of a run, and the way that the count did not go.
#[derive(Clone, Copy, Debug)]
pub struct ExplainedHold<'a> {
    /// What was played.
    pub subject: &'a Subject,
    /// On which backend, by its name.
    pub backend: &'a str,
    /// The syncs of its first run.
    pub log: &'a SyncLog,
    /// The way.
    pub way: Direction,
    /// From this time on.
    pub from: SimTime,
    /// Up to this time.
    pub to: SimTime,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: &'static str,
    scaleplan_version: &'a str,
    autoscaler: &'a str,
    backend: &'a str,
    direction: &'static str,
    from_seconds: f64,
    to_seconds: f64,
    spans: Vec<SpanPart>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SpanPart {
    from_seconds: f64,
    to_seconds: f64,
    syncs: usize,
    replicas: i32,
    least_asked_replicas: Option<i32>,
    most_asked_replicas: Option<i32>,
    rule: &'static str,
    /// When the recommendation that holds leaves its window; null where no window holds.
    until_seconds: Option<f64>,
    told: String,
}

/// A span in words.
struct Row {
    from: String,
    to: String,
    replicas: String,
    asked: String,
    rule: &'static str,
    told: String,
}

impl ExplainedHold<'_> {
    /// As a table, at most as wide as the terminal, where there is one.
    #[must_use]
    pub fn table(&self, width: Option<u16>, colour: Colour) -> String {
        let width = page_width(width);
        let mut lines: Vec<String> = wrap(&self.heading(), width, 2)
            .iter()
            .map(|line| paint(line, Tone::Heading, colour))
            .collect();
        lines.push(String::new());
        let rows = self.rows();
        if rows.is_empty() {
            lines.push("No sync in this span.".to_owned());
        } else {
            let mut table = plain_table(width);
            table.set_header(Self::head().map(Cell::new));
            for row in rows {
                table.add_row([
                    row.from,
                    row.to,
                    row.replicas,
                    row.asked,
                    row.rule.to_owned(),
                    row.told,
                ]);
            }
            flush_left(&mut table);
            lines.extend(table.lines().map(|line| line.trim_end().to_owned()));
        }
        lines.join("\n") + "\n"
    }

    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut lines = vec![
            format!("### {}", escape::markdown_text(&self.heading())),
            String::new(),
        ];
        let rows = self.rows();
        if rows.is_empty() {
            lines.push("No sync in this span.".to_owned());
        } else {
            lines.push(format!("| {} |", Self::head().join(" | ")));
            lines.push("| --- | --- | --- | --- | --- | --- |".to_owned());
        }
        for row in rows {
            let cells = [
                row.from,
                row.to,
                row.replicas,
                row.asked,
                row.rule.to_owned(),
                escape::markdown_text(&row.told),
            ];
            lines.push(format!("| {} |", cells.join(" | ")));
        }
        lines.join("\n") + "\n"
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        json::document(&self.document())
    }

    /// The same value as YAML.
    #[must_use]
    pub fn yaml(&self) -> String {
        yaml::document(&self.document())
    }

    fn heading(&self) -> String {
        let way = self.way_word();
        format!(
            "Why run 1 on {} did not go {way} from {} to {}",
            escape::plain(self.backend),
            clock(self.subject, self.from),
            clock(self.subject, self.to),
        )
    }

    const fn way_word(&self) -> &'static str {
        match self.way {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }

    const fn head() -> [&'static str; 6] {
        [
            "from",
            "to",
            "replicas",
            "asked for",
            "rule",
            "in its last sync",
        ]
    }

    fn spans(&self) -> Vec<HeldSpan> {
        held(
            self.log,
            &self.subject.steering,
            self.way,
            self.from,
            self.to,
        )
    }

    fn rows(&self) -> Vec<Row> {
        self.spans()
            .iter()
            .map(|span| Row {
                from: self.time(span.from),
                to: self.time(span.to),
                replicas: span.replicas.to_string(),
                asked: match span.asked {
                    None => "-".to_owned(),
                    Some((least, most)) if least == most => least.to_string(),
                    Some((least, most)) => format!("{least} to {most}"),
                },
                rule: rule(span.holder),
                told: self.told(span),
            })
            .collect()
    }

    /// A time; the date is in the heading, so that within its day the clock is enough.
    fn time(&self, at: SimTime) -> String {
        let whole = clock(self.subject, at);
        let begin = clock(self.subject, self.from);
        match (whole.split_once(' '), begin.split_once(' ')) {
            (Some((day, rest)), Some((first, _))) if day == first => {
                rest.trim_end_matches(" UTC").to_owned()
            }
            _ => whole,
        }
    }

    /// What the rule came to in the last sync of the span.
    fn told(&self, span: &HeldSpan) -> String {
        let Some(sync) = self.log.syncs.get(span.last) else {
            return String::new();
        };
        let steering = &self.subject.steering;
        match span.holder {
            Holder::Moved => {
                let why = match sync.inputs.recommendation {
                    Some(_) => of_leading(sync, self.subject),
                    None => escape::plain(&sync.inputs.reason),
                };
                format!("it went to {}; {why}", sync.desired)
            }
            Holder::AtBound => match self.way {
                Direction::Down => format!("{} is minReplicas already", span.replicas),
                Direction::Up => format!("{} is maxReplicas already", span.replicas),
            },
            Holder::Metrics | Holder::Rounding | Holder::Tolerance | Holder::MissingSamples => {
                of_leading(sync, self.subject)
            }
            Holder::Window => span.window.map_or_else(
                || "an earlier recommendation".to_owned(),
                |pick| window(pick, &|at| self.time(at)),
            ),
            Holder::Policies | Holder::FixedLimit => {
                let story = sync_story(self.log, span.last, steering);
                let limit = story.and_then(|story| story.limit);
                let wanted = sync.inputs.stabilized.unwrap_or(sync.current);
                limit.map_or_else(String::new, |limit| of_limit(&limit, wanted))
            }
            Holder::Bounds => match self.way {
                Direction::Down => format!("minReplicas is {}", steering.min_replicas),
                Direction::Up => format!("maxReplicas is {}", steering.max_replicas),
            },
            Holder::MissingMetrics => {
                let failed = sync.inputs.votes.iter().zip(&steering.metrics);
                let failed = failed.filter_map(|(vote, metric)| {
                    let error = vote.as_ref().err()?;
                    Some(format!("{}: {error}", metric.spoken))
                });
                escape::plain(&failed.collect::<Vec<_>>().join("; "))
            }
            Holder::Refused => format!("the API server refused {}", sync.desired),
            Holder::Other => escape::plain(&sync.inputs.reason),
        }
    }

    fn document(&self) -> Document<'_> {
        Document {
            schema_version: "1",
            scaleplan_version: &self.subject.program_version,
            autoscaler: &self.subject.name,
            backend: self.backend,
            direction: self.way_word(),
            from_seconds: self.from.as_seconds(),
            to_seconds: self.to.as_seconds(),
            spans: self
                .spans()
                .iter()
                .map(|span| SpanPart {
                    from_seconds: span.from.as_seconds(),
                    to_seconds: span.to.as_seconds(),
                    syncs: span.syncs,
                    replicas: span.replicas,
                    least_asked_replicas: span.asked.map(|(least, _)| least),
                    most_asked_replicas: span.asked.map(|(_, most)| most),
                    rule: span.holder.key(),
                    until_seconds: span.window.map(|pick| pick.until.as_seconds()),
                    told: self.told(span),
                })
                .collect(),
        }
    }
}

/// What the metric that asks for the most came to.
fn of_leading(sync: &SyncRecord, subject: &Subject) -> String {
    let metric = leading_metric(sync).and_then(|index| subject.steering.metrics.get(index));
    match (leading(sync), metric) {
        (Some(vote), Some(metric)) => format!(
            "{}: {}",
            escape::plain(&metric.spoken),
            of_metric(vote, metric, &subject.steering)
        ),
        _ => escape::plain(&sync.inputs.reason),
    }
}

const fn rule(holder: Holder) -> &'static str {
    match holder {
        Holder::Moved => "none: it went",
        Holder::AtBound | Holder::Bounds => "bounds",
        Holder::Metrics => "metrics",
        Holder::Rounding => "rounding up",
        Holder::Tolerance => "tolerance",
        Holder::MissingSamples => "missing samples",
        Holder::Window => "stabilization window",
        Holder::Policies => "scaling policies",
        Holder::FixedLimit => "fixed scale-up limit",
        Holder::MissingMetrics => "missing metrics",
        Holder::Refused => "API server",
        Holder::Other => "controller",
    }
}
