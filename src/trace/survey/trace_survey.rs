//! `Survey`: all figures of a trace.

use super::bursts::{Burstiness, bursts};
use super::course::{CoursePart, course};
use super::levels::{Levels, levels};
use super::ramps::{Ramp, worst_ramps};
use super::seasons::{Season, SeasonPeriod, season};
use crate::trace::edit::on_steps;
use crate::trace::gaps::CountsOrRates;
use crate::trace::{Series, Trace, TraceUnit};
use crate::units::SimDuration;

/// What a trace is like. Levels are in requests per second, or in the trace's unit where that is cpu.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// The unit of all levels.
    pub unit: TraceUnit,
    /// From the beginning of the first step to the end of the last.
    pub span: SimDuration,
    /// How long the steps last.
    pub steps: Steps,
    /// What was not recorded.
    pub gaps: Gaps,
    /// Mean, median, peak and so on.
    pub levels: Levels,
    /// All requests; `None` where the trace is in cpu.
    pub total_requests: Option<f64>,
    /// The largest rise from one step to the next, then within 1, 5 and 15 minutes, as far as steps are short enough to
    /// show them.
    pub ramps: Vec<Ramp>,
    /// Whether the days are alike.
    pub daily: Season,
    /// Whether the weeks are.
    pub weekly: Season,
    /// How unevenly single requests came, where their times are known: within 1, 10 and 60 seconds.
    pub bursts: Vec<Burstiness>,
    /// The peak of means over four of the usual steps, which says how much of the peak such a step hides.
    pub peak_of_four_steps: Option<f64>,
    /// The course of the trace in equal parts.
    pub course: Vec<CoursePart>,
}

/// How long the steps that were recorded last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// How many there are.
    pub count: usize,
    /// The median.
    pub usual: SimDuration,
    /// The shortest.
    pub shortest: SimDuration,
    /// The longest.
    pub longest: SimDuration,
}

/// What was not recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaps {
    /// How many stretches of time.
    pub count: usize,
    /// All of them together.
    pub total: SimDuration,
    /// The longest.
    pub longest: SimDuration,
    /// Their share of the whole.
    pub share: f64,
}

/// In as many parts the course is told.
const PARTS: usize = 72;

impl Survey {
    /// Takes all figures. Where figures are over time, each number weighs as long as it holds, and gaps are left out.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let rates = trace.clone().in_rates();
        let (unit, series) = (rates.unit.unit, &rates.series);
        let steps = Steps::of(series);
        let total = (!unit.is_cpu()).then(|| total(series));
        let coarser = on_steps(series, steps.usual * 4, CountsOrRates::Rates);
        let coarser = coarser.ok().filter(|_| steps.count >= 8);
        Self {
            unit,
            span: series.end().since_start(),
            steps,
            gaps: gaps_of(series),
            levels: levels(series),
            total_requests: total,
            ramps: worst_ramps(series, steps.usual),
            daily: season(series, SeasonPeriod::Day),
            weekly: season(series, SeasonPeriod::Week),
            bursts: trace.events.as_ref().map_or_else(Vec::new, bursts),
            peak_of_four_steps: coarser.map(|coarser| coarser.peak()),
            course: course(series, PARTS),
        }
    }
}

impl Steps {
    /// The lengths of a series' steps, gaps left out.
    #[must_use]
    pub fn of(series: &Series) -> Self {
        let mut gaps = series.gaps().iter().copied().peekable();
        let steps = series.steps().enumerate();
        let recorded = steps.filter(|(index, _)| gaps.next_if_eq(index).is_none());
        let mut lengths: Vec<SimDuration> = recorded.map(|(_, step)| step.length()).collect();
        let middle = lengths.len() / 2;
        if lengths.is_empty() {
            return Self {
                count: 0,
                usual: SimDuration::ZERO,
                shortest: SimDuration::ZERO,
                longest: SimDuration::ZERO,
            };
        }
        let usual = *lengths.select_nth_unstable(middle).1;
        Self {
            count: lengths.len(),
            usual,
            shortest: lengths.iter().copied().min().unwrap_or(usual),
            longest: lengths.iter().copied().max().unwrap_or(usual),
        }
    }
}

fn total(series: &Series) -> f64 {
    series
        .steps()
        .map(|step| step.value * step.length().as_seconds())
        .sum()
}

fn gaps_of(series: &Series) -> Gaps {
    let mut found = Gaps {
        count: 0,
        total: SimDuration::ZERO,
        longest: SimDuration::ZERO,
        share: 0.0,
    };
    let mut gaps = series.gaps().iter().copied().peekable();
    let mut run = SimDuration::ZERO;
    for (index, step) in series.steps().enumerate() {
        if gaps.next_if_eq(&index).is_none() {
            run = SimDuration::ZERO;
            continue;
        }
        if run == SimDuration::ZERO {
            found.count += 1;
        }
        run += step.length();
        found.total += step.length();
        found.longest = found.longest.max(run);
    }
    let whole = series.end().as_seconds();
    if whole > 0.0 {
        found.share = found.total.as_seconds() / whole;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: SimDuration = SimDuration::from_seconds(10);

    #[test]
    fn gaps_in_a_row_are_one() {
        let series = Series::from_notation(TEN, "1 _ _ 2 _ 3 3 3").expect("valid");
        let gaps = gaps_of(&series);
        assert_eq!(
            (gaps.count, gaps.total, gaps.longest),
            (2, TEN * 3, TEN * 2)
        );
        assert!((gaps.share - 3.0 / 8.0).abs() < 1e-12);
    }

    #[test]
    fn a_trace_of_nothing_has_figures_too() {
        for series in [
            Series::empty(),
            Series::evenly_spaced(TEN, vec![0.0; 3], vec![0, 1, 2]),
        ] {
            let survey = Survey::of(&Trace::from_series("t", series, TraceUnit::CountPerStep));
            assert_eq!((survey.steps.count, survey.ramps.len()), (0, 0));
            assert_eq!(survey.levels.peak_to_mean, None);
        }
    }

    #[test]
    fn counts_are_told_as_rates() {
        let series = Series::from_notation(TEN, "100 300").expect("valid");
        let survey = Survey::of(&Trace::from_series("t", series, TraceUnit::CountPerStep));
        assert_eq!(survey.unit, TraceUnit::RequestsPerSecond);
        assert!((survey.levels.peak - 30.0).abs() < 1e-12);
        assert_eq!(survey.total_requests, Some(400.0));
        assert_eq!(survey.course.len(), 2);
    }
}
