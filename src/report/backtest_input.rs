//! `BacktestReport`: what the forms of `backtest` draw, and its words.

use super::format::{self, Unit};
use crate::backtest::{Check, CheckedFigure, Comparison, Prediction, Recording, RiseMatch};
use crate::stats::Band;

/// A prediction held against a recording.
#[derive(Clone, Copy, Debug)]
pub struct BacktestReport<'a> {
    /// The autoscaler's name.
    pub autoscaler: &'a str,
    /// What drove it.
    pub drive: Drive<'a>,
    /// What was recorded.
    pub recording: &'a Recording,
    /// What was predicted, on the recording's clock.
    pub prediction: &'a Prediction,
    /// The middle course against the recording.
    pub comparison: &'a Comparison,
    /// Each run against the recording.
    pub runs: &'a [Comparison],
    /// Figures against their thresholds.
    pub checks: &'a [Check],
    /// What the reader should know.
    pub notes: &'a [String],
    /// The controller whose decisions were followed.
    pub followed_version: &'a str,
}

/// What drove the autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive<'a> {
    /// A load, through pods and sensors: the trace's name and how often it was played.
    Load(&'a str, u32),
    /// The metric that was recorded beside it, without pods: the column's name.
    Metric(&'a str),
}

/// A figure with its name, its text and what the text is of.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) text: String,
    pub(super) beside: String,
}

impl BacktestReport<'_> {
    /// Whether all thresholds hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }

    pub(super) fn heading(&self, escape: fn(&str) -> String) -> Vec<String> {
        let drive = match self.drive {
            Drive::Load(trace, runs) => {
                format!(
                    "load {} played {runs} times through pods and sensors",
                    escape(trace)
                )
            }
            Drive::Metric(column) => format!(
                "driven by the recorded metric {}, without pods",
                escape(column)
            ),
        };
        let comparison = self.comparison;
        vec![
            format!(
                "Backtest of HorizontalPodAutoscaler {} against {}",
                escape(self.autoscaler),
                escape(&self.recording.name)
            ),
            format!(
                "{drive}; {} compared, a sample every {}",
                format::number(comparison.seconds, Unit::Seconds),
                format::duration(self.recording.step)
            ),
        ]
    }

    pub(super) fn verdict(&self) -> String {
        let held = self.checks.iter().filter(|check| check.holds).count();
        let word = if self.holds() {
            "HOLDS"
        } else {
            "DOES NOT HOLD"
        };
        format!("{word}: {held} of {} thresholds", self.checks.len())
    }

    fn band(&self, read: impl Fn(&Comparison) -> f64, unit: Unit) -> String {
        if self.runs.len() < 2 {
            return String::new();
        }
        let values: Vec<f64> = self.runs.iter().map(read).collect();
        Band::of(&values).map_or_else(String::new, |band| {
            format!("runs {}", format::band(&band, unit).joined())
        })
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let c = self.comparison;
        let replicas = |value: f64| format!("{value:.2} replicas");
        let percent = |share: f64| format::number(share * 100.0, Unit::Percent);
        let changes = c.changes;
        vec![
            Row {
                name: "mean error",
                text: replicas(c.mean_error),
                beside: self.band(|run| run.mean_error, Unit::Replicas),
            },
            Row {
                name: "error of the best constant",
                text: replicas(c.constant_error),
                beside: format!(
                    "always {}",
                    format::number(f64::from(c.best_constant), Unit::Replicas)
                ),
            },
            Row {
                name: "below the best constant by",
                text: c.skill().map_or_else(|| "-".to_owned(), percent),
                beside: String::new(),
            },
            Row {
                name: "largest error",
                text: format::number(f64::from(c.greatest_error), Unit::Replicas),
                beside: self.band(|run| f64::from(run.greatest_error), Unit::Replicas),
            },
            Row {
                name: "bias",
                text: format!("{:+.2} replicas", c.bias),
                beside: "predicted less recorded".to_owned(),
            },
            Row {
                name: "peak",
                text: format::number(f64::from(c.predicted_peak), Unit::Replicas),
                beside: format!("recorded {}", c.recorded_peak),
            },
            Row {
                name: "replica-hours",
                text: format::number(c.predicted_replica_seconds / 3600.0, Unit::ReplicaHours),
                beside: format!(
                    "recorded {}, {}",
                    format::number(c.recorded_replica_seconds / 3600.0, Unit::ReplicaHours),
                    c.replica_seconds_ratio().map_or_else(
                        || "-".to_owned(),
                        |ratio| format!("{:+.1} %", (ratio - 1.0) * 100.0)
                    )
                ),
            },
            Row {
                name: "changes matched",
                text: format!("{} of {}", changes.matched, changes.recorded),
                beside: format!("predicted {}", changes.predicted),
            },
        ]
    }

    /// Each rise: when, what, and what answers it.
    pub(super) fn rise_rows(&self) -> Vec<[String; 3]> {
        let rises = self.comparison.rises.iter();
        rises
            .map(|rise| {
                let late = |seconds: f64| {
                    let size = format::number(seconds.abs(), Unit::Seconds);
                    if seconds < 0.0 {
                        format!("{size} earlier")
                    } else {
                        format!("{size} later")
                    }
                };
                let answer = match rise.answer {
                    RiseMatch::Reached(time) => late(time.as_seconds()),
                    RiseMatch::Short { late: time, by } => {
                        format!("{}, {by} short", late(time.as_seconds()))
                    }
                    RiseMatch::Missed => "not predicted".to_owned(),
                };
                [
                    format::moment(rise.at),
                    format!("{} to {}", rise.from, rise.to),
                    answer,
                ]
            })
            .collect()
    }
}

/// A check in words.
pub(super) fn told(check: &Check) -> String {
    let percent = |share: f64| format::number(share * 100.0, Unit::Percent);
    let seconds = |value: f64| format::number(value, Unit::Seconds);
    let found = |text: &dyn Fn(f64) -> String| check.found.map_or_else(|| "-".to_owned(), text);
    let threshold = check.threshold;
    match check.figure {
        CheckedFigure::Skill => format!(
            "mean error {} below the best constant, at least {} wanted",
            found(&percent),
            percent(threshold)
        ),
        CheckedFigure::Peak => format!(
            "peak off by {}, at most {threshold} wanted",
            found(&|value| format::number(value, Unit::Replicas))
        ),
        CheckedFigure::ReplicaSeconds => format!(
            "replica-hours off by {}, at most {} wanted",
            found(&|share| format!("{:+.1} %", share * 100.0)),
            percent(threshold)
        ),
        CheckedFigure::Rise => format!(
            "worst rise off by {}, at most {} wanted",
            found(&seconds),
            seconds(threshold)
        ),
        CheckedFigure::Changes => format!(
            "{} of the changes matched, at least {} wanted",
            found(&percent),
            percent(threshold)
        ),
    }
}
