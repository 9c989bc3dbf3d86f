//! A workload asked of Prometheus: a long range in parts under the server's point limit, joined again.

use anyhow::{Result, anyhow, bail};
use jiff::{SignedDuration, Timestamp};

use super::answer::Joined;
use super::client::{Client, Reply, said};
use super::live_args::PrometheusArgs;
use super::time_range::{TimeRange, time};
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::scenario::Span;
use crate::trace::TraceUnit;
use crate::units::SimDuration;

/// Prometheus refuses more than 11,000 points of a series in one answer.
const MOST_POINTS: u32 = 10_000;
/// Fewer points at a time are not asked for; a server that refuses even these refuses the query.
const FEWEST_POINTS: u32 = 100;
/// How far back is asked, unless told.
const DEFAULT_SINCE: Span = Span(86_400.0);
/// The step of the answer, unless told.
const DEFAULT_STEP: SimDuration = SimDuration::from_seconds(15);

/// An answer, with what was asked of whom.
pub(in crate::cli) struct Fetched {
    /// The server's host and port.
    pub(in crate::cli) server: String,
    /// The query.
    pub(in crate::cli) query: String,
    /// Prometheus' JSON.
    pub(in crate::cli) bytes: Vec<u8>,
}

/// Asks the Prometheus that the flags name, if they name one.
///
/// # Errors
/// When flags do not fit together, the server cannot be asked, or has no data.
pub(in crate::cli) fn fetch(
    args: &PrometheusArgs,
    step: Option<Span>,
    unit: Option<TraceUnit>,
) -> Result<Option<Fetched>> {
    let (Some(address), Some(query)) = (&args.prometheus, &args.query) else {
        return Ok(None);
    };
    if unit.is_none() {
        refuse_doubtful(query)?;
    }
    let range = range(args, step.map_or(DEFAULT_STEP, Span::duration))?;
    let client = Client::new(address, args)?;
    let joined = ask_in_parts(&client, query, range)?;
    for warning in &joined.warnings {
        output::warning(&format!("{}: {warning}", client.address()));
    }
    if joined.is_empty() {
        bail!(
            "{}: the query has no data from {} to {}; expected some, is a label or a metric's name misspelt?",
            client.address(),
            range.start(),
            range.end()
        );
    }
    Ok(Some(Fetched {
        server: client.host(),
        query: query.clone(),
        bytes: joined.into_answer()?,
    }))
}

fn range(args: &PrometheusArgs, step: SimDuration) -> Result<TimeRange> {
    let end = match &args.end {
        Some(text) => time("--end", text)?,
        None => Timestamp::now(),
    };
    let start = if let Some(text) = &args.start {
        time("--start", text)?
    } else {
        let since = args.since.unwrap_or(DEFAULT_SINCE);
        let back = SignedDuration::try_from_secs_f64(since.0).ok();
        back.and_then(|back| end.checked_sub(back).ok())
            .ok_or_else(|| anyhow!("--since: {since} before {end} is before all times"))?
    };
    TimeRange::new(start, end, step)
}

/// Refuses queries whose numbers are likely no requests per second, where nobody says what they are.
fn refuse_doubtful(query: &str) -> Result<()> {
    if query.contains("increase(") {
        bail!(
            "--query: increase() counts requests per window, expected requests per second; use rate(), or say --unit"
        );
    }
    if query.contains("cpu") {
        bail!(
            "--query: are these requests per second, or is it cpu in use? say --unit rps, cores, millicores, percent or fraction"
        );
    }
    Ok(())
}

/// Asks part by part, in smaller parts where the server finds one too large.
fn ask_in_parts(client: &Client, query: &str, range: TimeRange) -> Result<Joined> {
    let mut joined = Joined::default();
    let mut points = MOST_POINTS;
    // The next part is the last of the list.
    let mut waiting: Vec<TimeRange> = range.parts(points).collect();
    waiting.reverse();
    let bar = Progress::new(u64::from(range.len()), "points");
    while let Some(part) = waiting.pop() {
        let (start, end, step) = (part.start_text(), part.end_text(), part.step_text());
        let parameters = [
            ("query", query),
            ("start", start.as_str()),
            ("end", end.as_str()),
            ("step", step.as_str()),
        ];
        match client.ask("/api/v1/query_range", &parameters)? {
            Reply::Answer(body) => {
                let taken = joined.push(&body);
                taken.map_err(|error| anyhow!("{}: {error}", client.address()))?;
                bar.steps(u64::from(part.len()));
            }
            Reply::Refused { status, complaint } => {
                let said = said(&complaint);
                let is_too_large = said.as_deref().is_some_and(asks_for_less);
                if !is_too_large || points <= FEWEST_POINTS {
                    let why = said.unwrap_or_else(|| "without saying why".to_owned());
                    bail!(
                        "{}: refused the query with {status}: {why}",
                        client.address()
                    );
                }
                points = (points.min(part.len()) / 2).max(FEWEST_POINTS);
                waiting.push(part);
                waiting = smaller(waiting, points);
            }
        }
    }
    bar.finish();
    Ok(joined)
}

/// The same times in smaller parts, the next one still last.
fn smaller(waiting: Vec<TimeRange>, points: u32) -> Vec<TimeRange> {
    let in_order = waiting.into_iter().rev();
    let mut parts: Vec<TimeRange> = in_order.flat_map(|part| part.parts(points)).collect();
    parts.reverse();
    parts
}

/// Whether a complaint is about the size of the answer, as Prometheus, Thanos and Mimir word it.
fn asks_for_less(complaint: &str) -> bool {
    [
        "exceeded maximum resolution",
        "too many samples",
        "too many points",
        "time range exceeds the limit",
        "maximum allowed",
    ]
    .iter()
    .any(|words| complaint.contains(words))
}
