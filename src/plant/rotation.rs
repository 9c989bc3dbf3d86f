//! Whether requests are sent to a pod, and what they meet there; deletion and death as times.

use crate::units::SimTime;

/// What a request meets that is sent to a pod, if any is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Routing {
    /// No request is sent to it: it is not ready, or those who send do not know it yet, or no longer.
    Out,
    /// It takes them.
    Takes,
    /// It is still sent requests and refuses them: past its preStop, gone, or restarting.
    Refuses,
    /// It is still sent requests and never answers: it is dead.
    Dead,
}

/// From when until when those who send requests know a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rotation {
    pub(super) enter: SimTime,
    pub(super) leave: SimTime,
}

impl Rotation {
    /// A pod that has never been ready.
    pub(super) const NEVER: Self = Self {
        enter: SimTime::MAX,
        leave: SimTime::MAX,
    };

    pub(super) fn holds(self, now: SimTime) -> bool {
        self.enter <= now && now < self.leave
    }

    /// Whether it is in rotation, or will be.
    pub(super) fn is_open(self, now: SimTime) -> bool {
        self.leave > now && self.enter < self.leave
    }

    /// It became ready and is known at `enter`. One that is known still, because its removal has not got through, stays.
    pub(super) fn admit(&mut self, now: SimTime, enter: SimTime) {
        if !self.holds(now) {
            self.enter = enter;
        }
        self.leave = SimTime::MAX;
    }

    pub(super) fn leave_by(&mut self, time: SimTime) {
        self.leave = self.leave.min(time);
    }

    pub(super) fn next_after(self, now: SimTime) -> SimTime {
        match self.is_open(now) {
            true if self.enter > now => self.enter,
            true => self.leave,
            false => SimTime::MAX,
        }
    }
}

/// A pod that is being deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deletion {
    /// Its preStop: until then it takes requests.
    pub(super) takes_until: SimTime,
    /// When it is killed.
    pub(super) grace_end: SimTime,
    /// When it is gone; `None` until its drain begins.
    pub(super) gone: Option<SimTime>,
}

/// A pod that does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Death {
    pub(super) at: SimTime,
    pub(super) cause: Cause,
    /// When its Ready condition becomes False.
    pub(super) seen: SimTime,
    /// When it is restarted where it is; `SimTime::MAX` for never.
    pub(super) restart: SimTime,
    /// When it is deleted, and so replaced; `SimTime::MAX` for never.
    pub(super) evicted: SimTime,
}

/// What died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The process hangs; its container is still measured.
    Process,
    /// The node is silent, and nothing on it is measured.
    Node,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(count: i64) -> SimTime {
        SimTime::from_seconds(count)
    }

    #[test]
    fn a_pod_that_is_ready_again_before_its_removal_got_through_stays_in_rotation() {
        let mut rotation = Rotation::NEVER;
        rotation.admit(at(0), at(2));
        assert!(!rotation.holds(at(1)) && rotation.holds(at(2)));
        rotation.leave_by(at(10));
        assert_eq!(rotation.next_after(at(5)), at(10));
        rotation.admit(at(9), at(11));
        assert!(rotation.holds(at(10)), "it never was out");
    }

    #[test]
    fn a_pod_that_leaves_before_it_is_known_never_enters() {
        let mut rotation = Rotation::NEVER;
        rotation.admit(at(0), at(5));
        rotation.leave_by(at(3));
        assert_eq!(rotation.next_after(at(0)), SimTime::MAX);
        assert!(!rotation.is_open(at(0)) && !rotation.holds(at(6)));
    }
}
