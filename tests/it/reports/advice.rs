//! What advice looks like in each format, and what it must never do.

use super::advice_sample::AdviceSample;
use super::{decoded, schema, without_colour};
use scaleplan::advice::{
    Binding, Candidate, Conclusion, Ended, FrontPoint, Limitation, NearestMiss,
};
use scaleplan::outcome::Bound;
use scaleplan::report::{
    AdviceReport, Colour, Detail, advice_csv, advice_json, advice_markdown, advice_png,
    advice_table, advice_yaml,
};
use scaleplan::units::SimTime;

const SCHEMA: &str = include_str!("../../../docs/advice-schema.json");

/// Every text format, both details of the table.
fn all_texts(report: &AdviceReport) -> Vec<String> {
    vec![
        advice_table(report, Detail::Normal, None, Colour::Plain),
        advice_table(report, Detail::Wide, Some(80), Colour::Plain),
        advice_markdown(report),
        advice_csv(report),
        advice_json(report),
        advice_yaml(report),
    ]
}

/// Advice of every shape.
fn all_samples() -> Vec<AdviceSample> {
    let mut nothing = AdviceSample::of_both();
    nothing.advice.parts.clear();
    vec![
        AdviceSample::of_both(),
        AdviceSample::of_containers(),
        AdviceSample::keep(),
        AdviceSample::of_one_run(),
        AdviceSample::without_any_number(f64::NAN),
        AdviceSample::without_any_number(f64::INFINITY),
        AdviceSample::without_any_number(f64::MAX),
        AdviceSample::without_any_number(0.0),
        AdviceSample::of_both().with_hostile_names(),
        nothing,
    ]
}

#[track_caller]
fn says(sample: &AdviceSample, expected: &str) {
    let texts = [
        advice_table(&sample.report(), Detail::Normal, Some(160), Colour::Plain),
        advice_markdown(&sample.report()),
    ];
    for text in texts {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = text.replace(['\\', '`'], "");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_table_answers_first_and_ends_with_the_patch() {
    let sample = AdviceSample::of_both();
    let text = advice_table(&sample.report(), Detail::Normal, Some(100), Colour::Plain);
    insta::assert_snapshot!("advice", text);
}

#[test]
fn a_wide_table_shows_the_whole_front_and_every_setting() {
    let sample = AdviceSample::of_containers();
    let text = advice_table(&sample.report(), Detail::Wide, Some(80), Colour::Plain);
    assert!(text.contains("  scaleUp policies "), "{text}");
    assert!(
        text.contains("71.0 replica-h") && text.contains("121 replica-h"),
        "{text}"
    );
    assert!(!text.contains("more: -o wide"), "{text}");
    assert!(text.contains("133 replica-h"), "{text}");
}

#[test]
fn settings_that_are_good_are_kept() {
    let sample = AdviceSample::keep();
    let text = advice_table(&sample.report(), Detail::Normal, Some(80), Colour::Plain);
    let answer = text.split("\n\n").next();
    insta::assert_snapshot!("advice_keep", answer.unwrap_or_default());
}

#[test]
fn a_pull_request_gets_the_answer_and_the_patch() {
    let sample = AdviceSample::of_containers();
    insta::assert_snapshot!("advice_markdown", advice_markdown(&sample.report()));
}

#[test]
fn a_table_of_advice_keeps_to_the_width_of_its_terminal() {
    for mut sample in all_samples() {
        sample.patch = None;
        for width in [60, 80, 100, 160] {
            for detail in [Detail::Normal, Detail::Wide] {
                let text = advice_table(&sample.report(), detail, Some(width), Colour::Plain);
                for line in text.lines() {
                    let length = line.chars().count();
                    // A hostile name is one word as long as it likes.
                    let is_one_word = line.trim().split(' ').any(|word| word.len() > 60);
                    assert!(
                        length <= usize::from(width) || is_one_word,
                        "{width}: {line}"
                    );
                }
            }
        }
    }
}

#[test]
fn colour_changes_nothing_of_advice_but_the_colour() {
    let sample = AdviceSample::of_both();
    let of = |colour| advice_table(&sample.report(), Detail::Normal, Some(100), colour);
    let coloured = of(Colour::Ansi);
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(without_colour(&coloured), of(Colour::Plain));
}

#[test]
fn every_conclusion_has_its_sentence() {
    let mut sample = AdviceSample::of_both();
    sample.advice.chosen = 1;
    says(
        &sample,
        "Nothing that was tried meets 99 % of requests within 300 ms for shop/web on vm",
    );
    says(
        &sample,
        "Startup is what binds (83.0 % of the time under demand). As a container it would hold.",
    );
    for (bound, begin) in Bound::ALL.into_iter().zip([
        "The metrics, which show the demand late, are",
        "The tolerance is",
        "The stabilization window is",
        "The scaling policies are",
        "maxReplicas is",
        "Room on the nodes is",
        "Startup is",
    ]) {
        sample.advice.parts[1].conclusion = Conclusion::NothingMeets(NearestMiss {
            binding: Binding::Loop(bound),
            share: 0.5,
            container_would: Some(false),
            only_held_out: true,
        });
        says(
            &sample,
            &format!(
                "{begin} what binds (50.0 % of the time under demand). As a container it would not hold either. The \
                 first part by itself can be met; nothing that was tried meets both."
            ),
        );
    }
    sample.advice.parts[1].conclusion = Conclusion::NothingMeets(NearestMiss {
        binding: Binding::Path,
        share: f64::NAN,
        container_would: None,
        only_held_out: false,
    });
    says(
        &sample,
        "is too slow for it whatever the count (with the assumed service time of 50ms in the mean: --service-time tells yours).",
    );
    says(&AdviceSample::keep(), "Keep shop/web as it is on container");
    says(
        &AdviceSample::of_containers(),
        "holds in 20 of 20 runs of the part held out, now in 2 of 20, for 118 replica-hours a day instead of 131 (-10 %), \
         with 0.610 % of the requests bad instead of 1.21 %.",
    );
}

#[test]
fn figures_a_day_of_less_than_a_day_are_told() {
    let mut sample = AdviceSample::of_containers();
    let expected = "Figures a day are those of a part over and over";
    says(&sample, expected);
    sample.advice.split.end = SimTime::from_seconds(86_400);
    let text = advice_table(&sample.report(), Detail::Normal, Some(160), Colour::Plain);
    assert!(!text.contains(expected), "{text}");
}

#[test]
fn labels_that_are_broken_hang_below_their_margin() {
    let sample = AdviceSample::of_both();
    for width in [60, 80] {
        let text = advice_table(&sample.report(), Detail::Normal, Some(width), Colour::Plain);
        let fallen = text.lines().find(|line| {
            let begins = ["core-h", "that counts", "budget", "day", "alone", "target"];
            begins.iter().any(|word| line.starts_with(word))
        });
        assert_eq!(fallen, None, "{text}");
    }
}

#[test]
fn every_end_of_a_search_has_its_sentence() {
    let mut sample = AdviceSample::of_containers();
    for (ended, expected) in [
        (Ended::Exhausted, "when every candidate had been looked at"),
        (Ended::Settled, "when no neighbour of the best was better"),
        (Ended::CountSpent, "when the budget of candidates was spent"),
        (Ended::TimeSpent, "when the time was spent"),
        (Ended::Interrupted, "was interrupted"),
    ] {
        sample.advice.parts[0].searched.ended = ended;
        says(&sample, expected);
    }
    says(
        &sample,
        "96 of 96 candidates were tried, 71 of them given up early, 8 confirmed over 20 runs",
    );
}

#[test]
fn every_limitation_has_its_sentence() {
    let mut sample = AdviceSample::of_containers();
    for (limitation, expected) in [
        (
            Limitation::TooShort {
                seconds: 3480.0,
                needed: 86_400.0,
            },
            "The trace lasts 58.0 min: too short to hold a part out, which takes 24.0 h",
        ),
        (
            Limitation::TooCoarse {
                step: 300.0,
                dead_time: 52.0,
            },
            "a step each 300 s, longer than the loop's dead time of 52.0 s",
        ),
        (
            Limitation::NoChange { peak_to_mean: 1.02 },
            "hardly changes (its peak is 1.02 times its mean)",
        ),
        (
            Limitation::PeakHeldOut { ratio: 1.5 },
            "held out is 1.50 times that of the part tuned on",
        ),
        (
            Limitation::TunedOnAll(vec!["container".to_owned()]),
            "they were tuned again on all of the trace",
        ),
        (
            Limitation::Unproven,
            "too few, in one of its parts at least, to show 99 % of them good",
        ),
        (
            Limitation::NotInThisVersion {
                version: "autoscaling/v1".to_owned(),
                settings: "tolerances".to_owned(),
            },
            "There is no place for tolerances in autoscaling/v1: these were left as they are",
        ),
        (
            Limitation::TooFewRuns {
                runs: 20,
                shown: 0.861,
                needed: Some(100),
            },
            "20 runs cannot tell 95 % of the runs from all of them, which had to hold instead; --runs 100 and more can. Even \
             if all of them hold, that shows no more than 86.1 % of such runs, with 95 % confidence.",
        ),
        (
            Limitation::TooFewRuns {
                runs: 20,
                shown: 0.861,
                needed: None,
            },
            "20 runs are not all that may happen.",
        ),
    ] {
        sample.advice.limitations = vec![limitation];
        let texts = [
            advice_table(&sample.report(), Detail::Normal, Some(160), Colour::Plain),
            advice_markdown(&sample.report()),
        ];
        for text in texts {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let text = text.replace('\\', "");
            assert!(text.contains(expected), "{text}");
        }
    }
}

#[test]
fn twenty_of_twenty_runs_are_no_certainty() {
    says(
        &AdviceSample::of_containers(),
        "held in 20 of 20 runs of the part held out: with 95 % confidence in at least 86.1 % of such runs",
    );
    says(
        &AdviceSample::of_one_run(),
        "these runs are those that the search chose by, which says nothing of others",
    );
}

#[test]
fn advice_as_json_keeps_the_published_schema() {
    let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    for sample in all_samples() {
        let value = serde_json::from_str(&advice_json(&sample.report())).expect("JSON");
        let breaches = schema::breaches(&schema, &value);
        assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    }
}

#[test]
fn advice_as_yaml_is_the_same_value_as_json() {
    for sample in all_samples() {
        let read = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text).expect("YAML");
        assert!(read(&advice_json(&sample.report())) == read(&advice_yaml(&sample.report())));
    }
}

#[test]
fn advice_as_csv_has_one_figure_in_a_line() {
    let text = advice_csv(&AdviceSample::of_both().report());
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("backends,stretch,settings,figure,unit,median,low,high")
    );
    assert!(lines.all(|line| line.matches(',').count() == 7), "{text}");
    for expected in [
        "\ncontainer,heldOut,best,heldRuns,1,20,,\n",
        "\ncontainer,tuned,alone: minReplicas,replicaHoursPerDay,replica-hours,101.5,",
        "\nvm,tuned,front 3,errorBudgetSpentPercent,%,125,,\n",
        "\nvm,tuned,objective 99 %,costPerDay,price,,,\n",
    ] {
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn numbers_that_do_not_exist_are_never_spelled_out() {
    for value in [f64::NAN, f64::INFINITY, f64::MAX, 0.0] {
        let sample = AdviceSample::without_any_number(value);
        for text in all_texts(&sample.report()) {
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        }
    }
}

#[test]
fn hostile_names_and_patches_are_harmless_in_every_format_of_advice() {
    let sample = AdviceSample::of_both().with_hostile_names();
    for text in all_texts(&sample.report()) {
        let hidden = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!text.contains(hidden), "{text:?}");
    }
    let text = advice_markdown(&sample.report());
    assert!(
        !text.contains("\n# ") && !text.contains("| evil |"),
        "{text}"
    );
    // Four backticks in the patch: five around it.
    assert!(text.contains("\n`````diff\n@@ -1 +1 @@\n"), "{text}");
    assert!(text.contains("\n+a: 2\n```\n`````\n"), "{text}");
    assert!(advice_csv(&sample.report()).contains("\n\"'=cmd|' /C calc,\\u{1b}[2J and "));
}

#[test]
fn a_picture_of_advice_bears_every_shape() {
    let front = |points: &[(f64, f64)]| {
        let mut sample = AdviceSample::of_both();
        let points: Vec<FrontPoint> = points
            .iter()
            .map(|(replica_hours, budget_spent)| FrontPoint {
                candidate: Candidate(vec![1, 1, 1, 1]),
                replica_hours: *replica_hours,
                budget_spent: *budget_spent,
                confirmed: true,
            })
            .collect();
        for part in &mut sample.advice.parts {
            part.front.clone_from(&points);
        }
        sample
    };
    let mut samples = all_samples();
    samples.extend([
        front(&[]),
        front(&[(118.0, 0.5)]),
        front(&[(1.0, 50.0), (2.0, 20.0)]),
        front(&[
            (f64::NAN, 0.5),
            (1.0, f64::NAN),
            (f64::MAX, f64::MAX),
            (-1.0, -1.0),
        ]),
        front(&[(f64::NEG_INFINITY, f64::INFINITY), (0.0, 0.0)]),
    ]);
    let mut three = AdviceSample::of_both();
    three.advice.parts.push(three.advice.parts[0].clone());
    samples.push(three);
    for sample in samples {
        let bytes = advice_png(&sample.report()).expect("a picture");
        let (width, height, pixels) = decoded(&bytes);
        assert_eq!(width, 1600);
        assert!((600..1500).contains(&height), "{height}");
        let ink = pixels.iter().filter(|channel| **channel < 128).count();
        assert!(ink > 5_000, "an empty page: {ink}");
    }
}

#[test]
fn the_same_advice_gives_the_same_picture() {
    let sample = AdviceSample::of_both();
    let once = advice_png(&sample.report()).expect("a picture");
    assert!(once == advice_png(&sample.report()).expect("a picture"));
    assert!(once != advice_png(&AdviceSample::keep().report()).expect("a picture"));
}
