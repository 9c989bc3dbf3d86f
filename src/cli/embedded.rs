//! What is played without files: an autoscaler, and a recorded day of requests.

use crate::manifest::Source;

/// The autoscaling/v2 manifest for Deployment `app`: 1 to 10 replicas at 70 % cpu.
pub(super) fn manifest() -> Source {
    Source {
        name: "embedded hpa.yaml".to_owned(),
        bytes: include_bytes!("embedded/hpa.yaml").to_vec(),
    }
}

/// The name of the embedded trace; it says what its numbers are.
pub(super) const TRACE_NAME: &str = "nab_elb_request_count/2014-04-22.csv";

/// Requests to an AWS load balancer per five minutes, on 22 April 2014 (Numenta Anomaly Benchmark, MIT licence).
pub(super) const TRACE: &[u8] = include_bytes!("embedded/nab_elb_request_count_2014-04-22.csv");
