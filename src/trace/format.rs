//! `TraceFormat`: the formats that traces come in, and the words for them.

use std::fmt;
use std::str::FromStr;

/// A format that traces come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceFormat {
    /// A table with one row for each sample or event, or for each sample of each series.
    Csv,
    /// A table as Grafana's panel inspector exports it.
    Grafana,
    /// The answer of Prometheus' `/api/v1/query_range`, or the bare result that `promtool query range -o json` prints.
    PrometheusJson,
    /// What `promtool query range` prints.
    Promtool,
    /// What `promtool tsdb dump` prints.
    TsdbDump,
    /// OpenMetrics text, or the older exposition format, with times.
    OpenMetrics,
    /// The answer of `aws cloudwatch get-metric-data` or `get-metric-statistics`.
    CloudWatch,
    /// The answer of Datadog's query interface, version 1 or 2.
    Datadog,
    /// Metrics in OpenTelemetry's JSON.
    Otlp,
    /// Lines of a web server in the common or the combined log format.
    AccessLog,
    /// Log lines that are JSON objects, one for each request.
    JsonLog,
    /// The samples of a k6 run, as CSV or as JSON lines.
    K6,
    /// Locust's history of statistics.
    Locust,
    /// The results of a vegeta attack, as JSON lines or as CSV.
    Vegeta,
    /// The requests of a hey run, as CSV.
    Hey,
    /// A Parquet file, which is told and not read.
    Parquet,
}

impl TraceFormat {
    /// All formats, in the order in which help lists them.
    pub const ALL: [Self; 16] = [
        Self::Csv,
        Self::Grafana,
        Self::PrometheusJson,
        Self::Promtool,
        Self::TsdbDump,
        Self::OpenMetrics,
        Self::CloudWatch,
        Self::Datadog,
        Self::Otlp,
        Self::AccessLog,
        Self::JsonLog,
        Self::K6,
        Self::Locust,
        Self::Vegeta,
        Self::Hey,
        Self::Parquet,
    ];

    /// The word that names the format on a command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Grafana => "grafana",
            Self::PrometheusJson => "prometheus",
            Self::Promtool => "promtool",
            Self::TsdbDump => "tsdb-dump",
            Self::OpenMetrics => "openmetrics",
            Self::CloudWatch => "cloudwatch",
            Self::Datadog => "datadog",
            Self::Otlp => "otlp",
            Self::AccessLog => "access-log",
            Self::JsonLog => "json-log",
            Self::K6 => "k6",
            Self::Locust => "locust",
            Self::Vegeta => "vegeta",
            Self::Hey => "hey",
            Self::Parquet => "parquet",
        }
    }
}

impl FromStr for TraceFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.word() == text);
        found.ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|format| format.word()).collect();
            format!("expected one of {}", words.join(", "))
        })
    }
}

impl fmt::Display for TraceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Grafana => "Grafana CSV",
            Self::PrometheusJson => "Prometheus JSON",
            Self::Promtool => "promtool text",
            Self::TsdbDump => "Prometheus TSDB dump",
            Self::OpenMetrics => "OpenMetrics text",
            Self::CloudWatch => "CloudWatch JSON",
            Self::Datadog => "Datadog JSON",
            Self::Otlp => "OpenTelemetry JSON",
            Self::AccessLog => "access log",
            Self::JsonLog => "JSON log lines",
            Self::K6 => "k6 samples",
            Self::Locust => "Locust history",
            Self::Vegeta => "vegeta results",
            Self::Hey => "hey CSV",
            Self::Parquet => "Parquet",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_named_by_one_word_that_reads_back() {
        for format in TraceFormat::ALL {
            assert_eq!(format.word().parse(), Ok(format));
        }
        assert!("json".parse::<TraceFormat>().is_err());
    }
}
