//! Files, flags, colour, exit codes. The only floor with I/O.
//!
//! Entry point: [`run`].

mod args;
mod choose;
mod compare;
mod embedded;
mod exit;
mod init;
mod input;
mod output;
mod progress;
mod service_samples;
mod simulate;
mod workload;

use std::path::Path;

use args::{Cli, Command};
pub use exit::ExitStatus;

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitStatus {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return output::show_usage(&error),
    };
    let done = match cli.command {
        Command::Simulate(mut args) => {
            output::set_colour(args.color);
            service_samples::read(&mut args.settings, Path::new(""))
                .and_then(|()| simulate::simulate(&args))
        }
        Command::Init(args) => init::init(&args),
    };
    match done {
        Ok(status) => status,
        Err(error) if output::is_broken_pipe(&error) => ExitStatus::Clean,
        Err(error) => {
            output::error(&format!("{error:#}"));
            ExitStatus::CouldNot
        }
    }
}
