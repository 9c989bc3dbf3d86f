//! `ExponentialDraws`: exponential variates with a mean of 1, many at a time.

use std::sync::LazyLock;

use rand::{Rng, RngExt};

use super::stream::Stream;
use super::words::RandomWords;

/// A source of exponential variates with a mean of 1.
///
/// The ziggurat of Marsaglia and Tsang (2000): the area under the density is cut into 1024 layers of equal area, and a point
/// in a random one is under the density for sure in 997 of 1000 cases. Measured on plain x86-64 it takes two thirds of the
/// time of a logarithm without branches in vector registers, and it is exact.
#[derive(Clone, Debug)]
pub struct ExponentialDraws {
    words: RandomWords,
    /// For the points that need more than one word, so that each variate takes one of `words`.
    further: Stream,
    layers: &'static Layers,
}

/// The layers from the lowest to the top.
#[derive(Debug)]
struct Layers {
    /// Right ends; of the lowest one as far out as its area asks for with the tail in it, of the top 0.
    ends: [f64; LAYERS + 1],
    /// Densities at the right ends.
    densities: [f64; LAYERS + 1],
}

/// Variates of which only together it is asked whether a point may be above the density.
const GROUP: usize = 8;

const LAYERS: usize = 1024;
/// Where the tail begins, and the area of each layer, with the tail in the lowest one: so that 1024 of them reach up to a
/// density of 1.
const TAIL: f64 = 9.256_164_544_265_543;
const LAYER_AREA: f64 = 0.000_979_678_990_662_020_9;

static LAYERS_OF_DENSITY: LazyLock<Layers> = LazyLock::new(|| {
    let mut ends = [0.0; LAYERS + 1];
    ends[0] = LAYER_AREA / (-TAIL).exp();
    ends[1] = TAIL;
    for layer in 2..LAYERS {
        let end = ends[layer - 1];
        ends[layer] = -(LAYER_AREA / end + (-end).exp()).ln();
    }
    let densities = ends.map(|end| (-end).exp());
    Layers { ends, densities }
});

impl ExponentialDraws {
    /// A source whose variates depend on the numbers of `stream` alone.
    #[must_use]
    pub fn new(mut stream: Stream) -> Self {
        Self {
            words: RandomWords::new(&mut stream),
            further: stream,
            layers: &LAYERS_OF_DENSITY,
        }
    }

    /// The next variate, over 0 and under 50.
    #[inline]
    pub fn draw(&mut self) -> f64 {
        let word = self.words.draw();
        variate_of(word, self.layers, &mut self.further)
    }

    /// Fills `variates` with the next ones: those that as many single draws would give, but faster.
    pub fn fill(&mut self, variates: &mut [f64]) {
        let (groups, rest) = variates.as_chunks_mut::<GROUP>();
        for group in groups {
            let before = self.words.clone();
            // That any of a group needs more is so rare that the branch to it is predicted.
            let mut unfinished = false;
            for variate in &mut *group {
                let (layer, x) = point(self.words.draw(), self.layers);
                *variate = x;
                unfinished |= x >= self.layers.ends[layer + 1];
            }
            if unfinished {
                self.words = before;
                group.fill_with(|| self.draw());
            }
        }
        rest.fill_with(|| self.draw());
    }
}

/// The variate of a word, if the point that it says is under the density for sure.
#[inline]
fn variate_of(word: u64, layers: &Layers, further: &mut Stream) -> f64 {
    let (layer, x) = point(word, layers);
    if x < layers.ends[layer + 1] {
        x
    } else {
        beyond(layer, x, layers, further)
    }
}

/// The layer and the place in it that a word says: 10 bits under the upper 52.
#[inline]
fn point(word: u64, layers: &Layers) -> (usize, f64) {
    let layer = (word >> 2) as usize % LAYERS;
    // An odd multiple of 2^-53 between 0 and 1, exactly: the bits of 1.0 with a random fraction, less almost 1.
    let unit = f64::from_bits((word >> 12) | 1.0_f64.to_bits()) - (1.0 - f64::EPSILON / 2.0);
    (layer, unit * layers.ends[layer])
}

/// The variate of a point that may be above the density.
#[cold]
#[inline(never)]
fn beyond(mut layer: usize, mut x: f64, layers: &Layers, further: &mut Stream) -> f64 {
    loop {
        if layer == 0 {
            // The tail of an exponential variable is one. `1 - u` is over 0.
            return TAIL - (1.0 - further.random::<f64>()).ln();
        }
        let (low, high) = (layers.densities[layer], layers.densities[layer + 1]);
        if low + further.random::<f64>() * (high - low) < (-x).exp() {
            return x;
        }
        (layer, x) = point(further.next_u64(), layers);
        if x < layers.ends[layer + 1] {
            return x;
        }
    }
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

    #[test]
    fn layers_have_equal_areas_and_reach_up_to_a_density_of_one() {
        let ends = &LAYERS_OF_DENSITY.ends;
        let tail = (-TAIL).exp();
        assert!((TAIL * tail + tail - LAYER_AREA).abs() < 1e-17);
        let top = LAYER_AREA / ends[LAYERS - 1] + (-ends[LAYERS - 1]).exp();
        assert!((top - 1.0).abs() < 1e-13, "{top}");
        assert!(ends.windows(2).all(|pair| pair[0] > pair[1]));
    }

    proptest! {
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
        // The table of layers comes from the machine's own logarithm, which may round otherwise.
        for expected in [
            1.816_242_672_238_660_2,
            2.950_344_843_386_294_4,
            0.090_576_262_656_029_3,
        ] {
            let variate = draws.draw();
            assert!(
                (variate / expected - 1.0).abs() < 1e-13,
                "{variate}, expected {expected}"
            );
        }
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
        for lag in [1, 2, 3, 4, 512] {
            let pairs = variates.iter().zip(&variates[lag..]);
            let n = (variates.len() - lag) as f64;
            let covariance = pairs.map(|(x, y)| (x - 1.0) * (y - 1.0)).sum::<f64>() / n;
            assert!(covariance.abs() < 4.0 / n.sqrt(), "lag {lag}: {covariance}");
        }
    }
}
