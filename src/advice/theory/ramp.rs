//! The steepest load that the loop can follow, and the target that a given load needs.

/// What a loop is up to; see [`RampLimits::growth_worst`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RampLimits {
    /// Load of a replica at the target, in the unit of `at_slo`.
    pub at_target: f64,
    /// Load of a replica up to which the objective holds.
    pub at_slo: f64,
    /// Tolerance of the scale-up direction, a share of the target.
    pub tolerance: f64,
    /// L: metrics and startup, seconds.
    pub lag: f64,
    /// h: the sync period, seconds.
    pub sync: f64,
}

impl RampLimits {
    /// The greatest exponential growth rate, 1/s, whose load is always served: ln(u / (r (1 + tolerance))) / (L + h). The load
    /// goes on growing for L + h after it left the tolerance band at the worst moment. 0 where the target leaves no room.
    #[must_use]
    pub fn growth_worst(&self) -> f64 {
        growth(
            self.at_slo / (self.at_target * (1.0 + self.tolerance)),
            self.lag + self.sync,
        )
    }

    /// The same at the best moment: ln(u / r) / L.
    #[must_use]
    pub fn growth_best(&self) -> f64 {
        growth(self.at_slo / self.at_target, self.lag)
    }

    /// The steepest straight ramp, as a share of the present load per second: (1 - r (1 + tolerance) / u) / (L + h).
    #[must_use]
    pub fn slope(&self) -> f64 {
        let room = 1.0 - self.at_target * (1.0 + self.tolerance) / self.at_slo;
        let slope = room / (self.lag + self.sync);
        if slope.is_nan() { 0.0 } else { slope.max(0.0) }
    }
}

/// The greatest load of a replica at the target that still follows a load growing at `growth` 1/s:
/// r <= u exp(-g (L + h)) / (1 + tolerance), in the unit of `at_slo`.
#[must_use]
pub fn required_target(at_slo: f64, growth: f64, lag_and_sync: f64, tolerance: f64) -> f64 {
    let exponent = growth * lag_and_sync;
    let kept = if exponent.is_nan() {
        // Nothing grows for ever, or something infinitely fast at once.
        if growth > 0.0 { 0.0 } else { 1.0 }
    } else {
        (-exponent).exp()
    };
    at_slo * kept / (1.0 + tolerance)
}

fn growth(room: f64, time: f64) -> f64 {
    let growth = room.ln() / time;
    if growth.is_nan() {
        0.0
    } else {
        growth.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(target: f64, lag: f64, doubling: f64) {
        let limits = RampLimits {
            at_target: target,
            at_slo: 1.0,
            tolerance: 0.0,
            lag,
            sync: 15.0,
        };
        let found = std::f64::consts::LN_2 / limits.growth_worst();
        assert!((found - doubling).abs() < 0.1, "{found}");
        let needed = required_target(1.0, limits.growth_worst(), lag + 15.0, 0.0);
        assert!((needed - target).abs() < 1e-12, "{needed}");
    }

    #[test]
    fn the_trackable_load_doubles_within_minutes() {
        check(0.7, 60.0, 145.8);
        check(0.5, 60.0, 75.0);
        check(0.7, 150.0, 320.7);
    }

    #[test]
    fn a_target_beyond_the_objective_follows_nothing() {
        let limits = RampLimits {
            at_target: 10.0,
            at_slo: 0.9,
            tolerance: 0.1,
            lag: 0.0,
            sync: 15.0,
        };
        for found in [limits.growth_worst(), limits.growth_best(), limits.slope()] {
            assert!(found.abs() < 1e-300, "{found}");
        }
    }

    #[test]
    fn a_straight_ramp_may_fill_the_room_within_the_dead_time() {
        let limits = RampLimits {
            at_target: 0.7,
            at_slo: 1.0,
            tolerance: 0.0,
            lag: 60.0,
            sync: 15.0,
        };
        assert!((limits.slope() - 0.3 / 75.0).abs() < 1e-12);
    }
}
