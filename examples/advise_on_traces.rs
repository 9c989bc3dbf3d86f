//! Advice for one autoscaler under many loads, before and after, as a Markdown table: that of `docs/recommend.md`.
//!
//! Demonstrates in particular: a question to [`advise`], and how settings stand on the part of a trace that was held out.
//!
//! ```text
//! trace ──► scenario ──► advise ──► now and advised, tuned and held out
//!           (2 to 10 replicas at cpu 70 %, the peak needs 6 at that target)
//! ```
//!
//! Run it with `cargo run --release --example advise_on_traces -- FILE...`.

use std::error::Error;
use std::fmt::Write as _;

use scaleplan::advice::{
    AdviceFor, Advised, Conclusion, Judged, Question, TunedOn, Wishes, advise,
};
use scaleplan::manifest::{self, Source};
use scaleplan::scenario::{Inputs, Settings, assemble};
use scaleplan::trace::{self, ReadOptions, TraceUnit};

const AUTOSCALER: &str = "
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 2
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
";

const HEADING: &str = "\
| trace | backend | budget spent now | now, a day | advised | runs held | budget spent | advised, a day |
|---|---|---|---|---|---|---|---|
";

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{HEADING}");
    for file in std::env::args().skip(1) {
        let bytes = std::fs::read(&file)?;
        match rows(&file, &bytes, None) {
            Ok(rows) => print!("{rows}"),
            Err(error) => println!("| {file} | – | {error} | | | | | |"),
        }
    }
    Ok(())
}

/// The advice for a load in CSV: a row for each backend, after so many candidates at most.
///
/// # Errors
/// When the CSV carries no load.
pub(crate) fn rows(
    name: &str,
    csv: &[u8],
    evaluations: Option<u64>,
) -> Result<String, Box<dyn Error>> {
    let source = Source {
        name: "hpa.yaml".into(),
        bytes: AUTOSCALER.into(),
    };
    let manifests = manifest::read(vec![source]);
    let mut options = ReadOptions::infer();
    if csv
        .windows(13)
        .take(200)
        .any(|word| word == b"cpu_usage_mhz")
    {
        // A virtual machine's own usage: the shape counts, whatever a core is worth.
        options.value_column = Some("cpu_usage_mhz".to_owned());
        options.unit = Some(TraceUnit::Cores);
    }
    let scenario = assemble(Inputs {
        autoscaler: &manifests.autoscalers[0],
        workload: None,
        service: None,
        trace: trace::read(name, csv, &options)?,
        flags: &Settings::from_flags(["--runs", "20"])?,
        file: &Settings::default(),
        only: &[],
        with: &[],
    })?;
    let advice = advise(&Question {
        scenario: &scenario,
        advice_for: AdviceFor::Each,
        wishes: &Wishes::default(),
        confidence: 0.95,
        hold_out: 0.33,
        evaluations,
        shuns: &|_| false,
        stop: &|_, _| None,
        told: &|_| {},
    })?;
    let mut text = String::new();
    for part in &advice.parts {
        let judge = |judged: &Judged| judged.held_out.unwrap_or(judged.tuned);
        let (now, best) = (judge(&part.now), judge(&part.best));
        writeln!(
            text,
            "| {} | {} | {:.0} % | {:.1} | {} | {} of {} | {:.0} % | {:.1} |",
            short(name),
            part.backends.join(" and "),
            100.0 * now.figures.must_hold,
            now.figures.replica_hours.median,
            settings(part),
            best.held_runs,
            best.runs,
            100.0 * best.figures.must_hold,
            best.figures.replica_hours.median,
        )?;
    }
    Ok(text)
}

/// What is advised, in a few words.
fn settings(part: &Advised) -> String {
    let changes = part
        .changes
        .iter()
        .map(|change| format!("{} {}", change.knob.name(), change.to));
    let changes = changes.collect::<Vec<_>>().join(", ");
    let again = part.tuned_on == TunedOn::BothParts;
    let all = if again { " (tuned on all)" } else { "" };
    match &part.conclusion {
        Conclusion::Keep => "keep".to_owned(),
        Conclusion::Change => format!("{changes}{all}"),
        Conclusion::NothingMeets(_) => format!("nothing meets it; nearest: {changes}{all}"),
    }
}

/// The last two parts of a path.
fn short(path: &str) -> String {
    let mut parts: Vec<&str> = path.rsplit('/').take(2).collect();
    parts.reverse();
    parts.join("/")
}
