//! Range queries.

use scaleplan::trace::{ReadOptions, TraceUnit};

use super::{RPS, THREE, check, notes, read_text, seconds};

pub(super) fn matrix(result: &str) -> String {
    format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{result}]}}}}"
    )
}

pub(super) const WEB_0: &str = r#"{"metric":{"__name__":"rps","pod":"web-0"},"values":[[1767225600,"1"],[1767225615,"2"],[1767225630.0,"3"]]}"#;
pub(super) const WEB_1: &str = r#"{"metric":{"__name__":"rps","pod":"web-1"},"values":[[1767225615,"10"],[1767225630,"NaN"],[1767225645,"+Inf"]]}"#;

#[test]
fn a_range_query_is_read_with_and_without_its_envelope() {
    check(&matrix(WEB_0), &THREE, RPS);
    check(&format!(" \n[{WEB_0}]"), &THREE, RPS);
    check(
        &format!("{{\"result\":[{WEB_0}],\"resultType\":\"matrix\"}}"),
        &THREE,
        RPS,
    );
    let warned = matrix(WEB_0).replacen('{', "{\"warnings\":[\"slow\"],\"stats\":{\"a\":[1]},", 1);
    check(&warned, &THREE, RPS);
}

#[test]
fn series_of_one_metric_are_added_up() {
    let trace =
        read_text(&matrix(&format!("{WEB_0},{WEB_1}")), &ReadOptions::infer()).expect("valid");
    assert_eq!(
        seconds(&trace.series),
        [(0.0, 1.0), (15.0, 12.0), (30.0, 3.0)]
    );
    assert_eq!(
        notes(&trace),
        [
            "2 series of `rps` added up",
            "2 samples without a number left out"
        ]
    );
}

#[test]
fn a_selector_chooses_series() {
    let chosen = |selector: &str| {
        let options = ReadOptions {
            series: Some(selector.to_owned()),
            ..ReadOptions::infer()
        };
        read_text(&matrix(&format!("{WEB_0},{WEB_1}")), &options)
    };
    assert_eq!(
        seconds(&chosen("{pod=\"web-0\"}").expect("one series").series),
        THREE
    );
    assert_eq!(
        chosen("qps").expect_err("no such series").to_string(),
        "load.csv: no series matches `qps`, expected one of `rps{pod=\"web-0\"}`, `rps{pod=\"web-1\"}`"
    );
    assert!(chosen("{pod=~\"w\"}").is_err());
}

#[test]
fn counters_of_several_pods_become_one_rate() {
    let series = |pod: u32, values: [u32; 3]| {
        let [a, b, c] = values;
        format!(
            r#"{{"metric":{{"__name__":"http_requests_total","pod":"{pod}"}},"values":[[0,"{a}"],[10,"{b}"],[20,"{c}"]]}}"#
        )
    };
    let two = format!("{},{}", series(0, [0, 100, 300]), series(1, [50, 60, 70]));
    check(&matrix(&two), &[(0.0, 11.0), (10.0, 21.0)], RPS);
    let cpu =
        series(0, [0, 5, 25]).replace("http_requests_total", "container_cpu_usage_seconds_total");
    check(&matrix(&cpu), &[(0.0, 0.5), (10.0, 2.0)], TraceUnit::Cores);
}
