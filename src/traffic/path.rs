//! `PathSpec`: the network path between a client and one backend.

use crate::stats::Distribution;
use crate::units::SimDuration;

/// The path to one backend: container DNAT, or the proxies in front of a virtual machine.
#[derive(Clone, Debug, PartialEq)]
pub struct PathSpec {
    /// There and back, seconds.
    pub latency: Distribution,
    /// A hop in front of the balancer (an ingress), there and back, seconds; 0 without one.
    pub ingress_latency: f64,
    /// What the path to one backend carries, bits/s.
    pub bits_per_second: f64,
    /// Size of a request with its headers, bytes.
    pub request_bytes: f64,
    /// Size of a response with its headers, bytes.
    pub response_bytes: f64,
    /// Connections to one backend.
    pub connections: ConnectionSpec,
}

/// Connections to one backend: conntrack entries, or sockets of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionSpec {
    /// The most that are open or remembered at the same time; requests beyond are refused.
    pub most: u32,
    /// How long an idle connection is kept for another request; zero opens one for each request.
    pub keep_alive: SimDuration,
    /// How long a closed connection is still remembered (TIME_WAIT of conntrack).
    pub linger: SimDuration,
}

impl PathSpec {
    /// A path that only takes its time, seconds there and back: nothing on it is ever full.
    #[must_use]
    pub const fn direct(latency: f64) -> Self {
        Self {
            latency: Distribution::Deterministic { value: latency },
            ingress_latency: 0.0,
            bits_per_second: f64::INFINITY,
            request_bytes: 0.0,
            response_bytes: 0.0,
            connections: ConnectionSpec {
                most: u32::MAX,
                keep_alive: SimDuration::ZERO,
                linger: SimDuration::ZERO,
            },
        }
    }

    /// The most requests/s that fit through the path; infinite where requests have no size.
    #[must_use]
    pub fn max_rate(&self) -> f64 {
        self.bits_per_second / (8.0 * (self.request_bytes + self.response_bytes))
    }

    /// How long one request and its response keep the path busy, seconds.
    #[must_use]
    pub fn transfer_seconds(&self) -> f64 {
        8.0 * (self.request_bytes + self.response_bytes) / self.bits_per_second
    }
}
