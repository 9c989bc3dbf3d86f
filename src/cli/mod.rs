//! Files, flags, colour, exit codes. The only floor with I/O.
//!
//! Entry point: [`run`].

mod args;
mod backtest;
mod backtest_args;
mod calibrate;
mod calibrate_args;
mod choose;
mod compare;
mod completions;
mod embedded;
mod exclude;
mod exit;
mod explain;
mod explain_rule;
mod init;
mod input;
mod interrupt;
mod lint;
mod lint_args;
mod lint_config;
mod lint_files;
mod lint_replay;
mod lint_thresholds;
mod man;
mod moment;
mod output;
mod progress;
mod reading;
mod recommend;
mod recommend_args;
mod recommend_shuns;
mod recorded;
mod search_progress;
mod service_samples;
mod simulate;
mod source;
mod trace;
mod words;
mod workload;

use args::{Cli, Command, ExplainCommand};
pub use exit::ExitStatus;

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitStatus {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return output::show_usage(&error),
    };
    let done = match cli.command {
        Command::Simulate(args) => {
            output::set_colour(args.input.color);
            simulate::simulate(&args)
        }
        Command::Recommend(args) => {
            output::set_colour(args.input.color);
            recommend::recommend(&args)
        }
        Command::Explain(args) => match args.command {
            Some(ExplainCommand::Loop(args)) => {
                output::set_colour(args.input.color);
                explain::explain_loop(&args)
            }
            None => explain_rule::explain(&args.rule),
        },
        Command::Backtest(args) => {
            output::set_colour(args.input.color);
            backtest::backtest(&args)
        }
        Command::Calibrate(args) => calibrate::calibrate(&args),
        Command::Lint(args) => lint::lint(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Init(args) => init::init(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => man::man(&args),
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
