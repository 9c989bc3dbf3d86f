//! The recorded workloads in `tests/traces`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use scaleplan::trace::{
    GapFill, ReadOptions, Trace, TraceForm, TraceNote, TraceUnit, arrivals, read,
};
use scaleplan::units::{SimDuration, SimTime};

use super::written::{read_back, written};
use super::{NO_CPU, notes};

fn traces() -> PathBuf {
    std::env::var_os("SCALEPLAN_TRACES_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces"),
        PathBuf::from,
    )
}

fn read_file(name: &str) -> Trace {
    let file = File::open(traces().join(name)).expect("the file is in tests/traces");
    read(name, file, &ReadOptions::infer()).expect("the file is a trace")
}

/// `SCALEPLAN_TRACES_DIR` names another folder with a `catalog.tsv`.
#[test]
fn every_series_of_the_catalog_loads_keeps_its_rows_and_reads_back() {
    let catalog = fs::read_to_string(traces().join("catalog.tsv")).expect("a catalog");
    let mut lines = catalog
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let column = |name: &str| {
        header
            .iter()
            .position(|found| *found == name)
            .expect("in the catalog")
    };
    let (name, file, rows) = (column("name"), column("file"), column("rows"));
    let mut loaded = 0;
    for line in lines {
        let path = format!("{}/{}", line[name], line[file]);
        let trace = read_file(&path);
        let recorded = match trace.unit.unit {
            TraceUnit::Events => trace.series.values().iter().sum::<f64>().to_string(),
            _ => (trace.series.len() - trace.series.gaps().len()).to_string(),
        };
        assert_eq!(recorded, line[rows], "{path}");
        let again = read_back(&written(&trace, TraceForm::Csv));
        assert!(again.series == trace.series, "{path} reads back otherwise");
        assert!((again.start, again.events) == (trace.start, trace.events));
        loaded += 1;
    }
    assert!(loaded > 0);
}

#[test]
fn counts_of_a_load_balancer_become_requests_per_second() {
    let trace = read_file("nab_elb_request_count/trace.csv");
    assert_eq!(
        trace.start.map(|start| start.to_string()).as_deref(),
        Some("2014-04-10T00:04:00Z")
    );
    assert_eq!(
        trace.unit.to_string(),
        "requests per step (inferred, because the file's path says `nab_elb_request_count`)"
    );
    // CloudWatch writes no row for five minutes without requests.
    assert!(
        notes(&trace)
            .contains(&"8 gaps of 40m in all, the longest 5m, filled with zero".to_owned())
    );
    let peak = trace.series.peak();
    let requests: f64 = trace.series.values().iter().sum();
    let played = arrivals(trace, &NO_CPU).expect("counts need no cpu");
    assert!((played.series().peak() - peak / 300.0).abs() < 1e-12);
    assert!((played.total_requests() - requests).abs() < 1e-6);
    assert_eq!(played.median_step(), SimDuration::from_seconds(300));
    assert_eq!(played.max_step(), SimDuration::from_seconds(300));
}

#[test]
fn an_event_log_is_counted_per_step() {
    let log = read_file("azure_llm_2023_conv/raw.csv");
    assert_eq!(log.unit.unit, TraceUnit::Events);
    assert!(
        notes(&log)
            .iter()
            .any(|note| note.ends_with("rows counted per 15s"))
    );
    assert!(notes(&log).contains(&"times have no offset and were taken as UTC".to_owned()));

    // The aggregate begins a little earlier, on a whole quarter of a minute, so single steps differ but not the sum.
    let counted = read_file("azure_llm_2023_conv/agg_15s.csv");
    let minutes = |trace: &Trace| trace.series.values()[..12].iter().sum::<f64>();
    assert!((minutes(&log) - minutes(&counted)).abs() < 0.05 * minutes(&counted));
}

#[test]
fn a_machine_recording_says_how_long_its_steps_are_and_that_they_end_at_their_time() {
    let trace = read_file("bitbrains_gwa_t12_small/vm_1129.csv");
    assert_eq!(trace.unit.unit, TraceUnit::Cores);
    assert!(notes(&trace).contains(
        &"steps last as long as `duration_ms` says; a time marks a step's end".to_owned()
    ));
    // The first row, at 1376314846, covers the 300 s before.
    assert_eq!(trace.start.map(jiff_seconds), Some(1_376_314_546));
    assert!((trace.series.values()[0] - 3.901 / 2926.0).abs() < 1e-12);
    // 11.704 MHz at 1376315746, then nothing until the 300 s that end at 1376316946.
    assert_eq!(trace.series.starts()[4], SimTime::from_seconds(1_200));
    assert!(trace.series.is_gap(4) && !trace.series.is_gap(5));
    assert_eq!(trace.series.starts()[5], SimTime::from_seconds(2_100));
}

fn jiff_seconds(time: jiff::Timestamp) -> i64 {
    time.as_second()
}

#[test]
fn readings_taken_now_and_then_are_no_counts() {
    let trace = read_file("nab_travel_time_451/trace.csv");
    assert_eq!(trace.unit.unit, TraceUnit::RequestsPerSecond);
    assert!(trace.notes.iter().any(|note| matches!(
        note,
        TraceNote::IrregularSteps { median } if *median == SimDuration::from_seconds(600)
    )));
    assert!(trace.notes.iter().any(|note| matches!(
        note,
        TraceNote::GapsFilled {
            fill: GapFill::Hold,
            ..
        }
    )));
}

#[test]
fn times_may_count_from_an_unknown_beginning() {
    for name in [
        "teastore_profile_high/trace.csv",
        "mooncake_conversation/agg_15s.csv",
    ] {
        let trace = read_file(name);
        assert_eq!(trace.start, None);
        assert_eq!(trace.series.starts()[0], SimTime::ZERO);
    }
    let teastore = read_file("teastore_profile_high/trace.csv");
    assert_eq!(teastore.series.end(), SimTime::from_seconds(120));
}

#[test]
fn an_event_log_keeps_the_times_that_its_series_counts() {
    let trace = read_file("azure_llm_2023_conv/raw.csv");
    let events = trace.events.as_ref().expect("an event log").times();
    assert_eq!(events[..2], [0, 4_314_579_000].map(SimTime::from_nanos));
    let rows: f64 = trace.series.values().iter().sum();
    assert!((events.len() as f64 - rows).abs() < 1e-9);
    for step in trace.series.steps() {
        let within = events.partition_point(|at| *at < step.end)
            - events.partition_point(|at| *at < step.start);
        assert!((within as f64 - step.value).abs() < 1e-9, "{step:?}");
    }
    let played = arrivals(trace, &NO_CPU).expect("events need no cpu");
    let doubled = played.scaled(2.0).expect("a sensible factor");
    assert!((doubled.requests_per_event() - 2.0).abs() < 1e-12);
    assert!(doubled.events().is_some());
}

#[test]
fn a_table_of_counts_has_no_times_of_requests() {
    let trace = read_file("azure_llm_2023_conv/agg_15s.csv");
    assert_eq!(trace.events, None);
}
