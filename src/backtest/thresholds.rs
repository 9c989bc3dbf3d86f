//! `Thresholds`: how near a prediction has to be.

use super::compare::Comparison;
use super::rises::RiseMatch;
use crate::units::SimDuration;

/// How near a prediction has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// The least skill: mean error below that of the best constant, as a share of it.
    pub skill: f64,
    /// The most replicas between the peaks.
    pub peak: u32,
    /// The largest deviation of the replica-seconds, as a share of the recorded ones.
    pub replica_seconds: f64,
    /// The longest time between a recorded rise and the predicted one that answers it.
    pub rise: SimDuration,
    /// The least share of recorded changes that are matched.
    pub changes: Option<f64>,
}

impl Thresholds {
    /// 30 % better than the best constant, the peak within a replica, replica-seconds within 15 %, each rise within 45 s
    /// (three syncs); single changes are not looked at.
    pub const DEFAULT: Self = Self {
        skill: 0.3,
        peak: 1,
        replica_seconds: 0.15,
        rise: SimDuration::from_seconds(45),
        changes: None,
    };
}

/// What is held against a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckedFigure {
    /// Mean error against that of the best constant.
    Skill,
    /// Difference of the peaks.
    Peak,
    /// Replica-seconds.
    ReplicaSeconds,
    /// The rise that is answered worst.
    Rise,
    /// Changes matched.
    Changes,
}

/// A figure against its threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Check {
    /// Which one.
    pub figure: CheckedFigure,
    /// What it is; `None` where there is nothing to look at, or a rise was not answered at all. Shares, replicas or
    /// seconds.
    pub found: Option<f64>,
    /// What it has to be.
    pub threshold: f64,
    /// Whether it holds.
    pub holds: bool,
}

/// Each figure against its threshold. A constant that is perfect leaves no skill to ask for: then the prediction has to be
/// perfect as well.
#[must_use]
pub fn judge_backtest(comparison: &Comparison, thresholds: &Thresholds) -> Vec<Check> {
    let skill = comparison.skill();
    let ratio = comparison.replica_seconds_ratio();
    let peak = comparison.peak_error();
    let late = || comparison.rises.iter().map(|rise| rise.answer.late());
    let worst = late().flatten().map(f64::abs).fold(0.0, f64::max);
    let is_missed = comparison
        .rises
        .iter()
        .any(|rise| rise.answer == RiseMatch::Missed);
    let longest = thresholds.rise.as_seconds();
    let mut checks = vec![
        Check {
            figure: CheckedFigure::Skill,
            found: skill,
            threshold: thresholds.skill,
            holds: skill.map_or(comparison.mean_error <= 0.0, |skill| {
                skill >= thresholds.skill
            }),
        },
        Check {
            figure: CheckedFigure::Peak,
            found: Some(f64::from(peak)),
            threshold: f64::from(thresholds.peak),
            holds: peak <= thresholds.peak,
        },
        Check {
            figure: CheckedFigure::ReplicaSeconds,
            found: ratio.map(|ratio| ratio - 1.0),
            threshold: thresholds.replica_seconds,
            holds: ratio.map_or(comparison.predicted_replica_seconds <= 0.0, |ratio| {
                (ratio - 1.0).abs() <= thresholds.replica_seconds
            }),
        },
        Check {
            figure: CheckedFigure::Rise,
            found: (!is_missed && !comparison.rises.is_empty()).then_some(worst),
            threshold: longest,
            holds: !is_missed && worst <= longest,
        },
    ];
    if let Some(share) = thresholds.changes {
        let changes = comparison.changes;
        let found = (changes.recorded > 0)
            .then(|| f64::from(changes.matched) / f64::from(changes.recorded));
        checks.push(Check {
            figure: CheckedFigure::Changes,
            found,
            threshold: share,
            holds: found.is_none_or(|found| found >= share),
        });
    }
    checks
}
