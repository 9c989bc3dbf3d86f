//! Prometheus: answers to range queries, expositions, and what promtool prints and dumps.
//!
//! [`read_answer`] walks the JSON of a range query (`document`): the API's envelope, its `data` alone, or the bare result
//! that promtool prints, samples as the server writes them on a short path (`samples`). The line formats (`promtool`, `exposition`) find their series by the text that names them
//! (`series_lines`). The values go straight into columns; no tree of a document is built.

mod document;
mod exposition;
mod promtool;
mod samples;
mod series_lines;

pub(crate) use document::read_answer;
pub(crate) use exposition::{is_exposition_sample, read_exposition};
pub(crate) use promtool::{read_promtool, read_tsdb_dump};
