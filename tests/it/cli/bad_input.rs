//! Manifests, traces and scenario files that cannot be played: exit code 2, one message for the one problem, no report,
//! no picture, bounded memory.

use super::{LOAD, Sandbox, WEB};

/// Bytes that are no text, the same each time.
fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..5000).map(|_| next()).collect()
}

#[track_caller]
fn check_manifest(manifest: impl AsRef<[u8]>, expected: &str) {
    let sandbox = Sandbox::new();
    sandbox.write("x.yaml", manifest);
    let ran = sandbox.run("simulate x.yaml --trace load.csv --runs 2 --png out.png");
    ran.refused(expected);
    assert_eq!(sandbox.names(), ["load.csv", "web.yaml", "x.yaml"]);
}

#[track_caller]
fn check_trace(trace: impl AsRef<[u8]>, expected: &str) {
    let sandbox = Sandbox::new();
    sandbox.write("x.csv", trace);
    let ran = sandbox.run("simulate web.yaml --trace x.csv --runs 2 --png out.png");
    ran.refused(expected);
    assert_eq!(sandbox.names(), ["load.csv", "web.yaml", "x.csv"]);
}

#[track_caller]
fn check_scenario(scenario: impl AsRef<[u8]>, expected: &str) {
    let sandbox = Sandbox::new();
    sandbox.write("s.yaml", scenario);
    sandbox
        .play("--scenario s.yaml --png out.png")
        .refused(expected);
    assert_eq!(sandbox.names(), ["load.csv", "s.yaml", "web.yaml"]);
}

#[test]
fn manifests_that_are_empty_truncated_or_no_text() {
    check_manifest(
        "",
        "x.yaml:1:1: nothing in it, expected a Kubernetes manifest",
    );
    check_manifest("# a\n---\n# b\n", "x.yaml:1:1: nothing in it");
    check_manifest(&WEB[..150], "x.yaml:6:");
    check_manifest("{\"apiVersion\": \"autoscaling/v2\", ", "x.yaml:1:");
    check_manifest(noise(), "x.yaml:");
    check_manifest(
        [0; 100],
        "x.yaml:1:1: control character U+0000 is not allowed",
    );
    check_manifest(b"kind: w\xe9b\n", "x.yaml:1:8: byte `0xe9` is not UTF-8");
    check_manifest(
        b"\x1f\x8b\x08\x00",
        "x.yaml:1:1: damaged or cut short gzip data",
    );
    check_manifest(
        "hello",
        "x.yaml:1:1: found a single value, expected a Kubernetes object",
    );
    check_manifest(
        "- a",
        "x.yaml:1:1: found a list, expected a Kubernetes object",
    );
}

#[test]
fn manifests_that_the_api_server_refuses() {
    let with = |from: &str, to: &str| WEB.replacen(from, to, 1);
    let limits = [
        (
            "minReplicas: 1",
            "minReplicas: 11",
            "x.yaml:8:16: spec.maxReplicas: `10` is below minReplicas",
        ),
        (
            "minReplicas: 1",
            "minReplicas: -1",
            "x.yaml:7:16: spec.minReplicas: `-1` replicas, expected 0 or more",
        ),
        (
            "minReplicas: 1",
            "minReplicas: 0",
            "x.yaml:7:16: spec.minReplicas: `0` replicas without an Object or External",
        ),
        (
            "maxReplicas: 10",
            "maxReplicas: 0",
            "x.yaml:8:16: spec.maxReplicas: `0` replicas, expected at least 1",
        ),
        (
            "maxReplicas: 10",
            "maxReplicas: 2147483648",
            "x.yaml:8:16: spec.maxReplicas: `2147483648`",
        ),
        (
            "maxReplicas: 10",
            "maxReplicas: .inf",
            "x.yaml:8:16: spec.maxReplicas: `.inf`",
        ),
        (
            "maxReplicas: 10",
            "maxReplicas: 1e308",
            "x.yaml:8:16: spec.maxReplicas: `1e308`",
        ),
        (
            "maxReplicas: 10",
            "maxReplicas: ten",
            "x.yaml:8:16: spec.maxReplicas: `\"ten\"` is a string",
        ),
        (
            "averageUtilization: 50",
            "averageUtilization: .nan",
            "x.yaml:11:75: spec.metrics[0].resource.target.averageUtilization: `.nan`",
        ),
        (
            "averageUtilization: 50",
            "averageUtilization: 0",
            "x.yaml:11:75: spec.metrics[0].resource.target.averageUtilization: `0`",
        ),
    ];
    for (from, to, expected) in limits {
        check_manifest(with(from, to), expected);
    }
}

#[test]
fn a_replica_without_cpu_is_no_replica() {
    check_manifest(
        WEB.replace("cpu: 200m", "cpu: 0"),
        "x.yaml:13:1: the containers of Deployment web request no cpu and have no cpu limit",
    );
    check_manifest(
        WEB.replace("{cpu: 200m, memory: 100Mi}", "{cpu: 0}, limits: {cpu: 1}"),
        "the target of the metric `cpu` is 0 cores a replica",
    );
}

#[test]
fn names_that_steer_a_terminal_are_shown_harmless() {
    check_manifest(
        WEB.replace("name: web\nspec", "name: \"w\\e[31mb\\u202e\"\nspec"),
        "x.yaml:4:9: metadata.name: `w\\u{1b}[31mb\\u{202e}` is refused as a name",
    );
    check_manifest(
        WEB.replace("name: web\nspec", "name: w\u{1b}[31m\nspec"),
        "x.yaml:4:10: control character U+001B",
    );
    check_trace(
        "timestamp,rps\n0,1\n1,\u{1b}[2J\n",
        "x.csv, line 3: `\\u{1b}[2J` in `rps` is not a number",
    );
    check_scenario(
        "\"\\e[31mruns\": 3",
        "s.yaml: line 1, column 1: `\\u{1b}[31mruns` is no setting",
    );
    let sandbox = Sandbox::new();
    sandbox.write("a\u{1b}[31m\n.yaml", "");
    let mut command = sandbox.command();
    super::Ran::of(command.args(["simulate", "a\u{1b}[31m\n.yaml"]))
        .refused("a\\u{1b}[31m\\n.yaml:1:1: nothing in it");
    sandbox.write("load.csv", LOAD.replace("rps", "\"r\u{1b}[31mps\""));
    let ran = sandbox.run("simulate web.yaml --trace load.csv --runs 2 -o wide");
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'));
}

#[test]
fn nesting_and_aliases_without_end_are_refused_at_once() {
    let deep = "x.yaml:1:";
    check_manifest("[".repeat(100_000), deep);
    check_manifest("{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000), deep);
    check_manifest("- ".repeat(100_000), deep);
    check_scenario(
        format!("metric: {}", "[".repeat(100_000)),
        "s.yaml: line 1: nested more than 16 levels",
    );
    let mut laughs = vec!["a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned()];
    for (letter, before) in ('b'..='z').zip('a'..) {
        let aliases = vec![format!("*{before}"); 9].join(", ");
        laughs.push(format!("{letter}: &{letter} [{aliases}]\n"));
    }
    let laughs = laughs.concat();
    check_manifest(&laughs, "x.yaml:1:1: kind is missing");
    check_manifest(
        format!("{laughs}kind: Deployment\napiVersion: apps/v1\nmetadata: {{name: x}}\nspec: *z\n"),
        "x.yaml:",
    );
    check_scenario(
        format!("{laughs}runs: *z\n"),
        "s.yaml: line 1, column 1: `a` is no setting",
    );
}

#[test]
fn traces_that_are_empty_truncated_or_no_text() {
    check_trace("", "x.csv: is empty, expected a table");
    check_trace("timestamp,rps\n", "x.csv: has a header and no rows");
    check_trace(
        "timestamp,rps\n0,5\n",
        "x.csv: has one sample, expected at least two, or a step length to give it (--step)",
    );
    check_trace(
        "timestamp,rps\n0,5\n15,\"8",
        "x.csv, line 3: a quoted cell is never closed",
    );
    check_trace(
        "timestamp,rps\n0,5\n15\n",
        "x.csv, line 3: cells in this row: 1, expected at least 2",
    );
    check_trace(noise(), "x.csv: is binary data, expected a table, a log");
    check_trace(b"\x1f\x8b\x08\x00", "x.csv: the gzip data ends early");
    check_trace(
        "{\"status\":\"success\",\"data\":{",
        "x.csv, line 1: is not valid JSON",
    );
    check_trace(
        "[".repeat(100_000),
        "x.csv, line 1: is JSON but no Prometheus `query_range` result",
    );
    check_trace(
        "hello world\nthis is text\n",
        "x.csv: no column holds times among `hello world`",
    );
}

#[test]
fn loads_that_are_no_loads() {
    let with = |cell: &str| format!("timestamp,rps\n0,5\n15,{cell}\n30,4\n");
    check_trace(
        with("NaN"),
        "x.csv, line 3: `NaN` in `rps` is not a finite number",
    );
    check_trace(
        with("inf"),
        "x.csv, line 3: `inf` in `rps` is not a finite number",
    );
    check_trace(with("-4"), "x.csv, line 3: `-4` in `rps` is negative");
    check_trace(
        with("1e308"),
        "x.csv, line 3: `1e308` in `rps` is too large",
    );
    check_trace(
        with("much"),
        "x.csv, line 3: `much` in `rps` is not a number",
    );
    check_trace(
        "timestamp,rps\n0,5\nlater,6\n",
        "x.csv, line 3: `later` in `timestamp` is not a time",
    );
    check_trace(
        "timestamp,rps\n0,0\n15,0\n",
        "x.csv: zero requests: every value is zero",
    );
    check_trace(
        "timestamp,rps\n0,5\n1000000000,7\n",
        "x.csv: the times span 31 years, expected at most 20",
    );
}

#[test]
fn rows_out_of_order_are_sorted_and_told() {
    let sandbox = Sandbox::new();
    let mut rows: Vec<&str> = LOAD.lines().collect();
    rows[2..].reverse();
    sandbox.write("x.csv", rows.join("\n"));
    let ran = sandbox.run("simulate web.yaml --trace x.csv --runs 2");
    assert!(ran.stderr.contains("order"), "{}", ran.stderr);
    let verdict = |report: &str| {
        report
            .lines()
            .find(|line| line.contains("container m"))
            .map(str::to_owned)
    };
    assert_eq!(verdict(&ran.report()), verdict(&sandbox.play("").report()));
}

#[track_caller]
fn check_samples(samples: impl AsRef<[u8]>, expected: &str) {
    let sandbox = Sandbox::new();
    sandbox.write("times.txt", samples);
    sandbox
        .play("--service-samples times.txt --png out.png")
        .refused(expected);
    assert_eq!(sandbox.names(), ["load.csv", "times.txt", "web.yaml"]);
}

#[test]
fn service_times_that_are_none() {
    check_samples("", "times.txt: no samples, expected a time a line");
    check_samples(
        "12ms\nfast\n",
        "times.txt: line 2: `fast` is not a time, expected one a line",
    );
    check_samples(
        "\u{1b}[2J\n",
        "times.txt: line 1: `\\u{1b}[2J` is not a time",
    );
    check_samples("time,load\n1,2\n", "times.txt: line 1: `time,load`");
    check_samples(noise(), "times.txt: is not UTF-8 text, expected a file of");
    check_samples("0\n", "the mean of service-samples is `0`");
    check_scenario(
        "service-samples: none.txt",
        "none.txt: cannot be read: there is no such file",
    );
    check_scenario(
        "service-samples: '-'",
        "service-samples cannot come from standard input",
    );
    check_scenario(
        "service-samples: web.yaml",
        "web.yaml: line 2: `kind: HorizontalPodAutoscaler` is not a time",
    );
}

#[test]
fn scenario_files_that_are_none() {
    check_scenario(
        "- a",
        "s.yaml: found sequence, expected lines such as `runs: 20`",
    );
    check_scenario(
        "runs: many",
        "s.yaml: line 1, column 7: runs: found string \"many\", expected a whole number",
    );
    check_scenario(
        "seed: 1\nrunz: 4",
        "s.yaml: line 2, column 1: `runz` is no setting, did you mean `runs`?",
    );
    check_scenario("runs: \"3", "s.yaml: line 1, column ");
    check_scenario(
        "tolerance: .nan",
        "tolerance is `NaN`, expected a finite number",
    );
    check_scenario(
        noise(),
        "s.yaml: is not UTF-8 text, expected a scenario file",
    );
    check_scenario(
        "#\n".repeat(1 << 20),
        "s.yaml: larger than 1 MiB, expected a scenario file",
    );
    check_scenario(
        "backends: {vm: {like: vm}}",
        "the backend name `vm` is built in or empty",
    );
    check_scenario(
        "backends: {x: {like: moon}}",
        "s.yaml: line 1, column 22: backends.x.like: unknown variant `moon`",
    );
    let backend = |n: u32| format!("  b{n}: {{like: vm}}\n");
    let many = (0..1000).map(backend).collect::<Vec<_>>().concat();
    check_scenario(
        format!("backends:\n{many}"),
        "the number of backends is `16 or more`",
    );
}

#[test]
fn a_row_without_end_is_refused_before_it_is_held() {
    let row = format!("timestamp,rps\n0,{}", "1".repeat(20_000_000));
    check_trace(row, "x.csv, line 2: a row is longer than 1 MiB");
}

/// The most memory that the binary held, in bytes, and how it ended.
#[cfg(target_os = "linux")]
fn peak_memory(sandbox: &Sandbox, arguments: &str) -> (u64, super::Ran) {
    use std::io::Read as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_scaleplan"))
        .args(arguments.split_whitespace())
        .current_dir(sandbox.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let code = loop {
        let status = std::fs::read_to_string(&status_file).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        peak = peak.max(kibibytes.unwrap_or(0) << 10);
        if let Some(status) = child.try_wait().expect("it can be asked") {
            break status.code().unwrap_or(-1);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    let mut stderr = String::new();
    let mut pipe = child.stderr.take().expect("it is piped");
    pipe.read_to_string(&mut stderr).expect("messages in UTF-8");
    let stdout = String::new();
    (
        peak,
        super::Ran {
            code,
            stdout,
            stderr,
        },
    )
}

#[cfg(target_os = "linux")]
#[test]
fn a_document_of_100_mb_is_read_in_bounded_memory() {
    const INPUT: usize = 100 << 20;
    const BEYOND: u64 = 200 << 20;
    let sandbox = Sandbox::new();
    let line = "- some text that is neither short nor very long\n";
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n";
    sandbox.write("x.yaml", head.to_owned() + &line.repeat(INPUT / line.len()));
    let (peak, ran) = peak_memory(&sandbox, "simulate x.yaml --trace load.csv -q");
    ran.refused(
        "the manifests hold no HorizontalPodAutoscaler, expected one to replay; found v1/ConfigMap",
    );
    assert!(peak < INPUT as u64 + BEYOND, "{} MiB", peak >> 20);
}

#[cfg(target_os = "linux")]
#[test]
fn an_archive_that_inflates_without_end_is_cut_off() {
    use std::io::Write as _;
    let sandbox = Sandbox::new();
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = "#".repeat(1 << 20);
    for _ in 0..300 {
        bomb.write_all(block.as_bytes()).expect("memory takes it");
    }
    sandbox.write("x.yaml.gz", bomb.finish().expect("memory takes it"));
    let (peak, ran) = peak_memory(&sandbox, "simulate x.yaml.gz -q");
    ran.refused("x.yaml.gz:1:1: inflates to more than 128 MiB");
    assert!(peak < 200 << 20, "{} MiB", peak >> 20);
    let (peak, ran) = peak_memory(&sandbox, "simulate --trace x.yaml.gz -q");
    ran.refused("x.yaml.gz");
    assert!(peak < 200 << 20, "{} MiB", peak >> 20);
}
