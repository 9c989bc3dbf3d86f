//! Why one trace cannot be made of another.

use thiserror::Error;

use crate::trace::TraceUnit;
use crate::units::SimDuration;

/// The most steps that a trace is given.
pub const MAX_STEPS: i64 = 10_000_000;

/// The longest that a trace may last, as it would be refused when it is read again.
pub(crate) const MAX_SPAN: SimDuration = SimDuration::from_seconds(20 * 365 * 86_400);

/// Why one trace cannot be made of another.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum EditError {
    /// A step that is not positive.
    #[error("a step of {0} was given, expected a positive length")]
    Step(SimDuration),
    /// More steps than are kept.
    #[error(
        "steps of {step} make {steps} of them, expected at most {MAX_STEPS}: longer steps, or a shorter part"
    )]
    TooManySteps {
        /// How long each would be.
        step: SimDuration,
        /// How many there would be.
        steps: i64,
    },
    /// A part that ends before it begins.
    #[error("a part from {from} to {to} was asked for, expected an end after the beginning")]
    Reversed {
        /// Where it begins.
        from: SimDuration,
        /// Where it ends.
        to: SimDuration,
    },
    /// A part that the trace has nothing of.
    #[error(
        "nothing is left from {from} to {to}, expected a part of the {end} that the trace lasts"
    )]
    Outside {
        /// Where the part begins.
        from: SimDuration,
        /// Where the part ends.
        to: SimDuration,
        /// Where the trace ends.
        end: SimDuration,
    },
    /// A factor that is not a positive number.
    #[error("a factor of {0} was given, expected a positive number")]
    Factor(f64),
    /// A peak that is not a positive number.
    #[error("a peak of {0} was given, expected a positive number")]
    Peak(f64),
    /// Steps that would not last a nanosecond.
    #[error(
        "the shortest step would last less than a nanosecond, expected a larger factor of time"
    )]
    TooFast,
    /// A trace that would last too long.
    #[error("the trace would last {} years, expected at most 20", .0.as_seconds() / 31_536_000.0)]
    TooLong(SimDuration),
    /// Numbers of two kinds.
    #[error(
        "one trace is in {first}, the next in {second}, expected both in requests or both in the same unit of cpu"
    )]
    Units {
        /// The unit of the one.
        first: TraceUnit,
        /// The unit of the next.
        second: TraceUnit,
    },
    /// A trace without calendar times where they are needed.
    #[error(
        "{0} has no calendar times, expected them where traces are to stand at their own times"
    )]
    NoCalendar(String),
    /// Two traces of the same time.
    #[error(
        "{next} begins {overlap} before the trace before it ends, expected traces that do not overlap"
    )]
    Overlap {
        /// The later one.
        next: String,
        /// How long both go on.
        overlap: SimDuration,
    },
    /// A negative gap.
    #[error("a gap of {0} was given, expected none or a positive one")]
    Gap(SimDuration),
}
