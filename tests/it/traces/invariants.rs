//! What holds for every input.

use proptest::prelude::*;
use scaleplan::trace::{BadCells, ReadOptions, Series, TraceFormat, arrivals, read};

use super::prometheus::{WEB_0, WEB_1, matrix};
use super::{NO_CPU, read_text};

/// Start in nanoseconds and value of each step.
fn steps(series: &Series) -> Vec<(i64, f64)> {
    let steps = series.steps();
    steps
        .map(|step| (step.start.as_nanos(), step.value))
        .collect()
}

fn samples() -> impl Strategy<Value = Vec<(u32, f64)>> {
    let value = prop_oneof![(0_u32..1000).prop_map(f64::from), 0.0..1e6_f64];
    proptest::collection::vec((0_u32..5_000, value), 2..60)
}

fn table(rows: &[(u32, f64)]) -> String {
    let rows = rows.iter().map(|(time, value)| format!("\n{time},{value}"));
    std::iter::once("time,rps".to_owned()).chain(rows).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for format in [None, Some(TraceFormat::Csv), Some(TraceFormat::PrometheusJson)] {
            let options = ReadOptions { format, ..ReadOptions::infer() };
            let _ = read("x", bytes.as_slice(), &options);
        }
    }

    #[test]
    fn no_table_panics(text in "(time|ts,value|rps,a;b)?\n([-0-9.,;\"eNa# :T/\n\r%]{0,12}[,\n]){0,20}") {
        let skip = ReadOptions { bad_cells: BadCells::Skip, ..ReadOptions::infer() };
        for options in [ReadOptions::infer(), skip] {
            if let Ok(trace) = read_text(&text, &options) {
                let valid = |value: &f64| value.is_finite() && *value >= 0.0;
                prop_assert!(trace.series.values().iter().all(valid));
                prop_assert!(trace.series.starts().is_sorted_by(|a, b| a < b));
                let _ = arrivals(trace, &NO_CPU);
            }
        }
    }

    #[test]
    fn no_range_query_panics(at in 0_usize..400, byte in any::<u8>()) {
        let mut bytes = matrix(&format!("{WEB_0},{WEB_1}")).into_bytes();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        let _ = read("x", bytes.as_slice(), &ReadOptions::infer());
    }

    #[test]
    fn quoted_cells_read_as_plain_ones(rows in samples()) {
        let plain = table(&rows);
        let quoted = format!("\"{}\"", plain.replace(',', "\",\"").replace('\n', "\"\r\n\""));
        let read_steps = |text: &str| read_text(text, &ReadOptions::infer()).map(|trace| steps(&trace.series)).ok();
        prop_assert_eq!(read_steps(&plain), read_steps(&quoted));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(rows in samples(), seed in any::<prop::sample::Index>()) {
        let mut distinct = rows;
        distinct.sort_by_key(|(time, _)| *time);
        distinct.dedup_by_key(|(time, _)| *time);
        let mut turned = distinct.clone();
        let middle = seed.index(turned.len());
        turned.rotate_left(middle);
        let read_steps = |rows: &[(u32, f64)]| read_text(&table(rows), &ReadOptions::infer()).map(|trace| steps(&trace.series)).ok();
        prop_assert_eq!(read_steps(&distinct), read_steps(&turned));
    }

    #[test]
    fn requests_are_conserved(rows in samples()) {
        let text = table(&rows).replace("rps", "requests");
        if let Ok(trace) = read_text(&text, &ReadOptions::infer()) {
            let counted: f64 = rows.iter().map(|(_, value)| value).sum();
            let played = arrivals(trace, &NO_CPU).expect("counts need no cpu").total_requests();
            prop_assert!((played - counted).abs() <= counted * 1e-9);
        }
    }
}
