//! Saved runs: one sync explained, what held a count, reports and pictures of a run without playing it.

use std::fmt::Write as _;
use std::fs;

use super::{Ran, Sandbox};

/// An hour that rises, stays and falls, from a date.
fn hour() -> String {
    let mut text = "timestamp,rps\n".to_owned();
    for row in 0..240 {
        let rate = match row {
            60..120 => 10 + (row - 60) * 2,
            120..150 => 130,
            _ => 10,
        };
        let (minute, second) = (row / 4, row % 4 * 15);
        writeln!(text, "2026-03-14T12:{minute:02}:{second:02}Z,{rate}").expect("memory");
    }
    text
}

fn saved() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("load.csv", hour());
    let run = sandbox.play("-o json").report();
    sandbox.write("run.json", run);
    sandbox
}

fn json(ran: Ran) -> serde_json::Value {
    serde_json::from_str(&ran.report()).expect("JSON")
}

#[test]
fn a_sync_is_shown_as_kubectl_describes_it_with_its_arithmetic() {
    let sandbox = saved();
    let text = sandbox
        .run("explain decision run.json --at 12:25:00")
        .report();
    for part in [
        "Metrics:",
        "( current / target )",
        "resource cpu on pods  (as a percentage of request):",
        "% (",
        "Min replicas:",
        "Deployment pods:",
        " current / ",
        "AbleToScale",
        "ScalingActive   True    ValidMetricFound",
        "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)",
        "ScalingLimited",
        "New size: ",
        "How it came to that",
        "stabilization",
        "bounds",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let markdown = sandbox
        .run("explain decision run.json --at 25m -o markdown")
        .report();
    assert!(markdown.starts_with("### ") && markdown.contains("```text\n"));
    let same = sandbox.run("explain decision run.json --at 2026-03-14T12:25:00Z -o json");
    let offset = sandbox.run("explain decision run.json --at 25m -o json");
    let clock = sandbox.run("explain decision run.json --at 12:25 -o json");
    let same = json(same);
    assert_eq!(same, json(offset));
    assert_eq!(same, json(clock));
    let yaml = sandbox
        .run("explain decision run.json --at 25m -o yaml")
        .report();
    let yaml: serde_json::Value = serde_yaml::from_str(&yaml).expect("YAML");
    assert_eq!(yaml["steps"], same["steps"]);
}

#[test]
fn a_time_between_two_syncs_takes_the_one_before_and_says_so() {
    let sandbox = saved();
    let text = sandbox
        .run("explain decision run.json --at 12:25:07.5")
        .report();
    let exact = text.starts_with("The sync at ");
    assert!(
        exact || text.starts_with("There is no sync at 2026-03-14 12:25:07 UTC;"),
        "{text}"
    );
    let found = json(sandbox.run("explain decision run.json --at 12:25:07.5 -o json"));
    let at = found["atSeconds"].as_f64().expect("a time");
    assert!((1492.0..=1507.5).contains(&at), "{at}");
}

#[test]
fn every_sync_of_the_arithmetic_comes_to_the_count_that_was_written() {
    let sandbox = saved();
    let run = fs::read_to_string(sandbox.path("run.json")).expect("the run");
    let run: serde_json::Value = serde_json::from_str(&run).expect("JSON");
    let syncs = &run["backends"][0]["syncs"];
    let times = syncs["atSeconds"].as_array().expect("syncs");
    assert!(times.len() > 230, "{}", times.len());
    let decisions = run["backends"][0]["decisions"]["log"].as_array();
    for decision in decisions.expect("decisions") {
        let at = decision["atSeconds"].as_f64().expect("a time");
        let found = json(sandbox.run(&format!("explain decision run.json --at {at}s -o json")));
        assert_eq!(
            found["currentReplicas"], decision["fromReplicas"],
            "{found}"
        );
        assert_eq!(found["desiredReplicas"], decision["toReplicas"], "{found}");
        assert!(found.to_string().contains("ceil("), "{found}");
        let steps = found["steps"].as_array().expect("steps");
        let last = steps.last().expect("a step")["told"].as_str();
        let expected = format!(
            "{} -> {}, written to the scale",
            decision["fromReplicas"], decision["toReplicas"]
        );
        assert_eq!(last, Some(expected.as_str()));
    }
}

#[test]
fn a_window_that_holds_is_named_with_what_it_holds_and_until_when() {
    let sandbox = saved();
    let text = sandbox
        .run("explain why-not-down run.json --from 12:37:30 --to 12:45")
        .report();
    assert!(text.contains("stabilization window"), "{text}");
    let told: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        told.contains("the scale-down window, 5m, takes the highest:"),
        "{text}"
    );
    let spans =
        json(sandbox.run("explain why-not-down run.json --from 12:37:30 --to 12:45 -o json"));
    let spans = spans["spans"].as_array().expect("spans").clone();
    for pair in spans.windows(2) {
        assert_eq!(pair[0]["toSeconds"], pair[1]["fromSeconds"]);
    }
    let window = spans
        .iter()
        .find(|span| span["rule"] == "stabilizationWindow")
        .expect("a window");
    let seconds = |key: &str| window[key].as_f64().expect("a time");
    // It ends between the last sync that it held and the next one.
    let left = seconds("toSeconds") - seconds("untilSeconds");
    assert!((-480.0..=15.1).contains(&left), "{window}");
    let up = sandbox
        .run("explain why-not-up run.json -o markdown")
        .report();
    assert!(
        up.contains("| tolerance |") || up.contains("| metrics |"),
        "{up}"
    );
}

#[test]
fn what_cannot_be_explained_is_refused_in_one_sentence() {
    let sandbox = saved();
    sandbox
        .run("explain decision run.json --at 13:30")
        .refused("13:30:00 is outside the trace, which begins at 2026-03-14T12:00:00Z");
    sandbox
        .run("explain decision run.json --at 25m --backend vn")
        .refused("--backend: `vn` is no backend of the run, did you mean `vm`?");
    sandbox
        .run("explain decision load.csv --at 25m")
        .refused("load.csv: this is no saved run");
    sandbox
        .run("explain decision none.json --at 25m")
        .refused("none.json: cannot be read");
    sandbox
        .run("explain why-not-up run.json --from 30m --to 20m")
        .refused("--to is before --from");
    let wrong = sandbox.run("explain decision run.json --at noon");
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.stderr.contains("`noon` is no moment"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_saved_run_is_reported_as_it_was() {
    let sandbox = saved();
    let files = "--png a.png --svg a.svg --html a.html";
    let live = sandbox.play(&format!("-o markdown {files}")).report();
    let again = sandbox.run("report run.json -o markdown").report();
    assert_eq!(live, again);
    assert_eq!(
        sandbox.play("").report(),
        sandbox.run("report run.json").report()
    );
    let ran = sandbox.run("report run.json --png b.png --svg b.svg --html b.html");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let read = |name: &str| fs::read(sandbox.path(name)).expect("it was written");
    for ending in ["png", "svg", "html"] {
        let same = read(&format!("a.{ending}")) == read(&format!("b.{ending}"));
        assert!(same, "{ending}");
    }
    let dark = sandbox.run("report run.json --svg c.svg --theme dark --size 800x600 --dpi 96");
    assert_eq!(dark.code, 0, "{}", dark.stderr);
    let dark = String::from_utf8(read("c.svg")).expect("text");
    assert!(dark.starts_with("<svg ") && dark.contains("width=\"800\" height=\"600\""));
}

#[test]
fn pictures_that_cannot_be_are_refused_before_anything_is_read() {
    let sandbox = Sandbox::new();
    let play = |flags: &str| sandbox.play(&format!("--png a.png {flags}"));
    play("--size 0x0").refused("a picture of `0x0` pixels at 96 dots an inch cannot be drawn");
    play("--size 1000000000x1").refused("a picture of `1000000000x1` pixels");
    play("--dpi 0").refused("`0` dots an inch cannot be drawn");
    let wrong = play("--size 1e9x1");
    assert!(
        wrong.code == 2 && wrong.stderr.contains("`1e9x1` is no size"),
        "{}",
        wrong.stderr
    );
    play("--open").refused("--open: there is no display here");
    sandbox
        .play("--open")
        .refused("--open: there is nothing to open, expected --html, --svg or --png with it");
}

#[test]
fn charts_in_the_terminal_are_drawn_where_they_are_asked_for() {
    let sandbox = Sandbox::new();
    let braille = |text: &str| text.contains(|letter| ('\u{2800}'..='\u{28ff}').contains(&letter));
    let plain = sandbox.play("").report();
    assert!(!braille(&plain) && !plain.contains("Desired replicas"));
    let ascii = sandbox.play("--chart").report();
    assert!(
        !braille(&ascii) && ascii.contains("Desired replicas"),
        "{ascii}"
    );
    let mut command = sandbox.command();
    let ran = Ran::of(
        command
            .args("simulate web.yaml --trace load.csv --runs 2 -q --chart".split(' '))
            .env("LANG", "C.UTF-8"),
    );
    let drawn = ran.report();
    assert!(braille(&drawn) && drawn.starts_with(&plain), "{drawn}");
    assert!(
        drawn.lines().all(|line| line.chars().count() <= 100),
        "{drawn}"
    );
    sandbox
        .play("--chart -o json")
        .refused("--chart draws below a table");
}
