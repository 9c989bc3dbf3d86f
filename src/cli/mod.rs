//! Files, flags, colour, exit codes. The only floor with I/O.
//!
//! Entry point: [`run`].

mod args;
mod at_time;
mod backtest;
mod backtest_args;
mod calibrate;
mod calibrate_args;
mod calibrate_run;
mod chart_args;
mod choose;
mod compare;
mod completions;
mod diff;
mod diff_args;
mod diff_replay;
mod embedded;
mod exclude;
mod exit;
mod explain;
mod explain_rule;
mod explain_run;
mod explain_run_args;
mod git_side;
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
mod opener;
mod output;
mod picture_args;
mod pictures;
mod progress;
mod reading;
mod recommend;
mod recommend_args;
mod recommend_shuns;
mod recorded;
mod report;
mod report_args;
mod search_progress;
mod service_samples;
mod side;
mod simulate;
mod source;
mod trace;
mod words;
mod workload;

use crate::analysis::Direction;
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
        Command::Report(args) => report::report(&args),
        Command::Recommend(args) => {
            output::set_colour(args.input.color);
            recommend::recommend(&args)
        }
        Command::Explain(args) => match args.command {
            Some(ExplainCommand::Loop(args)) => {
                output::set_colour(args.input.color);
                explain::explain_loop(&args)
            }
            Some(ExplainCommand::Decision(args)) => explain_run::decision(&args),
            Some(ExplainCommand::WhyNotDown(args)) => explain_run::hold(&args, Direction::Down),
            Some(ExplainCommand::WhyNotUp(args)) => explain_run::hold(&args, Direction::Up),
            None => explain_rule::explain(&args.rule),
        },
        Command::Diff(args) => {
            output::set_colour(args.color);
            diff::diff(&args)
        }
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
