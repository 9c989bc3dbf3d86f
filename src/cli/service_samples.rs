//! The file of measured service times that flags or the scenario file name.

use std::path::Path;

use anyhow::{Result, anyhow, bail};

use super::input;
use crate::scenario::Settings;

/// Reads the file that `settings` name, if they do. A relative path is relative to `folder`.
pub(super) fn read(settings: &mut Settings, folder: &Path) -> Result<()> {
    let Some(samples) = &mut settings.service_samples else {
        return Ok(());
    };
    if input::is_stdin(samples.file()) {
        bail!("service-samples cannot come from standard input (-), expected a file");
    }
    let path = folder.join(samples.file());
    let text = input::service_samples(&path)?;
    samples
        .read(&text)
        .map_err(|error| anyhow!("{}: {error}", input::shown(&path)))
}
