//! The words for fidelities, balancing strategies and disciplines, as flags, files and reports write them.

use std::fmt;
use std::str::FromStr;

use super::Fidelity;
use crate::traffic::{Discipline, Strategy};

impl Fidelity {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fluid => "fluid",
            Self::Discrete => "discrete",
        }
    }
}

impl Strategy {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::RoundRobin => "round-robin",
            Self::LeastConnections => "least-connections",
            Self::PowerOfTwoChoices => "power-of-two",
            Self::IpHash => "ip-hash",
        }
    }
}

impl Discipline {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::ProcessorSharing => "processor-sharing",
        }
    }
}

impl FromStr for Fidelity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, "fidelity", &[Self::Fluid, Self::Discrete], Self::name)
    }
}

impl FromStr for Strategy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text, "balancing strategy", &Self::ALL, Self::name)
    }
}

impl FromStr for Discipline {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Fifo, Self::ProcessorSharing];
        named(text, "discipline", &all, Self::name)
    }
}

impl fmt::Display for Fidelity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Discipline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The one of `all` that `text` names.
pub(super) fn named<T: Copy>(
    text: &str,
    what: &str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<T, String> {
    let found = all.iter().find(|one| name(**one) == text.trim());
    found.copied().ok_or_else(|| {
        let names: Vec<String> = all.iter().map(|one| format!("`{}`", name(*one))).collect();
        let (last, others) = names
            .split_last()
            .map_or(("", [].as_slice()), |(last, others)| {
                (last.as_str(), others)
            });
        let others = others.join(", ");
        format!(
            "`{}` is no {what}, expected {others} or {last}",
            text.escape_debug()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for strategy in Strategy::ALL {
            assert_eq!(strategy.to_string().parse(), Ok(strategy));
        }
        for fidelity in [Fidelity::Fluid, Fidelity::Discrete] {
            assert_eq!(fidelity.to_string().parse(), Ok(fidelity));
        }
        for discipline in [Discipline::Fifo, Discipline::ProcessorSharing] {
            assert_eq!(discipline.to_string().parse(), Ok(discipline));
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_all_known_ones() {
        assert_eq!(
            "sticky".parse::<Strategy>(),
            Err("`sticky` is no balancing strategy, expected `random`, `round-robin`, `least-connections`, \
                 `power-of-two` or `ip-hash`"
                .to_owned())
        );
    }
}
