//! Groups writes to the scale into movements.

use crate::outcome::{Rescale, ScaleUpBurst};
use crate::units::{SimDuration, SimTime};

/// Scale-ups further apart than this belong to different movements: the default scale-down window.
const CALM: SimDuration = SimDuration::from_seconds(300);

/// Collects writes, and movements of scale-ups among them.
pub(super) struct BurstRecorder {
    rate_at_target: f64,
    rescales: Vec<Rescale>,
    bursts: Vec<ScaleUpBurst>,
    open: Option<ScaleUpBurst>,
    /// The highest rate since the movement began, and for [`LOOKBACK`] to twice that before it.
    highest_rate: f64,
    /// The highest rates of the last whole and of the present stretch of [`LOOKBACK`].
    lately: [f64; 2],
    stretch_end: SimTime,
}

/// The rate that set off a movement was measured up to about this long before the first write.
const LOOKBACK: SimDuration = SimDuration::from_seconds(60);

impl BurstRecorder {
    pub(super) const fn new(rate_at_target: f64) -> Self {
        Self {
            rate_at_target,
            rescales: Vec::new(),
            bursts: Vec::new(),
            open: None,
            highest_rate: 0.0,
            lately: [0.0; 2],
            stretch_end: SimTime::ZERO,
        }
    }

    /// A span at a rate. No span goes beyond the end of a minute.
    pub(super) fn span(&mut self, to: SimTime, arrival_rate: f64) {
        if to > self.stretch_end {
            self.lately = [self.lately[1], 0.0];
            // On the grid of minutes, whatever the spans are.
            let (end, stretch) = (to.since_start(), LOOKBACK.as_nanos());
            let stretches =
                end.as_nanos() / stretch + i64::from(end % LOOKBACK > SimDuration::ZERO);
            self.stretch_end = SimTime::ZERO + LOOKBACK * stretches;
        }
        self.lately[1] = self.lately[1].max(arrival_rate);
        self.highest_rate = self.highest_rate.max(arrival_rate);
        if self.open.is_some_and(|burst| to - burst.end > CALM) {
            self.close();
        }
    }

    pub(super) fn rescale(&mut self, rescale: Rescale, arrival_rate: f64) {
        self.rescales.push(rescale);
        if rescale.to < rescale.from {
            self.close();
            return;
        }
        let burst = self.open.get_or_insert_with(|| {
            self.highest_rate = self.lately[0].max(self.lately[1]).max(arrival_rate);
            ScaleUpBurst {
                begin: rescale.at,
                end: rescale.at,
                from: rescale.from,
                to: rescale.to,
                needed_at_target: 0,
            }
        });
        burst.end = rescale.at;
        burst.to = rescale.to;
    }

    pub(super) fn finish(mut self) -> (Vec<Rescale>, Vec<ScaleUpBurst>) {
        self.close();
        (self.rescales, self.bursts)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of replicas; a float cast saturates"
    )]
    fn close(&mut self) {
        if let Some(mut burst) = self.open.take() {
            let needed = (self.highest_rate / self.rate_at_target - 1e-9).ceil();
            burst.needed_at_target = needed.max(0.0) as u32;
            self.bursts.push(burst);
        }
    }
}
