//! Numbers about numbers: distributions, named random streams, summaries. Knows nothing of pods or Kubernetes.
//!
//! Times are plain seconds here. Start at [`Distribution`] for what varies, at [`stream()`] for the draws, at
//! [`Summary`] and [`Band`] for what came out.

mod distribution;
mod distribution_error;
mod distribution_text;
mod exponential;
mod heavy_tail;
mod proportion;
mod sampler;
mod samples_text;
mod sorted_samples;
mod stream;
mod summary;
mod words;

pub use distribution::Distribution;
pub use distribution_error::DistributionError;
pub use exponential::ExponentialDraws;
pub use proportion::proportion_lower_bound;
pub use sampler::Sampler;
pub use samples_text::{SamplesError, read_samples};
pub use sorted_samples::SortedSamples;
pub use stream::{Purpose, Stream, hash_below, stream, unit_draw};
pub use summary::{Band, Summary, quantile_of_sorted, weighted_quantile};
pub use words::RandomWords;
