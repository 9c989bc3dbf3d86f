//! `Measured`: a setting with where its value comes from.

use std::fmt::Write as _;

use super::estimate::Estimate;
use crate::units::significant;

/// A setting of the scenario file with where its value comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The key in the scenario file.
    pub key: &'static str,
    /// Its value, as the file writes it.
    pub value: String,
    /// What it is known to: an interval, or how well it fits; with its unit.
    pub interval: String,
    /// What it was measured by, and from how much.
    pub source: String,
    /// What the reader should know before trusting it.
    pub notes: Vec<String>,
    /// The value as a number with its interval, in seconds, where others can be weighed against it.
    pub estimate: Option<Estimate>,
}

/// The longest line of a comment.
const WIDTH: usize = 110;

/// A scenario file of these settings, each under comments that say source and interval. Of two values for one key the
/// last counts; the others are left in as comments.
#[must_use]
pub fn scenario_file(measured: &[Measured]) -> String {
    let mut file = String::from(
        "# A scaleplan scenario, written by scaleplan calibrate from measurements. Each value stands below its source\n\
         # and the interval that it is known to.\n",
    );
    for (index, one) in measured.iter().enumerate() {
        file.push('\n');
        comment(&mut file, &one.source);
        comment(&mut file, &one.interval);
        for note in &one.notes {
            comment(&mut file, &format!("Note: {note}"));
        }
        let is_replaced = measured[index + 1..]
            .iter()
            .any(|later| later.key == one.key);
        let sign = if is_replaced {
            "# replaced below: "
        } else {
            ""
        };
        let _ = writeln!(file, "{sign}{}: {}", one.key, one.value);
    }
    file
}

/// Words as comment lines; what a file's name holds cannot end the comment.
fn comment(file: &mut String, text: &str) {
    let mut line = String::new();
    for word in text.split_whitespace() {
        let word: String = word.chars().filter(|letter| !letter.is_control()).collect();
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(file, "# {line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        let _ = writeln!(file, "# {line}");
    }
}

/// Seconds as a scenario file writes them, to three digits.
pub(super) fn span(seconds: f64) -> String {
    let (value, unit) = if seconds >= 1.0 {
        (seconds, "s")
    } else if seconds >= 1e-3 {
        (seconds * 1e3, "ms")
    } else {
        (seconds * 1e6, "us")
    };
    format!("{}{unit}", digits(value))
}

/// A number to three digits, without trailing zeros.
pub(super) fn digits(value: f64) -> String {
    significant(value, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits() {
        assert_eq!(span(0.0463), "46.3ms");
        assert_eq!(span(12.0), "12s");
        assert_eq!(span(0.000_25), "250us");
        assert_eq!(digits(1234.4), "1234");
    }

    #[test]
    fn a_source_cannot_leave_its_comment() {
        let one = Measured {
            key: "cpu-idle",
            value: "5m".to_owned(),
            interval: "4m to 6m".to_owned(),
            source: "a\nruns: 7".to_owned(),
            notes: Vec::new(),
            estimate: None,
        };
        let file = scenario_file(&[one.clone(), one]);
        assert!(
            file.lines()
                .all(|line| { line.is_empty() || line.starts_with('#') || line == "cpu-idle: 5m" })
        );
        assert_eq!(
            file.lines().filter(|line| *line == "cpu-idle: 5m").count(),
            1
        );
    }
}
