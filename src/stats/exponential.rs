//! `ExponentialDraws`: exponential variates with a mean of 1, made in blocks.
//!
//! Generators run side by side and the logarithm has no branches, so that the compiler puts as many variates into one
//! vector register as the machine has room for. The numbers are the same everywhere: only additions, multiplications,
//! divisions and operations on bits, each rounded as IEEE 754 says and never fused.

use std::f64::consts::LN_2;

use rand::Rng;

use super::stream::Stream;

/// Generators side by side: what one register of plain x86-64 holds. With more, their words no longer stay in registers.
const LANES: usize = 2;
/// Variates made at a time, a multiple of the lanes; a block stays in the innermost cache.
const BLOCK: usize = 512;

/// A source of exponential variates with a mean of 1.
#[derive(Clone, Debug)]
pub struct ExponentialDraws {
    generators: Generators,
    block: Box<[f64; BLOCK]>,
    /// Variates of the block that were taken.
    taken: usize,
}

impl ExponentialDraws {
    /// A source whose variates depend on the numbers of `stream` alone.
    #[must_use]
    pub fn new(mut stream: Stream) -> Self {
        Self {
            generators: Generators::new(&mut stream),
            block: Box::new([0.0; BLOCK]),
            taken: BLOCK,
        }
    }

    /// The next variate, over 0 and under 37.
    #[inline]
    pub fn draw(&mut self) -> f64 {
        if self.taken >= BLOCK {
            self.generators.fill(self.block.as_mut_slice());
            self.taken = 0;
        }
        let variate = self.block[self.taken];
        self.taken += 1;
        variate
    }

    /// Fills `variates` with the next ones: those that as many single draws would give.
    pub fn fill(&mut self, variates: &mut [f64]) {
        let left = (BLOCK - self.taken).min(variates.len());
        let (from_block, fresh) = variates.split_at_mut(left);
        from_block.copy_from_slice(&self.block[self.taken..self.taken + left]);
        self.taken += left;
        let (whole, rest) = fresh.split_at_mut(fresh.len() / LANES * LANES);
        self.generators.fill(whole);
        for variate in rest {
            *variate = self.draw();
        }
    }
}

/// Generators of xoshiro256+ (Blackman and Vigna 2021), word by word, so that one word of all of them is contiguous.
/// Its lowest bits are weak; a variate takes the upper 52.
#[derive(Clone, Debug)]
struct Generators([[u64; LANES]; 4]);

impl Generators {
    fn new(stream: &mut Stream) -> Self {
        // A state of zeros alone would stay so; 512 bits of a stream never are.
        Self([(); 4].map(|()| [(); LANES].map(|()| stream.next_u64())))
    }

    /// Fills as many variates as there are whole groups of lanes.
    fn fill(&mut self, variates: &mut [f64]) {
        let [mut a, mut b, mut c, mut d] = self.0;
        for group in variates.chunks_exact_mut(LANES) {
            for (lane, variate) in group.iter_mut().enumerate() {
                let word = a[lane].wrapping_add(d[lane]);
                let shifted = b[lane] << 17;
                c[lane] ^= a[lane];
                d[lane] ^= b[lane];
                b[lane] ^= c[lane];
                a[lane] ^= d[lane];
                c[lane] ^= shifted;
                d[lane] = d[lane].rotate_left(45);
                *variate = exponential_of(word);
            }
        }
        self.0 = [a, b, c, d];
    }
}

/// The bits of 1.0, of 2^52 and of the square root of 1/2, and those of a fraction.
const ONE: u64 = 0x3ff0_0000_0000_0000;
const TWO_TO_52: u64 = 0x4330_0000_0000_0000;
const ROOT_OF_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const FRACTION: u64 = 0x000f_ffff_ffff_ffff;

/// (2 artanh(s) / s - 2) / s^2 as a polynomial of s^2 for |s| up to 3 - 2 sqrt 2: interpolated at Chebyshev's points. The
/// logarithm that it makes is off by at most 7e-16 of itself before rounding.
const ARTANH: [f64; 6] = [
    0.666_666_666_666_620_8,
    0.400_000_000_112_065_05,
    0.285_714_241_383_241_6,
    0.222_228_622_801_087_16,
    0.181_401_938_028_659_92,
    0.166_218_171_528_589_28,
];

/// -ln u for the odd multiple u of 2^-53 below 1 that the upper 52 bits of `word` say.
///
/// With u = 2^k z and z between sqrt(1/2) and sqrt 2, and s = (z - 1) / (z + 1), ln u = k ln 2 + 2 artanh(s).
#[inline]
fn exponential_of(word: u64) -> f64 {
    // All of these steps are exact.
    let u = f64::from_bits((word >> 12) | ONE) - (1.0 - f64::EPSILON / 2.0);
    let shifted = u.to_bits() + (ONE - ROOT_OF_HALF);
    let exponent =
        f64::from_bits((shifted >> 52) | TWO_TO_52) - (f64::from_bits(TWO_TO_52) + 1023.0);
    let over_one = f64::from_bits((shifted & FRACTION) + ROOT_OF_HALF) - 1.0;

    let s = over_one / (2.0 + over_one);
    let w = s * s;
    let series = ARTANH.iter().rev().fold(0.0, |sum, term| sum * w + term);
    -LN_2 * exponent - s * (2.0 + w * series)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Purpose, stream};
    use proptest::prelude::*;

    fn draws(seed: u64) -> ExponentialDraws {
        ExponentialDraws::new(stream(seed, 0, Purpose::Balancing, 0))
    }

    fn sample(count: usize) -> Vec<f64> {
        let mut variates = vec![0.0; count];
        draws(1).fill(&mut variates);
        variates
    }

    /// Against the logarithm of the standard library, whose argument here is exact, too; near 1 by `ln_1p`.
    #[track_caller]
    fn check(word: u64) {
        let k = (word >> 12) as f64;
        let u = (2.0 * k + 1.0) * 2.0_f64.powi(-53);
        let missing = (2.0 * ((1_u64 << 52) as f64 - k) - 1.0) * 2.0_f64.powi(-53);
        let expected = if u < 0.5 {
            -u.ln()
        } else {
            -(-missing).ln_1p()
        };
        let variate = exponential_of(word);
        assert!(
            (variate / expected - 1.0).abs() < 2e-15,
            "{word:#x}: {variate}, expected {expected}"
        );
    }

    #[test]
    fn the_logarithm_holds_at_its_ends_and_seams() {
        for word in [
            0,
            1 << 12,
            1 << 63,
            u64::MAX,
            u64::MAX - (1 << 12),
            0xb504_f333_f9de_6000,
        ] {
            for near in 0..100 {
                check(word.wrapping_add(near << 12));
                check(word.wrapping_sub(near << 12));
            }
        }
    }

    proptest! {
        #[test]
        fn the_logarithm_holds_everywhere(word: u64, zeros in 0..64_u32) {
            check(word >> zeros);
            check(!(word >> zeros));
        }

        #[test]
        fn blocks_and_single_draws_give_the_same(lengths in prop::collection::vec(0..1300_usize, 1..6)) {
            let mut one_by_one = draws(3);
            let mut mixed = draws(3);
            for (turn, length) in lengths.into_iter().enumerate() {
                let mut variates = vec![0.0; length];
                if turn % 2 == 0 {
                    mixed.fill(&mut variates);
                } else {
                    variates.fill_with(|| mixed.draw());
                }
                for variate in variates {
                    prop_assert_eq!(variate.to_bits(), one_by_one.draw().to_bits());
                }
            }
        }
    }

    #[test]
    fn the_first_variates_never_change() {
        let mut draws = draws(1);
        let first = [(); 3].map(|()| draws.draw().to_bits());
        assert_eq!(
            first,
            [
                0x3fef_391a_b3c0_7040,
                0x3fd2_ba0f_b244_6168,
                0x3f33_275e_f6a9_1eda
            ]
        );
    }

    #[test]
    fn another_seed_gives_other_variates() {
        assert_ne!(draws(1).draw().to_bits(), draws(2).draw().to_bits());
    }

    #[test]
    fn mean_variance_and_tail_are_those_of_the_exponential() {
        let count = 1_000_000;
        let variates = sample(count);
        let n = count as f64;
        let mean = variates.iter().sum::<f64>() / n;
        let variance = variates.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        // Standard errors: 1 / sqrt n of the mean, sqrt(8 / n) of the variance; four of each.
        assert!((mean - 1.0).abs() < 4.0 / n.sqrt(), "{mean}");
        assert!(
            (variance - 1.0).abs() < 4.0 * (8.0 / n).sqrt(),
            "{variance}"
        );
        for at in [0.001_f64, 0.1, 1.0, 5.0, 10.0] {
            let over = variates.iter().filter(|x| **x > at).count() as f64;
            let expected = n * (-at).exp();
            let error = (expected * (1.0 - (-at).exp())).sqrt();
            assert!(
                (over - expected).abs() < 4.0 * error,
                "{over} over {at}, expected {expected}"
            );
        }
    }

    #[test]
    fn its_distribution_function_is_near_the_exponential_one_everywhere() {
        let mut variates = sample(200_000);
        variates.sort_by(f64::total_cmp);
        let n = variates.len() as f64;
        let distance = variates
            .iter()
            .enumerate()
            .map(|(below, x)| {
                let expected = 1.0 - (-x).exp();
                (expected - below as f64 / n).max((below + 1) as f64 / n - expected)
            })
            .fold(0.0, f64::max);
        // One in a thousand samples is farther away (Kolmogorov 1933).
        assert!(distance < 1.95 / n.sqrt(), "{distance}");
    }

    #[test]
    fn neighbours_are_uncorrelated() {
        let variates = sample(400_000);
        for lag in [1, 2, 3, LANES, 2 * LANES, BLOCK] {
            let pairs = variates.iter().zip(&variates[lag..]);
            let n = (variates.len() - lag) as f64;
            let covariance = pairs.map(|(x, y)| (x - 1.0) * (y - 1.0)).sum::<f64>() / n;
            assert!(covariance.abs() < 4.0 / n.sqrt(), "lag {lag}: {covariance}");
        }
    }
}
