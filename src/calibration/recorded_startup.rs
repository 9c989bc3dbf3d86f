//! `recorded_startups`: how long replicas took from being wanted to being ready, by the counts of a recorded run.

use std::collections::VecDeque;

use super::fit::fit_times;
use super::kube_objects::StartupKind;
use super::measured::Measured;
use super::startup::GOLDEN;
use crate::trace::Series;
use crate::units::SimTime;

/// The most replicas that are followed.
const MOST: usize = 500;
/// Steps of the self-consistency algorithm; the masses then change by less than is told.
const STEPS: usize = 300;
/// Times are read off the distribution at so many quantiles, at most.
const MOST_QUANTILES: usize = 40;

/// One replica: it took longer than `after` and at most `until`, s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StartupBounds {
    /// The lower bound.
    pub after: f64,
    /// The upper bound.
    pub until: f64,
}

/// How a readiness probe looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProbeWait {
    /// From the container's start to its first look, s.
    pub initial_delay: f64,
    /// Between two looks, s.
    pub period: f64,
}

/// The replicas that were wanted and became ready within a recording. A count is known at its samples: a replica that one
/// sample is the first to want and a later one the first to show as ready took at least the time between the former and the
/// one before the latter. The first wanted are the first ready, and of those taken back the youngest go, which are not ready
/// yet.
#[must_use]
pub fn recorded_startups(wanted: &Series, ready: &Series) -> Vec<StartupBounds> {
    let mut found = Vec::new();
    // When the last sample without it was, and the first with it.
    let mut waiting: VecDeque<(SimTime, SimTime)> = VecDeque::new();
    let mut before: Option<(SimTime, usize)> = None;
    for step in wanted.steps() {
        let at = step.start;
        let want = count(step.value);
        let Some(have) = ready.value_at(at).map(count) else {
            continue;
        };
        let Some((last, wanted_before)) = before.replace((at, want)) else {
            // Those that are on their way at the beginning were wanted at an unknown time.
            continue;
        };
        for _ in wanted_before..want {
            waiting.push_back((last, at));
        }
        for _ in want..wanted_before {
            waiting.pop_back();
        }
        while waiting.len() > want.saturating_sub(have) && found.len() < MOST {
            let Some((unwanted, seen)) = waiting.pop_front() else {
                break;
            };
            found.push(StartupBounds {
                after: (last - seen).as_seconds().max(0.0),
                until: (at - unwanted).as_seconds(),
            });
        }
    }
    found
}

/// The startup of replicas by such bounds, as one phase: their distribution is the self-consistent one (Turnbull 1976),
/// spread evenly where the bounds tell no more. The wait for the probe is taken off, since the replay waits for it too.
#[must_use]
pub fn recorded_startup_settings(
    name: &str,
    kind: StartupKind,
    bounds: &[StartupBounds],
    probe: ProbeWait,
) -> Vec<Measured> {
    let [prepare, start, ready] = kind.phases();
    // No replica is ready before its first probe.
    let bounds: Vec<StartupBounds> = bounds
        .iter()
        .filter(|one| one.until > probe.initial_delay)
        .map(|one| StartupBounds {
            after: one.after.max(probe.initial_delay),
            until: one.until,
        })
        .collect();
    let times: Vec<f64> = quantiles(&bounds)
        .into_iter()
        .enumerate()
        .map(|(index, time)| {
            let share = ((index + 1) as f64 * GOLDEN).fract();
            let left = (time - probe.initial_delay - share * probe.period).max(0.0);
            // Far below what samples tell, and readable.
            (left * 100.0).round() / 100.0
        })
        .collect();
    let Some(fitted) = fit_times(&times, 0.0) else {
        return Vec::new();
    };
    let widths = bounds.iter().map(|one| one.until - one.after);
    let width = widths.sum::<f64>() / bounds.len() as f64;
    let whole = |key: &'static str, value: &str, interval: &str| Measured {
        key,
        value: value.to_owned(),
        interval: interval.to_owned(),
        source: format!(
            "{} replicas of {name}: from wanted until ready, less the wait for the probe",
            bounds.len()
        ),
        notes: Vec::new(),
        estimate: None,
    };
    let in_start = format!("all of it is in {start}: counts do not tell its phases");
    let mut all = whole(start, &fitted.distribution.to_string(), &fitted.told());
    all.notes.push(format!(
        "counts are known at their samples: each time is known to {} s, and spread evenly over that",
        super::measured::digits(width)
    ));
    vec![
        whole(prepare, "0s", &in_start),
        all,
        whole(ready, "0s", &in_start),
    ]
}

/// Times that are spread as the self-consistent distribution of the bounds is.
fn quantiles(bounds: &[StartupBounds]) -> Vec<f64> {
    let mut edges: Vec<f64> = bounds
        .iter()
        .flat_map(|one| [one.after, one.until])
        .collect();
    edges.sort_unstable_by(f64::total_cmp);
    edges.dedup();
    let cells: Vec<(f64, f64)> = edges.windows(2).map(|pair| (pair[0], pair[1])).collect();
    if cells.is_empty() {
        return Vec::new();
    }
    let span = edges[edges.len() - 1] - edges[0];
    let mut masses: Vec<f64> = cells.iter().map(|(a, b)| (b - a) / span).collect();
    let within =
        |one: &StartupBounds, cell: &(f64, f64)| one.after <= cell.0 && cell.1 <= one.until;
    for _ in 0..STEPS {
        let mut next = vec![0.0; cells.len()];
        for one in bounds {
            let inside = || (0..cells.len()).filter(|cell| within(one, &cells[*cell]));
            let sum: f64 = inside().map(|cell| masses[cell]).sum();
            for cell in inside() {
                next[cell] += masses[cell] / sum / bounds.len() as f64;
            }
        }
        masses = next;
    }
    let count = bounds.len().min(MOST_QUANTILES);
    (0..count)
        .map(|index| at_quantile(&cells, &masses, (index as f64 + 0.5) / count as f64))
        .collect()
}

/// The time below which a share of the mass lies.
fn at_quantile(cells: &[(f64, f64)], masses: &[f64], share: f64) -> f64 {
    let mut below = 0.0;
    for ((begin, end), mass) in cells.iter().zip(masses) {
        if below + mass >= share && *mass > 0.0 {
            return begin + (share - below) / mass * (end - begin);
        }
        below += mass;
    }
    cells.last().map_or(0.0, |(_, end)| *end)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, not negative and far below the range"
)]
fn count(value: f64) -> usize {
    value.round().clamp(0.0, 1e6) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{ReadOptions, TraceUnit, read};

    fn series(values: &[u32]) -> Series {
        let rows = values.iter().enumerate();
        let rows: Vec<String> = rows
            .map(|(row, value)| format!("{},{value}", row * 10))
            .collect();
        let text = format!("time,replicas\n{}", rows.join("\n"));
        let options = ReadOptions {
            unit: Some(TraceUnit::Percent),
            value_column: Some("replicas".to_owned()),
            ..ReadOptions::infer()
        };
        let trace = read("a.csv", text.as_bytes(), &options);
        trace.expect("a series").series
    }

    #[track_caller]
    fn check(wanted: &[u32], ready: &[u32], expected: &[(f64, f64)]) {
        let found: Vec<(f64, f64)> = recorded_startups(&series(wanted), &series(ready))
            .iter()
            .map(|one| (one.after, one.until))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_replica_is_known_to_the_samples_around_its_ends() {
        check(&[2, 3, 3, 3], &[2, 2, 2, 3], &[(10.0, 30.0)]);
        check(&[2, 3, 3], &[2, 3, 3], &[(0.0, 10.0)]);
        check(&[2, 4, 4, 4], &[2, 2, 3, 4], &[(0.0, 20.0), (10.0, 30.0)]);
    }

    #[test]
    fn what_is_taken_back_or_never_ready_tells_nothing() {
        check(&[2, 3, 2, 2], &[2, 2, 2, 2], &[]);
        check(&[2, 3, 3], &[2, 2, 2], &[]);
        // Two that were on their way when it began.
        check(&[4, 4, 4], &[2, 3, 4], &[]);
    }

    #[test]
    fn times_are_spread_over_what_is_known_of_them() {
        let bounds = vec![
            StartupBounds {
                after: 10.0,
                until: 20.0
            };
            10
        ];
        let found = recorded_startup_settings(
            "run.csv",
            StartupKind::Vm,
            &bounds,
            ProbeWait {
                initial_delay: 0.0,
                period: 0.0,
            },
        );
        let told: Vec<(&str, &str)> = found
            .iter()
            .map(|one| (one.key, one.value.as_str()))
            .collect();
        assert_eq!(told[0], ("vm-prepare", "0s"));
        // Uniform, whose ends are told by the moments.
        assert_eq!(told[1], ("vm-start", "9.756..20.244s"));
        assert_eq!(told[2], ("vm-ready", "0s"));
    }

    #[test]
    fn nothing_is_ready_before_its_first_probe() {
        let bounds = [StartupBounds {
            after: 0.0,
            until: 4.0,
        }];
        let probe = ProbeWait {
            initial_delay: 5.0,
            period: 5.0,
        };
        assert_eq!(
            recorded_startup_settings("run.csv", StartupKind::Container, &bounds, probe),
            []
        );
    }
}
