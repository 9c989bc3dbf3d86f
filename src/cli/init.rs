//! `scaleplan init`: a scenario file with every setting, commented out.

use anyhow::{Result, bail};

use super::args::InitArgs;
use super::exit::ExitStatus;
use super::input::{is_stdin, shown};
use super::output::{self, WholeFile};
use crate::scenario::example_file;

pub(super) fn init(args: &InitArgs) -> Result<ExitStatus> {
    let text = example_file();
    if is_stdin(&args.file) {
        output::report(&text)?;
        return Ok(ExitStatus::Clean);
    }
    let file = WholeFile::create(&args.file)?;
    if args.file.exists() && !args.force {
        bail!(
            "{}: is there already, --force writes over it",
            shown(&args.file)
        );
    }
    file.write(text.as_bytes())?;
    output::note(&format!(
        "wrote {}; use it with scaleplan simulate --scenario {}",
        shown(&args.file),
        shown(&args.file)
    ));
    Ok(ExitStatus::Clean)
}
