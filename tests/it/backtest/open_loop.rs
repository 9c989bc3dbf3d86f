use std::fmt::Write as _;

use scaleplan::backtest::{Comparison, Counts, OpenInputs, Recording, compare, predict_open};
use scaleplan::engine::{Feed, OpenSync};
use scaleplan::units::{SimDuration, SimTime};
use serde_json::Value;

use super::{column, loop_of, manifests, recorded, series};
use crate::published_cases::{case, count, list};

/// What an account of rows that are a sync apart can tell: a sync, and the second that its ages are cut to.
const ONE_SYNC: SimDuration = SimDuration::from_seconds(16);

/// A moment of an account: when, what the metric showed, replicas, and pods in the metric.
#[derive(Clone, Copy)]
struct Row {
    at: i64,
    percent: i64,
    replicas: i32,
    counted: i32,
}

/// What a case's autoscaler makes of its rows, beside what was recorded.
struct Played {
    comparison: Comparison,
    middle: Counts,
    syncs: Vec<OpenSync>,
}

fn manifest_of(config: &Value) -> String {
    let window = &config["behavior"]["scaleDown"]["stabilizationWindowSeconds"];
    let behavior = if window.is_number() {
        format!("  behavior: {{scaleDown: {{stabilizationWindowSeconds: {window}}}}}\n")
    } else {
        String::new()
    };
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: app}}\nspec:\n  scaleTargetRef: \
         {{apiVersion: apps/v1, kind: Deployment, name: app}}\n  minReplicas: {}\n  maxReplicas: {}\n  metrics:\n  - {{type: \
         Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: {}}}}}}}\n{behavior}",
        config["min"], config["max"], config["target_pct"]
    )
}

#[track_caller]
fn play(config: &Value, rows: &[Row], feed: Feed) -> Played {
    let mut text = "time,percent,replicas,counted\n".to_owned();
    for row in rows {
        let _ = writeln!(
            text,
            "{},{},{},{}",
            row.at, row.percent, row.replicas, row.counted
        );
    }
    let manifests = manifests(&[&manifest_of(config)]);
    let interval = config["metrics_resolution_s"].as_i64().unwrap_or(15);
    let control = loop_of(&manifests, &["--metrics-interval", &format!("{interval}s")]);
    let recording = column(&text, "replicas");
    let (prediction, syncs) = predict_open(&OpenInputs {
        control: &control,
        metric: &series(&text, "percent"),
        counted: Some(&series(&text, "counted")),
        recorded: &recording.series,
        recorded_from: SimTime::ZERO,
        left_out: &[],
        feed,
    })
    .expect("one metric");
    let recording = Recording::of(&recording).expect("counts");
    let comparison = compare(&recording.counts, &prediction.middle, &[], ONE_SYNC, 0);
    Played {
        comparison: comparison.expect("the same time"),
        middle: prediction.middle,
        syncs,
    }
}

/// Holds that the replicas went as recorded, each change within a sync.
#[track_caller]
fn check_replicas(played: &Played) {
    let changes = played.comparison.changes;
    assert_eq!(
        (changes.matched, changes.predicted),
        (changes.recorded, changes.recorded),
        "{:?}\n{:#?}",
        played.middle,
        played.syncs
    );
    assert!(changes.recorded > 0);
}

/// The rows of a case's `series`, with the pods in the metric as its decisions tell them: "2 ready, 2 uncounted", or all
/// where a decision says nothing of them. What one tells holds until the next.
fn told_rows(case: &Value) -> Vec<Row> {
    let decisions = list(&case["decisions"]);
    let mut told: Option<i32> = None;
    list(&case["series"])
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let percent = row["util_pct"].as_i64().or(row["util"].as_i64());
            let replicas = count(&row["replicas"]);
            let here = decisions.iter().find(|decision| {
                let is_same = decision["util"].as_i64() == percent
                    && decision["current"].as_i64() == Some(i64::from(replicas));
                decision["t"].as_i64().map_or(is_same, |at| row["t"] == at)
            });
            if let Some(decision) = here {
                let ready = decision["pods"].as_str().and_then(|text| {
                    let (ready, _) = text.split_once(" ready")?;
                    ready.parse().ok()
                });
                told = Some(ready.unwrap_or(replicas));
            }
            Row {
                at: row["t"]
                    .as_i64()
                    .unwrap_or_else(|| i64::try_from(index).expect("few rows") * 15),
                percent: percent.unwrap_or(0),
                replicas,
                counted: told.unwrap_or(replicas).min(replicas),
            }
        })
        .collect()
}

#[test]
fn r01_one_to_seven_with_pods_that_do_not_count_yet() {
    let case = case("R01");
    check_replicas(&play(&case["config"], &told_rows(&case), Feed::Own));
}

#[test]
fn r02_the_descent_goes_through_six_and_three() {
    let case = case("R02");
    let mut replicas = 7;
    let events = list(&case["expected_events"]);
    let seed = &case["seed_recommendations"][0];
    let first = (seed["t"].as_i64().expect("seconds"), 50);
    let inputs = list(&case["input_util"]).iter().map(|input| {
        let percent = input["util_pct"].as_i64().expect("percent");
        (input["t"].as_i64().expect("seconds"), percent)
    });
    let mut rows: Vec<Row> = std::iter::once(first)
        .chain(inputs)
        .chain((721..=1021).step_by(15).map(|at| (at, 0)))
        .map(|(at, percent)| {
            if let Some(event) = events.iter().find(|event| event["t"] == at) {
                replicas = count(&event["replicas"]);
            }
            Row {
                at,
                percent,
                replicas,
                counted: 7,
            }
        })
        .collect();
    rows.sort_by_key(|row| row.at);
    check_replicas(&play(&case["config"], &rows, Feed::Own));
}

#[test]
fn r03_pending_pods_hold_the_count_at_seven() {
    let case = case("R03");
    let rows: Vec<Row> = told_rows(&case)
        .into_iter()
        .map(|row| Row {
            // Two of the seven never found room on the only node.
            counted: row.counted.min(5),
            ..row
        })
        .collect();
    check_replicas(&play(&case["config"], &rows, Feed::Own));
}

#[test]
fn r04_up_in_three_syncs_and_down_when_the_window_is_over() {
    let case = case("R04");
    let listed = list(&case["rows"]);
    let events = list(&case["events"]);
    let rows: Vec<Row> = (0..=390)
        .step_by(15)
        .enumerate()
        .map(|(sync, at)| {
            let row = listed.get(sync).or(listed.last()).expect("a row");
            // An event is seen at the sync after it.
            let seen = events
                .iter()
                .rfind(|event| event["t"].as_i64().expect("seconds") < at);
            let replicas = seen.map_or(2, |event| count(&event["replicas"]));
            Row {
                at,
                percent: row["util"].as_i64().expect("percent"),
                replicas,
                counted: replicas,
            }
        })
        .collect();
    check_replicas(&play(&case["config"], &rows, Feed::Own));
}

#[test]
fn r05_the_window_finishes_a_limited_ascent() {
    let case = case("R05");
    // Only the order of its rows is known, and after the last rise not which pods were in the metric.
    let rows: Vec<Row> = told_rows(&case).into_iter().take(6).collect();
    let played = play(&case["config"], &rows, Feed::Own);
    let counts = played.middle.steps().iter().map(|(_, count)| *count);
    assert_eq!(counts.take(5).collect::<Vec<_>>(), [2, 3, 6, 12, 13]);
}

#[test]
fn r06_two_four_eight_ten_and_down_through_three() {
    let case = case("R06");
    let mut rows = told_rows(&case);
    let last = rows.pop().expect("the row of the descent");
    let played = play(&case["config"], &rows, Feed::Own);
    check_replicas(&played);

    // After the last of them the load is gone; what comes after the window is known by its counts alone.
    let (at, percent) = (rows[rows.len() - 1].at, last.percent);
    rows.extend((1..30).map(|sync| Row {
        at: at + sync * 15,
        percent,
        replicas: 10,
        counted: 10,
    }));
    let played = play(&case["config"], &rows, Feed::Own);
    let counts: Vec<u32> = played
        .middle
        .steps()
        .iter()
        .map(|(_, count)| *count)
        .collect();
    assert_eq!(counts, [2, 4, 8, 10, 3, 2]);
}

#[test]
fn r07_metrics_of_a_minute_ago() {
    let case = case("R07");
    let mut rows = told_rows(&case);
    // The last row tells no second.
    rows.pop();
    check_replicas(&play(&case["config"], &rows, Feed::Own));
}

#[test]
fn r08_behavior_allows_two_to_five_in_a_step() {
    let case = case("R08");
    let rows: Vec<Row> = told_rows(&case).into_iter().take(6).collect();
    check_replicas(&play(&case["config"], &rows, Feed::Own));
}

#[test]
fn r09_each_decision_of_a_saturated_loop() {
    let case = case("R09");
    let rows = told_rows(&case);
    let played = play(&case["config"], &rows, Feed::Recorded);
    for decision in list(&case["decisions"]) {
        let here = rows
            .iter()
            .find(|row| decision["util"] == row.percent && decision["current"] == row.replicas);
        let at = SimTime::from_seconds(here.expect("a row of the decision").at - rows[0].at);
        let sync = played.syncs.iter().find(|sync| sync.at == at);
        let sync = sync.expect("a sync at each row");
        let expected = u32::try_from(count(&decision["expected"])).expect("a count");
        assert_eq!(sync.desired, expected, "{decision}\n{:#?}", played.syncs);
    }
}

/// Civicpulse: cpu and replicas every 5 s, the last scale-down 303 s after the last recommendation of 3. The manifest was
/// applied again by hand at 22:32:17.
#[test]
fn civicpulse_comes_down_within_a_sync_of_the_recording() {
    let text = recorded("civicpulse/hpa-collect.csv");
    let manifests = manifests(&[&recorded("civicpulse/hpa.yaml")]);
    let control = loop_of(&manifests, &[]);
    let metric = column(&text, "cpu_percent");
    let replicas = column(&text, "replicas");
    let seconds = |text: &str| {
        let at: jiff::Timestamp = text.parse().expect("a time");
        let start = metric.start.expect("absolute times");
        SimTime::from_seconds(at.as_second() - start.as_second())
    };
    let starts = [replicas.start, metric.start].map(|start| start.expect("absolute").as_second());
    let later = SimDuration::from_seconds(starts[1] - starts[0]);
    let by_hand = (
        seconds("2026-09-25T22:32:05+05:00"),
        seconds("2026-09-25T22:32:35+05:00"),
    );
    let aligned = replicas
        .series
        .between(SimTime::ZERO + later, replicas.series.end());
    let (prediction, syncs) = predict_open(&OpenInputs {
        control: &control,
        metric: &metric.series,
        counted: None,
        recorded: &aligned,
        recorded_from: SimTime::ZERO,
        left_out: &[by_hand],
        feed: Feed::Own,
    })
    .expect("one metric");
    let recording = Recording::of(&replicas).expect("counts");
    let recording = recording
        .counts
        .shifted(SimDuration::from_seconds(-1) * (later.as_nanos() / 1_000_000_000));
    let down = |counts: &Counts| {
        let last = counts.changes().last().expect("a change");
        assert_eq!((last.1, last.2), (3, 2));
        last.0
    };
    let (predicted, seen) = (down(&prediction.middle), down(&recording));
    let off = (predicted - seen).as_seconds();
    assert!(
        off.abs() <= 15.0,
        "{off} s\n{:?}\n{syncs:#?}",
        prediction.middle
    );
    let last_of_three = syncs
        .iter()
        .rfind(|sync| sync.recommended == Some(3))
        .expect("a recommendation of 3");
    let after = (predicted - last_of_three.at).as_seconds();
    assert!((300.0..=315.0).contains(&after), "{after} s");
    // 6 on the way up is seen, 9 only while pods were being made.
    let comparison = compare(&recording, &prediction.middle, &[by_hand], ONE_SYNC, 1);
    let comparison = comparison.expect("the same time");
    assert!(comparison.mean_error < 0.15, "{comparison:#?}");
    assert_eq!(comparison.predicted_peak, comparison.recorded_peak);
}
