//! `Link`: what carries requests and responses to one backend, one after the other.

/// A path of limited throughput, in order of arrival.
///
/// The recursion of Lindley (1952): a transfer begins when the one before it has ended, or on arrival if that is later.
/// So the wait is known at arrival, and there is no line to keep.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// How long one request and its response keep the link busy, seconds; infinite for a link that carries nothing.
    transfer: f64,
    /// When it will have carried all that was sent, seconds since the scenario began.
    free: f64,
}

impl Link {
    /// A free link that takes `transfer` seconds for each request with its response.
    pub(super) fn new(transfer: f64) -> Self {
        Self {
            transfer: if transfer > 0.0 { transfer } else { 0.0 },
            free: f64::NEG_INFINITY,
        }
    }

    /// Sends a request at `now`, not before any other one. Returns when it has been carried; `None` when it is not
    /// before `deadline` that its turn would come, or that it would be through: then nothing was sent.
    #[inline]
    pub(super) fn send(&mut self, now: f64, deadline: f64) -> Option<f64> {
        let begin = if self.free > now { self.free } else { now };
        let carried = begin + self.transfer;
        if begin >= deadline || carried.is_infinite() {
            return None;
        }
        self.free = carried;
        Some(carried)
    }

    /// Seconds that one request and its response take.
    pub(super) const fn transfer(&self) -> f64 {
        self.transfer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_waits_for_the_one_before_it() {
        let mut link = Link::new(2.0);
        let carried = [0.0, 1.0, 5.0].map(|now| link.send(now, 100.0));
        assert_eq!(carried, [Some(2.0), Some(4.0), Some(7.0)]);
    }

    #[test]
    fn who_would_give_up_in_line_is_never_sent_and_takes_no_turn() {
        let mut link = Link::new(2.0);
        assert_eq!(link.send(0.0, 1.0), Some(2.0));
        assert_eq!(link.send(0.0, 2.0), None);
        assert_eq!(link.send(0.0, 3.0), Some(4.0));
    }

    #[test]
    fn a_link_that_carries_nothing_sends_nothing() {
        assert_eq!(Link::new(f64::INFINITY).send(0.0, f64::MAX), None);
        assert_eq!(Link::new(f64::NAN).send(1.0, 2.0), Some(1.0));
    }
}
