//! Adds up how a run's requests travelled.

use crate::outcome::{Imbalance, PathFigures, PathLimit, Spoilt, TrafficFigures};
use crate::plant::Flow;
use crate::units::SimTime;

/// A limit of the path binds in a minute in which it spoils more than this share of the requests: fewer are an accident
/// of the few that were on the edge anyway.
const BINDING_SHARE: f64 = 1e-3;

/// Collects retries, requests to dead replicas, and what the path did.
pub(super) struct TrafficRecorder {
    retries: f64,
    misrouted: f64,
    dead_seconds: f64,
    path_seconds: f64,
    travelled: f64,
    peak_connections: f64,
    spoilt: [Spoilt; PathLimit::ALL.len()],
    slice_begin: Option<SimTime>,
    slice_requests: f64,
    slice_spoilt: [f64; PathLimit::ALL.len()],
    slice_seconds: f64,
    slice_bits: f64,
    peak_bits_per_second: f64,
}

impl TrafficRecorder {
    pub(super) fn new() -> Self {
        Self {
            retries: 0.0,
            misrouted: 0.0,
            dead_seconds: 0.0,
            path_seconds: 0.0,
            travelled: 0.0,
            peak_connections: 0.0,
            spoilt: [Spoilt::default(); PathLimit::ALL.len()],
            slice_begin: None,
            slice_requests: 0.0,
            slice_spoilt: [0.0; PathLimit::ALL.len()],
            slice_seconds: 0.0,
            slice_bits: 0.0,
            peak_bits_per_second: 0.0,
        }
    }

    pub(super) fn span(&mut self, from: SimTime, to: SimTime, flow: &Flow) {
        let seconds = (to - from).as_seconds();
        let path = &flow.path;
        self.retries += flow.retried;
        self.misrouted += flow.misrouted;
        self.dead_seconds += if flow.to_dead { seconds } else { 0.0 };
        self.path_seconds += path.seconds;
        self.travelled += path.travelled;
        self.peak_connections = self.peak_connections.max(path.connections);
        self.slice_seconds += seconds;
        self.slice_bits += path.bits_per_second * seconds;
        let spoilt = [
            path.spoilt_by_latency,
            path.spoilt_by_throughput,
            path.spoilt_by_connections,
        ];
        self.slice_requests += flow.ended;
        self.slice_begin.get_or_insert(from);
        for (sum, requests) in self.slice_spoilt.iter_mut().zip(spoilt) {
            *sum += requests;
        }
    }

    /// A one-minute slice ends.
    pub(super) fn end_slice(&mut self) {
        if self.slice_seconds > 0.0 {
            let mean = self.slice_bits / self.slice_seconds;
            self.peak_bits_per_second = self.peak_bits_per_second.max(mean);
        }
        let begin = self.slice_begin.take();
        for (sum, spoilt) in self.spoilt.iter_mut().zip(&mut self.slice_spoilt) {
            sum.requests += *spoilt;
            if *spoilt > BINDING_SHARE * self.slice_requests {
                sum.first = sum.first.or(begin);
            }
            *spoilt = 0.0;
        }
        (self.slice_seconds, self.slice_bits, self.slice_requests) = (0.0, 0.0, 0.0);
    }

    pub(super) fn finish(mut self, imbalance: Option<Imbalance>) -> TrafficFigures {
        self.end_slice();
        TrafficFigures {
            retries: self.retries,
            misrouted: self.misrouted,
            dead_seconds: self.dead_seconds,
            imbalance,
            path: PathFigures {
                mean_seconds: self.path_seconds / self.travelled,
                peak_bits_per_second: self.peak_bits_per_second,
                peak_connections: self.peak_connections,
                spoilt: self.spoilt,
            },
        }
    }
}
