//! `scaleplan explain SP204`: what a rule of lint is about; `scaleplan explain SP2`: which rules there are.

use anyhow::{Result, anyhow};

use super::exit::ExitStatus;
use super::lint_args::RuleArgs;
use super::output::{self, printable};
use super::words;
use crate::lint::{self, RULES};
use crate::report;

/// Prints the explanation of the rule that was named.
pub(super) fn explain(args: &RuleArgs) -> Result<ExitStatus> {
    output::set_colour(args.color);
    explain_rule(args.topic.as_deref().unwrap_or_default())
}

/// Prints the explanation of a rule, given by code or name; of the beginning of codes, which there are.
fn explain_rule(name: &str) -> Result<ExitStatus> {
    if lint::rule(name).is_none() {
        let beginning = name.to_ascii_uppercase();
        let meant = RULES
            .iter()
            .filter(|rule| beginning.starts_with("SP") && rule.code.starts_with(&beginning));
        if meant.clone().next().is_some() {
            output::report(&report::rule_list(meant, output::text_style()))?;
            return Ok(ExitStatus::Clean);
        }
    }
    let rule = lint::rule(name).ok_or_else(|| {
        let names = RULES.iter().map(|rule| rule.slug);
        let meant = words::nearest(name, &names.collect::<Vec<_>>());
        let expected = meant.map_or_else(
            || "`scaleplan lint --list-rules` lists them".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        anyhow!("`{}` is no rule, {expected}", printable(name))
    })?;
    output::report(&report::rule_explanation(rule, output::text_style()))?;
    Ok(ExitStatus::Clean)
}
