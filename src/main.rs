//! Parses, dispatches, maps the result to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    scaleplan::cli::run().into()
}
