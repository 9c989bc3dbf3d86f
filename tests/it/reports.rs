//! What a report looks like in each format, and what it must never do.

mod sample;

use sample::Sample;
use scaleplan::report::{Colour, Detail, csv, table};

#[test]
fn a_table_shows_both_backends_side_by_side() {
    let sample = Sample::spike();
    let text = table(&sample.report(), Detail::Normal, Some(100), Colour::Plain);
    insta::assert_snapshot!("table", text);
}

#[test]
fn a_wide_table_shows_every_figure_and_every_assumption() {
    let sample = Sample::spike().without_the_second_backend();
    let text = table(&sample.report(), Detail::Wide, Some(80), Colour::Plain);
    insta::assert_snapshot!("wide", text);
}

#[test]
fn csv_has_one_line_for_each_figure() {
    let sample = Sample::spike().without_the_second_backend();
    insta::assert_snapshot!("csv", csv(&sample.report()));
}
