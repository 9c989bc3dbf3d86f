//! What is known of the rules: one explained, all listed, and the page of all.

use std::fmt::Write as _;

use super::input::Colour;
use super::layout::wrap;
use super::lint_text::TextStyle;
use super::paint::{Tone, paint};
use crate::lint::{Group, RULES, Rule};

/// The widest that an explanation is drawn, columns.
const WIDEST: u16 = 100;

/// A rule's explanation for reading: `scaleplan explain SP204`.
#[must_use]
pub fn rule_explanation(rule: &Rule, style: TextStyle) -> String {
    let TextStyle { colour, width } = style;
    let width = width.unwrap_or(WIDEST).clamp(40, WIDEST);
    let head = format!("{} {} ({})", rule.code, rule.slug, rule.severity);
    let mut text = format!("{}\n\n", paint(&head, Tone::Heading, colour));
    put_paragraphs(&mut text, rule.title(), width, colour);
    for section in rule.sections() {
        text.push('\n');
        text.push_str(&paint(section.heading, Tone::Heading, colour));
        text.push('\n');
        put_paragraphs(&mut text, &section.body, width, colour);
    }
    text
}

/// One line a rule: `scaleplan lint --list-rules`, and `scaleplan explain SP9`.
#[must_use]
pub fn rule_list<'a>(rules: impl Iterator<Item = &'a Rule> + Clone, style: TextStyle) -> String {
    let longest = rules.clone().map(|rule| rule.slug.len()).max();
    let longest = longest.unwrap_or_default();
    rules
        .map(|rule| {
            let code = paint(rule.code, Tone::Heading, style.colour);
            let title = rule.title().trim_end_matches('.');
            format!(
                "{code}  {:<longest$}  {:<7}  {title}\n",
                rule.slug,
                rule.severity.name()
            )
        })
        .collect::<Vec<String>>()
        .concat()
}

/// The page of all rules in Markdown, `docs/rules.md`.
#[must_use]
pub fn rules_page() -> String {
    // Writing to a string cannot fail.
    let mut page = String::from(
        "# Rules\n\nWhat `scaleplan lint` looks for. This page is made from the head comments of `src/lint/rules/*.rs`; \
         `UPDATE_DOCS=1 cargo test --test it docs` writes it anew. `scaleplan explain SP204` prints one of them, \
         [ci.md](ci.md) says how to run and configure `lint`.\n",
    );
    let mut group = None;
    for rule in RULES {
        if group != Some(rule.group()) {
            group = Some(rule.group());
            let heading = heading_of(rule.group());
            let _ = writeln!(
                page,
                "\n## {heading}\n\n| code | name | severity | what is wrong |\n|---|---|---|---|"
            );
            for rule in RULES.iter().filter(|other| other.group() == rule.group()) {
                let anchor = format!("{}-{}", rule.code.to_lowercase(), rule.slug);
                let _ = writeln!(
                    page,
                    "| [{}](#{anchor}) | {} | {} | {} |",
                    rule.code,
                    rule.slug,
                    rule.severity,
                    rule.title().replace('|', "\\|")
                );
            }
        }
    }
    for rule in RULES {
        let _ = writeln!(
            page,
            "\n## {} {}\n\n{} *{}.*",
            rule.code,
            rule.slug,
            rule.title(),
            capitalized(rule.severity.name())
        );
        for section in rule.sections() {
            let _ = writeln!(page, "\n**{}**\n\n{}", section.heading, section.body);
        }
    }
    page
}

fn heading_of(group: Group) -> &'static str {
    match group {
        Group::Files => "Files and suppressions",
        Group::Autoscaler => "The autoscaler by itself",
        Group::Neighbours => "The autoscaler among other objects",
        Group::Target => "Targets, requests and probes",
        Group::Behavior => "How it scales",
        Group::Keda => "KEDA",
        Group::VirtualMachines => "Virtual machines",
        Group::Replay => "What a replay shows",
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Markdown for a terminal: paragraphs are wrapped, code stands as it is.
fn put_paragraphs(text: &mut String, body: &str, width: u16, colour: Colour) {
    let mut paragraph = String::new();
    let mut in_code = false;
    for line in body.lines().chain([""]) {
        let is_fence = line.starts_with("```");
        let is_item = line.starts_with("* ") || line.starts_with("- ");
        let ends = is_fence || is_item || line.is_empty() || line.starts_with('|');
        if (ends || in_code) && !paragraph.is_empty() {
            let indent = if paragraph.starts_with("* ") || paragraph.starts_with("- ") {
                4
            } else {
                2
            };
            for (index, wrapped) in wrap(&paragraph, width - 2, indent).iter().enumerate() {
                let margin = if index == 0 { "  " } else { "" };
                let _ = writeln!(text, "{margin}{wrapped}");
            }
            paragraph.clear();
        }
        if is_fence {
            in_code = !in_code;
        } else if in_code || line.starts_with('|') {
            let _ = writeln!(text, "    {}", paint(line, Tone::Faint, colour));
        } else if line.is_empty() {
            if !text.ends_with("\n\n") {
                text.push('\n');
            }
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim_start());
        }
    }
    while text.ends_with("\n\n") {
        text.pop();
    }
}
