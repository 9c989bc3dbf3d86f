//! A loop on a stale average: a custom metric with a rate window, averaged over all pods and multiplied by today's count.
//!
//! In x = ln n the loop is an integrator with a delay of d syncs: x+ = x - g x_{-d} + ln(load / target), where the gain g is
//! -dln(metric)/dln(n): 1 for anything that n replicas share, more for latency. It is a way to model such a metric, not
//! Kubernetes' way with cpu, whose formula knows which pods are ready and is about ceil(measured usage / target), without
//! any feedback that could swing.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::whole::whole_replicas;

/// Steps of a bisection: more than doubles tell apart.
const BISECTIONS: u32 = 200;

/// How a loop answers a disturbance in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    /// By how much a deviation changes in a sync: over 1 it grows.
    pub radius: f64,
    /// Syncs of one swing; `None` where it does not swing.
    pub period: Option<f64>,
}

/// The gain at which a loop with a delay of `d` syncs just stays stable: 2 cos(d pi / (2 d + 1)) (Levin and May 1976).
#[must_use]
pub fn greatest_gain(delay_syncs: u32) -> f64 {
    let d = f64::from(delay_syncs);
    // The sine of the complement, which is as good where the cosine is all but 0.
    2.0 * (FRAC_PI_2 / (2.0 * d + 1.0)).sin()
}

/// The gain up to which it does not swing at all: d^d / (d + 1)^(d + 1).
#[must_use]
pub fn calm_gain(delay_syncs: u32) -> f64 {
    let d = f64::from(delay_syncs);
    (d / (d + 1.0)).powf(d) / (d + 1.0)
}

/// The slowest mode of a loop with a delay of `d` syncs and a gain: the greatest root of z^(d + 1) - z^d + g = 0.
///
/// A complex root at the angle t spans a triangle with 0 and 1, whose sides give radius = sin(d t) / sin((d + 1) t) and
/// g = radius^d sin(t) / sin((d + 1) t), which grows with t.
#[must_use]
pub fn mode(delay_syncs: u32, gain: f64) -> Mode {
    let d = f64::from(delay_syncs);
    let gain = if gain > 0.0 { gain.min(1e9) } else { 0.0 };
    if delay_syncs == 0 {
        return Mode {
            radius: (1.0 - gain).abs(),
            period: (gain > 1.0).then_some(2.0),
        };
    }
    if gain <= calm_gain(delay_syncs) {
        // z^d (1 - z) falls from its top at d / (d + 1) to 0 at 1.
        let radius = bisect(d / (d + 1.0), 1.0, |z| z.powf(d) * (1.0 - z) <= gain);
        return Mode {
            radius,
            period: None,
        };
    }
    let radius = |angle: f64| (d * angle).sin() / ((d + 1.0) * angle).sin();
    let angle = bisect(0.0, PI / (d + 1.0), |angle| {
        radius(angle).powf(d) * angle.sin() / ((d + 1.0) * angle).sin() >= gain
    });
    Mode {
        radius: radius(angle),
        period: Some(TAU / angle),
    }
}

/// Syncs of a stabilization window that stop a swing of a delay of `d` syncs: 2 d + 1 was enough for every delay up to 10
/// (2 d - 1 is the least that was, up to 4; found by iteration, see `tests/it/theory.rs`). It keeps the count from falling
/// before the metric has caught up; it does not remove the overshoot.
#[must_use]
pub const fn enough_syncs(delay_syncs: u32) -> u32 {
    delay_syncs.saturating_mul(2).saturating_add(1)
}

/// Where a bisection ends between `low`, where `holds` is false, and `high`, where it is true.
fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..BISECTIONS {
        let middle = low.midpoint(high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    low.midpoint(high)
}

/// A loop on a stale average, to be iterated: a load that steps once and then stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StaleAverage {
    /// Busy servers before the step.
    pub load_before: f64,
    /// Busy servers from the step on.
    pub load: f64,
    /// The metric's target.
    pub target: f64,
    /// The most that the metric shows of one replica.
    pub ceiling: f64,
    /// Half-width of the band around a ratio of 1 in which nothing is done.
    pub tolerance: f64,
    /// Syncs by which the average is old.
    pub delay_syncs: u32,
    /// Syncs of the window whose highest recommendation counts.
    pub window_syncs: u32,
    /// maxReplicas; at least 1.
    pub most: u32,
}

/// What an iteration came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swing {
    /// The most replicas.
    pub peak: u32,
    /// The fewest of the last hundred syncs.
    pub tail_least: u32,
    /// The most of the last hundred syncs.
    pub tail_most: u32,
}

/// Syncs that are iterated, and of them those at the end that count as the tail.
const SYNCS: usize = 400;
const TAIL: usize = 100;

impl StaleAverage {
    /// Iterates n+ = ceil(n metric(d syncs ago) / target) with the step limit max(2 n, 4) and the window, for 400 syncs.
    #[must_use]
    pub fn swing(&self) -> Swing {
        let most = self.most.max(1);
        let delay = self.delay_syncs as usize;
        let first = whole_replicas(self.load_before / self.target).clamp(1, most);
        let mut counts = vec![first; delay.min(SYNCS) + 1];
        let mut wanted: Vec<u32> = Vec::with_capacity(SYNCS);
        let mut now = first;
        for _ in 0..SYNCS {
            let then = counts[counts.len() - 1 - delay.min(SYNCS)];
            let metric = (self.load / f64::from(then.max(1))).min(self.ceiling);
            let ratio = metric / self.target;
            wanted.push(if (ratio - 1.0).abs() <= self.tolerance {
                now
            } else {
                whole_replicas(f64::from(now) * ratio).clamp(1, most)
            });
            let window = (self.window_syncs as usize + 1).min(wanted.len());
            let highest = wanted[wanted.len() - window..].iter().copied().max();
            let limit = now.saturating_mul(2).max(4);
            now = highest.unwrap_or(now).min(limit).clamp(1, most);
            counts.push(now);
        }
        let played = &counts[counts.len() - SYNCS..];
        let tail = &played[SYNCS - TAIL..];
        Swing {
            peak: played.iter().copied().max().unwrap_or(first),
            tail_least: tail.iter().copied().min().unwrap_or(first),
            tail_most: tail.iter().copied().max().unwrap_or(first),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_greatest_gain_falls_with_the_delay() {
        let gains = [2.0, 1.0, 0.618_034, 0.445_042, 0.347_296];
        for (delay, gain) in (0..).zip(gains) {
            let found = greatest_gain(delay);
            assert!((found - gain).abs() < 1e-6, "{delay}: {found}");
            let edge = mode(delay, found);
            assert!((edge.radius - 1.0).abs() < 1e-9, "{delay}: {edge:?}");
        }
    }

    #[test]
    fn calm_up_to_a_quarter_at_a_delay_of_one() {
        assert!((calm_gain(0) - 1.0).abs() < 1e-12);
        assert!((calm_gain(1) - 0.25).abs() < 1e-12);
        assert!((calm_gain(2) - 4.0 / 27.0).abs() < 1e-12);
        assert_eq!(mode(1, 0.24).period, None);
        assert!(mode(1, 0.26).period.is_some());
    }

    #[test]
    fn a_window_of_enough_syncs_ends_the_swing() {
        for delay_syncs in 1..=10 {
            let swing = StaleAverage {
                load_before: 35.0,
                load: 70.0,
                target: 0.7,
                ceiling: 1.0,
                tolerance: 0.1,
                delay_syncs,
                window_syncs: enough_syncs(delay_syncs),
                most: 1000,
            }
            .swing();
            assert_eq!(
                swing.tail_least, swing.tail_most,
                "{delay_syncs}: {swing:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_mode_solves_its_equation(delay in 0_u32..60, gain in 0.0_f64..3.0) {
            let found = mode(delay, gain);
            prop_assert!(found.radius.is_finite());
            if let Some(period) = found.period.filter(|_| delay > 0) {
                let angle = TAU / period;
                let (d, r) = (f64::from(delay), found.radius);
                let real = r.powf(d + 1.0) * ((d + 1.0) * angle).cos() - r.powf(d) * (d * angle).cos() + gain;
                prop_assert!(real.abs() < 1e-6, "{found:?}: {real}");
            }
        }

        #[test]
        fn odd_loops_end(target in -1.0_f64..20.0, ceiling in 0.0_f64..2.0, delay_syncs in 0_u32..2000, window_syncs in 0_u32..2000) {
            let swing = StaleAverage {
                load_before: 0.0, load: 70.0, target, ceiling, tolerance: 0.0, delay_syncs, window_syncs, most: 50,
            }.swing();
            prop_assert!(swing.peak <= 50);
        }
    }
}
