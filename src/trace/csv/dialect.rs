//! How a table is written: what separates cells, and what separates a number's whole part from its fraction.

use super::number::DecimalMark;

/// As many lines as are looked at.
const LINES: usize = 20;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) mark: DecimalMark,
    /// The bytes before the table: a byte-order mark and a line `sep=;`.
    pub(super) preamble: usize,
    /// The lines within the preamble.
    pub(super) preamble_lines: u64,
}

impl Dialect {
    /// Sees how a table is written from its first bytes.
    pub(super) fn of(head: &[u8]) -> Self {
        let mut preamble = 0;
        if head.starts_with(b"\xef\xbb\xbf") {
            preamble = 3;
        }
        let text = &head[preamble..];
        let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let told = match first_line.trim_ascii() {
            [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => Some(*delimiter),
            b"sep=" => Some(b'\t'),
            _ => None,
        };
        let mut preamble_lines = 0;
        if told.is_some() {
            preamble += (first_line.len() + 1).min(text.len());
            preamble_lines = 1;
        }
        let delimiter = told.unwrap_or_else(|| delimiter_of(&head[preamble..]));
        let mark = match delimiter {
            b',' => DecimalMark::Point,
            _ => DecimalMark::PointOrComma,
        };
        Self {
            delimiter,
            mark,
            preamble,
            preamble_lines,
        }
    }
}

/// The first of `;`, tab, `|` and `,` that every line holds. A comma comes last since it may be a decimal one.
fn delimiter_of(text: &[u8]) -> u8 {
    let lines = || {
        text.split_inclusive(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty() && line[0] != b'#')
            // A line that the block cuts off may lack what the others have.
            .filter(|line| line.ends_with(b"\n"))
            .take(LINES)
    };
    let is_in_every_line = |delimiter: &u8| {
        lines().next().is_some() && lines().all(|line| holds_outside_quotes(line, *delimiter))
    };
    *[b';', b'\t', b'|']
        .iter()
        .find(|delimiter| is_in_every_line(delimiter))
        .unwrap_or(&b',')
}

fn holds_outside_quotes(line: &[u8], wanted: u8) -> bool {
    let mut is_quoted = false;
    line.iter().any(|byte| {
        is_quoted ^= *byte == b'"';
        !is_quoted && *byte == wanted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &str, delimiter: char, preamble: usize) {
        let dialect = Dialect::of(head.as_bytes());
        assert_eq!(
            (char::from(dialect.delimiter), dialect.preamble),
            (delimiter, preamble)
        );
    }

    #[test]
    fn the_delimiter_is_what_every_line_holds() {
        check("a,b\n1,2\n", ',', 0);
        check("a;b\n1,5;2,5\n", ';', 0);
        check("a\tb\n1\t2\n", '\t', 0);
        check("a;\tb\n1;\t2\n", ';', 0);
        check("\"a;b\",c\n1,2\n", ',', 0);
        check("# made by; hand\na,b\n", ',', 0);
        check("", ',', 0);
    }

    #[test]
    fn a_byte_order_mark_and_a_sep_line_come_before_the_table() {
        check("\u{feff}a;b\n1;2\n", ';', 3);
        check("sep=;\r\na,b;c\n", ';', 7);
        check("\u{feff}sep=,\nTime,v\n", ',', 9);
    }
}
