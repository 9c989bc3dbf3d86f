//! `LintReport`: what every form of a lint report draws.

use std::collections::BTreeMap;

use crate::lint::{Finding, Linted, Severity};

/// What was found in a set of files.
#[derive(Clone, Debug)]
pub struct LintReport<'a> {
    /// Findings to tell, and findings that are silenced in the files.
    pub linted: &'a Linted,
    /// Findings that a baseline knows; `None` where there is no baseline.
    pub known: Option<&'a [Finding]>,
    /// The text of each file by its name, for excerpts.
    pub texts: BTreeMap<&'a str, &'a [u8]>,
    /// How many files were read.
    pub files: usize,
    /// How many objects they hold.
    pub objects: usize,
}

/// What can be counted of a lint report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) infos: usize,
    /// Files with findings.
    pub(crate) files: usize,
    /// Findings with a fix.
    pub(crate) fixable: usize,
}

impl LintReport<'_> {
    pub(crate) fn tally(&self) -> Tally {
        let findings = &self.linted.findings;
        let of = |severity| findings.iter().filter(|it| it.severity == severity).count();
        let in_one_file = |one: &Finding, other: &Finding| one.place.source == other.place.source;
        Tally {
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
            infos: of(Severity::Info),
            files: findings.chunk_by(in_one_file).count(),
            fixable: findings.iter().filter(|it| it.fix.is_some()).count(),
        }
    }

    /// The findings that a baseline knows; none without one.
    pub(crate) fn known(&self) -> &[Finding] {
        self.known.unwrap_or_default()
    }
}
