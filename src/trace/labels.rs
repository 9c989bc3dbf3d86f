//! `Labels`: a series' metric name and labels, and their text form `name{label="value"}`.

use std::fmt;

use super::TraceProblem;
use super::error::quoted;

/// The label that holds a metric's name.
const NAME_LABEL: &str = "__name__";

/// As many labels as a series may have.
const MAX_LABELS: usize = 1_000;

/// A series' metric name and its other labels, sorted, none of them empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Labels {
    name: String,
    others: Vec<(String, String)>,
}

impl Labels {
    /// Labels of pairs in any order, the metric's name among them or not at all.
    ///
    /// # Errors
    /// When a label comes twice, or there are more than a thousand.
    pub(crate) fn new(mut pairs: Vec<(String, String)>) -> Result<Self, TraceProblem> {
        if pairs.len() > MAX_LABELS {
            return Err(TraceProblem::TooManyLabels(MAX_LABELS));
        }
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some(pair) = pairs.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(TraceProblem::DuplicateLabel(quoted(&pair[0].0)));
        }
        // To Prometheus an empty label is one that is not there.
        pairs.retain(|(_, value)| !value.is_empty());
        let name = pairs
            .iter()
            .position(|(label, _)| label == NAME_LABEL)
            .map(|at| pairs.remove(at).1);
        Ok(Self {
            name: name.unwrap_or_default(),
            others: pairs,
        })
    }

    /// A metric without labels.
    pub(crate) fn of_name(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            others: Vec::new(),
        }
    }

    /// Reads `name`, `{label="value"}` or both, if the text is nothing else and has a block of labels.
    pub(crate) fn of_notation(text: &str) -> Option<Self> {
        let open = text.find('{')?;
        let name = &text[..open];
        if !name.is_empty() && !is_metric_name(name) {
            return None;
        }
        let (mut pairs, rest) = label_block(&text[open..]).ok()?;
        if !rest.trim_end().is_empty() {
            return None;
        }
        if !name.is_empty() {
            pairs.push((NAME_LABEL.to_owned(), name.to_owned()));
        }
        Self::new(pairs).ok()
    }

    /// The metric's name; empty if there is none.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A label's value; empty if the series lacks it.
    pub(crate) fn value(&self, label: &str) -> &str {
        if label == NAME_LABEL {
            return &self.name;
        }
        let found = self
            .others
            .binary_search_by(|(name, _)| name.as_str().cmp(label));
        found.map_or("", |at| self.others[at].1.as_str())
    }

    /// The name, and the other labels sorted.
    pub(crate) fn into_parts(self) -> (String, Vec<(String, String)>) {
        (self.name, self.others)
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_series(f, &self.name, &self.others)
    }
}

/// Writes a series as `name{label="value",…}`, with the escapes that Prometheus reads.
pub(crate) fn write_series(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    labels: &[(String, String)],
) -> fmt::Result {
    f.write_str(name)?;
    if labels.is_empty() && !name.is_empty() {
        return Ok(());
    }
    f.write_str("{")?;
    for (index, (label, value)) in labels.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write!(f, "{comma}{label}=\"")?;
        for letter in value.chars() {
            match letter {
                '\\' => f.write_str("\\\\")?,
                '"' => f.write_str("\\\"")?,
                '\n' => f.write_str("\\n")?,
                other => fmt::Write::write_char(f, other)?,
            }
        }
        f.write_str("\"")?;
    }
    f.write_str("}")
}

/// A series so that [`Labels::of_notation`] and the exposition formats read it back: names and labels that are no plain
/// words are quoted, as Prometheus 3 has them.
pub(crate) fn write_notation(name: &str, labels: &[(String, String)]) -> String {
    let is_plain = name.is_empty() || is_metric_name(name);
    let are_plain = labels.iter().all(|(label, _)| is_metric_name(label));
    if is_plain && are_plain {
        let labels = labels.to_vec();
        return Labels {
            name: name.to_owned(),
            others: labels,
        }
        .to_string();
    }
    let name = (!name.is_empty()).then(|| in_quotes(name));
    let labels = labels
        .iter()
        .map(|(label, value)| format!("{}={}", in_quotes(label), in_quotes(value)));
    let all: Vec<String> = name.into_iter().chain(labels).collect();
    format!("{{{}}}", all.join(","))
}

/// A name as it stands after `# TYPE`: quoted where it is no plain word.
pub(crate) fn write_name(name: &str) -> String {
    if is_metric_name(name) {
        name.to_owned()
    } else {
        in_quotes(name)
    }
}

/// The name at the beginning of a text, quoted or not; also what follows it.
pub(crate) fn read_name(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        return quoted_value(text).ok();
    }
    let end = text.find(char::is_whitespace)?;
    Some((text[..end].to_owned(), &text[end..]))
}

fn in_quotes(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n"))
}

/// Whether a text is a metric's name as Prometheus has them.
pub(crate) fn is_metric_name(text: &str) -> bool {
    let mut letters = text.chars();
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
    letters.next().is_some_and(is_first) && letters.all(|c| is_first(c) || c.is_ascii_digit())
}

/// Pairs of a label and its value.
type Pairs = Vec<(String, String)>;

/// Reads `{label="value",…}` at the beginning of a text; also what follows it. Newer expositions put the metric's name
/// into the block as a quoted string of its own, and quote labels that are no plain words.
///
/// # Errors
/// What is wrong, as the rest of a sentence.
pub(crate) fn label_block(text: &str) -> Result<(Pairs, &str), &'static str> {
    let mut rest = text
        .strip_prefix('{')
        .ok_or("labels do not begin with `{`")?
        .trim_start();
    let mut pairs = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((pairs, after));
        }
        if pairs.len() > MAX_LABELS {
            return Err("a series has more than 1000 labels");
        }
        let (label, after) = if rest.starts_with('"') {
            let (label, after) = quoted_value(rest)?;
            let after = after.trim_start();
            if !after.starts_with('=') {
                pairs.push((NAME_LABEL.to_owned(), label));
                rest = next_label(after)?;
                continue;
            }
            (label, after)
        } else {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '-' | '/')))
                .unwrap_or(rest.len());
            if end == 0 {
                return Err("a label has no name");
            }
            (rest[..end].to_owned(), rest[end..].trim_start())
        };
        let after = after
            .strip_prefix('=')
            .ok_or("a label has no `=` after it")?;
        let (value, after) = quoted_value(after.trim_start())?;
        pairs.push((label, value));
        rest = next_label(after.trim_start())?;
    }
}

/// What follows a label: a comma, which may come last too, or the end of the block.
fn next_label(text: &str) -> Result<&str, &'static str> {
    match text.strip_prefix(',') {
        Some(rest) => Ok(rest.trim_start()),
        None if text.starts_with('}') => Ok(text),
        None => Err("labels are not closed by `}`"),
    }
}

/// Reads a string in double quotes, with `\\`, `\"` and `\n`; also what follows it.
fn quoted_value(text: &str) -> Result<(String, &str), &'static str> {
    let rest = text
        .strip_prefix('"')
        .ok_or("a label's value is not in double quotes")?;
    let plain = rest.find(['"', '\\']).ok_or("a quote is never closed")?;
    if rest[plain..].starts_with('"') {
        return Ok((rest[..plain].to_owned(), &rest[plain + 1..]));
    }
    let mut value = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &rest[at + 1..])),
            '\\' => match letters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, other)) => value.push(other),
                None => break,
            },
            other => value.push(other),
        }
    }
    Err("a quote is never closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, labels: &[(&str, &str)]) {
        let read = Labels::of_notation(text).expect("a series");
        assert_eq!(read.name(), name);
        let pairs: Vec<_> = read
            .others
            .iter()
            .map(|(label, value)| (label.as_str(), value.as_str()))
            .collect();
        assert_eq!(pairs, labels);
    }

    #[test]
    fn labels_are_read_sorted_with_their_escapes() {
        check("rps{b=\"2\", a=\"1\",}", "rps", &[("a", "1"), ("b", "2")]);
        check(
            r#"{__name__="rps",path="C:\\a\"b\nc"}"#,
            "rps",
            &[("path", "C:\\a\"b\nc")],
        );
        check(
            r#"{"http.requests", "service.name"="web"}"#,
            "http.requests",
            &[("service.name", "web")],
        );
        check("{}", "", &[]);
        check("up{gone=\"\"}", "up", &[]);
    }

    #[test]
    fn what_is_no_series_is_none() {
        for text in [
            "rps",
            "rps{",
            "rps{a}",
            "rps{a=b}",
            "a b{}",
            "rps{} 1",
            "2x{}",
            "{a=\"1\",a=\"2\"}",
        ] {
            assert_eq!(Labels::of_notation(text), None, "{text}");
        }
    }

    #[test]
    fn a_series_reads_back_as_written() {
        let text = r#"rps{a="x\\y",b="q\"\n"}"#;
        let read = Labels::of_notation(text).expect("a series");
        assert_eq!(read.to_string(), text);
    }
}
