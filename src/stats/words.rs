//! `RandomWords`: uniform 64-bit words, fast.

use rand::Rng;

use super::stream::{Stream, below_half};

/// A source of uniform 64-bit words, faster than a [`Stream`] where many are taken.
///
/// The generator xoshiro256+ (Blackman and Vigna 2021). The three lowest bits of a word are weak.
#[derive(Clone, Debug)]
pub struct RandomWords {
    state: [u64; 4],
    /// The half of a word that [`draw_below`](Self::draw_below) has not yet used.
    spare: Option<u32>,
}

impl RandomWords {
    /// A source whose words depend on the numbers of `stream` alone.
    #[must_use]
    pub fn new(stream: &mut Stream) -> Self {
        Self {
            // A state of zeros alone would stay so; 256 bits of a stream never are.
            state: [(); 4].map(|()| stream.next_u64()),
            spare: None,
        }
    }

    /// The next word.
    #[inline]
    pub fn draw(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let word = a.wrapping_add(d);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        word
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
    fn it_is_the_published_generator() {
        // Step by step, in the order of the publication.
        let mut words = words(3);
        let mut state = words.state;
        for _ in 0..1000 {
            let expected = state[0].wrapping_add(state[3]);
            let shifted = state[1] << 17;
            state[2] ^= state[0];
            state[3] ^= state[1];
            state[1] ^= state[2];
            state[0] ^= state[3];
            state[2] ^= shifted;
            state[3] = state[3].rotate_left(45);
            assert_eq!(words.draw(), expected);
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
