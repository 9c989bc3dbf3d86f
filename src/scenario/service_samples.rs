//! `ServiceSamples`: measured service times, from a file that the command line reads.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::choose::Chooser;
use super::range::{in_range, out_of_range};
use super::{ScenarioError, settings_file};
use crate::stats::{Distribution, SortedSamples, read_samples};

/// A file of measured service times: one a line, in seconds or with a unit; and what was read from it.
///
/// Nothing here opens files: who made the settings reads it and hands over its text.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSamples {
    file: PathBuf,
    samples: Option<SortedSamples>,
}

impl ServiceSamples {
    /// The file, as the user wrote it.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Takes the file's text.
    ///
    /// # Errors
    /// When a line is no time, or there are none or more than a million; names the line.
    pub fn read(&mut self, text: &str) -> Result<(), String> {
        let samples = read_samples(text).map_err(|error| error.to_string())?;
        self.samples = Some(samples);
        Ok(())
    }
}

impl FromStr for ServiceSamples {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("there is no file name, expected a file of service times".to_owned());
        }
        Ok(Self {
            file: PathBuf::from(text),
            samples: None,
        })
    }
}

impl<'de> Deserialize<'de> for ServiceSamples {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        settings_file::parsed(deserializer)
    }
}

/// The measured times that a request occupies a worker, if there are.
pub(super) fn measured(choose: &mut Chooser<'_>) -> Result<Option<Distribution>, ScenarioError> {
    let Some(said) = choose.said(|settings| &settings.service_samples) else {
        return Ok(None);
    };
    for (other, is_said) in [
        (
            "--service",
            choose.said(|settings| &settings.service).is_some(),
        ),
        (
            "--service-time",
            choose.said(|settings| &settings.service_time).is_some(),
        ),
        (
            "--service-scv",
            choose.said(|settings| &settings.service_scv).is_some(),
        ),
    ] {
        if is_said {
            return Err(ScenarioError::Exclusive("--service-samples", other));
        }
    }
    let Some(samples) = said.value.samples else {
        let file = said.value.file.to_string_lossy().escape_debug().to_string();
        return Err(out_of_range(
            "service-samples",
            &file,
            "a file that has been read",
        ));
    };
    let count = samples.values().len();
    let times = Distribution::Empirical(samples);
    in_range(
        "the mean of service-samples",
        times.mean(),
        1e-6..=86_400.0,
        "1us to 24h, in seconds",
    )?;
    in_range(
        "the scv of service-samples",
        times.scv(),
        0.0..=100.0,
        "at most 100",
    )?;
    let mean = Distribution::Deterministic {
        value: (times.mean() * 1e6).round() / 1e6,
    };
    let scv = (times.scv() * 100.0).round() / 100.0;
    let value = format!("{count} samples, mean {mean}, scv {scv}");
    choose.note("service-samples", value, said.origin);
    Ok(Some(times))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Settings;

    fn flags(text: &str, more: &[&str]) -> Settings {
        let file = ["--service-samples", "times.txt"];
        let mut flags = Settings::from_flags(file.iter().chain(more).copied()).expect("flags");
        let samples = flags.service_samples.as_mut().expect("was given");
        samples.read(text).expect("times");
        flags
    }

    fn chosen(flags: &Settings) -> Result<Option<Distribution>, String> {
        let none = Settings::default();
        measured(&mut Chooser::new(flags, &none)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_was_read_is_the_service_time() {
        let expected = Distribution::empirical(vec![0.01, 0.02, 0.06]).expect("samples");
        assert_eq!(
            chosen(&flags("60ms\n10ms\n0.02\n", &[])),
            Ok(Some(expected))
        );
        assert_eq!(chosen(&Settings::default()), Ok(None));
    }

    #[test]
    fn other_words_on_the_service_time_are_refused() {
        let expected =
            "--service-samples and --service-scv exclude one another, give one of them".to_owned();
        assert_eq!(
            chosen(&flags("1s\n", &["--service-scv", "2"])),
            Err(expected)
        );
    }

    #[test]
    fn times_that_no_service_has_are_refused() {
        let expected = "the mean of service-samples is `0`, expected 1us to 24h, in seconds";
        assert_eq!(chosen(&flags("0\n0s\n", &[])), Err(expected.to_owned()));
        let far = "1us\n".repeat(999) + "1h\n";
        assert!(chosen(&flags(&far, &[])).is_err_and(|error| error.starts_with("the scv of")));
    }

    #[test]
    fn a_file_that_nobody_read_is_refused() {
        let flags = Settings::from_flags(["--service-samples", "times.txt"]).expect("flags");
        let expected = "service-samples is `times.txt`, expected a file that has been read";
        assert_eq!(chosen(&flags), Err(expected.to_owned()));
    }
}
