//! Advice as Markdown, sized for a comment on a pull request.

use super::advice_figures::FIGURES;
use super::advice_front;
use super::advice_input::{AdviceReport, PartView};
use super::advice_sentences as told;
use super::escape::{self, markdown_code, markdown_text};
use super::format::{self, Unit};
use super::layout::blocks;
use super::markdown::{assumptions, cautions, row, rule, warnings};
use super::sentences::{self, runs};
use super::subject::Subject;
use crate::advice::{Conclusion, Figures, Standing};

/// Points of the front that are listed.
const FRONT: usize = 8;

/// Advice as Markdown, the patch in a block of code: `-o markdown`.
#[must_use]
pub fn advice_markdown(report: &AdviceReport) -> String {
    let mut parts = vec![heading(report), answers(report), patch(report)];
    for view in report.parts() {
        if report.advice.parts.len() > 1 {
            parts.push(vec![format!(
                "#### {}",
                told::short_answer(&view, markdown_code)
            )]);
        }
        parts.extend([
            settings(report, &view),
            standings(&view),
            vec![format!(
                "{} {}",
                told::confidence(report, &view),
                sentences::reading(report.advice.runs)
            )],
            front(report, &view),
            nines(report, &view),
            theory(report, &view),
        ]);
    }
    parts.extend([
        limitations(report),
        searched(report),
        warnings(&report.scenario.warnings, std::iter::empty()),
        assumptions(&report.scenario.assumptions),
        vec![sentences::provenance(
            &Subject::of(report.scenario),
            report.followed_version,
            markdown_code,
        )],
    ]);
    blocks(&parts)
}

fn heading(report: &AdviceReport) -> Vec<String> {
    let subject = Subject::of(report.scenario);
    vec![
        format!("### {}", sentences::autoscaler(&subject, markdown_code)),
        String::new(),
        format!(
            "{}. Objective: {}. {}",
            sentences::workload(&subject, markdown_code),
            told::objective(report),
            told::split(report)
        ),
    ]
}

fn answers(report: &AdviceReport) -> Vec<String> {
    let lines = report.parts().map(|view| {
        let mark = match view.part.conclusion {
            Conclusion::NothingMeets(_) => '❌',
            Conclusion::Keep | Conclusion::Change if !told::doubts(report, &view).is_empty() => {
                '❔'
            }
            Conclusion::Keep | Conclusion::Change => '✅',
        };
        let sentence = told::answer(report, &view, markdown_code);
        if view.is_chosen {
            format!("- {mark} **{sentence}**")
        } else {
            format!("- {mark} {sentence}")
        }
    });
    let along = report.along.iter();
    let along = along.map(|finding| format!("- ⚠️ {}", told::along(finding, markdown_text)));
    let cautions = cautions(&report.scenario.cautions);
    lines.chain(along).chain(cautions).collect()
}

/// The patch in a fence that nothing within it can close.
fn patch(report: &AdviceReport) -> Vec<String> {
    let Some(patch) = report.patch else {
        return Vec::new();
    };
    let longest = patch.split(|letter| letter != '`').map(str::len).max();
    let fence = "`".repeat((longest.unwrap_or(0) + 1).max(3));
    let mut lines = vec![format!("{fence}diff")];
    lines.extend(patch.lines().map(escape::patch_line));
    lines.push(fence);
    lines
}

/// Each setting, now and advised, with what it does alone and what the advice is without it.
fn settings(report: &AdviceReport, view: &PartView) -> Vec<String> {
    if view.part.changes.is_empty() {
        return Vec::new();
    }
    let advised = view.best_name();
    let titles = [
        "now",
        advised,
        "alone: worst run that counts",
        "a day",
        "without it: worst run that counts",
        "a day",
    ];
    let mut lines = vec![
        row("setting", titles.into_iter().map(str::to_owned)),
        rule(titles.len()),
    ];
    for change in &view.part.changes {
        let effect = |figures: Option<&Figures>| {
            figures.map_or_else(
                || ["–".to_owned(), "–".to_owned()],
                |figures| {
                    [
                        format::number(figures.must_hold * 100.0, Unit::Percent),
                        format::number(figures.replica_hours.median, Unit::ReplicaHours),
                    ]
                },
            )
        };
        let [alone, alone_hours] = effect(change.alone.as_ref());
        let [without, without_hours] = effect(change.without.as_ref());
        let cells = [
            markdown_text(&report.value_text(change.knob, &change.from)),
            markdown_text(&report.value_text(change.knob, &change.to)),
            alone,
            alone_hours,
            without,
            without_hours,
        ];
        let label = report.knob_label(change.knob, markdown_code);
        lines.push(row(&label, cells.into_iter()));
    }
    lines
}

/// Every figure, now and advised, tuned and held out.
fn standings(view: &PartView) -> Vec<String> {
    let advised = view.best_name();
    let part = view.part;
    let mut columns: Vec<(String, &Standing)> = Vec::new();
    let mut stretch = |name: &str, now, best| {
        columns.push((format!("now{name}"), now));
        if part.now.candidate != part.best.candidate {
            columns.push((format!("{advised}{name}"), best));
        }
    };
    match (&part.now.held_out, &part.best.held_out) {
        (Some(now), Some(best)) => {
            stretch(", tuned on", &part.now.tuned, &part.best.tuned);
            stretch(", held out", now, best);
        }
        _ => stretch("", &part.now.tuned, &part.best.tuned),
    }
    let mut lines = vec![
        row("", columns.iter().map(|(title, _)| title.clone())),
        rule(columns.len()),
    ];
    let held = columns.iter().map(|(_, standing)| {
        let mark = if standing.holds { '✅' } else { '❌' };
        format!(
            "{mark} {} of {}",
            format::count(f64::from(standing.held_runs)),
            runs(standing.runs)
        )
    });
    lines.push(row("objective held", held));
    for figure in FIGURES {
        let cells = columns
            .iter()
            .map(|(_, standing)| format::band(&figure.of(&standing.figures), figure.unit).joined());
        lines.push(row(figure.label, cells));
    }
    lines
}

fn front(report: &AdviceReport, view: &PartView) -> Vec<String> {
    let shown = advice_front::shown(report, view, FRONT);
    if shown.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        "Cost against objective: what no other settings tried beat.".to_owned(),
        String::new(),
        row(
            "a day",
            ["worst run that counts", "", "settings"]
                .into_iter()
                .map(str::to_owned),
        ),
        rule(3),
    ];
    for point in shown {
        let cells = [
            format::number(point.budget_spent * 100.0, Unit::Percent),
            advice_front::remark(report, view, point),
            report.settings_text(&point.candidate, markdown_code),
        ];
        let hours = format::number(point.replica_hours, Unit::ReplicaHours);
        lines.push(row(&hours, cells.into_iter()));
    }
    lines
}

fn nines(report: &AdviceReport, view: &PartView) -> Vec<String> {
    let told = told::nines(report, &view.part.nines, markdown_text).into_iter();
    let mut lines: Vec<String> = told.map(|nine| format!("- {nine}")).collect();
    if !lines.is_empty() {
        lines.insert(0, "What each further nine costs:".to_owned());
        lines.insert(1, String::new());
    }
    lines
}

fn theory(report: &AdviceReport, view: &PartView) -> Vec<String> {
    let gaps = view.part.theory_gaps.iter();
    let mut lines: Vec<String> = gaps
        .map(|gap| format!("- {}", told::theory_gap(report, gap, markdown_text)))
        .collect();
    if !lines.is_empty() {
        lines.insert(0, "Where search and theory differ:".to_owned());
        lines.insert(1, String::new());
    }
    lines
}

fn limitations(report: &AdviceReport) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for limitation in &report.advice.limitations {
        if !lines.is_empty() {
            lines.push(">".to_owned());
        }
        let text = told::limitation(report, limitation, markdown_text);
        lines.push(format!("> **Cannot be concluded:** {text}"));
    }
    lines
}

fn searched(report: &AdviceReport) -> Vec<String> {
    let lines = report
        .parts()
        .map(|view| told::searched(report, &view, markdown_code));
    lines.collect()
}
