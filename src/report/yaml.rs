//! The report as YAML: what the JSON says, laid out for reading.
//!
//! Strings are always quoted and exponents have a sign, so that readers of YAML 1.1 and 1.2 see the same values; lists
//! of numbers run on in a line.

use serde::Serialize;
use serde_yaml::Value;

use super::escape;
use super::input::Report;
use super::model::Document;

/// Columns after which a list of numbers goes on in the next line.
const LINE_WIDTH: usize = 100;

/// The report as one YAML document, the same value as the JSON: `-o yaml`.
#[must_use]
pub fn yaml(report: &Report) -> String {
    document(&Document::of(report))
}

/// A model as a YAML document.
pub(super) fn document(model: &impl Serialize) -> String {
    let value = serde_yaml::to_value(model).expect("a model with string keys is a YAML value");
    let mut text = String::new();
    write_block(&value, 0, &mut text);
    text
}

/// A mapping's or a list's lines, each at the indent; anything else is one line.
fn write_block(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Mapping(entries) => {
            for (key, entry) in entries {
                text.push_str(&" ".repeat(indent));
                text.push_str(key.as_str().unwrap_or_default());
                text.push(':');
                write_entry(entry, indent, text);
            }
        }
        Value::Sequence(entries) => {
            for entry in entries {
                text.push_str(&" ".repeat(indent));
                text.push('-');
                let mut lines = String::new();
                write_block(entry, indent + 2, &mut lines);
                text.push(' ');
                text.push_str(lines.trim_start());
            }
        }
        scalar => {
            text.push_str(&" ".repeat(indent));
            text.push_str(&scalar_text(scalar));
            text.push('\n');
        }
    }
}

/// What follows a key: a scalar or a short list in the same line, else a block below.
fn write_entry(entry: &Value, indent: usize, text: &mut String) {
    match entry {
        Value::Mapping(entries) if entries.is_empty() => text.push_str(" {}\n"),
        Value::Sequence(entries) if entries.is_empty() => text.push_str(" []\n"),
        Value::Sequence(entries) if entries.iter().all(Value::is_number_or_null) => {
            text.push('\n');
            write_numbers(entries, indent + 2, text);
        }
        Value::Mapping(_) | Value::Sequence(_) => {
            text.push('\n');
            write_block(entry, indent + 2, text);
        }
        scalar => {
            text.push(' ');
            text.push_str(&scalar_text(scalar));
            text.push('\n');
        }
    }
}

fn write_numbers(numbers: &[Value], indent: usize, text: &mut String) {
    let margin = " ".repeat(indent);
    let mut line = format!("{margin}[");
    for (index, number) in numbers.iter().enumerate() {
        let number = scalar_text(number);
        if line.len() + number.len() + 2 > LINE_WIDTH {
            text.push_str(line.trim_end());
            text.push('\n');
            line = format!("{margin} ");
        }
        line.push_str(&number);
        line.push_str(if index + 1 < numbers.len() { ", " } else { "]" });
    }
    text.push_str(&line);
    text.push('\n');
}

fn scalar_text(scalar: &Value) -> String {
    match scalar {
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => with_signed_exponent(&number.to_string()),
        Value::String(string) => escape::yaml(string),
        _ => "null".to_owned(),
    }
}

/// `1e21` as `1.0e+21`, which every reader takes for a number.
fn with_signed_exponent(number: &str) -> String {
    let Some((digits, exponent)) = number.split_once('e') else {
        return number.to_owned();
    };
    let fraction = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) {
        ""
    } else {
        "+"
    };
    format!("{digits}{fraction}e{sign}{exponent}")
}

/// What decides whether a list runs on in a line.
trait Shape {
    fn is_number_or_null(&self) -> bool;
}

impl Shape for Value {
    fn is_number_or_null(&self) -> bool {
        self.is_number() || self.is_null()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(value: &Value, expected: &str) {
        let mut text = String::new();
        write_block(value, 0, &mut text);
        assert_eq!(text, expected);
        let read: Value = serde_yaml::from_str(&text).expect("what was written is YAML");
        assert_eq!(&read, value);
    }

    fn value(json: &str) -> Value {
        serde_yaml::from_str(json).expect("JSON is YAML")
    }

    #[test]
    fn words_that_some_readers_take_for_booleans_are_quoted() {
        check(
            &value(r#"{"a": "no", "b": "1_000"}"#),
            "a: \"no\"\nb: \"1_000\"\n",
        );
    }

    #[test]
    fn lists_of_numbers_run_on_and_lists_of_mappings_do_not() {
        check(
            &value(
                r#"{"a": [1, null, 2.5], "b": [{"c": 1, "d": []}, {"c": {"e": 2}}], "f": ["x"]}"#,
            ),
            "a:\n  [1, null, 2.5]\nb:\n  - c: 1\n    d: []\n  - c:\n      e: 2\nf:\n  - \"x\"\n",
        );
    }

    #[test]
    fn exponents_have_a_sign_and_a_fraction() {
        assert_eq!(with_signed_exponent("1e21"), "1.0e+21");
        assert_eq!(with_signed_exponent("2.5e-7"), "2.5e-7");
        assert_eq!(with_signed_exponent("25.0"), "25.0");
    }

    proptest! {
        #[test]
        fn every_string_reads_back(text in any::<String>()) {
            let read: String = serde_yaml::from_str(&escape::yaml(&text)).expect("a YAML string");
            prop_assert_eq!(read, text);
        }

        #[test]
        fn every_list_of_numbers_reads_back(numbers in prop::collection::vec(-1e9..1e9_f64, 1..60)) {
            let value = serde_yaml::to_value(std::collections::BTreeMap::from([("a", numbers)])).expect("a value");
            let mut text = String::new();
            write_block(&value, 0, &mut text);
            let read: Value = serde_yaml::from_str(&text).expect("what was written is YAML");
            prop_assert_eq!(read, value);
        }
    }
}
