//! `theil_sen`: a straight line that outliers cannot bend.

use statrs::distribution::{ContinuousCDF, Normal};
use thiserror::Error;

/// The most points whose pairs are all looked at; of more, evenly chosen ones are.
const MOST_POINTS: usize = 2000;

/// A straight line with the intervals that it is known to, at 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// The median of the slopes of all pairs.
    pub slope: f64,
    /// The interval of the slope.
    pub slope_interval: (f64, f64),
    /// The median of y - slope x.
    pub intercept: f64,
    /// The interval of the intercept, for the two ends of the slope's.
    pub intercept_interval: (f64, f64),
    /// Points used.
    pub points: usize,
    /// Half of the points lie within this distance of the line, in units of y.
    pub typical_residual: f64,
}

/// Why points give no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TooFewPoints {
    /// Fewer than three points.
    #[error("{0} points, expected at least 3")]
    Points(usize),
    /// All at one x.
    #[error("all points have the same load, expected different ones")]
    OneLoad,
}

/// The line of Theil (1950) and Sen (1968): the median slope of all pairs. Its interval is Sen's, by the normal limit of
/// Kendall's tau with ties; up to 29 % of the points may be anything.
///
/// # Errors
/// When there are fewer than three points, or all have the same x.
pub fn theil_sen(points: &[(f64, f64)]) -> Result<Line, TooFewPoints> {
    let points = thinned(points);
    if points.len() < 3 {
        return Err(TooFewPoints::Points(points.len()));
    }
    let mut slopes = Vec::with_capacity(points.len() * (points.len() - 1) / 2);
    for (index, (x, y)) in points.iter().enumerate() {
        for (other_x, other_y) in &points[index + 1..] {
            let run = other_x - x;
            if run.abs() > 0.0 {
                slopes.push((other_y - y) / run);
            }
        }
    }
    if slopes.is_empty() {
        return Err(TooFewPoints::OneLoad);
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let slope = median(&slopes);
    let n = points.len() as f64;
    let half = half_width(n, &points);
    // Sen's lower limit is the slope of rank M1, counted from 1; the upper one has as many slopes above it.
    let outside = rank((slopes.len() as f64 - half) / 2.0, slopes.len());
    let slope_interval = (slopes[outside], slopes[slopes.len() - 1 - outside]);
    let intercept_of = |slope: f64| {
        let mut rests: Vec<f64> = points.iter().map(|(x, y)| y - slope * x).collect();
        rests.sort_unstable_by(f64::total_cmp);
        median(&rests)
    };
    let intercept = intercept_of(slope);
    let ends = (
        intercept_of(slope_interval.1),
        intercept_of(slope_interval.0),
    );
    let mut residuals: Vec<f64> = points
        .iter()
        .map(|(x, y)| (y - intercept - slope * x).abs())
        .collect();
    residuals.sort_unstable_by(f64::total_cmp);
    Ok(Line {
        slope,
        slope_interval,
        intercept,
        intercept_interval: (ends.0.min(ends.1), ends.0.max(ends.1)),
        points: points.len(),
        typical_residual: median(&residuals),
    })
}

/// Half the width of the interval in ranks of slopes: z times the standard deviation of Kendall's S.
fn half_width(n: f64, points: &[(f64, f64)]) -> f64 {
    let mut loads: Vec<f64> = points.iter().map(|(x, _)| *x).collect();
    loads.sort_unstable_by(f64::total_cmp);
    let mut ties = 0.0;
    for run in loads.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
        let t = run.len() as f64;
        ties += t * (t - 1.0) * (2.0 * t + 5.0);
    }
    let variance = ((n * (n - 1.0) * (2.0 * n + 5.0) - ties) / 18.0).max(0.0);
    let z = Normal::standard().inverse_cdf(0.975);
    z * variance.sqrt()
}

fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let usable = points
        .iter()
        .filter(|(x, y)| x.is_finite() && y.is_finite());
    let usable: Vec<(f64, f64)> = usable.copied().collect();
    let stride = usable.len().div_ceil(MOST_POINTS).max(1);
    usable.into_iter().step_by(stride).collect()
}

/// The median of sorted values, of which there is at least one.
fn median(sorted: &[f64]) -> f64 {
    crate::stats::quantile_of_sorted(sorted, 0.5).unwrap_or_default()
}

/// How many slopes lie below the one of a rank that is counted from 1; at most half of the others.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the places of a slice"
)]
fn rank(from_one: f64, slopes: usize) -> usize {
    let most = (slopes - 1) / 2;
    (from_one.round() - 1.0).clamp(0.0, most as f64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn points_on_a_line_give_it_back_whatever_a_few_others_are() {
        let mut points: Vec<(f64, f64)> = (0..20)
            .map(|x| (f64::from(x), 5.0 + 0.04 * f64::from(x)))
            .collect();
        points[3].1 = 900.0;
        points[17].1 = -50.0;
        let line = theil_sen(&points).expect("a line");
        assert!((line.slope - 0.04).abs() < 1e-9, "{line:?}");
        assert!((line.intercept - 5.0).abs() < 1e-9, "{line:?}");
        assert!(line.slope_interval.0 <= 0.04 && 0.04 <= line.slope_interval.1);
    }

    #[test]
    fn too_few_points_and_one_load_are_refused() {
        assert_eq!(theil_sen(&[(1.0, 1.0)]), Err(TooFewPoints::Points(1)));
        assert_eq!(theil_sen(&[(2.0, 1.0); 9]), Err(TooFewPoints::OneLoad));
        let flat = theil_sen(&[(1.0, 3.0), (2.0, 3.0), (3.0, 3.0)]).expect("a flat line");
        assert!(flat.slope.abs() < 1e-12);
    }

    #[test]
    fn the_interval_is_between_the_ranks_of_sen() {
        // Fifteen slopes, the interval is 10.4 ranks wide: the second one from either end.
        let points = [
            (10.0, 220.0),
            (20.0, 245.0),
            (30.0, 260.0),
            (40.0, 301.0),
            (50.0, 310.0),
            (60.0, 352.0),
        ];
        let mut slopes: Vec<f64> = points
            .iter()
            .enumerate()
            .flat_map(|(index, (x, y))| {
                let later = points[index + 1..].iter();
                later.map(move |(to_x, to_y)| (to_y - y) / (to_x - x))
            })
            .collect();
        slopes.sort_unstable_by(f64::total_cmp);
        let line = theil_sen(&points).expect("a line");
        assert_eq!(line.slope_interval, (slopes[1], slopes[13]));
    }

    proptest! {
        #[test]
        fn a_mirrored_line_has_the_mirrored_interval(points in prop::collection::vec((0.0..100.0, 0.0..1e4), 3..60)) {
            let mirrored: Vec<(f64, f64)> = points.iter().map(|(x, y)| (*x, -y)).collect();
            if let (Ok(line), Ok(other)) = (theil_sen(&points), theil_sen(&mirrored)) {
                prop_assert_eq!(line.slope_interval, (-other.slope_interval.1, -other.slope_interval.0));
            }
        }

        #[test]
        fn the_slope_lies_in_its_interval(points in prop::collection::vec((0.0..100.0, 0.0..1e4), 3..60)) {
            if let Ok(line) = theil_sen(&points) {
                prop_assert!(line.slope_interval.0 <= line.slope && line.slope <= line.slope_interval.1);
            }
        }
    }
}
