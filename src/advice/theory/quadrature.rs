//! Points that fill a cube evenly, for means and quantiles over several independent uniform draws.

/// How many points: quantiles of smooth sums are then right to half a percent of their range.
pub(super) const POINTS: u32 = 4096;

/// The points of the additive recurrence with the generalized golden ratio (Roberts 2018, after Kronecker and Weyl): the
/// fractions of 1/2 + k / phi^i, where phi^(D + 1) = phi + 1. No randomness: the same points every time.
pub(super) fn points<const D: usize>() -> impl Iterator<Item = [f64; D]> {
    let steps = steps::<D>();
    (0..POINTS).map(move |point| steps.map(|step| (0.5 + f64::from(point) * step).fract()))
}

fn steps<const D: usize>() -> [f64; D] {
    let mut ratio = 2.0_f64;
    for _ in 0..64 {
        ratio = (1.0 + ratio).powf(1.0 / (D as f64 + 1.0));
    }
    let mut power = 1.0;
    [(); D].map(|()| {
        power /= ratio;
        power
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_uniform_draws_has_its_mean_and_its_quantiles() {
        let mut sums: Vec<f64> = points::<3>().map(|point| point.iter().sum()).collect();
        sums.sort_by(f64::total_cmp);
        let mean = sums.iter().sum::<f64>() / f64::from(POINTS);
        assert!((mean - 1.5).abs() < 1e-3, "{mean}");
        // P(sum > 3 - x) = x^3 / 6 for x up to 1.
        let expected = 3.0 - (6.0_f64 * 0.05).cbrt();
        let p95 = sums[sums.len() * 95 / 100];
        assert!((p95 - expected).abs() < 1.5e-2, "{p95} for {expected}");
    }
}
