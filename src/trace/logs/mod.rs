//! Logs of requests: lines of web servers (`access`), and lines that are JSON objects (`json`).

mod access;
mod json;

pub(crate) use access::{is_access_line, read_access_log};
pub(crate) use json::{has_time_key, read_json_log};
