//! The examples print what is written here. Their code is taken in as it stands, so that a test needs no second build.

#[path = "../../examples/advise_on_traces.rs"]
#[expect(dead_code, reason = "an example's main is not called here")]
mod advise_on_traces;
#[path = "../../examples/compare_two_behaviors.rs"]
#[expect(dead_code, reason = "an example's main is not called here")]
mod compare_two_behaviors;
#[path = "../../examples/hpa_one_step.rs"]
#[expect(dead_code, reason = "an example's main is not called here")]
mod hpa_one_step;
#[path = "../../examples/search_against_exhaustive.rs"]
#[expect(dead_code, reason = "an example's main is not called here")]
mod search_against_exhaustive;
#[path = "../../examples/simulate_a_spike.rs"]
#[expect(dead_code, reason = "an example's main is not called here")]
mod simulate_a_spike;

#[track_caller]
fn check<E: std::fmt::Debug>(printed: Result<String, E>, expected: &str) {
    let printed = printed.expect("the example runs");
    assert_eq!(printed, expected, "\n{printed}");
}

#[test]
fn a_sync_by_hand_stays_within_the_tolerance() {
    check(
        hpa_one_step::one_step(),
        "\
usage ratio 1.286, proposes 4 replicas (WithinTolerance)
on target, bound by tolerance: NotNeeded
AbleToScale=True ReadyForNewScale
ScalingActive=True ValidMetricFound
ScalingLimited=False DesiredWithinRange
",
    );
}

#[test]
fn a_spike_hurts_longer_on_virtual_machines() {
    check(
        simulate_a_spike::spike(),
        "\
container: 6.8 % of requests bad, capacity 50 s late at worst
  detect 22 s, decide 0 s, prepare 3 s, start 2 s, ready 17 s
vm: 21.9 % of requests bad, capacity 155 s late at worst
  detect 22 s, decide 0 s, prepare 79 s, start 33 s, ready 22 s
",
    );
}

#[test]
fn a_careful_behavior_saves_replicas_at_the_users_expense() {
    check(
        compare_two_behaviors::comparison(),
        "\
behavior   bad requests   worst lag   replica-hours   held back most by
absent            4.5 %        52 s             3.6   startup (51 %)
careful           6.4 %       109 s             3.2   policy (52 %)
",
    );
}

#[test]
fn advice_on_a_trace_is_a_row_for_each_backend() {
    let csv = include_str!("../traces/azure_llm_2023_conv/agg_15s.csv");
    let rows = advise_on_traces::rows("azure/agg_15s.csv", csv.as_bytes(), Some(300));
    let rows = rows.expect("there is advice");
    assert_eq!(rows.lines().count(), 2, "{rows}");
    for row in rows.lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let holds = cells[6] == "20 of 20" || cells[6] == "19 of 20";
        assert!(holds || cells[5].starts_with("nothing meets it"), "{row}");
    }
}

/// The whole figure, 25,920 candidates, takes a minute in a release build: see `docs/recommend.md`.
#[test]
fn the_search_comes_within_two_percent_of_trying_everything() {
    let grid = search_against_exhaustive::Grid {
        min: "2,3,4,5,6",
        target: "40,50,60,70,80",
        up_window: "0s,60s",
        down_window: "0s,60s,300s",
        up_tolerance: "0,0.1",
        down_tolerance: "0.1,0.2",
    };
    let traces = [
        include_str!("../traces/azure_functions_2021_sample/agg_1s.csv"),
        include_str!("../traces/azure_llm_2023_conv/agg_15s.csv"),
        include_str!("../traces/mooncake_conversation/agg_15s.csv"),
    ];
    for csv in traces {
        let row = search_against_exhaustive::row("a.csv", csv.as_bytes(), &grid, Some(150));
        let row = row.expect("there is advice");
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!(cells[2], "600", "{row}");
        let more: f64 = cells[7].trim_end_matches(" %").parse().expect("a number");
        assert!((0.0..=2.0).contains(&more), "{row}");
    }
}
