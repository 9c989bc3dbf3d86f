//! The same command gives the same bytes, on any number of threads; another seed gives others.

use crate::cli::{Ran, Sandbox};

const FORMS: [&str; 3] = ["table", "json", "csv"];

fn report(sandbox: &Sandbox, threads: usize, arguments: &str) -> String {
    let mut command = sandbox.command();
    command.env("RAYON_NUM_THREADS", threads.to_string());
    Ran::of(command.args(arguments.split_whitespace())).report()
}

#[track_caller]
fn check_same_bytes(arguments: &str) {
    let sandbox = Sandbox::new();
    for form in FORMS {
        let arguments = format!("simulate -q -o {form} {arguments}");
        let alone = report(&sandbox, 1, &arguments);
        for threads in [1, 2, 7] {
            assert!(
                report(&sandbox, threads, &arguments) == alone,
                "{threads} threads: {arguments}"
            );
        }
    }
}

#[test]
fn the_default_replay_gives_the_same_bytes_on_any_number_of_threads() {
    check_same_bytes("--runs 5");
}

#[test]
fn a_seed_gives_the_same_bytes_on_any_number_of_threads() {
    check_same_bytes("web.yaml --trace load.csv --seed 42 --runs 11");
}

/// The first of the counts of threads is played a second time, so this also holds that twice is the same.
#[test]
fn requests_one_by_one_give_the_same_bytes_on_any_number_of_threads_and_twice() {
    check_same_bytes("web.yaml --trace load.csv --fidelity discrete --seed 42 --runs 11");
}

#[test]
fn another_seed_gives_other_bytes() {
    let sandbox = Sandbox::new();
    for form in FORMS {
        let with = |seed: u32| {
            let arguments =
                format!("simulate -q -o {form} web.yaml --trace load.csv --runs 3 --seed {seed}");
            let report = report(&sandbox, 2, &arguments);
            // The seed itself stands in the report.
            report.replace(&seed.to_string(), "")
        };
        assert_ne!(with(11), with(12));
    }
}
