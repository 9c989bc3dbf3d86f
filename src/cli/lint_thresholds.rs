//! `lint.thresholds` of `.scaleplan.yaml`: where a number becomes a finding.

use super::lint_config::unknown;
use crate::lint::Thresholds;
use crate::scenario::Span;
use crate::units::SimDuration;

/// The keys, in the order of the rules' codes, each with where it goes.
const KEYS: [Key; 25] = [
    ("fewest-replicas", |it| Slot::Count(&mut it.fewest_replicas)),
    ("widest-room", |it| Slot::Count(&mut it.widest_room)),
    ("longest-probe-floor", |it| {
        Slot::Time(&mut it.longest_probe_floor)
    }),
    ("largest-burst", |it| Slot::Ratio(&mut it.largest_burst)),
    ("highest-target", |it| Slot::Count(&mut it.highest_target)),
    ("lowest-target", |it| Slot::Count(&mut it.lowest_target)),
    ("longest-scale-up-window", |it| {
        Slot::Time(&mut it.longest_scale_up_window)
    }),
    ("shortest-scale-down-window", |it| {
        Slot::Time(&mut it.shortest_scale_down_window)
    }),
    ("container-startup", |it| Slot::Time(&mut it.startup.0)),
    ("vm-startup", |it| Slot::Time(&mut it.startup.1)),
    ("longest-ramp", |it| Slot::Time(&mut it.longest_ramp)),
    ("longest-drain", |it| Slot::Time(&mut it.longest_drain)),
    ("longest-lag", |it| Slot::Time(&mut it.replay.longest_lag)),
    ("longest-bound", |it| {
        Slot::Time(&mut it.replay.longest_bound)
    }),
    ("most-clipped-cycles", |it| {
        Slot::Events(&mut it.replay.most_clipped_cycles)
    }),
    ("longest-pinned", |it| {
        Slot::Time(&mut it.replay.longest_pinned)
    }),
    ("least-share-of-max", |it| {
        Slot::Ratio(&mut it.replay.least_share_of_max)
    }),
    ("most-reversals", |it| {
        Slot::Events(&mut it.replay.most_reversals)
    }),
    ("most-taken-back", |it| {
        Slot::Ratio(&mut it.replay.most_taken_back)
    }),
    ("largest-rounding", |it| {
        Slot::Ratio(&mut it.replay.largest_rounding)
    }),
    ("longest-stuck", |it| {
        Slot::Time(&mut it.replay.longest_stuck)
    }),
    ("largest-overshoot", |it| {
        Slot::Ratio(&mut it.replay.largest_overshoot)
    }),
    ("metric-outage", |it| {
        Slot::Time(&mut it.replay.metric_outage)
    }),
    ("least-saving", |it| {
        Slot::Ratio(&mut it.replay.least_saving)
    }),
    ("shortest-trace", |it| {
        Slot::Time(&mut it.replay.shortest_trace)
    }),
];

/// A key, and where its value goes.
type Key = (&'static str, fn(&mut Thresholds) -> Slot<'_>);

/// What a threshold is.
enum Slot<'a> {
    /// A whole number, 0 or more.
    Count(&'a mut i32),
    /// Likewise, of what happens in a replay.
    Events(&'a mut usize),
    /// A number above 0.
    Ratio(&'a mut f64),
    Time(&'a mut SimDuration),
}

/// Sets one threshold from the text of its value.
pub(super) fn set(thresholds: &mut Thresholds, key: &str, text: &str) -> Result<(), String> {
    let Some((_, slot)) = KEYS.iter().find(|(known, _)| *known == key) else {
        return Err(unknown(
            "lint.thresholds",
            key,
            &KEYS.map(|(known, _)| known),
        ));
    };
    let refuse = |expected: &str| {
        let text = text.escape_debug();
        format!("lint.thresholds.{key}: `{text}` is no {expected}")
    };
    match slot(thresholds) {
        Slot::Count(count) => {
            let read = text.parse().ok().filter(|count| *count >= 0);
            *count = read.ok_or_else(|| refuse("count, expected a whole number, 0 or more"))?;
        }
        Slot::Events(count) => {
            let read = text.parse().ok();
            *count = read.ok_or_else(|| refuse("count, expected a whole number, 0 or more"))?;
        }
        Slot::Ratio(ratio) => {
            let is_ratio = |ratio: &f64| ratio.is_finite() && *ratio > 0.0;
            let read = text.parse().ok().filter(is_ratio);
            *ratio = read.ok_or_else(|| refuse("ratio, expected a number above 0"))?;
        }
        Slot::Time(time) => {
            let read = text.parse::<Span>();
            *time = read
                .map_err(|problem| format!("lint.thresholds.{key}: {problem}"))?
                .duration();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Settings;

    #[track_caller]
    fn refused(key: &str, text: &str, expected: &str) {
        let mut thresholds = Settings::USUAL.thresholds;
        let problem = set(&mut thresholds, key, text).expect_err("it is refused");
        assert!(problem.starts_with(expected), "{problem}");
    }

    #[test]
    fn every_threshold_can_be_set() {
        let usual = Settings::USUAL.thresholds;
        for (key, slot) in KEYS {
            let mut thresholds = usual.clone();
            let text = match slot(&mut thresholds) {
                Slot::Time(_) => "7m30s",
                Slot::Count(_) | Slot::Events(_) | Slot::Ratio(_) => "7",
            };
            set(&mut thresholds, key, text).expect("it is taken");
            assert_ne!(thresholds, usual, "{key}");
        }
    }

    #[test]
    fn the_documentation_has_every_key_with_its_default() {
        let docs = include_str!("../../docs/ci.md");
        let mut usual = Settings::USUAL.thresholds;
        for (key, slot) in KEYS {
            let default = match slot(&mut usual) {
                Slot::Count(count) => count.to_string(),
                Slot::Events(count) => count.to_string(),
                Slot::Ratio(ratio) => ratio.to_string(),
                Slot::Time(time) => Span(time.as_seconds()).to_string(),
            };
            let row = format!("| `{key}` | `{default}` | SP");
            assert!(docs.contains(&row), "no `{row}`");
        }
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        refused(
            "highest-target",
            "80%",
            "lint.thresholds.highest-target: `80%` is no count",
        );
        refused(
            "lowest-target",
            "-1",
            "lint.thresholds.lowest-target: `-1` is no count",
        );
        refused(
            "largest-burst",
            "0",
            "lint.thresholds.largest-burst: `0` is no ratio",
        );
        refused(
            "largest-burst",
            "inf",
            "lint.thresholds.largest-burst: `inf` is no ratio",
        );
        refused(
            "longest-ramp",
            "5",
            "lint.thresholds.longest-ramp: `5` is not a length of time",
        );
        refused(
            "fewest",
            "1",
            "lint.thresholds: `fewest` is no key, expected ",
        );
    }
}
