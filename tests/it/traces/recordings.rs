//! Every series of a file as found.

use scaleplan::trace::{
    ReadOptions, RecordedSeries, Recording, SeriesKind, TimeBase, TraceError, TraceFormat,
    read_recording,
};

const SECOND: i64 = 1_000_000_000;
const START: i64 = 1_767_225_600;

fn record(text: &str) -> Result<Recording, TraceError> {
    read_recording("load", text.as_bytes(), &ReadOptions::infer())
}

fn recorded(text: &str) -> Recording {
    record(text).unwrap_or_else(|error| panic!("{error}"))
}

/// The series as Prometheus writes it, and its seconds since the start with their values.
fn plain(series: &RecordedSeries) -> (String, Vec<(i64, String)>) {
    let samples = series.times.iter().zip(&series.values);
    let seconds = samples.map(|(time, value)| (time / SECOND - START, value.to_string()));
    (series.to_string(), seconds.collect())
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &[(i64, &str)])]) {
    let found: Vec<_> = recorded(text).series.iter().map(plain).collect();
    let owned = |samples: &[(i64, &str)]| {
        let samples = samples.iter();
        samples
            .map(|(at, value)| (*at, (*value).to_owned()))
            .collect()
    };
    let expected: Vec<(String, Vec<(i64, String)>)> = expected
        .iter()
        .map(|(series, samples)| ((*series).to_owned(), owned(samples)))
        .collect();
    assert_eq!(found, expected);
}

#[track_caller]
fn check_refusal(text: &str, expected: &str) {
    let error = record(text).expect_err("refused");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_range_query_keeps_each_series_with_its_labels_and_gaps() {
    check(
        r#"{"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"__name__":"cpu","pod":"web-1","app":"x"},"values":[[1767225600,"0.25"],[1767225615,"NaN"],[1767225645,"0.75"]]},
        {"metric":{"__name__":"cpu","pod":"web-0"},"values":[[1767225600.5,"-1"]]}]}}"#,
        &[
            (
                "cpu{app=\"x\",pod=\"web-1\"}",
                &[(0, "0.25"), (15, "NaN"), (45, "0.75")],
            ),
            ("cpu{pod=\"web-0\"}", &[(0, "-1")]),
        ],
    );
}

#[test]
fn a_table_is_a_series_per_column_of_numbers() {
    let text =
        "time,pod,rps,cpu{pod=\"a\"},wait\n1767225600,web,5,1,12 ms\n1767225615,web,,2,1.5 s\n";
    check(
        text,
        &[
            ("rps", &[(0, "5"), (15, "NaN")]),
            ("cpu{pod=\"a\"}", &[(0, "1"), (15, "2")]),
            ("wait", &[(0, "0.012"), (15, "1.5")]),
        ],
    );
    assert_eq!(recorded(text).series[2].unit.as_deref(), Some("s"));
}

#[test]
fn a_long_table_is_a_series_per_name_and_labels() {
    check(
        "time,series,value,zone\n1767225600,rps,5,a\n1767225600,rps,6,b\n1767225615,rps,7,a\n",
        &[
            ("rps{zone=\"a\"}", &[(0, "5"), (15, "7")]),
            ("rps{zone=\"b\"}", &[(0, "6")]),
        ],
    );
}

#[test]
fn disorder_is_sorted_and_samples_of_one_time_become_one() {
    let text = "time,level,requests\n1767225615,3,1\n1767225600,1,1\n1767225600,2,1\n";
    check(
        text,
        &[
            ("level", &[(0, "1.5"), (15, "3")]),
            ("requests", &[(0, "2"), (15, "1")]),
        ],
    );
    let notes: Vec<_> = recorded(text)
        .notes
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        notes[1..],
        [
            "4 rows out of order; sorted by time",
            "2 samples with the time of another of its series merged with it"
        ]
    );
}

#[test]
fn times_without_a_date_count_from_an_unknown_beginning() {
    let recording = recorded("t,rps\n0,1\n15,2\n");
    assert_eq!(recording.base, TimeBase::Unknown);
    assert_eq!(recording.series[0].times, [0, 15 * SECOND]);
    assert_eq!(recording.format, TraceFormat::Csv);
}

#[test]
fn times_and_nothing_else_are_events() {
    let recording = recorded("timestamp\n1767225600\n1767225600\n1767225601\n");
    assert_eq!(recording.series[0].kind, SeriesKind::Events);
    assert_eq!(recording.series[0].values, [1.0; 3]);
}

#[test]
fn a_counter_is_left_as_it_is_until_its_rate_is_asked_for() {
    let recording =
        recorded("time,http_requests_total\n1767225600,10\n1767225610,30\n1767225620,5\n");
    let series = &recording.series[0];
    assert!(
        !series.is_counter(),
        "one fall in three samples is no restart"
    );
    let row = |at: i64| format!("{},{}", START + at * 10, at % 50);
    let many = (0..100).map(row).collect::<Vec<String>>().join("\n");
    let recording = recorded(&format!("time,http_requests_total\n{many}"));
    assert!(recording.series[0].is_counter());
    assert_eq!(recording.series[0].rates().1, 1);
}

#[test]
fn a_series_or_a_label_that_comes_twice_is_refused() {
    let series = r#"{"metric":{"a":"1"},"values":[[1767225600,"1"]]}"#;
    check_refusal(
        &format!("[{series},{series}]"),
        "load, line 1: holds the series `{a=\"1\"}` twice, expected each once",
    );
    check_refusal(
        r#"[{"metric":{"a":"1","a":"2"},"values":[[1767225600,"1"]]}]"#,
        "load, line 1: a series has the label `a` twice, expected each once",
    );
}
