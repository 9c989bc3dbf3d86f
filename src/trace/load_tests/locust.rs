//! Locust: the history of statistics that `--csv` writes, of which the rows named `Aggregated` count.

use std::io::Read;

use super::rows::{column, time};
use crate::trace::TraceProblem;
use crate::trace::csv::Table;
use crate::trace::error::{Fault, quoted, quoted_bytes};
use crate::trace::labels::Labels;
use crate::trace::raw::MAX_ROWS;
use crate::trace::sink::{SeriesFacts, SeriesSink};

/// The column that is the load.
pub(crate) const LOCUST_LOAD: &str = "Requests/s";

/// Reads every column of numbers as a series; `N/A` is a missing number.
pub(crate) fn read_locust(input: &mut dyn Read, sink: &mut dyn SeriesSink) -> Result<(), Fault> {
    let table = Table::open(input)?;
    let names = table.names().unwrap_or_default();
    let at = column(Some(&names), "Timestamp")?;
    let name = column(Some(&names), "Name")?;
    let kind = column(Some(&names), "Type").ok();
    let chosen: Vec<usize> = (0..names.len())
        .filter(|column| ![Some(at), Some(name), kind].contains(&Some(*column)))
        .collect();
    let mut times = Vec::new();
    let mut values: Vec<Vec<f64>> = vec![Vec::new(); chosen.len()];
    table.for_each(|record, line| {
        if record.cell(name) != b"Aggregated" {
            return Ok(());
        }
        let at_line = |problem| Fault::at(line, problem);
        times.push(time(record, at, "Timestamp").map_err(at_line)?);
        for (column, values) in chosen.iter().zip(&mut values) {
            let cell = record.cell(*column);
            let number = std::str::from_utf8(cell)
                .ok()
                .and_then(|text| text.parse().ok());
            let value = match number {
                Some(value) => value,
                None if cell.is_empty() || cell == b"N/A" => f64::NAN,
                None => {
                    return Err(at_line(TraceProblem::BadNumber {
                        text: quoted_bytes(cell),
                        column: quoted(&names[*column]),
                    }));
                }
            };
            values.push(value);
        }
        if times.len().saturating_mul(chosen.len()) > MAX_ROWS {
            return Err(at_line(TraceProblem::TooManyRows(MAX_ROWS)));
        }
        Ok(())
    })?;
    for (column, values) in chosen.iter().zip(values) {
        let labels = Labels::of_name(names[*column].clone());
        if sink.wants(&labels) {
            for (time, value) in times.iter().zip(values) {
                sink.sample(*time, value)?;
            }
        }
        sink.close(labels, SeriesFacts::default())?;
    }
    Ok(())
}
