//! A pod's startup: scheduled, prepared, started, warm, ready. Times are drawn once its preparation begins.

use super::spec::{EndpointSpec, Probe, StartupSpec};
use crate::stats::{Distribution, Purpose, unit_draw};
use crate::units::{SimDuration, SimTime};

/// When a pod passes each point of its startup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Startup {
    /// The pod object appears.
    pub created: SimTime,
    /// It has a node. This and all that follows is `SimTime::MAX` while nobody can say.
    pub scheduled: SimTime,
    /// It is its turn to be prepared.
    pub begun: SimTime,
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

/// The same quantile of each phase for the pod with the same lot on every backend: its ordinal, or for a pod that is
/// restarted a number from [`Lot::RESTARTS`] on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lot(pub(super) u64);

impl Lot {
    /// The lots of restarts begin here.
    const RESTARTS: u64 = 1 << 63;

    /// Of the restart with the given number.
    pub(super) const fn of_restart(number: u64) -> Self {
        Self(Self::RESTARTS | number)
    }

    fn span(self, distribution: &Distribution, draws: Draws, purpose: Purpose) -> SimDuration {
        span(distribution.quantile(unit_draw(draws.seed, draws.run, purpose, self.0)))
    }

    /// From ready until the first request can come.
    pub(super) fn add_delay(self, spec: &EndpointSpec, draws: Draws) -> SimDuration {
        self.span(&spec.add_delay, draws, Purpose::EndpointAddDelay)
    }
}

impl Startup {
    /// A pod that has no node yet.
    #[must_use]
    pub const fn pending(created: SimTime) -> Self {
        Self {
            created,
            scheduled: SimTime::MAX,
            begun: SimTime::MAX,
            prepared: SimTime::MAX,
            started: SimTime::MAX,
            warm: SimTime::MAX,
            ready: SimTime::MAX,
        }
    }

    /// Its turn to be prepared came at `begun`; preparation takes `factor` times the usual.
    pub(super) fn prepare(
        &mut self,
        spec: &StartupSpec,
        draws: Draws,
        lot: Lot,
        begun: SimTime,
        factor: f64,
    ) {
        let unit = unit_draw(draws.seed, draws.run, Purpose::PrepareTime, lot.0);
        self.begun = begun;
        let prepared = begun + span(spec.prepare.quantile(unit) * factor);
        self.start(spec, draws, lot, prepared);
    }

    /// It was prepared at `prepared`, and starts.
    pub(super) fn start(&mut self, spec: &StartupSpec, draws: Draws, lot: Lot, prepared: SimTime) {
        self.prepared = prepared;
        let started = prepared + lot.span(&spec.start, draws, Purpose::StartTime);
        self.get_ready(spec, draws, lot, started);
    }

    /// Its container, or its guest, ran from `started` on.
    pub(super) fn get_ready(
        &mut self,
        spec: &StartupSpec,
        draws: Draws,
        lot: Lot,
        started: SimTime,
    ) {
        let warm = started + lot.span(&spec.ready, draws, Purpose::ReadyTime);
        let phase = unit_draw(draws.seed, draws.run, Purpose::ProbePhase, lot.0);
        self.started = started;
        self.warm = warm;
        self.ready = spec.seen_ready(started, warm, phase);
    }

    /// Whether it has a node.
    #[must_use]
    pub fn is_scheduled(&self) -> bool {
        self.scheduled < SimTime::MAX
    }

    /// How long the whole startup takes once its preparation has begun, without the probe.
    pub(super) fn whole(spec: &StartupSpec, draws: Draws, lot: Lot, factor: f64) -> SimDuration {
        let mut startup = Self::pending(SimTime::ZERO);
        startup.prepare(spec, draws, lot, SimTime::ZERO, factor);
        startup.warm.since_start()
    }

    /// A pod that has been ready since long before `now`.
    #[must_use]
    pub fn long_ago(now: SimTime) -> Self {
        let then = now - SimDuration::from_seconds(86_400);
        Self {
            created: then,
            scheduled: then,
            begun: then,
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

impl StartupSpec {
    /// From a pod's creation until a probe sees it ready, where it is prepared at once and its times are these quantiles
    /// of preparation, start, application start and probe phase, each in [0, 1].
    #[must_use]
    pub fn ready_after(&self, [prepare, start, ready, phase]: [f64; 4]) -> SimDuration {
        let started =
            SimTime::ZERO + span(self.prepare.quantile(prepare)) + span(self.start.quantile(start));
        let warm = started + span(self.ready.quantile(ready));
        self.seen_ready(started, warm, phase).since_start()
    }

    /// When a probe sees a pod that started and got warm at these times; both its probes begin at the same `phase`, a
    /// random share of their periods.
    fn seen_ready(&self, started: SimTime, warm: SimTime, phase: f64) -> SimTime {
        let seen = |probe: &Probe, from: SimTime| {
            let first = from + probe.initial_delay + span(probe.probe_period.as_seconds() * phase);
            let confirmed =
                probe.probe_period * i64::from(probe.success_threshold.saturating_sub(1));
            probe_at_or_after(first, probe.probe_period, warm) + confirmed
        };
        // initialDelaySeconds of the readiness probe counts from the start; its probes wait for the startup probe.
        let held_until = self
            .startup_probe
            .as_ref()
            .map_or(started, |probe| seen(probe, started));
        seen(&self.probe, started).max(seen(&self.probe, held_until - self.probe.initial_delay))
    }
}

fn span(seconds: f64) -> SimDuration {
    SimDuration::from_seconds_rounded(seconds)
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
