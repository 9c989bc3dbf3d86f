//! Answers, parts, secrets and every way in which a server misbehaves.

use super::made_up_server::{MadeUpServer, http, matrix};
use crate::cli::{Ran, Sandbox};

/// Asks for two hours, which fit into one answer.
const TWO_HOURS: &str = "--start 2026-01-01T00:00:00Z --end 2026-01-01T02:00:00Z";

fn ask(sandbox: &Sandbox, address: &str, rest: &str) -> Ran {
    sandbox.run(&format!(
        "simulate web.yaml --prometheus {address} --query rate(hits[1m]) --runs 1 {rest}"
    ))
}

/// One plain answer is played; what else matters is in `check`.
#[track_caller]
fn plays(server: &MadeUpServer, rest: &str) -> Ran {
    let ran = ask(&Sandbox::new(), &server.address, rest);
    assert!(matches!(ran.code, 0 | 1), "{}", ran.stderr);
    ran
}

#[track_caller]
fn refused(server: &MadeUpServer, rest: &str, beginning: &str) {
    let ran = ask(&Sandbox::new(), &server.address, rest);
    let expected = format!("error: {}: {beginning}", server.address);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with(&expected),
        "\nfound    {}expected {expected}",
        ran.stderr
    );
}

fn steady(_: i64) -> f64 {
    20.0
}

#[test]
fn an_answer_is_played_as_its_file_would_be() {
    let server = MadeUpServer::start(|_, request| matrix(request, steady));
    let sandbox = Sandbox::new();
    let live = ask(&sandbox, &server.address, TWO_HOURS);
    assert!(
        live.stdout.contains("Trace rate(hits[1m]), 2.00 h, "),
        "{}",
        live.stdout
    );
    let asked = server.requests.lock().expect("no panic")[0].clone();
    assert!(
        asked.starts_with("GET /api/v1/query_range?query=rate(hits%5B1m%5D)&start=1767225600&end=1767232800&step=15 "),
        "{asked}"
    );
}

#[test]
fn an_answer_is_saved_as_a_file_that_plays_alike() {
    let server = MadeUpServer::start(|_, request| matrix(request, |at| (at / 600 % 5 + 1) as f64));
    let sandbox = Sandbox::new();
    let flags = format!(
        "--prometheus {} --query rate(hits[1m]) {TWO_HOURS}",
        server.address
    );
    let saved = sandbox.run(&format!("trace convert {flags} --step 30s -o saved.csv"));
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    let rows = std::fs::read_to_string(sandbox.path("saved.csv")).expect("it was written");
    assert!(
        rows.starts_with("timestamp,rps\n2026-01-01T00:00:00Z,"),
        "{rows}"
    );
    assert!(rows.contains("\n2026-01-01T00:00:30Z,"), "{rows}");
    let of_live = sandbox.run(&format!("trace info {flags} --step 30s -o json"));
    let of_saved = sandbox.run("trace info saved.csv -o json");
    let levels = |ran: &Ran| -> serde_json::Value {
        let json: serde_json::Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        json["levels"].clone()
    };
    assert_eq!(levels(&of_live), levels(&of_saved));
    let neither = sandbox.run("trace info");
    assert_eq!(neither.code, 2);
    let both = sandbox.run(&format!("trace info load.csv {flags}"));
    assert!(
        both.stderr.contains("cannot be used with"),
        "{}",
        both.stderr
    );
}

#[test]
fn a_long_range_is_asked_for_in_parts_under_the_point_limit() {
    let server = MadeUpServer::start(|_, request| matrix(request, steady));
    // 28,801 points, of which an answer may hold 11,000.
    let five_days = "--start 2026-01-01T00:00:00Z --end 2026-01-06T00:00:00Z";
    let ran = plays(&server, five_days);
    assert!(ran.stdout.contains(", 5.00 d, "), "{}", ran.stdout);
    assert!(!ran.stderr.contains("gap"), "{}", ran.stderr);
    assert_eq!(server.asked(), 3);
}

#[test]
fn a_server_with_a_lower_limit_is_asked_in_smaller_parts() {
    let server = MadeUpServer::start(|index, request| {
        if index == 0 {
            let error = r#"{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}"#;
            return http("422 Unprocessable Entity", "", error);
        }
        matrix(request, steady)
    });
    let ran = plays(&server, TWO_HOURS);
    assert!(ran.stdout.contains(", 2.00 h, "), "{}", ran.stdout);
    // 481 points in parts of 240.
    assert_eq!(server.asked(), 1 + 3);
}

#[test]
fn a_failure_that_may_pass_is_outlasted() {
    for status in [
        "500 Internal Server Error",
        "503 Service Unavailable",
        "429 Too Many Requests",
    ] {
        let server = MadeUpServer::start(move |index, request| match index {
            0 => http(status, "retry-after: 0\r\n", "busy"),
            _ => matrix(request, steady),
        });
        plays(&server, TWO_HOURS);
        assert_eq!(server.asked(), 2, "{status}");
    }
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    let server = MadeUpServer::start(|index, request| {
        let mut whole = matrix(request, steady);
        if index == 0 {
            whole.truncate(whole.len() / 2);
        }
        whole
    });
    plays(&server, TWO_HOURS);
    assert_eq!(server.asked(), 2);
}

#[test]
fn a_failure_that_lasts_is_told_once_it_is_sure() {
    let error = r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#;
    let server = MadeUpServer::start(move |_, _| {
        http("503 Service Unavailable", "retry-after: 0\r\n", error)
    });
    let told = "answered 503 Service Unavailable: query timed out, 5 times in a row\n";
    refused(&server, TWO_HOURS, told);
    assert_eq!(server.asked(), 5);
}

#[test]
fn a_refused_query_is_not_asked_again() {
    let error = r#"{"status":"error","errorType":"bad_data","error":"1:5: parse error"}"#;
    let server = MadeUpServer::start(move |_, _| http("400 Bad Request", "", error));
    refused(
        &server,
        TWO_HOURS,
        "refused the query with 400: 1:5: parse error\n",
    );
    assert_eq!(server.asked(), 1);
}

#[test]
fn what_is_not_prometheus_is_named_for_what_it_is() {
    let answers = [
        (
            http("200 OK", "", "<!doctype html><title>Sign in</title>"),
            "answered with a web page, expected Prometheus' JSON",
        ),
        (http("200 OK", "", "hello"), "the answer is not JSON"),
        (
            http("200 OK", "", "{}"),
            "the answer is not that of a range query",
        ),
        (
            http("404 Not Found", "", "nope"),
            "answered 404 Not Found; is there a path before /api/v1/query_range",
        ),
        (
            http("401 Unauthorized", "", ""),
            "answered 401 Unauthorized; it asks for a secret",
        ),
        (
            http(
                "200 OK",
                "",
                r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#,
            ),
            "the query has no data from 2026-01-01T00:00:00Z to 2026-01-01T02:00:00Z",
        ),
    ];
    for (answer, beginning) in answers {
        let server = MadeUpServer::start(move |_, _| answer.clone());
        refused(&server, TWO_HOURS, beginning);
        assert_eq!(server.asked(), 1, "{beginning}");
    }
}

#[test]
fn a_redirect_is_followed_and_the_secret_stays_on_its_host() {
    let login = MadeUpServer::start(|_, _| http("200 OK", "", "<html>sign in"));
    let elsewhere = login.address.replace("127.0.0.1", "localhost");
    let server = MadeUpServer::start(move |_, _| {
        http("302 Found", &format!("location: {elsewhere}/login\r\n"), "")
    });
    let sandbox = Sandbox::new();
    sandbox.write("token", "hunter2\n");
    let ran = ask(
        &sandbox,
        &server.address,
        &format!("{TWO_HOURS} --prometheus-token-file token"),
    );
    assert!(
        ran.stderr
            .contains("answered with a web page from http://localhost"),
        "{}",
        ran.stderr
    );
    let seen = |server: &MadeUpServer| server.requests.lock().expect("no panic").join("\n");
    assert!(
        seen(&server).contains("authorization: Bearer hunter2"),
        "{}",
        seen(&server)
    );
    assert!(!seen(&login).contains("hunter2"), "{}", seen(&login));
}

#[test]
fn a_ring_of_redirects_ends() {
    let server = MadeUpServer::start(|_, _| http("302 Found", "location: /again\r\n", ""));
    refused(
        &server,
        TWO_HOURS,
        "sends from one address to the next without end",
    );
}

#[test]
fn a_server_that_hangs_is_left_after_the_time_limit() {
    let server = MadeUpServer::start(|index, request| match index {
        0 => Vec::new(),
        _ => matrix(request, steady),
    });
    plays(&server, &format!("{TWO_HOURS} --prometheus-timeout 300ms"));
    assert_eq!(server.asked(), 2);
}

#[test]
fn secrets_come_from_files_or_the_environment_and_never_show() {
    let server = MadeUpServer::start(|_, request| matrix(request, steady));
    let sandbox = Sandbox::new();
    sandbox.write("basic", "ann:hunter2");
    let mut command = sandbox.command();
    let arguments = format!(
        "simulate web.yaml --prometheus {} --query hits --runs 1 {TWO_HOURS}",
        server.address
    );
    let from_environment = Ran::of(
        command
            .args(arguments.split_whitespace())
            .env("SCALEPLAN_PROMETHEUS_TOKEN", "abc123"),
    );
    let from_file = ask(
        &sandbox,
        &server.address,
        &format!("{TWO_HOURS} --prometheus-basic-file basic --prometheus-tenant shop"),
    );
    for ran in [from_environment, from_file] {
        let said = ran.report();
        assert!(
            !said.contains("abc123") && !said.contains("hunter2"),
            "{said}"
        );
    }
    let requests = server.requests.lock().expect("no panic");
    assert!(
        requests[0].contains("authorization: Bearer abc123"),
        "{}",
        requests[0]
    );
    assert!(
        requests[1].contains("authorization: Basic YW5uOmh1bnRlcjI="),
        "{}",
        requests[1]
    );
    assert!(
        requests[1].contains("x-scope-orgid: shop"),
        "{}",
        requests[1]
    );
}

#[test]
fn a_query_too_long_for_an_address_goes_as_a_form() {
    let server = MadeUpServer::start(|_, request| matrix(request, steady));
    let query = format!("hits{{pod=~\"{}\"}}", "web|".repeat(2000));
    let sandbox = Sandbox::new();
    let mut command = sandbox.command();
    let start = TWO_HOURS.split_whitespace();
    command.args([
        "simulate",
        "web.yaml",
        "--runs",
        "1",
        "--prometheus",
        &server.address,
    ]);
    command.args(["--query", &query]).args(start);
    Ran::of(&mut command).report();
    assert!(server.requests.lock().expect("no panic")[0].starts_with("POST /api/v1/query_range "));
}

#[test]
fn flags_that_do_not_fit_are_refused_before_anything_is_asked() {
    let server = MadeUpServer::start(|_, request| matrix(request, steady));
    let sandbox = Sandbox::new();
    for (rest, beginning) in [
        (
            "--start 2026-01-02T00:00:00Z --end 2026-01-01T00:00:00Z",
            "error: --start 2026-01-02T00:00:00Z is not before --end",
        ),
        (
            "--start yesterday",
            "error: --start: `yesterday` is no time",
        ),
        (
            "--since 1d --start 0",
            "error: the argument '--since <TIME>' cannot be used with '--start <TIME>'",
        ),
        ("--since 1d --step 1us", "error: --step: "),
        (
            "--prometheus-token-file gone",
            "error: gone: cannot be read",
        ),
        (
            "--prometheus-ca web.yaml",
            "error: web.yaml: holds no certificate",
        ),
        (
            "--prometheus-timeout 0",
            "error: --prometheus-timeout: expected a time above zero",
        ),
        (
            "--trace load.csv",
            "error: the argument '--prometheus <URL>' cannot be used with '--trace <FILE>'",
        ),
    ] {
        let ran = ask(&sandbox, &server.address, rest);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert!(
            ran.stderr.starts_with(beginning),
            "\nfound    {}expected {beginning}",
            ran.stderr
        );
    }
    assert_eq!(server.asked(), 0);
    for (query, beginning) in [
        (
            "sum(increase(hits[1m]))",
            "error: --query: increase() counts requests per window",
        ),
        (
            "rate(container_cpu_usage_seconds_total[1m])",
            "error: --query: are these requests per second, or is it cpu in use?",
        ),
    ] {
        let ran = sandbox.run(&format!(
            "simulate web.yaml --prometheus {} --query {query}",
            server.address
        ));
        assert!(ran.stderr.starts_with(beginning), "{}", ran.stderr);
    }
}
