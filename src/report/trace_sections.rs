//! What is told of a trace, as sections of labelled lines that every form for people draws.

use super::format::{self, Unit};
use super::trace_input::SurveyedTrace;
use super::trace_sentences::season;
use crate::trace::SeasonPeriod;
use crate::units::{SimDuration, SimTime};

/// Lines that answer one question.
pub(super) struct TraceSection {
    /// The question's subject.
    pub(super) title: &'static str,
    /// Labels with what is told.
    pub(super) lines: Vec<(String, String)>,
}

impl TraceSection {
    /// All sections, in order; those with nothing to tell are left out.
    pub(super) fn of(surveyed: &SurveyedTrace<'_>) -> Vec<Self> {
        let sections = [
            ("Recording", recording(surveyed)),
            ("Load", load(surveyed)),
            ("Steepest rises", rises(surveyed)),
            ("Seasons", seasons(surveyed)),
            ("Single requests", bursts(surveyed)),
        ];
        let all = sections.map(|(title, lines)| Self { title, lines });
        all.into_iter()
            .filter(|section| !section.lines.is_empty())
            .collect()
    }
}

fn line(label: &str, told: String) -> (String, String) {
    (label.to_owned(), told)
}

fn recording(surveyed: &SurveyedTrace<'_>) -> Vec<(String, String)> {
    let (trace, survey) = (surveyed.trace, surveyed.survey);
    let mut lines = Vec::new();
    if let Some(format) = trace.format {
        lines.push(line("format", format.word().to_owned()));
    }
    lines.push(line("unit", trace.unit.to_string()));
    let end = SimTime::ZERO + survey.span;
    match (surveyed.date(SimTime::ZERO), surveyed.date(end)) {
        (Some(first), Some(last)) => {
            lines.push(line("from", first));
            lines.push(line("until", last));
        }
        _ => lines.push(line(
            "from",
            "no date; times count from the beginning".to_owned(),
        )),
    }
    lines.push(line("span", format::duration(survey.span)));
    lines.push(line("steps", steps(surveyed)));
    lines.push(line("gaps", gaps(surveyed)));
    lines
}

fn steps(surveyed: &SurveyedTrace<'_>) -> String {
    let steps = surveyed.survey.steps;
    let count = format::count(steps.count as f64);
    let usual = format::duration(steps.usual);
    if steps.shortest == steps.longest {
        format!("{count} of {usual}")
    } else {
        format!(
            "{count} of {usual} in the median, from {} to {}",
            format::duration(steps.shortest),
            format::duration(steps.longest)
        )
    }
}

fn gaps(surveyed: &SurveyedTrace<'_>) -> String {
    let gaps = surveyed.survey.gaps;
    if gaps.count == 0 {
        return "none".to_owned();
    }
    format!(
        "{}, {} in all ({} of the span), the longest {}",
        format::count(gaps.count as f64),
        format::duration(gaps.total),
        format::number(gaps.share * 100.0, Unit::Percent),
        format::duration(gaps.longest)
    )
}

fn load(surveyed: &SurveyedTrace<'_>) -> Vec<(String, String)> {
    let levels = surveyed.survey.levels;
    let mut lines = Vec::new();
    if let Some(total) = surveyed.survey.total_requests {
        lines.push(line("requests", format::count(total)));
    }
    lines.push(line("mean", surveyed.level(levels.mean)));
    lines.push(line("median", surveyed.level(levels.median)));
    lines.push(line("p95", surveyed.level(levels.p95)));
    let peak = format!(
        "{}, {}",
        surveyed.level(levels.peak),
        surveyed.moment(levels.peak_at)
    );
    lines.push(line("peak", peak));
    let ratio = levels.peak_to_mean.unwrap_or(f64::NAN);
    lines.push(line("peak to mean", format::number(ratio, Unit::Ratio)));
    lines.push(line("least", surveyed.level(levels.least)));
    let zero = format!(
        "{} of the time",
        format::number(levels.zero_share * 100.0, Unit::Percent)
    );
    lines.push(line("zero for", zero));
    lines
}

fn rises(surveyed: &SurveyedTrace<'_>) -> Vec<(String, String)> {
    let survey = surveyed.survey;
    if survey.ramps.is_empty() {
        return vec![line(
            "any",
            "none: the load never rises from one step to the next".to_owned(),
        )];
    }
    let ramps = survey.ramps.iter().map(|ramp| {
        let label = match ramp.within {
            None => "step to step".to_owned(),
            Some(within) => format!("within {}", minutes(within)),
        };
        let told = format!(
            "+{}, from {} to {}, {}",
            surveyed.level(ramp.rise()),
            format::number(ramp.from, Unit::Ratio),
            format::number(ramp.to, Unit::Ratio),
            surveyed.moment(ramp.from_at)
        );
        (label, told)
    });
    ramps.collect()
}

fn minutes(span: SimDuration) -> String {
    format!("{} min", format::setting(span.as_seconds() / 60.0))
}

fn seasons(surveyed: &SurveyedTrace<'_>) -> Vec<(String, String)> {
    vec![
        line("daily", season(surveyed, SeasonPeriod::Day)),
        line("weekly", season(surveyed, SeasonPeriod::Week)),
    ]
}

fn bursts(surveyed: &SurveyedTrace<'_>) -> Vec<(String, String)> {
    let each = surveyed.survey.bursts.iter().map(|burst| {
        let told = format!(
            "at most {}; variance over mean {} (Poisson 1), between neighbours {}",
            format::count(burst.most),
            format::number(burst.dispersion, Unit::Ratio),
            format::number(burst.between_neighbours, Unit::Ratio)
        );
        (format!("in {}", format::duration(burst.window)), told)
    });
    each.collect()
}
