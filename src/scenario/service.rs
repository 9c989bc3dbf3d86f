//! How a replica serves requests, and what clients do when it does not: from flags and defaults.

use super::choose::Chooser;
use super::range::{counted, in_range, out_of_range, span_in_range, times_in_range};
use super::{Origin, RetryBudget, ScenarioError, Settings, Slo, Span, show};
use crate::plant::ServingSpec;
use crate::stats::Distribution;
use crate::traffic::{Discipline, RetrySpec};

/// The longest time that a client waits, seconds.
const LONGEST_TIMEOUT: f64 = 86_400.0;
/// The most further attempts of one client.
const MOST_RETRIES: u32 = 100;

/// The service of a replica; its cost per request is still open.
pub(super) fn serving(choose: &mut Chooser<'_>, slo: Slo) -> Result<ServingSpec, ScenarioError> {
    let service = service(choose)?;
    let concurrency = unless_unlimited(
        choose,
        "concurrency",
        |settings| &settings.concurrency,
        "as many as its cpu can feed",
    );
    if concurrency == Some(0) {
        return Err(out_of_range("concurrency", "0", "at least 1"));
    }
    let patience = slo.latency.clamp(30.0, LONGEST_TIMEOUT);
    let timeout = choose.choose(
        "timeout",
        |settings| &settings.timeout,
        None,
        Span(patience),
        Span::to_string,
    );
    span_in_range(
        "timeout",
        timeout,
        1e-3..=LONGEST_TIMEOUT,
        "a time from 1ms to 24h",
    )?;
    if timeout.0 < slo.latency.min(LONGEST_TIMEOUT) {
        return Err(out_of_range(
            "timeout",
            &timeout.to_string(),
            "at least the latency of the objective",
        ));
    }
    let discipline = choose.choose(
        "discipline",
        |settings| &settings.discipline,
        None,
        Discipline::Fifo,
        Discipline::to_string,
    );
    let queue_bound = unless_unlimited(
        choose,
        "queue-bound",
        |settings| &settings.queue_bound,
        "none",
    );
    Ok(ServingSpec {
        cpu_per_request: 0.0,
        service,
        discipline,
        concurrency,
        queue_bound,
        timeout: timeout.duration(),
        retry: retry(choose)?,
    })
}

/// The times that a request occupies a worker.
fn service(choose: &mut Chooser<'_>) -> Result<Distribution, ScenarioError> {
    if let Some(said) = choose.said(|settings| &settings.service) {
        let mean_is_said = choose.said(|settings| &settings.service_time).is_some();
        if mean_is_said || choose.said(|settings| &settings.service_scv).is_some() {
            let other = if mean_is_said {
                "--service-time"
            } else {
                "--service-scv"
            };
            return Err(ScenarioError::Exclusive("--service", other));
        }
        times_in_range(
            "service",
            &said.value,
            1e-6..=86_400.0,
            "times of 1us to 24h on average",
        )?;
        in_range(
            "service",
            said.value.scv(),
            0.0..=100.0,
            "times with an scv of at most 100",
        )?;
        choose.note("service", show::times(&said.value), said.origin);
        return Ok(said.value);
    }
    let mean = choose.choose(
        "service-time",
        |settings| &settings.service_time,
        None,
        Span(0.05),
        Span::to_string,
    );
    let scv = choose.choose("service-scv", |s| &s.service_scv, None, 1.0, f64::to_string);
    span_in_range(
        "service-time",
        mean,
        1e-6..=86_400.0,
        "a time from 1us to 24h",
    )?;
    in_range("service-scv", scv, 0.0..=100.0, "a number from 0 to 100")?;
    Ok(Distribution::Gamma { mean: mean.0, scv })
}

/// What a client does after a request failed.
fn retry(choose: &mut Chooser<'_>) -> Result<RetrySpec, ScenarioError> {
    let retries = choose.choose("retries", |s| &s.retries, None, 0, u32::to_string);
    counted(
        "retries",
        retries,
        0..=MOST_RETRIES,
        "a count from 0 to 100",
    )?;
    let backoff = choose.said(|settings| &settings.retry_backoff);
    let budget = choose.said(|settings| &settings.retry_budget);
    if retries == 0 && backoff.is_none() && budget.is_none() {
        return Ok(RetrySpec::NONE);
    }
    let backoff = choose.choose(
        "retry-backoff",
        |settings| &settings.retry_backoff,
        None,
        Span(0.1),
        Span::to_string,
    );
    span_in_range(
        "retry-backoff",
        backoff,
        0.0..=LONGEST_TIMEOUT,
        "a time of at most 24h",
    )?;
    let budget = choose.choose(
        "retry-budget",
        |settings| &settings.retry_budget,
        None,
        RetryBudget(0.2),
        RetryBudget::to_string,
    );
    if budget.0.is_finite() {
        in_range(
            "retry-budget",
            budget.0,
            0.0..=100.0,
            "a share from 0 to 100, or none",
        )?;
    }
    Ok(RetrySpec {
        attempts: 1 + retries,
        backoff: backoff.duration(),
        budget: budget.0,
    })
}

/// A count that is unlimited where nobody says it.
pub(super) fn unless_unlimited(
    choose: &mut Chooser<'_>,
    key: &str,
    of: fn(&Settings) -> &Option<u32>,
    unlimited: &str,
) -> Option<u32> {
    let said = choose.said(of);
    match &said {
        Some(count) => choose.note(key, count.value.to_string(), count.origin.clone()),
        None => choose.note(key, unlimited.to_owned(), Origin::Default),
    }
    said.map(|count| count.value)
}
