//! Files, folders, archives, standard input, the scenario file and flags.

use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{LOAD, Sandbox, WEB};

fn zipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[test]
fn without_files_an_embedded_autoscaler_meets_an_embedded_day() {
    let ran = Sandbox::new().run("simulate --runs 2");
    assert!(ran.stderr.contains("note: "), "{}", ran.stderr);
    let report = ran.report();
    assert!(
        report.contains("HorizontalPodAutoscaler app -> Deployment/app, cpu 70 %, 1..10 replicas")
    );
    assert!(report.contains("nab_elb_request_count"));
}

#[test]
fn the_same_manifest_comes_as_file_stdin_folder_or_archive() {
    let sandbox = Sandbox::new();
    let report = sandbox.play("").report();
    sandbox.write("zipped/web.yaml.gz", zipped(WEB));
    let (hpa, deployment) = WEB.split_once("---\n").expect("two documents");
    sandbox.write("split/hpa.yml", hpa);
    sandbox.write("split/below/deployment.yaml", deployment);
    sandbox.write("split/.hidden/broken.yaml", "{");
    sandbox.write("split/README.md", "no manifest");
    let rest = "--trace load.csv --runs 2 -q";
    for source in [
        "zipped",
        "zipped/web.yaml.gz",
        "split",
        "split/hpa.yml split/below",
    ] {
        assert_eq!(
            sandbox.run(&format!("simulate {source} {rest}")).report(),
            report,
            "{source}"
        );
    }
    for stdin in [WEB.as_bytes().to_vec(), zipped(WEB)] {
        let ran = sandbox.run_with(&format!("simulate - {rest}"), stdin);
        assert_eq!(ran.report(), report);
    }
}

#[test]
fn the_same_trace_comes_as_file_stdin_or_archive() {
    let sandbox = Sandbox::new();
    // The heading names the file.
    let figures = |report: String| {
        report
            .split_once("\n\n")
            .map(|(_, figures)| figures.to_owned())
    };
    let expected = figures(sandbox.play("").report());
    assert!(expected.is_some());
    sandbox.write("load.csv.gz", zipped(LOAD));
    let ran = sandbox.run("simulate web.yaml --trace load.csv.gz --runs 2 -q");
    assert_eq!(figures(ran.report()), expected);
    for stdin in [LOAD.as_bytes().to_vec(), zipped(LOAD)] {
        let ran = sandbox.run_with("simulate web.yaml --trace - --runs 2 -q", stdin);
        assert_eq!(figures(ran.report()), expected);
    }
}

#[test]
fn standard_input_is_read_once() {
    let sandbox = Sandbox::new();
    sandbox
        .run_with("simulate - -", "")
        .refused("standard input (-) was named twice");
    sandbox
        .run_with("simulate - --trace -", WEB)
        .refused("standard input (-) was named for the manifest and for the trace");
}

#[test]
fn a_broken_file_beside_the_autoscaler_is_told_and_passed_over() {
    let sandbox = Sandbox::new();
    sandbox.write("folder/web.yaml", WEB);
    sandbox.write("folder/broken.yaml", "kind: [");
    let ran = sandbox.run("simulate folder --trace load.csv --runs 2 -q");
    assert!(matches!(ran.code, 0 | 1));
    assert!(
        ran.stderr.starts_with("error: folder/broken.yaml:1:"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.lines().count(), 1);
    assert_eq!(ran.stdout, sandbox.play("").stdout);
}

#[test]
fn what_was_named_has_to_be_readable_unless_the_autoscaler_is_named_as_well() {
    let sandbox = Sandbox::new();
    sandbox.write("broken.yaml", "kind: [");
    let rest = "--trace load.csv --runs 2 -q";
    for command in ["simulate", "recommend --budget 1", "explain loop"] {
        let ran = sandbox.run(&format!("{command} web.yaml broken.yaml {rest}"));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{command}");
        let last = ran.stderr.lines().last().unwrap_or_default();
        assert!(
            last.contains("broken.yaml was named and could not"),
            "{last}"
        );
    }
    let ran = sandbox.run(&format!("simulate web.yaml broken.yaml --hpa web {rest}"));
    assert_eq!(ran.stdout, sandbox.play("").stdout);
    // A trace without its flag is taken for a manifest.
    assert_eq!(sandbox.run("simulate web.yaml load.csv -q").code, 2);
    let piped = sandbox.run_with(
        &format!("simulate - {rest}"),
        format!("{WEB}\n---\nkind: ["),
    );
    assert_eq!(
        (piped.code, piped.stdout.as_str()),
        (2, ""),
        "{}",
        piped.stderr
    );
}

#[test]
fn a_broken_autoscaler_in_a_folder_is_not_passed_over_for_another() {
    let sandbox = Sandbox::new();
    sandbox.write("folder/web.yaml", WEB);
    let other = WEB.replace("  name: web\nspec", "  name: other\nspec");
    sandbox.write(
        "folder/other.yaml",
        other.replace("maxReplicas: ", "maxReplicas: -"),
    );
    let rest = "--trace load.csv --runs 2 -q";
    let ran = sandbox.run(&format!("simulate folder {rest}"));
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    let last = ran.stderr.lines().last().unwrap_or_default();
    assert!(last.contains("1 autoscaler could not be read"), "{last}");
    let ran = sandbox.run(&format!("simulate folder --hpa web {rest}"));
    assert_eq!(ran.stdout, sandbox.play("").stdout);
}

#[test]
fn a_broken_workload_beside_its_autoscaler_is_not_played_with_defaults() {
    let sandbox = Sandbox::new();
    let broken = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: 3\n";
    let hpa: String = WEB
        .split("---")
        .filter(|part| part.contains("HorizontalPod"))
        .collect();
    sandbox.write("one.yaml", format!("{hpa}\n{broken}"));
    let ran = sandbox.run("simulate one.yaml --hpa web --trace load.csv --runs 2 -q");
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stdout.is_empty());
    let last = ran.stderr.lines().last().unwrap_or_default();
    assert!(
        last.contains("web was not found, and what was given could not be read whole"),
        "{last}"
    );
}

#[cfg(unix)]
#[test]
fn folders_that_lead_round_in_circles_and_dead_links_do_no_harm() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    sandbox.write("folder/web.yaml", WEB);
    for name in ["a", "b", "c"] {
        symlink(".", sandbox.path("folder").join(name)).expect("a link");
    }
    symlink("nowhere", sandbox.path("folder/dead.yaml")).expect("a link");
    let ran = sandbox.run("simulate folder --trace load.csv --runs 2 -q");
    assert_eq!(
        ran.stderr,
        "error: folder/dead.yaml: cannot be read: there is no such file or folder\n"
    );
    assert_eq!(ran.stdout, sandbox.play("").stdout);
}

#[test]
fn several_autoscalers_have_to_be_told_apart() {
    let sandbox = Sandbox::new();
    let other = WEB.replace(
        "  name: web\nspec",
        "  name: other\n  namespace: shop\nspec",
    );
    sandbox.write("two/a.yaml", WEB);
    sandbox.write("two/b.yaml", &other);
    let rest = "--trace load.csv --runs 2 -q";
    sandbox
        .run(&format!("simulate two {rest}"))
        .refused("there are 2 autoscalers, choose one with --hpa: `shop/other`, `web`");
    sandbox
        .run(&format!("simulate two {rest} --hpa nope"))
        .refused("--hpa: no HorizontalPodAutoscaler is named `nope`, expected `shop/other`, `web`");
    for name in ["other", "shop/other"] {
        let report = sandbox
            .run(&format!("simulate two {rest} --hpa {name}"))
            .report();
        assert!(
            report.starts_with("HorizontalPodAutoscaler shop/other"),
            "{report}"
        );
    }
    sandbox
        .run(&format!("simulate web.yaml two/a.yaml {rest}"))
        .refused("there are 2 autoscalers named `web`, expected one: web.yaml:1:1, two/a.yaml:1:1");
}

#[test]
fn manifests_without_an_autoscaler_say_what_they_hold() {
    let sandbox = Sandbox::new();
    let (_, deployment) = WEB.split_once("---\n").expect("two documents");
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
    sandbox.write("deployment.yaml", format!("{deployment}---\n{service}"));
    sandbox.run("simulate deployment.yaml").refused(
        "the manifests hold no HorizontalPodAutoscaler, expected one to replay; found Deployment, v1/Service",
    );
}

#[test]
fn what_is_not_there_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("folder/notes.txt", "");
    let missing = "cannot be read: there is no such file or folder";
    sandbox
        .run("simulate nope.yaml")
        .refused(&format!("nope.yaml: {missing}"));
    sandbox
        .run("simulate --trace nope.csv")
        .refused(&format!("nope.csv: {missing}"));
    sandbox
        .run("simulate --scenario nope")
        .refused(&format!("nope: {missing}"));
    sandbox
        .run("simulate --trace folder")
        .refused("folder: is a folder, expected a file");
    sandbox
        .run("simulate folder")
        .refused("folder: no .yaml, .yml or .json file in this folder");
}

#[test]
fn flags_win_over_the_scenario_file_and_that_over_the_manifest() {
    let sandbox = Sandbox::new();
    sandbox.write("s.yaml", "runs: 3\ncpu-request: 300m\nservice-time: 20ms\n");
    let run = |rest: &str| {
        let rest =
            format!("simulate web.yaml --trace load.csv -q -o wide --scenario s.yaml {rest}");
        sandbox.run(&rest).report()
    };
    let line = |report: &str, key: &str| {
        let mut lines = report
            .lines()
            .skip_while(|line| !line.starts_with("Assumptions"));
        let line = lines.find(|line| line.trim_start().starts_with(&format!("{key} ")));
        let words: Vec<&str> = line.unwrap_or_default().split_whitespace().collect();
        words.join(" ")
    };
    let report = run("--runs 2");
    assert_eq!(line(&report, "runs"), "runs 2 flag");
    assert_eq!(
        line(&report, "cpu-request"),
        "cpu-request 0.3 core scenario file"
    );
    assert_eq!(line(&report, "probe-period"), "probe-period 5s manifest");
    assert_eq!(
        line(&run("--service-time 30ms"), "service-time"),
        "service-time 30ms flag"
    );
    assert_eq!(line(&run(""), "runs"), "runs 3 scenario file");
}

#[test]
fn measured_service_times_come_from_a_file() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "set/s.yaml",
        "service-samples: measured/times.csv\nruns: 1\n",
    );
    sandbox.write("set/measured/times.csv", "duration_ms\n10\n20\n60\n");
    sandbox.write("mine.txt", "# one day\n0.02\n60ms\n");
    let check = |flags: &str, expected: &str, origin: &str| {
        let ran = sandbox.run(&format!(
            "simulate web.yaml --trace load.csv -q -o wide --runs 1 {flags}"
        ));
        let report = ran.report();
        let mut lines = report.lines().map(str::trim);
        let line = lines.find(|line| line.starts_with("service-samples "));
        let line = line.expect("an assumption");
        assert!(line.contains(expected) && line.ends_with(origin), "{line}");
    };
    let from_file = "3 samples, mean 30ms";
    check("--scenario set/s.yaml", from_file, "scenario file");
    let both = "--scenario set/s.yaml --service-samples mine.txt";
    check(both, "2 samples, mean 40ms", "flag");
}

#[test]
fn init_writes_a_scenario_file_that_simulate_takes() {
    let sandbox = Sandbox::new();
    let printed = sandbox.run("init -").report();
    let ran = sandbox.run("init");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(
        ran.stderr.starts_with("note: wrote scaleplan.yaml"),
        "{}",
        ran.stderr
    );
    let written = fs::read_to_string(sandbox.path("scaleplan.yaml")).expect("it was written");
    assert_eq!(written, printed);
    assert_eq!(
        sandbox.play("--scenario scaleplan.yaml").report(),
        sandbox.play("").report()
    );
    sandbox
        .run("init")
        .refused("scaleplan.yaml: is there already, --force writes over it");
    sandbox.write("scaleplan.yaml", "mine");
    assert_eq!(sandbox.run("init --force").code, 0);
    let written = fs::read_to_string(sandbox.path("scaleplan.yaml")).expect("it was written");
    assert_eq!(written, printed);
    sandbox
        .run("init nowhere/s.yaml")
        .refused("nowhere/s.yaml: cannot be written: there is no such file or folder");
}

#[test]
fn a_metric_says_how_it_is_mapped() {
    let sandbox = Sandbox::new();
    let hpa = WEB.replace(
        "type: Resource\n    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}",
        "type: Pods\n    pods: {metric: {name: qps}, target: {type: AverageValue, averageValue: \"10\"}}",
    );
    sandbox.write("web.yaml", hpa);
    sandbox.play("").refused(
        "web.yaml:10:5: the Pods metric `qps` is not mapped, say what it reads with --metric qps=rate",
    );
    let report = sandbox.play("--metric qps=rate --metric qsp=rate").report();
    assert!(
        report.contains("the mapping of the metric `qsp` is not used"),
        "{report}"
    );
}
