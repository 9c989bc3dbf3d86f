//! The sentences of `scaleplan diff`.

use super::diff_input::{DiffEntry, DiffReplay, DiffReport, DiffVerdict, Regression};
use super::format;
use super::sentences::{Escape, objective};
use super::subject::Subject;
use crate::analysis::{Judgement, ReplayedSide, Verdict};
use crate::lint::Finding;
use crate::scenario::{Origin, Scenario};

/// What it comes to, in a heading's length.
pub(super) fn headline(report: &DiffReport, escape: Escape) -> String {
    let (base, head) = (escape(report.base), escape(report.head));
    match &report.verdict {
        DiffVerdict::Nothing => nothing(report, escape),
        DiffVerdict::NoRegression if report.has_load => {
            format!("Autoscaling from {base} to {head}: no regression")
        }
        DiffVerdict::NoRegression => {
            format!("Autoscaling from {base} to {head}: changed, no new errors")
        }
        DiffVerdict::Regression(_) => format!("Autoscaling from {base} to {head}: regression"),
    }
}

/// That nothing changed, in one line.
fn nothing(report: &DiffReport, escape: Escape) -> String {
    let (base, head) = (escape(report.base), escape(report.head));
    let all = match report.unchanged {
        1 => "1 autoscaler is".to_owned(),
        count => format!("{count} autoscalers are"),
    };
    format!("No change from {base} to {head}: {all} as before, no finding is new or gone.")
}

/// What got worse, a sentence each.
pub(super) fn regressions(report: &DiffReport, escape: Escape) -> Vec<String> {
    let DiffVerdict::Regression(found) = &report.verdict else {
        return Vec::new();
    };
    let told = found.iter().map(|regression| match regression {
        Regression::Objective(index) => {
            let entry = report.entries.get(*index);
            let object = entry.map_or_else(String::new, |entry| escape(&entry.change.object));
            let what = entry.map_or("", |entry| judgement(&entry.replay));
            format!("{object}: {what}.")
        }
        Regression::NewErrors(1) => "lint finds an error that was not there.".to_owned(),
        Regression::NewErrors(count) => {
            format!("lint finds {count} errors that were not there.")
        }
    });
    told.collect()
}

/// What happened to the objective, in a few words.
pub(super) fn judgement(replay: &DiffReplay) -> &'static str {
    match replay {
        DiffReplay::Both(both) => match both.change.judgement {
            Judgement::NewlyMissed => "the objective is missed, and was not before",
            Judgement::Worse if is_missed(&both.change.head) => "the objective is missed by more",
            Judgement::Worse => "the objective holds with less room",
            Judgement::Same => "no change for the objective beyond noise",
            Judgement::Better if is_missed(&both.change.head) => "the objective is missed by less",
            Judgement::Better => "the objective holds with more room",
            Judgement::NoLongerMissed => "the objective is missed no more",
        },
        DiffReplay::HeadAlone(alone) => match alone.0.verdict {
            Verdict::Missed => "new, and the objective is missed",
            Verdict::Met => "new, and the objective holds",
            Verdict::Unproven => "new, and the objective holds, unproven by so few requests",
        },
        DiffReplay::Not(_) | DiffReplay::NotAsked => "",
    }
}

/// Whether the objective got worse, better, or neither.
pub(super) fn mark(replay: &DiffReplay) -> char {
    match replay {
        DiffReplay::Both(both) => match both.change.judgement {
            Judgement::NewlyMissed | Judgement::Worse => '❌',
            Judgement::Same if is_missed(&both.change.head) => '➖',
            Judgement::Same | Judgement::Better | Judgement::NoLongerMissed => '✅',
        },
        DiffReplay::HeadAlone(alone) => match alone.0.verdict {
            Verdict::Missed => '❌',
            Verdict::Met => '✅',
            Verdict::Unproven => '❔',
        },
        DiffReplay::Not(_) | DiffReplay::NotAsked => '➖',
    }
}

/// Verdict of a side in a word, and in how many runs it was missed.
pub(super) fn verdict(side: &ReplayedSide) -> String {
    match side.verdict {
        Verdict::Met => "met".to_owned(),
        Verdict::Missed => format!("missed in {} of {}", side.missed_runs, side.runs),
        Verdict::Unproven => "met, unproven".to_owned(),
    }
}

fn is_missed(side: &ReplayedSide) -> bool {
    side.verdict == Verdict::Missed
}

/// What an entry is about: `HorizontalPodAutoscaler web`, and whether it changed, came or went.
pub(super) fn title(entry: &DiffEntry, escape: Escape) -> String {
    let object = escape(&entry.change.object);
    let what = match (entry.change.base, entry.change.head) {
        (Some(_), Some(_)) => "changed",
        (None, _) => "added",
        (_, None) => "removed",
    };
    format!("{object} {what}")
}

/// Why there is no replay; `None` where there is one, or where none was asked for.
pub(super) fn not_replayed(entry: &DiffEntry, escape: Escape) -> Option<String> {
    match &entry.replay {
        DiffReplay::Not(_) if entry.change.head.is_none() => None,
        DiffReplay::Not(why) => Some(format!("Not replayed: {}", escape(why))),
        _ => None,
    }
}

/// The load and the objective of an entry that was replayed.
pub(super) fn load(entry: &DiffEntry, escape: Escape) -> Option<String> {
    let (scenario, backend) = match &entry.replay {
        DiffReplay::Both(both) => (&both.head, &both.change.head.backend),
        DiffReplay::HeadAlone(alone) => (&alone.1, &alone.0.backend),
        DiffReplay::Not(_) | DiffReplay::NotAsked => return None,
    };
    let from = match &entry.replay {
        DiffReplay::Both(both) if both.change.base.backend != *backend => {
            format!("{} before, ", escape(&both.change.base.backend))
        }
        _ => String::new(),
    };
    Some(format!(
        "{}. Objective: {}. Backend: {from}{}.",
        super::sentences::workload(&Subject::of(scenario), escape),
        objective(scenario.slo),
        escape(backend)
    ))
}

/// What the load rests on where nobody said what a request costs; `None` where somebody did.
pub(super) fn assumed_load(entry: &DiffEntry) -> Option<String> {
    let scenario: &Scenario = match &entry.replay {
        DiffReplay::Both(both) => &both.base,
        DiffReplay::HeadAlone(alone) => &alone.1,
        DiffReplay::Not(_) | DiffReplay::NotAsked => return None,
    };
    let mut assumptions = scenario.assumptions.iter();
    let cost = assumptions.find(|it| it.key == "cpu-per-request")?;
    let is_derived = matches!(cost.origin, Origin::Derived(_));
    let of = match entry.change.base {
        Some(_) => "the settings before the change",
        None => "its settings",
    };
    is_derived.then(|| {
        format!(
            "What a request costs is nowhere said: {} is derived from {of} (60 % of maxReplicas at the peak, unless \
             --peak-replicas says otherwise). --cpu-per-request sets it.",
            cost.value
        )
    })
}

/// How figures and changes are to be read; `None` where nothing was replayed.
pub(super) fn reading(report: &DiffReport) -> Option<String> {
    let runs = report
        .entries
        .iter()
        .find_map(|entry| match &entry.replay {
            DiffReplay::Both(both) => Some(both.head.runs),
            DiffReplay::HeadAlone(alone) => Some(alone.1.runs),
            DiffReplay::Not(_) | DiffReplay::NotAsked => None,
        })?;
    Some(if runs > 1 {
        format!(
            "Medians of {} runs with their 5-95 % band. A change is the median of run against run, with the same requests \
             and draws on both sides; one that not at least 95 % of the runs agree on is within noise.",
            format::count(f64::from(runs))
        )
    } else {
        "Figures of a single run, with the same requests and draws on both sides.".to_owned()
    })
}

/// What was left out: no load, or files that could not be read.
pub(super) fn cautions(report: &DiffReport) -> Vec<String> {
    let mut told = Vec::new();
    if !report.has_load && !report.entries.is_empty() {
        told.push(
            "No load was named, so settings and findings alone are compared: --trace FILE replays both sides."
                .to_owned(),
        );
    }
    let sides = match report.broken {
        [true, true] => "both sides",
        [true, false] => "the side before",
        [false, true] => "the side after",
        [false, false] => return told,
    };
    told.push(format!(
        "Some files of {sides} could not be read (standard error has them): what seems added or removed may be in them."
    ));
    told
}

/// Where a finding is.
pub(super) fn place(finding: &Finding) -> String {
    format!("{}:{}", finding.place.source, finding.place.start.line)
}
