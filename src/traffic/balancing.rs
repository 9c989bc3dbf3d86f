//! `Balancing`: how a backend is chosen for each request.

use crate::stats::Distribution;
use crate::units::SimDuration;

/// How a backend is chosen for each request.
#[derive(Clone, Debug, PartialEq)]
pub struct Balancing {
    /// Who is chosen.
    pub strategy: Strategy,
    /// Independent dispatchers that share the requests at random; each has its own turn and its own counts, as IPVS has
    /// on every node. At least 1.
    pub dispatchers: u32,
    /// For how long a choice holds.
    pub pinning: Pinning,
    /// Who sends the requests.
    pub clients: ClientPopulation,
}

impl Balancing {
    /// What kube-proxy does: each request anywhere, whoever sent it.
    #[must_use]
    pub const fn random() -> Self {
        Self {
            strategy: Strategy::Random,
            dispatchers: 1,
            pinning: Pinning::Request,
            clients: ClientPopulation {
                count: 1000,
                skew: 0.0,
            },
        }
    }
}

/// The rule that picks one of the backends in rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// Any, equally likely: what kube-proxy does with iptables (`statistic`) and nftables (`numgen random`).
    Random,
    /// In turn: IPVS `rr`.
    RoundRobin,
    /// The one with the fewest requests in flight of this dispatcher, ties at random: IPVS `lc`.
    LeastConnections,
    /// The less loaded of two different ones taken at random.
    PowerOfTwoChoices,
    /// By a hash of the client: IPVS `sh`.
    IpHash,
}

impl Strategy {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 5] = [
        Self::Random,
        Self::RoundRobin,
        Self::LeastConnections,
        Self::PowerOfTwoChoices,
        Self::IpHash,
    ];

    /// Whether it compares how many requests are in flight where.
    #[must_use]
    pub const fn compares(self) -> bool {
        matches!(self, Self::LeastConnections | Self::PowerOfTwoChoices)
    }
}

/// For how long a choice of backend holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Pinning {
    /// For one request: HTTP through a proxy that balances requests.
    Request,
    /// For a client until it has been quiet for this long: `sessionAffinity: ClientIP` with its `timeoutSeconds`.
    Affinity(SimDuration),
    /// For a client's connection, which lives this long: TCP connections balanced when they are opened.
    Connection(Distribution),
}

/// The clients that send the requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClientPopulation {
    /// How many; at least 1, at most [`MOST`](Self::MOST).
    pub count: u32,
    /// Zipf exponent of their shares: client k of n sends in proportion to 1 / k^skew; 0 for equal shares.
    pub skew: f64,
}

impl ClientPopulation {
    /// The most clients that are told apart; the table of their shares and their pins stay at a few dozen megabytes.
    pub const MOST: u32 = 1_000_000;
}
