//! The course of a series in a few equal parts.

use crate::trace::Series;
use crate::units::SimTime;

/// One part of a course.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoursePart {
    /// The mean of what was recorded; `None` where nothing was.
    pub mean: Option<f64>,
    /// The highest.
    pub peak: f64,
}

/// The course in at most so many parts: fewer where there are fewer steps.
pub(super) fn course(series: &Series, parts: usize) -> Vec<CoursePart> {
    let parts = parts.min(series.len());
    let end = i128::from(series.end().as_nanos());
    let bound = |index: usize| {
        let nanos = end * index as i128 / parts.max(1) as i128;
        SimTime::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    };
    let mut sums = vec![(0.0, 0.0, 0.0_f64); parts];
    let mut gaps = series.gaps().iter().copied().peekable();
    let mut at = 0;
    for (index, step) in series.steps().enumerate() {
        if gaps.next_if_eq(&index).is_some() {
            continue;
        }
        while at + 1 < parts && bound(at + 1) <= step.start {
            at += 1;
        }
        let mut part = at;
        let mut from = step.start;
        while from < step.end && part < parts {
            let to = bound(part + 1).min(step.end);
            let (sum, time, peak) = &mut sums[part];
            *sum += step.value * (to - from).as_seconds();
            *time += (to - from).as_seconds();
            *peak = peak.max(step.value);
            from = to;
            part += 1;
        }
    }
    let told = sums.into_iter().map(|(sum, time, peak)| CoursePart {
        mean: (time > 0.0).then(|| sum / time),
        peak,
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SimDuration;

    #[test]
    fn parts_are_means_of_what_was_recorded() {
        let step = SimDuration::from_seconds(10);
        let series = Series::from_notation(step, "1 3 _ _ 8 0").expect("valid");
        let parts = course(&series, 3);
        let means: Vec<Option<f64>> = parts.iter().map(|part| part.mean).collect();
        assert_eq!(means, [Some(2.0), None, Some(4.0)]);
        assert!((parts[2].peak - 8.0).abs() < 1e-12);
    }
}
