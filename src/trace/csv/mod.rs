//! Tables: one row for each sample or event.
//!
//! [`read_csv`] fetches blocks, looks at the first rows to see how the table is written (`dialect`) and which columns
//! count (`columns`), and then turns rows into columns of numbers (`rows`). [`read_series`] takes every column of
//! numbers, or every series that a column names (`series`). Text is never kept beyond its block.

mod columns;
mod dialect;
mod number;
mod plain;
mod record;
mod rows;
mod sample;
mod series;
mod table;
mod time;

pub(crate) use record::Record;
pub(crate) use rows::read_csv;
pub(crate) use series::read_series;
pub(crate) use table::Table;
