//! `CostFloor`: what the rest of a run costs at least.

use crate::trace::ArrivalTrace;
use crate::units::SimTime;

/// Stretches of a trace are at least so long, so that what one leaves to the next is little beside it.
const LEAST_SECONDS: f64 = 300.0;

/// How many more replicas than `maxReplicas` may serve while some are on their way out.
const LEAVING: f64 = 2.0;

/// A part of a trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    start: SimTime,
    seconds: f64,
    requests: f64,
}

impl Stretch {
    /// A trace in stretches of whole steps.
    pub(super) fn all(trace: &ArrivalTrace) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for step in trace.series().steps() {
            let seconds = step.length().as_seconds();
            let requests = step.value * seconds;
            match all.last_mut().filter(|last| last.seconds < LEAST_SECONDS) {
                Some(last) => {
                    last.seconds += seconds;
                    last.requests += requests;
                }
                None => all.push(Self {
                    start: step.start,
                    seconds,
                    requests,
                }),
            }
        }
        all
    }
}

/// What it takes to serve requests well.
#[derive(Clone, Copy, Debug)]
pub(super) struct Serving {
    /// Requests/s that a replica serves at most.
    pub(super) capacity: f64,
    /// Within which a good request is answered, seconds.
    pub(super) latency: f64,
    /// Most replicas that are asked for.
    pub(super) most: f64,
}

/// What the rest of a run costs at least: the replicas that are never taken away, and those without which more requests
/// were bad than may be.
#[derive(Clone, Debug)]
pub(super) struct CostFloor {
    /// Replicas that exist at any time.
    replicas: f64,
    end: SimTime,
    /// Requests/s that a replica serves at most; infinite where serving asks for nothing.
    capacity: f64,
    /// For each stretch its start, and the replica-seconds from there to the end where no request is bad.
    needed: Vec<(SimTime, f64)>,
    /// The first stretch that has not begun.
    next: usize,
}

impl CostFloor {
    /// Of a run until `end` in which so many replicas exist at any time; `serving` is `None` where requests are not to be
    /// counted on to ask for replicas.
    ///
    /// A good request is answered within the objective's latency. So what arrives in a stretch is served in it, but for
    /// what replicas serve within that latency after its end.
    pub(super) fn new(
        stretches: &[Stretch],
        end: SimTime,
        replicas: u32,
        serving: Option<Serving>,
    ) -> Self {
        let replicas = f64::from(replicas);
        let mut needed = Vec::new();
        if let Some(serving) = serving {
            let left_over = LEAVING * serving.most * serving.latency;
            let mut sum = 0.0;
            needed.reserve_exact(stretches.len());
            for stretch in stretches.iter().rev() {
                let served = stretch.requests / serving.capacity - left_over;
                sum += served.max(replicas * stretch.seconds);
                needed.push((stretch.start, sum));
            }
            needed.reverse();
        }
        Self {
            replicas,
            end,
            capacity: serving.map_or(f64::INFINITY, |serving| serving.capacity),
            needed,
            next: 0,
        }
    }

    /// Replica-seconds from `now` on, if no more than `may_be_bad` further requests are. Not to be asked for earlier times
    /// later.
    pub(super) fn after(&mut self, now: SimTime, may_be_bad: f64) -> f64 {
        let held = |until: SimTime| self.replicas * (until - now).as_seconds();
        let begun = self.needed[self.next..]
            .iter()
            .take_while(|(start, _)| *start < now)
            .count();
        self.next += begun;
        let Some((start, needed)) = self.needed.get(self.next) else {
            return held(self.end);
        };
        let spared = may_be_bad / self.capacity;
        held(self.end).max(held(*start) + needed - spared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Series;
    use crate::units::SimDuration;

    /// Two replicas always exist, one serves 10 requests/s, within a tenth of a second; half an hour at 30 and one at 5.
    fn floor(serving: bool) -> CostFloor {
        let series = Series::from_notation(SimDuration::from_seconds(60), "30x29 5x29");
        let trace = ArrivalTrace::from_rates(series.expect("valid notation"));
        let serving = serving.then_some(Serving {
            capacity: 10.0,
            latency: 0.1,
            most: 5.0,
        });
        CostFloor::new(&Stretch::all(&trace), trace.end(), 2, serving)
    }

    #[track_caller]
    fn check(floor: &mut CostFloor, minute: i64, may_be_bad: f64, expected: f64) {
        let after = floor.after(SimTime::from_seconds(minute * 60), may_be_bad);
        assert!((after - expected).abs() < 1e-6, "{after} for {expected}");
    }

    #[test]
    fn what_has_to_be_served_well_asks_for_replicas() {
        // Each of six stretches of five minutes needs 900 replica-seconds, but for one that the next may serve.
        let mut floor = floor(true);
        check(&mut floor, 0, 0.0, 6.0 * 899.0 + 3600.0);
        check(
            &mut floor,
            1,
            100.0,
            4.0 * 120.0 + 5.0 * 899.0 + 3600.0 - 10.0,
        );
        check(&mut floor, 5, 0.0, 5.0 * 899.0 + 3600.0);
        check(&mut floor, 5, 1e9, 110.0 * 30.0 * 2.0);
        check(&mut floor, 5, f64::INFINITY, 110.0 * 30.0 * 2.0);
        check(&mut floor, 59, 0.0, 120.0);
        check(&mut floor, 60, 0.0, 0.0);
    }

    #[test]
    fn without_requests_to_count_on_only_the_fewest_replicas_cost() {
        check(&mut floor(false), 10, 0.0, 50.0 * 60.0 * 2.0);
    }
}
