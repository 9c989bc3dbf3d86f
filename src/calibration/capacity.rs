//! `CapacityTable`: a load test in steps, and what a replica can take by it.

use thiserror::Error;

use super::estimate::Estimate;
use super::measured::{Measured, digits, span};
use super::regression::{Line, TooFewPoints, theil_sen};
use crate::stats::quantile_of_sorted;

/// The most steps of a table.
const MOST_STEPS: usize = 100_000;
/// Throughput for each further user below this share of that of the first steps: the knee is reached.
const KNEE: f64 = 0.5;

/// A load test in steps.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityTable {
    /// Its steps, by ascending rate.
    steps: Vec<CapacityStep>,
    name: String,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq)]
struct CapacityStep {
    /// Clients, where they are told.
    users: Option<f64>,
    /// Requests/s of all replicas.
    rate: f64,
    /// Cores of one replica.
    cpu: Option<f64>,
    /// Replicas that were ready.
    replicas: f64,
    /// Whether the test says that something was exhausted.
    is_stop: bool,
}

/// What a load test says.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityFigures {
    /// Cores of a replica against its requests/s.
    pub line: Option<Line>,
    /// The highest rate of a replica that was reached, requests/s.
    pub highest_rate: f64,
    /// The rate of a replica at which throughput stops following the users, requests/s; `None` where it never does.
    pub knee: Option<f64>,
    /// The settings.
    pub settings: Vec<Measured>,
}

/// Why a table is no load test.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum CapacityError {
    /// No such column.
    #[error("{name}: no column of {expected}, found {found}")]
    NoColumn {
        /// The file.
        name: String,
        /// What was looked for.
        expected: &'static str,
        /// What there is.
        found: String,
    },
    /// A cell is no number.
    #[error("{name}: line {line}: `{text}` in column `{column}`, expected a number, zero or more")]
    BadCell {
        /// The file.
        name: String,
        /// From 1.
        line: usize,
        /// What it holds.
        text: String,
        /// Where.
        column: String,
    },
    /// Rows of another length, or no text.
    #[error("{name}: {problem}")]
    NotATable {
        /// The file.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// No step with requests.
    #[error("{name}: no step with requests, expected at least one")]
    NoSteps {
        /// The file.
        name: String,
    },
}

const USERS: [&str; 4] = ["users", "clients", "vus", "concurrency"];
const RATES: [&str; 5] = [
    "rps",
    "requests/s",
    "requests_per_second",
    "throughput",
    "rate",
];
const MILLICORES: [&str; 4] = ["median_millicores", "millicores", "cpu_millicores", "cpu_m"];
const CORES: [&str; 3] = ["cores", "cpu_cores", "cpu"];
const REPLICAS: [&str; 4] = ["ready_pods", "pods", "replicas", "ready_replicas"];

impl CapacityTable {
    /// Reads a CSV with a row for each step: requests/s of all replicas (`rps`), and where they are told users (`users`),
    /// millicores of one replica (`median_millicores`, or `cores`), replicas (`ready_pods`) and what ended the test
    /// (`stop_trigger`).
    ///
    /// # Errors
    /// When a column is missing or a cell is no number.
    pub fn read(name: &str, text: &str) -> Result<Self, CapacityError> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let not_a_table = |error: &csv::Error| CapacityError::NotATable {
            name: name.to_owned(),
            problem: error.to_string(),
        };
        let headers = reader
            .headers()
            .map_err(|error| not_a_table(&error))?
            .clone();
        let place = |names: &[&str]| {
            names.iter().find_map(|wanted| {
                headers
                    .iter()
                    .position(|header| header.eq_ignore_ascii_case(wanted))
            })
        };
        let Some(rate) = place(&RATES) else {
            return Err(CapacityError::NoColumn {
                name: name.to_owned(),
                expected: "requests/s (`rps`)",
                found: headers.iter().collect::<Vec<_>>().join(", "),
            });
        };
        let (users, replicas, stop) = (place(&USERS), place(&REPLICAS), place(&["stop_trigger"]));
        let cpu = match place(&MILLICORES) {
            Some(column) => Some((column, 1e-3)),
            None => place(&CORES).map(|column| (column, 1.0)),
        };
        let mut steps = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| not_a_table(&error))?;
            let line = record
                .position()
                .map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
            let number = |column: usize| -> Result<f64, CapacityError> {
                let text = record.get(column).unwrap_or_default();
                let value = text.parse::<f64>().ok();
                value
                    .filter(|value| value.is_finite() && *value >= 0.0)
                    .ok_or_else(|| CapacityError::BadCell {
                        name: name.to_owned(),
                        line,
                        text: text.chars().take(40).collect(),
                        column: headers.get(column).unwrap_or_default().to_owned(),
                    })
            };
            steps.push(CapacityStep {
                users: users.map(&number).transpose()?,
                rate: number(rate)?,
                cpu: match cpu {
                    Some((column, unit)) => Some(number(column)? * unit),
                    None => None,
                },
                replicas: replicas.map_or(Ok(1.0), &number)?.max(1.0),
                is_stop: stop
                    .and_then(|column| record.get(column))
                    .is_some_and(|text| !text.is_empty() && text != "none"),
            });
            if steps.len() > MOST_STEPS {
                return Err(CapacityError::NotATable {
                    name: name.to_owned(),
                    problem: format!("more than {MOST_STEPS} steps"),
                });
            }
        }
        steps.retain(|step| step.rate > 0.0);
        if steps.is_empty() {
            return Err(CapacityError::NoSteps {
                name: name.to_owned(),
            });
        }
        steps.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        Ok(Self {
            steps,
            name: name.to_owned(),
        })
    }

    /// Seconds from one request of a user to the next, waiting and thinking: the median over the steps up to the knee.
    /// `None` where the table tells no users.
    #[must_use]
    pub fn user_cycle(&self) -> Option<f64> {
        let knee = self.knee().unwrap_or(f64::INFINITY);
        let mut cycles: Vec<f64> = self
            .steps
            .iter()
            .filter(|step| step.rate / step.replicas <= knee)
            .filter_map(|step| Some(step.users.filter(|users| *users > 0.0)? / step.rate))
            .collect();
        cycles.sort_unstable_by(f64::total_cmp);
        quantile_of_sorted(&cycles, 0.5)
    }

    /// The rate of so many users who wait for each answer, requests/s: one request of each in a cycle (Little's law of a
    /// closed system, N = X (R + Z)). Beyond the knee of the test answers take longer and users send less; but those were
    /// the test's replicas, and an autoscaler that does its work keeps replicas below their knee. `None` where the table
    /// tells no users.
    #[must_use]
    pub fn rate_of_users(&self, users: f64) -> Option<f64> {
        Some(users.max(0.0) / self.user_cycle()?)
    }

    /// What the test says.
    #[must_use]
    pub fn figures(&self) -> CapacityFigures {
        let points: Vec<(f64, f64)> = self
            .steps
            .iter()
            .filter_map(|step| Some((step.rate / step.replicas, step.cpu?)))
            .collect();
        let line = theil_sen(&points);
        let highest_rate = self
            .steps
            .iter()
            .map(|step| step.rate / step.replicas)
            .fold(0.0, f64::max);
        let knee = self.knee();
        let mut settings = Vec::new();
        match &line {
            Ok(line) if line.slope > 0.0 => settings.extend(self.cost_settings(line, &points)),
            Ok(_) | Err(TooFewPoints::OneLoad | TooFewPoints::Points(_)) => {}
        }
        CapacityFigures {
            line: line.ok().filter(|line| line.slope > 0.0),
            highest_rate,
            knee,
            settings,
        }
    }

    /// Cpu per request and idle cpu. A line that meets the axis below zero means that requests cost more at higher load;
    /// then there is no idle cpu to be seen, and the slope, which is what further load costs, is the better guide to when a
    /// replica is full.
    fn cost_settings(&self, line: &Line, points: &[(f64, f64)]) -> Vec<Measured> {
        let source = format!(
            "Theil-Sen line of cpu over requests/s of a replica, {} steps of {}",
            line.points, self.name
        );
        let mut notes = Vec::new();
        if line.intercept < 0.0 {
            let (rate, cpu) = points.last().copied().unwrap_or_default();
            let at_top = if rate > 0.0 { cpu / rate } else { 0.0 };
            notes.push(format!(
                "the line meets the axis at {} millicores, below zero: requests cost more at higher load ({} at the highest \
                 step, all cpu over all requests), or the test moved on before the metric had followed",
                digits(line.intercept * 1e3),
                span(at_top)
            ));
        }
        let mut settings = vec![Measured {
            key: "cpu-per-request",
            value: span(line.slope),
            interval: format!(
                "95 % interval {} to {}; half of the steps are within {} millicores of the line",
                span(line.slope_interval.0.max(0.0)),
                span(line.slope_interval.1),
                digits(line.typical_residual * 1e3)
            ),
            source: source.clone(),
            notes,
            estimate: Some(Estimate {
                value: line.slope,
                low: line.slope_interval.0,
                high: line.slope_interval.1,
            }),
        }];
        if line.intercept > 0.0 {
            let low = line.intercept_interval.0.max(0.0);
            settings.push(Measured {
                key: "cpu-idle",
                value: format!("{}m", digits((line.intercept * 1e3).round().max(1.0))),
                interval: format!(
                    "95 % interval {}m to {}m",
                    digits(low * 1e3),
                    digits(line.intercept_interval.1.max(0.0) * 1e3)
                ),
                source,
                notes: Vec::new(),
                estimate: None,
            });
        }
        settings
    }

    /// Where throughput no longer follows the users, or where the test says that something was exhausted; requests/s of a
    /// replica.
    fn knee(&self) -> Option<f64> {
        let mut known: Vec<(f64, f64, f64)> = self
            .steps
            .iter()
            .filter_map(|step| Some((step.users?, step.rate, step.rate / step.replicas)))
            .collect();
        known.sort_by(|a, b| a.0.total_cmp(&b.0));
        let first = known.first().filter(|(users, _, _)| *users > 0.0);
        let by_users = first.and_then(|(users, rate, _)| {
            let straight = rate / users;
            known.windows(2).find_map(|pair| {
                let ((users, rate, at), (more, faster, _)) = (pair[0], pair[1]);
                let gain = (faster - rate) / (more - users);
                (more > users && gain < KNEE * straight).then_some(at)
            })
        });
        let stopped = self.steps.iter().find(|step| step.is_stop);
        by_users.or(stopped.map(|step| step.rate / step.replicas))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &str = "users,rps,median_millicores,ready_pods,stop_trigger\n10,10,60,2,none\n20,20,110,2,none\n30,30,160,2,none\n40,33,175,2,cpu\n";

    #[test]
    fn a_line_through_the_steps_is_cost_and_idle() {
        let table = CapacityTable::read("a.csv", STEPS).expect("a table");
        let figures = table.figures();
        let found: Vec<(&str, &str)> = figures
            .settings
            .iter()
            .map(|one| (one.key, one.value.as_str()))
            .collect();
        assert_eq!(found, [("cpu-per-request", "10ms"), ("cpu-idle", "10m")]);
        assert_eq!(figures.knee, Some(15.0));
        assert!((figures.highest_rate - 16.5).abs() < 1e-12);
    }

    #[test]
    fn users_send_a_request_in_each_cycle_of_the_steps_below_the_knee() {
        let table = CapacityTable::read("a.csv", STEPS).expect("a table");
        assert_eq!(table.user_cycle(), Some(1.0));
        assert_eq!(table.rate_of_users(5.0), Some(5.0));
        assert_eq!(table.rate_of_users(80.0), Some(80.0));
        let without = CapacityTable::read("a.csv", "rps\n10\n").expect("a table");
        assert_eq!(without.rate_of_users(5.0), None);
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let error = CapacityTable::read("a.csv", text).expect_err("no table");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn what_is_no_load_test_is_refused() {
        check_error(
            "users,cpu\n1,2\n",
            "a.csv: no column of requests/s (`rps`), found users, cpu",
        );
        check_error(
            "rps\n1\n-2\n",
            "a.csv: line 3: `-2` in column `rps`, expected a number, zero or more",
        );
        check_error(
            "rps\n0\n",
            "a.csv: no step with requests, expected at least one",
        );
        check_error("", "a.csv: no column of requests/s (`rps`), found ");
    }
}
