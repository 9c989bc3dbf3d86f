//! `Attempts`: those that are under way, and the line of those that will give up.

use std::collections::VecDeque;

use super::balancer::Choice;

/// One try of a request, from its client's point of view.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    /// When the request's first attempt began, seconds since the scenario began.
    pub first: f64,
    /// When this one began.
    pub began: f64,
    /// Latency of the path, with that of a handshake, seconds.
    pub latency: f64,
    /// Wait for the path, seconds.
    pub link_wait: f64,
    /// Which one it is, from 1.
    pub number: u32,
    /// Where it went, and how.
    pub choice: Choice,
}

/// Names an attempt under way; its place may later be another one's, with another serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    place: u32,
    serial: u32,
}

/// The attempts that are under way: as many as requests arrive within a timeout, at most.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    places: Vec<Place>,
    vacant: Vec<u32>,
    /// Those that will give up, or may, in that order: all wait equally long.
    give_ups: VecDeque<GiveUp>,
}

/// An attempt, if the serial number is odd.
#[derive(Clone, Copy, Debug)]
struct Place {
    attempt: Attempt,
    serial: u32,
}

#[derive(Clone, Copy, Debug)]
struct GiveUp {
    at: f64,
    ticket: Ticket,
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self {
            places: Vec::new(),
            vacant: Vec::new(),
            give_ups: VecDeque::new(),
        }
    }

    /// How many are under way.
    pub(super) fn count(&self) -> usize {
        self.places.len() - self.vacant.len()
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the player admits only millions of attempts"
    )]
    pub(super) fn insert(&mut self, attempt: Attempt) -> Ticket {
        if let Some(place) = self.vacant.pop() {
            let held = &mut self.places[place as usize];
            held.attempt = attempt;
            held.serial = held.serial.wrapping_add(1);
            return Ticket {
                place,
                serial: held.serial,
            };
        }
        self.places.push(Place { attempt, serial: 1 });
        Ticket {
            place: (self.places.len() - 1) as u32,
            serial: 1,
        }
    }

    /// Takes an attempt out; `None` when it is no longer under way.
    #[inline]
    pub(super) fn take(&mut self, ticket: Ticket) -> Option<&Attempt> {
        let held = self.places.get_mut(ticket.place as usize)?;
        if held.serial != ticket.serial {
            return None;
        }
        held.serial = held.serial.wrapping_add(1);
        self.vacant.push(ticket.place);
        Some(&held.attempt)
    }

    /// Looks at an attempt; `None` when it is no longer under way.
    #[inline]
    pub(super) fn get(&self, ticket: Ticket) -> Option<&Attempt> {
        let held = self.places.get(ticket.place as usize)?;
        (held.serial == ticket.serial).then_some(&held.attempt)
    }

    /// From now on an attempt is at no slot that there is.
    pub(super) fn detach(&mut self, ticket: Ticket) {
        if let Some(held) = self.places.get_mut(ticket.place as usize)
            && held.serial == ticket.serial
        {
            held.attempt.choice.slot = usize::MAX;
        }
    }

    /// All that went to `slot`, in a fixed order. Looks through all places.
    pub(super) fn at_slot(&self, slot: usize) -> Vec<Ticket> {
        (0..)
            .zip(&self.places)
            .filter(|(_, held)| held.serial % 2 == 1 && held.attempt.choice.slot == slot)
            .map(|(place, held)| Ticket {
                place,
                serial: held.serial,
            })
            .collect()
    }

    /// The attempt gives up at `at`, not before any other one in line, unless it is taken out before.
    #[inline]
    pub(super) fn will_give_up(&mut self, ticket: Ticket, at: f64) {
        self.give_ups.push_back(GiveUp { at, ticket });
    }

    /// The attempts give up at these times, in any order.
    pub(super) fn will_all_give_up(&mut self, more: impl Iterator<Item = (Ticket, f64)>) {
        self.give_ups
            .extend(more.map(|(ticket, at)| GiveUp { at, ticket }));
        // A merge of two runs that each are in order.
        self.give_ups
            .make_contiguous()
            .sort_by(|a, b| a.at.total_cmp(&b.at));
    }

    /// When the next one gives up, or would have; infinite without any.
    #[inline]
    pub(super) fn next_give_up(&self) -> f64 {
        self.give_ups.front().map_or(f64::INFINITY, |next| next.at)
    }

    /// Takes the next one out of that line; it is still under way, unless it was taken out before.
    pub(super) fn pop_give_up(&mut self) -> Option<Ticket> {
        self.give_ups.pop_front().map(|next| next.ticket)
    }
}
