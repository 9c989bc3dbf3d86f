//! `scaleplan trace`: workloads, without any autoscaler. One subcommand a file.

mod args;
mod convert;
mod info;
mod noise_arg;
mod peak;
mod reading;
mod resample;
mod run;
mod scale;
mod shape;
mod slice;
mod splice;
mod synth;
mod writing;

pub(super) use args::TraceArgs;
pub(super) use run::run;
