//! Range queries: the API's envelope, its `data` alone, or the bare result that promtool prints.
//!
//! [`read_prometheus`] walks the document (`document`) and lets a [`collector`] add up the series that a `selector`
//! takes. The values go straight into columns; no tree of the document is built.

mod collector;
mod document;
mod selector;

pub(crate) use document::read_prometheus;
