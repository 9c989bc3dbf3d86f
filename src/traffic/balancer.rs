//! `Balancer`: `LB(request) = select_backend(request, backends, strategy)`.
//!
//! A request comes from a client, enters through one of the dispatchers at random, and gets the backend that its client
//! keeps, or the one that the strategy picks. Each dispatcher has its own turn and sees its own requests in flight only,
//! as IPVS has on every node, so that turns and counts of many dispatchers say ever less. A hash is the same on all.

use std::hint::select_unpredictable;

use super::balancing::{Balancing, Pinning, Strategy};
use super::clients::{ClientSampler, Pins};
use crate::stats::{Purpose, RandomWords, hash_below, stream};

/// Chooses a backend for each request.
#[derive(Clone, Debug)]
pub struct Balancer {
    strategy: Strategy,
    rotation: Rotation,
    /// For each dispatcher, the place in the rotation whose turn is next. Below the rotation's length, if it has one.
    turns: Vec<u32>,
    dispatchers: u32,
    clients: ClientSampler,
    /// Whether it makes a difference who asks.
    tells_clients_apart: bool,
    pins: Pins,
    client_draws: RandomWords,
    draws: RandomWords,
}

/// Where a request goes, and how it came there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The backend's slot.
    pub slot: usize,
    /// Through which dispatcher the request entered.
    pub dispatcher: u32,
    /// Who sent it; 0 for all where nothing depends on it (each request balanced alone, and not by client).
    pub client: u32,
}

/// The slots of the backends in rotation, and their places in it.
#[derive(Clone, Debug, Default)]
struct Rotation {
    slots: Vec<u32>,
    /// For each slot, its place, or [`OUT`].
    places: Vec<u32>,
}

/// The place of a slot that is not in rotation.
const OUT: u32 = u32::MAX;

impl Balancer {
    /// A balancer with nothing in rotation yet. No dispatchers count as one.
    #[must_use]
    pub fn new(balancing: &Balancing, seed: u64, run: u32) -> Self {
        let dispatchers = balancing.dispatchers.max(1);
        let clients = ClientSampler::new(&balancing.clients);
        let pins = Pins::new(&balancing.pinning, clients.count(), seed, run);
        Self {
            strategy: balancing.strategy,
            rotation: Rotation::default(),
            turns: vec![0; dispatchers as usize],
            dispatchers,
            tells_clients_apart: balancing.strategy == Strategy::IpHash
                || balancing.pinning != Pinning::Request,
            clients,
            pins,
            client_draws: RandomWords::new(&mut stream(seed, run, Purpose::Client, 0)),
            draws: RandomWords::new(&mut stream(seed, run, Purpose::Balancing, 0)),
        }
    }

    /// The slots of the backends in rotation, each once, in order.
    #[must_use]
    pub fn rotation(&self) -> &[u32] {
        &self.rotation.slots
    }

    /// From now on these slots are in rotation, each named once, in this order.
    ///
    /// A dispatcher whose turn was at a backend that stays goes on there, else at the next one that stays. Where nothing
    /// stays each dispatcher begins anywhere.
    ///
    /// # Panics
    /// When a slot is 2^32 - 1 or more.
    pub fn set_rotation(&mut self, slots: &[usize]) {
        let before = std::mem::take(&mut self.rotation.slots);
        for slot in &before {
            self.rotation.places[*slot as usize] = OUT;
        }
        for slot in slots {
            self.rotation.put_in(*slot);
        }
        let count = self.rotation.count();
        for turn in &mut self.turns {
            let (earlier, later) = before.split_at((*turn as usize).min(before.len()));
            *turn = later
                .iter()
                .chain(earlier)
                .find_map(|slot| self.rotation.place_of(*slot))
                .unwrap_or_else(|| self.draws.draw_below(count));
        }
    }

    /// The backend at `slot` is gone for good: clients that kept it do not keep the next one there.
    pub fn forget(&mut self, slot: usize) {
        if let Ok(slot) = u32::try_from(slot) {
            self.pins.forget(slot);
        }
    }

    /// Where the next request goes, which comes `now` seconds after the beginning, not before any earlier one; `None` with nothing in rotation.
    ///
    /// `in_flight` says how many requests that entered through a dispatcher are in flight at a slot. It is asked by the
    /// strategies that compare backends only.
    #[inline]
    pub fn select(&mut self, now: f64, in_flight: impl FnMut(u32, usize) -> u32) -> Option<Choice> {
        let (client, dispatcher) = self.enter();
        self.select_for(client, dispatcher, now, in_flight)
    }

    /// Where the client of an earlier choice goes when it tries once more through the same dispatcher.
    #[inline]
    pub fn select_again(
        &mut self,
        earlier: Choice,
        now: f64,
        in_flight: impl FnMut(u32, usize) -> u32,
    ) -> Option<Choice> {
        self.select_for(earlier.client, earlier.dispatcher, now, in_flight)
    }

    /// Fills `slots` with where the next requests go, as one [`select`](Self::select) each would say, but faster.
    ///
    /// `false`, and nothing is chosen, where that depends on what is in flight or when requests come: where the strategy
    /// compares backends, clients keep theirs, or nothing is in rotation.
    #[must_use]
    pub fn select_block(&mut self, slots: &mut [u32]) -> bool {
        let compares = matches!(
            self.strategy,
            Strategy::LeastConnections | Strategy::PowerOfTwoChoices
        );
        if compares || self.pins.is_kept() || self.rotation.slots.is_empty() {
            return false;
        }
        let (count, rotation) = (self.rotation.count(), &self.rotation.slots);
        match (self.strategy, self.turns.as_mut_slice()) {
            (Strategy::RoundRobin, [turn]) => {
                let mut rest = slots;
                while !rest.is_empty() {
                    let turns = &rotation[*turn as usize..];
                    let (dealt, others) = rest.split_at_mut(turns.len().min(rest.len()));
                    dealt.copy_from_slice(&turns[..dealt.len()]);
                    advance(turn, dealt.len(), count);
                    rest = others;
                }
            }
            (Strategy::Random, [_]) => {
                self.draws.fill_below(count, slots);
                for slot in slots {
                    *slot = rotation[*slot as usize];
                }
            }
            (Strategy::IpHash, [_]) => {
                self.clients.fill(&mut self.client_draws, slots);
                for slot in slots {
                    *slot = rotation[hash_below(u64::from(*slot), count) as usize];
                }
            }
            _ => {
                for slot in slots {
                    let (client, dispatcher) = self.enter();
                    *slot = self.pick(client, dispatcher, |_, _| 0);
                }
            }
        }
        true
    }

    /// Who sends the next request, and through which dispatcher it enters.
    #[inline]
    fn enter(&mut self) -> (u32, u32) {
        let client = if self.tells_clients_apart {
            self.clients.sample(&mut self.client_draws)
        } else {
            0
        };
        let dispatcher = if self.dispatchers > 1 {
            self.draws.draw_below(self.dispatchers)
        } else {
            0
        };
        (client, dispatcher)
    }

    #[inline]
    fn select_for(
        &mut self,
        client: u32,
        dispatcher: u32,
        now: f64,
        in_flight: impl FnMut(u32, usize) -> u32,
    ) -> Option<Choice> {
        if self.rotation.slots.is_empty() {
            return None;
        }
        let to = |slot: u32| {
            Some(Choice {
                slot: slot as usize,
                dispatcher,
                client,
            })
        };
        let keeps = self.pins.is_kept();
        if keeps
            && let Some(slot) = self.pins.kept(client, now)
            && self.rotation.place_of(slot).is_some()
        {
            return to(slot);
        }
        let slot = self.pick(client, dispatcher, in_flight);
        if keeps {
            self.pins.keep(client, slot, now);
        }
        to(slot)
    }

    /// The slot that the strategy picks from a rotation that is not empty.
    #[inline]
    fn pick(
        &mut self,
        client: u32,
        dispatcher: u32,
        mut in_flight: impl FnMut(u32, usize) -> u32,
    ) -> u32 {
        let slots = &self.rotation.slots;
        let count = self.rotation.count();
        let mut load = |slot: u32| in_flight(dispatcher, slot as usize);
        let place = match self.strategy {
            Strategy::Random => self.draws.draw_below(count),
            Strategy::RoundRobin => take_turn(&mut self.turns[dispatcher as usize], count),
            Strategy::LeastConnections => least_loaded(slots, load, &mut self.draws),
            Strategy::PowerOfTwoChoices => {
                let (one, other) = two_different(count, &mut self.draws);
                let loads = [one, other].map(|place| load(slots[place as usize]));
                select_unpredictable(loads[1] < loads[0], other, one)
            }
            Strategy::IpHash => hash_below(u64::from(client), count),
        };
        slots[place as usize]
    }
}

impl Rotation {
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "each slot is there once and below 2^32 - 1"
    )]
    const fn count(&self) -> u32 {
        self.slots.len() as u32
    }

    #[inline]
    fn place_of(&self, slot: u32) -> Option<u32> {
        let place = self.places.get(slot as usize).copied();
        place.filter(|place| *place != OUT)
    }

    /// Puts a slot at the end, unless it is there.
    fn put_in(&mut self, slot: usize) {
        let name = u32::try_from(slot).unwrap_or(OUT);
        assert!(name != OUT, "a slot is a small number");
        if self.places.len() <= slot {
            self.places.resize(slot + 1, OUT);
        }
        if self.places[slot] == OUT {
            self.places[slot] = self.count();
            self.slots.push(name);
        }
    }
}

/// The place whose turn it is; then it is the next one's.
#[inline]
fn take_turn(turn: &mut u32, count: u32) -> u32 {
    let place = *turn;
    let next = place + 1;
    *turn = if next == count { 0 } else { next };
    place
}

/// So many places have had their turn, at most up to the last one.
#[inline]
fn advance(turn: &mut u32, dealt: usize, count: u32) {
    let next = u32::try_from(dealt).map_or(count, |dealt| *turn + dealt);
    *turn = if next >= count { 0 } else { next };
}

/// The place with the least load, any of them where several have it.
///
/// Each load gets 16 random bits behind it, which decide between equals. Where those are equal, too, the later place
/// yields, so that of two equals one has 2^-17 too much. Unlike a count of the equals this has no branch that nobody can
/// predict.
#[inline]
fn least_loaded(slots: &[u32], mut load: impl FnMut(u32) -> u32, draws: &mut RandomWords) -> u32 {
    // The least of the even and of the odd places, side by side.
    let (mut even, mut odd) = (Least::NONE, Least::NONE);
    let mut place = 0;
    let (fours, rest) = slots.as_chunks::<4>();
    for [a, b, c, d] in fours {
        let word = draws.draw();
        even.compare(load(*a), word >> 48, place);
        odd.compare(load(*b), word >> 32, place + 1);
        even.compare(load(*c), word >> 16, place + 2);
        odd.compare(load(*d), word, place + 3);
        place += 4;
    }
    let mut word = if rest.is_empty() { 0 } else { draws.draw() };
    for slot in rest {
        even.compare(load(*slot), word >> 48, place);
        word <<= 16;
        place += 1;
    }
    if odd.key < even.key {
        odd.place
    } else {
        even.place
    }
}

/// The least loaded place so far.
#[derive(Clone, Copy)]
struct Least {
    key: u64,
    place: u32,
}

impl Least {
    const NONE: Self = Self {
        key: u64::MAX,
        place: 0,
    };

    #[inline]
    fn compare(&mut self, load: u32, random: u64, place: u32) {
        let key = u64::from(load) << 16 | random & 0xffff;
        let less = key < self.key;
        self.key = select_unpredictable(less, key, self.key);
        self.place = select_unpredictable(less, place, self.place);
    }
}

/// Two different places at random, in random order; the same twice where there is only one.
#[inline]
fn two_different(count: u32, draws: &mut RandomWords) -> (u32, u32) {
    let one = draws.draw_below(count);
    let other = draws.draw_below(count.saturating_sub(1));
    // The draw runs over the places without the first one.
    let skipped = u32::from(other >= one && count > 1);
    (one, other + skipped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Distribution;
    use crate::traffic::{ClientPopulation, Strategy};
    use crate::units::SimDuration;
    use proptest::prelude::*;
    use proptest::strategy::Strategy as _;

    fn balancing(strategy: Strategy) -> Balancing {
        Balancing {
            strategy,
            ..Balancing::random()
        }
    }

    fn balancer(balancing: &Balancing, backends: usize) -> Balancer {
        let mut balancer = Balancer::new(balancing, 1, 0);
        balancer.set_rotation(&(0..backends).collect::<Vec<_>>());
        balancer
    }

    /// The slots of the next choices, with equal counts everywhere.
    fn slots(balancer: &mut Balancer, requests: usize) -> Vec<usize> {
        (0..requests)
            .map(|_| balancer.select(0.0, |_, _| 0).expect("a backend").slot)
            .collect()
    }

    fn tally(slots: &[usize], backends: usize) -> Vec<u32> {
        let mut tally = vec![0; backends];
        for slot in slots {
            tally[*slot] += 1;
        }
        tally
    }

    fn any_pinning() -> impl proptest::strategy::Strategy<Value = Pinning> {
        prop_oneof![
            Just(Pinning::Request),
            Just(Pinning::Affinity(SimDuration::from_seconds(5))),
            Just(Pinning::Connection(Distribution::Exponential { mean: 5.0 })),
        ]
    }

    fn any_rotation() -> impl proptest::strategy::Strategy<Value = Vec<usize>> {
        let sorted = prop::collection::btree_set(0..20_usize, 0..8);
        sorted
            .prop_map(|slots| slots.into_iter().collect::<Vec<_>>())
            .prop_shuffle()
    }

    proptest! {
        #[test]
        fn every_strategy_picks_from_the_rotation_only(
            strategy in prop::sample::select(Strategy::ALL.to_vec()),
            pinning in any_pinning(),
            dispatchers in 0..5_u32,
            count in 0..20_u32,
            rotations in prop::collection::vec(any_rotation(), 1..10),
        ) {
            let clients = ClientPopulation { count, skew: 0.5 };
            let mut balancer = Balancer::new(
                &Balancing { strategy, dispatchers, pinning, clients },
                7,
                0,
            );
            let mut now = 0.0;
            for rotation in rotations {
                balancer.set_rotation(&rotation);
                for _ in 0..20 {
                    now += 0.1;
                    let choice = balancer.select(now, |_, slot| u32::from(slot % 3 == 0));
                    match choice {
                        None => prop_assert!(rotation.is_empty()),
                        Some(choice) => {
                            prop_assert!(rotation.contains(&choice.slot));
                            prop_assert!(choice.dispatcher < dispatchers.max(1));
                            prop_assert!(choice.client < count.max(1));
                        }
                    }
                }
            }
        }

        #[test]
        fn a_block_of_choices_is_that_of_single_ones(
            strategy in prop::sample::select(Strategy::ALL.to_vec()),
            dispatchers in 1..4_u32,
            rotation in any_rotation(),
            requests in 0..1200_usize,
        ) {
            let balancing = Balancing { dispatchers, ..balancing(strategy) };
            let mut blocks = Balancer::new(&balancing, 1, 0);
            blocks.set_rotation(&rotation);
            let mut single = blocks.clone();
            let mut block = vec![0; requests];
            for _ in 0..2 {
                if blocks.select_block(&mut block) {
                    for slot in &block {
                        let choice = single.select(0.0, |_, _| 0);
                        prop_assert_eq!(choice.map(|choice| choice.slot), Some(*slot as usize));
                    }
                }
            }
        }

        #[test]
        fn round_robin_is_fair_to_within_one(backends in 1..30_usize, requests in 0..200_usize) {
            let mut balancer = balancer(&balancing(Strategy::RoundRobin), backends);
            let tally = tally(&slots(&mut balancer, requests), backends);
            let (least, most) = (tally.iter().min(), tally.iter().max());
            prop_assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1));
        }

        #[test]
        fn a_backend_that_leaves_takes_no_turn_from_another(
            backends in 2..20_usize,
            before in 0..40_usize,
            leaves in any::<prop::sample::Index>(),
        ) {
            let mut balancer = balancer(&balancing(Strategy::RoundRobin), backends);
            let mut all = slots(&mut balancer, before + 1);
            let last = all.pop().expect("one choice");
            let leaves = leaves.index(backends);
            let stay: Vec<usize> = (0..backends).filter(|slot| *slot != leaves).collect();
            balancer.set_rotation(&stay);
            let after = slots(&mut balancer, backends - 1);
            let next = (1..=backends).map(|step| (last + step) % backends);
            let expected: Vec<usize> = next.filter(|slot| *slot != leaves).collect();
            prop_assert_eq!(after, expected);
        }

        #[test]
        fn of_its_two_the_power_of_two_choices_never_takes_the_busier(
            loads in prop::collection::vec(0..5_u32, 1..10),
            seed: u64,
        ) {
            let mut balancer = Balancer::new(&balancing(Strategy::PowerOfTwoChoices), seed, 0);
            balancer.set_rotation(&(0..loads.len()).collect::<Vec<_>>());
            for _ in 0..20 {
                let mut asked = Vec::new();
                let choice = balancer.select(0.0, |_, slot| {
                    asked.push(slot);
                    loads[slot]
                });
                let chosen = choice.expect("a backend").slot;
                prop_assert_eq!(asked.len(), 2);
                prop_assert!(asked.contains(&chosen));
                prop_assert_eq!(asked[0] == asked[1], loads.len() == 1);
                prop_assert_eq!(Some(loads[chosen]), asked.iter().map(|slot| loads[*slot]).min());
            }
        }

        #[test]
        fn least_connections_takes_a_least_loaded_one(
            loads in prop::collection::vec(0..5_u32, 1..40),
        ) {
            let mut balancer = balancer(&balancing(Strategy::LeastConnections), loads.len());
            for _ in 0..20 {
                let choice = balancer.select(0.0, |_, slot| loads[slot]);
                let load = choice.map(|choice| loads[choice.slot]);
                prop_assert_eq!(load.as_ref(), loads.iter().min());
            }
        }

        #[test]
        fn an_affinity_keeps_a_client_while_its_backend_is_in_rotation(
            strategy in prop::sample::select(Strategy::ALL.to_vec()),
            rotations in prop::collection::vec(any_rotation(), 1..10),
        ) {
            let mut balancer = Balancer::new(
                &Balancing {
                    pinning: Pinning::Affinity(SimDuration::from_seconds(1000)),
                    clients: ClientPopulation { count: 5, skew: 0.0 },
                    ..balancing(strategy)
                },
                3,
                0,
            );
            let mut kept = [None; 5];
            for rotation in rotations {
                balancer.set_rotation(&rotation);
                for _ in 0..20 {
                    let Some(choice) = balancer.select(0.0, |_, slot| {
                        u32::from(slot % 2 == 0)
                    }) else { continue };
                    let before = kept[choice.client as usize].replace(choice.slot);
                    if let Some(before) = before.filter(|before| rotation.contains(before)) {
                        prop_assert_eq!(before, choice.slot);
                    }
                }
            }
        }
    }

    #[test]
    fn ties_of_least_connections_go_anywhere() {
        let loads = [1, 0, 1, 1, 1, 0, 0];
        let mut balancer = balancer(&balancing(Strategy::LeastConnections), loads.len());
        let mut tally = [0_u32; 7];
        for _ in 0..30_000 {
            let choice = balancer.select(0.0, |_, slot| loads[slot]);
            tally[choice.expect("a backend").slot] += 1;
        }
        // 10,000 each, with a standard error of 82.
        for (count, load) in tally.iter().zip(loads) {
            let expected = if load == 0 { 10_000 } else { 0 };
            assert!(count.abs_diff(expected) < 410, "{tally:?}");
        }
    }

    #[test]
    fn power_of_two_choices_asks_about_each_pair_equally_often() {
        let mut balancer = balancer(&balancing(Strategy::PowerOfTwoChoices), 4);
        let mut pairs = [[0_u32; 4]; 4];
        for _ in 0..12_000 {
            let mut asked = Vec::new();
            balancer.select(0.0, |_, slot| {
                asked.push(slot);
                0
            });
            pairs[asked[0]][asked[1]] += 1;
        }
        // 1000 each, with a standard error of 30.
        for (one, row) in pairs.iter().enumerate() {
            for (other, count) in row.iter().enumerate() {
                let expected = if one == other { 0 } else { 1000 };
                assert!(count.abs_diff(expected) < 150, "{pairs:?}");
            }
        }
    }

    /// The spread of the shares that equal clients give `backends` backends, over many hashes: domain facts say
    /// sqrt((c - 1) / K).
    #[test]
    fn a_hash_of_few_clients_spreads_unevenly() {
        let (backends, clients, trials) = (10_u32, 20_u32, 4000_u32);
        let mut squares = 0.0;
        for trial in 0..trials {
            let mut shares = [0_u32; 10];
            for client in trial * clients..(trial + 1) * clients {
                shares[hash_below(u64::from(client), backends) as usize] += 1;
            }
            let mean = f64::from(clients) / f64::from(backends);
            squares += shares
                .iter()
                .map(|share| (f64::from(*share) / mean - 1.0).powi(2))
                .sum::<f64>()
                / f64::from(backends);
        }
        let cv = (squares / f64::from(trials)).sqrt();
        let expected = (f64::from(backends - 1) / f64::from(clients)).sqrt();
        assert!((cv / expected - 1.0).abs() < 0.02, "{cv} {expected}");
    }

    #[test]
    fn one_client_has_one_backend_by_its_hash() {
        let clients = ClientPopulation {
            count: 1,
            skew: 1.0,
        };
        let mut balancer = balancer(
            &Balancing {
                clients,
                ..balancing(Strategy::IpHash)
            },
            10,
        );
        let slots = slots(&mut balancer, 100);
        assert!(slots.iter().all(|slot| *slot == slots[0]));
    }

    #[test]
    fn many_dispatchers_make_turns_look_random() {
        // Requests from one to the next at the same backend: always 10 in turn; geometric with a variance of 90 at
        // random.
        let variance = |dispatchers: u32| {
            let mut balancer = balancer(
                &Balancing {
                    dispatchers,
                    ..balancing(Strategy::RoundRobin)
                },
                10,
            );
            let chosen = slots(&mut balancer, 40_000);
            let at: Vec<usize> = (0..chosen.len()).filter(|k| chosen[*k] == 0).collect();
            let gaps = at.windows(2).map(|pair| (pair[1] - pair[0]) as f64 - 10.0);
            gaps.map(|gap| gap * gap).sum::<f64>() / at.len() as f64
        };
        let [one, four, many] = [1, 4, 1000].map(variance);
        assert!(one < 1e-9 && one < four, "{one} {four}");
        assert!((80.0..100.0).contains(&many), "{many}");
    }

    #[test]
    fn dispatchers_see_their_own_requests_only() {
        let mut balancer = balancer(
            &Balancing {
                dispatchers: 2,
                ..balancing(Strategy::LeastConnections)
            },
            2,
        );
        for _ in 0..100 {
            let choice = balancer
                .select(0.0, |dispatcher, slot| {
                    u32::from(slot == dispatcher as usize)
                })
                .expect("a backend");
            assert_ne!(choice.slot, choice.dispatcher as usize);
        }
    }

    #[test]
    fn a_second_try_is_of_the_same_client_through_the_same_dispatcher() {
        let mut balancer = balancer(
            &Balancing {
                dispatchers: 3,
                ..balancing(Strategy::IpHash)
            },
            5,
        );
        for _ in 0..100 {
            let first = balancer.select(0.0, |_, _| 0).expect("a backend");
            assert_eq!(balancer.select_again(first, 0.0, |_, _| 0), Some(first));
        }
    }

    #[test]
    fn after_an_empty_rotation_it_goes_on() {
        for strategy in Strategy::ALL {
            let mut balancer = balancer(&balancing(strategy), 3);
            balancer.set_rotation(&[]);
            assert_eq!(balancer.select(0.0, |_, _| 0), None);
            balancer.set_rotation(&[5]);
            assert_eq!(slots(&mut balancer, 3), [5, 5, 5]);
        }
    }
}
