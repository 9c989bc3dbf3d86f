//! Edits as a unified diff in the form of git.

use std::fmt::Write as _;

use super::edit::Edit;

/// Lines around a change that a diff shows.
const CONTEXT: usize = 3;

/// A changed stretch: lines of the file, and what comes in their place.
struct Change {
    /// The first line and the one after the last, from 0.
    old: (usize, usize),
    new: Vec<Vec<u8>>,
}

/// Edits of a file, in order, as a unified diff that `git apply` and `patch -p1` take; empty if there are none.
#[must_use]
pub fn unified_diff(source_name: &str, before: &[u8], edits: &[Edit]) -> Vec<u8> {
    let lines: Vec<&[u8]> = before.split_inclusive(|byte| *byte == b'\n').collect();
    let changes = changes(before, &lines, edits);
    let mut diff = Vec::new();
    if changes.is_empty() {
        return diff;
    }
    let name = source_name.trim_start_matches("./").trim_start_matches('/');
    for (mark, side) in [("---", "a/"), ("+++", "b/")] {
        let name = quoted(&format!("{side}{name}"));
        diff.extend_from_slice(format!("{mark} {name}\n").as_bytes());
    }
    let mut grown: isize = 0;
    for hunk in changes.chunk_by(|a, b| b.old.0 - a.old.1 <= 2 * CONTEXT) {
        grown = write_hunk(&lines, hunk, grown, &mut diff);
    }
    diff
}

/// The changed lines of a file; those that come out the same at either end of a change are no part of it.
fn changes(before: &[u8], lines: &[&[u8]], edits: &[Edit]) -> Vec<Change> {
    let starts = Starts::of(lines);
    let mut changes = Vec::new();
    let mut rest = edits;
    while let Some(first) = rest.first() {
        let (first_line, mut end_line) = starts.touched(first);
        let mut taken = 1;
        // Edits of the same line belong together.
        while let Some(edit) = rest.get(taken)
            && starts.touched(edit).0 < end_line
        {
            end_line = end_line.max(starts.touched(edit).1);
            taken += 1;
        }
        let (start, end) = (starts.offsets[first_line], starts.offsets[end_line]);
        let new = text_between(before, start, end, &rest[..taken]);
        let new = new
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec);
        changes.extend(trimmed(lines, (first_line, end_line), new.collect()));
        rest = &rest[taken..];
    }
    changes
}

/// Where lines start.
struct Starts {
    /// Of each line, and the end of the file.
    offsets: Vec<usize>,
    /// Whether the last line has a break.
    ends_with_break: bool,
}

impl Starts {
    fn of(lines: &[&[u8]]) -> Self {
        let mut offsets = vec![0];
        for line in lines {
            let start = offsets.last().copied().unwrap_or(0);
            offsets.push(start + line.len());
        }
        Self {
            offsets,
            ends_with_break: lines.last().is_none_or(|line| line.ends_with(b"\n")),
        }
    }

    /// The first line that an edit touches and the one after the last; the same one where it only adds lines before it.
    fn touched(&self, edit: &Edit) -> (usize, usize) {
        let first = self.line_of(edit.range.start);
        let last = self.line_of(edit.range.end);
        let keeps_lines = self.offsets[first] == edit.range.start
            && self.offsets[last] == edit.range.end
            && (edit.text.is_empty() || edit.text.ends_with('\n'));
        let past = if keeps_lines { last } else { last + 1 };
        (first, past.min(self.offsets.len() - 1))
    }

    /// The end of the file is a line of its own only after a line break.
    fn line_of(&self, offset: usize) -> usize {
        let line = self.offsets.partition_point(|start| *start <= offset) - 1;
        let lines = self.offsets.len() - 1;
        if line == lines && !self.ends_with_break {
            lines - 1
        } else {
            line
        }
    }
}

/// The text that a stretch of the file becomes.
fn text_between(before: &[u8], start: usize, end: usize, edits: &[Edit]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut at = start;
    for edit in edits {
        text.extend_from_slice(&before[at..edit.range.start]);
        text.extend_from_slice(edit.text.as_bytes());
        at = edit.range.end;
    }
    text.extend_from_slice(&before[at..end]);
    text
}

fn trimmed(lines: &[&[u8]], old: (usize, usize), mut new: Vec<Vec<u8>>) -> Option<Change> {
    let (mut first, mut end) = old;
    let same = new.iter().zip(&lines[first..end]);
    let same = same
        .take_while(|(new, old)| new.as_slice() == **old)
        .count();
    new.drain(..same);
    first += same;
    while end > first && new.last().is_some_and(|new| new == lines[end - 1]) {
        new.pop();
        end -= 1;
    }
    (first < end || !new.is_empty()).then_some(Change {
        old: (first, end),
        new,
    })
}

/// Writes changes that share context; `grown` is by how many lines those before them have made the file longer.
fn write_hunk(lines: &[&[u8]], hunk: &[Change], grown: isize, diff: &mut Vec<u8>) -> isize {
    let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
        return grown;
    };
    let start = first.old.0.saturating_sub(CONTEXT);
    let end = (last.old.1 + CONTEXT).min(lines.len());
    let more: isize = hunk
        .iter()
        .map(|change| change.new.len().cast_signed() - (change.old.1 - change.old.0).cast_signed())
        .sum();
    let length = end - start;
    let new_start = start.cast_signed() + grown;
    let new_length = length.cast_signed() + more;
    let numbers = |start: isize, length: isize| {
        // An empty stretch is named by the line before it.
        let start = if length == 0 { start } else { start + 1 };
        if length == 1 {
            start.to_string()
        } else {
            format!("{start},{length}")
        }
    };
    let mut head = String::new();
    let old = numbers(start.cast_signed(), length.cast_signed());
    let _ = writeln!(head, "@@ -{old} +{} @@", numbers(new_start, new_length));
    diff.extend_from_slice(head.as_bytes());
    let mut at = start;
    for change in hunk {
        for line in &lines[at..change.old.0] {
            write_line(b' ', line, diff);
        }
        for line in &lines[change.old.0..change.old.1] {
            write_line(b'-', line, diff);
        }
        for line in &change.new {
            write_line(b'+', line, diff);
        }
        at = change.old.1;
    }
    for line in &lines[at..end] {
        write_line(b' ', line, diff);
    }
    grown + more
}

fn write_line(mark: u8, line: &[u8], diff: &mut Vec<u8>) {
    diff.push(mark);
    diff.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        diff.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}

/// A file's name as git writes it: in quotes with octal escapes where a byte is special, and with a tab behind a name that
/// has a blank, so that it is clear where it ends.
fn quoted(name: &str) -> String {
    let is_special = |byte: u8| !(b' '..0x7f).contains(&byte) || byte == b'"' || byte == b'\\';
    if !name.bytes().any(is_special) {
        let tab = if name.contains(' ') { "\t" } else { "" };
        return format!("{name}{tab}");
    }
    let mut quoted = String::from("\"");
    for byte in name.bytes() {
        match byte {
            b'"' => quoted.push_str("\\\""),
            b'\\' => quoted.push_str("\\\\"),
            b'\n' => quoted.push_str("\\n"),
            b'\t' => quoted.push_str("\\t"),
            b'\r' => quoted.push_str("\\r"),
            byte if is_special(byte) => {
                let _ = write!(quoted, "\\{byte:03o}");
            }
            byte => quoted.push(char::from(byte)),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::patch::edit;

    /// Checks the diff of a text in which a piece is replaced, without its head.
    #[track_caller]
    fn check(before: &str, old: &str, new: &str, expected: &str) {
        let start = before.find(old).expect("the piece is there");
        let edits = vec![Edit {
            range: start..start + old.len(),
            text: new.to_owned(),
        }];
        let edits = edit::in_order(edits, before.len()).expect("one edit");
        let diff = unified_diff("x.yaml", before.as_bytes(), &edits);
        let diff = String::from_utf8(diff).expect("it is text");
        let head = "--- a/x.yaml\n+++ b/x.yaml\n";
        assert_eq!(diff.strip_prefix(head).unwrap_or(&diff), expected);
    }

    #[test]
    fn a_change_stands_between_three_lines_on_either_side() {
        check(
            "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
            "5",
            "five",
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
        );
        check("a\nb\n", "b\n", "b\nc\n", "@@ -1,2 +1,3 @@\n a\n b\n+c\n");
        check("a\nb\n", "a\n", "", "@@ -1,2 +1 @@\n-a\n b\n");
        check("a\n", "a\n", "a\n", "");
    }

    #[test]
    fn a_last_line_without_a_break_is_told() {
        check(
            "a\nb",
            "b",
            "b\nc",
            "@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+c\n\\ No newline at end of file\n",
        );
    }

    #[test]
    fn names_are_quoted_as_git_does() {
        for (name, expected) in [
            ("a/x.yaml", "a/x.yaml"),
            ("a/my file", "a/my file\t"),
            ("a/é\n\"", "\"a/\\303\\251\\n\\\"\""),
        ] {
            assert_eq!(quoted(name), expected);
        }
    }
}
