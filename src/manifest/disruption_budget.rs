//! PodDisruptionBudget as written.

use super::decode::{Decoder, Field, Written};
use super::error::quoted;
use super::scalar::Scalar;
use super::selector::{self, LabelSelector};

/// A PodDisruptionBudget: how many pods have to stay when pods are evicted.
#[derive(Clone, Debug, PartialEq)]
pub struct DisruptionBudget {
    /// The pods it is about; `None` selects none. See [`DisruptionBudget::selects`] for an empty one.
    pub selector: Option<LabelSelector>,
    /// `minAvailable`.
    pub min_available: Option<Written<Amount>>,
    /// `maxUnavailable`.
    pub max_unavailable: Option<Written<Amount>>,
    /// Whether it is of policy/v1beta1, where an empty selector selects no pods.
    pub empty_selects_none: bool,
}

/// A number of pods, or a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many pods.
    Pods(i32),
    /// So many percent of the pods.
    Percent(i32),
}

impl Amount {
    /// How many of `pods` it comes to. A share is rounded up, for both fields (`pkg/controller/disruption`).
    #[must_use]
    pub fn of(self, pods: i32) -> i64 {
        match self {
            Self::Pods(number) => i64::from(number),
            Self::Percent(percent) => {
                let hundredths = i64::from(percent) * i64::from(pods);
                hundredths.div_euclid(100) + i64::from(hundredths.rem_euclid(100) > 0)
            }
        }
    }
}

impl DisruptionBudget {
    /// The selector that is in force: `None` where no pod is selected.
    #[must_use]
    pub fn selects(&self) -> Option<&LabelSelector> {
        let is_none = |selector: &&LabelSelector| self.empty_selects_none && selector.is_empty();
        self.selector.as_ref().filter(|selector| !is_none(selector))
    }
}

pub(crate) fn read(
    decoder: &mut Decoder,
    object: &Field<'_>,
    api_version: &str,
) -> Option<DisruptionBudget> {
    let spec = decoder.object(object, "spec")?;
    Some(DisruptionBudget {
        selector: selector::read(decoder, &spec, "selector"),
        min_available: read_amount(decoder, &spec, "minAvailable"),
        max_unavailable: read_amount(decoder, &spec, "maxUnavailable"),
        empty_selects_none: api_version == "policy/v1beta1",
    })
}

/// A count, or a percentage in a string.
fn read_amount(decoder: &mut Decoder, spec: &Field<'_>, key: &str) -> Option<Written<Amount>> {
    let field = decoder.child(spec, key)?;
    if matches!(field.node.scalar(), Some(Scalar::Int(_) | Scalar::Float(_))) {
        let count = decoder.int32(spec, key)?;
        return Some(count.with(Amount::Pods(count.value)));
    }
    let text = decoder.string(spec, key)?;
    let percent = text.value.strip_suffix('%');
    let percent = percent.and_then(|percent| percent.parse().ok());
    if percent.is_none() {
        let problem = format!(
            "{} is neither a number nor a percentage, expected one such as `1` or `\"50%\"`",
            quoted(&text.value)
        );
        decoder.faults.push(text.invalid(problem));
    }
    percent.map(|percent| text.with(Amount::Percent(percent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_up() {
        for (amount, pods, expected) in [
            (Amount::Percent(50), 3, 2),
            (Amount::Percent(50), 4, 2),
            (Amount::Percent(0), 4, 0),
            (Amount::Percent(100), 1, 1),
            (Amount::Percent(10), 1, 1),
            (Amount::Pods(2), 1, 2),
        ] {
            assert_eq!(amount.of(pods), expected, "{amount:?} of {pods}");
        }
    }
}
