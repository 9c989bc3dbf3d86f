//! `Opener`: shows a file in the program that the desktop opens such files with.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, anyhow, bail};

use super::input::shown;
use super::output::reason;

/// What opens a file, and the file.
pub(super) struct Opener {
    program: PathBuf,
    file: PathBuf,
}

impl Opener {
    /// Finds out whether the file can be shown.
    ///
    /// # Errors
    /// When there is no file, no display, or no program that opens files.
    pub(super) fn new(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else {
            bail!("--open: there is nothing to open, expected --html, --svg or --png with it");
        };
        if cfg!(target_os = "windows") {
            return Ok(Self {
                program: PathBuf::from("explorer"),
                file: file.to_owned(),
            });
        }
        let name = if cfg!(target_os = "macos") {
            "open"
        } else {
            let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
            if !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY") {
                bail!(
                    "--open: there is no display here (DISPLAY and WAYLAND_DISPLAY are not set); leave --open away, and \
                     open {} where there is one",
                    shown(file)
                );
            }
            "xdg-open"
        };
        let Some(program) = found(name) else {
            bail!(
                "--open: `{name}` was not found in PATH; leave --open away, and open {} yourself",
                shown(file)
            );
        };
        Ok(Self {
            program,
            file: file.to_owned(),
        })
    }

    /// Shows the file, and does not wait for it to be closed.
    pub(super) fn open(&self) -> Result<()> {
        // A relative path that begins with a dash would be taken for a flag.
        let file = self
            .file
            .canonicalize()
            .unwrap_or_else(|_| self.file.clone());
        let mut command = Command::new(&self.program);
        command
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        detach(&mut command);
        command.spawn().map(|_| ()).map_err(|error| {
            anyhow!(
                "--open: {} cannot be started: {}",
                shown(&self.program),
                reason(&error)
            )
        })
    }
}

/// A program of PATH.
fn found(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Lets it live on when this process and its terminal are gone.
#[cfg(unix)]
fn detach(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn detach(_command: &mut Command) {}
