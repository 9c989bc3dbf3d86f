//! Every form of table.

use scaleplan::trace::{ConversionError, CpuConversion, GapFill, ReadOptions, TraceUnit, arrivals};
use scaleplan::units::{SimDuration, SimTime};

use super::{COUNT, NO_CPU, RPS, THREE, check, notes, read_text, seconds};

#[test]
fn columns_may_stand_in_any_order_and_under_any_of_their_names() {
    check(
        "timestamp,rps\n1767225600,1\n1767225615,2\n1767225630,3\n",
        &THREE,
        RPS,
    );
    check(
        "rps,pod,ts\n1,a,1767225600\n2,a,1767225615\n3,a,1767225630\n",
        &THREE,
        RPS,
    );
    check(
        "step,timestamp_s,rps,phase_idx\n0,0,1,7\n1,15,2,7\n2,30,3,7\n",
        &THREE,
        RPS,
    );
    check(
        "requests,Date,errors\n1,2026-01-01,0\n2,2026-01-02,0\n",
        &[(0.0, 1.0), (86_400.0, 2.0)],
        COUNT,
    );
    check(
        "time,latency_ms,count\n0,9,1\n15,9,2\n30,9,3\n",
        &THREE,
        COUNT,
    );
}

#[test]
fn a_header_is_not_needed() {
    check("1767225600,1\n1767225615,2\n1767225630,3\n", &THREE, COUNT);
    check("0,1\n15,2\n30,3\n", &THREE, COUNT);
    check(
        "0,1767225600,1,9\n1,1767225615,2,9\n2,1767225630,3,9\n",
        &THREE,
        COUNT,
    );
    check(
        "1,2026-01-01T00:00:00Z\n2,2026-01-01T00:00:15Z\n3,2026-01-01T00:00:30Z\n",
        &THREE,
        COUNT,
    );
}

#[test]
fn separators_quotes_marks_and_line_ends_vary() {
    check("time;rps\n0;1\n15;2,0\n30;3.0\n", &THREE, RPS);
    check("time\trps\r\n0\t1\r\n15\t2\r\n30\t3", &THREE, RPS);
    check(
        "\u{feff}\"time\",\"rps\"\n\"0\",\"1\"\n15,\"2\"\n30,3\n",
        &THREE,
        RPS,
    );
    check("sep=;\ntime;rps\n0;1\n15;2\n30;3\n", &THREE, RPS);
    check(
        "# made by hand\n\ntime,rps\n0,1\n# a note, with comma\n15,2\n\n30,3\n,\n",
        &THREE,
        RPS,
    );
    check("time , rps\n 0 , 1\n 15, 2 \n30 ,3 \n", &THREE, RPS);
    check(
        "note,time,rps\n\"two\nlines\",0,1\n\"a,b\",15,2\n\"say \"\"hi\"\"\",30,3\n",
        &THREE,
        RPS,
    );
}

#[test]
fn a_grafana_panel_may_be_exported_with_units_in_its_cells() {
    let panel = "\"Time\",\"web\"\n\"2026-01-01 00:00:00\",\"1 req/s\"\n\"2026-01-01 00:00:15\",\"0.002 K req/s\"\n\"2026-01-01 00:00:30\",\"3 req/s\"\n";
    check(panel, &THREE, RPS);
    check(
        "Time,web\n0,1 %\n15,2 %\n30,3 %\n",
        &THREE,
        TraceUnit::Percent,
    );
    check(
        "Time,Value\n0,1 K\n15,\"2,000\"\n30,3 K\n",
        &[(0.0, 1e3), (15.0, 2e3), (30.0, 3e3)],
        COUNT,
    );
}

#[test]
fn times_are_epochs_of_any_unit_or_calendar_times() {
    for times in [
        ["1767225600", "1767225615", "1767225630"],
        ["1767225600.0", "1.767225615e9", "1767225630.000"],
        ["1767225600000", "1767225615000", "1767225630000"],
        ["1767225600000000", "1767225615000000", "1767225630000000"],
        [
            "1767225600000000000",
            "1767225615000000000",
            "1767225630000000000",
        ],
        [
            "2026-01-01T00:00:00Z",
            "2026-01-01T01:00:15+01:00",
            "2025-12-31 19:00:30-0500",
        ],
        [
            "2026-01-01 00:00:00",
            "2026-01-01 00:00:15.0000000",
            "2026/01/01 0:00:30",
        ],
        [
            "14/01/2026 00:00",
            "14/01/2026 00:00:15",
            "14/01/2026 00:00:30",
        ],
        [
            "1/14/2026 12:00 AM",
            "1/14/2026 12:00:15 AM",
            "1/14/2026 12:00:30 AM",
        ],
    ] {
        let [a, b, c] = times;
        check(&format!("time,rps\n{a},1\n{b},2\n{c},3\n"), &THREE, RPS);
    }
    check("time_ms,rps\n0,1\n15000,2\n30000,3\n", &THREE, RPS);
    check("minute,rps\n0,1\n0.25,2\n0.5,3\n", &THREE, RPS);
}

#[test]
fn the_unit_is_inferred_and_stated() {
    let stated = |header: &str, rows: &str| {
        let text = format!("time,{header}\n{rows}");
        let trace = read_text(&text, &ReadOptions::infer()).expect("a valid table");
        trace.unit.to_string()
    };
    let rows = "0,5\n15,50\n30,5\n";
    assert_eq!(
        stated("qps", rows),
        "requests per second (inferred, because the column is named `qps`)"
    );
    assert_eq!(
        stated("requests/min", rows),
        "requests per minute (inferred, because the column is named `requests/min`)"
    );
    assert_eq!(
        stated("cpu_cores", rows),
        "cores of cpu (inferred, because the column is named `cpu_cores`)"
    );
    assert_eq!(
        stated("cpu", rows),
        "percent of a cpu request (inferred, because the column is named `cpu` and no value exceeds 100)"
    );
    assert_eq!(
        stated("utilization", "0,0.5\n15,1\n"),
        "share of a cpu request (inferred, because the column is named `utilization` and no value exceeds 1)"
    );
    assert_eq!(
        stated("value", rows),
        "requests per step (inferred, because nothing says what `value` is and a count per step is commonest)"
    );
    let told = ReadOptions {
        unit: Some(TraceUnit::Cores),
        ..ReadOptions::infer()
    };
    let trace = read_text("time,value\n0,5\n1,6\n", &told).expect("a valid table");
    assert_eq!(trace.unit.to_string(), "cores of cpu (as told)");
}

#[test]
fn the_caller_may_name_columns_units_and_steps() {
    let options = ReadOptions {
        time_column: Some("when".to_owned()),
        value_column: Some("3".to_owned()),
        columns: vec!["Depth".to_owned()],
        unit: Some(RPS),
        ..ReadOptions::infer()
    };
    let trace = read_text(
        "rps,when,load,depth\n9,0,1,5\n9,15,2,\n9,30,3,7\n",
        &options,
    )
    .expect("valid");
    assert_eq!(seconds(&trace.series), THREE);
    let (name, depth) = &trace.columns[0];
    assert_eq!(
        (name.as_str(), depth.values()),
        ("depth", [5.0, 5.0, 7.0].as_slice())
    );

    let options = ReadOptions {
        step: Some(SimDuration::from_seconds(15)),
        ..ReadOptions::infer()
    };
    let trace = read_text("rps\n1\n2\n3\n", &options).expect("valid");
    assert_eq!(seconds(&trace.series), THREE);
    let trace = read_text("time,rps\n0,1\n", &options).expect("one row with a step");
    assert_eq!(trace.series.end(), SimTime::from_seconds(15));

    let options = ReadOptions {
        unit: Some(TraceUnit::Events),
        event_bin: SimDuration::from_seconds(10),
        ..ReadOptions::infer()
    };
    let trace = read_text("time,rps\n0,9\n1,9\n25,9\n", &options).expect("valid");
    assert_eq!(trace.series.values(), [2.0, 0.0, 1.0]);
}

#[test]
fn disorder_duplicates_and_gaps_are_repaired_and_noted() {
    let trace = read_text(
        "time,rps\n30,3\n0,1\n15,1\n15,3\n75,5\n",
        &ReadOptions::infer(),
    )
    .expect("valid");
    assert_eq!(
        seconds(&trace.series),
        [
            (0.0, 1.0),
            (15.0, 2.0),
            (30.0, 3.0),
            (45.0, 3.0),
            (75.0, 5.0)
        ]
    );
    assert_eq!(trace.series.gaps(), [3]);
    assert_eq!(
        notes(&trace)[1..],
        [
            "3 rows out of order, the first in line 3; sorted by time",
            "1 row with the time of another averaged with it",
            "1 gap of 30s in all, the longest 30s, filled with the last value before each",
        ]
    );
    // Counts of one time add up, and a step without a row had no requests.
    let trace = read_text(
        "time,requests\n0,1\n15,1\n15,3\n30,3\n45,4\n75,5\n",
        &ReadOptions::infer(),
    )
    .expect("valid");
    assert_eq!(trace.series.values(), [1.0, 4.0, 3.0, 4.0, 0.0, 5.0]);
    let held = ReadOptions {
        gaps: Some(GapFill::Hold),
        ..ReadOptions::infer()
    };
    let trace = read_text("time,requests\n0,1\n15,4\n30,3\n45,4\n90,5\n", &held).expect("valid");
    let played = arrivals(trace, &NO_CPU).expect("counts");
    assert_eq!(played.rates()[4].to_bits(), played.rates()[3].to_bits());
}

#[test]
fn a_table_that_leaves_out_steps_without_requests_keeps_its_step() {
    let text = "time,requests\n0,30\n15,30\n60,30\n75,30\n165,30\n180,30\n240,30\n";
    let trace = read_text(text, &ReadOptions::infer()).expect("valid");
    let played = arrivals(trace, &NO_CPU).expect("counts");
    assert!((played.series().peak() - 2.0).abs() < 1e-12);
    assert!((played.total_requests() - 210.0).abs() < 1e-9);
    assert_eq!(played.max_step(), SimDuration::from_seconds(15));
}

#[test]
fn rows_without_a_number_leave_a_gap() {
    let text = "time,cpu_percent\n0,\n15,10\n30,20\n45,N/A\n60,40\n75,50\n90,null\n";
    let trace = read_text(text, &ReadOptions::infer()).expect("valid");
    assert_eq!(
        seconds(&trace.series),
        [
            (0.0, 10.0),
            (15.0, 20.0),
            (30.0, 20.0),
            (45.0, 40.0),
            (60.0, 50.0)
        ]
    );
    assert_eq!(trace.series.gaps(), [2]);
    assert!(notes(&trace).contains(&"3 samples without a number left out".to_owned()));
}

#[test]
fn tables_written_after_one_another_are_one() {
    let text = "time,rps\n0,1\n15,2\ntime,rps\n30,3\n";
    check(text, &THREE, RPS);
    let trace = read_text(text, &ReadOptions::infer()).expect("valid");
    assert!(notes(&trace).contains(&"1 repeated header row skipped".to_owned()));
}

#[test]
fn a_counter_becomes_its_rate() {
    let text = "time,http_requests_total\n0,100\n10,200\n20,10\n30,40\n";
    let trace = read_text(text, &ReadOptions::infer());
    // One fall in four is no counter; one in many is a restart.
    assert_eq!(trace.expect("valid").unit.unit, COUNT);
    let told = ReadOptions {
        unit: Some(TraceUnit::Counter),
        ..ReadOptions::infer()
    };
    let trace = read_text(text, &told).expect("valid");
    assert_eq!(
        seconds(&trace.series),
        [(0.0, 10.0), (10.0, 1.0), (20.0, 3.0)]
    );
    assert_eq!(trace.unit.unit, RPS);
    let text = "time,http_requests_total\n0,100\n10,200\n20,300\n30,500\n";
    check(text, &[(0.0, 10.0), (10.0, 10.0), (20.0, 20.0)], RPS);
}

#[test]
fn cpu_needs_to_know_what_a_request_costs() {
    let trace = |unit: &str| {
        let options = ReadOptions {
            unit: unit.parse().ok(),
            ..ReadOptions::infer()
        };
        read_text("time,value\n0,50\n15,100\n", &options).expect("valid")
    };
    let cost = CpuConversion {
        cpu_per_request: Some(SimDuration::from_millis(100)),
        share_of_milli: Some(2000),
    };
    let rates = |unit| {
        arrivals(trace(unit), &cost)
            .expect("complete")
            .rates()
            .to_vec()
    };
    assert_eq!(rates("percent"), [10.0, 20.0]);
    assert_eq!(rates("cores"), [500.0, 1000.0]);
    assert_eq!(rates("millicores"), [0.5, 1.0]);
    assert_eq!(
        rates("rpm")
            .iter()
            .map(|rate| rate * 60.0)
            .collect::<Vec<_>>(),
        [50.0, 100.0]
    );
    assert_eq!(
        arrivals(trace("percent"), &NO_CPU),
        Err(ConversionError::NeedsShareOf(TraceUnit::Percent))
    );
    assert_eq!(
        arrivals(trace("cores"), &NO_CPU),
        Err(ConversionError::NeedsCpuPerRequest(TraceUnit::Cores))
    );
}

#[test]
fn the_grid_workloads_archive_writes_clock_rates_under_its_own_headers() {
    let text = "Timestamp [ms];\tCPU cores;\tCPU capacity provisioned [MHZ];\tCPU usage [MHZ];\tCPU usage [%];\tDisk read throughput [KB/s]\n\
        1376314846;\t4;\t11704.0;\t2926.0;\t25.0;\t3.1\n1376315146;\t4;\t11704.0;\t5852.0;\t50.0;\t3.1\n";
    check(text, &[(0.0, 1.0), (300.0, 2.0)], TraceUnit::Cores);
}
