//! Who asks: a bearer token or a name with a password, from a file or the environment.

use std::env;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::live_args::PrometheusArgs;
use crate::cli::input;

/// The environment's bearer token.
const TOKEN: &str = "SCALEPLAN_PROMETHEUS_TOKEN";
/// The environment's `USER:PASSWORD`.
const BASIC: &str = "SCALEPLAN_PROMETHEUS_BASIC";

/// The value of an `Authorization` header. It has no `Debug`: it is a secret.
pub(super) struct Credentials(String);

impl Credentials {
    /// What files, and where none is named the environment, say; `None` if they say nothing.
    ///
    /// # Errors
    /// When a file cannot be read, or holds nothing of the expected form.
    pub(super) fn of(args: &PrometheusArgs) -> Result<Option<Self>> {
        if let Some(file) = &args.prometheus_token_file {
            return Self::bearer(&secret(file)?, &input::shown(file)).map(Some);
        }
        if let Some(file) = &args.prometheus_basic_file {
            return Self::basic(&secret(file)?, &input::shown(file)).map(Some);
        }
        match (from_environment(TOKEN)?, from_environment(BASIC)?) {
            (Some(_), Some(_)) => {
                bail!("{TOKEN} and {BASIC} are both set, expected one of them")
            }
            (Some(token), None) => Self::bearer(&token, TOKEN).map(Some),
            (None, Some(basic)) => Self::basic(&basic, BASIC).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The header's value.
    pub(super) fn header(&self) -> &str {
        &self.0
    }

    fn bearer(token: &str, from: &str) -> Result<Self> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!("{from}: holds no bearer token, expected one word of printable ASCII");
        }
        Ok(Self(format!("Bearer {token}")))
    }

    fn basic(pair: &str, from: &str) -> Result<Self> {
        if !pair.contains(':') || pair.contains(char::is_control) {
            bail!("{from}: holds no name and password, expected one line `USER:PASSWORD`");
        }
        Ok(Self(format!("Basic {}", BASE64_STANDARD.encode(pair))))
    }
}

fn secret(file: &Path) -> Result<String> {
    Ok(input::secret(file)?.trim().to_owned())
}

fn from_environment(name: &str) -> Result<Option<String>> {
    match env::var(name) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(anyhow!("{name}: is not UTF-8 text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_secret_is_refused_without_being_shown() {
        for token in ["", "two words", "line\nbreak", "é"] {
            let refused = Credentials::bearer(token, "t.txt").err().expect("refused");
            assert_eq!(
                refused.to_string(),
                "t.txt: holds no bearer token, expected one word of printable ASCII"
            );
        }
        assert!(Credentials::basic("no colon", "b.txt").is_err());
        let basic = Credentials::basic("ann:pa:ss", "b.txt").expect("valid");
        assert_eq!(basic.header(), "Basic YW5uOnBhOnNz");
    }
}
