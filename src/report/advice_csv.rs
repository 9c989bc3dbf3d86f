//! The figures of advice as CSV, one line for each.

use super::advice_figures::FIGURES;
use super::advice_input::AdviceReport;
use super::advice_sentences::held_bound_percent;
use super::csv::{cell, quoted};
use super::escape;
use super::format::{self, Unit};
use crate::advice::Figures;
use crate::stats::Band;

/// The figures as a table `backends,stretch,settings,figure,unit,median,low,high`: `-o csv`.
///
/// `stretch` is the part of the trace, `tuned` or `heldOut`. `settings` is `now`, `best`, `alone: FIELD` (the present
/// ones with one change alone), `without: FIELD` (the best without one change), `front N` (the cheapest first) or
/// `objective P %` (the cheapest that meet it). Low and high are the 5 % and 95 % quantiles over the runs, empty where
/// a figure is a single number. A figure that does not exist has empty cells.
#[must_use]
pub fn advice_csv(report: &AdviceReport) -> String {
    let mut text = String::from("backends,stretch,settings,figure,unit,median,low,high\n");
    for view in report.parts() {
        let backends = quoted(&escape::csv(&view.part.backends.join(" and ")));
        let mut lines = Lines {
            backends,
            text: &mut text,
        };
        for standing in view.standings() {
            let at = [standing.stretch, standing.settings];
            let standing = standing.standing;
            lines.single(at, "heldRuns", Unit::Count, f64::from(standing.held_runs));
            lines.single(at, "runs", Unit::Count, f64::from(standing.runs));
            lines.single(
                at,
                "heldLowerBoundPercent",
                Unit::Percent,
                held_bound_percent(standing),
            );
            lines.figures(at, &standing.figures);
        }
        for change in &view.part.changes {
            let field = report.field(change.knob);
            if let Some(alone) = &change.alone {
                lines.figures(["tuned", &format!("alone: {field}")], alone);
            }
            if let Some(without) = &change.without {
                lines.figures(["tuned", &format!("without: {field}")], without);
            }
        }
        for (index, point) in view.part.front.iter().enumerate() {
            let settings = format!("front {}", index + 1);
            let at = ["tuned", settings.as_str()];
            let spent = point.budget_spent * 100.0;
            lines.single(at, "errorBudgetSpentPercent", Unit::Percent, spent);
            let hours = point.replica_hours;
            lines.single(at, "replicaHoursPerDay", Unit::ReplicaHours, hours);
        }
        for nine in &view.part.nines {
            let settings = format!("objective {} %", format::setting(nine.objective * 100.0));
            let at = ["tuned", settings.as_str()];
            let known = |value: Option<f64>| value.unwrap_or(f64::NAN);
            let hours = known(nine.replica_hours);
            lines.single(at, "replicaHoursPerDay", Unit::ReplicaHours, hours);
            lines.single(at, "costPerDay", Unit::Price, known(nine.cost));
        }
    }
    text
}

/// Lines about one part.
struct Lines<'a> {
    backends: String,
    text: &'a mut String,
}

impl Lines<'_> {
    fn figures(&mut self, at: [&str; 2], figures: &Figures) {
        for figure in FIGURES {
            self.line(at, figure.key, figure.unit, figure.of(figures));
        }
    }

    /// A figure without a band.
    fn single(&mut self, at: [&str; 2], key: &str, unit: Unit, value: f64) {
        let band = Band {
            median: value,
            low: f64::NAN,
            high: f64::NAN,
        };
        self.line(at, key, unit, band);
    }

    fn line(&mut self, [stretch, settings]: [&str; 2], key: &str, unit: Unit, band: Band) {
        let [median, low, high] = [band.median, band.low, band.high].map(cell);
        let cells = [
            self.backends.as_str(),
            stretch,
            settings,
            key,
            unit.symbol(),
            &median,
            &low,
            &high,
        ];
        self.text.push_str(&cells.join(","));
        self.text.push('\n');
    }
}
