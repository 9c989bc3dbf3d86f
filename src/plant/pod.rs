//! A pod's life: prepared, started, warm, ready, terminating, gone. Times are drawn when it is created.

use super::{Probe, StartupSpec};
use crate::stats::{Purpose, unit_draw};
use crate::units::{SimDuration, SimTime};

/// When a pod passes each point of its startup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Startup {
    /// The pod object appears, and is scheduled.
    pub created: SimTime,
    /// Its image is pulled, or its disk cloned.
    pub prepared: SimTime,
    /// Its container runs, or QEMU and firmware have handed over to the guest.
    pub started: SimTime,
    /// Its application could answer.
    pub warm: SimTime,
    /// A probe has seen it.
    pub ready: SimTime,
}

/// Whose draws a pod takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    /// The scenario's seed.
    pub seed: u64,
    /// The run's number.
    pub run: u32,
}

impl Startup {
    /// Draws the startup of the pod with the given ordinal: pod k has the same quantile in each phase on every backend.
    #[must_use]
    pub fn draw(spec: &StartupSpec, draws: Draws, ordinal: u64, created: SimTime) -> Self {
        let unit = |purpose| unit_draw(draws.seed, draws.run, purpose, ordinal);
        let span = |seconds| SimDuration::from_seconds_rounded(seconds);
        let prepared = created + span(spec.prepare.quantile(unit(Purpose::PrepareTime)));
        let started = prepared + span(spec.start.quantile(unit(Purpose::StartTime)));
        let warm = started + span(spec.ready.quantile(unit(Purpose::ReadyTime)));
        // Both probes begin at the same random share of their periods.
        let phase = unit(Purpose::ProbePhase);
        let seen = |probe: &Probe, from: SimTime| {
            let first = from + probe.initial_delay + span(probe.probe_period.as_seconds() * phase);
            let confirmed =
                probe.probe_period * i64::from(probe.success_threshold.saturating_sub(1));
            probe_at_or_after(first, probe.probe_period, warm) + confirmed
        };
        // initialDelaySeconds of the readiness probe counts from the start; its probes wait for the startup probe.
        let held_until = spec
            .startup_probe
            .as_ref()
            .map_or(started, |probe| seen(probe, started));
        let ready = seen(&spec.probe, started)
            .max(seen(&spec.probe, held_until - spec.probe.initial_delay));
        Self {
            created,
            prepared,
            started,
            warm,
            ready,
        }
    }

    /// A pod that has been ready since long before `now`.
    #[must_use]
    pub fn long_ago(now: SimTime) -> Self {
        let then = now - SimDuration::from_seconds(86_400);
        Self {
            created: then,
            prepared: then,
            started: then,
            warm: then,
            ready: then,
        }
    }

    /// The next point of the startup after `now`; `SimTime::MAX` once it is ready.
    #[must_use]
    pub fn next_after(&self, now: SimTime) -> SimTime {
        [self.prepared, self.started, self.warm, self.ready]
            .into_iter()
            .find(|point| *point > now)
            .unwrap_or(SimTime::MAX)
    }
}

/// The first probe that comes no earlier than `time`.
fn probe_at_or_after(first: SimTime, period: SimDuration, time: SimTime) -> SimTime {
    if time <= first || !period.is_positive() {
        return first.max(time);
    }
    let late = (time - first).as_nanos();
    let probes = late / period.as_nanos() + i64::from(late % period.as_nanos() != 0);
    first + period * probes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(first: i64, period: i64, time: i64, expected: i64) {
        let at = SimTime::from_seconds;
        let seen = probe_at_or_after(at(first), SimDuration::from_seconds(period), at(time));
        assert_eq!(seen, at(expected));
    }

    #[test]
    fn a_probe_sees_readiness_on_its_own_grid() {
        check(5, 10, 3, 5);
        check(5, 10, 5, 5);
        check(5, 10, 6, 15);
        check(5, 10, 15, 15);
        check(5, 10, 16, 25);
    }
}
