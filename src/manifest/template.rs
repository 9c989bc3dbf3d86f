//! Tells a template from a manifest.

use super::document::Position;
use super::error::{ErrorKind, Fault};
use super::source::Chunk;

/// Which language a template is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// Go templates, as in Helm charts: `{{ .Values.x }}`.
    Go,
    /// Jinja statements: `{% if x %}`.
    Jinja,
    /// Terraform's templatefile, envsubst, Flux: `${x}`.
    Dollar,
    /// Directives of Terraform's templatefile: `%{ if x }`.
    Terraform,
}

/// The fault of a place that a template has to fill first.
pub(crate) fn unrendered(at: Position) -> Fault {
    fault(at, Language::Go)
}

/// Whether a value that is needed holds a template's action in place of the value.
pub(crate) fn in_value(text: &str) -> Option<Language> {
    if !text.as_bytes().contains(&b'{') {
        None
    } else if text.contains("{{") {
        Some(Language::Go)
    } else if text.contains("{%") {
        Some(Language::Jinja)
    } else if text.contains("${") {
        Some(Language::Dollar)
    } else {
        None
    }
}

/// The fault of a value that `in_value` recognised.
pub(crate) fn fault(at: Position, language: Language) -> Fault {
    let message = match language {
        Language::Go => {
            "this is a Go template, expected a manifest; render it first: `helm template CHART | scaleplan ... -`"
        }
        Language::Jinja => "this is a Jinja template, expected a manifest; render it first",
        Language::Terraform => {
            "this is a Terraform template, expected a manifest; render it first: `templatefile(...)` in `terraform console`"
        }
        Language::Dollar => {
            "`${...}` is a template's variable, expected its value; render it first (terraform, envsubst, `flux envsubst`)"
        }
    };
    Fault::new(at, ErrorKind::Template, message)
}

/// The fault of text that doesn't parse because it is a template; `None` if nothing in it looks like one.
///
/// Alerting rules and the like hold `{{ ... }}` within their strings, so it counts only where a value or line starts
/// with it, or on the very line that doesn't parse.
pub(crate) fn explains(chunk: &Chunk<'_>, text: &str, bad_line: u32) -> Option<Fault> {
    let mut start = 0;
    for (line, number) in text.split_inclusive('\n').zip(chunk.start.line..) {
        for (opening, language) in [
            ("{{", Language::Go),
            ("{%", Language::Jinja),
            ("%{", Language::Terraform),
        ] {
            if let Some(at) = line.find(opening)
                && (number == bad_line || starts_value(&line[..at]))
                && !line.trim_start().starts_with('#')
            {
                return Some(fault(chunk.position(start + at), language));
            }
        }
        start += line.len();
    }
    None
}

/// Whether what follows on a line is the start of a line, an item or a value.
fn starts_value(before: &str) -> bool {
    let before = before.trim();
    before.is_empty() || before.ends_with([':', '-'])
}
