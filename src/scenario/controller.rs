//! The controller's flags and the sensors' intervals.

use super::choose::Chooser;
use super::range::{in_range, span_in_range};
use super::{MetricsIntervals, ScenarioError, Settings, Span};
use crate::hpa::ControllerConfig;
use crate::units::SimDuration;

/// The controller's flags.
pub(super) fn controller(choose: &mut Chooser<'_>) -> Result<ControllerConfig, ScenarioError> {
    let followed = ControllerConfig::KUBERNETES_1_36;
    let span = |choose: &mut Chooser<'_>,
                key: &str,
                of: fn(&Settings) -> &Option<Span>,
                default: SimDuration| {
        choose.choose(key, of, None, Span(default.as_seconds()), Span::to_string)
    };
    let sync_period = span(
        choose,
        "sync-period",
        |s| &s.sync_period,
        followed.sync_period,
    );
    span_in_range(
        "sync-period",
        sync_period,
        0.1..=86_400.0,
        "a time from 100ms to 24h",
    )?;
    let tolerance = choose.choose(
        "tolerance",
        |s| &s.tolerance,
        None,
        followed.tolerance,
        f64::to_string,
    );
    in_range(
        "tolerance",
        tolerance,
        0.0..=1e6,
        "a finite number, zero or more",
    )?;
    Ok(ControllerConfig {
        sync_period: sync_period.duration(),
        tolerance,
        downscale_stabilization: span(
            choose,
            "downscale-stabilization",
            |s| &s.downscale_stabilization,
            followed.downscale_stabilization,
        )
        .duration(),
        cpu_initialization_period: span(
            choose,
            "cpu-initialization-period",
            |s| &s.cpu_initialization_period,
            followed.cpu_initialization_period,
        )
        .duration(),
        initial_readiness_delay: span(
            choose,
            "initial-readiness-delay",
            |s| &s.initial_readiness_delay,
            followed.initial_readiness_delay,
        )
        .duration(),
        ..followed
    })
}

/// When the sensors look.
pub(super) fn intervals(choose: &mut Chooser<'_>) -> Result<MetricsIntervals, ScenarioError> {
    let mut span = |key: &'static str, of: fn(&Settings) -> &Option<Span>, default| {
        let span = choose.choose(key, of, None, Span(default), Span::to_string);
        span_in_range(key, span, 0.1..=86_400.0, "a time from 100ms to 24h")?;
        Ok(span.duration())
    };
    Ok(MetricsIntervals {
        usage: span("usage-interval", |s| &s.usage_interval, 10.0)?,
        resource: span("metrics-interval", |s| &s.metrics_interval, 15.0)?,
        custom: span(
            "custom-metrics-interval",
            |s| &s.custom_metrics_interval,
            30.0,
        )?,
    })
}
