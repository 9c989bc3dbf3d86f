//! `Link`: what carries requests and responses to one backend, one after the other.

use std::collections::VecDeque;

use super::path::PathSpec;

/// A path of limited throughput, in order of arrival.
///
/// The recursion of Lindley (1952): a transfer begins when the one before it has ended, or on arrival if that is later.
/// So the wait is known at arrival, and there is no line to keep but that of those who give up in it.
#[derive(Clone, Debug)]
pub(super) struct Link {
    bits_per_second: f64,
    request: Load,
    response: Load,
    /// When it will have carried all that was sent, seconds since the scenario began.
    free: f64,
    /// All that was sent, bits.
    sent: f64,
    /// What it had carried when the slice began, bits.
    before_slice: f64,
    /// When each of those gives up whose turn will not come, or who will not be through then; in ascending order.
    in_vain: VecDeque<f64>,
}

/// One way's bytes.
#[derive(Clone, Copy, Debug)]
struct Load {
    bits: f64,
    /// How long they keep the link busy; infinite for a link that carries nothing.
    seconds: f64,
}

/// What is carried for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cargo {
    /// The request alone: it gets no answer.
    Request,
    /// The request and, right behind it, its response.
    Both,
}

impl Link {
    /// A free link.
    pub(super) fn new(spec: &PathSpec) -> Self {
        let load = |bytes: f64| {
            let bits = 8.0 * bytes;
            let seconds = bits / spec.bits_per_second;
            Load {
                bits: if bits > 0.0 { bits } else { 0.0 },
                seconds: if seconds > 0.0 { seconds } else { 0.0 },
            }
        };
        Self {
            bits_per_second: spec.bits_per_second,
            request: load(spec.request_bytes),
            response: load(spec.response_bytes),
            free: f64::NEG_INFINITY,
            sent: 0.0,
            before_slice: 0.0,
            in_vain: VecDeque::new(),
        }
    }

    /// When it is the turn of an attempt that comes at `now`, not before any other one; `None` when its turn does not
    /// come before `deadline`, or it would never be through.
    #[inline]
    pub(super) fn turn(&self, now: f64, deadline: f64) -> Option<f64> {
        let turn = if self.free > now { self.free } else { now };
        let never = (self.request.seconds + self.response.seconds).is_infinite();
        (turn < deadline && !never).then_some(turn)
    }

    /// Carries an attempt from its [`turn`](Self::turn) on.
    #[inline]
    pub(super) fn carry(&mut self, turn: f64, cargo: Cargo) {
        self.free = turn + self.seconds(cargo);
        self.sent += match cargo {
            Cargo::Request => self.request.bits,
            Cargo::Both => self.request.bits + self.response.bits,
        };
    }

    /// Seconds that a transfer takes.
    #[inline]
    pub(super) fn seconds(&self, cargo: Cargo) -> f64 {
        match cargo {
            Cargo::Request => self.request.seconds,
            Cargo::Both => self.request.seconds + self.response.seconds,
        }
    }

    /// Seconds that a response takes.
    #[inline]
    pub(super) const fn response_seconds(&self) -> f64 {
        self.response.seconds
    }

    /// An attempt that comes at `now` stays on the link until it gives up at `deadline`, not before any other one.
    #[cold]
    pub(super) fn hang(&mut self, now: f64, deadline: f64) {
        while self
            .in_vain
            .front()
            .is_some_and(|gives_up| *gives_up <= now)
        {
            self.in_vain.pop_front();
        }
        self.in_vain.push_back(deadline);
    }

    /// Those that [`hang`](Self::hang) at `now`.
    pub(super) fn hanging_at(&self, now: f64) -> usize {
        self.in_vain.len() - self.in_vain.partition_point(|gives_up| *gives_up <= now)
    }

    /// What it has carried of the present slice by `now`, bits; `now` is not before the last attempt came.
    pub(super) fn carried_in_slice(&self, now: f64) -> f64 {
        self.carried_by(now) - self.before_slice
    }

    /// A slice ends at `now`.
    pub(super) fn end_slice(&mut self, now: f64) {
        self.before_slice = self.carried_by(now);
    }

    /// It carries nothing more from `now` on.
    pub(super) fn cut(&mut self, now: f64) {
        self.sent = self.carried_by(now);
        self.free = self.free.min(now);
        self.in_vain.clear();
    }

    /// It is busy from the last attempt's arrival until it has carried all, so what is left is as long as that lasts.
    fn carried_by(&self, now: f64) -> f64 {
        if self.free > now {
            return self.sent - (self.free - now) * self.bits_per_second;
        }
        self.sent
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "the figures are sums of small integers")]

    use super::*;

    /// A link of so many bits/s for requests of 8 bits and responses of 24.
    fn link(bits_per_second: f64) -> Link {
        Link::new(&PathSpec {
            bits_per_second,
            request_bytes: 1.0,
            response_bytes: 3.0,
            ..PathSpec::direct(0.0)
        })
    }

    /// Sends an attempt with its response; when its turn was.
    fn send(link: &mut Link, now: f64, deadline: f64) -> Option<f64> {
        let turn = link.turn(now, deadline)?;
        link.carry(turn, Cargo::Both);
        Some(turn)
    }

    #[test]
    fn a_transfer_waits_for_the_one_before_it() {
        let mut link = link(16.0);
        let turns = [0.0, 1.0, 5.0].map(|now| send(&mut link, now, 100.0));
        assert_eq!(turns, [Some(0.0), Some(2.0), Some(5.0)]);
    }

    #[test]
    fn what_gets_no_answer_is_carried_one_way() {
        let mut link = link(16.0);
        link.carry(0.0, Cargo::Request);
        assert_eq!(link.turn(0.0, 9.0), Some(0.5));
    }

    #[test]
    fn who_would_give_up_in_line_takes_no_turn() {
        let mut link = link(16.0);
        assert_eq!(send(&mut link, 0.0, 1.0), Some(0.0));
        assert_eq!(send(&mut link, 0.0, 2.0), None);
        assert_eq!(send(&mut link, 0.0, 3.0), Some(2.0));
    }

    #[test]
    fn bits_count_when_they_are_carried() {
        let mut link = link(16.0);
        for _ in 0..3 {
            send(&mut link, 1.0, 100.0);
        }
        assert_eq!(link.carried_in_slice(1.0), 0.0);
        assert_eq!(link.carried_in_slice(2.0), 16.0);
        link.end_slice(3.0);
        assert_eq!(link.carried_in_slice(4.0), 16.0);
        assert_eq!(link.carried_in_slice(99.0), 64.0);
        link.cut(5.0);
        assert_eq!(link.carried_in_slice(99.0), 32.0);
    }

    #[test]
    fn who_hangs_does_so_until_the_deadline() {
        let mut link = link(16.0);
        link.hang(0.0, 3.0);
        link.hang(1.0, 4.0);
        assert_eq!([2.0, 3.0, 4.0].map(|now| link.hanging_at(now)), [2, 1, 0]);
    }

    #[test]
    fn a_link_that_carries_nothing_sends_nothing() {
        assert_eq!(link(0.0).turn(0.0, f64::MAX), None);
        assert_eq!(link(f64::NAN).turn(1.0, 2.0), Some(1.0));
        let mut wide = link(f64::INFINITY);
        send(&mut wide, 1.0, 2.0);
        assert_eq!(wide.carried_in_slice(1.0), 32.0);
    }
}
