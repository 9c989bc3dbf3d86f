//! `scaleplan lint`: rules about manifests, their findings in every form, and mending them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};

use super::exit::ExitStatus;
use super::input::{self, is_stdin, shown};
use super::lint_args::{LintArgs, LintForm, LintOutput};
use super::lint_config::LintConfig;
use super::lint_files::{self, LintFiles};
use super::lint_replay::{self, ReplayPlan};
use super::output::{self, WholeFile};
use crate::lint::{self, Baseline, Finding, Linted, RULES, fix_text};
use crate::manifest::{Source, read_objects};
use crate::report::{self, Colour, LintReport, TextStyle};

/// How often files are mended and looked at again, since of fixes that meet only one is carried out at a time.
const MOST_PASSES: usize = 8;

pub(super) fn lint(args: &LintArgs) -> Result<ExitStatus> {
    output::set_colour(args.color);
    if args.list_rules {
        output::report(&report::rule_list(RULES.iter(), output::text_style()))?;
        return Ok(ExitStatus::Clean);
    }
    let outputs = Outputs::of(args)?;
    let config = LintConfig::of(args)?;
    if let (Some(file), false) = (&config.file, args.quiet) {
        output::note(&format!("settings of {}", shown(file)));
    }
    let files = files_of(args, &config)?;
    let baseline = match (&config.baseline, &args.write_baseline) {
        (Some(file), None) => Some((file.as_path(), read_baseline(file)?)),
        _ => None,
    };

    let (read, linted) = lint_and_fix(args, &config, &files)?;
    for problem in &read.problems {
        output::error(problem);
    }
    if let Some(file) = &args.write_baseline {
        return write_baseline(file, &linted, &read, args);
    }
    let (linted, known) = without_known(linted, baseline.as_ref());
    let report = LintReport {
        linted: &linted,
        known: known.as_deref(),
        texts: read.objects.sources().collect(),
        files: read.count,
        objects: read.objects.objects.len(),
    };
    outputs.write(&report, args)?;
    Ok(status(&read, &linted, &config))
}

/// What is to be read: what was named, or the working folder.
fn files_of(args: &LintArgs, config: &LintConfig) -> Result<Vec<PathBuf>> {
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() {
        here.as_slice()
    } else {
        args.paths.as_slice()
    };
    if args.fix && paths.iter().any(|path| is_stdin(path)) {
        bail!("--fix edits files, expected no standard input (-)");
    }
    lint_files::list(paths, &config.exclude)
}

/// Lints, and with `--fix` mends and lints again until nothing is left to mend.
fn lint_and_fix(
    args: &LintArgs,
    config: &LintConfig,
    files: &[PathBuf],
) -> Result<(LintFiles, Linted)> {
    let mut mended = 0;
    let mut pass = 0;
    loop {
        let read = lint_files::read(files);
        pass += 1;
        if !args.fix || pass > MOST_PASSES {
            return Ok(lint_with_replays(args, config, read));
        }
        let linted = lint::lint(&read.objects, &config.settings, &config.selection);
        let applied = fix_files(files, &read, &linted)?;
        mended += applied;
        if applied == 0 {
            if !args.quiet {
                let noun = if mended == 1 { "finding" } else { "findings" };
                output::note(&format!("mended {mended} {noun}"));
            }
            return Ok(lint_with_replays(args, config, read));
        }
    }
}

/// Lints what was read, with replays if some are wanted.
fn lint_with_replays(
    args: &LintArgs,
    config: &LintConfig,
    mut read: LintFiles,
) -> (LintFiles, Linted) {
    let ReplayPlan { inputs, problems } = lint_replay::plan(args, config, &read.objects);
    read.problems.extend(problems);
    let replays = lint_replay::play(&inputs, args);
    let linted =
        lint::lint_with_replays(&read.objects, &config.settings, &config.selection, &replays);
    (read, linted)
}

/// Carries out fixes in the files; how many. A file is written whole or not at all, and stays as it is if it would be
/// read worse than before, or is not on disk as it was read: compressed, in UTF-16, or changed meanwhile.
fn fix_files(files: &[PathBuf], read: &LintFiles, linted: &Linted) -> Result<usize> {
    let mut by_file: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in linted.findings.iter().filter(|it| it.fix.is_some()) {
        let of_file = by_file.entry(&*finding.place.source).or_default();
        of_file.push(finding);
    }
    let mut applied = 0;
    for path in files {
        let name = input::source_name(path);
        let Some(findings) = by_file.get(name.as_str()) else {
            continue;
        };
        let text = read.objects.source_bytes(&name).unwrap_or_default();
        if fs::read(path).ok().as_deref() != Some(text) {
            continue;
        }
        let fixed = fix_text(text, findings.iter().copied());
        if fixed.applied == 0 || faults_in(&fixed.text) > faults_in(text) {
            continue;
        }
        WholeFile::create(path)?.write(&fixed.text)?;
        applied += fixed.applied;
    }
    Ok(applied)
}

/// How much is wrong with a text as a manifest.
fn faults_in(text: &[u8]) -> usize {
    let source = Source {
        name: String::new(),
        bytes: text.to_vec(),
    };
    read_objects(vec![source]).errors.len()
}

fn read_baseline(file: &Path) -> Result<Baseline> {
    let text = input::baseline(file)?;
    Baseline::from_json(&text).map_err(|error| anyhow!("{}: {error}", shown(file)))
}

fn write_baseline(
    file: &Path,
    linted: &Linted,
    read: &LintFiles,
    args: &LintArgs,
) -> Result<ExitStatus> {
    let seen = |source: &str| lint_files::seen_from(file, source);
    let baseline = Baseline::of(&linted.findings, seen).to_json();
    if is_stdin(file) {
        output::report(&baseline)?;
    } else {
        WholeFile::create(file)?.write(baseline.as_bytes())?;
        if !args.quiet {
            let count = linted.findings.len();
            output::note(&format!(
                "wrote {count} findings to {}; use it with --baseline",
                shown(file)
            ));
        }
    }
    Ok(if read.problems.is_empty() {
        ExitStatus::Clean
    } else {
        ExitStatus::CouldNot
    })
}

fn without_known(
    mut linted: Linted,
    baseline: Option<&(&Path, Baseline)>,
) -> (Linted, Option<Vec<Finding>>) {
    let Some((file, baseline)) = baseline else {
        return (linted, None);
    };
    let (new, known) = baseline.split(linted.findings, |source| {
        lint_files::seen_from(file, source)
    });
    linted.findings = new;
    (linted, Some(known))
}

fn status(read: &LintFiles, linted: &Linted, config: &LintConfig) -> ExitStatus {
    let fails = |finding: &Finding| config.fail_on.includes(finding.severity);
    if !read.problems.is_empty() {
        ExitStatus::CouldNot
    } else if linted.findings.iter().any(fails) {
        ExitStatus::Findings
    } else {
        ExitStatus::Clean
    }
}

/// Where which form goes.
struct Outputs {
    /// The form on standard output.
    shown: Option<LintForm>,
    files: Vec<(LintForm, WholeFile)>,
}

impl Outputs {
    /// Finds out whether all can be written before the work begins.
    fn of(args: &LintArgs) -> Result<Self> {
        let mut outputs = Self {
            shown: args.output.is_empty().then_some(LintForm::Text),
            files: Vec::new(),
        };
        for LintOutput { form, file } in &args.output {
            match file {
                Some(file) => outputs.files.push((*form, WholeFile::create(file)?)),
                None if outputs.shown.is_none() => outputs.shown = Some(*form),
                None => bail!(
                    "--output names two forms for standard output, expected one of them with a file, such as \
                     `sarif=report.sarif`"
                ),
            }
        }
        Ok(outputs)
    }

    fn write(&self, report: &LintReport<'_>, args: &LintArgs) -> Result<()> {
        let plain = TextStyle {
            colour: Colour::Plain,
            width: None,
        };
        for (form, file) in &self.files {
            file.write_with(&|out| draw(report, (*form, plain), args, out))?;
        }
        if let Some(form) = self.shown {
            let style = output::text_style();
            return output::report_with(&|out| draw(report, (form, style), args, out));
        }
        if !args.quiet {
            output::note(&report::lint_summary(report));
        }
        Ok(())
    }
}

/// Writes a report; of text one finding after another, since there may be a hundred thousand.
fn draw(
    report: &LintReport<'_>,
    (form, style): (LintForm, TextStyle),
    args: &LintArgs,
    out: &mut dyn Write,
) -> io::Result<()> {
    let text = match form {
        LintForm::Text => {
            if args.statistics {
                out.write_all(report::lint_statistics(report, style).as_bytes())?;
            } else {
                for text in report::lint_text(report, style) {
                    out.write_all(text.as_bytes())?;
                }
            }
            if !args.quiet {
                writeln!(out, "{}", report::lint_summary(report))?;
            }
            return Ok(());
        }
        LintForm::Json => report::lint_json(report),
        LintForm::Sarif => report::lint_sarif(report),
        LintForm::Junit => report::lint_junit(report),
        LintForm::Github => report::lint_github(report),
        LintForm::Gitlab => report::lint_gitlab(report),
    };
    out.write_all(text.as_bytes())
}
