//! `Connections`: the connections of one backend, busy, idle or still remembered.

use super::path::ConnectionSpec;

/// Places of the ring of parts: more than the parts that can have anything in them.
const PLACES: u8 = 128;

/// Parts into which the time that a connection is kept, or remembered, is cut: the resolution of its end.
const PARTS: i64 = 64;

/// The connections of one backend.
///
/// A request takes the connection that fell idle last, as pools of clients do, or opens a new one. Those that are idle
/// for `keep_alive` close, and closed ones are remembered for `linger`; both ends are seen in steps of 1/64 of that
/// time, late by at most one step. So memory is the same whatever the traffic.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    most: u64,
    busy: u64,
    idle: Fading,
    closed: Fading,
}

/// What a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    /// One that was open already.
    Kept,
    /// A new one, after a handshake.
    Opened,
}

/// What becomes of a connection that a request leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// It stays open for another request.
    Open,
    /// It is closed.
    Closed,
}

impl Connections {
    pub(super) fn new(spec: &ConnectionSpec) -> Self {
        Self {
            most: u64::from(spec.most),
            busy: 0,
            idle: Fading::new(spec.keep_alive.as_seconds()),
            closed: Fading::new(spec.linger.as_seconds()),
        }
    }

    /// A connection for a request at `now`; `None` when there are as many as there can be.
    #[inline]
    pub(super) fn take(&mut self, now: f64) -> Option<Connection> {
        self.fade(now);
        if self.idle.take_newest() {
            self.busy += 1;
            return Some(Connection::Kept);
        }
        if self.count() >= self.most {
            return None;
        }
        self.busy += 1;
        Some(Connection::Opened)
    }

    /// A request is done with its connection at `now`.
    #[inline]
    pub(super) fn leave(&mut self, now: f64, leaving: Leaving) {
        self.busy = self.busy.saturating_sub(1);
        self.fade(now);
        if leaving == Leaving::Open && self.idle.span > 0.0 {
            self.idle.add(now, 1);
        } else {
            self.closed.add(now, 1);
        }
    }

    /// Busy, idle and remembered ones, as of the last request.
    #[inline]
    pub(super) const fn count(&self) -> u64 {
        self.busy + self.idle.total + self.closed.total
    }

    #[inline]
    fn fade(&mut self, now: f64) {
        if now >= self.idle.next {
            let closed = &mut self.closed;
            self.idle.fade(now, |count, at| closed.add(at, count));
        }
        if now >= self.closed.next {
            self.closed.fade(now, |_, _| {});
        }
    }
}

/// A count of things that each end a fixed span after they were added, in a ring of parts of that span.
#[derive(Clone, Debug)]
struct Fading {
    span: f64,
    total: u64,
    counts: Box<[u64; PLACES as usize]>,
    /// The oldest part that may have anything in it, counted from the scenario's beginning, and the newest.
    oldest: i64,
    newest: i64,
    /// The instants between which things are added to the newest part without another look.
    newest_begin: f64,
    newest_end: f64,
    /// When the oldest part ends; infinite without anything.
    next: f64,
}

impl Fading {
    fn new(span: f64) -> Self {
        Self {
            span: span.max(0.0),
            total: 0,
            counts: Box::new([0; PLACES as usize]),
            oldest: 0,
            newest: 0,
            newest_begin: f64::INFINITY,
            newest_end: f64::NEG_INFINITY,
            next: f64::INFINITY,
        }
    }

    #[inline]
    fn add(&mut self, now: f64, count: u64) {
        if self.total == 0 || now < self.newest_begin || now >= self.newest_end {
            return self.add_anywhere(now, count);
        }
        self.counts[Self::place(self.newest)] += count;
        self.total += count;
    }

    fn add_anywhere(&mut self, now: f64, count: u64) {
        if self.span <= 0.0 || count == 0 {
            return;
        }
        let part = self.part_of(now);
        if self.total == 0 {
            self.oldest = part;
            self.newest = part;
            self.next = self.end_of(part);
        }
        // One that comes late is put with the oldest, one that comes early with the last part that can be.
        let part = part.clamp(self.oldest, self.oldest + PARTS + 1);
        if part >= self.newest {
            self.newest = part;
            self.newest_begin = part as f64 * self.span / PARTS as f64;
            self.newest_end = (part + 1) as f64 * self.span / PARTS as f64;
        }
        self.counts[Self::place(part)] += count;
        self.total += count;
    }

    #[inline]
    fn take_newest(&mut self) -> bool {
        if self.total == 0 {
            return false;
        }
        while self.counts[Self::place(self.newest)] == 0 {
            self.newest -= 1;
            self.newest_end = f64::NEG_INFINITY;
        }
        self.counts[Self::place(self.newest)] -= 1;
        self.total -= 1;
        if self.total == 0 {
            self.next = f64::INFINITY;
        }
        true
    }

    /// Ends what is over at `now`; `over` gets how many, and when.
    #[cold]
    fn fade(&mut self, now: f64, mut over: impl FnMut(u64, f64)) {
        while self.total > 0 && now >= self.next {
            let count = std::mem::take(&mut self.counts[Self::place(self.oldest)]);
            self.total -= count;
            if count > 0 {
                over(count, self.next);
            }
            self.oldest += 1;
            self.next = self.end_of(self.oldest);
        }
        if self.total == 0 {
            self.next = f64::INFINITY;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    fn part_of(&self, now: f64) -> i64 {
        // Saturated parts leave room for the ring's own sums.
        ((now / self.span * PARTS as f64).floor() as i64).clamp(i64::MIN / 2, i64::MAX / 2)
    }

    /// When all that was added in a part is over.
    fn end_of(&self, part: i64) -> f64 {
        (part + 1 + PARTS) as f64 * self.span / PARTS as f64
    }

    #[inline]
    fn place(part: i64) -> usize {
        // The low bits of a part are its rest after a division by the ring's size, also below zero.
        let [.., low] = part.to_be_bytes();
        usize::from(low % PLACES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimDuration;

    fn connections(most: u32, keep_alive: i64, linger: i64) -> Connections {
        Connections::new(&ConnectionSpec {
            most,
            keep_alive: SimDuration::from_seconds(keep_alive),
            linger: SimDuration::from_seconds(linger),
        })
    }

    #[test]
    fn without_keep_alive_each_request_opens_one_and_its_memory_lingers() {
        let mut all = connections(2, 0, 64);
        assert_eq!(all.take(0.5), Some(Connection::Opened));
        all.leave(0.6, Leaving::Open);
        assert_eq!(all.take(1.0), Some(Connection::Opened));
        assert_eq!(all.take(2.0), None);
        // Closed at 0.6 s, in the part from 0 to 1 s, and forgotten 64 s after that part's end.
        assert_eq!(all.take(64.9), None);
        assert_eq!(all.take(65.1), Some(Connection::Opened));
    }

    #[test]
    fn a_kept_connection_is_used_again_and_a_closed_one_is_not() {
        let mut all = connections(10, 64, 0);
        assert_eq!(all.take(0.5), Some(Connection::Opened));
        all.leave(1.5, Leaving::Open);
        assert_eq!(all.count(), 1);
        assert_eq!(all.take(2.0), Some(Connection::Kept));
        all.leave(2.5, Leaving::Closed);
        assert_eq!(all.count(), 0);
        assert_eq!(all.take(3.0), Some(Connection::Opened));
    }

    #[test]
    fn an_idle_connection_closes_and_is_then_remembered() {
        let mut all = connections(1, 64, 128);
        assert_eq!(all.take(0.5), Some(Connection::Opened));
        all.leave(0.5, Leaving::Open);
        // Idle until 65 s, remembered until 65 + 128 and at most two steps of 2 s.
        assert_eq!(all.take(66.0), None);
        assert_eq!(all.take(190.0), None);
        assert_eq!(all.take(198.0), Some(Connection::Opened));
    }

    #[test]
    fn a_cap_of_zero_refuses_all() {
        assert_eq!(connections(0, 1, 1).take(0.0), None);
    }

    #[test]
    fn the_count_is_that_of_a_plain_list_within_the_resolution() {
        let (keep_alive, linger) = (32.0, 16.0);
        let mut all = connections(u32::MAX, 32, 16);
        let mut idle: Vec<f64> = Vec::new();
        let mut closed: Vec<f64> = Vec::new();
        let mut now = 0.0;
        for step in 0_u32..4000 {
            now += f64::from(step * 7919 % 101) / 40.0;
            closed.extend(
                idle.extract_if(.., |at| *at + keep_alive <= now)
                    .map(|at| at + keep_alive),
            );
            closed.retain(|at| *at + linger > now);
            let kept = all.take(now) == Some(Connection::Kept);
            // Where the list has just lost its last one the count may still have it for a step.
            assert!(kept || idle.is_empty());
            idle.pop();
            all.leave(now, Leaving::Open);
            idle.push(now);
            assert!(all.count() + 1 >= (idle.len() + closed.len()) as u64);
        }
        assert!(all.count() < 10);
    }

    #[test]
    fn odd_times_never_panic() {
        for keep_alive in [0, 1, i64::MAX / 1_000_000_000] {
            let mut all = connections(3, keep_alive, i64::MAX / 1_000_000_000);
            for now in [-5.0, 0.0, 1e-300, 1e18, 1e300, f64::INFINITY] {
                all.take(now);
                all.leave(now, Leaving::Open);
            }
        }
    }
}
