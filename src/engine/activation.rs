//! `Activator`: the autoscaler's companion, which wakes the workload and puts it to sleep.
//!
//! One poll of KEDA's operator (`RequestScale` in `pkg/scaling/executor/scale_scaledobjects.go`, KEDA 2.20). It writes what
//! the autoscaler does not do: from none or the idle count up, and down to them. What lies between is the autoscaler's.

use crate::scenario::Activation;
use crate::units::SimTime;

/// Wakes and puts to sleep.
pub(super) struct Activator<'a> {
    activation: &'a Activation,
    /// What it wakes to: the autoscaler's `minReplicas`, which is one at least.
    awake: u32,
    /// When a metric was active last; `None` before it ever was.
    last_active: Option<SimTime>,
}

impl<'a> Activator<'a> {
    pub(super) fn new(activation: &'a Activation, min_replicas: i32) -> Self {
        Self {
            activation,
            awake: u32::try_from(min_replicas).unwrap_or(0).max(1),
            last_active: None,
        }
    }

    /// One poll: the replicas that it writes, if it writes any.
    pub(super) fn poll(&mut self, now: SimTime, replicas: u32, is_active: IsActive) -> Option<u32> {
        if is_active == IsActive::Yes {
            self.last_active = Some(now);
            // Some but too few are left to the autoscaler, unless they are the idle ones.
            let is_asleep = match self.activation.idle_replicas {
                Some(_) => replicas < self.awake,
                None => replicas == 0,
            };
            return is_asleep.then_some(self.awake);
        }
        match self.activation.idle_replicas {
            Some(idle) if replicas > idle => self.has_cooled_down(now).then_some(idle),
            Some(_) => None,
            None => (replicas < self.awake).then_some(self.awake),
        }
    }

    /// Without any activity it is long past, as the trace begins with a workload at rest.
    fn has_cooled_down(&self, now: SimTime) -> bool {
        let cooldown = self.activation.cooldown;
        self.last_active.is_none_or(|last| last + cooldown < now)
    }
}

/// Whether any metric is above the value at which it is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IsActive {
    Yes,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimDuration;

    fn activation(idle_replicas: Option<u32>) -> Activation {
        Activation {
            polling_interval: SimDuration::from_seconds(30),
            cooldown: SimDuration::from_seconds(60),
            idle_replicas,
            active_above: Vec::new(),
        }
    }

    /// Polls every 30 s; activity and the count before each poll, and what it writes.
    #[track_caller]
    fn check(idle: Option<u32>, min: i32, polls: &[(IsActive, u32, Option<u32>)]) {
        let activation = activation(idle);
        let mut activator = Activator::new(&activation, min);
        for (number, (is_active, replicas, expected)) in polls.iter().enumerate() {
            let seconds = 30 * i64::try_from(number).expect("few");
            let now = SimTime::ZERO + SimDuration::from_seconds(seconds);
            let written = activator.poll(now, *replicas, *is_active);
            assert_eq!(written, *expected, "poll {number}");
        }
    }

    use IsActive::{No, Yes};

    #[test]
    fn it_sleeps_once_more_than_the_cooldown_has_passed() {
        check(
            Some(0),
            1,
            &[
                (Yes, 3, None),
                (No, 3, None),
                // 60 s after the last activity are not more than 60 s.
                (No, 2, None),
                (No, 1, Some(0)),
                (No, 0, None),
                (Yes, 0, Some(1)),
                (Yes, 1, None),
            ],
        );
    }

    #[test]
    fn it_wakes_to_min_replicas() {
        check(
            Some(0),
            4,
            &[(No, 0, None), (Yes, 0, Some(4)), (Yes, 5, None)],
        );
        check(Some(1), 4, &[(Yes, 1, Some(4)), (No, 4, None)]);
    }

    #[test]
    fn without_any_activity_it_sleeps_at_once() {
        check(Some(0), 1, &[(No, 5, Some(0))]);
    }

    #[test]
    fn without_an_idle_state_it_only_restores_the_floor() {
        check(
            None,
            2,
            &[
                (No, 0, Some(2)),
                (No, 2, None),
                (Yes, 0, Some(2)),
                (Yes, 9, None),
            ],
        );
    }

    #[test]
    fn some_but_too_few_are_left_to_the_autoscaler_while_anything_is_active() {
        check(None, 4, &[(Yes, 1, None), (Yes, 3, None), (No, 3, Some(4))]);
        check(Some(0), 4, &[(Yes, 1, Some(4)), (Yes, 3, Some(4))]);
    }
}
