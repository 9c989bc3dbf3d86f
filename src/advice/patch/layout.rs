//! How a text is laid out: lines, blanks, colons, anchors.

/// A text whose layout is asked for.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) bytes: &'a [u8],
}

impl<'a> Layout<'a> {
    pub(super) fn at(self, offset: usize) -> Option<u8> {
        self.bytes.get(offset).copied()
    }

    /// Where the line of a place starts.
    pub(super) fn line_start(self, at: usize) -> usize {
        let before = self.bytes[..at].iter().rposition(|byte| *byte == b'\n');
        let start = before.map_or(0, |at| at + 1);
        let has_mark = start == 0 && self.bytes.starts_with(b"\xef\xbb\xbf");
        if has_mark { 3.min(at) } else { start }
    }

    /// Where the next line starts; the end of the text after its last line.
    pub(super) fn next_line(self, at: usize) -> usize {
        let line_break = self.bytes[at..].iter().position(|byte| *byte == b'\n');
        line_break.map_or(self.bytes.len(), |length| at + length + 1)
    }

    /// How lines end here: as the line of a place does, or else the line before it.
    pub(super) fn line_break(self, at: usize) -> &'static str {
        let next = self.next_line(at);
        let line = if self.bytes[..next].ends_with(b"\n") {
            &self.bytes[..next]
        } else {
            &self.bytes[..self.line_start(at)]
        };
        if line.ends_with(b"\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }

    /// The blanks that a line starts with, if there is nothing else before the place.
    pub(super) fn blanks_before(self, at: usize) -> Option<&'a str> {
        let before = self.text(self.line_start(at), at);
        before
            .trim_matches([' ', '\t'])
            .is_empty()
            .then_some(before)
    }

    /// The blanks that the line of a place starts with.
    pub(super) fn indentation(self, at: usize) -> &'a str {
        let line = self.text(self.line_start(at), at);
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// The column of a place, from 0, in characters.
    pub(super) fn column(self, at: usize) -> usize {
        self.text(self.line_start(at), at).chars().count()
    }

    /// Just after the colon that follows a key.
    pub(super) fn after_colon(self, key_end: usize) -> Option<usize> {
        let blanks = self.bytes[key_end..].iter();
        let at = key_end + blanks.take_while(|byte| byte.is_ascii_whitespace()).count();
        (self.at(at) == Some(b':')).then_some(at + 1)
    }

    pub(super) fn text(self, start: usize, end: usize) -> &'a str {
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Whether there is more than blanks and comments between two places.
    pub(super) fn has_content(self, start: usize, end: usize) -> bool {
        let lines = self.text(start, end).lines();
        let mut lines = lines.map(str::trim_start);
        lines.any(|line| !line.is_empty() && !line.starts_with('#'))
    }

    /// The names of the anchors of the value that starts at `to`, or just after its anchors and tags, and what of the text
    /// before it starts at `from`; and the place after them.
    pub(super) fn properties(self, from: usize, to: usize) -> (Vec<&'a str>, usize) {
        let mut names = Vec::new();
        let mut at = from;
        loop {
            let is_before = at < to;
            match self.at(at) {
                Some(b'&' | b'!') => {
                    let rest = &self.bytes[at..];
                    let ends = |byte: &u8| byte.is_ascii_whitespace() || b",[]{}".contains(byte);
                    let length = rest.iter().position(ends).unwrap_or(rest.len());
                    if rest[0] == b'&' {
                        names.push(self.text(at + 1, at + length));
                    }
                    at += length.max(1);
                }
                Some(b'#') if is_before || !names.is_empty() => at = self.next_line(at),
                Some(byte) if byte.is_ascii_whitespace() => at += 1,
                Some(b':' | b'-' | b',' | b'[' | b'?') if is_before => at += 1,
                _ => return (names, at),
            }
        }
    }

    /// Whether an alias of this name stands anywhere.
    pub(super) fn has_alias(self, name: &str) -> bool {
        let alias = [b"*", name.as_bytes()].concat();
        let places = self.bytes.windows(alias.len().max(1)).enumerate();
        let mut found = places.filter(|(_, bytes)| *bytes == alias);
        found.any(|(at, _)| {
            let next = self.at(at + alias.len());
            next.is_none_or(|byte| byte.is_ascii_whitespace() || b",[]{}:".contains(&byte))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_the_lines_around_them() {
        let text = Layout {
            bytes: b"a: 1\r\nb: 2",
        };
        assert_eq!((text.line_break(0), text.line_break(8)), ("\r\n", "\r\n"));
        assert_eq!((text.line_start(8), text.next_line(8)), (6, 10));
        assert_eq!(text.after_colon(7), Some(8));
    }

    #[test]
    fn anchors_are_found_before_and_at_a_value() {
        let text = Layout {
            bytes: b"a: !!map &x # note\n  b: 1\nc: *x\nd: *xy",
        };
        assert_eq!(text.properties(1, 21), (vec!["x"], 21));
        assert!(text.has_alias("x") && text.has_alias("xy") && !text.has_alias("y"));
    }
}
