//! Paragraphs and tables of plain text in so many columns.

use comfy_table::{ContentArrangement, Table, presets};

/// The width where nobody says it: of a log or a file.
const USUAL_WIDTH: u16 = 100;
const NARROWEST: u16 = 60;
const WIDEST: u16 = 160;

/// The columns to write in, of a terminal so wide; `None` where there is no terminal.
pub(super) fn page_width(terminal: Option<u16>) -> u16 {
    terminal.unwrap_or(USUAL_WIDTH).clamp(NARROWEST, WIDEST)
}

/// Blocks of lines as one text, an empty line between each two; empty blocks are left out.
pub(super) fn blocks(parts: &[Vec<String>]) -> String {
    let mut text = String::new();
    for lines in parts.iter().filter(|lines| !lines.is_empty()) {
        if !text.is_empty() {
            text.push('\n');
        }
        for line in lines {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// A table without lines, at most so wide.
pub(super) fn plain_table(width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table
}

/// Leaves no room left of the first column.
pub(super) fn flush_left(table: &mut Table) {
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
}

/// Lines of at most `width` characters, broken at spaces; lines after the first begin with `indent` spaces.
pub(super) fn wrap(text: &str, width: u16, indent: usize) -> Vec<String> {
    let width = usize::from(width);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let length = line.chars().count();
        let is_blank = line.trim().is_empty();
        if !is_blank && length + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
            line = " ".repeat(indent);
        } else if !is_blank {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
