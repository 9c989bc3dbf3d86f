//! The package's own Prometheus with a block made by its own promtool.
//!
//! Where it is not installed these tests say so and hold nothing, unless `SCALEPLAN_PROMETHEUS` says that it must be there.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::cli::{Ran, Sandbox};

/// 2026-01-01T00:00:00Z.
const START: u64 = 1_767_225_600;
/// Three days at 15 s: more than one answer may hold.
const STEPS: u64 = 3 * 5760;

/// A Prometheus that ends with the test.
struct Prometheus {
    process: Child,
    port: u16,
}

impl Prometheus {
    /// Starts it on the block that holds two pods' counters, with these further settings for its web server.
    fn start(sandbox: &Sandbox, scheme: &str, web_config: &str) -> Option<Self> {
        if Command::new("prometheus")
            .arg("--version")
            .output()
            .is_err()
        {
            is_absent("prometheus");
            return None;
        }
        sandbox.write("load.om", counters());
        sandbox.write("prometheus.yml", "{}");
        sandbox.write("web.yml", web_config);
        let made = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics"])
            .args([sandbox.path("load.om"), sandbox.path("data")])
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("promtool runs").success());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let option = |name: &str, file: &str| format!("--{name}={}", sandbox.path(file).display());
        let process = Command::new("prometheus")
            .arg(option("config.file", "prometheus.yml"))
            .arg(option("storage.tsdb.path", "data"))
            .arg(option("web.config.file", "web.yml"))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(fs::File::create(sandbox.path("prometheus.log")).expect("a log"))
            .spawn()
            .expect("prometheus starts");
        let started = Self { process, port };
        started.wait_until_ready(sandbox, scheme);
        Some(started)
    }

    fn wait_until_ready(&self, sandbox: &Sandbox, scheme: &str) {
        for _ in 0..300 {
            let log = fs::read_to_string(sandbox.path("prometheus.log")).unwrap_or_default();
            if log.contains("Server is ready to receive web requests") {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("{scheme}://127.0.0.1:{} did not get ready", self.port);
    }

    fn address(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.port)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended by itself; the folder goes either way.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Two counters that grow by 10 and 30 a second; the second one restarts once.
fn counters() -> String {
    let mut text = String::from("# TYPE hits counter\n");
    for (pod, rate, restart) in [("web-0", 10, u64::MAX), ("web-1", 30, 9000)] {
        for step in 0..STEPS {
            let since = if step >= restart {
                step - restart
            } else {
                step
            };
            let time = START + step * 15;
            let value = since * 15 * rate;
            let line = writeln!(text, "hits_total{{pod=\"{pod}\"}} {value} {time}");
            line.expect("memory takes it");
        }
    }
    text + "# EOF\n"
}

fn ask(sandbox: &Sandbox, address: &str, query: &str, rest: &str) -> Ran {
    sandbox.run(&format!(
        "simulate web.yaml --runs 1 --rate-scale 1 -o json --prometheus {address} --query {query} --start 2026-01-01T00:15:00Z --end 2026-01-03T23:45:00Z {rest}"
    ))
}

/// The requests of the report: 40 a second over as many seconds, within `part`.
#[track_caller]
fn holds_forty_a_second(ran: Ran, part: f64) {
    let report: serde_json::Value = serde_json::from_str(&ran.report()).expect("JSON");
    let trace = &report["scenario"]["trace"];
    let figure = |name: &str| trace[name].as_f64().expect("a figure of the trace");
    let rate = figure("requests") / figure("durationSeconds");
    assert!((rate / 40.0 - 1.0).abs() < part, "{rate}");
}

#[test]
fn rates_and_raw_counters_give_the_same_load_over_several_answers() {
    let sandbox = Sandbox::new();
    let Some(prometheus) = Prometheus::start(&sandbox, "http", "{}") else {
        return;
    };
    let address = prometheus.address("http");
    holds_forty_a_second(
        ask(&sandbox, &address, "sum(rate(hits_total[1m]))", ""),
        1e-3,
    );
    holds_forty_a_second(ask(&sandbox, &address, "hits_total", ""), 1e-3);
    let wrong = ask(&sandbox, &address, "sum(rate(", "");
    let expected = format!("error: {address}: refused the query with 400: ");
    assert!(wrong.stderr.starts_with(&expected), "{}", wrong.stderr);
}

#[test]
fn with_tls_its_own_authority_is_trusted_and_no_other() {
    let sandbox = Sandbox::new();
    if !make_certificate(&sandbox) {
        return;
    }
    let web = format!(
        "tls_server_config: {{cert_file: {}, key_file: {}}}\nbasic_auth_users: {{ann: {PASSWORD_HASH}}}\n",
        sandbox.path("server.pem").display(),
        sandbox.path("server.key").display()
    );
    let Some(prometheus) = Prometheus::start(&sandbox, "https", &web) else {
        return;
    };
    sandbox.write("basic", "ann:test");
    sandbox.write("wrong", "ann:guess");
    let address = prometheus.address("https");
    let query = "sum(rate(hits_total[1m]))";
    let ca = "--prometheus-ca ca.pem";
    let untrusted = ask(&sandbox, &address, query, "--prometheus-basic-file basic");
    assert!(
        untrusted.stderr.contains("its certificate is not trusted"),
        "{}",
        untrusted.stderr
    );
    let nobody = ask(&sandbox, &address, query, ca);
    assert!(
        nobody
            .stderr
            .contains("answered 401 Unauthorized; it asks for a secret"),
        "{}",
        nobody.stderr
    );
    let wrong = ask(
        &sandbox,
        &address,
        query,
        &format!("{ca} --prometheus-basic-file wrong"),
    );
    assert!(
        wrong.stderr.contains("the secret was not accepted"),
        "{}",
        wrong.stderr
    );
    let ann = ask(
        &sandbox,
        &address,
        query,
        &format!("{ca} --prometheus-basic-file basic"),
    );
    holds_forty_a_second(ann, 1e-3);
}

/// bcrypt of `test`, as Prometheus' own documentation of its web configuration shows it.
const PASSWORD_HASH: &str = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay";

/// An authority, and a certificate of its for the loopback address; false where there is no openssl.
fn make_certificate(sandbox: &Sandbox) -> bool {
    sandbox.write("names", "subjectAltName=IP:127.0.0.1\n");
    let run = |arguments: &str| {
        let ran = Command::new("openssl")
            .current_dir(sandbox.path(""))
            .args(arguments.split_whitespace())
            .output();
        ran.map(|ran| ran.status.success())
    };
    let new_key = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    let made = [
        format!("{new_key} -x509 -days 2 -subj /CN=authority -keyout ca.key -out ca.pem"),
        format!("{new_key} -subj /CN=prometheus -keyout server.key -out server.csr"),
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem".to_owned(),
    ];
    for arguments in made {
        let Ok(done) = run(&arguments) else {
            is_absent("openssl");
            return false;
        };
        assert!(done, "openssl {arguments}");
    }
    true
}

/// Says that nothing was tested for want of this tool, which is a failure where it must be there.
#[expect(clippy::print_stderr, reason = "a test that holds nothing says so")]
fn is_absent(tool: &str) {
    let must = env::var_os("SCALEPLAN_PROMETHEUS").is_some();
    assert!(
        !must,
        "{tool} is not installed, and SCALEPLAN_PROMETHEUS says that it is"
    );
    eprintln!("{tool} is not installed: nothing was tested");
}
