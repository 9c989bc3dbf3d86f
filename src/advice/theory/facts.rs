//! `Facts`: what the formulas are fed with, for one backend of a control loop.

use super::dead_time::DeadTime;
use super::figure::{Figure, Unit};
use super::meter::Meter;
use super::minimum::Floor;
use super::ramp::RampLimits;
use super::rising_load::RisingLoad;
use super::whole::whole_replicas;
use crate::hpa::ScalingRules;
use crate::plant::Server;
use crate::scenario::{Backend, ControlLoop, ScenarioError};
use crate::trace::ArrivalTrace;
use crate::units::SimDuration;

/// A backend of a control loop, with a metric that grows with its load.
pub(super) struct Facts<'a> {
    pub(super) control: &'a ControlLoop,
    pub(super) backend: &'a Backend,
    pub(super) server: Server,
    pub(super) meter: Meter,
    pub(super) dead_time: DeadTime,
    /// h, seconds.
    pub(super) sync: f64,
    /// W, seconds.
    pub(super) window: f64,
    pub(super) tolerance_up: f64,
    pub(super) tolerance_down: f64,
    /// Load of a replica up to which the objective holds, requests/s; 0 where even an idle one misses it.
    pub(super) rate_at_slo: f64,
    /// The trace, as this loop meets it.
    pub(super) load: Option<RisingLoad>,
}

impl<'a> Facts<'a> {
    /// `None` where no metric grows with the load in a straight line.
    pub(super) fn of(
        control: &'a ControlLoop,
        backend: &'a Backend,
        trace: Option<&ArrivalTrace>,
    ) -> Result<Option<Self>, ScenarioError> {
        let server = backend.server(control.slo)?;
        let Some(meter) = Meter::of(control, &backend.plant, &server) else {
            return Ok(None);
        };
        let sync = control.controller.sync_period.as_seconds();
        let [tolerance_up, tolerance_down] = tolerances(control);
        let step = meter.doubling(tolerance_up);
        let dead_time = DeadTime::of(backend, meter.path, step, sync);
        let window = scale_down_window(control).as_seconds();
        let most = u32::try_from(control.hpa.max_replicas).unwrap_or(1).max(1);
        Ok(Some(Self {
            rate_at_slo: server.max_rate(most).unwrap_or(0.0),
            load: trace.map(|trace| RisingLoad::of(trace, dead_time.lag.p95 + sync, window)),
            control,
            backend,
            server,
            meter,
            dead_time,
            sync,
            window,
            tolerance_up,
            tolerance_down,
        }))
    }

    /// Load of a replica at the target, requests/s.
    pub(super) fn rate_at_target(&self) -> f64 {
        self.meter.load(self.meter.target)
    }

    /// L + h with an unlucky L, seconds.
    pub(super) fn slow(&self) -> f64 {
        self.dead_time.lag.p95 + self.sync
    }

    /// minReplicas, at least 1.
    pub(super) fn least(&self) -> u32 {
        u32::try_from(self.control.hpa.min_replicas)
            .unwrap_or(0)
            .max(1)
    }

    /// maxReplicas, at least 1.
    pub(super) fn most(&self) -> u32 {
        u32::try_from(self.control.hpa.max_replicas)
            .unwrap_or(1)
            .max(1)
    }

    /// Replicas that the highest load needs at the target: the trace's, or else maxReplicas.
    pub(super) fn peak_replicas(&self) -> f64 {
        match &self.load {
            Some(load) => load.peak / self.rate_at_target(),
            None => f64::from(self.most()),
        }
    }

    /// The same as a count, within the autoscaler's bounds.
    pub(super) fn peak_count(&self) -> u32 {
        whole_replicas(self.peak_replicas())
            .min(self.most())
            .max(self.least())
    }

    pub(super) fn ramp(&self, lag: f64) -> RampLimits {
        RampLimits {
            at_target: self.rate_at_target(),
            at_slo: self.rate_at_slo,
            tolerance: self.tolerance_up,
            lag,
            sync: self.sync,
        }
    }

    /// The floor for a load of a replica at the target, requests/s.
    pub(super) fn floor(&self, rate_at_target: f64, most: u32, allowed_share: f64) -> Floor {
        Floor {
            rate_at_threshold: rate_at_target * (1.0 + self.tolerance_up),
            rate_at_slo: self.rate_at_slo,
            most,
            allowed_share,
        }
    }

    /// A load of a replica as the metric shows it; in requests/s where an idle replica shows something too, since then the
    /// formulas hold for loads alone.
    pub(super) fn level(&self, rate: f64) -> Figure {
        if self.meter.idle > 0.0 {
            Figure::new(rate, Unit::RequestsPerSecond)
        } else {
            Figure::new(self.meter.value(rate), self.meter.unit)
        }
    }

    /// A value of the metric.
    pub(super) fn metric(&self, value: f64) -> Figure {
        Figure::new(value, self.meter.unit)
    }
}

/// Tolerances of scaling up and down.
fn tolerances(control: &ControlLoop) -> [f64; 2] {
    let behavior = control.hpa.behavior.as_ref();
    let behavior = behavior.filter(|_| control.controller.configurable_tolerance);
    let own = |rules: &ScalingRules| rules.tolerance;
    let flag = control.controller.tolerance;
    [
        behavior
            .and_then(|behavior| own(&behavior.scale_up))
            .unwrap_or(flag),
        behavior
            .and_then(|behavior| own(&behavior.scale_down))
            .unwrap_or(flag),
    ]
}

/// The window of scaling down: the spec's, or else the controller's flag.
fn scale_down_window(control: &ControlLoop) -> SimDuration {
    let behavior = control.hpa.behavior.as_ref();
    behavior
        .and_then(|behavior| behavior.scale_down.stabilization_window)
        .unwrap_or(control.controller.downscale_stabilization)
}
