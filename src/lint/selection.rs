//! Which rules run, and how much their findings matter.

use thiserror::Error;

use super::finding::Severity;
use super::registry::RULES;
use super::rule::Rule;

/// Which rules run: those that `select` names, without those that `ignore` names. The longer of two codes wins, so that
/// `--ignore SP2 --select SP204` runs SP204 alone of its hundred; of equal ones `ignore`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// What runs; everything if it is empty.
    pub select: Vec<Choice>,
    /// What doesn't.
    pub ignore: Vec<Choice>,
    /// Severities in place of the rules' own, the last that fits wins.
    pub severities: Vec<(Choice, Severity)>,
}

/// A rule, or all whose codes begin alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The beginning of a code; empty for all.
    prefix: String,
}

/// A text that chooses no rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no rule, expected a code such as `SP204`, the beginning of one, a name such as `static-replicas`, or `all`"
)]
pub struct ChoiceError(String);

impl std::str::FromStr for Choice {
    type Err = ChoiceError;

    /// Reads `SP204`, `SP2`, `static-replicas` or `all`.
    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self {
                prefix: String::new(),
            });
        }
        let upper = text.to_ascii_uppercase();
        let begins = |rule: &&Rule| rule.code.starts_with(&upper) && upper.starts_with("SP");
        let named = RULES.iter().find(|rule| rule.slug == text);
        match (named, RULES.iter().find(begins)) {
            (Some(rule), _) => Ok(Self {
                prefix: rule.code.to_owned(),
            }),
            (None, Some(_)) => Ok(Self { prefix: upper }),
            (None, None) => Err(ChoiceError(text.to_owned())),
        }
    }
}

impl Choice {
    /// How many letters of a code it leaves open: the narrower, the smaller.
    #[must_use]
    pub fn breadth(&self) -> usize {
        "SP204".len().saturating_sub(self.prefix.len())
    }

    fn holds(&self, rule: &Rule) -> bool {
        rule.code.starts_with(&self.prefix)
    }
}

impl Selection {
    /// Only one rule.
    #[must_use]
    pub fn only(rule: &Rule) -> Self {
        let choice = Choice {
            prefix: rule.code.to_owned(),
        };
        Self {
            select: vec![choice],
            ..Self::default()
        }
    }

    /// Whether a rule runs.
    #[must_use]
    pub fn runs(&self, rule: &Rule) -> bool {
        let longest = |choices: &[Choice]| {
            let fitting = choices.iter().filter(|choice| choice.holds(rule));
            fitting.map(|choice| choice.prefix.len()).max()
        };
        let selected = match longest(&self.select) {
            None if self.select.is_empty() => Some(0),
            length => length,
        };
        match (selected, longest(&self.ignore)) {
            (Some(selected), Some(ignored)) => selected > ignored,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// The severity that stands in for all severities of a rule's findings, if there is one.
    #[must_use]
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        let mut fitting = self.severities.iter().rev();
        fitting
            .find(|(choice, _)| choice.holds(rule))
            .map(|(_, severity)| *severity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::registry::rule;

    fn choices(texts: &[&str]) -> Vec<Choice> {
        texts
            .iter()
            .map(|text| text.parse().expect("it chooses a rule"))
            .collect()
    }

    #[track_caller]
    fn check(select: &[&str], ignore: &[&str], expected: bool) {
        let selection = Selection {
            select: choices(select),
            ignore: choices(ignore),
            severities: Vec::new(),
        };
        let rule = rule("SP204").expect("there is such a rule");
        assert_eq!(selection.runs(rule), expected, "{select:?} {ignore:?}");
    }

    #[test]
    fn the_longer_code_wins() {
        check(&[], &[], true);
        check(&["all"], &[], true);
        check(&["SP2"], &[], true);
        check(&["sp1"], &[], false);
        check(&[], &["SP2"], false);
        check(&["SP204"], &["SP2"], true);
        check(&["SP2"], &["SP204"], false);
        check(&["static-replicas"], &["static-replicas"], false);
    }

    #[test]
    fn what_chooses_no_rule_is_refused() {
        for text in ["", "X", "SP7", "204", "no-such-rule"] {
            assert!(text.parse::<Choice>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_last_severity_that_fits_stands() {
        let mut selection = Selection::default();
        let rule = rule("SP204").expect("there is such a rule");
        assert_eq!(selection.severity(rule), None);
        for (text, severity) in [("SP2", Severity::Error), ("SP204", Severity::Info)] {
            let choice = text.parse().expect("it chooses a rule");
            selection.severities.push((choice, severity));
        }
        assert_eq!(selection.severity(rule), Some(Severity::Info));
    }
}
