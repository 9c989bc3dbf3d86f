//! Reads a CSV of ten million rows, against the csv crate's bare record loop with number parsing.
//!
//! Run with `cargo bench --bench csv_rows`; another number of rows may follow after `--`. Both read the same file from
//! the page cache and leave a column of times and one of values. The figure to hold: at most 1.3 times the bare loop.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark reports on standard output"
)]

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Write as _};
use std::time::{Duration, Instant};

use scaleplan::trace::{ReadOptions, read};

const ROUNDS: usize = 5;

fn main() {
    let rows = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(10_000_000);
    for (shape, write_row) in SHAPES {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let bytes = write_table(file.as_file(), rows, write_row);
        let open = || File::open(file.path()).expect("the file just written");

        let before = peak_memory();
        let mut after = None;
        let (mut ours, mut bare) = (Duration::MAX, Duration::MAX);
        // In turns, so that whatever else the machine does meets both.
        for _ in 0..ROUNDS {
            ours = ours.min(time_of(|| {
                let trace = read("bench.csv", open(), &ReadOptions::infer()).expect("a table");
                assert_eq!(trace.series.len() - trace.series.gaps().len(), rows);
            }));
            after = after.or_else(peak_memory);
            bare = bare.min(time_of(|| assert_eq!(bare_loop(open()), rows)));
        }
        let millions = |time: Duration| rows as f64 / 1e6 / time.as_secs_f64();
        println!(
            "{shape}: {rows} rows, {:.0} MB: read {:.0} ms ({:.1} M rows/s), bare csv loop {:.0} ms ({:.1} M rows/s), ratio {:.2}",
            bytes as f64 / 1e6,
            ours.as_secs_f64() * 1e3,
            millions(ours),
            bare.as_secs_f64() * 1e3,
            millions(bare),
            ours.as_secs_f64() / bare.as_secs_f64(),
        );
        if let (Some(before), Some(after)) = (before, after) {
            println!(
                "  peak memory {:.0} MB before reading, {:.0} MB after; the columns take {:.0} MB",
                before as f64 / 1e3,
                after as f64 / 1e3,
                rows as f64 * 16.0 / 1e6
            );
        }
    }
}

type WriteRow = fn(&mut String, usize, f64);

const SHAPES: [(&str, WriteRow); 3] = [
    ("epoch seconds", |row, index, value| {
        let _ = writeln!(row, "{},{value:.3}", 1_767_225_600 + index);
    }),
    ("full-precision floats", |row, index, value| {
        let _ = writeln!(row, "{},{value}", 1_767_225_600 + index);
    }),
    ("calendar times", |row, index, value| {
        let (day, second) = (index / 86_400, index % 86_400);
        let (hour, minute) = (second / 3600, second / 60 % 60);
        let _ = writeln!(
            row,
            "{:04}-{:02}-{:02} {hour:02}:{minute:02}:{:02},{value:.3}",
            2020 + day / 336,
            day % 336 / 28 + 1,
            day % 28 + 1,
            second % 60
        );
    }),
];

fn write_table(file: &File, rows: usize, write_row: WriteRow) -> usize {
    let mut file = std::io::BufWriter::new(file);
    let mut row = String::from("timestamp,value\n");
    let mut bytes = 0;
    let mut state = 1_u64;
    for index in 0..rows {
        // Knuth's linear congruential generator: cheap, and the same table in each run.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        write_row(&mut row, index, (state >> 40) as f64 / 16_384.0);
        file.write_all(row.as_bytes()).expect("space for the table");
        bytes += row.len();
        row.clear();
    }
    file.flush().expect("space for the table");
    bytes
}

/// The plain use of the csv crate: one reused record, the standard library's number parsers, two columns.
fn bare_loop(file: File) -> usize {
    let mut reader = csv::Reader::from_reader(BufReader::with_capacity(1 << 18, file));
    let mut record = csv::ByteRecord::new();
    let mut times: Vec<i64> = Vec::new();
    let mut values: Vec<f64> = Vec::new();
    while reader.read_byte_record(&mut record).expect("a valid table") {
        let time = std::str::from_utf8(&record[0]).expect("UTF-8");
        // A calendar time is left unparsed, in the bare loop's favour.
        times.push(time.parse().unwrap_or(0));
        let value = std::str::from_utf8(&record[1]).expect("UTF-8");
        values.push(value.parse().expect("a number"));
    }
    assert_eq!(times.len(), values.len());
    values.len()
}

fn time_of(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The most memory the process has had so far, in kilobytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
