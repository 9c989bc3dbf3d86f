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
    highest_rate: f64,
}

impl BurstRecorder {
    pub(super) const fn new(rate_at_target: f64) -> Self {
        Self {
            rate_at_target,
            rescales: Vec::new(),
            bursts: Vec::new(),
            open: None,
            highest_rate: 0.0,
        }
    }

    pub(super) fn span(&mut self, to: SimTime, arrival_rate: f64) {
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
            self.highest_rate = arrival_rate;
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
