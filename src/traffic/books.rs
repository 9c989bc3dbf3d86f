//! `Books`: the running counts of a player.

use super::attempts::Attempt;
use super::latency_histogram::LatencyHistogram;
use super::tally::Tally;
use crate::units::SimTime;

/// What is being counted.
#[derive(Clone, Debug)]
pub(super) struct Books {
    pub tally: Tally,
    slo: f64,
    /// Latencies of the present row, of the one before, and of all before it.
    row: LatencyHistogram,
    ended_row: LatencyHistogram,
    earlier: LatencyHistogram,
}

/// How a request ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Refused,
    /// Refused for want of a connection.
    NoConnection,
    TimedOut,
    Failed,
}

impl Books {
    pub(super) fn new(slo: f64) -> Self {
        Self {
            tally: Tally::default(),
            slo,
            row: LatencyHistogram::new(),
            ended_row: LatencyHistogram::new(),
            earlier: LatencyHistogram::new(),
        }
    }

    /// A request got its answer at `at`.
    #[inline]
    pub(super) fn answered(&mut self, attempt: &Attempt, at: f64) {
        let latency = at - attempt.first;
        self.row.record(latency);
        self.tally.answered += 1;
        if latency > self.slo {
            self.tally.late += 1;
            let path = &mut self.tally.path;
            path.spoilt_by_latency += u64::from(latency - attempt.latency <= self.slo);
            path.spoilt_by_throughput += u64::from(latency - attempt.link_wait <= self.slo);
        }
    }

    /// A request ended otherwise.
    #[inline]
    pub(super) fn ended(&mut self, fate: Fate) {
        match fate {
            Fate::Refused => self.tally.refused += 1,
            Fate::NoConnection => {
                self.tally.refused += 1;
                self.tally.path.spoilt_by_connections += 1;
            }
            Fate::TimedOut => self.tally.timed_out += 1,
            Fate::Failed => self.tally.failed += 1,
        }
    }

    /// So many requests came and were refused, for good.
    pub(super) fn turned_away(&mut self, requests: u64) {
        self.tally.arrived += requests;
        self.tally.refused += requests;
    }

    /// How long an attempt waits for a worker is known.
    #[inline]
    pub(super) fn waited(&mut self, wait: f64) {
        self.tally.waits += 1;
        self.tally.wait_seconds += wait;
        if wait > self.tally.worst_wait {
            self.tally.worst_wait = wait;
        }
    }

    /// So many wait at `now`.
    pub(super) fn backlog(&mut self, waiting: u64, now: SimTime) {
        self.tally.backlog = waiting;
        if waiting > self.tally.worst_backlog {
            self.tally.worst_backlog = waiting;
            self.tally.worst_backlog_at = now;
        }
    }

    pub(super) fn latencies(&self) -> LatencyHistogram {
        let mut all = self.earlier.clone();
        all.merge(&self.row);
        all
    }

    pub(super) fn end_row(&mut self) -> &LatencyHistogram {
        self.earlier.merge(&self.row);
        std::mem::swap(&mut self.row, &mut self.ended_row);
        self.row.clear();
        &self.ended_row
    }
}
