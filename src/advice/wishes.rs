//! `Wishes`: which knobs are to stay, and where the others may stand.

use thiserror::Error;

use super::Knob;

/// The most values that one knob is given.
const MOST_VALUES: usize = 1000;

const FIX: &str = "--fix";
const RANGE: &str = "--range";
const VALUES: &str = "--values";

/// Which knobs are to stay, and where the others may stand. Their texts are read when the autoscaler is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    wished: Vec<Wished>,
    no_place: Vec<NoPlace>,
    is_cluster_known: bool,
}

/// A wish, for which knob, and the flag that it was given by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wished {
    knob: WishedKnob,
    wish: Wish,
    flag: &'static str,
}

/// Knobs that a version has no field for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoPlace {
    /// The manifest's, or the cluster's.
    pub(super) version: String,
    pub(super) knobs: Vec<Knob>,
    /// Which version has them.
    pub(super) expected: &'static str,
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

/// Why a wish cannot be followed. Knobs are named with the flag of the wish: `--fix min`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WishError {
    /// A knob that there is not.
    #[error(
        "{flag}: there is no knob `{text}`, expected `min`, `max`, `target`, `up-window`, `down-window`, `up-policies`, \
         `down-policies`, `up-tolerance` or `down-tolerance`"
    )]
    UnknownKnob {
        /// The flag.
        flag: &'static str,
        /// What was written.
        text: String,
    },
    /// A wish of another form than its flag takes.
    #[error("{flag}: `{text}` {lack}, expected {expected}")]
    Form {
        /// The flag.
        flag: &'static str,
        /// What was written.
        text: String,
        /// What is wrong with it.
        lack: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// A knob that is wished twice.
    #[error(
        "{flag}: `{knob}` is named a second time, expected once among --fix, --range and --values"
    )]
    Twice {
        /// The flag of the second wish.
        flag: &'static str,
        /// The knob.
        knob: String,
    },
    /// A value that the knob cannot take.
    #[error("{knob} cannot be `{text}`, expected {expected}")]
    Value {
        /// The flag and the knob.
        knob: String,
        /// What was written.
        text: String,
        /// What was expected.
        expected: String,
    },
    /// A range that ends before it begins.
    #[error("{knob}: `{from}..{to}` holds nothing, expected the smaller value first")]
    EmptyRange {
        /// The flag and the knob.
        knob: String,
        /// Its first value.
        from: String,
        /// Its last value.
        to: String,
    },
    /// A range of what has no order.
    #[error("{0}: policies have no order, expected a list of them after --values")]
    NoRange(String),
    /// More values than anybody tries.
    #[error("{knob}: {count} values, expected at most 1000")]
    TooMany {
        /// The flag and the knob.
        knob: String,
        /// How many.
        count: usize,
    },
    /// No candidate is left.
    #[error(
        "no settings are left to try: minReplicas is at least {min} and maxReplicas at most {max}, expected wishes with \
         room between them"
    )]
    MinOverMax {
        /// The least minReplicas that is allowed.
        min: i32,
        /// The largest maxReplicas that is allowed.
        max: i32,
    },
    /// A target is wished of a metric that there is not.
    #[error(
        "{knob}: the autoscaler has {metrics} metrics, expected the target of one of them, counted from 0"
    )]
    NoSuchMetric {
        /// The flag and the knob.
        knob: String,
        /// How many metrics there are.
        metrics: usize,
    },
    /// A tolerance is wished where the controller knows none.
    #[error(
        "{0}: the controller's gate HPAConfigurableTolerance is off, expected no wish for a tolerance"
    )]
    NoTolerance(String),
    /// A knob is wished that the autoscaler's API version, or the cluster, has no field for.
    #[error("{knob}: {version} has no such field, expected {expected}")]
    NoPlace {
        /// The flag and the knob.
        knob: String,
        /// The manifest's version, or the cluster's.
        version: String,
        /// Which version has one.
        expected: &'static str,
    },
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
            wishes.read_range(text)?;
        }
        for text in values {
            wishes.read_values(text)?;
        }
        Ok(wishes)
    }

    /// The same for an autoscaler whose API version has no field for these knobs: they are not turned.
    #[must_use]
    pub fn without_place(mut self, api_version: &str, knobs: Vec<Knob>) -> Self {
        self.leave(NoPlace {
            version: shown(api_version),
            knobs,
            expected: "a manifest of autoscaling/v2",
        });
        self
    }

    /// The same for a cluster of Kubernetes 1.`minor`: it takes tolerances from 1.33 on with the gate
    /// `HPAConfigurableTolerance`, and from 1.35 on without asking (KEP-4951). Before, they are not turned.
    #[must_use]
    pub fn on_cluster(mut self, minor: u32) -> Self {
        self.is_cluster_known = true;
        let (gate, expected) = match minor {
            ..33 => ("", "a cluster of Kubernetes 1.35 or later"),
            33..35 => (
                " without the gate HPAConfigurableTolerance",
                "a cluster of Kubernetes 1.35 or later, or no word of the cluster's where the gate is on",
            ),
            35.. => return self,
        };
        self.leave(NoPlace {
            version: format!("Kubernetes 1.{minor}{gate}"),
            knobs: vec![Knob::ScaleUpTolerance, Knob::ScaleDownTolerance],
            expected,
        });
        self
    }

    fn leave(&mut self, mut no_place: NoPlace) {
        let is_left = |knob: &Knob| self.no_place.iter().any(|other| other.knobs.contains(knob));
        no_place.knobs.retain(|knob| !is_left(knob));
        if !no_place.knobs.is_empty() {
            self.no_place.push(no_place);
        }
    }

    /// The knobs that a version has no field for.
    pub(super) fn no_place(&self) -> &[NoPlace] {
        &self.no_place
    }

    /// Whether the cluster's version was told.
    pub(super) const fn is_cluster_known(&self) -> bool {
        self.is_cluster_known
    }

    /// Whether something is wished of a knob.
    #[must_use]
    pub fn is_about(&self, knob: Knob) -> bool {
        self.of(knob).is_some()
    }

    /// What is wished of a knob. A wish for one metric's target counts before one for all.
    pub(super) fn of(&self, knob: Knob) -> Option<&Wish> {
        self.find(knob).map(|wished| &wished.wish)
    }

    /// How a wish for a knob is to be called: `--fix min`.
    pub(super) fn name(&self, knob: Knob, metrics: usize) -> String {
        let flag = self.find(knob).map_or("", |wished| wished.flag);
        let name = match knob {
            Knob::Target(metric) if metrics > 1 => format!("target[{metric}]"),
            _ => knob.name().to_owned(),
        };
        format!("{flag} {name}").trim_start().to_owned()
    }

    /// Refuses wishes for the target of a metric beyond the last one, and for all where there is none.
    pub(super) fn check_metrics(&self, metrics: usize) -> Result<(), WishError> {
        for Wished { knob, wish, flag } in &self.wished {
            let knob = match knob {
                WishedKnob::One(Knob::Target(metric)) if *metric >= metrics => {
                    format!("{flag} target[{metric}]")
                }
                WishedKnob::Targets if metrics == 0 && *wish != Wish::Stay => {
                    format!("{flag} target")
                }
                _ => continue,
            };
            return Err(WishError::NoSuchMetric { knob, metrics });
        }
        Ok(())
    }

    fn find(&self, knob: Knob) -> Option<&Wished> {
        let find = |wanted: WishedKnob| self.wished.iter().find(|wished| wished.knob == wanted);
        let own = find(WishedKnob::One(knob));
        match knob {
            Knob::Target(_) => own.or_else(|| find(WishedKnob::Targets)),
            _ => own,
        }
    }

    fn read_fixed(&mut self, text: &str) -> Result<(), WishError> {
        let refuse = |lack| WishError::Form {
            flag: FIX,
            text: shown(text),
            lack,
            expected: "knobs such as `min`, `max=20` or `target,down-window`",
        };
        for one in text.split(',') {
            match one.split_once('=') {
                None if one.trim().is_empty() => return Err(refuse("names no knob")),
                None => self.add(FIX, one, Wish::Stay)?,
                Some((_, value)) if value.trim().is_empty() => return Err(refuse("has no value")),
                Some((knob, value)) => {
                    self.add(FIX, knob, Wish::OneOf(vec![value.trim().to_owned()]))?;
                }
            }
        }
        Ok(())
    }

    fn read_range(&mut self, text: &str) -> Result<(), WishError> {
        let refuse = || WishError::Form {
            flag: RANGE,
            text: shown(text),
            lack: "has no bounds",
            expected: "a range such as `target=40..80`",
        };
        let (knob, range) = text.split_once('=').ok_or_else(refuse)?;
        let (from, to) = range
            .split_once("..")
            .filter(|(from, to)| !from.trim().is_empty() && !to.trim().is_empty())
            .ok_or_else(refuse)?;
        let wish = Wish::Between(from.trim().to_owned(), to.trim().to_owned());
        self.add(RANGE, knob, wish)
    }

    fn read_values(&mut self, text: &str) -> Result<(), WishError> {
        let refuse = |lack| WishError::Form {
            flag: VALUES,
            text: shown(text),
            lack,
            expected: "values such as `down-window=60s,300s`",
        };
        let (knob, list) = text
            .split_once('=')
            .ok_or_else(|| refuse("has no values"))?;
        let list: Vec<String> = list.split(',').map(|one| one.trim().to_owned()).collect();
        if list.iter().any(String::is_empty) {
            return Err(refuse("leaves a value out"));
        }
        if list.len() > MOST_VALUES {
            return Err(WishError::TooMany {
                knob: format!("{VALUES} {}", shown(knob.trim())),
                count: list.len(),
            });
        }
        self.add(VALUES, knob, Wish::OneOf(list))
    }

    fn add(&mut self, flag: &'static str, text: &str, wish: Wish) -> Result<(), WishError> {
        let text = text.trim();
        let knob = wished_knob(text).ok_or_else(|| WishError::UnknownKnob {
            flag,
            text: shown(text),
        })?;
        if self.wished.iter().any(|wished| wished.knob == knob) {
            return Err(WishError::Twice {
                flag,
                knob: text.to_owned(),
            });
        }
        self.wished.push(Wished { knob, wish, flag });
        Ok(())
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
        check_refused(
            &["mim"],
            &[],
            &[],
            "--fix: there is no knob `mim`, expected `min`, ",
        );
        check_refused(&["target[x]"], &[], &[], "there is no knob `target[x]`");
        check_refused(
            &[""],
            &[],
            &[],
            "--fix: `` names no knob, expected knobs such as",
        );
        check_refused(&["max="], &[], &[], "`max=` has no value");
        check_refused(&["min,min"], &[], &[], "`min` is named a second time");
        check_refused(
            &["min"],
            &["min=1..3"],
            &[],
            "--range: `min` is named a second time",
        );
        check_refused(
            &[],
            &["min"],
            &[],
            "--range: `min` has no bounds, expected a range",
        );
        check_refused(&[], &["min=3"], &[], "`min=3` has no bounds");
        check_refused(&[], &["min=3.."], &[], "`min=3..` has no bounds");
        check_refused(
            &[],
            &[],
            &["min=1,,2"],
            "--values: `min=1,,2` leaves a value out, expected values",
        );
        let many = format!("min={}", vec!["1"; 1001].join(","));
        check_refused(
            &[],
            &[],
            &[&many],
            "--values min: 1001 values, expected at most 1000",
        );
        let long = "x".repeat(5000);
        check_refused(&[&long], &[], &[], "there is no knob `xx");
        check_refused(
            &["a\u{1b}[31m"],
            &[],
            &[],
            "there is no knob `a\\u{1b}[31m`",
        );
    }
}
