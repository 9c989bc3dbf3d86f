//! Chooses series by metric name and labels, in PromQL's form without its regular expressions.

use std::fmt;

use super::labels::Labels;

/// Series with a certain name and certain labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    /// As the caller wrote it.
    text: String,
    name: Option<String>,
    labels: Vec<Matcher>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Matcher {
    label: String,
    value: String,
    is: Comparison,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Different,
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Selector {
    /// The selector of all series of a name.
    pub(crate) fn of_name(name: &str) -> Self {
        Self {
            text: name.to_owned(),
            name: Some(name.to_owned()),
            labels: Vec::new(),
        }
    }

    /// Reads `name`, `{label="value",other!="value"}` or both.
    pub(crate) fn parse(whole: &str) -> Option<Self> {
        let text = whole.trim();
        let (name, rest) = match text.find('{') {
            Some(at) => (&text[..at], &text[at..]),
            None => (text, "{}"),
        };
        let name = name.trim();
        if name.is_empty() && rest == "{}" || name.contains(['"', '}', ' ']) {
            return None;
        }
        let mut rest = rest.strip_prefix('{')?.trim_start();
        let mut labels = Vec::new();
        while !rest.starts_with('}') {
            let (matcher, after) = Matcher::parse(rest)?;
            labels.push(matcher);
            rest = after.trim_start();
            rest = match rest.strip_prefix(',') {
                Some(next) => next.trim_start(),
                None if rest.starts_with('}') => rest,
                None => return None,
            };
        }
        (rest == "}").then(|| Self {
            text: whole.to_owned(),
            name: (!name.is_empty()).then(|| name.to_owned()),
            labels,
        })
    }

    /// Whether a series is one of those; a label that it lacks is empty.
    pub(crate) fn matches(&self, series: &Labels) -> bool {
        self.name.as_ref().is_none_or(|name| series.name() == name)
            && self.labels.iter().all(|matcher| {
                let value = series.value(&matcher.label);
                (value == matcher.value) == (matcher.is == Comparison::Equal)
            })
    }
}

impl Matcher {
    /// Reads `label="value"` or `label!="value"`; also what follows it.
    fn parse(text: &str) -> Option<(Self, &str)> {
        let (label, rest) = text.split_once('=')?;
        let (label, is) = match label.strip_suffix('!') {
            Some(label) => (label, Comparison::Different),
            None => (label, Comparison::Equal),
        };
        let label = label.trim();
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if label.is_empty() || !label.chars().all(is_word) {
            return None;
        }
        let rest = rest.trim_start().strip_prefix('"')?;
        let mut value = String::new();
        let mut letters = rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    let label = label.to_owned();
                    return Some((Self { label, value, is }, &rest[at + 1..]));
                }
                '\\' => value.push(letters.next()?.1),
                other => value.push(other),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(selector: &str, series: &[(&str, &str)], expected: bool) {
        let labels = series
            .iter()
            .map(|(l, v)| ((*l).to_owned(), (*v).to_owned()))
            .collect();
        let selector = Selector::parse(selector).expect("valid selector");
        assert_eq!(
            selector.matches(&Labels::new(labels).expect("distinct")),
            expected
        );
    }

    #[test]
    fn names_and_labels_select() {
        let series = [("__name__", "rps"), ("pod", "web-0"), ("zone", "a\"b")];
        check("rps", &series, true);
        check("qps", &series, false);
        check("{pod=\"web-0\"}", &series, true);
        check("rps{ pod = \"web-0\", zone=\"a\\\"b\", }", &series, true);
        check("rps{pod!=\"web-0\"}", &series, false);
        check("{missing=\"\"}", &series, true);
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for text in [
            "",
            "{}",
            "rps{",
            "rps{pod}",
            "rps{pod=web}",
            "rps{pod=\"web\"",
            "rps{pod=~\"w.*\"}",
            "a b",
            "rps{}x",
            "rps{a=\"1\" b=\"2\"}",
        ] {
            assert_eq!(Selector::parse(text), None, "{text}");
        }
    }
}
