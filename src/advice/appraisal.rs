//! `Appraisal`: what a candidate came to.

/// What a candidate came to, over the runs and the part of the trace that were played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Appraisal {
    /// The share of the error budget that was spent, in the worst of those runs that have to hold: at most 1 where the
    /// objective holds. Over several backends, the worst of them.
    pub budget_spent: f64,
    /// The share of all requests that were bad: where every minute misses the objective, it says what is nearer.
    pub bad: f64,
    /// The mean cost, replica-hours a day; over several backends their sum.
    pub cost: f64,
    /// Scale-downs right after scale-ups and the reverse, a day, mean.
    pub reversals: f64,
    /// Knobs that were turned.
    pub changes: u32,
    /// Whether it was played to the end. Otherwise the figures are lower bounds.
    pub whole: bool,
}

impl Appraisal {
    /// Whether the objective holds in as many runs as it must.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.whole && self.budget_spent <= 1.0
    }
}
