//! Published decisions of the HPA (`tests/cases/README.md`), each held by the controller.

mod run;

use scaleplan::hpa::{
    Behavior, HpaSpec, MetricReading, MetricSpec, MetricTarget, PodGroup, PodSample, PolicyKind,
    ScalingRules, SelectPolicy,
};
use scaleplan::units::SimTime;
use serde_json::Value;

use run::{
    Load, Run, all_counted, counts, default_down, default_up, grown_pods, policy, rules, sample,
    short_policy, written_policies,
};
pub(crate) use run::{case, count, list};

#[test]
fn c01_the_walkthrough_recommends_seven_and_steps_to_four_first() {
    let case = case("C01");
    let mut run = Run::of_config(&case["config"]);
    let step = &case["steps"][0];
    let first = run.sync(
        0,
        count(&step["current"]),
        all_counted(&step["util_pct"], 1),
    );
    assert_eq!(first.recommendation, Some(count(&step["formula_desired"])));
    assert_eq!(first.written(), Some(count(&step["after_legacy_limit"])));
    let new_pods_uncounted = all_counted(&step["util_pct"], 1);
    let second = run.sync(15, first.desired_replicas, new_pods_uncounted);
    assert_eq!(second.desired_replicas, count(&step["final"]));
}

#[test]
fn c02_the_formula_and_both_tolerances_hold() {
    let case = case("C02");
    let rows = list(&case["rows"])
        .iter()
        .chain(list(&case["per_direction_tolerance"]));
    for row in rows {
        let either = |plain: &str, memory: &str| {
            let value = row[plain].as_i64().or(row[memory].as_i64());
            value.expect("a metric") * if row[plain].is_null() { 1 << 20 } else { 1000 }
        };
        let (metric, target) = (
            either("metric", "metric_mib"),
            either("target", "target_mib"),
        );
        let tolerant = |rules: ScalingRules, key: &str| ScalingRules {
            tolerance: row[key].as_f64(),
            ..rules
        };
        let current = row["current"]
            .as_i64()
            .map_or(0, |_| count(&row["current"]));
        let mut run = Run::new(HpaSpec {
            min_replicas: 1,
            max_replicas: 1000,
            metrics: vec![MetricSpec::Pods {
                name: "per_pod".to_owned(),
                target: MetricTarget::AverageValue(target),
            }],
            behavior: row["tol_up"].is_number().then(|| Behavior {
                scale_up: tolerant(default_up(), "tol_up"),
                scale_down: tolerant(default_down(), "tol_down"),
            }),
        });
        let samples = [Some(sample(metric, SimTime::ZERO))];
        let reading = MetricReading::PodCustom {
            samples: Ok(&samples),
            strays: &[],
        };
        let pods = [grown_pods(current, SimTime::ZERO)];
        let decision = run.observe(SimTime::ZERO, current, &pods, reading);
        assert_eq!(
            decision.recommendation,
            Some(count(&row["desired"])),
            "{row}"
        );
    }
}

#[test]
fn c03_a_scale_up_policy_allows_one_step_a_period() {
    for row in list(&case("C03")["cases"]) {
        let series = counts(&row["series"]);
        let behavior = Behavior {
            scale_up: rules(0, written_policies(&row["behavior_up"])),
            scale_down: default_down(),
        };
        let mut run = Run::of_recommendations(Some(behavior), 1, 1000);
        let between = usize::try_from(row["seconds_between"].as_i64().expect("seconds") / 15)
            .expect("a positive period");
        let syncs = vec![Load::Recommend(1000); between * (series.len() - 2) + 1];
        let replicas = run.closed_loop(count(&row["start"]), 15, &syncs);
        // The first step is at once; each later one a period after it, and nothing moves in between.
        let expected: Vec<i32> = series[1..]
            .iter()
            .flat_map(|&count| vec![count; between])
            .take(syncs.len())
            .collect();
        assert_eq!(replicas, expected, "{row}");
    }
}

#[test]
fn c04_one_pod_in_ten_minutes_once_the_window_has_passed() {
    let case = case("C04");
    let config = &case["config"];
    let behavior = Behavior {
        scale_up: default_up(),
        scale_down: rules(
            config["down_window_s"].as_i64().expect("seconds"),
            written_policies(&config["behavior_down"]),
        ),
    };
    let mut run = Run::of_recommendations(Some(behavior), count(&config["min"]), 1000);
    let start = count(&case["input"]["start"]);
    let mut loads = vec![Load::Recommend(start)];
    loads.resize(1500 / 15 + 1, Load::Recommend(1));
    let replicas = run.closed_loop(start, 15, &loads);
    let mut steps = Vec::new();
    let mut before = start;
    for (&after, sync) in replicas.iter().zip(0..) {
        if after != before {
            steps.push((sync * 15, after));
        }
        before = after;
    }
    let expected: Vec<(i32, i32)> = list(&case["expected"])
        .iter()
        .map(|step| (count(&step["t"]), count(&step["replicas"])))
        .collect();
    assert_eq!(steps, expected);
}

#[test]
fn c05_stabilization_takes_the_highest_going_down_and_the_lowest_going_up() {
    for story in list(&case("C05")["cases"]) {
        let policies = vec![short_policy(&story["policy"])];
        let behavior = if story["down_window_s"].is_number() {
            Behavior {
                scale_up: default_up(),
                scale_down: rules(story["down_window_s"].as_i64().expect("seconds"), policies),
            }
        } else {
            // As the story's note says: the sample exactly at the far end counts there, so a second more is given.
            let window = story["up_window_s"].as_i64().expect("seconds") + 1;
            Behavior {
                scale_up: rules(window, policies),
                scale_down: default_down(),
            }
        };
        let mut run = Run::of_recommendations(Some(behavior), 1, 100);
        let loads: Vec<Load> = counts(&story["recommendations"])
            .into_iter()
            .map(Load::Recommend)
            .collect();
        let period = story["sync_s"].as_i64().expect("seconds");
        let replicas = run.closed_loop(count(&story["current"]), period, &loads);
        assert_eq!(replicas, counts(&story["replicas"]), "{story}");
    }
}

/// Plays a series of counts that begins with the start, with these rules for going down.
#[track_caller]
fn check_descent(series: &[i32], scale_down: ScalingRules, wanted: i32) {
    let behavior = Behavior {
        scale_up: default_up(),
        scale_down,
    };
    let mut run = Run::of_recommendations(Some(behavior), 1, 1000);
    let loads = vec![Load::Recommend(wanted); series.len() - 1];
    assert_eq!(run.closed_loop(series[0], 60, &loads), series[1..]);
}

#[test]
fn c06_the_larger_of_two_policies_wins_by_default() {
    let case = case("C06");
    let down = rules(0, written_policies(&case["config"]["down"]));
    check_descent(&counts(&case["series"]), down, 10);
}

#[test]
fn c07_select_policy_min_takes_the_smaller() {
    let case = case("C07");
    let policies = list(&case["config"]["policies"])
        .iter()
        .map(short_policy)
        .collect();
    let down = ScalingRules {
        select_policy: SelectPolicy::Min,
        ..rules(0, policies)
    };
    check_descent(&counts(&case["series"]), down, 1);
}

#[test]
fn c08_upstreams_rate_vectors_hold() {
    for row in list(&case("C08")["rows"]) {
        let tuple = |value: &Value, default: ScalingRules| {
            if value.is_null() {
                return rules(0, default.policies);
            }
            let [pods, pods_seconds, percent, percent_seconds] = counts(value)[..] else {
                panic!("{value} is no policy tuple");
            };
            let policies = [
                policy(PolicyKind::Pods, pods, pods_seconds),
                policy(PolicyKind::Percent, percent, percent_seconds),
            ];
            rules(
                0,
                policies
                    .into_iter()
                    .filter(|policy| policy.value != 0)
                    .collect(),
            )
        };
        let (min, max) = (count(&row["min"]), count(&row["max"]));
        let behavior = Behavior {
            scale_up: tuple(&row["up_policy"], default_up()),
            scale_down: tuple(&row["down_policy"], default_down()),
        };
        let mut run = rate_history(row);
        run.spec = Run::of_recommendations(Some(behavior), min, max).spec;
        let current = count(&row["current"]);
        let decision = run.sync(0, current, Load::Recommend(count(&row["desired"])));
        assert_eq!(decision.desired_replicas, count(&row["expected"]), "{row}");
        if current <= max {
            // Above its maximum a count is corrected before any limit is looked at; the limit itself is held for that
            // row in `hpa::scaling_policy`.
            let limited = decision
                .conditions
                .scaling_limited
                .expect("a limit was looked at");
            assert_eq!(limited.as_str(), row["condition"], "{row}");
        }
    }
}

/// An autoscaler that has made the changes that a row of C08 tells of.
fn rate_history(row: &Value) -> Run {
    // Anything goes here, and nothing that it stores is ever outdated.
    let any = || rules(0, vec![policy(PolicyKind::Pods, 100_000, 1800)]);
    let behavior = Behavior {
        scale_up: any(),
        scale_down: any(),
    };
    let mut run = Run::of_recommendations(Some(behavior), 0, 100_000);
    let mut changes: Vec<(i64, i32)> = Vec::new();
    for (key, sign) in [("up_events_ago", 1), ("down_events_ago", -1)] {
        for event in list(&row[key]) {
            changes.push((
                i64::from(count(&event["age_s"])),
                sign * count(&event["change"]),
            ));
        }
    }
    changes.sort_by_key(|&(age, _)| -age);
    for (age, change) in changes {
        let decision = run.sync(-age, 50, Load::Recommend(50 + change));
        assert_eq!(decision.written(), Some(50 + change));
    }
    run
}

#[test]
fn c09_upstreams_stabilization_vectors_hold() {
    for row in list(&case("C09")["rows"]) {
        let mut run = Run::of_recommendations(None, 1, 100);
        let mut earlier: Vec<(i64, i32)> = list(&row["recs"])
            .iter()
            .map(|rec| (i64::from(count(&rec["age_s"])), count(&rec["value"])))
            .collect();
        earlier.sort_by_key(|&(age, _)| -age);
        for (age, value) in earlier {
            run.sync(-age, value, Load::Recommend(value));
        }
        let desired = count(&row["desired"]);
        let decision = run.sync(0, desired, Load::Recommend(desired));
        assert_eq!(
            decision.stabilized,
            Some(count(&row["stabilised"])),
            "{row}"
        );
    }
}

#[test]
fn c10_upstreams_metric_vectors_hold() {
    for row in list(&case("C10")["rows"]) {
        let min = row["min"].as_i64().map_or(1, |_| count(&row["min"]));
        let mut run = Run::of_utilization(&row["target"], min, count(&row["max"]));
        if !row["behavior_up"].is_null() {
            run.spec.behavior = Some(Behavior {
                scale_up: rules(0, vec![short_policy(&row["behavior_up"])]),
                scale_down: default_down(),
            });
        }
        let current = count(&row["current"]);
        // The vectors begin without an initial recommendation; here it is long past.
        run.sync(-3600, current, all_counted(&row["target"], current));
        let pods: Vec<PodGroup> = (0..current).map(|_| grown_pods(1, SimTime::ZERO)).collect();
        let samples: Vec<Option<PodSample>> = list(&row["use_m"])
            .iter()
            .map(|usage| usage.as_i64().map(|usage| sample(usage, SimTime::ZERO)))
            .collect();
        let requests = vec![row["req_m"].as_i64(); pods.len()];
        let reading = MetricReading::PodResource {
            samples: Ok(&samples),
            strays: &[],
            requests: &requests,
        };
        let decision = run.observe(SimTime::ZERO, current, &pods, reading);
        assert_eq!(decision.desired_replicas, count(&row["expected"]), "{row}");
    }
}

/// Plays a case's `decisions` 15 s apart, without `behavior`, in one memory; what each recommended.
fn check_decisions(case: &Value) -> Vec<i32> {
    let mut run = Run::of_config(&case["config"]);
    let mut recommendations = Vec::new();
    for (row, sync) in list(&case["decisions"]).iter().zip(0..) {
        let current = count(&row["current"]);
        let counted = match row["pods"].as_str() {
            Some(text) if text.contains("uncounted") || text.contains("not yet counted") => {
                let (counted, _) = text.split_once(" ready").expect("ready pods");
                counted.parse().expect("a count")
            }
            _ => current,
        };
        let load = Load::Utilization {
            percent: i64::from(count(&row["util"])),
            counted,
        };
        let decision = run.sync(sync * 15, current, load);
        if row["expected"].is_number() {
            assert_eq!(decision.desired_replicas, count(&row["expected"]), "{row}");
        }
        recommendations.extend(decision.recommendation);
    }
    recommendations
}

#[test]
fn r01_r07_r09_r10_observed_decisions_hold() {
    for name in ["R01", "R07", "R09", "R10"] {
        check_decisions(&case(name));
    }
}

#[test]
fn r02_the_descent_follows_the_recommendations_out_of_the_window() {
    let case = case("R02");
    let mut run = Run::of_config(&case["config"]);
    let seed = &case["seed_recommendations"][0];
    let mut current = count(&seed["value"]);
    run.drifting_sync(
        seed["t"].as_i64().expect("seconds"),
        current,
        Load::Utilization {
            percent: 50,
            counted: current,
        },
    );
    let inputs = list(&case["input_util"]);
    let last = inputs.last().expect("an input");
    let mut steps = Vec::new();
    for seconds in (541..=991).step_by(15) {
        let input = inputs
            .iter()
            .find(|input| input["t"] == seconds)
            .unwrap_or(last);
        // Real syncs drift, so what is 300 s old by the clock's grid has just left the window.
        let load = all_counted(&input["util_pct"], current);
        let decision = run.drifting_sync(seconds, current, load);
        if let Some(written) = decision.written() {
            steps.push((seconds, written));
            current = written;
        }
    }
    let expected: Vec<(i64, i32)> = list(&case["expected_events"])
        .iter()
        .map(|event| (i64::from(count(&event["t"])), count(&event["replicas"])))
        .collect();
    assert_eq!(steps, expected);
}

#[test]
fn r04_the_descent_comes_when_the_last_high_sample_leaves_the_window() {
    let case = case("R04");
    let rows = list(&case["rows"]);
    let mut run = Run::of_config(&case["config"]);
    let mut current = count(&rows[0]["current"]);
    let mut steps = Vec::new();
    for (seconds, sync) in (0..=390).step_by(15).zip(0..) {
        let row = rows.get(sync).or(rows.last()).expect("a row");
        let load = all_counted(&row["util"], current);
        let decision = run.drifting_sync(seconds, current, load);
        if sync < rows.len() {
            assert_eq!(current, count(&row["current"]), "{row}");
            if row["next"].is_number() {
                assert_eq!(decision.desired_replicas, count(&row["next"]), "{row}");
            }
        }
        if let Some(written) = decision.written() {
            steps.push((seconds, written));
            current = written;
        }
    }
    let events = list(&case["events"]);
    assert_eq!(steps.len(), events.len());
    for (event, (seconds, replicas)) in events.iter().zip(steps) {
        assert_eq!(replicas, count(&event["replicas"]));
        // The observed run drifted off its 15 s grid by a second on the way.
        assert!(
            (seconds - i64::from(count(&event["t"]))).abs() <= 1,
            "{event}"
        );
    }
}

#[test]
fn r05_the_window_also_finishes_a_limited_ascent() {
    let case = case("R05");
    assert_eq!(check_decisions(&case), counts(&case["recommendations"]));
}

#[test]
fn r06_the_descent_goes_through_three_to_two() {
    let case = case("R06");
    let recommendations = check_decisions(&case);
    let last = list(&case["decisions"]).last().expect("a decision");
    assert_eq!(recommendations.last(), Some(&count(&last["rec"])));

    let mut run = Run::of_config(&case["config"]);
    let mut current = 10;
    let mut seen = Vec::new();
    for (percent, sync) in [51, 14].into_iter().chain([2; 30]).zip(0..) {
        let load = Load::Utilization {
            percent,
            counted: current,
        };
        current = run.drifting_sync(sync * 15, current, load).desired_replicas;
        seen.push(current);
    }
    seen.dedup();
    assert_eq!(seen, [10, 3, 2]);
}

#[test]
fn r09_saturation_hides_demand_and_the_loop_settles_at_five() {
    let case = case("R09");
    let mut run = Run::of_config(&case["config"]);
    let mut current = 1;
    let mut seen = vec![current];
    for sync in 0..12 {
        // 55 MiB/s offered, 16.64 MiB/s for each pod, whole percent.
        let percent = (100 * 5500 / 1664 / i64::from(current)).min(100);
        let load = Load::Utilization {
            percent,
            counted: current,
        };
        current = run.sync(sync * 45, current, load).desired_replicas;
        seen.push(current);
    }
    seen.dedup();
    assert_eq!(seen, counts(&case["closed_loop"]["replicas"]));
}

#[test]
fn r15_percent_policies_keep_their_invariants() {
    let case = case("R15");
    let behavior = &case["config"]["behavior"];
    let direction = |key: &str, select_policy| ScalingRules {
        select_policy,
        ..rules(
            behavior[key]["window"].as_i64().expect("seconds"),
            list(&behavior[key]["policies"])
                .iter()
                .map(short_policy)
                .collect(),
        )
    };
    let rules = Behavior {
        scale_up: direction("scaleUp", SelectPolicy::Max),
        scale_down: direction("scaleDown", SelectPolicy::Min),
    };
    let (min, max) = (count(&case["config"]["min"]), count(&case["config"]["max"]));
    let mut run = Run::of_recommendations(Some(rules), min, max);
    let loads: Vec<Load> = (0..120)
        .map(|sync| Load::Recommend(if sync < 60 { 40 } else { 1 }))
        .collect();
    let replicas = run.closed_loop(1, 15, &loads);
    for pair in replicas.windows(5) {
        assert!(
            pair[4] <= pair[0] * 2,
            "at most double within 60 s: {pair:?}"
        );
    }
    let changes: Vec<usize> = (1..replicas.len())
        .filter(|&sync| replicas[sync] < replicas[sync - 1])
        .collect();
    assert!(changes.windows(2).all(|pair| pair[1] - pair[0] >= 4));
    let descent: Vec<i32> = changes.iter().map(|&sync| replicas[sync]).collect();
    assert_eq!(descent, [5, 2, 1], "half each time, truncated");
}

#[test]
fn r18_today_no_upscale_waits_for_minutes() {
    let case = case("R18");
    let mut run = Run::of_config(&case["config"]);
    let high = |current| Load::Utilization {
        percent: 100,
        counted: current,
    };
    let mut current = count(&case["config"]["min"]);
    for (event, sync) in list(&case["events"]).iter().zip(0..) {
        current = run.sync(sync * 15, current, high(current)).desired_replicas;
        assert_eq!(
            current,
            count(&event["replicas"]),
            "the same steps, at once"
        );
    }
}

#[test]
fn r20_two_pods_at_five_times_the_target_become_ten_in_three_syncs() {
    let case = case("R20");
    let row = &case["rows"][0];
    let percent = row["metric_m"].as_i64().expect("a metric") * 100
        / row["target_m"].as_i64().expect("a target");
    let mut run = Run::of_utilization(&Value::from(100), 1, 100);
    let start = count(&row["current"]);
    let load = |counted| Load::Utilization { percent, counted };
    let first = run.sync(0, start, load(start));
    assert_eq!(first.recommendation, Some(count(&row["desired"])));
    // The two pods keep their usage; the new ones have no sample yet.
    let second = run.sync(15, first.desired_replicas, load(start));
    let third = run.sync(30, second.desired_replicas, load(start));
    let steps = [first, second, third].map(|decision| decision.desired_replicas);
    assert_eq!(steps, [4, 8, 10]);
}

#[test]
fn r21_the_claimed_flapping_does_not_happen() {
    let case = case("R21");
    for row in list(&case["rows"]) {
        let mut run = Run::of_utilization(&case["config"]["target_pct"], 1, 10);
        let current = count(&row["current"]);
        // An hour before, so that the formula alone speaks.
        run.sync(
            -3600,
            current,
            all_counted(&case["config"]["target_pct"], current),
        );
        let decision = run.sync(0, current, all_counted(&row["util"], current));
        assert_eq!(decision.desired_replicas, count(&row["expected"]), "{row}");
    }
}
