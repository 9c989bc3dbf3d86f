//! Reads the compact `a+bxn` notation used in tests and documents.

use thiserror::Error;

use super::Series;
use crate::units::SimDuration;

/// As many values as a notation may expand to.
const MAX_VALUES: usize = 1_000_000;

/// Why a text is not a series in the compact notation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotationError {
    /// A word is none of the forms.
    #[error(
        "`{0}` is not part of the notation, expected `5`, `5x3`, `5+1x3`, `5-1x3`, `_` or `_x3`"
    )]
    Word(String),
    /// A value is negative or not finite.
    #[error(
        "`{0}` leads to a value that is negative or not finite, expected loads of zero and more"
    )]
    Value(String),
    /// There are no values, or too many.
    #[error("the notation gives {0} values, expected 1 to 1000000")]
    Length(usize),
    /// The step is not positive.
    #[error("a step of {0} was given, expected a positive length")]
    Step(SimDuration),
}

impl Series {
    /// Reads a series in the notation of promtool's rule tests, one value per `step`.
    ///
    /// `a` is one value; `axn` is `a` and `n` repeats of it; `a+bxn` is `a` and `n` more, each `b` above the one
    /// before; `a-bxn` likewise downwards; `_` and `_xn` are one and `n` steps that were not recorded, which hold the
    /// last value (zero at the beginning) and count as gaps. Source: Prometheus documentation, "Unit testing for
    /// rules".
    ///
    /// # Errors
    /// When a word is none of these, when a value is negative or not finite, or when there is no value at all.
    pub fn from_notation(step: SimDuration, text: &str) -> Result<Self, NotationError> {
        if !step.is_positive() {
            return Err(NotationError::Step(step));
        }
        let mut values = Vec::new();
        let mut gaps = Vec::new();
        for word in text.split_whitespace() {
            let run = Run::parse(word).ok_or_else(|| NotationError::Word(word.to_owned()))?;
            if values.len() + run.length > MAX_VALUES {
                return Err(NotationError::Length(values.len() + run.length));
            }
            for index in 0..run.length {
                let value = if let Some((first, slope)) = run.line {
                    first + slope * index as f64
                } else {
                    gaps.push(values.len());
                    values.last().copied().unwrap_or(0.0)
                };
                if !value.is_finite() || value < 0.0 {
                    return Err(NotationError::Value(word.to_owned()));
                }
                values.push(value);
            }
        }
        if values.is_empty() {
            return Err(NotationError::Length(0));
        }
        Ok(Self::evenly_spaced(step, values, gaps))
    }
}

/// One word of the notation: so many values on a line, or so many gaps.
struct Run {
    /// The first value and what is added for each further one.
    line: Option<(f64, f64)>,
    length: usize,
}

impl Run {
    fn parse(word: &str) -> Option<Self> {
        let (body, repeats) = match word.rsplit_once('x') {
            Some((body, repeats)) => (body, Some(repeats.parse::<usize>().ok()?)),
            None => (word, None),
        };
        if body == "_" {
            return Some(Self {
                line: None,
                length: repeats.unwrap_or(1),
            });
        }
        let length = repeats.unwrap_or(0).saturating_add(1);
        // The sign of the slope is the first one that neither leads the word nor belongs to an exponent.
        let slope_at = body.bytes().enumerate().skip(1).find(|(at, byte)| {
            matches!(byte, b'+' | b'-') && !matches!(body.as_bytes()[at - 1], b'e' | b'E')
        });
        let line = match slope_at {
            Some((at, _)) if repeats.is_some() => {
                (body[..at].parse().ok()?, body[at..].parse().ok()?)
            }
            Some(_) => return None,
            None => (body.parse().ok()?, 0.0),
        };
        Some(Self {
            line: Some(line),
            length,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STEP: SimDuration = SimDuration::from_seconds(15);

    #[track_caller]
    fn check(text: &str, expected: &[f64]) {
        let series = Series::from_notation(STEP, text).expect("valid notation");
        assert_eq!(series.values(), expected);
        assert_eq!(
            series.end().since_start(),
            STEP * i64::try_from(expected.len()).expect("short")
        );
    }

    #[test]
    fn the_forms_expand_as_in_promtool() {
        check("100+10x3", &[100.0, 110.0, 120.0, 130.0]);
        check("50x2", &[50.0, 50.0, 50.0]);
        check("9-3x3 1e1", &[9.0, 6.0, 3.0, 0.0, 10.0]);
        check("1e-1+1e-1x1", &[0.1, 0.2]);
        check("4 _ 2 _x2", &[4.0, 4.0, 2.0, 2.0, 2.0]);
    }

    #[test]
    fn unrecorded_steps_are_gaps() {
        let series = Series::from_notation(STEP, "4 _ 2 _x2").expect("valid notation");
        assert_eq!(series.gaps(), [1, 3, 4]);
        assert!(series.is_gap(1) && !series.is_gap(2));
    }

    #[test]
    fn what_is_not_notation_is_refused() {
        for text in [
            "",
            "  ",
            "x3",
            "a",
            "1+2",
            "5x",
            "5x-1",
            "-1",
            "3-1x4",
            "nan",
            "infx2",
            "1x1000001",
            "é",
        ] {
            assert!(Series::from_notation(STEP, text).is_err(), "{text}");
        }
        assert!(Series::from_notation(SimDuration::ZERO, "1").is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-0-9.+x_e ]{0,20}|.{0,20}") {
            let _ = Series::from_notation(STEP, &text);
        }
    }
}
