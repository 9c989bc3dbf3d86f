//! Runs the rules over what was read.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::context::Context;
use super::finding::{Finding, Findings, Place, Severity};
use super::kustomization::patch_files;
use super::registry::RULES;
use super::replay_rules::{self, Replay};
use super::rule::{Group, Rule};
use super::selection::Selection;
use super::settings::Settings;
use super::suppression::Suppression;
use crate::manifest::{Object, Objects};

/// The rule that looks at what the others have left of the suppressions.
const LAST: &str = "SP002";

/// The rule that tells what could not be read.
const UNREADABLE: &str = "SP001";

/// What the rules have found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linted {
    /// Findings by file, place and code.
    pub findings: Vec<Finding>,
    /// Findings that an annotation or a comment silences, each with its reason, in the same order.
    pub suppressed: Vec<(Finding, String)>,
}

/// Runs the selected rules. Equal input gives equal findings in the same order, on any number of threads.
#[must_use]
pub fn lint(objects: &Objects, settings: &Settings, selection: &Selection) -> Linted {
    lint_with_replays(objects, settings, selection, &[])
}

/// Likewise, with what replays of some autoscalers have shown, for the rules that need one.
#[must_use]
pub fn lint_with_replays(
    objects: &Objects,
    settings: &Settings,
    selection: &Selection,
    replays: &[Replay<'_>],
) -> Linted {
    let mut context = Context::new(objects, settings);
    context.replays = replays;
    let run = |rule: &'static Rule, context: &Context<'_>| {
        let mut findings = Findings::new(rule);
        (rule.check)(context, &mut findings);
        findings.into_inner()
    };
    let selected: Vec<&Rule> = RULES.iter().filter(|rule| selection.runs(rule)).collect();
    let (last, first): (Vec<&Rule>, Vec<&Rule>) =
        selected.into_iter().partition(|rule| rule.code == LAST);
    let found: Vec<Vec<Finding>> = first.par_iter().map(|rule| run(rule, &context)).collect();

    let mut linted = Linted::default();
    for of_rule in found {
        let silence = |finding: &Finding| context.suppressions.silence(finding);
        put_findings(&mut linted, of_rule, silence);
    }
    // What silences a rule that did not run may well be needed.
    let has_run = |code: &str| first.iter().any(|rule| rule.code == code);
    let replayed: Vec<&Object> = replay_rules::replayed_objects(&context).collect();
    let is_replayed = |it: &Suppression| {
        it.rule.group() != Group::Replay || replayed.iter().any(|object| it.reaches(object))
    };
    context
        .suppressions
        .all
        .retain(|it| has_run(it.rule.code) && is_replayed(it));
    for rule in last {
        linted.findings.extend(run(rule, &context));
    }

    // A patch is told of by what kustomize makes of it.
    let patches = patch_files(objects);
    if !patches.is_empty() {
        // What is broken is no patch either.
        let is_broken = |finding: &Finding| {
            finding.rule.code == UNREADABLE && finding.severity == Severity::Error
        };
        let is_whole =
            |finding: &Finding| is_broken(finding) || !patches.contains(&*finding.place.source);
        linted.findings.retain(is_whole);
        linted.suppressed.retain(|(finding, _)| is_whole(finding));
    }

    linted
        .findings
        // In place: of a hundred thousand findings a copy takes as much memory as their files.
        .par_sort_unstable_by(|one, other| order(one).cmp(&order(other)));
    linted
        .suppressed
        .sort_by(|one, other| order(&one.0).cmp(&order(&other.0)));
    let mut names = ObjectNames::new(objects, &linted);
    let all = linted.findings.iter_mut();
    for finding in all.chain(linted.suppressed.iter_mut().map(|(finding, _)| finding)) {
        finding.object = names.name_at(&finding.place);
        if let Some(severity) = selection.severity(finding.rule) {
            finding.severity = severity;
        }
    }
    linted
}

/// Takes the findings of a rule, those that are silenced apart. Of a hundred thousand there is never a second list.
fn put_findings(
    linted: &mut Linted,
    mut found: Vec<Finding>,
    mut silence: impl FnMut(&Finding) -> Option<String>,
) {
    found.retain(|finding| match silence(finding) {
        Some(reason) => {
            linted.suppressed.push((finding.clone(), reason));
            false
        }
        None => true,
    });
    if linted.findings.is_empty() {
        linted.findings = found;
    } else {
        linted.findings.reserve_exact(found.len());
        linted.findings.append(&mut found);
    }
}

fn order(finding: &Finding) -> (&Place, &str, &str, &str) {
    let Finding {
        rule,
        place,
        message,
        help,
        ..
    } = finding;
    (place, rule.code, message, help)
}

/// Which object stands where.
struct ObjectNames<'a> {
    /// Where the objects of a file start, in order.
    starts: BTreeMap<&'a str, Vec<(usize, &'a Object)>>,
    /// The last that was named; of one object there are often several findings in a row.
    last: Option<(&'a Object, Arc<str>)>,
}

impl<'a> ObjectNames<'a> {
    /// For the files that have findings.
    fn new(objects: &'a Objects, linted: &Linted) -> Self {
        let suppressed = linted.suppressed.iter().map(|(finding, _)| finding);
        let sources = linted.findings.iter().chain(suppressed);
        let wanted: HashSet<&str> = sources.map(|it| &*it.place.source).collect();
        let mut starts: BTreeMap<&str, Vec<(usize, &Object)>> = BTreeMap::new();
        for of_file in objects.objects.chunk_by(Object::has_source_of) {
            let name = of_file[0].document.source_name();
            if wanted.contains(name) {
                let objects = of_file.iter().map(|it| (it.span().start.offset, it));
                starts.entry(name).or_default().extend(objects);
            }
        }
        for of_file in starts.values_mut() {
            of_file.sort_by_key(|(start, _)| *start);
        }
        Self { starts, last: None }
    }

    /// The object that a place is in: `Kind namespace/name`.
    fn name_at(&mut self, place: &Place) -> Arc<str> {
        let offset = place.start.offset;
        let starts = self.starts.get(&*place.source);
        let starts = starts.map(Vec::as_slice).unwrap_or_default();
        let before = starts.partition_point(|(start, _)| *start <= offset);
        let last = starts[..before].last();
        let Some((_, object)) = last.filter(|(_, object)| offset < object.span().end) else {
            return Arc::default();
        };
        if let Some((last, name)) = &self.last
            && std::ptr::eq(*last, *object)
        {
            return Arc::clone(name);
        }
        let name: Arc<str> = match &object.namespace {
            Some(namespace) => format!("{} {namespace}/{}", object.kind, object.name).into(),
            None => format!("{} {}", object.kind, object.name).into(),
        };
        self.last = Some((object, Arc::clone(&name)));
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{STATIC_REPLICAS, findings_in, lint_text};

    /// The codes of what is found, of what is silenced.
    #[track_caller]
    fn check(text: &str, found: &[&str], suppressed: &[&str]) {
        let selection = Selection {
            select: vec![
                "SP0".parse().expect("it chooses rules"),
                "SP204".parse().expect("it chooses a rule"),
            ],
            ..Selection::default()
        };
        let linted = lint_text(text, &selection);
        let codes: Vec<_> = linted.findings.iter().map(|it| it.rule.code).collect();
        assert_eq!(codes, found, "{:#?}", linted.findings);
        let codes: Vec<_> = linted.suppressed.iter().map(|it| it.0.rule.code).collect();
        assert_eq!(codes, suppressed);
    }

    fn with(from: &str, to: &str) -> String {
        assert!(STATIC_REPLICAS.contains(from));
        STATIC_REPLICAS.replacen(from, to, 1)
    }

    #[test]
    fn a_comment_silences_its_line_the_next_line_or_its_object() {
        check(STATIC_REPLICAS, &["SP204"], &[]);
        let line = "  replicas: 3\n";
        check(
            &with(
                line,
                "  replicas: 3 # scaleplan: ignore SP204 Argo CD ignores it\n",
            ),
            &[],
            &["SP204"],
        );
        check(
            &with(
                line,
                "  # scaleplan: ignore static-replicas: as above\n\n  replicas: 3\n",
            ),
            &[],
            &["SP204"],
        );
        let kind = "apiVersion: apps/v1\nkind: Deployment\n";
        check(
            &with(
                kind,
                &format!("# scaleplan: ignore SP204 all of it\n# more\n{kind}"),
            ),
            &[],
            &["SP204"],
        );
    }

    #[test]
    fn an_annotation_silences_its_object() {
        let annotated = |value: &str| {
            with(
                "kind: Deployment\nmetadata: {name: web}\n",
                &format!(
                    "kind: Deployment\nmetadata: {{name: web, annotations: {{scaleplan.dev/ignore: \"{value}\"}}}}\n"
                ),
            )
        };
        check(&annotated("SP204: Argo CD ignores it"), &[], &["SP204"]);
        check(
            &annotated("SP204: Argo CD ignores it; SP309: not so"),
            &[],
            &["SP204"],
        );
        check(
            &annotated("SP204: Argo CD ignores it; SP001: not so"),
            &["SP002"],
            &["SP204"],
        );
    }

    #[test]
    fn a_suppression_needs_a_rule_and_a_reason_and_something_to_silence() {
        let on = |comment: &str| with("  replicas: 3\n", &format!("  replicas: 3 # {comment}\n"));
        check(&on("scaleplan: ignore SP204"), &["SP204", "SP003"], &[]);
        check(&on("scaleplan: ignore SP999 why"), &["SP204", "SP003"], &[]);
        check(&on("scaleplan: ignore SP001 why"), &["SP204", "SP002"], &[]);
        check(&on("no scaleplan: ignore SP204 why"), &["SP204"], &[]);
    }

    #[test]
    fn a_patch_that_cannot_be_read_is_told_all_the_same() {
        let files = |patch| {
            findings_in(&[
                ("kustomization.yaml", "patches: [{path: web.yaml}]\n"),
                ("web.yaml", patch),
            ])
        };
        assert_eq!(files(STATIC_REPLICAS), []);
        let broken = files("apiVersion: apps/v1\nkind: Deployment\nspec: {\n");
        let codes: Vec<_> = broken.iter().map(|it| it.rule.code).collect();
        assert_eq!(codes, ["SP001"]);
    }

    #[test]
    fn findings_know_their_object_and_take_the_severity_that_is_asked() {
        use crate::lint::Severity;
        let mut selection = Selection::default();
        let choice = "SP204".parse().expect("it chooses a rule");
        selection.select = vec!["SP204".parse().expect("it chooses a rule")];
        selection.severities = vec![(choice, Severity::Error)];
        let linted = lint_text(STATIC_REPLICAS, &selection);
        assert_eq!(&*linted.findings[0].object, "Deployment web");
        assert_eq!(linted.findings[0].severity, Severity::Error);
    }
}
