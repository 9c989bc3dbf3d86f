//! The page in Chromium: it loads without complaint, zooms, tells what is under the pointer, and explains decisions.
//!
//! Where it is not installed these tests say so and hold nothing, unless `SCALEPLAN_CHROMIUM` says that it must be there.

use std::env;
use std::process::Command;

use super::{attacked_page, bare_pages, page};
use crate::cli::Sandbox;

/// Does to a page what a reader does.
const DRIVER: &str = include_str!("driver.js");

/// What the page said at each step of the driver; `None` where there is no Chromium.
fn driven(sandbox: &Sandbox, page: &str) -> Option<Vec<(String, String)>> {
    // The page's policy knows none but its own scripts.
    let driven = page
        .replace(
            "script-src &#39;",
            "script-src &#39;nonce-driver&#39; &#39;",
        )
        .replace(
            "</body>",
            &format!("<script nonce=\"driver\">{DRIVER}</script></body>"),
        );
    assert_ne!(driven, page);
    sandbox.write("driven.html", driven);
    let dom = loaded(sandbox, "driven.html")?;
    let (_, said) = dom
        .split_once("<pre id=\"said\">")
        .expect("the driver ended");
    let (said, _) = said.split_once("</pre>").expect("its lines");
    let lines = said.lines().filter_map(|line| line.split_once(": "));
    Some(
        lines
            .map(|(what, text)| (what.to_owned(), text.to_owned()))
            .collect(),
    )
}

/// The document once its scripts have run. Nothing may be written to the console.
fn loaded(sandbox: &Sandbox, name: &str) -> Option<String> {
    let (dom, console) = shown(sandbox, name)?;
    assert!(console.is_empty(), "{console:?}");
    Some(dom)
}

/// The document once its scripts have run, and what was written to the console.
fn shown(sandbox: &Sandbox, name: &str) -> Option<(String, Vec<String>)> {
    let ran = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--virtual-time-budget=10000",
            "--enable-logging=stderr",
            "--window-size=1400,2000",
            "--dump-dom",
        ])
        .arg(format!(
            "--user-data-dir={}",
            sandbox.path("profile").display()
        ))
        .arg(format!("file://{}", sandbox.path(name).display()))
        .output();
    let Ok(ran) = ran else {
        is_absent();
        return None;
    };
    let told = String::from_utf8_lossy(&ran.stderr);
    let console = told.lines().filter(|line| line.contains(":CONSOLE"));
    let console = console.map(str::to_owned).collect();
    Some((String::from_utf8_lossy(&ran.stdout).into_owned(), console))
}

/// Says that nothing was tested, which is a failure where Chromium must be there.
#[expect(clippy::print_stderr, reason = "a test that holds nothing says so")]
fn is_absent() {
    let must = env::var_os("SCALEPLAN_CHROMIUM").is_some();
    assert!(
        !must,
        "chromium is not installed, and SCALEPLAN_CHROMIUM says that it is"
    );
    eprintln!("chromium is not installed: nothing was tested");
}

#[track_caller]
fn check(said: &[(String, String)], expected: &[(&str, &str)]) {
    for (what, text) in expected {
        let found = said.iter().find(|(step, _)| step == what);
        assert_eq!(found.map(|(_, text)| text.as_str()), Some(*text), "{what}");
    }
}

#[test]
fn a_reader_zooms_points_and_opens_decisions() {
    let sandbox = Sandbox::new();
    sandbox.write("load.csv", super::swinging_load(1));
    let page = page(&sandbox, "--cpu-per-request 10ms");
    let Some(said) = driven(&sandbox, &page) else {
        return;
    };
    let everything = "Shown: 0:00:00 to 1 d 0:00:00 (1 d)";
    check(
        &said,
        &[
            ("panels", "8"),
            ("empty panels", "0"),
            ("all", everything),
            ("hover", "12:00:00"),
            ("markers", "1"),
            ("dragged", "Shown: 6:00:00 to 12:00:00 (6 h)"),
            ("double-clicked", everything),
            ("plus", "Shown: 6:00:00 to 18:00:00 (12 h)"),
            ("shift right", "Shown: 9:00:00 to 21:00:00 (12 h)"),
            ("minus", everything),
            ("zero", everything),
            ("right", "12:07:12"),
            ("open", "true"),
            (
                "terms",
                "Inputs, What the metrics came to, cpu 50 %, From proposal to scale, What bound it",
            ),
            ("marked", "true"),
            ("closed", "0"),
            ("entered", "1"),
        ],
    );
    let explained = said.iter().find(|(step, _)| step == "explained");
    let explained = explained.map(|(_, text)| text.as_str()).unwrap_or_default();
    for part in ["requests/s", "% measured", "⌉ = ", "written "] {
        assert!(explained.contains(part), "{explained}");
    }
}

#[test]
fn a_hostile_name_is_only_a_name() {
    let sandbox = Sandbox::new();
    let Some(said) = driven(&sandbox, &attacked_page()) else {
        return;
    };
    check(
        &said,
        &[
            ("panels", "8"),
            ("strangers", "0"),
            ("taken over", "undefined"),
        ],
    );
    let title = said.iter().find(|(step, _)| step == "title");
    assert!(title.is_some_and(|(_, text)| text.contains("&lt;img src=x onerror=")));
}

#[test]
fn what_has_no_number_is_drawn_without_complaint() {
    let sandbox = Sandbox::new();
    for (page, panels) in bare_pages().iter().zip([8, 8, 0]) {
        sandbox.write("bare.html", page);
        let Some(dom) = loaded(&sandbox, "bare.html") else {
            return;
        };
        assert_eq!(dom.matches("<canvas").count(), panels);
    }
}

#[test]
fn a_script_that_is_not_the_page_s_own_is_refused() {
    let sandbox = Sandbox::new();
    let page = page(&sandbox, "");
    let foreign = "<script>document.body.dataset.foreign = 1</script></body>";
    sandbox.write("foreign.html", page.replace("</body>", foreign));
    let Some((dom, console)) = shown(&sandbox, "foreign.html") else {
        return;
    };
    assert!(dom.contains("<canvas") && !dom.contains("data-foreign"));
    assert_eq!(console.len(), 1, "{console:?}");
}
