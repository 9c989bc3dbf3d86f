//! `InFlight`: how many requests are in flight at each place, when the end of each is known from the start.

use std::collections::VecDeque;

/// Requests in flight at each of many places; what has ended is taken out when somebody asks.
#[derive(Clone, Debug, Default)]
pub struct InFlight {
    places: Vec<Place>,
}

#[derive(Clone, Debug)]
struct Place {
    /// The first of `ends`, infinite without any.
    first: f64,
    /// When requests in flight end, seconds, in ascending order.
    ends: VecDeque<f64>,
}

impl InFlight {
    /// Nothing in flight at any of `places` places.
    #[must_use]
    pub fn new(places: usize) -> Self {
        let nothing = Place {
            first: f64::INFINITY,
            ends: VecDeque::new(),
        };
        Self {
            places: vec![nothing; places],
        }
    }

    /// How many are in flight at `now`, which is not before any earlier question about the same place. 0 for a place
    /// that is not there.
    #[inline]
    pub fn count(&mut self, place: usize, now: f64) -> u32 {
        let Some(place) = self.places.get_mut(place) else {
            return 0;
        };
        while place.first <= now {
            place.ends.pop_front();
            place.first = place.ends.front().copied().unwrap_or(f64::INFINITY);
        }
        u32::try_from(place.ends.len()).unwrap_or(u32::MAX)
    }

    /// A request goes to `place` and ends at `end`. Cheapest where none overtakes another, as with one worker.
    ///
    /// # Panics
    /// When there is no such place.
    #[inline]
    pub fn add(&mut self, place: usize, end: f64) {
        let place = &mut self.places[place];
        match place.ends.back() {
            Some(last) if *last > end => {
                let at = place.ends.partition_point(|other| *other <= end);
                place.ends.insert(at, end);
            }
            _ => place.ends.push_back(end),
        }
        if end < place.first {
            place.first = end;
        }
    }

    /// From now on nothing is in flight at `place`: its requests are lost.
    pub fn clear(&mut self, place: usize) {
        if let Some(place) = self.places.get_mut(place) {
            place.ends.clear();
            place.first = f64::INFINITY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_are_those_of_a_plain_list(
            steps in prop::collection::vec((0..3_usize, 0.0..1.0_f64, 0.0..5.0_f64), 1..200),
        ) {
            let mut in_flight = InFlight::new(3);
            let mut plain: Vec<(usize, f64)> = Vec::new();
            let mut now = 0.0;
            for (place, gap, service) in steps {
                now += gap;
                in_flight.add(place, now + service);
                plain.push((place, now + service));
                for asked in 0..3 {
                    let there = |request: &&(usize, f64)| request.0 == asked && request.1 > now;
                    let expected = plain.iter().filter(there).count();
                    prop_assert_eq!(in_flight.count(asked, now) as usize, expected);
                }
            }
        }
    }

    #[test]
    fn a_lost_place_has_nothing_in_flight() {
        let mut in_flight = InFlight::new(1);
        in_flight.add(0, 5.0);
        in_flight.clear(0);
        assert_eq!(in_flight.count(0, 1.0), 0);
        in_flight.add(0, 5.0);
        assert_eq!(in_flight.count(0, 1.0), 1);
    }
}
