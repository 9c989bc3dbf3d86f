//! `NoiseArg`: chance upon a made-up trace, as typed.

use std::str::FromStr;

use crate::trace::Noise;

/// Chance upon a made-up trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NoiseArg(pub(super) Noise);

/// The standard deviation of noise whose strength nobody says, as a share.
const USUAL_SHARE: f64 = 0.1;
/// The correlation of steps that nobody says.
const USUAL_CORRELATION: f64 = 0.9;

impl FromStr for NoiseArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{}` is no noise, expected `poisson`, `gaussian:0.1` (a share of the rate) or `ar1:0.1,0.9` (and the \
                 correlation of neighbours, below 1)",
                text.escape_debug()
            )
        };
        let (word, numbers) = text.split_once(':').unwrap_or((text, ""));
        let numbers: Vec<f64> = numbers
            .split(',')
            .filter(|number| !number.is_empty())
            .map(|number| number.trim().parse().map_err(|_| wrong()))
            .collect::<Result<_, _>>()?;
        let share = numbers.first().copied().unwrap_or(USUAL_SHARE);
        let correlation = numbers.get(1).copied().unwrap_or(USUAL_CORRELATION);
        let is_usable = (0.0..=10.0).contains(&share) && (0.0..1.0).contains(&correlation);
        let noise = match (word.trim(), numbers.len()) {
            ("poisson", 0) => Noise::Poisson,
            ("gaussian", 0 | 1) if is_usable => Noise::Gaussian { share },
            ("ar1", 0..=2) if is_usable => Noise::Autoregressive { share, correlation },
            _ => return Err(wrong()),
        };
        Ok(Self(noise))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noises_have_names_and_numbers() {
        let read = |text: &str| text.parse::<NoiseArg>().map(|noise| noise.0);
        assert_eq!(read("poisson"), Ok(Noise::Poisson));
        assert_eq!(read("gaussian:0.2"), Ok(Noise::Gaussian { share: 0.2 }));
        let (share, correlation) = (0.3, 0.5);
        assert_eq!(
            read("ar1:0.3,0.5"),
            Ok(Noise::Autoregressive { share, correlation })
        );
        assert!(read("ar1").is_ok());
        for wrong in [
            "",
            "white",
            "poisson:1",
            "gaussian:x",
            "gaussian:-1",
            "ar1:0.1,1",
            "ar1:1,2,3",
            "gaussian:NaN",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
