//! How long a scale-down should wait, and how long the loop takes to settle.

/// The least scale-down window that outlasts the dead time, in whole syncs, seconds: what a shorter dip of the load
/// removes would come back too late. ceil((L + h) / h) h.
#[must_use]
pub fn outlasting_window(lag: f64, sync: f64) -> f64 {
    let syncs = ((lag + sync) / sync).ceil();
    let window = syncs * sync;
    if window.is_nan() {
        f64::INFINITY
    } else {
        window
    }
}

/// How long the loop takes to come to rest after a step of the load, seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settling {
    /// Until a sync sees the step.
    pub detection: f64,
    /// h: the sync period.
    pub sync: f64,
    /// Syncs that the rate limits take, beyond the first.
    pub steps: u32,
    /// Until a replica serves.
    pub startup: f64,
    /// Until a backlog is gone.
    pub drain: f64,
    /// The scale-down window.
    pub window: f64,
}

impl Settling {
    /// Upwards: detection + k h + startup + drain.
    #[must_use]
    pub fn up(&self) -> f64 {
        self.detection + self.climb() + self.startup + self.drain
    }

    /// Downwards: detection + the window + k h.
    #[must_use]
    pub fn down(&self) -> f64 {
        self.detection + self.window + self.climb()
    }

    fn climb(&self) -> f64 {
        f64::from(self.steps) * self.sync
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_whole_syncs_and_longer_than_the_dead_time() {
        assert!((outlasting_window(60.0, 15.0) - 75.0).abs() < 1e-9);
        assert!((outlasting_window(61.0, 15.0) - 90.0).abs() < 1e-9);
        assert!(outlasting_window(f64::INFINITY, 15.0).is_infinite());
    }

    #[test]
    fn settling_adds_up() {
        let settling = Settling {
            detection: 20.0,
            sync: 15.0,
            steps: 2,
            startup: 30.0,
            drain: 5.0,
            window: 300.0,
        };
        assert!((settling.up() - 85.0).abs() < 1e-9);
        assert!((settling.down() - 350.0).abs() < 1e-9);
    }
}
