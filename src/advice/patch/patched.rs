//! The user's own file with the change made in it.

use super::edit::{self, Edit};
use super::editor;
use super::error::PatchError;
use super::plan::{Plan, plan};
use super::unified_diff;
use crate::hpa::HpaSpec;
use crate::manifest::{Autoscaler, Manifests, Source, SourceForm, Workload, read};

/// The edits of one autoscaler's file.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The name of the file, as it was named to the reader.
    pub source_name: String,
    /// Which fields change, and what is left out.
    pub plan: Plan,
    /// The edits of the file's bytes in order, none overlapping.
    pub edits: Vec<Edit>,
    /// The file after the edits.
    pub after: Vec<u8>,
}

/// Changes an autoscaler in the bytes of its own file, so that reading them gives what is wanted ([`Plan::reached`]).
/// Bytes that need not change stay: comments, order, quotes, indentation, line ends and other documents. The result has
/// been read again before it is handed out.
///
/// # Errors
/// As [`plan`]; and when the file is no plain text (compressed, UTF-16, a pipe), when a value that has to change is
/// shared through an anchor, or when it is written in a way that can't be edited in place.
pub fn edits(autoscaler: &Autoscaler, wanted: &HpaSpec) -> Result<Patch, PatchError> {
    let document = &autoscaler.document;
    let source_name = document.source_name().to_owned();
    if source_name == "<stdin>" {
        return Err(PatchError::NoFile { source_name });
    }
    let form = match document.source_form() {
        SourceForm::Plain => None,
        SourceForm::Gzip => Some("compressed"),
        SourceForm::Utf16 => Some("in UTF-16"),
    };
    if let Some(form) = form {
        return Err(PatchError::NotPlain { source_name, form });
    }
    let plan = plan(autoscaler, wanted)?;
    let before = document.source_bytes();
    let edits = edit::in_order(editor::edits(&plan)?, before.len()).ok_or_else(|| {
        PatchError::Unfaithful {
            source_name: source_name.clone(),
            detail: "two edits meet".to_owned(),
        }
    })?;
    let patch = Patch {
        after: edit::apply(before, &edits),
        source_name,
        plan,
        edits,
    };
    if !patch.edits.is_empty() {
        patch.check(autoscaler)?;
    }
    Ok(patch)
}

impl Patch {
    /// The file before the edits.
    #[must_use]
    pub fn before(&self) -> &[u8] {
        self.plan.document.source_bytes()
    }

    /// The edits as a unified diff that `git apply` and `patch -p1` take; empty if there are none.
    #[must_use]
    pub fn unified_diff(&self) -> Vec<u8> {
        unified_diff(&self.source_name, self.before(), &self.edits)
    }

    /// The edits of several autoscalers of the same file as one list, in order; `None` if they overlap, as those of the
    /// same autoscaler do.
    #[must_use]
    pub fn join(patches: &[Self]) -> Option<Vec<Edit>> {
        let edits = patches.iter().flat_map(|patch| patch.edits.clone());
        let length = patches.first().map_or(0, |patch| patch.before().len());
        edit::in_order(edits.collect(), length)
    }

    /// The file after such edits.
    #[must_use]
    pub fn apply(before: &[u8], edits: &[Edit]) -> Vec<u8> {
        edit::apply(before, edits)
    }

    /// Reads the file before and after: the one autoscaler has to mean what is wanted, and all else what it meant.
    fn check(&self, autoscaler: &Autoscaler) -> Result<(), PatchError> {
        let unfaithful = |detail: String| PatchError::Unfaithful {
            source_name: self.source_name.clone(),
            detail,
        };
        let before = self.read(self.before().to_vec());
        let after = self.read(self.after.clone());
        if let Some(error) = after
            .errors
            .iter()
            .find(|error| !before.errors.iter().any(|old| old.message == error.message))
        {
            return Err(unfaithful(error.message.clone()));
        }
        let number = before.autoscalers.iter().position(|other| {
            (other.origin.line, other.origin.column)
                == (autoscaler.origin.line, autoscaler.origin.column)
        });
        if before.autoscalers.len() != after.autoscalers.len()
            || before.errors.len() != after.errors.len()
        {
            return Err(unfaithful("another number of objects".to_owned()));
        }
        for (at, (old, new)) in before
            .autoscalers
            .iter()
            .zip(&after.autoscalers)
            .enumerate()
        {
            let wanted = if Some(at) == number {
                &self.plan.reached
            } else {
                &old.spec
            };
            let is_same = (
                &old.name,
                &old.namespace,
                &old.scale_target,
                &old.api_version,
            ) == (
                &new.name,
                &new.namespace,
                &new.scale_target,
                &new.api_version,
            );
            if new.spec != *wanted || !is_same {
                return Err(unfaithful(format!(
                    "`{}` would mean something else",
                    old.name
                )));
            }
        }
        let bare = |workload: &Workload| {
            let mut bare = workload.clone();
            bare.origin.clone_from(&autoscaler.origin);
            bare
        };
        let same = before.workloads.len() == after.workloads.len()
            && before
                .workloads
                .iter()
                .zip(&after.workloads)
                .all(|(old, new)| bare(old) == bare(new));
        if number.is_none() || !same {
            return Err(unfaithful("another object would change".to_owned()));
        }
        Ok(())
    }

    fn read(&self, bytes: Vec<u8>) -> Manifests {
        read(vec![Source {
            name: self.source_name.clone(),
            bytes,
        }])
    }
}
