//! A reason: a quantity with its formula, the numbers put in, the result and the source.

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Percent of what the quantity names.
    Percent,
    /// Percent a second.
    PercentPerSecond,
    /// Replicas.
    Replicas,
    /// Requests.
    Requests,
    /// Requests a second.
    RequestsPerSecond,
    /// Cores.
    Cores,
    /// A factor.
    Times,
    /// Control loops, syncs: what the quantity names.
    Count,
}

/// A number with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The number; NaN where there is none.
    pub value: f64,
    /// What it counts.
    pub unit: Unit,
}

impl Figure {
    /// A number with its unit.
    #[must_use]
    pub const fn new(value: f64, unit: Unit) -> Self {
        Self { value, unit }
    }
}

/// A number that was put into a formula.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Given {
    /// Its letter in the formula.
    pub symbol: &'static str,
    /// The number.
    pub figure: Figure,
}

/// What a formula came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// One number.
    Figure(Figure),
    /// From one number to another.
    Between(Figure, Figure),
    /// Counts of replicas one after the other, and the seconds from the first to the last where they are known.
    Steps {
        /// The counts.
        counts: Vec<u32>,
        /// From the first to the last, seconds.
        seconds: Option<f64>,
    },
    /// A sentence in place of a number.
    Saying(String),
}

/// Which question a reason answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// How late the loop is.
    DeadTime,
    /// What load it can follow.
    Ramp,
    /// How it grows while saturated.
    Saturation,
    /// What must stand by.
    Reserve,
    /// Whether it swings.
    Oscillation,
    /// Where it rests.
    SteadyState,
}

impl Part {
    /// Every part, in the order of a report.
    pub const ALL: [Self; 6] = [
        Self::DeadTime,
        Self::Ramp,
        Self::Saturation,
        Self::Reserve,
        Self::Oscillation,
        Self::SteadyState,
    ];
}

/// One quantity of a loop, with why.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Which question it answers.
    pub part: Part,
    /// Its name for programs, in camelCase.
    pub key: &'static str,
    /// Its name for people.
    pub quantity: &'static str,
    /// The formula.
    pub formula: &'static str,
    /// The numbers put in.
    pub given: Vec<Given>,
    /// The result.
    pub finding: Finding,
    /// Where the formula, or a number in it, comes from.
    pub source: &'static str,
}
