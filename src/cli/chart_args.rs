//! Flags for charts in the terminal.

use std::env;

use clap::Args;

use crate::report::Glyphs;

#[derive(Args, Debug)]
pub(super) struct ChartArgs {
    /// Also draw demand and replicas over time below the table, in braille, or in ASCII where the locale is not UTF-8
    #[arg(long)]
    pub(super) chart: bool,
    /// Draw them in ASCII
    #[arg(long, requires = "chart")]
    pub(super) ascii: bool,
}

impl ChartArgs {
    /// What charts are made of; `None` where none was asked for.
    pub(super) fn glyphs(&self) -> Option<Glyphs> {
        self.chart.then(|| {
            if self.ascii || !is_utf8(|name| env::var(name).ok()) {
                Glyphs::Ascii
            } else {
                Glyphs::Braille
            }
        })
    }
}

/// Whether the locale says that text is UTF-8: the first of its variables that says anything.
fn is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let said = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(variable)
        .find(|value| !value.is_empty());
    let said = said.unwrap_or_default().to_lowercase();
    said.contains("utf-8") || said.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_says_anything_counts() {
        let with = |set: &[(&str, &str)]| {
            is_utf8(|name| {
                let found = set.iter().find(|(one, _)| *one == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(with(&[("LANG", "de_DE.UTF-8")]));
        assert!(with(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]));
        assert!(!with(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
        assert!(!with(&[]));
    }
}
