//! `scaleplan completions`: what a shell needs to complete a command line.

use anyhow::Result;
use clap_complete::{Shell, generate};

use super::args::{Cli, CompletionsArgs, ShellName};
use super::exit::ExitStatus;
use super::output;

/// Prints the script for a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<ExitStatus> {
    let shell = match args.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
        ShellName::Powershell => Shell::PowerShell,
        ShellName::Elvish => Shell::Elvish,
    };
    let mut command = Cli::whole();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(shell, &mut command, name, &mut script);
    output::report(&String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Clean)
}
