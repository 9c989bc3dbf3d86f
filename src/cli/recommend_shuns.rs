//! What `recommend` never advises: settings of the autoscaler that `lint` would warn of, and of the present ones does not;
//! and what `lint` says that other objects need along with what is advised.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use super::recommend_args::RecommendArgs;
use super::{input, lint_files};
use crate::advice::patch::{Patch, PatchError, edits};
use crate::advice::{Hints, Judged, Value, Wishes, lattice};
use crate::lint::{Finding, Rule, Selection, Settings, Severity, lint, rule};
use crate::manifest::{self, Autoscaler, Objects, Source, read_objects};
use crate::scenario::Scenario;

/// The most text beside the autoscaler's own file that is read for each candidate; beyond that none counts.
const MOST_BESIDE: usize = 256 << 10;

/// The name of the autoscaler's file, where it is asked about.
const OWN: &str = "autoscaler.yaml";

/// Tells settings that are never advised.
pub(super) struct Shunned {
    /// The autoscaler as if it stood in a file of its own; `None` where that cannot be told.
    autoscaler: Option<Autoscaler>,
    /// What else was named.
    others: Objects,
    settings: Settings,
    /// What is found of the autoscaler as it is, or as it is wished.
    known: BTreeSet<Warned>,
    /// The codes of the rules for which settings were left out.
    left_out: Mutex<BTreeSet<&'static str>>,
}

/// A rule, and the object of which it warns.
type Warned = (&'static str, String);

impl Shunned {
    /// Looks at the autoscaler as it is, and at what the wishes ask for.
    pub(super) fn new(
        args: &RecommendArgs,
        autoscaler: &Autoscaler,
        scenario: &Scenario,
        wishes: &Wishes,
    ) -> Result<Self> {
        let mut settings = Settings::USUAL.clone();
        settings.cluster.version = args.kubernetes_version;
        settings.cluster.controller = scenario.controller.clone();
        let own = alone(autoscaler);
        let mut shunned = Self {
            autoscaler: own.clone(),
            others: others(args, autoscaler, MOST_BESIDE),
            settings,
            known: BTreeSet::new(),
            left_out: Mutex::default(),
        };
        let Some(own) = &own else {
            return Ok(shunned);
        };
        shunned.known = shunned.warned_of(edits(own, &scenario.hpa));
        let lattice = lattice(scenario, wishes, &Hints::default())?;
        // Where the present values are not wished, they are not what the others are tried with.
        let mut wished = scenario.hpa.clone();
        for axis in lattice.axes.iter().filter(|axis| !axis.may_stay) {
            let value = (0..axis.values.len()).find(|position| axis.may_take(*position));
            if let Some(position) = value {
                axis.knob.turn(&mut wished, &axis.values[position]);
            }
        }
        let mut known = shunned.warned_of(edits(own, &wished));
        for axis in lattice
            .axes
            .iter()
            .filter(|axis| wishes.is_about(axis.knob))
        {
            let turned = |value: &Value| {
                let mut turned = wished.clone();
                axis.knob.turn(&mut turned, value);
                shunned.warned_of(edits(own, &turned))
            };
            known.extend(axis.values.iter().flat_map(turned));
        }
        shunned.known.extend(known);
        Ok(shunned)
    }

    /// Whether settings are warned of as neither the present nor the wished ones are.
    pub(super) fn holds(&self, patched: Result<Patch, PatchError>) -> bool {
        let warned = self.warned_of(patched);
        let mut new = warned.difference(&self.known).peekable();
        if new.peek().is_none() {
            return false;
        }
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        left_out.extend(new.map(|(code, _)| *code));
        true
    }

    /// The rules for which settings were left out that would have been looked into otherwise.
    pub(super) fn left_out(&self) -> Vec<&'static Rule> {
        let left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        left_out.iter().filter_map(|code| rule(code)).collect()
    }

    /// What is found of other objects once these settings are in force, and is not now: what has to be edited along.
    pub(super) fn edits_along(
        &self,
        args: &RecommendArgs,
        autoscaler: &Autoscaler,
        wanted: &Judged,
    ) -> Vec<Finding> {
        let Some(Ok(patch)) = self.autoscaler.as_ref().map(|own| edits(own, &wanted.hpa)) else {
            return Vec::new();
        };
        let others = others(args, autoscaler, usize::MAX);
        let named = |bytes| Source {
            name: autoscaler.document.source_name().to_owned(),
            bytes,
        };
        let before = self.found(&others, named(patch.before().to_vec()));
        let is_new = |finding: &Finding| {
            let mut before = before.iter();
            !before.any(|it| it.rule == finding.rule && it.message == finding.message)
        };
        let mut after = self.found(&others, named(patch.after));
        after.retain(|finding| !is_of_autoscaler(finding) && is_new(finding));
        after
    }

    /// The autoscaler whose changes can be told of.
    pub(super) const fn autoscaler(&self) -> Option<&Autoscaler> {
        self.autoscaler.as_ref()
    }

    /// What lint warns of in the autoscaler under some settings; nothing where they cannot be written. What is wrong with
    /// another object beside them is mended there, and forbids nothing.
    fn warned_of(&self, patched: Result<Patch, PatchError>) -> BTreeSet<Warned> {
        let Ok(patch) = patched else {
            return BTreeSet::new();
        };
        let own = Source {
            name: OWN.to_owned(),
            bytes: patch.after,
        };
        let findings = self.found(&self.others, own).into_iter();
        findings
            .filter(is_of_autoscaler)
            .map(|finding| (finding.rule.code, finding.object.to_string()))
            .collect()
    }

    /// What lint warns of in the autoscaler's file and others.
    fn found(&self, others: &Objects, own: Source) -> Vec<Finding> {
        let mut objects = others.clone();
        objects.append(read_objects(vec![own]));
        let linted = lint(&objects, &self.settings, &Selection::default());
        let mut findings = linted.findings;
        findings.retain(|finding| finding.severity >= Severity::Warning);
        findings
    }
}

/// Whether a finding is about a field of an autoscaler, rather than of the workload, budget or whatever else stands beside
/// it.
fn is_of_autoscaler(finding: &Finding) -> bool {
    let kind = finding.object.split(' ').next().unwrap_or_default();
    ["", "HorizontalPodAutoscaler", "ScaledObject"].contains(&kind)
}

/// The autoscaler, read again from a plain file: standard input and compressed files are none.
fn alone(autoscaler: &Autoscaler) -> Option<Autoscaler> {
    let read = manifest::read(vec![Source {
        name: OWN.to_owned(),
        bytes: autoscaler.document.source_bytes().to_vec(),
    }]);
    let is_same = |other: &Autoscaler| {
        other.name == autoscaler.name
            && other.namespace == autoscaler.namespace
            && other.keda.is_some() == autoscaler.keda.is_some()
    };
    read.autoscalers.into_iter().find(is_same)
}

/// What was named beside the autoscaler's file: all of it, or nothing where it is more than so many bytes.
fn others(args: &RecommendArgs, autoscaler: &Autoscaler, most: usize) -> Objects {
    let files = lint_files::list(&args.input.manifests, &[]).unwrap_or_default();
    let is_other = |path: &&Path| {
        !input::is_stdin(path) && input::source_name(path) != autoscaler.document.source_name()
    };
    let mut sources = Vec::new();
    let mut bytes = 0;
    for path in files.iter().map(AsRef::as_ref).filter(is_other) {
        if let Ok(source) = input::manifest_source(path) {
            bytes += source.bytes.len();
            sources.push(source);
        }
        if bytes > most {
            return Objects::default();
        }
    }
    read_objects(sources)
}
