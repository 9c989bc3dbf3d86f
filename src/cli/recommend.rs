//! `scaleplan recommend`: files in; advice and a patch out.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::args::Format;
use super::exit::ExitStatus;
use super::input;
use super::interrupt;
use super::output::{self, WholeFile};
use super::reading::Reading;
use super::recommend_args::{Budget, For, PatchForm, RecommendArgs, RecommendFailOn};
use super::recommend_shuns::Shunned;
use super::search_progress::SearchProgress;
use crate::advice::{
    Advice, AdviceFor, Conclusion, Ended, Judged, PartProgress, Question, Wishes, Work, advise,
    patch::{Patch, Plan, edits, knobs_without_place, plan},
};
use crate::manifest::Autoscaler;
use crate::report::{self, AdviceReport, Colour, Detail, WrittenAs};
use crate::scenario::{BackendKind, FOLLOWED_VERSION, Scenario, assemble};

/// So many candidates are enough for any time.
const NO_BOUND: u64 = 1_000_000;

pub(super) fn recommend(args: &RecommendArgs) -> Result<ExitStatus> {
    let picture = args
        .png
        .as_deref()
        .map(WholeFile::create_picture)
        .transpose()?;
    let wishes = Wishes::parse(&args.fix, &args.range, &args.values)?;
    let Some(reading) = Reading::new(&args.input)? else {
        return Ok(ExitStatus::CouldNot);
    };
    let Some(inputs) = reading.inputs()? else {
        return Ok(ExitStatus::CouldNot);
    };
    let autoscaler = inputs.autoscaler;
    if args.write && matches!(args.patch, PatchForm::Strategic | PatchForm::Json) {
        bail!(
            "--write: it changes the file, expected no patch of another form: --patch diff or none"
        );
    }
    if args.write {
        refuse_what_is_no_file(args, autoscaler)?;
    }
    let mut wishes = wishes.without_place(&autoscaler.api_version, knobs_without_place(autoscaler));
    if let Some(version) = args.kubernetes_version {
        wishes = wishes.on_cluster(version.minor);
    }
    refuse_what_is_not_scaled(autoscaler)?;
    let mut scenario = assemble(inputs)?;
    let advice_for = chosen_backends(&mut scenario, args)?;
    let shunned = Shunned::new(args, autoscaler, &scenario, &wishes)?;
    let advice = search(args, &wishes, &scenario, advice_for, &shunned)?;
    let chosen = &advice.parts[advice.chosen];
    let wanted = match chosen.conclusion {
        Conclusion::Change => &chosen.best,
        Conclusion::Keep | Conclusion::NothingMeets(_) => &chosen.now,
    };
    let patched = Patched::new(autoscaler, wanted, args);
    let (patched, problem) = match patched {
        Ok(patched) => (patched, None),
        Err(error) => (Patched::nothing(args), Some(error)),
    };
    let along = if chosen.conclusion == Conclusion::Change {
        shunned.edits_along(args, autoscaler, wanted)
    } else {
        Vec::new()
    };
    let left_out = shunned.left_out();
    let report = AdviceReport {
        scenario: &scenario,
        advice: &advice,
        patch: patched.shown.as_deref(),
        along: &along,
        left_out: &left_out,
        written_as: if autoscaler.keda.is_some() {
            WrittenAs::ScaledObject
        } else {
            WrittenAs::HorizontalPodAutoscaler
        },
        followed_version: FOLLOWED_VERSION,
    };
    if let Some(picture) = picture {
        picture.write(&report::advice_png(&report)?)?;
    }
    match args.patch {
        PatchForm::Diff | PatchForm::None => output::report(&rendered(&report, args.output))?,
        PatchForm::Strategic | PatchForm::Json => {
            output::report(patched.shown.as_deref().unwrap_or_default())?;
        }
    }
    let is_report_shown = matches!(args.patch, PatchForm::Diff | PatchForm::None);
    if args.write || !is_report_shown {
        for sentence in report::edits_along(&report) {
            output::warning(&sentence);
        }
    }
    if !is_report_shown && problem.is_none() {
        tell_of_bare_patch(args, &report, patched.is_empty);
    }
    if args.write {
        if interrupt::was_asked() {
            output::warning("interrupted: the manifest is left as it is");
        } else {
            let doubts = report::advice_doubts(&report).join("; ");
            if patched.patch.is_some() && !doubts.is_empty() && !args.accept_unproven {
                bail!(
                    "--write: the advice is a guess at best ({doubts}), and the manifest is left as it is; --accept-unproven \
                     writes it all the same"
                );
            }
            patched.write(args)?;
        }
    }
    match problem {
        Some(error) => Err(error),
        None => Ok(exit_status(&advice, args.fail_on)),
    }
}

/// What a patch that is printed alone does not say: what it is to be given to, that it is a guess, why it is empty.
fn tell_of_bare_patch(args: &RecommendArgs, report: &AdviceReport<'_>, is_empty: bool) {
    let answer = report::advice_answer(report).unwrap_or_default();
    if is_empty {
        let told = format!("the patch is empty. {answer}");
        if exit_status(report.advice, args.fail_on) == ExitStatus::Findings {
            output::warning(&told);
        } else if !args.input.quiet {
            output::note(&told);
        }
        return;
    }
    let doubts = report::advice_doubts(report);
    if !doubts.is_empty() {
        output::warning(&format!(
            "the patch is a guess at best: {}",
            doubts.join("; ")
        ));
    }
    let is_merge = args.patch == PatchForm::Strategic;
    if is_merge && report.written_as == WrittenAs::ScaledObject && !args.input.quiet {
        output::note("a ScaledObject takes this as a merge patch: kubectl patch --type=merge");
    }
}

/// No settings help where nothing follows the autoscaler.
fn refuse_what_is_not_scaled(autoscaler: &Autoscaler) -> Result<()> {
    let target = &autoscaler.scale_target;
    if target.has_no_scale() {
        bail!(
            "{} {} has no count that could be scaled, expected a target that has one (scaleplan lint, SP202)",
            target.kind.name(),
            output::printable(&target.name)
        );
    }
    Ok(())
}

/// Refuses to write where there is nothing to write to, before the search.
fn refuse_what_is_no_file(args: &RecommendArgs, autoscaler: &Autoscaler) -> Result<()> {
    if args.input.manifests.is_empty() {
        bail!("--write: no manifest was named, expected the file to change");
    }
    let source = Path::new(&*autoscaler.origin.source);
    if !source.is_file() {
        bail!(
            "--write: the autoscaler came from {}, expected a file to change",
            input::shown(source)
        );
    }
    Ok(())
}

/// Whether settings are sought for each backend or for all together; makes the backend asked for the one that counts.
fn chosen_backends(scenario: &mut Scenario, args: &RecommendArgs) -> Result<AdviceFor> {
    let (kind, name) = match args.advice_for {
        None => return Ok(AdviceFor::Each),
        Some(For::Both) => return Ok(AdviceFor::Together),
        Some(For::Vm) => (BackendKind::Vm, "vm"),
        Some(For::Container) => (BackendKind::Container, "container"),
    };
    let position = scenario
        .backends
        .iter()
        .position(|backend| backend.kind == kind);
    let Some(position) = position else {
        bail!(
            "--for {name}: no backend of this kind is played, expected one among those of --backend"
        );
    };
    scenario.verdict_backend = position;
    Ok(AdviceFor::Each)
}

fn search(
    args: &RecommendArgs,
    wishes: &Wishes,
    scenario: &Scenario,
    advice_for: AdviceFor,
    shunned: &Shunned,
) -> Result<Advice> {
    interrupt::listen();
    let began = Instant::now();
    let (evaluations, time) = match args.budget {
        Some(Budget::Evaluations(count)) => (Some(count), None),
        Some(Budget::Time(time)) => (Some(NO_BOUND), Some(time)),
        None => (None, None),
    };
    let stop = |work: Work, share: f64| {
        if interrupt::was_asked_for(patience(work)) {
            return Some(Ended::Interrupted);
        }
        time.filter(|time| began.elapsed() >= time.mul_f64(share))
            .map(|_| Ended::TimeSpent)
    };
    let progress = (!args.input.quiet).then(|| SearchProgress::new(time));
    let told = |told: PartProgress<'_>| {
        if let Some(progress) = &progress {
            progress.tell(&told);
        }
    };
    let advice = advise(&Question {
        scenario,
        advice_for,
        wishes,
        confidence: args.confidence.0,
        hold_out: args.hold_out.0,
        evaluations,
        shuns: &|settings| {
            let own = shunned.autoscaler();
            own.is_some_and(|own| shunned.holds(edits(own, settings)))
        },
        stop: &stop,
        told: &told,
    })?;
    if let Some(progress) = &progress {
        progress.finish();
    }
    Ok(advice)
}

/// How long after an interrupt work may still go on, so that what was found until then is also judged.
const fn patience(work: Work) -> Duration {
    Duration::from_secs(match work {
        Work::Searching => 0,
        Work::Confirming => 2,
        Work::Judging => 4,
    })
}

fn rendered(report: &AdviceReport<'_>, form: Format) -> String {
    let table = |detail| {
        let colour = if output::colours() {
            Colour::Ansi
        } else {
            Colour::Plain
        };
        report::advice_table(report, detail, output::width(), colour)
    };
    match form {
        Format::Table => table(Detail::Normal),
        Format::Wide => table(Detail::Wide),
        Format::Json => report::advice_json(report),
        Format::Yaml => report::advice_yaml(report),
        Format::Csv => report::advice_csv(report),
        Format::Markdown => report::advice_markdown(report),
    }
}

fn exit_status(advice: &Advice, fail_on: RecommendFailOn) -> ExitStatus {
    let fails = match (&advice.parts[advice.chosen].conclusion, fail_on) {
        (_, RecommendFailOn::Never) | (Conclusion::Keep, _) => false,
        (Conclusion::NothingMeets(_), _) => true,
        (Conclusion::Change, fail_on) => fail_on == RecommendFailOn::Change,
    };
    if fails {
        ExitStatus::Findings
    } else {
        ExitStatus::Clean
    }
}

/// What is to be changed in the manifest.
struct Patched {
    /// The patch in the form asked for; `None` where nothing changes.
    shown: Option<String>,
    patch: Option<Patch>,
    /// Whether nothing is to be changed.
    is_empty: bool,
}

impl Patched {
    /// The patch that changes nothing.
    fn nothing(args: &RecommendArgs) -> Self {
        let shown = match args.patch {
            PatchForm::Diff | PatchForm::None => None,
            PatchForm::Strategic => Some("{}\n".to_owned()),
            PatchForm::Json => Some("[]\n".to_owned()),
        };
        Self {
            shown,
            patch: None,
            is_empty: true,
        }
    }

    fn new(autoscaler: &Autoscaler, wanted: &Judged, args: &RecommendArgs) -> Result<Self> {
        let plan: Plan = plan(autoscaler, &wanted.hpa)?;
        for left_out in &plan.left_out {
            output::warning(left_out);
        }
        if plan.is_empty() {
            return Ok(Self::nothing(args));
        }
        let needs_file = args.write || args.patch == PatchForm::Diff;
        let patch = match edits(autoscaler, &wanted.hpa) {
            Ok(patch) => Some(patch),
            Err(error) if args.write => return Err(error.into()),
            Err(error) => {
                if needs_file && !args.input.quiet {
                    output::note(&format!(
                        "no diff: {error}; --patch strategic needs no file"
                    ));
                }
                None
            }
        };
        let shown = match args.patch {
            PatchForm::None => None,
            PatchForm::Strategic => Some(plan.strategic_merge()),
            PatchForm::Json => Some(plan.json_patch()),
            PatchForm::Diff => patch.as_ref().map(|patch| {
                let diff = patch.unified_diff();
                String::from_utf8_lossy(&diff).into_owned()
            }),
        };
        Ok(Self {
            shown,
            patch,
            is_empty: false,
        })
    }

    /// Writes the manifest, unless it changed since it was read.
    fn write(&self, args: &RecommendArgs) -> Result<()> {
        let Some(patch) = &self.patch else {
            if !args.input.quiet {
                output::note("nothing to write: the autoscaler stays as it is");
            }
            return Ok(());
        };
        let path = Path::new(&patch.source_name);
        let shown = input::shown(path);
        let file = WholeFile::create(path)?;
        let bytes = fs::read(path).with_context(|| format!("{shown}: cannot be read again"))?;
        if bytes != patch.before() {
            bail!("{shown}: was changed while the search went on, and is left as it is");
        }
        file.write(&patch.after)?;
        if !args.input.quiet {
            output::note(&format!("{shown}: written"));
        }
        Ok(())
    }
}
