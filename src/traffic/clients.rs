//! `ClientSampler`, who sends a request, and `Pins`, which backend a client keeps.

use super::balancing::{ClientPopulation, Pinning};
use crate::stats::{Distribution, Purpose, RandomWords, Stream, stream};

/// Draws clients in proportion to their shares, each draw in constant time.
#[derive(Clone, Debug)]
pub(super) struct ClientSampler {
    count: u32,
    /// Empty when all shares are equal.
    columns: Vec<Column>,
}

/// One column of the alias table: a draw that falls on it is this client, or the alias.
#[derive(Clone, Copy, Debug)]
struct Column {
    /// Share of the column that is the client's own; 1 when it is all.
    own: f64,
    alias: u32,
}

impl ClientSampler {
    /// A sampler of clients 0 (with the largest share) to `count - 1`.
    ///
    /// The alias method of Walker (1977) with the tables of Vose (1991). A count of 0 means one client, one over
    /// [`ClientPopulation::MOST`] means that many, and a skew that is not over zero means equal shares.
    #[must_use]
    pub(super) fn new(population: &ClientPopulation) -> Self {
        let count = population.count.clamp(1, ClientPopulation::MOST);
        let columns = if population.skew > 0.0 {
            alias_table(
                (1..=count)
                    .map(|rank| f64::from(rank).powf(-population.skew))
                    .collect(),
            )
        } else {
            Vec::new()
        };
        Self { count, columns }
    }

    /// How many clients there are.
    #[must_use]
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// The client who sends the next request.
    #[inline]
    #[must_use]
    pub(super) fn sample(&self, random: &mut RandomWords) -> u32 {
        let client = random.draw_below(self.count);
        match self.columns.get(client as usize) {
            Some(column) if random.draw_unit() >= column.own => column.alias,
            _ => client,
        }
    }

    /// Fills `clients` as one [`sample`](Self::sample) each would.
    pub(super) fn fill(&self, random: &mut RandomWords, clients: &mut [u32]) {
        if self.columns.is_empty() {
            random.fill_below(self.count, clients);
        } else {
            clients.fill_with(|| self.sample(random));
        }
    }
}

/// The alias table of weights that are finite, not negative and not all zero.
fn alias_table(weights: Vec<f64>) -> Vec<Column> {
    // From the smallest on, so that nothing is lost below the largest.
    let scale = weights.len() as f64 / weights.iter().rev().sum::<f64>();
    let mut columns: Vec<Column> = (0..)
        .zip(weights)
        .map(|(client, weight)| Column {
            own: weight * scale,
            alias: client,
        })
        .collect();
    let (mut low, mut high): (Vec<u32>, Vec<u32>) = (0..)
        .zip(&columns)
        .map(|(client, _): (u32, _)| client)
        .partition(|client| columns[*client as usize].own < 1.0);
    // What a low column lacks is filled from a high one; what rounding leaves over is full but for that rounding.
    while let (Some(poor), Some(rich)) = (low.pop(), high.pop()) {
        columns[poor as usize].alias = rich;
        let lacking = 1.0 - columns[poor as usize].own;
        let left = &mut columns[rich as usize].own;
        *left -= lacking;
        if *left < 1.0 {
            low.push(rich);
        } else {
            high.push(rich);
        }
    }
    for client in low {
        columns[client as usize].own = 1.0;
    }
    columns
}

/// Which backend each client keeps, and until when.
#[derive(Clone, Debug)]
pub(super) struct Pins {
    hold: Hold,
    /// For each client; empty where nothing is kept.
    pins: Vec<Pin>,
}

#[derive(Clone, Debug)]
enum Hold {
    Nothing,
    WhileNotQuietFor(f64),
    ForLifetime {
        lifetime: Distribution,
        random: Box<Stream>,
    },
}

#[derive(Clone, Copy, Debug)]
struct Pin {
    slot: u32,
    /// Seconds since the scenario began.
    until: f64,
}

impl Pins {
    /// No client has a backend yet.
    #[must_use]
    pub(super) fn new(pinning: &Pinning, clients: u32, seed: u64, run: u32) -> Self {
        let hold = match pinning {
            Pinning::Request => Hold::Nothing,
            Pinning::Affinity(timeout) => Hold::WhileNotQuietFor(timeout.as_seconds()),
            Pinning::Connection(lifetime) => Hold::ForLifetime {
                lifetime: lifetime.clone(),
                random: Box::new(stream(seed, run, Purpose::ConnectionLifetime, 0)),
            },
        };
        let open = Pin {
            slot: 0,
            until: f64::NEG_INFINITY,
        };
        let pins = match hold {
            Hold::Nothing => Vec::new(),
            _ => vec![open; clients as usize],
        };
        Self { hold, pins }
    }

    /// Whether clients keep backends at all.
    #[inline]
    #[must_use]
    pub(super) const fn is_kept(&self) -> bool {
        !matches!(self.hold, Hold::Nothing)
    }

    /// The backend that `client` keeps at `now`; an affinity is renewed by asking.
    #[inline]
    pub(super) fn kept(&mut self, client: u32, now: f64) -> Option<u32> {
        let pin = self.pins.get_mut(client as usize)?;
        if now >= pin.until {
            return None;
        }
        if let Hold::WhileNotQuietFor(timeout) = self.hold {
            pin.until = now + timeout;
        }
        Some(pin.slot)
    }

    /// Nobody keeps the backend `slot` any more.
    pub(super) fn forget(&mut self, slot: u32) {
        for pin in &mut self.pins {
            if pin.slot == slot {
                pin.until = f64::NEG_INFINITY;
            }
        }
    }

    /// `client` got the backend `slot` at `now`, and keeps it from here on.
    #[inline]
    pub(super) fn keep(&mut self, client: u32, slot: u32, now: f64) {
        let long = match &mut self.hold {
            Hold::Nothing => return,
            Hold::WhileNotQuietFor(timeout) => *timeout,
            Hold::ForLifetime { lifetime, random } => lifetime.sample(random.as_mut()),
        };
        if let Some(pin) = self.pins.get_mut(client as usize) {
            *pin = Pin {
                slot,
                until: now + long,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimDuration;

    fn random() -> RandomWords {
        RandomWords::new(&mut stream(1, 0, Purpose::Client, 0))
    }

    /// Draws many clients, and holds each one's share to its weight within five standard errors.
    #[track_caller]
    fn check(count: u32, skew: f64) {
        let sampler = ClientSampler::new(&ClientPopulation { count, skew });
        let mut random = random();
        let draws = 400_000;
        let mut sent = vec![0_u32; count as usize];
        for _ in 0..draws {
            sent[sampler.sample(&mut random) as usize] += 1;
        }
        let weight = |client: u32| f64::from(client + 1).powf(-skew);
        let all: f64 = (0..count).map(weight).sum();
        for (client, sent) in (0..count).zip(sent) {
            let share = weight(client) / all;
            let expected = f64::from(draws) * share;
            let error = (expected * (1.0 - share)).sqrt() + 1.0;
            assert!(
                (f64::from(sent) - expected).abs() < 5.0 * error,
                "client {client} of {count}, skew {skew}: {sent}, expected {expected}"
            );
        }
    }

    #[test]
    fn shares_are_those_of_zipf() {
        for count in [1, 2, 7, 1000] {
            for skew in [0.0, 0.5, 1.0, 2.5] {
                check(count, skew);
            }
        }
    }

    #[test]
    fn odd_populations_are_still_populations() {
        for (count, skew, expected) in [
            (0, 0.0, 1),
            (0, 1.0, 1),
            (5, f64::NAN, 5),
            (5, -1.0, 5),
            (5, f64::INFINITY, 5),
            (u32::MAX, 1.0, ClientPopulation::MOST),
        ] {
            let sampler = ClientSampler::new(&ClientPopulation { count, skew });
            assert_eq!(sampler.count(), expected);
            assert!(sampler.sample(&mut random()) < expected);
        }
    }

    #[test]
    fn without_pinning_nothing_is_kept() {
        let mut pins = Pins::new(&Pinning::Request, 10, 0, 0);
        pins.keep(3, 7, 0.0);
        assert_eq!(pins.kept(3, 0.0), None);
    }

    #[test]
    fn an_affinity_ends_when_the_client_was_quiet_for_its_timeout() {
        let mut pins = Pins::new(&Pinning::Affinity(SimDuration::from_seconds(10)), 2, 0, 0);
        pins.keep(0, 7, 0.0);
        assert_eq!(pins.kept(0, 9.0), Some(7));
        assert_eq!(pins.kept(0, 18.0), Some(7), "renewed at 9");
        assert_eq!(pins.kept(0, 28.0), None, "quiet for all of 10 s");
        assert_eq!(pins.kept(1, 1.0), None, "another client");
    }

    #[test]
    fn a_connection_ends_after_its_lifetime_however_busy() {
        let lifetime = Distribution::Deterministic { value: 10.0 };
        let mut pins = Pins::new(&Pinning::Connection(lifetime), 1, 0, 0);
        pins.keep(0, 7, 0.0);
        assert_eq!(pins.kept(0, 9.0), Some(7));
        assert_eq!(pins.kept(0, 10.0), None);
    }

    #[test]
    fn a_lifetime_of_zero_keeps_nothing() {
        let lifetime = Distribution::Deterministic { value: 0.0 };
        let mut pins = Pins::new(&Pinning::Connection(lifetime), 1, 0, 0);
        pins.keep(0, 7, 0.0);
        assert_eq!(pins.kept(0, 0.0), None);
    }
}
