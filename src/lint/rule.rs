//! `Rule`: what is known of a rule, its explanation, and its check.

use std::fmt;

use super::context::Context;
use super::finding::{Findings, Severity};

/// One rule.
pub struct Rule {
    /// `SP204` and the like: it never changes its meaning.
    pub code: &'static str,
    /// What people call it, such as `static-replicas`: its file's name with hyphens.
    pub slug: &'static str,
    /// How much its findings matter, if the rule doesn't say otherwise for one of them.
    pub severity: Severity,
    /// The text of its file, whose head comment is the explanation.
    pub(crate) text: &'static str,
    /// Looks at the manifests and puts what it finds.
    pub(crate) check: fn(&Context<'_>, &mut Findings),
}

/// What a rule is about, by the first digit of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// SP0: files, suppressions.
    Files,
    /// SP1: the autoscaler by itself.
    Autoscaler,
    /// SP2: the autoscaler among other objects.
    Neighbours,
    /// SP3: targets, requests, probes.
    Target,
    /// SP4: how it scales.
    Behavior,
    /// SP5: KEDA's ScaledObjects.
    Keda,
    /// SP6: virtual machines.
    VirtualMachines,
    /// SP9: what a replay shows.
    Replay,
}

/// A part of a rule's explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading, such as `Why is this bad`.
    pub heading: &'static str,
    /// Its text in Markdown.
    pub body: String,
}

impl Rule {
    /// What it is about.
    #[must_use]
    pub fn group(&self) -> Group {
        match self.code.as_bytes().get(2) {
            Some(b'1') => Group::Autoscaler,
            Some(b'2') => Group::Neighbours,
            Some(b'3') => Group::Target,
            Some(b'4') => Group::Behavior,
            Some(b'5') => Group::Keda,
            Some(b'6') => Group::VirtualMachines,
            Some(b'9') => Group::Replay,
            _ => Group::Files,
        }
    }

    /// What it says in one sentence: the first line of its head comment.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.lines().next().unwrap_or_default()
    }

    /// The parts of its explanation, in order.
    #[must_use]
    pub fn sections(&self) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        for line in self.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                sections.push(Section {
                    heading,
                    body: String::new(),
                });
            } else if let Some(section) = sections.last_mut() {
                section.body.push_str(line);
                section.body.push('\n');
            }
        }
        for section in &mut sections {
            section.body = section.body.trim().to_owned();
        }
        sections
    }

    /// The text of one part of its explanation.
    #[must_use]
    pub fn section(&self, heading: &str) -> Option<String> {
        let mut sections = self.sections().into_iter();
        sections
            .find(|section| section.heading == heading)
            .map(|section| section.body)
    }

    /// The lines of its head comment.
    fn lines(&self) -> impl Iterator<Item = &'static str> {
        self.text
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.slug)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}
