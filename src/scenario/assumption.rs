//! `Assumption`: a number that the run depends on, and who said so.

/// Who said a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A command-line flag.
    Flag,
    /// The scenario file.
    ScenarioFile,
    /// A manifest.
    Manifest,
    /// The trace.
    Trace,
    /// Computed from other values; says how.
    Derived(String),
    /// Nobody: the built-in default.
    Default,
}

impl Origin {
    /// The origin's name in reports.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Flag => "flag",
            Self::ScenarioFile => "scenario file",
            Self::Manifest => "manifest",
            Self::Trace => "trace",
            Self::Derived(_) => "derived",
            Self::Default => "default",
        }
    }
}

/// A number that the run depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// The setting's key: its flag without the dashes, its key in a scenario file.
    pub key: String,
    /// The value, with its unit.
    pub value: String,
    /// Who said so.
    pub origin: Origin,
    /// What follows from it or how it was found; may be empty.
    pub note: String,
}

/// Settings whose defaults matter to few readers: a brief report leaves them out where nobody said anything.
const DETAILS: &[&str] = &[
    "discipline",
    "queue-bound",
    "retries",
    "retry-backoff",
    "dispatchers",
    "session-affinity",
    "clients",
    "client-skew",
    "container-throughput",
    "vm-throughput",
    "container-connections",
    "vm-connections",
    "request-size",
    "response-size",
    "keep-alive",
    "connection-linger",
    "ingress-latency",
    "warm-pool",
    "endpoint-delay",
    "pre-stop",
    "probe-failures",
    "guest-agent-interval",
    "container-node-lost-after",
    "vm-node-lost-after",
    "eviction-after",
];

impl Assumption {
    /// Whether this is a default that a brief report may leave out.
    #[must_use]
    pub fn is_detail(&self) -> bool {
        self.origin == Origin::Default && DETAILS.contains(&self.key.as_str())
    }
}

/// Every assumption of a scenario, in the order of the report.
pub type Assumptions = Vec<Assumption>;
