//! `scaleplan diff`: two versions of manifests in, what changed and what that does out.

use anyhow::{Result, bail};

use super::diff_args::{DiffArgs, DiffFailOn, DiffForm};
use super::diff_replay::Replayer;
use super::exit::ExitStatus;
use super::lint_config::LintConfig;
use super::output;
use super::side::{Side, sides};
use crate::analysis::Verdict;
use crate::lint::{self, Finding, MovedFindings, Severity, moved_findings};
use crate::manifest::{AutoscalerChange, autoscaler_changes};
use crate::report::{self, DiffEntry, DiffReplay, DiffReport, DiffVerdict, Regression};
use crate::scenario::FOLLOWED_VERSION;

/// The most problems of a side that are shown.
const MOST_PROBLEMS: usize = 20;

pub(super) fn diff(args: &DiffArgs) -> Result<ExitStatus> {
    let config = LintConfig::standing()?;
    let (mut base, mut head) = sides(args, &config.exclude)?;
    if base.sources.is_empty() && head.sources.is_empty() {
        bail!(
            "neither {} nor {} has a .yaml, .yml or .json file there",
            output::printable(&base.label),
            output::printable(&head.label)
        );
    }
    let (before, after) = (base.manifests(), head.manifests());
    let broken = [&base, &head].map(tell_of_problems);
    if before.autoscalers.is_empty() && after.autoscalers.is_empty() {
        if broken.contains(&true) {
            return Ok(ExitStatus::CouldNot);
        }
        bail!(
            "neither version holds a HorizontalPodAutoscaler or ScaledObject, expected one to compare"
        );
    }
    let all = autoscaler_changes(&before, &after);
    let changed: Vec<&AutoscalerChange<'_>> = all.iter().filter(|it| !it.is_none()).collect();
    let replayer = Replayer::new(args, &before, &after)?;
    let has_load = replayer.is_some();
    let replays = match replayer {
        Some(replayer) => replayer.play(&changed, &args.hpa)?,
        None => changed.iter().map(|_| DiffReplay::NotAsked).collect(),
    };
    let entries: Vec<DiffEntry<'_>> = changed
        .iter()
        .zip(replays)
        .map(|(change, replay)| DiffEntry { change, replay })
        .collect();
    let labels = (base.label.clone(), head.label.clone());
    let moved = moved_findings(findings(base, &config), findings(head, &config));
    let report = DiffReport {
        base: &labels.0,
        head: &labels.1,
        unchanged: all.len() - changed.len(),
        verdict: verdict(&entries, &moved),
        entries,
        findings: &moved,
        has_load,
        broken,
        followed_version: FOLLOWED_VERSION,
    };
    let text = match args.output {
        DiffForm::Markdown => report::diff_markdown(&report),
        DiffForm::Table => {
            let style = output::text_style();
            report::diff_table(&report, style.width, style.colour)
        }
        DiffForm::Json => report::diff_json(&report),
    };
    output::report(&text)?;
    let fails = match args.fail_on {
        DiffFailOn::Regression => matches!(report.verdict, DiffVerdict::Regression(_)),
        DiffFailOn::Missed => report.entries.iter().any(|entry| is_missed(&entry.replay)),
        DiffFailOn::Never => false,
    };
    Ok(if fails {
        ExitStatus::Findings
    } else {
        ExitStatus::Clean
    })
}

/// Says what could not be read of a side; whether there was anything.
fn tell_of_problems(side: &Side) -> bool {
    for problem in side.problems.iter().take(MOST_PROBLEMS) {
        output::warning(&format!("{}: {problem}", side.label));
    }
    let rest = side.problems.len().saturating_sub(MOST_PROBLEMS);
    if rest > 0 {
        output::warning(&format!("{}: {rest} more problems", side.label));
    }
    !side.problems.is_empty()
}

/// What lint finds on one side, without any replay.
fn findings(side: Side, config: &LintConfig) -> Vec<Finding> {
    let objects = side.into_objects();
    lint::lint(&objects, &config.settings, &config.selection).findings
}

fn verdict(entries: &[DiffEntry<'_>], moved: &MovedFindings) -> DiffVerdict {
    let mut found: Vec<Regression> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| match &entry.replay {
            DiffReplay::Both(both) => both.change.is_regression(),
            DiffReplay::HeadAlone(alone) => alone.0.verdict == Verdict::Missed,
            DiffReplay::Not(_) | DiffReplay::NotAsked => false,
        })
        .map(|(index, _)| Regression::Objective(index))
        .collect();
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let errors = moved.new.iter().filter(is_error).count();
    if errors > 0 {
        found.push(Regression::NewErrors(errors));
    }
    if !found.is_empty() {
        DiffVerdict::Regression(found)
    } else if entries.is_empty() && moved.new.is_empty() && moved.gone.is_empty() {
        DiffVerdict::Nothing
    } else {
        DiffVerdict::NoRegression
    }
}

fn is_missed(replay: &DiffReplay) -> bool {
    let verdict = match replay {
        DiffReplay::Both(both) => both.change.head.verdict,
        DiffReplay::HeadAlone(alone) => alone.0.verdict,
        DiffReplay::Not(_) | DiffReplay::NotAsked => return false,
    };
    verdict == Verdict::Missed
}
