//! `Wishes`: which knobs are to stay, and where the others may stand.

use thiserror::Error;

use super::Knob;

/// The most values that one knob is given.
const MOST_VALUES: usize = 1000;

/// Which knobs are to stay, and where the others may stand. Their texts are read when the autoscaler is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    wishes: Vec<(WishedKnob, Wish)>,
}

/// A knob as a wish names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WishedKnob {
    /// The targets of all metrics.
    Targets,
    /// A single one.
    One(Knob),
}

/// What is wished of a knob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// It stays as it is.
    Stay,
    /// It takes one of these values.
    OneOf(Vec<String>),
    /// It takes a value from the first to the second.
    Between(String, String),
}

/// Why a wish cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WishError {
    /// A knob that there is not.
    #[error(
        "`{0}` is no setting, expected `min`, `max`, `target`, `up-window`, `down-window`, `up-policies`, \
         `down-policies`, `up-tolerance` or `down-tolerance`"
    )]
    UnknownKnob(String),
    /// A wish of another form than its flag takes.
    #[error("`{text}` is no wish, expected {expected}")]
    Form {
        /// What was written.
        text: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A knob that is wished twice.
    #[error("`{0}` is given twice, expected one wish for each setting")]
    Twice(String),
    /// A value that the knob cannot take.
    #[error("{knob}: `{text}` is no value, expected {expected}")]
    Value {
        /// The knob.
        knob: String,
        /// What was written.
        text: String,
        /// What was expected.
        expected: String,
    },
    /// A range that ends before it begins.
    #[error("{knob}: `{from}..{to}` is empty, expected the smaller value first")]
    EmptyRange {
        /// The knob.
        knob: String,
        /// Its first value.
        from: String,
        /// Its last value.
        to: String,
    },
    /// A range of what has no order.
    #[error("{0}: policies have no range, expected a list of them")]
    NoRange(String),
    /// More values than anybody tries.
    #[error("{knob}: {count} values, expected at most 1000")]
    TooMany {
        /// The knob.
        knob: String,
        /// How many.
        count: usize,
    },
    /// No candidate is left.
    #[error(
        "minReplicas from {min} up is over maxReplicas of at most {max}, expected room between them"
    )]
    MinOverMax {
        /// The least minReplicas that is allowed.
        min: i32,
        /// The largest maxReplicas that is allowed.
        max: i32,
    },
    /// A target is wished of a metric that there is not.
    #[error("{knob}: the autoscaler has {metrics} metrics, expected one of them, counted from 0")]
    NoSuchMetric {
        /// The knob.
        knob: String,
        /// How many metrics there are.
        metrics: usize,
    },
    /// A tolerance is wished where the controller knows none.
    #[error("{0}: the controller's gate HPAConfigurableTolerance is off, expected no wish for it")]
    NoTolerance(String),
}

impl Wishes {
    /// Reads what is to stay or to stand at one value (`min`, `max=20`, `target,down-window`), which ranges are allowed
    /// (`target=40..80`), and which values (`down-window=60s,300s`).
    ///
    /// `target` means the targets of all metrics, `target[1]` that of the second one.
    ///
    /// # Errors
    /// When a knob is unknown or named twice, or a text has another form. Whether the values fit is told by
    /// [`lattice`](super::lattice).
    pub fn parse(
        fixed: &[String],
        ranges: &[String],
        values: &[String],
    ) -> Result<Self, WishError> {
        let mut wishes = Self::default();
        for text in fixed {
            wishes.read_fixed(text)?;
        }
        for text in ranges {
            let form = "a range such as `target=40..80`";
            let (knob, range) = split(text, '=', text, form)?;
            let (from, to) = range
                .split_once("..")
                .filter(|(from, to)| !from.trim().is_empty() && !to.trim().is_empty())
                .ok_or_else(|| wrong_form(text, form))?;
            let wish = Wish::Between(from.trim().to_owned(), to.trim().to_owned());
            wishes.add(knob, wish)?;
        }
        for text in values {
            let form = "values such as `down-window=60s,300s`";
            let (knob, list) = split(text, '=', text, form)?;
            let list: Vec<String> = list.split(',').map(|one| one.trim().to_owned()).collect();
            if list.iter().any(String::is_empty) {
                return Err(wrong_form(text, form));
            }
            if list.len() > MOST_VALUES {
                return Err(WishError::TooMany {
                    knob: knob.trim().to_owned(),
                    count: list.len(),
                });
            }
            wishes.add(knob, Wish::OneOf(list))?;
        }
        Ok(wishes)
    }

    /// What is wished of a knob. A wish for one metric's target counts before one for all.
    pub(super) fn of(&self, knob: Knob) -> Option<&Wish> {
        let find = |wished: WishedKnob| self.wishes.iter().find(|(one, _)| *one == wished);
        let own = find(WishedKnob::One(knob));
        let found = match knob {
            Knob::Target(_) => own.or_else(|| find(WishedKnob::Targets)),
            _ => own,
        };
        found.map(|(_, wish)| wish)
    }

    /// Refuses wishes for the target of a metric beyond the last one, and for all where there is none.
    pub(super) fn check_metrics(&self, metrics: usize) -> Result<(), WishError> {
        for (wished, wish) in &self.wishes {
            let knob = match wished {
                WishedKnob::One(Knob::Target(metric)) if *metric >= metrics => {
                    format!("target[{metric}]")
                }
                WishedKnob::Targets if metrics == 0 && *wish != Wish::Stay => "target".to_owned(),
                _ => continue,
            };
            return Err(WishError::NoSuchMetric { knob, metrics });
        }
        Ok(())
    }

    fn read_fixed(&mut self, text: &str) -> Result<(), WishError> {
        for one in text.split(',') {
            let form = "settings such as `min`, `max=20` or `target,down-window`";
            match one.split_once('=') {
                None if one.trim().is_empty() => return Err(wrong_form(text, form)),
                None => self.add(one, Wish::Stay)?,
                Some((_, value)) if value.trim().is_empty() => return Err(wrong_form(text, form)),
                Some((knob, value)) => {
                    self.add(knob, Wish::OneOf(vec![value.trim().to_owned()]))?;
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, knob: &str, wish: Wish) -> Result<(), WishError> {
        let knob = knob.trim();
        let wished = wished_knob(knob).ok_or_else(|| WishError::UnknownKnob(shown(knob)))?;
        if self.wishes.iter().any(|(one, _)| *one == wished) {
            return Err(WishError::Twice(knob.to_owned()));
        }
        self.wishes.push((wished, wish));
        Ok(())
    }
}

/// The knob's name as wishes write it.
pub(super) fn wished_name(knob: Knob, metrics: usize) -> String {
    match knob {
        Knob::Target(metric) if metrics > 1 => format!("target[{metric}]"),
        _ => knob.name().to_owned(),
    }
}

/// A text for an error message: no control characters, and not endless.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        shown.push('…');
    }
    shown
}

fn wished_knob(name: &str) -> Option<WishedKnob> {
    let others = [
        Knob::MinReplicas,
        Knob::MaxReplicas,
        Knob::ScaleUpWindow,
        Knob::ScaleDownWindow,
        Knob::ScaleUpPolicies,
        Knob::ScaleDownPolicies,
        Knob::ScaleUpTolerance,
        Knob::ScaleDownTolerance,
    ];
    if name == "target" {
        return Some(WishedKnob::Targets);
    }
    if let Some(metric) = name
        .strip_prefix("target[")
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return Some(WishedKnob::One(Knob::Target(metric.parse().ok()?)));
    }
    let found = others.into_iter().find(|knob| knob.name() == name);
    found.map(WishedKnob::One)
}

fn split<'a>(
    text: &'a str,
    at: char,
    whole: &str,
    form: &'static str,
) -> Result<(&'a str, &'a str), WishError> {
    text.split_once(at).ok_or_else(|| wrong_form(whole, form))
}

fn wrong_form(text: &str, expected: &'static str) -> WishError {
    WishError::Form {
        text: shown(text),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[track_caller]
    fn check_refused(fixed: &[&str], ranges: &[&str], values: &[&str], expected: &str) {
        let read = Wishes::parse(&texts(fixed), &texts(ranges), &texts(values));
        let told = read.expect_err("a wrong wish").to_string();
        assert!(told.contains(expected), "{told}");
        assert!(!told.ends_with('.') && !told.contains('\n'), "{told}");
    }

    #[test]
    fn knobs_stay_or_take_values() {
        let wishes = Wishes::parse(
            &texts(&["min", "max=20,target[1]"]),
            &texts(&["target=40..80"]),
            &texts(&["down-window=60s, 5m"]),
        )
        .expect("wishes");
        let one_of = |list: &[&str]| Wish::OneOf(texts(list));
        assert_eq!(wishes.of(Knob::MinReplicas), Some(&Wish::Stay));
        assert_eq!(wishes.of(Knob::MaxReplicas), Some(&one_of(&["20"])));
        assert_eq!(wishes.of(Knob::Target(1)), Some(&Wish::Stay));
        let range = Wish::Between("40".to_owned(), "80".to_owned());
        assert_eq!(wishes.of(Knob::Target(0)), Some(&range));
        let windows = one_of(&["60s", "5m"]);
        assert_eq!(wishes.of(Knob::ScaleDownWindow), Some(&windows));
        assert_eq!(wishes.of(Knob::ScaleUpWindow), None);
    }

    #[test]
    fn wrong_forms_are_told_in_a_sentence() {
        check_refused(&["mim"], &[], &[], "`mim` is no setting, expected `min`, ");
        check_refused(&["target[x]"], &[], &[], "`target[x]` is no setting");
        check_refused(&[""], &[], &[], "`` is no wish, expected settings such as");
        check_refused(&["max="], &[], &[], "`max=` is no wish");
        check_refused(&["min,min"], &[], &[], "`min` is given twice");
        check_refused(&["min"], &["min=1..3"], &[], "`min` is given twice");
        check_refused(&[], &["min"], &[], "`min` is no wish, expected a range");
        check_refused(&[], &["min=3"], &[], "`min=3` is no wish, expected a range");
        check_refused(&[], &["min=3.."], &[], "`min=3..` is no wish");
        check_refused(
            &[],
            &[],
            &["min=1,,2"],
            "`min=1,,2` is no wish, expected values",
        );
        let many = format!("min={}", vec!["1"; 1001].join(","));
        check_refused(
            &[],
            &[],
            &[&many],
            "min: 1001 values, expected at most 1000",
        );
        let long = "x".repeat(5000);
        check_refused(&[&long], &[], &[], "xx…` is no setting");
        check_refused(&["a\u{1b}[31m"], &[], &[], "`a\\u{1b}[31m` is no setting");
    }
}
