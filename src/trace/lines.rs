//! One line after another, whatever ends it.

use std::io::Read;

use super::TraceProblem;
use super::blocks::{Blocks, MAX_ROW};
use super::error::Fault;
use super::read::unreadable;

/// Takes every line with its number from 1, without its end and without a byte-order mark before the first.
///
/// # Errors
/// When the input cannot be read, a line is longer than 1 MiB, or `take` says so.
pub(crate) fn for_each_line(
    input: &mut dyn Read,
    mut take: impl FnMut(&[u8], u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut blocks = Blocks::new(input);
    let mut number = 0;
    loop {
        blocks.fetch().map_err(|error| unreadable(&error))?;
        let window = blocks.pending();
        let mut at = 0;
        if number == 0 && window.starts_with(b"\xef\xbb\xbf") {
            at = 3;
        }
        while let Some(end) = memchr::memchr(b'\n', &window[at..]) {
            let line = &window[at..at + end];
            number += 1;
            take(line.strip_suffix(b"\r").unwrap_or(line), number)?;
            at += end + 1;
        }
        let is_stuck = at == 0 && window.len() > MAX_ROW;
        blocks.consume(at);
        if blocks.is_finished() {
            return Ok(());
        }
        if is_stuck {
            return Err(Fault::at(number + 1, TraceProblem::RowTooLong));
        }
    }
}

/// A line as text; bytes that are none become the replacement letter.
pub(crate) fn text_of(line: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut found = Vec::new();
        for_each_line(&mut text.as_bytes(), |line, number| {
            found.push(String::from_utf8_lossy(line).into_owned());
            assert_eq!(usize::try_from(number), Ok(found.len()));
            Ok(())
        })
        .expect("lines");
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_end_in_any_of_three_ways() {
        check("a\nb\r\nc\rd", &["a", "b", "c", "d"]);
        check("\u{feff}a\n\nb\n", &["a", "", "b"]);
        check("", &[]);
        check("a\r", &["a"]);
    }

    #[test]
    fn a_carriage_return_at_a_block_s_end_is_seen() {
        for length in (1 << 18) - 3..(1 << 18) + 3 {
            let long = "x".repeat(length);
            check(&format!("{long}\r\nb\rc"), &[&long, "b", "c"]);
            check(&format!("{long}\rb"), &[&long, "b"]);
        }
    }
}
