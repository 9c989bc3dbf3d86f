//! The stationary distribution of a birth-death chain.

/// States kept at most; a chain that needs more has no answer.
const MOST_STATES: u64 = 10_000_000;
/// A state this much less likely than the likeliest, with falling ones behind it, ends an unbounded chain.
const NEGLIGIBLE: f64 = 1e-22;
/// Weights are scaled down before they leave the range of numbers.
const LARGE: f64 = 1e200;

/// Probabilities of states 0, 1, ... where `ratio(n)` = birth rate of n - 1 over death rate of n, by detailed balance.
///
/// The chain ends at `last`, or where the rest is negligible. `None` when that takes more than ten million states.
pub(super) fn stationary(ratio: impl Fn(f64) -> f64, last: Option<u32>) -> Option<Vec<f64>> {
    let end = last.map_or(MOST_STATES, u64::from);
    if end > MOST_STATES {
        return None;
    }
    let (mut weights, mut weight, mut greatest) = (vec![1.0], 1.0_f64, 1.0_f64);
    for n in 1..=end {
        let step = ratio(n as f64);
        weight *= step;
        if weight < greatest * NEGLIGIBLE && step < 1.0 {
            break;
        }
        if n == MOST_STATES {
            return None;
        }
        weights.push(weight);
        greatest = greatest.max(weight);
        if weight > LARGE {
            for earlier in &mut weights {
                *earlier /= LARGE;
            }
            weight /= LARGE;
            greatest /= LARGE;
        }
    }
    let sum: f64 = weights.iter().sum();
    for weight in &mut weights {
        *weight /= sum;
    }
    Some(weights)
}

/// The mean of a function of the state.
pub(super) fn mean(probabilities: &[f64], value: impl Fn(f64) -> f64) -> f64 {
    probabilities
        .iter()
        .enumerate()
        .map(|(n, probability)| probability * value(n as f64))
        .sum()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the surprise")]

    use super::*;

    #[test]
    fn a_constant_ratio_gives_a_geometric_distribution() {
        let probabilities = stationary(|_| 0.5, None).unwrap();
        assert!((probabilities[3] - 0.0625).abs() < 1e-15);
        assert!((mean(&probabilities, |n| n) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn weights_beyond_the_range_of_numbers_are_scaled() {
        let probabilities = stationary(|_| 1e3, Some(200)).unwrap();
        assert!((probabilities[200] - 0.999).abs() < 1e-12);
    }

    #[test]
    fn a_chain_without_end_has_no_answer() {
        assert_eq!(stationary(|_| 1.0, None), None);
    }
}
