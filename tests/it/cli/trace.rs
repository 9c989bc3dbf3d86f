//! Workloads without an autoscaler: looked at, converted, changed, made up; what is refused, and what is written.

use std::fs;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::{Ran, Sandbox};
use crate::reports::schema;

/// What a command prints, which has nothing to complain of.
#[track_caller]
fn printed(sandbox: &Sandbox, arguments: &str) -> String {
    succeeded(sandbox.run(arguments))
}

#[track_caller]
fn succeeded(ran: Ran) -> String {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.contains("error:"), "{}", ran.stderr);
    ran.stdout
}

#[test]
fn a_survey_comes_in_every_form() {
    let sandbox = Sandbox::new();
    let table = printed(&sandbox, "trace info load.csv");
    for expected in [
        "Trace load.csv\n",
        "unit            requests per second (inferred, because the column is named `rps`)",
        "steps           9 of 15.0 s",
        "peak            80.0 requests/s, 45 s in",
        "step to step    +40.0 requests/s, from 20.0 to 60.0, 15 s in",
        "within 1 min    +70.0 requests/s, from 10.0 to 80.0, 0 s in",
        "too short to tell",
        "What it cannot show\n  * Bursts within a step of 15.0 s",
    ] {
        assert!(table.contains(expected), "{expected}\n{table}");
    }
    assert!(
        table.lines().all(|line| line.chars().count() <= 100),
        "{table}"
    );
    let markdown = printed(&sandbox, "trace info load.csv -o markdown");
    assert!(markdown.starts_with("### Trace `load.csv`\n"), "{markdown}");
    let json: Value =
        serde_json::from_str(&printed(&sandbox, "trace info load.csv -o json")).expect("JSON");
    let published =
        serde_json::from_str(include_str!("../../../docs/trace-schema.json")).expect("JSON");
    assert_eq!(schema::breaches(&published, &json), Vec::<String>::new());
    assert_eq!(json["levels"]["peak"], 80.0);
    let yaml: Value =
        serde_yaml::from_str(&printed(&sandbox, "trace info load.csv -o yaml")).expect("YAML");
    assert_eq!(yaml["ramps"], json["ramps"]);
}

#[test]
fn a_coarse_step_is_said_to_hide_what_the_autoscaler_reacts_to() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "coarse.csv",
        "timestamp,requests\n0,10\n300,20\n600,90\n900,10\n",
    );
    let table = printed(&sandbox, "trace info coarse.csv");
    assert!(
        table.contains("one step of 300 s spans 20 of them"),
        "{table}"
    );
    assert!(
        table.contains("Whether a rise outruns a startup of 30.0 s"),
        "{table}"
    );
}

#[test]
fn every_form_reads_back_as_the_same_trace() {
    let sandbox = Sandbox::new();
    let csv = printed(&sandbox, "trace convert load.csv");
    assert_eq!(csv, super::LOAD);
    let answer = printed(&sandbox, "trace convert load.csv --to prometheus");
    let back = succeeded(sandbox.run_with("trace convert -", answer));
    let since_1970 = |line: &str| line.starts_with("1970-01-01T00:00:");
    assert!(back.lines().skip(1).take(4).all(since_1970), "{back}");
    let loads = |text: &str| -> Vec<String> {
        let rows = text.lines().skip(1).filter_map(|line| line.split_once(','));
        rows.map(|(_, load)| load.to_owned()).collect()
    };
    assert_eq!(loads(&back), loads(&csv));
}

#[test]
fn a_file_is_written_whole_and_gzipped_by_its_name() {
    let sandbox = Sandbox::new();
    assert_eq!(
        printed(&sandbox, "trace convert load.csv -o copy.csv.gz"),
        ""
    );
    let mut unpacked = String::new();
    let bytes = fs::read(sandbox.path("copy.csv.gz")).expect("it is there");
    MultiGzDecoder::new(bytes.as_slice())
        .read_to_string(&mut unpacked)
        .expect("gzip");
    assert_eq!(unpacked, super::LOAD);
    let again = printed(&sandbox, "trace convert copy.csv.gz");
    assert_eq!(again, super::LOAD);
    // Onto the file that is read.
    printed(
        &sandbox,
        "trace scale load.csv --factor 2 --output load.csv",
    );
    assert!(printed(&sandbox, "trace info load.csv").contains("160 requests/s"));
    sandbox
        .run("trace scale load.csv --factor 1e300 -o new.csv")
        .refused("the peak comes to");
    sandbox
        .run("trace convert load.csv -o json")
        .refused("--output names the file here");
    assert_eq!(sandbox.names(), ["copy.csv.gz", "load.csv", "web.yaml"]);
}

#[test]
fn verbs_can_be_piped_into_one_another_and_into_a_replay() {
    let sandbox = Sandbox::new();
    let day = printed(&sandbox, "trace synth diurnal --span 2h --day 2h -q");
    assert_eq!(day.lines().count(), 1 + 480);
    let peak = succeeded(sandbox.run_with("trace scale --peak 300rps -", day));
    let minutes = succeeded(sandbox.run_with("trace resample - --step 1m", peak));
    assert_eq!(minutes.lines().count(), 1 + 120);
    let report = sandbox.run_with("simulate web.yaml --trace - --runs 2 -q", minutes);
    assert!(report.report().contains("requests"));
}

#[test]
fn parts_are_cut_by_time_and_by_date() {
    let sandbox = Sandbox::new();
    let part = printed(&sandbox, "trace slice load.csv --from 30s --to 1m15s");
    assert_eq!(part, "timestamp,rps\n0,60\n15,80\n30,80\n");
    assert_eq!(
        printed(&sandbox, "trace slice load.csv --last 30s"),
        "timestamp,rps\n0,10\n15,10\n"
    );
    sandbox.write(
        "dated.csv",
        "timestamp,rps\n2026-03-14T09:00:00Z,1\n2026-03-14T09:00:15Z,2\n2026-03-14T09:00:30Z,3\n",
    );
    let part = printed(
        &sandbox,
        "trace slice dated.csv --from 2026-03-14T10:00:15+01:00",
    );
    assert_eq!(
        part,
        "timestamp,rps\n2026-03-14T09:00:15Z,2\n2026-03-14T09:00:30Z,3\n"
    );
}

#[test]
fn traces_follow_one_another_or_stay_at_their_own_times() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.csv",
        "timestamp,rps\n2026-03-14T09:00:00Z,1\n2026-03-14T09:00:15Z,2\n",
    );
    sandbox.write(
        "b.csv",
        "timestamp,rps\n2026-03-14T09:01:00Z,7\n2026-03-14T09:01:15Z,8\n",
    );
    let joined = printed(&sandbox, "trace splice a.csv b.csv");
    let times: Vec<&str> = joined.lines().skip(1).map(|line| &line[14..]).collect();
    assert_eq!(times, ["00:00Z,1", "00:15Z,2", "00:30Z,7", "00:45Z,8"]);
    let own = printed(&sandbox, "trace splice a.csv b.csv --own-times");
    let times: Vec<&str> = own.lines().skip(1).map(|line| &line[14..]).collect();
    assert_eq!(
        times,
        ["00:00Z,1", "00:15Z,2", "00:30Z,", "01:00Z,7", "01:15Z,8"]
    );
    sandbox
        .run("trace splice b.csv a.csv --own-times")
        .refused("a.csv begins 90s before");
    sandbox
        .run("trace splice load.csv a.csv --own-times")
        .refused("load.csv has no calendar times");
    sandbox
        .run("trace splice - -")
        .refused("standard input (-) was named twice");
}

#[test]
fn shapes_add_up_and_chance_is_the_same_for_the_same_seed() {
    let sandbox = Sandbox::new();
    let step = printed(
        &sandbox,
        "trace synth step:at=30s,peak=9 --base 1 --span 1m",
    );
    assert_eq!(step, "timestamp,rps\n0,1\n15,1\n30,9\n45,9\n");
    let both = printed(
        &sandbox,
        "trace synth level spike:at=15s,hold=15s,peak=5 --base 2 --span 1m",
    );
    assert_eq!(both, "timestamp,rps\n0,2\n15,7\n30,2\n45,2\n");
    let noisy = |seed: u32| {
        let each = "flash-crowd --noise poisson --noise ar1:0.2,0.8 --start 2026-03-14";
        printed(&sandbox, &format!("trace synth {each} --seed {seed}"))
    };
    assert_eq!(noisy(1), noisy(1));
    assert_ne!(noisy(1), noisy(2));
    assert!(noisy(1).starts_with("timestamp,rps\n2026-03-14T00:00:00Z,"));
    for shape in [
        "level",
        "step",
        "ramp",
        "spike",
        "flash-crowd",
        "diurnal",
        "weekly",
    ] {
        let info = succeeded(sandbox.run_with(
            "trace info -",
            printed(&sandbox, &format!("trace synth {shape}")),
        ));
        assert!(info.contains("requests per second"), "{info}");
    }
}

#[test]
fn the_seasons_of_made_up_weeks_are_found() {
    let sandbox = Sandbox::new();
    let weeks = printed(
        &sandbox,
        "trace synth weekly --span 21d --step 5m --noise gaussian:0.1 --start 2026-01-05",
    );
    let json = succeeded(sandbox.run_with("trace info - -o json", weeks));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    for season in ["daily", "weekly"] {
        assert_eq!(json["seasons"][season]["verdict"], "strong", "{json}");
    }
}

#[test]
fn what_makes_no_trace_is_refused_in_one_sentence() {
    let sandbox = Sandbox::new();
    for (arguments, beginning) in [
        (
            "resample load.csv --step 0s",
            "a step of 0s was given, expected a positive length",
        ),
        (
            "resample load.csv --step 1us",
            "steps of 0.000001s make 135000000 of them, expected at most 10000000",
        ),
        (
            "slice load.csv --from 1m --to 30s",
            "a part from 60s to 30s was asked for, expected an end after",
        ),
        (
            "slice load.csv --from 1h",
            "nothing is left from 3600s on, expected a part of the 135s",
        ),
        (
            "slice load.csv --from 1h --to 2h",
            "nothing is left from 3600s to 7200s, expected a part of the 135s",
        ),
        (
            "slice load.csv --last 0s",
            "the last 0s were asked for, expected a positive length",
        ),
        (
            "slice load.csv --from 2026-03-14",
            "2026-03-14T00:00:00Z was asked for, but the times of the trace have no date",
        ),
        (
            "scale load.csv --factor 0",
            "a factor of 0 was given, expected a positive number",
        ),
        (
            "scale load.csv --factor -2",
            "a factor of -2 was given, expected a positive number",
        ),
        (
            "scale load.csv --factor NaN",
            "a factor of NaN was given, expected a positive number",
        ),
        (
            "scale load.csv --stretch inf",
            "a factor of inf was given, expected a positive number",
        ),
        ("scale load.csv --stretch 1e12", "the trace would last "),
        (
            "scale load.csv --peak 0",
            "a peak of 0 was given, expected a positive number",
        ),
        (
            "scale load.csv --peak -5rps",
            "a peak of -5 was given, expected a positive number",
        ),
        (
            "scale load.csv --peak 4cores",
            "a peak in cores of cpu was asked for, the trace is in requests per second",
        ),
        (
            "synth step --span 365d --step 1ms",
            "steps of 0.001s make 31536000000 of them",
        ),
        ("synth step --span 5s", "a span of 5s holds no step of 15s"),
        (
            "synth step --step 0s",
            "a step of 0s was given, expected a positive length",
        ),
        (
            "synth step --peak -1",
            "a peak of -1 was given, expected a number from 0 to 1e15",
        ),
        (
            "synth level --base 0",
            "zero requests: every value that is left is zero",
        ),
        (
            "synth diurnal --day 0s",
            "a day of 0s was given, expected a positive length",
        ),
        ("synth level --start 2h", "--start is a time without a date"),
        (
            "convert nothing.csv",
            "nothing.csv: cannot be read: there is no such file",
        ),
        (
            "convert load.csv -o web.yaml/x.csv",
            "web.yaml/x.csv: cannot be written",
        ),
    ] {
        sandbox
            .run(&format!("trace {arguments} -q"))
            .refused(beginning);
    }
    assert_eq!(sandbox.names(), ["load.csv", "web.yaml"]);
}

#[test]
fn wrong_words_are_refused_by_what_would_be_right() {
    let sandbox = Sandbox::new();
    for (arguments, expected) in [
        (
            "synth sine",
            "`sine` is no shape, expected level, step, ramp",
        ),
        (
            "synth spike:peek=3",
            "`peek` is nothing that a spike has, expected base, peak, at",
        ),
        (
            "synth level --noise loud",
            "`loud` is no noise, expected `poisson`",
        ),
        (
            "slice load.csv --from soon",
            "`soon` is no moment, expected a time since",
        ),
        (
            "scale load.csv --peak lots",
            "`lots` is no load, expected a number",
        ),
        ("scale load.csv", "required"),
        ("scale load.csv --peak 3 --factor 2", "cannot be used with"),
        ("splice load.csv", "2 values required"),
        (
            "convert load.csv --to parquet",
            "expected `csv`, `prometheus` or `openmetrics`",
        ),
    ] {
        let ran = sandbox.run(&format!("trace {arguments}"));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{expected}\n{}", ran.stderr);
    }
}

#[test]
fn rows_that_need_a_flag_say_which() {
    let sandbox = Sandbox::new();
    sandbox.write("bare.csv", "rps\n1\n2\n3\n");
    let ran = sandbox.run("trace convert bare.csv");
    assert!(
        ran.stderr.contains("(--time-column, --row-step)"),
        "{}",
        ran.stderr
    );
    let made = printed(&sandbox, "trace convert bare.csv --row-step 30s");
    assert_eq!(made, "timestamp,rps\n0,1\n30,2\n60,3\n");
    sandbox.write(
        "two.csv",
        "timestamp,rps,queue depth\n0,1,4\n15,2,5\n30,3,6\n",
    );
    let kept = succeeded(Ran::of(sandbox.command().args([
        "trace",
        "resample",
        "two.csv",
        "--step",
        "30s",
        "--column",
        "queue depth",
    ])));
    assert_eq!(
        kept,
        "timestamp,rps,holds_s,queue depth\n0,1.5,30,4.5\n30,3,15,6\n"
    );
}

#[test]
fn each_series_of_a_file_is_written_with_its_labels() {
    let sandbox = Sandbox::new();
    let dump = "{__name__=\"hits_total\", pod=\"a\"} 5 1767225600000\n{__name__=\"hits_total\", pod=\"a\"} 9 1767225615000\n\
                {__name__=\"hits_total\", pod=\"b\"} 1 1767225600000\n";
    sandbox.write("dump.txt", dump);
    let exposition = printed(
        &sandbox,
        "trace convert dump.txt --each-series --to openmetrics",
    );
    let expected = "# TYPE hits_total unknown\nhits_total{pod=\"a\"} 5 1767225600\nhits_total{pod=\"a\"} 9 1767225615\n\
                    hits_total{pod=\"b\"} 1 1767225600\n# EOF\n";
    assert_eq!(exposition, expected);
    let table = printed(&sandbox, "trace convert dump.txt --each-series");
    let expected = "timestamp,series,value\n2026-01-01T00:00:00Z,\"hits_total{pod=\"\"a\"\"}\",5\n";
    assert!(table.starts_with(expected), "{table}");
    let both = sandbox.run("trace convert dump.txt --each-series --series hits_total");
    assert!(
        both.stderr.contains("cannot be used with"),
        "{}",
        both.stderr
    );
    let log = sandbox.run("trace convert --each-series load.csv --to prometheus");
    assert_eq!(log.code, 0, "{}", log.stderr);
}
