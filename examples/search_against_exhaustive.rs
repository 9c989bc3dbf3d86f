//! What the search advises against the best of its whole lattice, every candidate of which is played over all runs.
//!
//! Demonstrates in particular: a lattice, its candidates, and a stage on which they are played without any search.
//!
//! ```text
//! trace ──► scenario ──► advise ───────────────► cost of what is advised
//!               └─────► lattice ──► each played ──► the least cost that holds
//! ```
//!
//! Run it with `cargo run --release --example search_against_exhaustive -- FILE...`.

use std::error::Error;
use std::fmt::Write as _;

use rayon::prelude::*;
use scaleplan::advice::{AdviceFor, Candidate, Hints, Lattice, Question, Wishes, advise, lattice};
use scaleplan::engine::{GiveUp, Stage, Trial, Trialled};
use scaleplan::manifest::{self, Source};
use scaleplan::scenario::{Inputs, Scenario, Settings, assemble};
use scaleplan::trace::{self, ReadOptions};

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
| trace | candidates | of them hold | the cheapest, a day | tried | advised, a day | more |
|---|---|---|---|---|---|---|
";

/// Share of the runs in which the objective has to hold.
const CONFIDENCE: f64 = 0.95;

/// Which values the knobs take: how many of each makes the size of the lattice.
pub(crate) struct Grid {
    pub(crate) min: &'static str,
    pub(crate) target: &'static str,
    pub(crate) up_window: &'static str,
    pub(crate) down_window: &'static str,
    pub(crate) up_tolerance: &'static str,
    pub(crate) down_tolerance: &'static str,
}

/// 25,920 candidates.
const GRID: Grid = Grid {
    min: "2,3,4,5,6,7,8,9",
    target: "35,40,45,50,55,60,65,70,75,80,85,90",
    up_window: "0s,30s,60s",
    down_window: "0s,60s,120s,180s,300s,600s",
    up_tolerance: "0,0.05,0.1",
    down_tolerance: "0,0.1,0.15,0.2,0.3",
};

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{HEADING}");
    for file in std::env::args().skip(1) {
        let bytes = std::fs::read(&file)?;
        print!("{}", row(&file, &bytes, &GRID, None)?);
    }
    Ok(())
}

/// Both for a load in CSV, on containers; the search looks at so many candidates at most.
///
/// # Errors
/// When the CSV carries no load.
pub(crate) fn row(
    name: &str,
    csv: &[u8],
    grid: &Grid,
    evaluations: Option<u64>,
) -> Result<String, Box<dyn Error>> {
    let source = Source {
        name: "hpa.yaml".into(),
        bytes: AUTOSCALER.into(),
    };
    let manifests = manifest::read(vec![source]);
    let scenario = assemble(Inputs {
        autoscaler: &manifests.autoscalers[0],
        workload: None,
        service: None,
        trace: trace::read(name, csv, &ReadOptions::infer())?,
        flags: &Settings::from_flags(["--runs", "20"])?,
        file: &Settings::default(),
        only: &["container".to_owned()],
        with: &[],
    })?;
    let wishes = grid.wishes()?;
    let whole = lattice(&scenario, &wishes, &Hints::default())?;
    let costs = costs_that_hold(&scenario, &whole)?;
    let advice = advise(&Question {
        scenario: &scenario,
        advice_for: AdviceFor::Each,
        wishes: &wishes,
        confidence: CONFIDENCE,
        hold_out: 0.0,
        evaluations,
        shuns: &|_| false,
        stop: &|_, _| None,
        told: &|_| {},
    })?;
    let part = &advice.parts[0];
    let cheapest = costs.iter().copied().fold(f64::INFINITY, f64::min);
    let advised = part.best.tuned;
    let cost = if advised.holds {
        advised.figures.replica_hours.median
    } else {
        f64::INFINITY
    };
    let mut text = String::new();
    writeln!(
        text,
        "| {} | {} | {} | {cheapest:.2} | {} | {cost:.2} | {:.2} % |",
        short(name),
        whole.valid_len(),
        costs.len(),
        part.searched.tried,
        100.0 * (cost / cheapest - 1.0),
    )?;
    Ok(text)
}

impl Grid {
    fn wishes(&self) -> Result<Wishes, Box<dyn Error>> {
        let values = [
            ("min", self.min),
            ("target", self.target),
            ("up-window", self.up_window),
            ("down-window", self.down_window),
            ("up-tolerance", self.up_tolerance),
            ("down-tolerance", self.down_tolerance),
        ];
        let values = values.map(|(knob, values)| format!("{knob}={values}"));
        let fixed = ["max,up-policies,down-policies".to_owned()];
        Ok(Wishes::parse(&fixed, &[], &values)?)
    }
}

/// What the candidates that hold cost in the median run, replica-hours a day.
fn costs_that_hold(scenario: &Scenario, lattice: &Lattice) -> Result<Vec<f64>, Box<dyn Error>> {
    let stage = Stage::new(scenario)?;
    let candidates: Vec<Candidate> = (0..lattice.len())
        .map(|number| lattice.nth(number))
        .filter(|candidate| lattice.canonical(candidate) == *candidate)
        .filter(|candidate| lattice.is_valid(candidate))
        .collect();
    let costs: Vec<Option<f64>> = candidates
        .par_iter()
        .map(|candidate| cost_that_holds(&stage, lattice, candidate))
        .collect();
    Ok(costs.into_iter().flatten().collect())
}

/// What a candidate costs, if the objective holds in as many runs as it must.
fn cost_that_holds(stage: &Stage<'_>, lattice: &Lattice, candidate: &Candidate) -> Option<f64> {
    let scenario = stage.scenario();
    let hpa = lattice.spec(candidate);
    let days = scenario.trace.end().as_seconds() / 86_400.0;
    let may_miss = (f64::from(scenario.runs) * (1.0 - CONFIDENCE)).round();
    let mut missed = 0.0;
    let mut hours = Vec::new();
    for run in 0..scenario.runs {
        let trial = Trial {
            hpa: &hpa,
            initial_replicas: scenario.initial_replicas_under(&hpa),
            give_up: GiveUp::NEVER,
        };
        let Trialled::Whole(figures) = stage.play(0, run, &trial) else {
            return None;
        };
        let requests = figures.requests;
        let budget = (1.0 - scenario.slo.objective) * requests.arrived;
        missed += f64::from(requests.bad() > budget);
        if missed > may_miss {
            return None;
        }
        hours.push(figures.existing / 3600.0 / days);
    }
    hours.sort_by(f64::total_cmp);
    let middle = hours.len() / 2;
    Some(f64::midpoint(hours[middle - 1], hours[middle]))
}

/// The last two parts of a path.
fn short(path: &str) -> String {
    let mut parts: Vec<&str> = path.rsplit('/').take(2).collect();
    parts.reverse();
    parts.join("/")
}
