//! Tables: one row for each sample or event.
//!
//! [`read_csv`] fetches blocks, looks at the first rows to see how the table is written (`dialect`) and which columns
//! count (`columns`), and then turns rows into columns of numbers (`rows`). Text is never kept beyond its block.

mod blocks;
mod columns;
mod dialect;
mod number;
mod plain;
mod record;
mod rows;
mod sample;
mod time;

pub(crate) use rows::read_csv;
