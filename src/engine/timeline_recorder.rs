//! Fills a timeline's rows, with the extremes of each step.

use super::record::Levels;
use crate::outcome::{Timeline, TimelineRow};
use crate::plant::{Flow, Server, Workload};
use crate::units::{SimDuration, SimTime};

/// The most rows of a timeline.
const MOST_ROWS: i64 = 2_880;

/// Steps that a timeline may have, seconds: those below a minute divide it, the others are multiples of it.
const STEPS: [i64; 16] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400,
];

/// The finest step that keeps a timeline of this length below [`MOST_ROWS`].
pub(super) fn timeline_step(horizon: SimDuration) -> SimDuration {
    let fits = |step: &&i64| {
        horizon.as_nanos() / SimDuration::from_seconds(**step).as_nanos() <= MOST_ROWS
    };
    let days = horizon.as_nanos() / SimDuration::from_seconds(86_400).as_nanos();
    let longest = (days / MOST_ROWS + 1) * 86_400;
    SimDuration::from_seconds(STEPS.iter().find(fits).copied().unwrap_or(longest))
}

/// Collects rows.
pub(super) struct TimelineRecorder<'a> {
    server: &'a Server,
    step: SimDuration,
    rows: Vec<TimelineRow>,
    row: TimelineRow,
    seconds: f64,
    occupancy: f64,
    /// Ready replicas when the occupancy was highest.
    replicas: u32,
    wait: f64,
}

impl<'a> TimelineRecorder<'a> {
    pub(super) fn new(server: &'a Server, step: SimDuration) -> Self {
        Self {
            server,
            step,
            rows: Vec::new(),
            row: empty_row(SimTime::ZERO),
            seconds: 0.0,
            occupancy: 0.0,
            replicas: 1,
            wait: 0.0,
        }
    }

    pub(super) fn usage_ratio(&mut self, ratio: f64) {
        let row = &mut self.row;
        row.usage_ratio = ratio;
        // What is no number is neither the least nor the greatest.
        row.usage_ratio_min = row.usage_ratio_min.min(ratio);
        row.usage_ratio_max = row.usage_ratio_max.max(ratio);
    }

    /// A span is about to begin: the row may have ended.
    pub(super) fn begin_span(&mut self, from: SimTime, workload: &mut Workload<'_>) {
        if from >= self.row.at + self.step {
            self.end_row(from, workload);
        }
    }

    pub(super) fn span(&mut self, from: SimTime, to: SimTime, flow: &Flow, levels: &Levels) {
        let row = &mut self.row;
        self.seconds += (to - from).as_seconds();
        row.requests += flow.arrived;
        row.bad_requests += flow.bad();
        row.backlog = row.backlog.max(flow.backlog);
        row.demand = row.demand.max(levels.demand);
        row.ready_min = row.ready_min.min(levels.ready);
        row.ready_max = row.ready_max.max(levels.ready);
        row.desired = levels.asked_for;
        row.desired_min = row.desired_min.min(levels.asked_for);
        row.desired_max = row.desired_max.max(levels.asked_for);
        if flow.occupancy >= self.occupancy {
            self.occupancy = flow.occupancy;
            self.replicas = levels.ready;
        }
        self.wait = self.wait.max(flow.wait);
    }

    pub(super) fn finish(mut self, end: SimTime, workload: &mut Workload<'_>) -> Timeline {
        self.end_row(end, workload);
        Timeline {
            step: self.step,
            rows: self.rows,
        }
    }

    /// The quantile of latency at the row's worst moment.
    fn quantile(&self, row: &TimelineRow, q: f64) -> f64 {
        if row.requests <= 0.0 || row.ready_max == 0 {
            return f64::NAN;
        }
        let steady = self
            .server
            .latency_quantile(self.occupancy, self.replicas, q);
        if self.wait > 0.0 {
            steady.max(self.wait + self.server.latency_quantile(0.0, 1, q))
        } else {
            steady
        }
    }

    fn end_row(&mut self, next: SimTime, workload: &mut Workload<'_>) {
        if self.seconds > 0.0 {
            let mut row = self.row;
            row.arrival_rate = row.requests / self.seconds;
            let counted = workload.end_row();
            [row.p50, row.p95, row.p99] =
                counted.unwrap_or_else(|| [0.5, 0.95, 0.99].map(|q| self.quantile(&row, q)));
            self.rows.push(row);
        }
        let usage_ratio = self.row.usage_ratio;
        self.row = TimelineRow {
            usage_ratio,
            usage_ratio_min: usage_ratio,
            usage_ratio_max: usage_ratio,
            ..empty_row(next)
        };
        (self.seconds, self.occupancy, self.wait) = (0.0, 0.0, 0.0);
    }
}

const fn empty_row(at: SimTime) -> TimelineRow {
    TimelineRow {
        at,
        arrival_rate: 0.0,
        demand: 0,
        ready_min: u32::MAX,
        ready_max: 0,
        desired: 0,
        desired_min: u32::MAX,
        desired_max: 0,
        usage_ratio: f64::NAN,
        usage_ratio_min: f64::NAN,
        usage_ratio_max: f64::NAN,
        p50: f64::NAN,
        p95: f64::NAN,
        p99: f64::NAN,
        requests: 0.0,
        bad_requests: 0.0,
        backlog: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(horizon: i64, expected: i64) {
        let step = timeline_step(SimDuration::from_seconds(horizon));
        assert_eq!(step, SimDuration::from_seconds(expected));
    }

    #[test]
    fn the_step_grows_with_the_trace() {
        check(60, 1);
        check(3_600, 2);
        check(86_400, 30);
        check(14 * 86_400, 600);
        check(10_000 * 86_400, 4 * 86_400);
    }
}
