//! A series of equal steps on a row of pixels: where there are more steps than pixels, each pixel keeps its extremes.

/// What a span of pixels shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    /// Where it begins and ends, as shares of the axis.
    pub(super) from: f64,
    pub(super) to: f64,
    /// The least and the greatest value within.
    pub(super) low: f64,
    pub(super) high: f64,
    /// The last value within.
    pub(super) last: f64,
}

/// The series on at most `columns` spans. Values that are not finite leave gaps.
///
/// The extremes per column are what M4 aggregation keeps (Jugel et al. 2014): the drawing is the same as of all steps.
pub(super) fn spans(values: impl ExactSizeIterator<Item = f64>, columns: usize) -> Vec<Span> {
    let count = values.len();
    let columns = columns.clamp(1, count.max(1));
    let mut spans: Vec<Span> = Vec::with_capacity(columns);
    let mut column = usize::MAX;
    for (index, value) in values.enumerate() {
        if !value.is_finite() {
            continue;
        }
        let here = index * columns / count;
        if here == column
            && let Some(span) = spans.last_mut()
        {
            span.low = span.low.min(value);
            span.high = span.high.max(value);
            span.last = value;
        } else {
            column = here;
            spans.push(Span {
                from: here as f64 / columns as f64,
                to: (here + 1) as f64 / columns as f64,
                low: value,
                high: value,
                last: value,
            });
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_steps_keep_their_own_place() {
        let spans = spans([1.0, f64::NAN, 3.0, 4.0].into_iter(), 100);
        let shown: Vec<(f64, f64, f64)> = spans.iter().map(|s| (s.from, s.to, s.high)).collect();
        assert_eq!(
            shown,
            [(0.0, 0.25, 1.0), (0.5, 0.75, 3.0), (0.75, 1.0, 4.0)]
        );
    }

    #[test]
    fn no_steps_have_no_spans() {
        assert!(spans(std::iter::empty(), 10).is_empty());
    }

    proptest! {
        #[test]
        fn no_extreme_is_lost(values in prop::collection::vec(-1e6..1e6_f64, 1..500), columns in 1..200_usize) {
            let spans = spans(values.iter().copied(), columns);
            let top = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::MIN, f64::max);
            let drawn = (top(&mut spans.iter().map(|s| s.high)), top(&mut spans.iter().map(|s| -s.low)));
            let given = (top(&mut values.iter().copied()), top(&mut values.iter().map(|v| -v)));
            prop_assert_eq!(drawn, given);
            prop_assert!(spans.len() <= columns);
        }
    }
}
