//! `Pace`: what each second is like while no pod has a backlog and neither the rate nor the pods change.

use super::flow::Flow;
use super::fluid::add_admitted;
use super::mover::{Fluid, Mover};
use super::rotation::Routing;
use super::server::Admitted;
use super::workload::Workload;
use crate::units::{SimDuration, SimTime};

/// What each second is like: found once, and good until something changes.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// Of all requests, 1/s.
    arrival_rate: f64,
    /// The state of the pods that it holds for.
    version: u64,
    /// What happens in a second.
    flow: Flow,
    /// Requests that each pod in rotation is sent, 1/s.
    share: f64,
    /// The occupancy that requests meet.
    occupancy: f64,
    /// Requests taken in by all pods, 1/s.
    taken_in: f64,
}

impl Workload<'_> {
    /// Whether requests at a rate, in 1/s, meet a steady state that stays as it is until the next change of the rate or of
    /// the pods, so that it makes no difference in how many spans they are moved.
    #[must_use]
    pub fn is_calm(&self, arrival_rate: f64) -> bool {
        let of_each = self.server.highest_at_once() * self.server.capacity();
        let highest = of_each * f64::from(self.in_rotation().max(1));
        matches!(self.mover, Mover::Fluid(_))
            && !self.is_warming()
            && arrival_rate <= highest
            && self.cohorts.iter().all(|cohort| cohort.backlog <= 0.0)
    }

    /// What each pod in rotation gets of a rate, in 1/s.
    pub(super) fn share(&self, arrival_rate: f64) -> f64 {
        arrival_rate / f64::from(self.in_rotation().max(1))
    }

    /// Moves requests in expectation over a calm span.
    pub(super) fn flow_calmly(&mut self, from: SimTime, arrival_rate: f64) -> Flow {
        let seconds = (self.now - from).as_seconds();
        let replicas = self.in_rotation();
        self.keep_pace(arrival_rate);
        let failed = std::mem::take(&mut self.failed);
        let Self {
            mover: Mover::Fluid(fluid),
            cohorts,
            server,
            ..
        } = self
        else {
            return Flow::default();
        };
        let Fluid {
            mix,
            pace: Some(pace),
            ..
        } = fluid
        else {
            return Flow::default();
        };
        for cohort in cohorts {
            if cohort.works() {
                cohort.cpu_seconds += server.cpu_at(cohort.throughput) * seconds;
                if cohort.routing == Routing::Takes {
                    cohort.taken_in += pace.share * seconds;
                }
            }
        }
        if let Some(mix) = mix
            && pace.taken_in > 0.0
        {
            mix.add_steady(pace.occupancy, replicas, pace.taken_in * seconds);
        }
        let mut flow = pace.flow.over(seconds);
        flow.failed += failed;
        flow
    }

    /// The usage counters of all containers are read ahead of the requests, which are moved later: to be called within a
    /// calm span.
    pub fn read_usage_ahead(&mut self, now: SimTime, arrival_rate: f64) {
        self.keep_pace(arrival_rate);
        let seconds = (now - self.now).as_seconds();
        let server = self.server;
        for cohort in &mut self.cohorts {
            if cohort.started && !cohort.is_cut_off() {
                let mut point = cohort.usage_point(now, server);
                if cohort.works() {
                    point.counter += server.cpu_at(cohort.throughput) * seconds;
                }
                cohort.usage.read(point);
            }
        }
    }

    /// Finds the pace at a rate, unless it is the one that is known.
    fn keep_pace(&mut self, arrival_rate: f64) {
        let Mover::Fluid(fluid) = &self.mover else {
            return;
        };
        let holds = |pace: &Pace| {
            pace.version == self.version && pace.arrival_rate.to_bits() == arrival_rate.to_bits()
        };
        if !fluid.pace.as_ref().is_some_and(holds) {
            self.find_pace(arrival_rate);
        }
    }

    fn find_pace(&mut self, arrival_rate: f64) {
        let (replicas, share) = (self.in_rotation(), self.share(arrival_rate));
        let Self {
            mover: Mover::Fluid(fluid),
            cohorts,
            server,
            ..
        } = self
        else {
            return;
        };
        fluid.busy_since = None;
        let steady = server.steady_occupancy(share, replicas, SimDuration::ZERO);
        let admitted = server.admitted(share, steady, replicas, &mut fluid.heaviest_steady);
        let mut flow = Flow {
            arrived: arrival_rate,
            ended: arrival_rate,
            ..Flow::default()
        };
        if replicas == 0 {
            flow.refused = arrival_rate;
        }
        let mut taking = 0.0;
        for cohort in cohorts {
            let pods = f64::from(cohort.count);
            flow.send(cohort.routing, share * pods);
            if !cohort.works() {
                continue;
            }
            let takes = cohort.routing == Routing::Takes;
            taking += if takes { pods } else { 0.0 };
            (cohort.throughput, cohort.occupancy) = if takes {
                (admitted.rate, admitted.occupancy)
            } else {
                (0.0, 0.0)
            };
            (cohort.in_vain, cohort.replicas) = (0.0, replicas);
        }
        let Admitted {
            rate, occupancy, ..
        } = admitted;
        if share > 0.0 && taking > 0.0 {
            let late = server
                .table()
                .late_in_steady(occupancy, replicas, rate * taking);
            add_admitted(&mut flow, server, &admitted, late, taking);
        }
        flow.backlog = server.waiting_at(occupancy, replicas) * taking;
        fluid.pace = Some(Pace {
            arrival_rate,
            version: self.version,
            flow,
            share,
            occupancy,
            taken_in: rate * taking,
        });
    }
}
