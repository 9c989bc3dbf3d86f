//! Settings and manifests that are legal, and that nobody would write: a report or a refusal, at once and in little memory.

use super::{Sandbox, WEB};

/// A report comes.
#[track_caller]
fn check_played(arguments: &str) -> String {
    Sandbox::new().play(arguments).report()
}

/// The setting is refused, and the message says what would do.
#[track_caller]
fn check_refused(arguments: &str, expected: &str) {
    Sandbox::new()
        .run(&format!(
            "simulate web.yaml --trace load.csv -q {arguments}"
        ))
        .refused(expected);
}

#[track_caller]
fn check_manifest(manifest: &str, arguments: &str) {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", manifest);
    sandbox.play(arguments).report();
}

#[track_caller]
fn check_trace(trace: &str, arguments: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write("load.csv", trace);
    sandbox.play(arguments).report()
}

#[test]
fn settings_at_the_ends_of_their_ranges_are_played() {
    for arguments in [
        "--sync-period 100ms",
        "--sync-period 24h",
        "--tolerance 0",
        "--tolerance 1e6",
        "--service-time 1us",
        "--service-time 24h",
        "--service-scv 0",
        "--service-scv 100",
        "--timeout 1ms --slo 99%<1ms",
        "--timeout 24h",
        "--concurrency 4294967295",
        "--initial-replicas 0",
        "--initial-replicas 2147483647",
        "--peak-replicas 2147483647",
        "--peak-replicas 0.000001",
        "--cpu-per-request 1us",
        "--cpu-per-request 24h",
        "--probe-period 0",
        "--probe-period 10000d",
        "--probe-successes 4294967295",
        "--probe-initial-delay 10000d",
        "--grace-period 0",
        "--grace-period 10000d",
        "--container-prepare 0s --container-start 0s --container-ready 0s --probe-period 0",
        "--container-ready exp(0s)",
        "--container-prepare 1..20000h",
        "--vm-prepare 1e300s",
        "--container-path-latency 10000d",
        "--cpu-request 1n",
        "--cpu-limit 1e6",
        "--memory-request 0",
        "--memory-idle 16Ti",
        "--memory-per-request 16Ti",
        "--downscale-stabilization 0",
        "--downscale-stabilization 10000d",
        "--cpu-initialization-period 10000d",
        "--usage-interval 100ms --metrics-interval 100ms --custom-metrics-interval 100ms",
        "--metrics-interval 24h",
        "--price-per-core-hour 0",
        "--price-per-core-hour 1e12",
        "--seed 18446744073709551615",
        "--slo 99.99999999%<1us",
        "--slo p1<24h --timeout 24h",
        "--slo p99<300ms@99.9999999%",
        "--slo p99<300ms@0.001%",
        "--runs 1",
    ] {
        let runs = if arguments.contains("--runs") {
            ""
        } else {
            "--runs 1"
        };
        let sandbox = Sandbox::new();
        let ran = sandbox.run(&format!(
            "simulate web.yaml --trace load.csv -q {runs} {arguments}"
        ));
        assert!(!ran.stderr.contains("error"), "{arguments}: {}", ran.stderr);
        ran.report();
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one line for each refusal")]
fn settings_beyond_their_ranges_are_refused() {
    check_refused(
        "--runs 0",
        "runs is `0`, expected a whole number from 1 to 10,000",
    );
    check_refused(
        "--runs 4000000000",
        "runs is `4000000000`, expected a whole number",
    );
    check_refused("--runs -1", "invalid value '-1' for '--runs <N>'");
    check_refused(
        "--sync-period 0",
        "sync-period is `0s`, expected a time from 100ms to 24h",
    );
    check_refused(
        "--sync-period -5s",
        "invalid value '-5s' for '--sync-period <TIME>': `-5s` is not a length of time",
    );
    check_refused(
        "--tolerance NaN",
        "tolerance is `NaN`, expected a finite number",
    );
    check_refused(
        "--tolerance -0.1",
        "tolerance is `-0.1`, expected a finite number, zero or more",
    );
    check_refused(
        "--service-time 0",
        "service-time is `0s`, expected a time from 1us to 24h",
    );
    check_refused(
        "--timeout 0",
        "timeout is `0s`, expected a time from 1ms to 24h",
    );
    check_refused(
        "--timeout 100ms",
        "timeout is `100ms`, expected at least the latency of the objective",
    );
    check_refused(
        "--timeout 1000d",
        "timeout is `24000h`, expected a time from 1ms to 24h",
    );
    check_refused("--concurrency 0", "concurrency is `0`, expected at least 1");
    check_refused(
        "--initial-replicas 4000000000",
        "initial-replicas is `4000000000`, expected at most 2147483647",
    );
    check_refused(
        "--rate-scale 1e300",
        "rate-scale is `1e300`, expected a number above zero",
    );
    check_refused(
        "--rate-scale 0",
        "rate-scale is `0`, expected a number above zero",
    );
    check_refused(
        "--rate-scale inf",
        "rate-scale is `inf`, expected a number above zero",
    );
    check_refused(
        "--peak-replicas -1",
        "peak-replicas is `-1`, expected a number above zero",
    );
    check_refused(
        "--cpu-request 0",
        "web.yaml:13:1: the containers of Deployment web request no cpu",
    );
    check_refused(
        "--cpu-request -1",
        "invalid value '-1' for '--cpu-request <CPU>': `-1` is negative",
    );
    check_refused(
        "--memory-request 8Ei",
        "memory-request is `9.223372036854776e15`, expected at most 16Ti",
    );
    check_refused(
        "--cpu-limit 0",
        "cpu-limit is `0`, expected from 1m to a million cores",
    );
    check_refused(
        "--cpu-idle 200m",
        "cpu-idle is `0.2`, expected less than the cpu limit",
    );
    check_refused(
        "--price-per-core-hour nan",
        "price-per-core-hour is `NaN`, expected a finite number",
    );
    check_refused(
        "--slo 100%<300ms",
        "invalid value '100%<300ms' for '--slo <SLO>'",
    );
    check_refused(
        "--step 0",
        "load.csv: a step of 0s was given, expected a positive length (--step",
    );
    check_refused(
        "--time-column 99",
        "load.csv: there is no column `99`, expected one of `timestamp`, `rps` (--time-column",
    );
    check_refused(
        "--backend nope",
        "there is no backend `nope`, there are container, vm",
    );
}

#[test]
fn a_workload_put_to_sleep_by_hand_is_warned_of() {
    let report = check_played("--initial-replicas 0");
    assert!(
        report.contains("turns the autoscaler off (ScalingDisabled)"),
        "{report}"
    );
}

#[test]
fn autoscalers_at_the_ends_of_their_ranges_are_played() {
    let with = |from: &str, to: &str| WEB.replacen(from, to, 1);
    check_manifest(&with("maxReplicas: 10", "maxReplicas: 2147483647"), "");
    check_manifest(
        &with(
            "minReplicas: 1\n  maxReplicas: 10",
            "minReplicas: 2147483647\n  maxReplicas: 2147483647",
        ),
        "",
    );
    check_manifest(
        &with(
            "minReplicas: 1\n  maxReplicas: 10",
            "minReplicas: 3\n  maxReplicas: 3",
        ),
        "",
    );
    check_manifest(
        &with("averageUtilization: 50", "averageUtilization: 2147483647"),
        "",
    );
    check_manifest(&with("averageUtilization: 50", "averageUtilization: 1"), "");
    let window = "stabilizationWindowSeconds: 3600, policies: [{type: Percent, value: 2147483647, periodSeconds: 1800}]";
    check_manifest(
        &with(
            "---",
            &format!("  behavior: {{scaleUp: {{{window}}}, scaleDown: {{{window}}}}}\n---"),
        ),
        "",
    );
}

#[test]
fn external_metrics_scale_to_zero_and_thirty_metrics_are_weighed() {
    let cpu = "  - type: Resource\n    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}\n";
    let external = "  - {type: External, external: {metric: {name: q}, target: {type: AverageValue, averageValue: 30}}}\n";
    let asleep = WEB
        .replacen("minReplicas: 1", "minReplicas: 0", 1)
        .replace(cpu, external);
    check_manifest(&asleep, "--metric q=backlog --cpu-per-request 10ms");
    let pods = |n: u32| {
        format!(
            "  - {{type: Pods, pods: {{metric: {{name: m{n}}}, target: {{type: AverageValue, averageValue: {}}}}}}}\n",
            n + 10
        )
    };
    let many = (0..30).map(pods).collect::<Vec<_>>().concat();
    let mapping = |n: u32| format!("--metric m{n}=rate ");
    let mappings = (0..30).map(mapping).collect::<Vec<_>>().concat();
    check_manifest(&WEB.replace(cpu, &many), &mappings);
}

#[test]
fn traces_of_an_instant_and_of_decades_are_played() {
    let row = |n: u32| format!("{n}e-9,{}\n", 5 + n % 3);
    let nanoseconds = (0..1000).map(row).collect::<Vec<_>>().concat();
    check_trace(&format!("timestamp,rps\n{nanoseconds}"), "");
    check_trace("timestamp,rps\n0,5\n0.5,7\n", "");
    check_trace("timestamp,rps\n0,50\n", "--step 15s");
    check_trace("timestamp,rps\n0,1e-15\n15,1e-300\n30,1e-15\n", "");
    check_trace("timestamp,rps\n0,1e9\n15,1e8\n30,1e9\n", "");
    let report = check_trace(
        "timestamp,rps\n0,5\n315360000,7\n",
        "--sync-period 24h --metrics-interval 24h --usage-interval 24h --backend container",
    );
    assert!(report.contains("7,300 d"), "{report}");
}
