//! Answers of monitoring services: CloudWatch, Datadog, and OpenTelemetry's metrics.
//!
//! Each is a JSON document whose numbers are kept and whose text is not; several in one file are one (`document`).

mod cloudwatch;
mod datadog;
mod document;
mod otlp;

pub(crate) use cloudwatch::read_cloudwatch;
pub(crate) use datadog::read_datadog;
pub(crate) use otlp::read_otlp;
