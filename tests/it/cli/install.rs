//! `completions` and `man`, installed by the lines of `docs/install.md`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::Sandbox;
use crate::docs::{document, fenced};

/// Runs shell lines at home, with the binary on the path.
fn shell(home: &Path, lines: &str) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_scaleplan"));
    let folder = binary.parent().expect("the binary is in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new("bash")
        .args(["-ec", lines])
        .current_dir(home)
        .env("HOME", home)
        .env("PATH", format!("{}:{path}", folder.display()))
        .output()
        .expect("there is a bash")
}

#[test]
fn the_documented_lines_install_completions_and_manual() {
    let folder = TempDir::new().expect("a temporary folder");
    let home = folder.path();
    for lines in fenced(&document("docs/install.md"), "bash") {
        let ran = shell(home, lines);
        assert!(ran.status.success(), "{lines}\n{ran:?}");
    }
    for (file, expected) in [
        (
            ".local/share/bash-completion/completions/scaleplan",
            "complete -F",
        ),
        (".zfunc/_scaleplan", "#compdef scaleplan"),
        (
            ".config/fish/completions/scaleplan.fish",
            "complete -c scaleplan",
        ),
        (".local/share/man/man1/scaleplan.1", ".SH SUBCOMMANDS"),
        (
            ".local/share/man/man1/scaleplan-simulate.1",
            "scaleplan\\-simulate",
        ),
        (
            ".local/share/man/man1/scaleplan-explain-loop.1",
            ".SH OPTIONS",
        ),
    ] {
        let text = fs::read_to_string(home.join(file)).expect("it was installed");
        assert!(text.contains(expected), "{file} lacks {expected}");
    }
    let script = home.join(".local/share/bash-completion/completions/scaleplan");
    let checked = Command::new("bash").arg("-n").arg(&script).output();
    assert!(checked.expect("there is a bash").status.success());
    // What bash would offer after `scaleplan completions el`.
    let completed = shell(
        home,
        ". ~/.local/share/bash-completion/completions/scaleplan; COMP_WORDS=(scaleplan completions el); COMP_CWORD=2; \
         _scaleplan scaleplan el completions; echo \"${COMPREPLY[@]}\"",
    );
    assert_eq!(
        String::from_utf8_lossy(&completed.stdout).trim(),
        "elvish",
        "{completed:?}"
    );
}

#[test]
fn every_shell_has_a_script_and_no_other_is_known() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = sandbox.run(&format!("completions {shell}"));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{shell}");
        assert!(ran.stdout.contains("simulate"), "{shell}");
    }
    let ran = sandbox.run("completions tcsh");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("powershell"), "{}", ran.stderr);
}

#[test]
fn the_main_page_is_printed_and_man_can_show_it() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run("man");
    assert_eq!(ran.code, 0);
    for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "SUBCOMMANDS"] {
        assert!(ran.stdout.contains(&format!(".SH {section}")), "{section}");
    }
    sandbox.write("scaleplan.1", &ran.stdout);
    // Where no `man` is installed the structure above is all that can be held.
    let shown = Command::new("man")
        .args(["--warnings", "-l"])
        .arg(sandbox.path("scaleplan.1"))
        .env("LC_ALL", "C.UTF-8")
        .env("MANPAGER", "cat")
        .output();
    if let Ok(shown) = shown
        && shown.status.success()
    {
        let text = String::from_utf8_lossy(&shown.stdout);
        assert!(text.contains("SUBCOMMANDS"), "{text}");
        assert_eq!(String::from_utf8_lossy(&shown.stderr), "");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run("man --dir web.yaml/man1");
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("web.yaml/man1: cannot be made"),
        "{}",
        ran.stderr
    );
}
