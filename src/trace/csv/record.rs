//! Splits one row into cells as RFC 4180 says, quotes and line breaks within them included.

use memchr::memchr2;

/// The cells of one row; its memory serves one row after another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// What a row took of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) bytes: usize,
    pub(super) lines: u64,
}

impl Record {
    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell without blanks around it; empty beyond the last.
    pub(crate) fn cell(&self, index: usize) -> &[u8] {
        let Some(end) = self.ends.get(index) else {
            return &[];
        };
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text[start..*end].trim_ascii()
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.cell(index))
    }

    /// Whether the row holds nothing at all.
    pub(super) fn is_blank(&self) -> bool {
        self.cells().all(<[u8]>::is_empty)
    }

    /// Reads the row at the beginning of `input`; `None` if the row does not end within it.
    pub(super) fn read(&mut self, input: &[u8], delimiter: u8) -> Option<Taken> {
        self.text.clear();
        self.ends.clear();
        let mut at = 0;
        let mut lines = 0;
        loop {
            let blanks = input[at..].iter().take_while(|byte| **byte == b' ').count();
            if input.get(at + blanks) == Some(&b'"') {
                at += blanks + 1;
                loop {
                    let quote = at + memchr::memchr(b'"', &input[at..])?;
                    self.text.extend_from_slice(&input[at..quote]);
                    lines += memchr::memchr_iter(b'\n', &input[at..quote]).count() as u64;
                    at = quote + 1;
                    if input.get(at) != Some(&b'"') {
                        break;
                    }
                    self.text.push(b'"');
                    at += 1;
                }
            }
            let stop = at + memchr2(delimiter, b'\n', &input[at..])?;
            self.text.extend_from_slice(&input[at..stop]);
            at = stop + 1;
            if input[stop] == b'\n' {
                let cell_start = self.ends.last().copied().unwrap_or(0);
                if self.text.len() > cell_start && self.text.last() == Some(&b'\r') {
                    self.text.pop();
                }
                self.ends.push(self.text.len());
                return Some(Taken {
                    bytes: at,
                    lines: lines + 1,
                });
            }
            self.ends.push(self.text.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &[&str], lines: u64) {
        let mut record = Record::default();
        let taken = record.read(input.as_bytes(), b',').expect("a whole row");
        let cells: Vec<_> = record
            .cells()
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect();
        assert_eq!(cells, expected);
        assert_eq!(taken.lines, lines);
    }

    #[test]
    fn cells_are_split_trimmed_and_unquoted() {
        check("a,b,c\nrest", &["a", "b", "c"], 1);
        check(" a ,\t b\r\n", &["a", "b"], 1);
        check("\"a,b\",\"say \"\"hi\"\"\"\n", &["a,b", "say \"hi\""], 1);
        check("\"two\nlines\", \"x\" \r\n", &["two\nlines", "x"], 2);
        check("12\" pipe,\n", &["12\" pipe", ""], 1);
        check("\n", &[""], 1);
    }

    #[test]
    fn a_row_without_end_is_not_read() {
        for input in ["", "a,b", "\"open\n", "a,\"\"\"\n"] {
            assert_eq!(
                Record::default().read(input.as_bytes(), b','),
                None,
                "{input}"
            );
        }
    }
}
