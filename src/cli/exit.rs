//! `ExitStatus`: what the process says to its caller.

use std::process::ExitCode;

/// What the process says to its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// All is well: 0.
    Clean,
    /// There are findings, or the objective was missed: 1.
    Findings,
    /// Wrong usage or unreadable input: 2.
    CouldNot,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(match status {
            ExitStatus::Clean => 0,
            ExitStatus::Findings => 1,
            ExitStatus::CouldNot => 2,
        })
    }
}
