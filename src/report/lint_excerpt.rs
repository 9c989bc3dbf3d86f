//! The line of a file that a finding is about, with marks under what it means.

use unicode_width::UnicodeWidthStr as _;

use super::escape;
use crate::lint::Place;

/// The most text that is looked at on each side of a place, bytes: lines can be very long.
const NEAR: usize = 4096;

/// A line and its marks, of the same indentation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) before: String,
    pub(crate) marked: String,
    pub(crate) after: String,
    pub(crate) marks: String,
}

/// The line where a place starts, at most `width` columns of it; nothing if the text has no such place.
pub(crate) fn excerpt(text: &[u8], place: &Place, width: usize) -> Option<Excerpt> {
    let at = place.start.offset;
    let (behind, ahead) = (text.get(..at)?, text.get(at..)?);
    let line_start = memchr_back(behind);
    let line_end = ahead.iter().take(2 * NEAR).position(|&byte| byte == b'\n');
    let line_end = at + line_end.unwrap_or(ahead.len().min(2 * NEAR));
    let end = place.end.offset.clamp(at, line_end);
    if line_start == line_end && text.get(line_end).is_none() {
        return None;
    }

    let before = cells(&text[line_start.max(at.saturating_sub(NEAR))..at]);
    let marked = cells(&text[at..end]);
    let after = cells(text[end..line_end].trim_ascii_end());
    let marked = head(&marked, width.max(1));
    let room = width.saturating_sub(marked.width()).max(1);
    let before_width: usize = before.iter().map(|cell| cell.width()).sum();
    let after_room = room.saturating_sub(before_width.min(room / 2));
    let after = head(&after, after_room);
    let before = tail(&before, room.saturating_sub(after.width()));
    let blank = " ".repeat(before.width());
    let marks = "^".repeat(marked.width().max(1));
    Some(Excerpt {
        marks: blank + &marks,
        before,
        marked,
        after,
    })
}

/// Where the line starts that a text ends in.
fn memchr_back(text: &[u8]) -> usize {
    text.iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1)
}

/// A piece of a line, safe to print: one text for each of its characters.
fn cells(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let shown = |letter: char| match letter {
        '\t' => "    ".to_owned(),
        _ => escape::plain(letter.encode_utf8(&mut [0; 4])),
    };
    text.chars()
        .filter(|letter| *letter != '\r')
        .map(shown)
        .collect()
}

/// The first cells, in so many columns.
fn head(cells: &[String], width: usize) -> String {
    fit(cells.iter(), width).map_or_else(|| cells.concat(), |count| cells[..count].concat() + "…")
}

/// The last cells, likewise.
fn tail(cells: &[String], width: usize) -> String {
    fit(cells.iter().rev(), width).map_or_else(
        || cells.concat(),
        |count| format!("…{}", cells[cells.len() - count..].concat()),
    )
}

/// How many cells fit beside an ellipsis, `None` if all fit.
fn fit<'a>(cells: impl Iterator<Item = &'a String>, width: usize) -> Option<usize> {
    let mut used = 0;
    let mut with_ellipsis = 0;
    for (index, cell) in cells.enumerate() {
        used += cell.width();
        if used < width {
            with_ellipsis = index + 1;
        }
        if used > width {
            return Some(with_ellipsis);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::manifest::Position;

    fn of(text: &str, start: usize, end: usize, width: usize) -> Option<(String, String)> {
        let position = |offset| Position {
            line: 1,
            column: 1,
            offset,
        };
        let place = Place {
            source: "a.yaml".into(),
            start: position(start),
            end: position(end),
        };
        excerpt(text.as_bytes(), &place, width).map(|it| {
            let line = format!("{}{}{}", it.before, it.marked, it.after);
            (line, it.marks)
        })
    }

    #[track_caller]
    fn check(text: &str, start: usize, end: usize, width: usize, line: &str, marks: &str) {
        assert_eq!(
            of(text, start, end, width),
            Some((line.to_owned(), marks.to_owned()))
        );
    }

    #[test]
    fn what_is_meant_is_marked() {
        check("a: 1\nbc: 23  \n", 9, 11, 80, "bc: 23", "    ^^");
        check("a: 1\n", 3, 3, 80, "a: 1", "   ^");
        // What goes on over further lines is marked to the end of its first.
        check("a:\n- b\n- c\n", 3, 10, 80, "- b", "^^^");
    }

    #[test]
    fn wide_and_hidden_letters_keep_the_marks_in_place() {
        check("名: 1\n", 5, 6, 80, "名: 1", "    ^");
        check("\u{1b}: 1\r\n", 3, 4, 80, "\\u{1b}: 1", "        ^");
        check("\ta: 1\n", 4, 5, 80, "    a: 1", "       ^");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        check(
            "aaaaaaaaaa: bbb, cccccccc\n",
            12,
            15,
            10,
            "…: bbb, c…",
            "   ^^^",
        );
        check(
            "aaaaaaaaaaaaaaaa: bbb\n",
            18,
            21,
            10,
            "…aaaa: bbb",
            "       ^^^",
        );
        check("bbb: aaaaaaaaaaaaaaaa\n", 0, 3, 10, "bbb: aaaa…", "^^^");
    }

    #[test]
    fn a_place_outside_the_text_has_no_excerpt() {
        assert_eq!(of("", 0, 0, 80), None);
        assert_eq!(of("a", 5, 6, 80), None);
    }

    proptest! {
        #[test]
        fn any_place_of_any_text_is_shown_within_the_width(
            text in "\\PC{0,60}", start in 0..80_usize, length in 0..80_usize, width in 1..40_usize,
        ) {
            if let Some((line, marks)) = of(&text, start, start + length, width) {
                prop_assert!(line.width() <= width + 3, "{line}");
                prop_assert!(!marks.is_empty());
            }
        }
    }
}
