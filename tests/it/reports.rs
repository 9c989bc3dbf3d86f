//! What a report looks like in each format, and what it must never do.

mod advice;
mod advice_sample;
mod cards;
pub(crate) mod sample;
pub(crate) mod schema;

use std::io::Cursor;

use sample::Sample;
use scaleplan::outcome::Violation;
use scaleplan::report::{
    Colour, Detail, Picture, Report, SavedRun, Theme, csv, html, json, markdown, png, svg, table,
    yaml,
};
use scaleplan::trace::Profile;
use scaleplan::units::{SimDuration, SimTime};

const SCHEMA: &str = include_str!("../../docs/report-schema.json");

/// Every text format, both details and colours of the table.
fn all_texts(report: &Report) -> Vec<String> {
    vec![
        table(report, Detail::Normal, None, Colour::Plain),
        table(report, Detail::Wide, Some(80), Colour::Plain),
        markdown(report),
        csv(report),
        json(report),
        yaml(report),
    ]
}

#[test]
fn a_table_shows_both_backends_side_by_side() {
    let sample = Sample::spike();
    let text = table(&sample.report(), Detail::Normal, Some(100), Colour::Plain);
    insta::assert_snapshot!("table", text);
}

#[test]
fn a_wide_table_shows_every_figure_and_every_assumption() {
    let sample = Sample::spike().without_the_second_backend();
    let text = table(&sample.report(), Detail::Wide, Some(80), Colour::Plain);
    insta::assert_snapshot!("wide", text);
}

#[test]
fn troubles_on_the_way_are_shown_where_there_are_any() {
    let sample = Sample::spike().with_troubled_traffic();
    let text = table(&sample.report(), Detail::Normal, Some(80), Colour::Plain);
    let figures = text.split("\n\nDemand against ready").next();
    insta::assert_snapshot!("troubled_traffic", figures.unwrap_or_default());
}

#[test]
fn variants_stand_beside_one_another_before_the_figures() {
    let sample = Sample::spike().with_comparisons();
    let text = table(&sample.report(), Detail::Normal, Some(80), Colour::Plain);
    let (_, compared) = text.split_once("\n\nEach ").expect("a comparison");
    let (compared, _) = compared.split_once("\n\n  ").expect("the figures");
    insta::assert_snapshot!("compared", format!("Each {compared}"));
    let text = markdown(&sample.report());
    let (_, compared) = text.split_once("#### ").expect("a comparison");
    let (compared, _) = compared
        .split_once("\n|  | `container`")
        .expect("the figures");
    insta::assert_snapshot!("compared_markdown", format!("#### {compared}"));
}

#[test]
fn csv_names_the_variant_in_a_last_column() {
    let sample = Sample::spike().with_comparisons();
    let text = csv(&sample.report());
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("backend,figure,unit,median,low,high,variant")
    );
    assert!(lines.clone().all(|line| line.matches(',').count() == 6));
    let found = |end: &str| lines.clone().any(|line| line.ends_with(end));
    assert!(found(",cdi-preload") && found(",") && found(",round-robin"));
    assert!(text.contains("\nvm,badRequestsDifferencePercentagePoints,pp,"));
}

#[test]
fn csv_has_one_line_for_each_figure() {
    let sample = Sample::spike().without_the_second_backend();
    insta::assert_snapshot!("csv", csv(&sample.report()));
}

#[test]
fn an_objective_over_minutes_is_told_in_minutes() {
    let sample = Sample::spike().with_an_objective_over_minutes();
    let text = table(&sample.report(), Detail::Wide, Some(160), Colour::Plain);
    for told in [
        "Objective: 99 % of requests within 300 ms, in 99.9 % of the minutes",
        "container leaves the objective unproven: its runs hold it, but 60 min with requests cannot prove 99.9 % of the \
         minutes: that takes 3,000 min.",
        "vm misses the objective in 20 of 20 runs: 7.0 min (6.0-8.3) of 60 min below it, 0.1 min allowed.",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(!text.contains("% of requests bad"), "{text}");
    let short = markdown(&sample.report());
    assert!(short.contains("in 99.9 % of the minutes"), "{short}");
    let value: serde_json::Value = serde_json::from_str(&json(&sample.report())).expect("JSON");
    assert_eq!(value["scenario"]["slo"]["minutesPercent"], 99.9);
}

#[test]
fn markdown_fits_a_comment() {
    insta::assert_snapshot!("markdown", markdown(&Sample::spike().report()));
}

#[test]
fn a_table_keeps_to_the_width_of_its_terminal() {
    let sample = Sample::spike().with_troubled_traffic().with_comparisons();
    for width in [60, 80, 100, 160] {
        for detail in [Detail::Normal, Detail::Wide] {
            let text = table(&sample.report(), detail, Some(width), Colour::Plain);
            for line in text.lines() {
                assert!(
                    line.chars().count() <= usize::from(width),
                    "{width}: {line}"
                );
            }
        }
    }
}

#[test]
fn colour_changes_nothing_but_the_colour() {
    let sample = Sample::spike();
    let coloured = table(&sample.report(), Detail::Normal, Some(100), Colour::Ansi);
    let plain = table(&sample.report(), Detail::Normal, Some(100), Colour::Plain);
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(without_colour(&coloured), plain);
}

fn without_colour(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}

#[test]
fn json_keeps_the_published_schema() {
    let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    for sample in [
        Sample::spike(),
        Sample::spike().without_the_second_backend(),
        Sample::spike().without_any_number(),
        Sample::spike().with_hostile_names(),
        Sample::spike().with_troubled_traffic(),
        Sample::spike().with_comparisons(),
        Sample::spike().with_comparisons().with_hostile_names(),
        Sample::spike().without_any_number().with_comparisons(),
    ] {
        let value = serde_json::from_str(&json(&sample.report())).expect("JSON");
        let breaches = schema::breaches(&schema, &value);
        assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    }
}

#[test]
fn the_schema_misses_nothing_and_adds_nothing() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let mut value: serde_json::Value =
        serde_json::from_str(&json(&Sample::spike().report())).expect("JSON");
    value["backends"][0]["figures"]["scaleLag"]["lagP95Seconds"]["median"] = "12 s".into();
    value["news"] = true.into();
    value["scenario"]
        .as_object_mut()
        .expect("an object")
        .remove("seed");
    assert_eq!(
        schema::breaches(&schema, &value),
        [
            "$.backends[0].figures.scaleLag.lagP95Seconds.median: \"12 s\" is not of type [\"number\", \"null\"]",
            "$: news is not in the schema",
            "$.scenario: no seed",
        ]
    );
}

#[test]
fn yaml_is_the_same_value_as_json() {
    for sample in [
        Sample::spike(),
        Sample::spike().with_comparisons(),
        Sample::spike().with_comparisons().with_hostile_names(),
    ] {
        // JSON is YAML: one reader for both, so that it rounds alike.
        let read = |text: &str| serde_yaml::from_str::<serde_yaml::Value>(text).expect("YAML");
        assert!(read(&json(&sample.report())) == read(&yaml(&sample.report())));
    }
}

#[test]
fn a_number_that_does_not_exist_is_a_dash_an_empty_cell_or_null() {
    let sample = Sample::spike().without_any_number().with_comparisons();
    let report = sample.report();
    for text in all_texts(&report) {
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    }
    assert!(csv(&report).contains("container,lagP95Seconds,s,,,,\n"));
    assert!(yaml(&report).contains("median: null"));
    // For people, what no backend has is left out.
    assert!(!markdown(&report).contains("| p95 | - | - |"));
    let mut one = Sample::spike();
    let none = sample.scorecard.backends[0].lag.p95;
    one.scorecard.backends[0].lag.p95 = none;
    let lines = markdown(&one.report());
    assert!(
        lines.lines().any(|line| line.starts_with("| p95 | - | ")),
        "{lines}"
    );
}

#[test]
fn hostile_names_reach_no_terminal_and_no_markup() {
    let sample = Sample::spike().with_comparisons().with_hostile_names();
    for text in all_texts(&sample.report()) {
        let hidden = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!text.contains(hidden), "{text:?}");
    }
    let text = markdown(&sample.report());
    assert!(
        !text.contains("\n# ") && !text.contains("| evil |"),
        "{text}"
    );
    assert!(csv(&sample.report()).contains("\n\"'=cmd|' /C calc,\\u{1b}[2J\",requests,"));
}

#[test]
fn a_report_without_backends_is_still_a_report() {
    let mut sample = Sample::spike().without_the_second_backend();
    sample.scenario.backends.clear();
    sample.outcome.backends.clear();
    sample.scorecard.backends.clear();
    for text in all_texts(&sample.report()) {
        assert!(!text.is_empty());
    }
}

#[test]
fn an_empty_timeline_is_still_a_report() {
    let mut sample = Sample::spike();
    for backend in &mut sample.outcome.backends {
        backend.timeline.rows.clear();
        backend.runs.clear();
    }
    for text in all_texts(&sample.report()) {
        assert!(!text.is_empty());
    }
}

/// Workloads of every shape that a picture has to bear.
fn all_shapes() -> Vec<Sample> {
    let seconds = SimDuration::from_seconds;
    let flat = |rate| Profile::Step {
        before: rate,
        after: rate,
        at: SimTime::ZERO,
    };
    let days = Profile::Diurnal {
        low: 5.0,
        high: 180.0,
        day: seconds(86_400),
    };
    vec![
        Sample::spike(),
        Sample::spike().without_the_second_backend(),
        Sample::spike().with_hostile_names(),
        Sample::of(flat(50.0), seconds(60), seconds(7200)),
        Sample::of(flat(0.0), seconds(60), seconds(7200)).without_any_number(),
        Sample::of(days, seconds(300), seconds(14 * 86_400)),
        Sample::of(flat(1e9), seconds(1), seconds(1)),
    ]
}

#[test]
fn a_picture_is_1600_pixels_wide_for_every_shape() {
    for sample in all_shapes() {
        let bytes = png(&sample.report(), Picture::default()).expect("a picture");
        let (width, height, pixels) = decoded(&bytes);
        assert_eq!(width, 1600);
        assert!((800..1400).contains(&height), "{height}");
        let ink = pixels.iter().filter(|channel| **channel < 128).count();
        assert!(ink > 10_000, "an empty page: {ink}");
    }
}

#[test]
fn the_same_report_gives_the_same_picture() {
    let sample = Sample::spike();
    assert!(png(&sample.report(), Picture::default()) == png(&sample.report(), Picture::default()));
}

#[test]
fn one_bad_minute_in_two_weeks_is_seen() {
    let seconds = SimDuration::from_seconds;
    let quiet = Profile::Step {
        before: 50.0,
        after: 50.0,
        at: SimTime::ZERO,
    };
    let calm = Sample::of(quiet, seconds(300), seconds(14 * 86_400)).without_the_second_backend();
    let mut bad =
        Sample::of(quiet, seconds(300), seconds(14 * 86_400)).without_the_second_backend();
    bad.outcome.backends[0].runs[0].violations.push(Violation {
        begin: SimTime::from_seconds(600_000),
        end: SimTime::from_seconds(600_060),
        requests: 3000.0,
        bad_requests: 300.0,
        worst_wait: seconds(1),
    });
    let differing = |a: &[u8], b: &[u8]| a.iter().zip(b).filter(|(a, b)| a != b).count();
    let (_, _, calm) = decoded(&png(&calm.report(), Picture::default()).expect("a picture"));
    let (_, _, bad) = decoded(&png(&bad.report(), Picture::default()).expect("a picture"));
    assert!(differing(&calm, &bad) > 500);
}

#[test]
fn a_picture_of_nothing_is_still_a_picture() {
    let mut sample = Sample::spike();
    for backend in &mut sample.outcome.backends {
        backend.timeline.rows.clear();
        backend.runs.clear();
    }
    decoded(&png(&sample.report(), Picture::default()).expect("a picture"));
    sample.scorecard.backends.clear();
    decoded(&png(&sample.report(), Picture::default()).expect("a picture"));
}

/// Width, height and channels of a PNG picture.
fn decoded(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(Cursor::new(bytes))
        .read_info()
        .expect("a PNG header");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let frame = reader.next_frame(&mut pixels).expect("a PNG frame");
    (frame.width, frame.height, pixels)
}

/// A picture of a size and a theme.
fn picture(size: (u32, u32), dpi: u32, theme: Theme) -> Picture {
    Picture::new(Some(size), dpi, theme).expect("a size that is drawn")
}

#[test]
fn a_picture_has_the_size_that_was_asked_for() {
    let sample = Sample::spike();
    for (size, dpi) in [((640, 480), 96), ((2000, 1000), 96), ((3200, 2400), 192)] {
        let bytes = png(&sample.report(), picture(size, dpi, Theme::Light)).expect("a picture");
        let (width, height, _) = decoded(&bytes);
        assert_eq!((width, height), size);
    }
}

#[test]
fn a_dark_picture_is_dark() {
    let sample = Sample::spike();
    let dark = picture((1600, 1200), 96, Theme::Dark);
    let (_, _, pixels) = decoded(&png(&sample.report(), dark).expect("a picture"));
    let bright = pixels.iter().filter(|channel| **channel > 128).count();
    assert!(bright * 4 < pixels.len(), "{bright} of {}", pixels.len());
}

#[test]
fn svg_of_hostile_names_holds_text_alone() {
    let sample = Sample::spike().with_hostile_names();
    let text = svg(&sample.report(), Picture::default()).expect("a picture");
    for element in text.split('<').skip(1) {
        let name = element.trim_start_matches('/');
        let name = name.split([' ', '>', '/']).next().unwrap_or_default();
        assert!(
            ["svg", "title", "rect", "path", "circle", "text"].contains(&name),
            "<{element}"
        );
    }
    assert!(text.len() < 2_000_000, "{}", text.len());
}

#[test]
fn svg_keeps_its_text_and_its_shapes() {
    let sample = Sample::spike();
    let text = svg(&sample.report(), Picture::default()).expect("a picture");
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        // Of a path its colour and how many areas it has: where each is, the pictures that were looked at show.
        match line.split_once(" d=\"") {
            Some((colour, areas)) => {
                lines.push(format!("{colour} areas={}", areas.matches('M').count()));
            }
            None => lines.push(line.to_owned()),
        }
    }
    insta::assert_snapshot!("spike_svg", lines.join("\n"));
}

#[test]
fn a_saved_run_makes_the_same_reports() {
    for sample in [Sample::spike(), Sample::spike().with_hostile_names()] {
        let report = sample.report();
        let saved = SavedRun::read(&json(&report)).expect("a saved run");
        let again = saved.report();
        assert_eq!(markdown(&report), markdown(&again));
        assert_eq!(
            table(&report, Detail::Wide, None, Colour::Plain),
            table(&again, Detail::Wide, None, Colour::Plain)
        );
        let picture = Picture::default();
        assert!(svg(&report, picture) == svg(&again, picture));
        assert!(png(&report, picture) == png(&again, picture));
        assert!(html(&report) == html(&again));
    }
}

#[test]
fn what_is_no_saved_run_is_refused() {
    let good = json(&Sample::spike().report());
    for wrong in [
        String::new(),
        "{}".to_owned(),
        "[1, 2]".to_owned(),
        good.replace("\"schemaVersion\": \"1\"", "\"schemaVersion\": \"9\""),
        good.replace("\"kind\": \"vm\"", "\"kind\": \"tape\""),
        good.replace("\"stepSeconds\"", "\"stepping\""),
    ] {
        assert!(SavedRun::read(&wrong).is_err(), "{wrong:.80}");
    }
}
