//! The HTML report as the command line writes it: what is in the page, and what never is.

/// The page in Debian's Chromium.
mod in_chromium;

use std::fmt::Write as _;
use std::fs;

use scaleplan::report::html;
use serde_json::Value;

use crate::cli::Sandbox;
use crate::reports::sample::Sample;

/// What a page may weigh, bytes.
const MOST: usize = 2_000_000;

/// Plays `web.yaml` against `load.csv` and returns the page.
fn page(sandbox: &Sandbox, more: &str) -> String {
    let arguments = "simulate web.yaml --trace load.csv --runs 2 -q --html page.html";
    sandbox.run(&format!("{arguments} {more}")).report();
    fs::read_to_string(sandbox.path("page.html")).expect("a page in UTF-8")
}

/// What the page's script draws.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"data\">").expect("data");
    let (json, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(json).expect("JSON")
}

/// The markup alone, without scripts, style and data.
fn markup(page: &str) -> String {
    let mut markup = String::new();
    let mut rest = page;
    while let Some(at) = ["<script", "<style"]
        .iter()
        .filter_map(|tag| rest.find(tag))
        .min()
    {
        markup.push_str(&rest[..at]);
        let end = if rest[at..].starts_with("<style") {
            "</style>"
        } else {
            "</script>"
        };
        rest = rest[at..].split_once(end).expect("it ends").1;
    }
    markup + rest
}

/// A page in which every text from a file is an attack.
fn attacked_page() -> String {
    const ATTACK: &str = "</script>\"><img src=x onerror='window.takenOver = 1'><script>window.takenOver = 1</script>";
    let mut sample = Sample::spike().with_comparisons().with_hostile_names();
    ATTACK.clone_into(&mut sample.scenario.name);
    ATTACK.clone_into(&mut sample.scenario.trace_name);
    ATTACK.clone_into(&mut sample.scenario.target.name);
    sample.scenario.warnings.push(ATTACK.to_owned());
    for card in &mut sample.scorecard.backends {
        ATTACK.clone_into(&mut card.backend);
    }
    html(&sample.report())
}

/// Pages of what was never answered, never went on, and is not there.
fn bare_pages() -> [String; 3] {
    let silent = Sample::spike().without_any_number();
    let mut ended = Sample::spike();
    for backend in &mut ended.outcome.backends {
        backend.timeline.rows.clear();
        backend.runs.clear();
    }
    let mut empty = Sample::spike();
    empty.scenario.backends.clear();
    empty.outcome.backends.clear();
    empty.scorecard.backends.clear();
    [silent, ended, empty].map(|sample| html(&sample.report()))
}

/// Days of a load that swings every few minutes, a row a minute.
fn swinging_load(days: u32) -> String {
    let mut load = String::from("timestamp,rps\n");
    for minute in 0..days * 1440 {
        let rate = 40 + (minute * 7919 % 61) + if minute % 16 < 8 { 160 } else { 0 };
        writeln!(load, "{},{rate}", minute * 60).expect("memory");
    }
    load
}

/// The autoscaler of `web.yaml` without any patience.
fn impatient(sandbox: &Sandbox) {
    let web = fs::read_to_string(sandbox.path("web.yaml")).expect("a manifest");
    let behavior = "  maxReplicas: 30\n  behavior: {scaleDown: {stabilizationWindowSeconds: 0}}\n";
    sandbox.write("web.yaml", web.replace("  maxReplicas: 10\n", behavior));
}

#[test]
fn a_page_comes_whole_beside_the_report() {
    let sandbox = Sandbox::new();
    let page = page(&sandbox, "");
    assert!(page.starts_with("<!DOCTYPE html>\n") && page.ends_with("</html>\n"));
    for part in [
        "<h1>HorizontalPodAutoscaler web -&gt; Deployment/web, cpu 50 %, 1..10 replicas</h1>",
        "<h2>Figures</h2>",
        "<h2>Assumptions</h2>",
        "Permission is hereby granted, free of charge",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(page.matches("<figure data-panel=").count(), 8);
    assert!(!markup(&page).contains("NaN"));
    let data = data(&page);
    let points = data["backends"][0]["at"].as_array().map_or(0, Vec::len);
    for column in ["rate", "demand", "ready_min", "desired_max", "usage", "p99"] {
        let length = data["backends"][0][column].as_array().map(Vec::len);
        assert_eq!(length, Some(points), "{column}");
    }
}

#[test]
fn the_same_command_writes_the_same_page() {
    let sandbox = Sandbox::new();
    let first = page(&sandbox, "");
    assert_eq!(first, page(&sandbox, ""));
}

#[test]
fn a_page_asks_nothing_of_any_network() {
    let sandbox = Sandbox::new();
    let page = page(&sandbox, "");
    let policy = "http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; script-src &#39;sha256-";
    assert!(page.contains(policy));
    for element in markup(&page).split('<').skip(1) {
        let inside = element.split('>').next().unwrap_or_default();
        for (name, _) in inside.split(' ').filter_map(|word| word.split_once('=')) {
            let is_asking = ["src", "href", "style", "action"].contains(&name);
            assert!(!is_asking && !name.starts_with("on"), "{inside}");
        }
    }
    assert!(!page.contains("@import") && !page.contains("url("));
}

#[test]
fn names_from_files_are_no_markup() {
    let page = attacked_page();
    assert_eq!(page.matches("<script").count(), 3);
    assert_eq!(page.matches("</script").count(), 3);
    assert!(!page.contains("<img"));
    assert!(page.contains("&lt;img src=x onerror=&#39;window.takenOver = 1&#39;&gt;"));
    let hidden = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
    assert!(!page.contains(hidden));
}

#[test]
fn what_has_no_number_has_no_nonsense() {
    for page in bare_pages() {
        let markup = markup(&page);
        assert!(!markup.contains("NaN") && !markup.contains(">inf"));
        data(&page);
    }
}

#[test]
fn decisions_are_told_with_their_arithmetic() {
    let sandbox = Sandbox::new();
    impatient(&sandbox);
    sandbox.write("load.csv", swinging_load(1));
    let page = page(&sandbox, "--cpu-per-request 10ms");
    for backend in data(&page)["backends"].as_array().expect("backends") {
        let decisions = backend["decisions"].as_array().expect("decisions");
        assert!(decisions.len() > 100, "{}", decisions.len());
        for pair in decisions.windows(2) {
            assert_eq!(pair[0]["to"], pair[1]["from"]);
        }
        let mut counted = 0;
        for decision in decisions {
            let vote = decision["sync"]["votes"][0].as_str().expect("one metric");
            let asked = decision["sync"]["asked"].as_i64().expect("a proposal");
            if let Some((told, result)) = vote.rsplit_once("⌉ = ") {
                counted += 1;
                assert_eq!(result, asked.to_string(), "{vote}");
                let (_, product) = told.rsplit_once('⌈').expect("a product");
                let product: f64 = product.parse().expect("a number");
                assert!(
                    (asked as f64 - product) > -0.01 && (asked as f64 - product) < 1.01,
                    "{vote}"
                );
            }
        }
        assert!(counted * 2 > decisions.len());
    }
}

#[test]
fn a_month_of_swinging_stays_below_two_megabytes() {
    let sandbox = Sandbox::new();
    impatient(&sandbox);
    sandbox.write("load.csv", swinging_load(30));
    let page = page(&sandbox, "--cpu-per-request 10ms");
    assert!(page.len() < MOST, "{}", page.len());
    let data = data(&page);
    let left_out = data["backends"][0]["decisions_left_out"].as_u64();
    assert!(
        left_out.is_some_and(|left_out| left_out > 1000),
        "{left_out:?}"
    );
}

#[test]
fn a_file_that_is_no_page_is_kept() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run("simulate web.yaml --trace load.csv -q --html load.csv");
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("load.csv: is there and is no web page"),
        "{}",
        ran.stderr
    );
}
