//! What is written beside a report on standard output: pictures and pages, and showing them.

use std::path::Path;

use anyhow::Result;

use super::opener::Opener;
use super::output::WholeFile;
use super::picture_args::PictureArgs;
use crate::report::{self, Picture, Report};

/// Files that can be written, and how they are to look.
pub(super) struct Pictures {
    png: Option<WholeFile>,
    svg: Option<WholeFile>,
    page: Option<WholeFile>,
    picture: Picture,
    opener: Option<Opener>,
}

impl Pictures {
    /// Finds out whether all of it can be written and shown, so that this is known before the work begins.
    pub(super) fn new(args: &PictureArgs) -> Result<Self> {
        let size = args.size.map(|size| (size.width, size.height));
        let picture = Picture::new(size, args.dpi, args.theme.into())?;
        let shown = args.html.as_deref().or(args.svg.as_deref());
        let shown = shown.or(args.png.as_deref());
        let opener = args.open.then(|| Opener::new(shown)).transpose()?;
        Ok(Self {
            png: created(args.png.as_deref(), WholeFile::create_picture)?,
            svg: created(args.svg.as_deref(), WholeFile::create_drawing)?,
            page: created(args.html.as_deref(), WholeFile::create_page)?,
            picture,
            opener,
        })
    }

    /// Writes them, and shows the one that was asked for.
    pub(super) fn write(&self, report: &Report<'_>) -> Result<()> {
        if let Some(page) = &self.page {
            page.write(report::html(report).as_bytes())?;
        }
        if let Some(file) = &self.png {
            file.write(&report::png(report, self.picture)?)?;
        }
        if let Some(file) = &self.svg {
            file.write(report::svg(report, self.picture)?.as_bytes())?;
        }
        match &self.opener {
            Some(opener) => opener.open(),
            None => Ok(()),
        }
    }
}

fn created(
    path: Option<&Path>,
    create: fn(&Path) -> Result<WholeFile>,
) -> Result<Option<WholeFile>> {
    path.map(create).transpose()
}
