//! The figures of the scale lag: three quantiles, each with its stages.

use super::figure::Shown::{Always, WhereNotZero, Wide};
use super::figure::{Figure, figure};
use super::format::Unit;
use crate::analysis::Scorecard;
use crate::stats::Band;

/// The figures of the scale lag, in their order.
pub(super) const LAG: &[Figure] = &[
    figure("lagP50Seconds", "p50", Unit::Seconds, Always, |c| c.lag.p50),
    figure(
        "lagP50DetectSeconds",
        "  detect",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[0].p50,
    ),
    figure(
        "lagP50DecideSeconds",
        "  decide",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[1].p50,
    ),
    figure(
        "lagP50PrepareSeconds",
        "  prepare",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[2].p50,
    ),
    figure(
        "lagP50StartSeconds",
        "  start",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[3].p50,
    ),
    figure(
        "lagP50ReadySeconds",
        "  ready",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[4].p50,
    ),
    figure("lagP95Seconds", "p95", Unit::Seconds, Always, |c| c.lag.p95),
    figure(
        "lagP95DetectSeconds",
        "  detect",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[0].p95,
    ),
    figure(
        "lagP95DecideSeconds",
        "  decide",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[1].p95,
    ),
    figure(
        "lagP95PrepareSeconds",
        "  prepare",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[2].p95,
    ),
    figure(
        "lagP95StartSeconds",
        "  start",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[3].p95,
    ),
    figure(
        "lagP95ReadySeconds",
        "  ready",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[4].p95,
    ),
    figure("lagMaxSeconds", "longest", Unit::Seconds, Always, |c| {
        c.lag.max
    }),
    figure(
        "lagMaxDetectSeconds",
        "  detect",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[0].max,
    ),
    figure(
        "lagMaxDecideSeconds",
        "  decide",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[1].max,
    ),
    figure(
        "lagMaxPrepareSeconds",
        "  prepare",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[2].max,
    ),
    figure(
        "lagMaxStartSeconds",
        "  start",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[3].max,
    ),
    figure(
        "lagMaxReadySeconds",
        "  ready",
        Unit::Seconds,
        Always,
        |c| c.lag.stages[4].max,
    ),
    figure(
        "meanDetectSeconds",
        "mean detect",
        Unit::Seconds,
        Wide,
        |c| c.lag.stages[0].mean,
    ),
    figure(
        "meanDecideSeconds",
        "mean decide",
        Unit::Seconds,
        Wide,
        |c| c.lag.stages[1].mean,
    ),
    figure(
        "meanPrepareSeconds",
        "mean prepare",
        Unit::Seconds,
        Wide,
        |c| c.lag.stages[2].mean,
    ),
    figure("meanStartSeconds", "mean start", Unit::Seconds, Wide, |c| {
        c.lag.stages[3].mean
    }),
    figure("meanReadySeconds", "mean ready", Unit::Seconds, Wide, |c| {
        c.lag.stages[4].mean
    }),
    figure("lagEpisodes", "lag episodes", Unit::Count, Always, |c| {
        c.lag.episodes
    }),
    figure(
        "lagEpisodesCapacityArrived",
        "  ended by capacity",
        Unit::Count,
        Always,
        |c| c.lag.capacity_arrived,
    ),
    figure(
        "lagEpisodesDemandFell",
        "  ended by demand",
        Unit::Count,
        Always,
        |c| c.lag.demand_fell,
    ),
    figure(
        "lagEpisodesCensored",
        "  cut off by the end",
        Unit::Count,
        WhereNotZero,
        |c| c.lag.censored,
    ),
];

/// Quantiles whose figures are left out of brief reports where they say what the longest says: of one episode all do.
const QUANTILES: &[&str] = &["lagP50", "lagP95"];

/// Whether a figure belongs to a quantile that is, stage by stage, the longest lag on every backend.
pub(super) fn is_repeated(figure: &Figure, scorecard: &Scorecard) -> bool {
    let mut quantiles = QUANTILES.iter();
    let Some(quantile) = quantiles.find(|quantile| figure.key.starts_with(**quantile)) else {
        return false;
    };
    let stages = LAG.iter().filter_map(|of| {
        let stage = of.key.strip_prefix(quantile)?;
        let longest = LAG
            .iter()
            .find(|it| it.key.strip_prefix("lagMax") == Some(stage))?;
        Some((of, longest))
    });
    let bits = |band: Band| [band.low, band.median, band.high].map(f64::to_bits);
    let mut pairs = stages.flat_map(|(of, longest)| {
        let cards = scorecard.backends.iter();
        cards.map(move |card| (of.of(card), longest.of(card)))
    });
    pairs.all(|(of, longest)| bits(of) == bits(longest))
}
