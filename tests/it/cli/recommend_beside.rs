use std::fs;

use super::recommend::{spikes, unwrapped, wave};
use super::{LOAD, Ran, Sandbox, WEB};

/// The flags that leave only the two counts to be turned.
const COUNTS_ALONE: &str =
    "--fix target,up-window,down-window,up-policies,down-policies,up-tolerance,down-tolerance";

fn with_replicas(replicas: u32) -> String {
    WEB.replace(
        "metadata: {name: web}\nspec:\n",
        &format!("metadata: {{name: web}}\nspec:\n  replicas: {replicas}\n"),
    )
}

fn sandbox(manifest: &str, load: String) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", manifest);
    sandbox.write("load.csv", load);
    sandbox
}

/// A small search for containers.
fn recommend(sandbox: &Sandbox, further: &str) -> Ran {
    sandbox.run(&format!(
        "recommend web.yaml --trace load.csv --backend container --runs 4 --budget 150 --confidence 75 -q {further}"
    ))
}

#[test]
fn a_count_in_the_workload_forbids_no_floor_above_it() {
    let advised = |manifest: &str| {
        let sandbox = sandbox(manifest, spikes());
        let ran = recommend(
            &sandbox,
            &format!("--cpu-per-request 10ms {COUNTS_ALONE} -o json"),
        );
        let told: serde_json::Value = serde_json::from_str(&ran.report()).expect("JSON");
        let part = &told["parts"][0];
        assert_eq!(part["conclusion"], "change", "{part}");
        (part["best"]["settings"].clone(), told["along"].clone())
    };
    let (free, nothing) = advised(WEB);
    assert_eq!(nothing, serde_json::json!([]));
    let (beside, along) = advised(&with_replicas(1));
    assert_eq!(beside, free);
    assert_eq!(along[0]["rule"], "SP205");
    assert_eq!(along[0]["object"], "Deployment web");
    assert_eq!(along[0]["file"], "web.yaml");
    assert_eq!(
        along[0]["help"],
        "remove replicas and leave the count to the autoscaler"
    );
}

#[test]
fn what_has_to_be_edited_along_is_named_where_it_is_read() {
    let expected = "Along with it, edit Deployment web in web.yaml: remove replicas and leave the count to the autoscaler; \
                    otherwise each apply takes Deployment web to 1 replicas, below minReplicas";
    let asked = format!("--cpu-per-request 10ms {COUNTS_ALONE}");
    for form in ["table", "markdown"] {
        let sandbox = sandbox(&with_replicas(1), spikes());
        let told = recommend(&sandbox, &format!("{asked} -o {form}")).report();
        let told = unwrapped(&told).replace(['\\', '`'], "");
        assert!(told.contains(expected), "{told}");
    }
    for (further, changes) in [("--write", true), ("--patch json", false)] {
        let sandbox = sandbox(&with_replicas(1), spikes());
        let ran = recommend(&sandbox, &format!("{asked} {further}"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let told = ran.stderr.replace('`', "");
        assert!(told.contains(expected), "{told}");
        let after = fs::read_to_string(sandbox.path("web.yaml")).expect("the file");
        assert_eq!(after != with_replicas(1), changes);
    }
}

#[test]
fn the_rules_that_settings_were_left_out_for_are_named() {
    let quota = format!(
        "{WEB}---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: all}}\nspec: {{hard: {{pods: '10'}}}}\n"
    );
    let sandbox = sandbox(&quota, spikes().replace("110.0", "400.0"));
    let told = recommend(
        &sandbox,
        &format!("--cpu-per-request 10ms {COUNTS_ALONE} --fail-on never"),
    );
    let told = unwrapped(&told.report());
    assert!(
        told.contains("Settings that lint warns of were left out: SP213 quota-below-max"),
        "{told}"
    );
}

#[test]
fn a_guess_is_written_only_where_it_is_asked_for() {
    let asked = "--fix min=3 --slo p90<20s --write";
    let sandbox = sandbox(WEB, LOAD.to_owned());
    let refused = recommend(&sandbox, asked);
    assert_eq!(refused.code, 2, "{}", refused.stdout);
    for expected in [
        "--write: the advice is a guess at best (the trace is too short to judge settings by",
        "the manifest is left as it is; --accept-unproven writes it all the same",
    ] {
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
    }
    let read = || fs::read_to_string(sandbox.path("web.yaml")).expect("the file");
    assert_eq!(read(), WEB);
    let written = recommend(&sandbox, &format!("{asked} --accept-unproven"));
    assert_eq!(written.code, 0, "{}", written.stderr);
    assert!(read().contains("minReplicas: 3"), "{}", read());
}

#[test]
fn an_empty_patch_says_why() {
    let sandbox = sandbox(WEB, wave());
    for (form, nothing) in [("json", "[]\n"), ("strategic", "{}\n")] {
        let ran = recommend(
            &sandbox,
            &format!("--patch {form} --slo p99<1ms --fix min,max {COUNTS_ALONE}"),
        );
        assert_eq!((ran.code, ran.stdout.as_str()), (1, nothing));
        assert!(
            ran.stderr.contains("warning: the patch is empty. "),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn what_nothing_scales_is_not_advised_and_played_with_a_caution() {
    let single = WEB.replace(
        "apiVersion: apps/v1, kind: Deployment",
        "apiVersion: kubevirt.io/v1, kind: VirtualMachine",
    );
    let sandbox = sandbox(&single, wave());
    let ran = recommend(&sandbox, "");
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(
        ran.stderr
            .contains("VirtualMachine web has no count that could be scaled, expected a target"),
        "{}",
        ran.stderr
    );
    let played = sandbox.run("simulate web.yaml --trace load.csv --runs 2 -q");
    assert!(
        unwrapped(&played.stdout).contains(
            "Caution: VirtualMachine web has no count that could be scaled, so that its autoscaler does nothing"
        ),
        "{}",
        played.stdout
    );
}

#[test]
fn cautions_stand_beside_the_verdict() {
    let sandbox = sandbox(WEB, wave());
    let check = |further: &str, expected: &str, is_there: bool| {
        let ran = sandbox.run(&format!(
            "simulate web.yaml --trace load.csv --runs 2 -q {further}"
        ));
        let (beside, _) = ran
            .stdout
            .split_once("\nLatency  ")
            .expect("a table of figures");
        assert_eq!(
            unwrapped(beside).contains(expected),
            is_there,
            "{further}: {beside}"
        );
    };
    let fitted =
        "Caution: the load was fitted to the autoscaler: its peak is taken to need 6 replicas";
    check("", fitted, true);
    check("--cpu-per-request 10ms", fitted, false);
    check(
        "--cpu-per-request 30m",
        "in --cpu-per-request ms are milliseconds and m minutes",
        true,
    );
    let bound =
        "Caution: on container latency says how many replicas it takes, not the metric target";
    let tight = "--cpu-per-request 10ms --slo p99<240ms";
    check(tight, bound, true);
    check(tight, "--service-time tells yours", true);
    let said = format!("{tight} --service-time 50ms");
    check(&said, bound, true);
    check(&said, "--service-time tells yours", false);
}

#[test]
fn demand_that_keeps_no_objective_says_so() {
    let sandbox = sandbox(WEB, wave());
    let told = |further: &str| {
        let ran = sandbox.run(&format!(
            "simulate web.yaml --trace load.csv --runs 2 --backend container -q {further}"
        ));
        unwrapped(&ran.stdout)
    };
    let row = "to serve it at all, too late";
    assert!(!told("--slo p99<300ms").contains(row));
    assert!(told("--slo p99<100ms").contains(row));
}

#[test]
fn what_rests_on_the_assumed_service_time_says_so() {
    let sandbox = sandbox(WEB, wave());
    let told = |further: &str| {
        let ran = recommend(
            &sandbox,
            &format!("--cpu-per-request 10ms {COUNTS_ALONE} --fail-on never {further}"),
        );
        unwrapped(&ran.report())
    };
    let assumed = "with the assumed service time of 50ms in the mean: --service-time tells yours";
    assert!(told("").contains(assumed));
    assert!(!told("--service-time 50ms").contains(assumed));
}

#[test]
fn one_episode_of_lag_is_told_once() {
    let load = (0..120).map(|row| {
        let rate = if (40..80).contains(&row) { 100 } else { 10 };
        format!("{},{rate}\n", row * 30)
    });
    let load = format!("timestamp,rps\n{}", load.collect::<String>());
    let ran = sandbox(WEB, load).run(
        "simulate web.yaml --trace load.csv --cpu-per-request 10ms --runs 1 --backend container -q",
    );
    let detects = ran
        .stdout
        .lines()
        .filter(|line| line.trim_start().starts_with("detect "));
    assert_eq!(detects.count(), 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("\n  longest   "), "{}", ran.stdout);
}

#[test]
fn help_names_the_schema_of_advice() {
    let told = Sandbox::new().run("recommend --help").stdout;
    assert!(
        unwrapped(&told).contains("docs/advice-schema.json"),
        "{told}"
    );
}
