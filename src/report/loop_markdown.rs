//! `explain loop` as Markdown, sized for a comment on a pull request.

use super::escape::{markdown_code, markdown_text};
use super::loop_input::{ExplainedLoop, NO_BREAK, finding, numbers, title};
use crate::advice::theory::Part;

/// The loop as Markdown: `explain loop -o markdown`.
#[must_use]
pub fn loop_markdown(explained: &ExplainedLoop) -> String {
    let mut lines = Vec::new();
    for (index, sentence) in explained.heading(markdown_code).into_iter().enumerate() {
        lines.push(if index == 0 {
            format!("### {sentence}")
        } else {
            sentence
        });
        lines.push(String::new());
    }
    for part in Part::ALL {
        let rows = explained.rows(part);
        if rows.is_empty() {
            continue;
        }
        lines.push(format!("#### {}", title(part)));
        lines.push(String::new());
        let mut heading = "| quantity".to_owned();
        for backend in &explained.report.backends {
            heading.push_str(" | ");
            heading.push_str(&markdown_code(&backend.backend));
        }
        lines.push(heading + " | formula | numbers | source |");
        lines.push("|---".repeat(explained.report.backends.len() + 4) + "|");
        for row in rows {
            let Some((_, first)) = row.first() else {
                continue;
            };
            let mut cells = vec![markdown_text(first.quantity)];
            for backend in &explained.report.backends {
                let own = row
                    .iter()
                    .find(|(other, _)| other.backend == backend.backend);
                let told = own.map_or_else(String::new, |(_, reason)| finding(&reason.finding));
                cells.push(markdown_text(&told));
            }
            cells.push(markdown_code(first.formula));
            cells.push(markdown_text(&numbers(&row).replace(NO_BREAK, " ")));
            cells.push(markdown_text(first.source));
            lines.push(format!("| {} |", cells.join(" | ")));
        }
        lines.push(String::new());
    }
    for warning in &explained.control.warnings {
        lines.push(format!("> {}", markdown_text(warning)));
    }
    lines.join("\n").trim_end().to_owned() + "\n"
}
