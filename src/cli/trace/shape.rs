//! `Shape`: one part of a made-up workload, as typed, and the profile that it means.

use std::str::FromStr;

use anyhow::{Result, bail};
use clap::ValueEnum;

use super::args::SynthArgs;
use crate::scenario::Span;
use crate::trace::{Growth, Profile};
use crate::units::{SimDuration, SimTime};

/// One part of a made-up workload: `spike:at=2h,peak=300`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    kind: ShapeKind,
    own: Values,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ShapeKind {
    Level,
    Step,
    Ramp,
    Spike,
    FlashCrowd,
    Diurnal,
    Weekly,
}

/// How a flash crowd grows, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum GrowthArg {
    /// By the same factor in the same time
    Exponential,
    /// First so, then slower
    Logistic,
}

/// What a shape may be told.
#[derive(Clone, Debug, Default, PartialEq)]
struct Values {
    base: Option<f64>,
    peak: Option<f64>,
    at: Option<Span>,
    rise: Option<Span>,
    hold: Option<Span>,
    fall: Option<Span>,
    growth: Option<GrowthArg>,
    day: Option<Span>,
    weekend: Option<f64>,
}

const HOUR: SimDuration = SimDuration::from_seconds(3_600);
const MINUTE: SimDuration = SimDuration::from_seconds(60);
/// The base of the first shape, and the peak of all, where nobody says them.
const USUAL_BASE: f64 = 10.0;
const USUAL_PEAK: f64 = 100.0;
const USUAL_WEEKEND: f64 = 0.5;

impl ShapeKind {
    const ALL: [(&'static str, Self, &'static [&'static str]); 7] = [
        ("level", Self::Level, &["base"]),
        ("step", Self::Step, &["base", "peak", "at"]),
        ("ramp", Self::Ramp, &["base", "peak", "at", "rise"]),
        (
            "spike",
            Self::Spike,
            &["base", "peak", "at", "rise", "hold", "fall"],
        ),
        (
            "flash-crowd",
            Self::FlashCrowd,
            &["base", "peak", "at", "rise", "hold", "fall", "growth"],
        ),
        ("diurnal", Self::Diurnal, &["base", "peak", "day"]),
        ("weekly", Self::Weekly, &["base", "peak", "day", "weekend"]),
    ];
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, values) = text.split_once(':').unwrap_or((text, ""));
        let word = word.trim();
        let Some((name, kind, keys)) = ShapeKind::ALL
            .into_iter()
            .find(|(name, ..)| *name == word || word == name.replace('-', ""))
        else {
            let names = ShapeKind::ALL.map(|(name, ..)| name);
            return Err(format!(
                "`{}` is no shape, expected {}",
                word.escape_debug(),
                names.join(", ")
            ));
        };
        let mut own = Values::default();
        for pair in values.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !keys.contains(&key.trim()) {
                return Err(format!(
                    "`{}` is nothing that a {name} has, expected {}",
                    key.trim().escape_debug(),
                    keys.join(", ")
                ));
            }
            own.set(key.trim(), value.trim())?;
        }
        Ok(Self { kind, own })
    }
}

impl Values {
    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let number = || {
            let digits = value.strip_suffix("rps").unwrap_or(value);
            let number = digits.trim().parse::<f64>();
            number.map_err(|_| {
                format!(
                    "`{}` is no number, expected one for {key}",
                    value.escape_debug()
                )
            })
        };
        let span = || value.parse::<Span>();
        match key {
            "base" => self.base = Some(number()?),
            "peak" => self.peak = Some(number()?),
            "weekend" => self.weekend = Some(number()?),
            "at" => self.at = Some(span()?),
            "rise" => self.rise = Some(span()?),
            "hold" => self.hold = Some(span()?),
            "fall" => self.fall = Some(span()?),
            "day" => self.day = Some(span()?),
            _ => self.growth = Some(GrowthArg::from_str(value, true)?),
        }
        Ok(())
    }
}

/// How long the trace lasts where nobody says it: the longest that one of the shapes takes.
pub(super) fn usual_span(shapes: &[Shape]) -> SimDuration {
    let spans = shapes.iter().map(|shape| match shape.kind {
        ShapeKind::Level | ShapeKind::Step | ShapeKind::Ramp | ShapeKind::Spike => HOUR,
        ShapeKind::FlashCrowd => HOUR * 2,
        ShapeKind::Diurnal => HOUR * 24,
        ShapeKind::Weekly => HOUR * 24 * 14,
    });
    spans.max().unwrap_or(HOUR)
}

/// The profiles of all shapes, where the whole lasts so long.
pub(super) fn profiles(args: &SynthArgs, span: SimDuration) -> Result<Vec<Profile>> {
    let shapes = args.shapes.iter().enumerate();
    shapes
        .map(|(index, shape)| profile(shape, index == 0, args, span))
        .collect()
}

fn profile(shape: &Shape, is_first: bool, args: &SynthArgs, span: SimDuration) -> Result<Profile> {
    let own = &shape.own;
    let usual_base = if is_first {
        args.base.unwrap_or(USUAL_BASE)
    } else {
        0.0
    };
    let base = rate("base", own.base.unwrap_or(usual_base))?;
    let peak = rate("peak", own.peak.or(args.peak).unwrap_or(USUAL_PEAK))?;
    let weekend = rate(
        "weekend",
        own.weekend.or(args.weekend).unwrap_or(USUAL_WEEKEND),
    )?;
    let time = |own: Option<Span>, flag: Option<Span>, usual: SimDuration| {
        own.or(flag).map_or(usual, Span::duration)
    };
    let at = time(own.at, args.at, span / 4);
    let day = time(own.day, args.day, HOUR * 24);
    if !day.is_positive() {
        bail!("a day of {day} was given, expected a positive length");
    }
    let start = SimTime::ZERO + at;
    let rise = |usual| time(own.rise, args.rise, usual);
    let hold = |usual| time(own.hold, args.hold, usual);
    let fall = |usual| time(own.fall, args.fall, usual);
    Ok(match shape.kind {
        ShapeKind::Level => Profile::Step {
            before: base,
            after: base,
            at: SimTime::ZERO,
        },
        ShapeKind::Step => Profile::Step {
            before: base,
            after: peak,
            at: start,
        },
        ShapeKind::Ramp => Profile::Ramp {
            from: base,
            to: peak,
            start,
            end: start + rise(span / 4),
        },
        ShapeKind::Spike => Profile::Surge {
            base,
            peak,
            start,
            rise: rise(SimDuration::ZERO),
            hold: hold(MINUTE * 2),
            fall: fall(SimDuration::ZERO),
        },
        ShapeKind::FlashCrowd => Profile::FlashCrowd {
            base,
            peak,
            start,
            rise: rise(MINUTE * 2),
            hold: hold(MINUTE * 5),
            fall: fall(MINUTE * 30),
            growth: match own.growth.or(args.growth) {
                Some(GrowthArg::Logistic) => Growth::Logistic,
                Some(GrowthArg::Exponential) | None => Growth::Exponential,
            },
        },
        ShapeKind::Diurnal => Profile::Diurnal {
            low: base,
            high: peak,
            day,
        },
        ShapeKind::Weekly => Profile::Weekly {
            low: base,
            high: peak,
            weekend,
            day,
        },
    })
}

/// A number that a rate can be.
fn rate(name: &str, value: f64) -> Result<f64> {
    if !(0.0..=1e15).contains(&value) {
        bail!("a {name} of {value} was given, expected a number from 0 to 1e15");
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_has_a_name_and_its_own_values() {
        let shape: Shape = "spike:at=2h,peak=300rps".parse().expect("a shape");
        assert_eq!(shape.kind, ShapeKind::Spike);
        assert_eq!(shape.own.at, Some(Span(7_200.0)));
        assert_eq!(shape.own.peak, Some(300.0));
        assert!("flashcrowd:growth=logistic".parse::<Shape>().is_ok());
    }

    #[test]
    fn a_wrong_shape_says_what_would_be_right() {
        let wrong = |text: &str| text.parse::<Shape>().expect_err("no shape");
        assert!(
            wrong("sine")
                .ends_with("expected level, step, ramp, spike, flash-crowd, diurnal, weekly")
        );
        assert_eq!(
            wrong("step:rise=2m"),
            "`rise` is nothing that a step has, expected base, peak, at"
        );
        assert_eq!(
            wrong("step:peak=x"),
            "`x` is no number, expected one for peak"
        );
        assert!(wrong("step:at=soon").contains("is not a length of time"));
    }
}
