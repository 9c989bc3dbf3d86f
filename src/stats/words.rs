//! `RandomWords`: uniform 64-bit words, one from each number of a count.

use rand::Rng;

use super::stream::{Stream, below_half, fold};

/// A source of uniform 64-bit words, faster than a [`Stream`] where many are taken.
///
/// The generator wyrand (Wang 2019) with a key of its own for each source: a word is a number of an arithmetic sequence
/// times that number with the key laid over it, the halves of the product folded into one. No word waits for the one
/// before it, so that a processor makes several at a time.
#[derive(Clone, Debug)]
pub struct RandomWords {
    counted: u64,
    key: u64,
    /// The half of a word that [`draw_below`](Self::draw_below) has not yet used.
    spare: Option<u32>,
}

/// The step of the count: that of the reference, odd, so that the count runs through all numbers.
const STEP: u64 = 0xa076_1d64_78bd_642f;

impl RandomWords {
    /// A source whose words depend on the numbers of `stream` alone.
    #[must_use]
    pub fn new(stream: &mut Stream) -> Self {
        Self {
            counted: stream.next_u64(),
            key: balanced_key(stream),
            spare: None,
        }
    }

    /// The next word.
    #[inline]
    pub fn draw(&mut self) -> u64 {
        self.counted = self.counted.wrapping_add(STEP);
        fold(self.counted, self.counted ^ self.key)
    }

    /// A whole number below `bound`, each equally likely within one part in 2^32 / `bound`; 0 for a bound of 0. Every
    /// other one takes a word.
    #[inline]
    pub fn draw_below(&mut self, bound: u32) -> u32 {
        let half = if let Some(half) = self.spare.take() {
            half
        } else {
            let [first, second] = halves(self.draw());
            self.spare = Some(second);
            first
        };
        below_half(half, bound)
    }

    /// A number from 0 to under 1, uniform in steps of 2^-53.
    #[inline]
    pub fn draw_unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 * (f64::EPSILON / 2.0)
    }

    /// Fills `numbers` as one [`draw_below`](Self::draw_below) each would, but faster.
    pub fn fill_below(&mut self, bound: u32, numbers: &mut [u32]) {
        let begun = usize::from(self.spare.is_some()).min(numbers.len());
        let (first, rest) = numbers.split_at_mut(begun);
        first.fill_with(|| self.draw_below(bound));
        let (pairs, last) = rest.as_chunks_mut::<2>();
        for pair in pairs {
            *pair = halves(self.draw()).map(|half| below_half(half, bound));
        }
        last.fill_with(|| self.draw_below(bound));
    }
}

/// A key with as many ones as zeros, as those of the reference have.
fn balanced_key(stream: &mut Stream) -> u64 {
    loop {
        let key = stream.next_u64();
        if key.count_ones() == u64::BITS / 2 {
            return key;
        }
    }
}

/// The upper half of a word, and the lower one.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "halves of a word")]
const fn halves(word: u64) -> [u32; 2] {
    [(word >> 32) as u32, word as u32]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Purpose, stream};
    use proptest::prelude::*;

    fn words(seed: u64) -> RandomWords {
        RandomWords::new(&mut stream(seed, 0, Purpose::Balancing, 0))
    }

    #[test]
    fn with_the_published_key_it_is_the_published_generator() {
        let mut words = RandomWords {
            counted: 0,
            key: 0xe703_7ed1_a0b4_28db,
            spare: None,
        };
        let mut seed: u64 = 0;
        for _ in 0..1000 {
            seed = seed.wrapping_add(0xa076_1d64_78bd_642f);
            let product = u128::from(seed) * u128::from(seed ^ 0xe703_7ed1_a0b4_28db);
            let [high, low] = [product >> 64, product & u128::from(u64::MAX)];
            assert_eq!(u128::from(words.draw()), high ^ low);
        }
    }

    #[test]
    fn every_bit_is_one_half_of_the_time_and_independent_of_the_next_word() {
        let mut words = words(2);
        let (mut ones, mut alike) = ([0_u32; 64], [0_u32; 64]);
        let mut before = words.draw();
        for _ in 0..100_000 {
            let word = words.draw();
            for bit in 0..64 {
                ones[bit] += u32::from(word >> bit & 1 == 1);
                alike[bit] += u32::from((word ^ before) >> bit & 1 == 0);
            }
            before = word;
        }
        // A standard error is 158.
        let near = |count: &u32| count.abs_diff(50_000) < 800;
        assert!(
            ones.iter().all(near) && alike.iter().all(near),
            "{ones:?} {alike:?}"
        );
    }

    proptest! {
        #[test]
        fn many_numbers_at_once_are_those_of_single_draws(
            lengths in prop::collection::vec(0..30_usize, 1..20),
        ) {
            let mut one_by_one = words(5);
            let mut mixed = words(5);
            for length in lengths {
                let mut numbers = vec![0; length];
                mixed.fill_below(1000, &mut numbers);
                for number in numbers {
                    prop_assert_eq!(number, one_by_one.draw_below(1000));
                }
                prop_assert_eq!(mixed.draw_below(7), one_by_one.draw_below(7));
            }
        }
    }

    #[test]
    fn every_number_below_a_bound_is_equally_likely() {
        let mut words = words(1);
        let mut tally = [0_u32; 7];
        for _ in 0..70_000 {
            tally[words.draw_below(7) as usize] += 1;
        }
        // 10,000 each, with a standard error of 93.
        assert!(
            tally.iter().all(|count| count.abs_diff(10_000) < 450),
            "{tally:?}"
        );
        assert_eq!(words.draw_below(1), 0);
        assert_eq!(words.draw_below(0), 0);
    }
}
