//! What is told of a trace in sentences: its seasons, and what it cannot show.

use super::format::{self, Unit};
use super::trace_input::SurveyedTrace;
use crate::trace::{Season, SeasonPeriod};
use crate::units::SimDuration;

/// The share of variance from which a season is strong, and from which there is one.
const STRONG: f64 = 0.6;
const SOME: f64 = 0.3;

/// How often the autoscaler looks at its metrics.
const SYNC: SimDuration = SimDuration::from_seconds(15);
/// How long a container takes to start, roughly.
const STARTUP: SimDuration = SimDuration::from_seconds(30);

/// The differences of peaks that are told, in percent.
const TOLD_PERCENT: f64 = 1.0;

/// The word for what a season comes to.
pub(super) fn season_word(season: &Season) -> &'static str {
    match season {
        Season::Strength { share, .. } if *share >= STRONG => "strong",
        Season::Strength { share, .. } if *share >= SOME => "some",
        Season::Strength { .. } => "none",
        Season::TooShort { .. } => "too-short",
        Season::TooCoarse => "too-coarse",
        Season::TooManyGaps => "too-many-gaps",
        Season::Level => "level",
    }
}

/// Whether a season is there.
pub(super) fn season(surveyed: &SurveyedTrace<'_>, period: SeasonPeriod) -> String {
    let (season, whole, parts, form) = match period {
        SeasonPeriod::Day => (&surveyed.survey.daily, "day", "hours", "%H:00 UTC"),
        SeasonPeriod::Week => (&surveyed.survey.weekly, "week", "days", "%A"),
    };
    match season {
        Season::Strength {
            share,
            periods,
            highest_at,
        } => {
            let percent = format::number(share * 100.0, Unit::Percent);
            let word = match season_word(season) {
                "strong" => "strong",
                "some" => "some",
                _ => "hardly any",
            };
            let since = || {
                format!(
                    "{} after each {whole}'s beginning",
                    format::duration(*highest_at)
                )
            };
            let highest = surveyed.phase(*highest_at, form).unwrap_or_else(since);
            format!(
                "{word}: what {periods} {whole}s have in common explains {percent} of how their {parts} differ, the highest at \
                 {highest}"
            )
        }
        Season::TooShort { periods } => {
            let periods = format::number(*periods, Unit::Ratio);
            format!("the trace is too short to tell: {periods} {whole}s, two whole ones are needed")
        }
        Season::TooCoarse => {
            format!("the steps are too coarse to tell: longer than one of the {parts}")
        }
        Season::TooManyGaps => "too little was recorded to tell".to_owned(),
        Season::Level => format!("none: the {parts} do not differ within a {whole}"),
    }
}

/// What the trace cannot show, in sentences.
pub(super) fn cannot_show(surveyed: &SurveyedTrace<'_>) -> Vec<String> {
    let survey = surveyed.survey;
    let step = survey.steps.usual;
    let told = format::duration(step);
    let mut sentences = Vec::new();
    if step > SYNC && surveyed.trace.events.is_none() {
        let syncs = format::count((step.as_seconds() / SYNC.as_seconds()).floor());
        sentences.push(format!(
            "Ramps within a sync of the autoscaler ({}): one step of {told} spans {syncs} of them, and the load is taken to \
             be the same at each.",
            format::duration(SYNC)
        ));
    }
    if step > STARTUP && surveyed.trace.events.is_none() {
        sentences.push(format!(
            "Whether a rise outruns a startup of {}: a container starts within one step of {told}.",
            format::duration(STARTUP)
        ));
    }
    match &surveyed.trace.events {
        Some(events) if events.resolution().is_positive() => sentences.push(format!(
            "What happens within {}, to which the log rounds its times.",
            format::duration(events.resolution())
        )),
        Some(_) => {}
        None => sentences.push(format!(
            "Bursts within a step of {told}: its value is a mean, requests may have come evenly or all at once."
        )),
    }
    if surveyed.trace.events.is_none() {
        sentences.extend(hidden_peak(surveyed));
    }
    if surveyed.survey.gaps.count > 0 {
        let gaps = survey.gaps;
        let plural = if gaps.count == 1 { "gap" } else { "gaps" };
        sentences.push(format!(
            "What came in its {} {plural}, {} of the time.",
            format::count(gaps.count as f64),
            format::number(gaps.share * 100.0, Unit::Percent)
        ));
    }
    for season in [&survey.daily, &survey.weekly] {
        if let Season::TooShort { .. } = season {
            let whole = if season == &survey.daily {
                "days"
            } else {
                "weeks"
            };
            sentences.push(format!(
                "Whether {whole} repeat: it lasts {}.",
                format::duration(survey.span)
            ));
            break;
        }
    }
    sentences
}

/// How much of the peak steps four times as long hide, as a hint at what these steps hide.
fn hidden_peak(surveyed: &SurveyedTrace<'_>) -> Option<String> {
    let peak = surveyed.survey.levels.peak;
    let coarser = surveyed.survey.peak_of_four_steps?;
    let percent = (1.0 - coarser / peak) * 100.0;
    (percent >= TOLD_PERCENT).then(|| {
        format!(
            "The true peak: means over {} have one of {}, {} below that of {}, so steps shorter than {} would likely show a \
             higher one.",
            format::duration(surveyed.survey.steps.usual * 4),
            surveyed.level(coarser),
            format::number(percent, Unit::Percent),
            surveyed.level(peak),
            format::duration(surveyed.survey.steps.usual),
        )
    })
}
