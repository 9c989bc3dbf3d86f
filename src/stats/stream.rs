//! Named random streams: one seed, one independent stream for each purpose.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// A stream of random numbers; PCG64-MCG, whose values are fixed by its name (O'Neill 2014).
pub type Stream = Pcg64Mcg;

/// What a stream's numbers decide. The number of a purpose is part of every result, so a new one goes to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u64)]
pub enum Purpose {
    /// Time to prepare a pod: image pull, disk clone. The ordinal is the pod's.
    PrepareTime = 1,
    /// Time to start it: container runtime, QEMU and firmware.
    StartTime = 2,
    /// Time until the application answers.
    ReadyTime = 3,
    /// Offset of a pod's readiness probe within its period.
    ProbePhase = 4,
    /// Offset of the kubelet's usage sampling within its period.
    SamplingPhase = 5,
    /// Offset of the metrics pipeline's scrape within its period.
    ScrapePhase = 6,
    /// Offset of the controller's first sync within its period.
    SyncPhase = 7,
    /// Where arrivals fall within one coarse step of a trace. The ordinal is the step's.
    ArrivalsWithinStep = 8,
    /// Through which dispatcher a request enters, and which backend it gets.
    Balancing = 9,
    /// Which client sends a request.
    Client = 10,
    /// How long a client's connection lives.
    ConnectionLifetime = 11,
    /// When requests arrive, one by one.
    RequestArrival = 14,
    /// How long a request is served.
    RequestService = 15,
    /// Latency of the path of a request.
    RequestPath = 16,
    /// When a request is tried again, and what that attempt takes. The ordinals 0 to 2 are the wait, the service and the
    /// path.
    Retry = 17,
    /// When the requests of an event log arrive, where its own times leave it open. The ordinal is the step's.
    RequestTimes = 30,
    /// Time from ready until a pod's first request can come. The ordinal is the pod's.
    EndpointAddDelay = 20,
    /// Time until the last request comes to a pod that leaves or died. The ordinal counts such pods.
    EndpointRemoveDelay = 21,
    /// Time until a new node is there. The ordinal is the node's.
    NodeProvisioning = 22,
    /// Which candidates a search for settings tries.
    CandidateChoice = 40,
    /// Offset of KEDA's first poll within its period.
    PollPhase = 50,
    /// Noise upon a made-up workload. The ordinal counts the kinds of noise that are laid over one another.
    TraceNoise = 60,
}

/// The stream of one purpose and ordinal (a pod's, a step's) in one run.
///
/// The four numbers are absorbed in turn by the SplitMix64 finalizer (Steele, Lea and Flood 2014) in two lanes, which
/// become the 128 bits of the generator's state. So a stream depends on these four numbers and nothing else: not on
/// other streams, on the order in which streams are asked for, or on the thread that asks.
#[must_use]
pub fn stream(seed: u64, run: u32, purpose: Purpose, ordinal: u64) -> Stream {
    let words = [seed, u64::from(run), purpose as u64, ordinal];
    let lane = |start| {
        words.iter().fold(start, |state: u64, word| {
            mix(state.wrapping_add(GOLDEN_GAMMA) ^ mix(*word))
        })
    };
    // Two starting points, the first hexadecimal digits of the fractions of pi and of e.
    let state =
        u128::from(lane(0x243f_6a88_85a3_08d3)) << 64 | u128::from(lane(0xb7e1_5162_8aed_2a6a));
    Stream::new(state)
}

/// The first number of a stream, uniform in [0, 1).
///
/// Fed to [`Distribution::quantile`](super::Distribution::quantile) it gives pod k the same quantile under every
/// distribution, so that two backends are compared under common random numbers.
#[must_use]
pub fn unit_draw(seed: u64, run: u32, purpose: Purpose, ordinal: u64) -> f64 {
    stream(seed, run, purpose, ordinal).random()
}

/// A whole number below `bound` that a uniform word makes, each equally likely within one part in 2^64 / `bound`.
///
/// The high word of a product with the bound (Lemire 2019) without its rejection step, whose bias nothing can measure.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the high word of the product is below the bound"
)]
pub(super) const fn below(word: u64, bound: u32) -> u32 {
    ((word as u128 * bound as u128) >> 64) as u32
}

/// The same from 32 bits.
#[inline]
pub(super) const fn below_half(half: u32, bound: u32) -> u32 {
    ((half as u64 * bound as u64) >> 32) as u32
}

/// A well spread number below `bound` that depends on `word` alone: the same on every machine, in every run.
#[inline]
#[must_use]
pub fn hash_below(word: u64, bound: u32) -> u32 {
    below(mix(word.wrapping_add(GOLDEN_GAMMA)), bound)
}

/// 2^64 divided by the golden ratio, made odd: the step of SplitMix64.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of SplitMix64: a bijection of 64-bit words that spreads each bit over all.
const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use std::collections::BTreeSet;

    #[track_caller]
    fn check(seed: u64, run: u32, purpose: Purpose, ordinal: u64, expected: [u64; 2]) {
        let mut stream = stream(seed, run, purpose, ordinal);
        assert_eq!([stream.next_u64(), stream.next_u64()], expected);
    }

    #[test]
    fn the_first_draws_never_change() {
        check(
            0,
            0,
            Purpose::PrepareTime,
            0,
            [0x398a_c09e_f1e5_f03c, 0x0d7f_bb80_7615_2a86],
        );
        check(
            1,
            0,
            Purpose::PrepareTime,
            0,
            [0xa783_39a2_ce76_18a2, 0x21d1_adfd_a9b5_3625],
        );
        check(
            1,
            7,
            Purpose::ArrivalsWithinStep,
            1 << 40,
            [0xe003_7c7f_ddfc_ce41, 0xa5ff_38be_3f3c_4332],
        );
    }

    #[test]
    fn each_of_the_four_numbers_makes_another_stream() {
        let mut firsts = BTreeSet::new();
        for seed in 0..4 {
            for run in 0..4 {
                for purpose in [Purpose::PrepareTime, Purpose::StartTime, Purpose::SyncPhase] {
                    for ordinal in 0..100 {
                        firsts.insert(stream(seed, run, purpose, ordinal).next_u64());
                    }
                }
            }
        }
        assert_eq!(firsts.len(), 4 * 4 * 3 * 100);
    }

    #[test]
    fn neighbouring_ordinals_are_uncorrelated() {
        let pods = 20_000;
        let draw = |ordinal| unit_draw(42, 0, Purpose::ReadyTime, ordinal) - 0.5;
        let mean = (0..pods).map(draw).sum::<f64>() / pods as f64;
        let lagged = (0..pods).map(|k| draw(k) * draw(k + 1)).sum::<f64>() / pods as f64;
        // Four standard errors of a uniform's mean, and of the product of two.
        assert!(mean.abs() < 4.0 * 0.289 / (pods as f64).sqrt(), "{mean}");
        assert!(
            lagged.abs() < 4.0 * 0.0833 / (pods as f64).sqrt(),
            "{lagged}"
        );
    }
}
