//! `scaleplan man`: manual pages, one for each command.

use std::fs;

use anyhow::{Result, anyhow};
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::args::{Cli, ManArgs};
use super::exit::ExitStatus;
use super::input::shown;
use super::output::{self, WholeFile, reason};

/// Prints the main page, or writes all pages into a folder.
pub(super) fn man(args: &ManArgs) -> Result<ExitStatus> {
    let mut whole = Cli::whole().disable_help_subcommand(true);
    whole.build();
    let Some(folder) = &args.dir else {
        let page = page(whole)?;
        output::report(&String::from_utf8_lossy(&page.roff))?;
        return Ok(ExitStatus::Clean);
    };
    fs::create_dir_all(folder)
        .map_err(|error| anyhow!("{}: cannot be made: {}", shown(folder), reason(&error)))?;
    let mut pages = Vec::new();
    add_pages(whole, &mut pages)?;
    for page in &pages {
        WholeFile::create(&folder.join(&page.file))?.write(&page.roff)?;
    }
    output::note(&format!("wrote {} pages to {}", pages.len(), shown(folder)));
    Ok(ExitStatus::Clean)
}

/// One page of the manual.
struct Page {
    file: String,
    roff: Vec<u8>,
}

/// The pages of a command and of those below it.
fn add_pages(command: Command, pages: &mut Vec<Page>) -> Result<()> {
    let below: Vec<Command> = command.get_subcommands().cloned().collect();
    pages.push(page(command)?);
    for command in below.into_iter().filter(|command| !command.is_hide_set()) {
        add_pages(command, pages)?;
    }
    Ok(())
}

fn page(mut command: Command) -> Result<Page> {
    let usage = command.render_usage().to_string();
    let after = command.get_after_help().map(ToString::to_string);
    let has_options = command.get_arguments().next().is_some();
    let has_commands = command.has_subcommands();
    let man = Man::new(command)
        .source(concat!("scaleplan ", env!("CARGO_PKG_VERSION")))
        .manual("scaleplan");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    // Of a hundred flags the reader wants to know that there are some.
    let usage: Vec<&str> = usage
        .trim_start_matches("Usage: ")
        .lines()
        .map(str::trim_start)
        .collect();
    as_it_stands("SYNOPSIS", &usage.join("\n"), &mut page)?;
    man.render_description_section(&mut page)?;
    if has_options {
        man.render_options_section(&mut page)?;
    }
    if has_commands {
        man.render_subcommands_section(&mut page)?;
    }
    if let Some(text) = after {
        as_it_stands("NOTES", &text, &mut page)?;
    }
    Ok(Page {
        file: man.get_filename(),
        roff: page,
    })
}

/// A section whose lines stay lines.
fn as_it_stands(heading: &str, text: &str, page: &mut Vec<u8>) -> Result<()> {
    let mut section = Roff::new();
    section.control("SH", [heading]);
    section.control("nf", []);
    for line in text.lines() {
        section.text([roman(line)]);
    }
    section.control("fi", []);
    section.to_writer(page)?;
    Ok(())
}
