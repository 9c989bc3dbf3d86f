//! The scenario file's text: read within bounds, refused in a user's words.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue};
use saphyr_parser::{Event, Parser};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

use super::Settings;

/// How deep a scenario file may nest; its own keys take three levels.
const DEEPEST: usize = 16;

/// What serde calls things, and what they are for a user.
const WORDS: [(&str, &str); 10] = [
    ("invalid type: ", "found "),
    ("invalid value: ", "found "),
    (
        "expected struct Settings",
        "expected lines such as `runs: 20`",
    ),
    (
        "expected struct BackendSettings",
        "expected keys such as `like: vm`",
    ),
    ("expected u32", "expected a whole number, zero or more"),
    ("expected u64", "expected a whole number, zero or more"),
    ("expected f64", "expected a number"),
    ("expected a sequence", "expected a list"),
    ("unknown field `", "unknown key `"),
    ("missing field `", "missing key `"),
];

/// Reads settings from a scenario file's text. `Flags` is a command with the settings as its flags, asked for names.
pub(super) fn read<Flags: CommandFactory>(text: &str) -> Result<Settings, String> {
    check_form(text)?;
    let whole: Option<Settings> =
        serde_yaml::from_str(text).map_err(|error| in_words::<Flags>(&error))?;
    Ok(whole.unwrap_or_default())
}

/// Refuses a text that is no YAML, or whose nesting alone would take the YAML reader long.
fn check_form(text: &str) -> Result<(), String> {
    let too_deep = |line: usize| {
        format!(
            "line {line}: nested more than {DEEPEST} levels deep, expected lines such as `runs: 20`"
        )
    };
    let mut depth = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let (place, problem) = (error.marker(), error.info());
            if problem == "recursion limit exceeded" {
                return too_deep(place.line());
            }
            let (line, column) = (place.line(), place.col() + 1);
            format!("line {line}, column {column}: not YAML: {problem}")
        })?;
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(too_deep(span.start.line()));
        }
    }
    Ok(())
}

fn in_words<Flags: CommandFactory>(error: &serde_yaml::Error) -> String {
    let mut message = error.to_string();
    let mut place = String::new();
    if let Some(location) = error.location() {
        let (line, column) = (location.line(), location.column());
        let suffix = format!(" at line {line} column {column}");
        if let Some(bare) = message.strip_suffix(&suffix) {
            message = bare.to_owned();
            place = format!("line {line}, column {column}: ");
        }
    }
    if let Some(rest) = message.strip_prefix("unknown field `")
        && let Some((key, _)) = rest.split_once('`')
    {
        let meant = nearest::<Flags>(key).map_or_else(
            || "expected one that `scaleplan init -` lists".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        message = format!("`{}` is no setting, {meant}", key.escape_debug());
        // The one place that the library keeps to itself is the beginning of the file.
        if place.is_empty() {
            "line 1, column 1: ".clone_into(&mut place);
        }
    }
    for (word, meaning) in WORDS {
        message = message.replace(word, meaning);
    }
    if message.starts_with("metric") && !message.contains(" such as ") {
        message.push_str(" such as `metric: [http_requests=rate]`");
    }
    place + &message
}

/// The setting whose name is nearest to a key that is none, by what clap suggests for such a flag.
fn nearest<Flags: CommandFactory>(key: &str) -> Option<String> {
    let name = key.replace('_', "-");
    let command = Flags::command();
    if command
        .get_arguments()
        .any(|argument| argument.get_long() == Some(name.as_str()))
    {
        return Some(name);
    }
    let refused = command.try_get_matches_from([format!("--{name}")]).err()?;
    match refused.get(ContextKind::SuggestedArg)? {
        ContextValue::String(flag) => flag.strip_prefix("--").map(str::to_owned),
        _ => None,
    }
}

/// Reads a value through its `FromStr`; a bare number is read as its text.
pub(super) fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    deserializer.deserialize_any(Text(PhantomData))
}

/// Reads an optional value through its `FromStr`.
pub(super) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    struct Parsed<T>(T);
    impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            parsed(deserializer).map(Self)
        }
    }
    let parsed = Option::<Parsed<T>>::deserialize(deserializer)?;
    Ok(parsed.map(|Parsed(value)| value))
}

/// Parses while the reader still knows the place.
struct Text<T>(PhantomData<T>);

impl<T: FromStr<Err: Display>> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a single value")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = Settings::from_file(text).expect_err("no scenario file");
        assert_eq!(error, expected);
    }

    #[test]
    fn a_refusal_names_place_value_and_what_was_expected() {
        check(
            "runs: 3\nrunz: 4\n",
            "line 2, column 1: `runz` is no setting, did you mean `runs`?",
        );
        check(
            "sync_period: 15s",
            "line 1, column 1: `sync_period` is no setting, did you mean `sync-period`?",
        );
        check(
            "qqqqqq: 1",
            "line 1, column 1: `qqqqqq` is no setting, expected one that `scaleplan init -` lists",
        );
        check(
            "seed: 1\nruns: many",
            "line 2, column 7: runs: found string \"many\", expected a whole number, zero or more",
        );
        check(
            "timeout: 15",
            "line 1, column 10: timeout: `15` is not a length of time, expected a number with a unit such as \
             `300ms`, `15s`, `5m` or `1h30m`",
        );
        check(
            "metric: [x]",
            "line 1, column 10: metric[0]: `x` maps no metric, expected NAME=SOURCE such as `http_requests=rate`",
        );
        check(
            "metric: x=rate",
            "line 1, column 9: metric: found string \"x=rate\", expected a list such as `metric: [http_requests=rate]`",
        );
        check(
            "metric: {x: rate}",
            "line 1, column 9: metric: found map, expected a list such as `metric: [http_requests=rate]`",
        );
        check("- a", "found sequence, expected lines such as `runs: 20`");
    }

    #[test]
    fn nesting_without_end_is_refused_at_once() {
        let expected = "line 1: nested more than 16 levels deep, expected lines such as `runs: 20`";
        check(&format!("metric: {}", "[".repeat(100_000)), expected);
        check(&"{a: ".repeat(100_000), expected);
        check(&"- ".repeat(100_000), expected);
    }

    #[test]
    fn a_bare_number_is_as_good_as_a_text() {
        let settings = Settings::from_file("cpu-request: 1\ncpu-limit: 0.5\ntimeout: 0\n");
        let expected = Settings::from_flags(["--cpu-request=1", "--cpu-limit=0.5", "--timeout=0"]);
        assert_eq!(settings, expected);
    }
}
