//! What a scalar means: YAML 1.1 as kubectl resolves it.
//!
//! kubectl reads YAML with go-yaml v2 (`sigs.k8s.io/yaml`, `goyaml.v2/resolve.go`) and turns it into JSON: `yes`, `on`
//! and `y` are booleans, `0755` is octal, `1_000` is a thousand. Base 60 and dates stay strings.

/// How a scalar stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes: its text says what type it has.
    Plain,
    /// In quotes, a block, or tagged `!!str`: a string.
    Text,
    /// Tagged `!!float`.
    Float,
}

/// The JSON value that a scalar becomes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true`, `yes`, `on` and the like.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// Any other number, also NaN and infinities, which JSON can't hold.
    Float(f64),
    /// A string.
    Text(&'a str),
}

impl Scalar<'_> {
    /// The name of the type, with its article, for messages.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
        }
    }

    /// The key that a mapping entry with this key has in JSON; `None` for null, which can't be a key.
    pub(crate) fn into_key(self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            Self::Float(value) => Some(json_number(value)),
            Self::Text(value) => Some(value.to_owned()),
        }
    }
}

/// Resolves a scalar.
#[must_use]
pub(crate) fn resolve(text: &str, style: Style) -> Scalar<'_> {
    match style {
        Style::Text => Scalar::Text(text),
        Style::Plain => resolve_plain(text),
        #[expect(
            clippy::cast_precision_loss,
            reason = "`!!float` of a whole number is the nearest float, as upstream"
        )]
        Style::Float => match resolve_plain(text) {
            Scalar::Int(value) => Scalar::Float(value as f64),
            other => other,
        },
    }
}

/// A float as Go's JSON encoder writes it, as far as reading it back goes.
pub(crate) fn json_number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

fn resolve_plain(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Scalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Scalar::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let number = match text.as_bytes()[0] {
        // Underscores are dropped only where the number starts with a digit or a sign.
        b'0'..=b'9' | b'+' | b'-' if text.contains('_') => number(&text.replace('_', "")),
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        _ => None,
    };
    match number {
        Some(Number::Int(value)) => Scalar::Int(value),
        Some(Number::Float(value)) => Scalar::Float(value),
        None => Scalar::Text(text),
    }
}

enum Number {
    Int(i128),
    Float(f64),
}

fn number(text: &str) -> Option<Number> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if let Some(size) = whole_number(digits, radix) {
        let value = if negative { -size } else { size };
        // Beyond 64 bits a decimal number becomes a float, below.
        let fits = i128::from(i64::MIN) <= value && value <= i128::from(u64::MAX);
        if fits || radix != 10 && !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Number::Int(value));
        }
    }
    if is_decimal(unsigned) {
        // A float out of range (`1e400`) stays a string.
        let value: f64 = text.parse().ok()?;
        return value.is_finite().then_some(Number::Float(value));
    }
    None
}

fn whole_number(digits: &str, radix: u32) -> Option<i128> {
    // `from_str_radix` would take a second sign.
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    i128::from_str_radix(digits, radix).ok()
}

/// `1`, `1.`, `1.5`, `.5`, each with an optional exponent.
fn is_decimal(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let mantissa_is_right =
        all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let starts_right = !whole.is_empty() || mantissa.starts_with('.');
    let exponent_is_right = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    mantissa_is_right && starts_right && exponent_is_right
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Scalar<'_>) {
        assert_eq!(resolve(text, Style::Plain), expected, "{text}");
    }

    #[track_caller]
    fn check_string(text: &str) {
        check(text, Scalar::Text(text));
    }

    #[test]
    fn booleans_are_those_of_yaml_1_1() {
        for text in ["y", "Y", "yes", "On", "TRUE", "true"] {
            check(text, Scalar::Bool(true));
        }
        for text in ["n", "N", "no", "Off", "False"] {
            check(text, Scalar::Bool(false));
        }
        check_string("tRue");
        check_string("yES");
    }

    // Every line was checked against `kubectl label --local -o json`.
    #[test]
    fn numbers_are_those_of_kubectl() {
        for (text, value) in [
            ("010", 8),
            ("0o10", 8),
            ("0x1F", 31),
            ("0x_1", 1),
            ("0b11", 3),
            ("-0b11", -3),
            ("1_000", 1000),
            ("0_7", 7),
            ("0777_7", 4095),
            ("+5", 5),
            ("18446744073709551615", i128::from(u64::MAX)),
        ] {
            check(text, Scalar::Int(value));
        }
        for (text, value) in [
            ("1_0.5", 10.5),
            ("1e3", 1000.0),
            (".5", 0.5),
            ("+.5", 0.5),
            ("08", 8.0),
            ("09.5", 9.5),
            ("1.", 1.0),
            ("1e2_0", 1e20),
            ("99999999999999999999", 1e20),
            ("-9223372036854775809", -9_223_372_036_854_775_808.0),
        ] {
            check(text, Scalar::Float(value));
        }
        for text in [
            "1:30",
            "2024-01-01",
            "1e400",
            "._5",
            ".e5",
            "_1",
            "+",
            "1e",
            "-",
            ".",
            "0x",
            "+-5",
            "--5",
            "1Ki",
            "100m",
            "0x1p3",
            "1.5.2",
            "0b12",
            "<<",
        ] {
            check_string(text);
        }
    }

    #[test]
    fn quotes_and_tags_settle_the_type() {
        assert_eq!(resolve("yes", Style::Text), Scalar::Text("yes"));
        assert_eq!(resolve("5", Style::Float), Scalar::Float(5.0));
        assert_eq!(resolve("", Style::Plain), Scalar::Null);
    }

    #[test]
    fn keys_are_those_of_the_json() {
        assert_eq!(
            resolve("on", Style::Plain).into_key().as_deref(),
            Some("true")
        );
        assert_eq!(
            resolve("010", Style::Plain).into_key().as_deref(),
            Some("8")
        );
        assert_eq!(
            resolve("1e3", Style::Plain).into_key().as_deref(),
            Some("1000")
        );
        assert_eq!(resolve("~", Style::Plain).into_key(), None);
    }

    #[test]
    fn floats_are_written_as_a_quantity_can_be_read() {
        assert_eq!(json_number(0.5), "0.5");
        assert_eq!(json_number(1e308), "1e308");
        assert_eq!(json_number(1e-7), "1e-7");
        assert_eq!(json_number(250.0), "250");
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "[-+0-9a-fxobXOB._eE]{0,12}") {
            let _ = resolve(&text, Style::Plain);
        }

        #[test]
        fn whole_numbers_come_back(value in any::<i64>()) {
            let text = value.to_string();
            prop_assert_eq!(resolve(&text, Style::Plain), Scalar::Int(i128::from(value)));
        }
    }
}
