//! `InFlight`: how many requests are in flight at each place, when the end of each is known from the start.

/// Requests in flight at each of many places; what has ended is taken out when somebody asks.
#[derive(Clone, Debug)]
pub struct InFlight {
    places: Vec<Place>,
}

/// When the requests at one place end, seconds: a ring whose length is a power of two, in ascending order, with an
/// infinite end behind the last. So the first can always be looked at, and that nothing is there is no special case.
#[derive(Clone, Debug)]
struct Place {
    ends: Vec<f64>,
    /// The first of them.
    first: f64,
    /// Requests that have ended and that have come, counted around. Their places in the ring are the last bits of these.
    ended: u32,
    come: u32,
}

impl InFlight {
    /// Nothing in flight at any of `places` places.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self {
            places: vec![Place::new(); places],
        }
    }

    /// How many are in flight at `now`, which is not before any earlier question about the same place. 0 for a place
    /// that is not there.
    #[inline]
    pub fn count(&mut self, place: usize, now: f64) -> u32 {
        match self.places.get_mut(place) {
            Some(place) => place.count(now),
            None => 0,
        }
    }

    /// A request goes to `place` and ends at `end`, which is finite. Cheapest where none overtakes another, as with one
    /// worker.
    ///
    /// # Panics
    /// When there is no such place.
    #[inline]
    pub fn add(&mut self, place: usize, end: f64) {
        self.places[place].add(end);
    }

    /// From now on nothing is in flight at `place`: its requests are lost.
    pub fn clear(&mut self, place: usize) {
        if let Some(place) = self.places.get_mut(place) {
            *place = Place::new();
        }
    }
}

impl Place {
    fn new() -> Self {
        Self {
            ends: vec![f64::INFINITY; 8],
            first: f64::INFINITY,
            ended: 0,
            come: 0,
        }
    }

    #[inline]
    fn end_of(&self, request: u32) -> f64 {
        self.ends[request as usize & (self.ends.len() - 1)]
    }

    #[inline]
    fn set_end(&mut self, request: u32, end: f64) {
        let last = self.ends.len() - 1;
        self.ends[request as usize & last] = end;
    }

    #[inline]
    fn count(&mut self, now: f64) -> u32 {
        // Nobody can predict whether one has ended, so that is no branch; that a second one has is rare.
        let mut ended = self.ended.wrapping_add(u32::from(self.first <= now));
        let mut first = self.end_of(ended);
        while first <= now {
            ended = ended.wrapping_add(1);
            first = self.end_of(ended);
        }
        self.ended = ended;
        self.first = first;
        self.come.wrapping_sub(ended)
    }

    #[inline]
    fn add(&mut self, end: f64) {
        if self.come.wrapping_sub(self.ended) as usize + 2 > self.ends.len() {
            self.grow();
        }
        // Those that end later move up by one. The first question is the one whose answer can be predicted.
        let mut at = self.come;
        while self.end_of(at.wrapping_sub(1)) > end && at != self.ended {
            self.set_end(at, self.end_of(at.wrapping_sub(1)));
            at = at.wrapping_sub(1);
        }
        self.set_end(at, end);
        self.come = self.come.wrapping_add(1);
        self.set_end(self.come, f64::INFINITY);
        // One instruction, because nobody can predict whether the place was empty.
        self.first = if end < self.first { end } else { self.first };
    }

    /// Doubles the ring.
    #[cold]
    fn grow(&mut self) {
        let count = self.come.wrapping_sub(self.ended);
        let mut ends: Vec<f64> = (0..count)
            .map(|request| self.end_of(self.ended.wrapping_add(request)))
            .collect();
        ends.resize(2 * self.ends.len(), f64::INFINITY);
        (self.ended, self.come) = (0, count);
        self.ends = ends;
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
