//! `Loads`: how many requests are in flight where, as the balancer's strategies ask.

use super::balancer::Choice;
use super::balancing::Balancing;

/// Requests in flight of each dispatcher at each slot, where the strategy compares them.
#[derive(Clone, Debug)]
pub(super) struct Loads {
    /// 0 where nobody asks.
    dispatchers: usize,
    /// By slot, then by dispatcher.
    counts: Vec<u32>,
}

impl Loads {
    pub(super) fn new(balancing: &Balancing) -> Self {
        Self {
            dispatchers: if balancing.strategy.compares() {
                balancing.dispatchers.max(1) as usize
            } else {
                0
            },
            counts: Vec::new(),
        }
    }

    pub(super) fn grow(&mut self, slots: usize) {
        let places = slots * self.dispatchers;
        if self.counts.len() < places {
            self.counts.resize(places, 0);
        }
    }

    #[inline]
    pub(super) fn get(&self, dispatcher: u32, slot: usize) -> u32 {
        self.counts[slot * self.dispatchers + dispatcher as usize]
    }

    #[inline]
    pub(super) fn add(&mut self, choice: Choice) {
        if self.dispatchers > 0 {
            self.counts[choice.slot * self.dispatchers + choice.dispatcher as usize] += 1;
        }
    }

    #[inline]
    pub(super) fn take(&mut self, choice: Choice) {
        if self.dispatchers > 0 {
            self.counts[choice.slot * self.dispatchers + choice.dispatcher as usize] -= 1;
        }
    }

    pub(super) fn forget(&mut self, slot: usize) {
        let begin = slot * self.dispatchers;
        self.counts[begin..begin + self.dispatchers].fill(0);
    }
}
