//! `TrafficFigures`: how a run's requests travelled.

use crate::units::SimTime;

/// How a run's requests travelled.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficFigures {
    /// Attempts beyond the first one of a request.
    pub retries: f64,
    /// Requests that were sent to replicas that were dead, or that no longer took requests.
    pub misrouted: f64,
    /// Time for which some dead replica still was sent requests, seconds.
    pub dead_seconds: f64,
    /// How unequally requests were spread; `None` where requests are not followed one by one.
    pub imbalance: Option<Imbalance>,
    /// The network path.
    pub path: PathFigures,
}

impl TrafficFigures {
    /// What no requests leave.
    pub const NONE: Self = Self {
        retries: 0.0,
        misrouted: 0.0,
        dead_seconds: 0.0,
        imbalance: None,
        path: PathFigures {
            mean_seconds: f64::NAN,
            peak_bits_per_second: 0.0,
            peak_connections: 0.0,
            spoilt: [Spoilt {
                requests: 0.0,
                first: None,
            }; PathLimit::ALL.len()],
        },
    };
}

/// How unequally requests were spread over the replicas in rotation. Means over one-minute slices, by requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Imbalance {
    /// Standard deviation over mean of the requests that replicas took in.
    pub share_cv: f64,
    /// Requests of the busiest replica over the mean.
    pub busiest: f64,
}

/// What the network path did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathFigures {
    /// Mean time of a request on the path: latency, wait for it and transfer; seconds. NaN without requests.
    pub mean_seconds: f64,
    /// Most bits/s that one replica's path carried over a one-minute slice.
    pub peak_bits_per_second: f64,
    /// Most connections of one replica at one time.
    pub peak_connections: f64,
    /// For each of [`PathLimit::ALL`], what it spoilt.
    pub spoilt: [Spoilt; PathLimit::ALL.len()],
}

/// Requests that would have been good but for one limit of the path.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spoilt {
    /// How many.
    pub requests: f64,
    /// Beginning of the first one-minute slice in which it was more than one in a thousand; `None` for none.
    pub first: Option<SimTime>,
}

/// What can bind on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathLimit {
    /// The time there and back: the request would have been in time without it.
    Latency,
    /// Bits/s: the request would have been in time without the wait for the path.
    Throughput,
    /// Connections: the request was refused for want of one.
    Connections,
}

impl PathLimit {
    /// All of them, in the order of the arrays that count them.
    pub const ALL: [Self; 3] = [Self::Latency, Self::Throughput, Self::Connections];
}

impl PathFigures {
    /// The limit that was the first to spoil more than one request in a thousand of a minute, of several in the same minute
    /// the one that spoilt most in all; `None` where none did.
    #[must_use]
    pub fn bound_first(&self) -> Option<PathLimit> {
        let earliest = self.spoilt.iter().filter_map(|spoilt| spoilt.first).min()?;
        PathLimit::ALL
            .iter()
            .zip(&self.spoilt)
            .filter(|(_, spoilt)| spoilt.first == Some(earliest))
            .max_by(|a, b| a.1.requests.total_cmp(&b.1.requests))
            .map(|(limit, _)| *limit)
    }
}
