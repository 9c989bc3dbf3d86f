//! Prometheus: answers to range queries, and what promtool prints and dumps.
//!
//! [`read_answer`] walks the JSON of a range query (`document`): the API's envelope, its `data` alone, or the bare result
//! that promtool prints. The values go straight into columns; no tree of the document is built.

mod document;

pub(crate) use document::read_answer;
