//! Files as they come: compressed or not, in UTF-8 or UTF-16, one document or many.

use std::io::Read;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use super::document::Position;
use super::error::{ErrorKind, Fault};

/// Largest text that compressed input may inflate to, in bytes.
const LARGEST_INFLATED: u64 = 128 << 20;

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// As it is to be shown in messages: a path, or `<stdin>`.
    pub name: String,
    /// YAML or JSON text in UTF-8 (or UTF-16 with a byte order mark), possibly compressed with gzip.
    pub bytes: Vec<u8>,
}

/// How a file came to be the text that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceForm {
    /// The text is the file, byte for byte.
    Plain,
    /// It was inflated.
    Gzip,
    /// It was decoded from UTF-16.
    Utf16,
}

/// A file, inflated and without a byte order mark in the way.
#[derive(Debug)]
pub(crate) struct SourceText {
    name: Arc<str>,
    bytes: Vec<u8>,
    form: SourceForm,
    /// Where the text starts: after the byte order mark.
    start: usize,
}

/// A piece of a file between two `---` lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk<'a> {
    pub(crate) start: Position,
    pub(crate) bytes: &'a [u8],
}

impl SourceText {
    /// Inflates and decodes a file. Invalid UTF-8 is left for each document to find.
    pub(crate) fn open(source: Source) -> Result<Self, (String, Fault)> {
        let Source { name, bytes } = source;
        let mut form = SourceForm::Plain;
        let inflated = match bytes.as_slice() {
            [0x1f, 0x8b, ..] => match inflate(&bytes) {
                Ok(inflated) => {
                    form = SourceForm::Gzip;
                    inflated
                }
                Err(fault) => return Err((name, fault)),
            },
            _ => bytes,
        };
        let decoded = match inflated.as_slice() {
            [0xff, 0xfe, rest @ ..] => Some(decode_utf16(rest, u16::from_le_bytes)),
            [0xfe, 0xff, rest @ ..] => Some(decode_utf16(rest, u16::from_be_bytes)),
            _ => None,
        };
        let bytes = match decoded {
            Some(Ok(text)) => {
                if form == SourceForm::Plain {
                    form = SourceForm::Utf16;
                }
                text.into_bytes()
            }
            Some(Err(fault)) => return Err((name, fault)),
            None => inflated,
        };
        if u32::try_from(bytes.len()).is_err() {
            let message = "4 GiB or more, expected less; split it";
            return Err((
                name,
                Fault::new(Position::START, ErrorKind::TooLarge, message),
            ));
        }
        let start = if bytes.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        Ok(Self {
            name: name.into(),
            bytes,
            form,
            start,
        })
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn form(&self) -> SourceForm {
        self.form
    }

    /// All of it as one piece, if that means the same: no document in it looks like JSON or has directives.
    pub(crate) fn as_one(&self) -> Option<Chunk<'_>> {
        let bytes = &self.bytes[self.start..];
        let mut rest = bytes;
        // The first sign of each line tells of all: what stands before it stands before the others as well.
        while let Some(sign) = memchr::memchr3(b'{', b'[', b'%', rest) {
            let before = &rest[..sign];
            let line = memchr::memrchr(b'\n', before).map_or(before, |end| &before[end + 1..]);
            if matches!(line.trim_ascii(), b"" | b"---") {
                return None;
            }
            let end = memchr::memchr(b'\n', &rest[sign..]);
            rest = end.map_or(&[], |end| &rest[sign + end..]);
        }
        Some(Chunk {
            start: Position {
                offset: self.start,
                ..Position::START
            },
            bytes,
        })
    }

    /// How many bytes there are to read.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// The documents, split at lines that start with `---`. A head of comments and directives stays with what follows.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = Chunk<'_>> {
        let mut at = self.start;
        let mut line = 1;
        std::iter::from_fn(move || {
            if at >= self.bytes.len() {
                return None;
            }
            let rest = &self.bytes[at..];
            let (length, lines) = chunk_length(rest);
            let chunk = Chunk {
                start: Position {
                    line,
                    column: 1,
                    offset: at,
                },
                bytes: &rest[..length],
            };
            at += length;
            line = line.saturating_add(lines);
            Some(chunk)
        })
    }
}

impl<'a> Chunk<'a> {
    /// The text, if it is text that YAML allows.
    pub(crate) fn text(&self) -> Result<&'a str, Fault> {
        let text = std::str::from_utf8(self.bytes).map_err(|error| {
            let at = error.valid_up_to();
            Fault::new(
                self.position(at),
                ErrorKind::Encoding,
                format!(
                    "byte `0x{:02x}` is not UTF-8, expected a manifest in YAML or JSON",
                    self.bytes[at]
                ),
            )
        })?;
        // Nearly every manifest is plain ASCII, which is known without decoding it.
        let is_usual = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
        // Blocks without a way out are compared many bytes at once.
        let all_usual = |block: &[u8]| block.iter().fold(true, |all, byte| all & is_usual(byte));
        if self.bytes.chunks(256).all(all_usual) {
            return Ok(text);
        }
        match text
            .char_indices()
            .find(|(_, letter)| is_forbidden(*letter))
        {
            Some((at, letter)) => Err(Fault::new(
                self.position(at),
                ErrorKind::Encoding,
                format!(
                    "control character U+{:04X} is not allowed, expected a manifest in YAML or JSON",
                    u32::from(letter)
                ),
            )),
            None => Ok(text),
        }
    }

    /// The place of the byte at `offset` of this chunk.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let before = &self.bytes[..offset.min(self.bytes.len())];
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let characters = String::from_utf8_lossy(&before[line_start..])
            .chars()
            .count();
        Position {
            line: self.start.line.saturating_add(count_lines(before)),
            column: count(characters).saturating_add(1),
            offset: self.start.offset + before.len(),
        }
    }
}

/// A count as a line or column number; more than four thousand million of either are all the same.
pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn count_lines(bytes: &[u8]) -> u32 {
    count(memchr::memchr_iter(b'\n', bytes).count())
}

/// How far the first document reaches, in bytes and in lines.
fn chunk_length(bytes: &[u8]) -> (usize, u32) {
    let mut at = 0;
    let mut lines = 0_u32;
    let mut has_content = false;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let line = &rest[..memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1)];
        let starts_document =
            line.starts_with(b"---") && line.get(3).is_none_or(|next| b" \t\r\n".contains(next));
        if starts_document && has_content {
            break;
        }
        let is_head = line[0] == b'%' || is_blank_or_comment(line);
        has_content |= starts_document || !is_head;
        at += line.len();
        lines = lines.saturating_add(1);
    }
    (at, lines)
}

fn is_blank_or_comment(line: &[u8]) -> bool {
    let first = line.iter().find(|byte| !b" \t\r\n".contains(byte));
    matches!(first, None | Some(b'#'))
}

/// What YAML 1.1 calls non-printable.
fn is_forbidden(letter: char) -> bool {
    match letter {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{feff}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => letter.is_control(),
    }
}

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let fault = |kind, message| Fault::new(Position::START, kind, message);
    let mut inflated = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(LARGEST_INFLATED + 1)
        .read_to_end(&mut inflated)
        .map_err(|error| {
            fault(
                ErrorKind::Encoding,
                format!("damaged or cut short gzip data ({error}), expected a whole .gz file"),
            )
        })?;
    if inflated.len() as u64 > LARGEST_INFLATED {
        return Err(fault(
            ErrorKind::TooLarge,
            format!(
                "inflates to more than {} MiB, expected less; split it",
                LARGEST_INFLATED >> 20
            ),
        ));
    }
    Ok(inflated)
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Fault> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<String, _>>()
        .ok()
        .filter(|_| rest.is_empty())
        .ok_or_else(|| {
            Fault::new(
                Position::START,
                ErrorKind::Encoding,
                "damaged UTF-16, expected a manifest in UTF-8",
            )
        })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn try_open(bytes: &[u8]) -> Result<SourceText, Fault> {
        let source = Source {
            name: "a.yaml".to_owned(),
            bytes: bytes.to_vec(),
        };
        SourceText::open(source).map_err(|(_, fault)| fault)
    }

    #[track_caller]
    fn open(bytes: &[u8]) -> SourceText {
        try_open(bytes).expect("the file can be opened")
    }

    #[track_caller]
    fn refused(bytes: &[u8]) -> Fault {
        try_open(bytes).expect_err("the file can't be opened")
    }

    /// What is wrong with the only document's text.
    #[track_caller]
    fn fault_in(bytes: &[u8]) -> Fault {
        let source = open(bytes);
        let chunk = source.chunks().next().expect("there is a document");
        chunk.text().expect_err("the text is wrong")
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("memory can be written");
        encoder.finish().expect("memory can be written")
    }

    #[test]
    fn a_file_is_read_at_once_unless_a_document_looks_like_json_or_has_directives() {
        let can = |text: &str| open(text.as_bytes()).as_one().is_some();
        assert!(can("a: {b: [1]}\n---\nc: 5 %{\n"));
        for text in [
            "{}",
            "a: 1\n--- {}\n",
            "a: [\n]\n  [",
            "%YAML 1.2\n---\na: 1\n",
        ] {
            assert!(!can(text), "{text}");
        }
    }

    #[track_caller]
    fn check_chunks(text: &str, expected: &[(u32, &str)]) {
        let source = open(text.as_bytes());
        let found: Vec<_> = source
            .chunks()
            .map(|chunk| (chunk.start.line, chunk.text().expect("it is text")))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn documents_are_split_at_three_dashes() {
        check_chunks(
            "a: 1\n---\nb: 2\n--- # c\nc: ---\n",
            &[(1, "a: 1\n"), (2, "---\nb: 2\n"), (4, "--- # c\nc: ---\n")],
        );
        check_chunks("---not\n ---\n----\n", &[(1, "---not\n ---\n----\n")]);
        check_chunks("a\r\n---\r\nb", &[(1, "a\r\n"), (2, "---\r\nb")]);
        check_chunks("", &[]);
    }

    #[test]
    fn a_head_of_comments_and_directives_stays_with_its_document() {
        check_chunks(
            "# licence\n\n%YAML 1.1\n---\na: 1\n---\n",
            &[(1, "# licence\n\n%YAML 1.1\n---\na: 1\n"), (6, "---\n")],
        );
    }

    #[test]
    fn byte_order_marks_and_utf_16_are_understood() {
        check_chunks("\u{feff}a: 1", &[(1, "a: 1")]);
        let text = "\u{feff}a: é";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(open(&little).bytes(), "a: é".as_bytes());
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(open(&big).bytes(), "a: é".as_bytes());
        assert_eq!(refused(&big[..5]).kind, ErrorKind::Encoding);
    }

    #[test]
    fn gzip_is_inflated() {
        let whole = gzip(b"a: 1");
        assert_eq!(open(&whole).bytes(), b"a: 1");
        let cut = refused(&whole[..whole.len() - 6]);
        assert!(
            cut.message.starts_with("damaged or cut short gzip"),
            "{}",
            cut.message
        );
    }

    #[test]
    fn a_gzip_bomb_is_refused() {
        let bomb = gzip(&vec![b' '; 130 << 20]);
        assert!(bomb.len() < 1 << 20);
        assert_eq!(refused(&bomb).kind, ErrorKind::TooLarge);
    }

    #[test]
    fn what_is_not_text_is_named_with_its_place() {
        let fault = fault_in(b"a: 1\nb: \xe9\xff");
        assert_eq!((fault.at.line, fault.at.column), (2, 4));
        assert!(fault.message.starts_with("byte `0xe9` is not UTF-8"));

        let fault = fault_in("ä: \u{1b}".as_bytes());
        assert_eq!((fault.at.line, fault.at.column, fault.at.offset), (1, 4, 4));
        assert!(fault.message.starts_with("control character U+001B"));
    }
}
