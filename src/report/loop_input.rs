//! `ExplainedLoop`: what the forms of `explain loop` draw, and its words.

use super::format::{self, Unit};
use crate::advice::theory::{BackendLoop, Figure, Finding, LoopReport, Part, Reason, Unit as Told};
use crate::scenario::ControlLoop;

/// A control loop in closed form, and what it was made of.
#[derive(Clone, Copy, Debug)]
pub struct ExplainedLoop<'a> {
    /// What it was made of.
    pub control: &'a ControlLoop,
    /// Its figures.
    pub report: &'a LoopReport,
    /// The trace whose load was looked at, by its name.
    pub trace: Option<&'a str>,
}

/// A space that no line ends at.
pub(super) const NO_BREAK: &str = "\u{a0}";

/// Counts of a climb that are listed in full.
const MOST_COUNTS: usize = 9;

impl ExplainedLoop<'_> {
    /// Reasons of a part, each with that of every backend; a backend that has no such reason is left out.
    pub(super) fn rows(&self, part: Part) -> Vec<Vec<(&BackendLoop, &Reason)>> {
        let backends = &self.report.backends;
        let mut keys: Vec<&str> = Vec::new();
        for reason in backends.iter().flat_map(|backend| &backend.reasons) {
            if reason.part == part && !keys.contains(&reason.key) {
                keys.push(reason.key);
            }
        }
        keys.into_iter()
            .map(|key| {
                let of = |backend: &'_ BackendLoop| {
                    backend.reasons.iter().position(|reason| reason.key == key)
                };
                backends
                    .iter()
                    .filter_map(|backend| Some((backend, &backend.reasons[of(backend)?])))
                    .collect()
            })
            .collect()
    }

    /// What is explained, and for what.
    pub(super) fn heading(&self, escape: fn(&str) -> String) -> Vec<String> {
        let control = self.control;
        let metrics: Vec<String> = control
            .metric_targets()
            .iter()
            .map(|text| escape(text))
            .collect();
        let mut lines = vec![format!(
            "The loop of HorizontalPodAutoscaler {} -> {}, {}, {}..{} replicas",
            escape(&control.name),
            escape(&format!("{}/{}", control.target.kind, control.target.name)),
            metrics.join(", "),
            control.hpa.min_replicas,
            control.hpa.max_replicas,
        )];
        lines.push(format!(
            "Objective {}; {}",
            control.slo,
            match self.trace {
                Some(name) => format!("load of the trace {}", escape(name)),
                None => "no trace, so the peak is what maxReplicas carry (--trace adds its own)"
                    .to_owned(),
            }
        ));
        for backend in &self.report.backends {
            if backend.metric.is_none() {
                lines.push(format!(
                    "{}: no metric here grows with the load in a straight line (cpu, or --metric NAME=rate or in-flight), so \
                     only what holds for any loop is told",
                    escape(&backend.backend)
                ));
            }
        }
        lines
    }
}

/// The question that a part answers.
pub(super) const fn title(part: Part) -> &'static str {
    match part {
        Part::DeadTime => "How late is the loop?",
        Part::Ramp => "What load can it follow?",
        Part::Saturation => "How does it grow while replicas are full?",
        Part::Reserve => "What must stand by?",
        Part::Oscillation => "Does it swing, and how long does it wait?",
        Part::SteadyState => "Where does it rest?",
    }
}

/// The part's name for programs.
pub(super) const fn key(part: Part) -> &'static str {
    match part {
        Part::DeadTime => "deadTime",
        Part::Ramp => "ramp",
        Part::Saturation => "saturation",
        Part::Reserve => "reserve",
        Part::Oscillation => "oscillation",
        Part::SteadyState => "steadyState",
    }
}

/// The unit's name for programs.
pub(super) const fn unit_key(unit: Told) -> &'static str {
    match unit {
        Told::Seconds => "s",
        Told::Percent => "%",
        Told::PercentPerSecond => "%/s",
        Told::Replicas => "replicas",
        Told::Requests => "requests",
        Told::RequestsPerSecond => "requests/s",
        Told::Cores => "cores",
        Told::Times => "times",
        Told::Count => "1",
    }
}

/// A figure with its unit.
pub(super) fn figure(figure: Figure) -> String {
    let alone = |unit| format::number(figure.value, unit);
    let beside = |name: &str| {
        let number = alone(Unit::Ratio);
        format!("{number} {name}")
    };
    match figure.unit {
        Told::Seconds => alone(Unit::Seconds),
        // Nobody reads 70.0 % as more than 70 %.
        Told::Percent if figure.value.fract() == 0.0 => {
            format!("{} %", format::setting(figure.value))
        }
        Told::Percent => alone(Unit::Percent),
        Told::PercentPerSecond => format!("{}/s", alone(Unit::Percent)),
        Told::Replicas => alone(Unit::Replicas),
        Told::Requests => alone(Unit::Requests),
        Told::RequestsPerSecond => beside("requests/s"),
        Told::Cores => beside("cores"),
        Told::Times => alone(Unit::Ratio),
        Told::Count => alone(Unit::Count),
    }
}

/// A result.
pub(super) fn finding(finding: &Finding) -> String {
    match finding {
        Finding::Figure(one) if one.unit == Told::Times => format!("× {}", figure(*one)),
        Finding::Figure(one) => figure(*one),
        Finding::Between(from, to) => {
            let (from, to) = (figure(*from), figure(*to));
            if from == to {
                to
            } else {
                format!("{from} to {to}")
            }
        }
        Finding::Steps { counts, seconds } => steps(counts, *seconds),
        Finding::Saying(text) => text.clone(),
    }
}

fn steps(counts: &[u32], seconds: Option<f64>) -> String {
    let one = |count: &u32| format::count(f64::from(*count));
    let listed: Vec<String> = if counts.len() <= MOST_COUNTS {
        counts.iter().map(one).collect()
    } else {
        let (begin, end) = (&counts[..MOST_COUNTS - 3], &counts[counts.len() - 2..]);
        let dots = std::iter::once("…".to_owned());
        begin
            .iter()
            .map(one)
            .chain(dots)
            .chain(end.iter().map(one))
            .collect()
    };
    let number = counts.len().saturating_sub(1);
    let plural = if number == 1 { "" } else { "s" };
    let time = seconds.map_or_else(String::new, |seconds| {
        format!(" in {}", format::number(seconds, Unit::Seconds))
    });
    format!("{} ({number} step{plural}{time})", listed.join(" → "))
}

/// The numbers put in, those of several backends beside one another where they differ: `r 70 %, L 52.1 s | 210 s`.
pub(super) fn numbers(row: &[(&BackendLoop, &Reason)]) -> String {
    let mut symbols: Vec<&str> = Vec::new();
    for given in row.iter().flat_map(|(_, reason)| &reason.given) {
        if !symbols.contains(&given.symbol) {
            symbols.push(given.symbol);
        }
    }
    let texts = symbols.into_iter().map(|symbol| {
        let of_each = row.iter().filter_map(|(_, reason)| {
            let mut given = reason.given.iter();
            given
                .find(|given| given.symbol == symbol)
                .map(|given| figure(given.figure))
        });
        let mut values: Vec<String> = of_each.collect();
        if values.iter().all(|value| Some(value) == values.first()) {
            values.truncate(1);
        }
        // A number stays beside its unit where a line ends.
        format!("{symbol} = {}", values.join(" | ")).replace(' ', NO_BREAK)
    });
    texts.collect::<Vec<_>>().join(", ")
}
