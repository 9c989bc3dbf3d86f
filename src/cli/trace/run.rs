//! Which subcommand of `scaleplan trace` runs.

use anyhow::Result;

use super::args::{TraceArgs, TraceCommand};
use super::{convert, info, resample, scale, slice, splice, synth};
use crate::cli::exit::ExitStatus;

/// Runs a subcommand of `scaleplan trace`.
pub(in crate::cli) fn run(args: &TraceArgs) -> Result<ExitStatus> {
    match &args.command {
        TraceCommand::Info(args) => info::info(args),
        TraceCommand::Convert(args) => convert::convert(args),
        TraceCommand::Resample(args) => resample::resample(args),
        TraceCommand::Slice(args) => slice::slice(args),
        TraceCommand::Scale(args) => scale::scale(args),
        TraceCommand::Splice(args) => splice::splice(args),
        TraceCommand::Synth(args) => synth::synth(args),
    }
}
