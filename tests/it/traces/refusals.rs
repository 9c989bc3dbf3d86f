//! What is no trace, and what the reader says to it.

use std::io::Write;

use scaleplan::trace::{BadCells, ReadOptions, TraceUnit, read};

use super::prometheus::{WEB_0, WEB_1, matrix};
use super::{THREE, notes, read_text, seconds};

#[track_caller]
fn refuse(input: impl AsRef<[u8]>, message: &str) {
    let error = read("load.csv", input.as_ref(), &ReadOptions::infer()).expect_err("no trace");
    assert_eq!(error.to_string(), format!("load.csv{message}"));
}

#[test]
fn nothing_or_next_to_nothing_is_no_trace() {
    let empty =
        ": is empty, expected a table of times and loads, a log, or a monitoring system's answer";
    for text in ["", "\n\n", "\u{feff}", "# only a comment\n", "sep=,\n"] {
        refuse(text, empty);
    }
    refuse(
        "time,rps\n",
        ": has a header and no rows, expected at least two",
    );
    refuse(
        "time,rps\n0,5\n",
        ": has one sample, expected at least two, or a step length to give it",
    );
    refuse(
        "time,rps\n7,5\n7,5\n",
        ": has one sample, expected at least two, or a step length to give it",
    );
    refuse(
        "time,rps\n0,\n15,\n",
        ": no row has both a time and a load, expected at least two",
    );
    refuse(
        "time,rps\n0,0\n15,0\n",
        ": zero requests: every value is zero, expected some load",
    );
}

#[test]
fn numbers_that_no_load_can_be_are_refused_where_they_stand() {
    let cell = |cell: &str| format!("time,rps\n0,1\n15,{cell}\n30,2\n");
    let finite = "is not a finite number, expected a load of zero or more, or an empty cell where there is none";
    refuse(cell("NaN"), &format!(", line 3: `NaN` in `rps` {finite}"));
    refuse(cell("-inf"), &format!(", line 3: `-inf` in `rps` {finite}"));
    refuse(
        cell("1e999"),
        &format!(", line 3: `1e999` in `rps` {finite}"),
    );
    refuse(
        cell("-1"),
        ", line 3: `-1` in `rps` is negative, expected a load of zero or more",
    );
    refuse(
        cell("1e308"),
        ", line 3: `1e308` in `rps` is too large, expected a load of at most 1e15",
    );
    refuse(
        cell("abc"),
        ", line 3: `abc` in `rps` is not a number, expected a load of zero or more",
    );
    refuse(
        cell("\u{1b}[2J"),
        ", line 3: `\\u{1b}[2J` in `rps` is not a number, expected a load of zero or more",
    );
    refuse(
        "time,rps\n0,1\n15\n",
        ", line 3: cells in this row: 1, expected at least 2",
    );
    let skip = ReadOptions {
        bad_cells: BadCells::Skip,
        ..ReadOptions::infer()
    };
    let trace =
        read_text("time,rps\n0,1\nx,1\n15,2\n30,nan\n30,3\n", &skip).expect("the rest is good");
    assert_eq!(seconds(&trace.series), THREE);
    assert!(notes(&trace).contains(&"2 unreadable rows skipped, the first in line 3".to_owned()));
}

#[test]
fn times_that_are_none_are_refused_where_they_stand() {
    let time = |time: &str| format!("timestamp,rps\n1767225600,1\n{time},1\n");
    refuse(
        time("soon"),
        ", line 3: `soon` in `timestamp` is not a time, expected seconds since 1970",
    );
    refuse(
        time("99999999999"),
        ", line 3: `99999999999` is out of range, expected a time between the years 1678 and 2261",
    );
    refuse(
        time("0"),
        ": the times span 56 years, expected at most 20; does one of them have another unit?",
    );
    refuse(
        "date,rps\n01/02/2026,1\n02/02/2026,2\n",
        ", line 2: `01/02/2026` may be day or month first, expected an unambiguous date such as `2026-03-14 09:30:00`",
    );
    refuse(
        "date,rps\n9999-01-01,1\n9999-01-02,2\n",
        ", line 2: `9999-01-01` is out of range, expected a time between the years 1678 and 2261",
    );
}

#[test]
fn a_table_without_times_or_load_says_what_it_lacks() {
    refuse(
        "users,rps\n5,1\n6,2\n",
        ": no column holds times among `users`, `rps`, expected one named like `timestamp` or `time`; name it, or give the step",
    );
    refuse(
        "time,replicas\n0,1\n15,2\n",
        ": no column looks like a load among `time`, `replicas`, expected one like `requests`, `rps` or `cpu_percent`; name it",
    );
    refuse(
        "time,a,b\n0,1,1\n15,2,2\n",
        ": several columns could be the load: `a`, `b`; name one, or give the unit `events` if each row is one request",
    );
    let missing = ReadOptions {
        value_column: Some("x\u{7}".to_owned()),
        ..ReadOptions::infer()
    };
    assert_eq!(
        read_text("time,a\n0,1\n", &missing)
            .expect_err("no such column")
            .to_string(),
        "load.csv: there is no column `x\\u{7}`, expected one of `time`, `a`"
    );
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let text = ", expected a table, a log or a monitoring system's answer as UTF-8 text, or one of them as gzip or zstd";
    refuse(
        b"PK\x03\x04rest",
        &format!(": is a zip archive or a spreadsheet{text}"),
    );
    refuse(
        b"PAR1\x15\x04",
        ": is a Parquet file, which is not read; convert it to CSV",
    );
    refuse(b"\xff\xfet\x00", &format!(": is UTF-16 text{text}"));
    refuse([0_u8; 3000], &format!(": is binary data{text}"));
    refuse(
        b"time,rps\n0,1\n15,\xff\xfe\n",
        ", line 3: `\u{fffd}\u{fffd}` in `rps` is not a number, expected a load of zero or more",
    );
}

#[test]
fn rows_without_end_are_refused_before_they_fill_memory() {
    refuse(
        "x".repeat(3 << 20),
        ", line 1: a row is longer than 1 MiB, expected one sample per row",
    );
    let late = format!("time,rps\n0,1\n{}", "9".repeat(3 << 20));
    refuse(
        late,
        ", line 3: a row is longer than 1 MiB, expected one sample per row",
    );
    refuse(
        "time,rps\n0,1\n15,\"2\n30,3\n",
        ", line 3: a quoted cell is never closed, expected a closing quote",
    );
}

#[test]
fn gzip_is_seen_by_its_first_bytes_and_must_be_whole() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder
        .write_all(b"time,rps\n0,1\n15,2\n30,3\n")
        .expect("memory");
    let packed = encoder.finish().expect("memory");
    let trace = read("load.csv.gz", packed.as_slice(), &ReadOptions::infer()).expect("a trace");
    assert_eq!(seconds(&trace.series), THREE);
    refuse(
        &packed[..packed.len() - 9],
        ": the gzip data ends early, expected a complete file",
    );
    let mut damaged = packed.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    assert!(read("load.csv", damaged.as_slice(), &ReadOptions::infer()).is_err());
}

#[test]
fn json_that_is_no_range_query_says_what_it_is() {
    refuse(
        r#"{"status":"error","errorType":"bad_data","error":"parse\u001b error"}"#,
        ", line 1: holds a Prometheus error instead of a result: bad_data: parse\\u{1b} error",
    );
    refuse(
        r#"{"data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]}]}}"#,
        ", line 1: holds a `vector`, expected a `matrix`: ask `query_range`, not `query`",
    );
    refuse(
        r#"{"data":{"result":[1,"2"],"resultType":"scalar"}}"#,
        ", line 1: holds a `scalar`, expected a `matrix`: ask `query_range`, not `query`",
    );
    refuse(
        matrix(""),
        ": holds no series, expected one; does the query match anything?",
    );
    refuse(
        "[]",
        ": holds no series, expected one; does the query match anything?",
    );
    refuse(
        "{}",
        ", line 1: is JSON but no Prometheus `query_range` result: it has no `data` and no `result`",
    );
    refuse(
        &matrix(WEB_0)[..150],
        ", line 1: is not valid JSON: it ends early, expected a complete document",
    );
    refuse(
        format!("{}x", matrix(WEB_0)),
        ", line 1: is not valid JSON: trailing characters",
    );
    refuse(
        matrix(&format!("{WEB_0},{}", WEB_1.replace("rps", "cpu"))),
        ", line 1: holds series of different metrics (`rps`, `cpu`), expected one; name the one to play",
    );
    refuse(
        matrix(&WEB_0.replace("\"2\"", "\"-2\"")),
        ", line 1: `-2` in a series is negative, expected a load of zero or more",
    );
    refuse(
        "[".repeat(100_000),
        ", line 1: is JSON but no Prometheus `query_range` result: expected a series with `metric` and `values`",
    );
    let deep = format!("{{\"x\":{}", "[".repeat(100_000));
    assert!(read_text(&deep, &ReadOptions::infer()).is_err());
}

#[test]
fn tables_out_of_all_proportion_are_refused() {
    refuse(
        format!("time{}\n0\n", ",rps".repeat(20_000)),
        ": has 20001 columns, expected at most 10000",
    );
    refuse(
        "time,duration_s,rps\n0,1e12,1\n15,1e12,2\n",
        ": the times span 292 years, expected at most 20; does one of them have another unit?",
    );
    refuse(
        "time,user\n0,a\n1,b\n9,c\n300000000,d\n",
        ": no column looks like a load among `time`, `user`, expected one like `requests`, `rps` or `cpu_percent`; name it",
    );
    let events = ReadOptions {
        unit: Some(TraceUnit::Events),
        ..ReadOptions::infer()
    };
    assert_eq!(
        read_text("time\n0\n300000000\n", &events)
            .expect_err("too many steps")
            .to_string(),
        "load.csv: counting rows per 15s gives 20000001 steps, expected at most 10000000; count per longer steps"
    );
}
