//! Sums up how ready replicas followed demand, and how a constant count would have.

use crate::outcome::{ElasticityFigures, MismatchSums};
use crate::units::{SimDuration, SimTime};

/// Collects the sums of elasticity scores. Spans in which neither number changes cost a comparison.
pub(super) struct ElasticityRecorder {
    figures: ElasticityFigures,
    /// Demand and ready replicas, and since when they have been so.
    present: Option<(Pair, SimTime)>,
    /// How far apart the looks at both are that say whether they went the same way.
    interval: SimDuration,
    /// What the last look saw.
    sample: Option<Pair>,
}

/// Demand and ready replicas at one time.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pair {
    demand: u32,
    ready: u32,
}

impl ElasticityRecorder {
    /// `baseline_replicas` is the constant count; looks are an `interval` apart.
    pub(super) fn new(baseline_replicas: u32, interval: SimDuration) -> Self {
        Self {
            figures: ElasticityFigures {
                baseline_replicas,
                ..ElasticityFigures::default()
            },
            present: None,
            interval,
            sample: None,
        }
    }

    /// From `from` on there are these.
    pub(super) fn span(&mut self, from: SimTime, demand: u32, ready: u32) {
        let pair = Pair { demand, ready };
        if self.present.is_some_and(|(present, _)| present == pair) {
            return;
        }
        if let Some((before, since)) = self.present {
            self.passed(before, since, from);
            let (figures, steps) = (&mut self.figures, pair.demand.abs_diff(before.demand));
            figures.demand_changes += u64::from(steps > 0);
            figures.demand_steps += u64::from(steps);
            let steps = pair.ready.abs_diff(before.ready);
            figures.supply_changes += u64::from(steps > 0);
            figures.supply_steps += u64::from(steps);
        }
        self.present = Some((pair, from));
    }

    /// The trace ends.
    pub(super) fn finish(mut self, end: SimTime) -> ElasticityFigures {
        if let Some((pair, since)) = self.present {
            self.passed(pair, since, end);
        }
        self.figures
    }

    fn passed(&mut self, pair: Pair, since: SimTime, until: SimTime) {
        let figures = &mut self.figures;
        let seconds = (until - since).as_seconds();
        figures.seconds += seconds;
        if pair.demand > 0 {
            figures.demand_seconds += seconds;
        }
        add(&mut figures.scaled, pair.demand, pair.ready, seconds);
        let constant = figures.baseline_replicas;
        add(&mut figures.baseline, pair.demand, constant, seconds);

        let looks = looks_before(until, self.interval) - looks_before(since, self.interval);
        if looks > 0 {
            if let Some(last) = self.sample {
                let goes_along = pair.demand.cmp(&last.demand) == pair.ready.cmp(&last.ready);
                figures.diverging_intervals += u64::from(!goes_along);
                figures.intervals += 1;
            }
            figures.intervals += looks - 1;
            self.sample = Some(pair);
        }
    }
}

fn add(sums: &mut MismatchSums, demand: u32, supply: u32, seconds: f64) {
    let under = f64::from(demand.saturating_sub(supply)) * seconds;
    let over = f64::from(supply.saturating_sub(demand)) * seconds;
    if demand > 0 {
        sums.relative_under += under / f64::from(demand);
        sums.relative_over += over / f64::from(demand);
    }
    sums.under += under;
    sums.over += over;
    if demand > supply {
        sums.under_seconds += seconds;
    }
    if supply > demand {
        sums.over_seconds += seconds;
    }
}

/// How many looks, the first one at time zero, are before a time.
fn looks_before(time: SimTime, interval: SimDuration) -> u64 {
    let nanos = time.as_nanos().max(0).unsigned_abs();
    nanos.div_ceil(interval.as_nanos().max(1).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: SimDuration = SimDuration::from_seconds(1);

    /// Demand and supply for a second each.
    fn recorded(series: &[(u32, u32)], baseline: u32) -> ElasticityFigures {
        let mut recorder = ElasticityRecorder::new(baseline, SECOND);
        let mut now = SimTime::ZERO;
        for (demand, ready) in series {
            recorder.span(now, *demand, *ready);
            now += SECOND;
        }
        recorder.finish(now)
    }

    #[track_caller]
    fn check_sums(sums: &MismatchSums, expected: [f64; 6]) {
        let found = [
            sums.relative_under,
            sums.relative_over,
            sums.under,
            sums.over,
            sums.under_seconds,
            sums.over_seconds,
        ];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{sums:?}");
        }
    }

    #[test]
    fn a_supply_that_trails_demand_up_and_down_is_summed_up() {
        let demand = [10, 10, 14, 14, 14, 14, 8, 8, 8, 8];
        let supply = [10, 10, 10, 12, 14, 14, 14, 14, 10, 8];
        let series: Vec<(u32, u32)> = demand.into_iter().zip(supply).collect();
        let figures = recorded(&series, 10);
        let relative = (4.0 / 14.0 + 2.0 / 14.0, 6.0 / 8.0 + 6.0 / 8.0 + 2.0 / 8.0);
        check_sums(
            &figures.scaled,
            [relative.0, relative.1, 6.0, 14.0, 2.0, 3.0],
        );
        let baseline = [16.0 / 14.0, 8.0 / 8.0, 16.0, 8.0, 4.0, 4.0];
        check_sums(&figures.baseline, baseline);
        assert_eq!((figures.demand_changes, figures.supply_changes), (2, 4));
        assert_eq!((figures.demand_steps, figures.supply_steps), (10, 10));
        assert_eq!((figures.diverging_intervals, figures.intervals), (6, 9));
    }

    #[test]
    fn time_without_demand_is_no_share_of_a_demand() {
        let figures = recorded(&[(0, 2), (0, 2), (2, 2), (4, 2)], 1);
        check_sums(&figures.scaled, [0.5, 0.0, 2.0, 4.0, 1.0, 2.0]);
        assert!((figures.demand_seconds - 2.0).abs() < 1e-12);
        assert!((figures.seconds - 4.0).abs() < 1e-12);
    }

    #[test]
    fn looks_between_changes_see_nothing_move() {
        let mut recorder = ElasticityRecorder::new(1, SimDuration::from_seconds(15));
        recorder.span(SimTime::ZERO, 1, 1);
        // There and back between two looks.
        recorder.span(SimTime::from_seconds(16), 2, 1);
        recorder.span(SimTime::from_seconds(17), 1, 1);
        recorder.span(SimTime::from_seconds(60), 3, 1);
        let figures = recorder.finish(SimTime::from_seconds(90));
        // Looks at 0, 15, 30, 45, 60, 75.
        assert_eq!((figures.intervals, figures.diverging_intervals), (5, 1));
        assert_eq!(figures.demand_changes, 3);
    }

    proptest! {
        #[test]
        fn how_a_span_is_cut_makes_no_difference(
            series in prop::collection::vec((0..5_u32, 0..5_u32), 1..30), baseline in 0..5_u32
        ) {
            let whole = recorded(&series, baseline);
            let mut recorder = ElasticityRecorder::new(baseline, SECOND);
            let mut now = SimTime::ZERO;
            for (demand, ready) in &series {
                recorder.span(now, *demand, *ready);
                recorder.span(now + SECOND / 3, *demand, *ready);
                now += SECOND;
            }
            prop_assert_eq!(recorder.finish(now), whole);
        }

        #[test]
        fn a_supply_that_is_the_demand_leaves_nothing(
            demand in prop::collection::vec(0..9_u32, 1..30)
        ) {
            let series: Vec<(u32, u32)> = demand.iter().map(|d| (*d, *d)).collect();
            let figures = recorded(&series, 3);
            prop_assert_eq!(figures.scaled, MismatchSums::default());
            prop_assert_eq!(figures.diverging_intervals, 0);
            prop_assert_eq!(figures.demand_steps, figures.supply_steps);
        }
    }
}
