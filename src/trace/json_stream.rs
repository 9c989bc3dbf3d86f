//! Walks JSON without building it: one token after another, from blocks of the input.

use std::io::Read;

use super::TraceProblem;
use super::blocks::{Blocks, MAX_ROW};
use super::error::{Fault, plain, quoted_bytes};
use super::read::unreadable;

/// A place in a JSON document.
pub(crate) struct JsonStream<'a> {
    blocks: Blocks<'a>,
    at: usize,
    /// Lines before the window.
    lines: u64,
}

impl<'a> JsonStream<'a> {
    /// The beginning of a document, a byte-order mark before it or not.
    ///
    /// # Errors
    /// When the input cannot be read or is empty.
    pub(crate) fn new(input: &'a mut dyn Read) -> Result<Self, Fault> {
        let mut blocks = Blocks::new(input);
        blocks.fetch().map_err(|error| unreadable(&error))?;
        if blocks.pending().is_empty() {
            return Err(TraceProblem::Empty.into());
        }
        let at = if blocks.pending().starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        Ok(Self {
            blocks,
            at,
            lines: 0,
        })
    }

    /// What has been fetched and not been walked over yet.
    #[inline]
    pub(crate) fn window(&self) -> &[u8] {
        &self.blocks.pending()[self.at..]
    }

    /// Walks over bytes of the window.
    #[inline]
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// A fault at this place.
    pub(crate) fn fault(&self, problem: TraceProblem) -> Fault {
        let walked = &self.blocks.pending()[..self.at];
        let lines = memchr::memchr_iter(b'\n', walked).count() as u64;
        Fault::at(self.lines + lines + 1, problem)
    }

    /// The fault of a document that is no JSON.
    pub(crate) fn no_json(&self, what: &str) -> Fault {
        if self.window().iter().all(u8::is_ascii_whitespace) {
            let early = "it ends early, expected a complete document";
            return Fault {
                // The line of the last text, not of the newline that ends it.
                line: self
                    .fault(TraceProblem::Empty)
                    .line
                    .filter(|line| *line > 0),
                problem: TraceProblem::Json(early.to_owned()),
            };
        }
        self.fault(TraceProblem::Json(what.to_owned()))
    }

    /// Fetches more; whether there is more in the window than before.
    fn fetch(&mut self) -> Result<bool, Fault> {
        if self.blocks.is_finished() {
            return Ok(false);
        }
        let walked = &self.blocks.pending()[..self.at];
        self.lines += memchr::memchr_iter(b'\n', walked).count() as u64;
        self.blocks.consume(self.at);
        self.at = 0;
        let before = self.blocks.pending().len();
        if before > MAX_ROW {
            return Err(self.fault(TraceProblem::RowTooLong));
        }
        self.blocks.fetch().map_err(|error| unreadable(&error))?;
        Ok(self.blocks.pending().len() > before)
    }

    /// The next byte that is no blank, without walking over it; `None` at the end.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let window = self.window();
            if let Some(blanks) = window.iter().position(|byte| !byte.is_ascii_whitespace()) {
                self.at += blanks;
                return Ok(self.window().first().copied());
            }
            if self.blocks.is_finished() {
                return Ok(None);
            }
            self.at = self.blocks.pending().len();
            self.fetch()?;
        }
    }

    /// Walks over a byte, and blanks before it, if it comes next.
    pub(crate) fn take_if(&mut self, wanted: u8) -> Result<bool, Fault> {
        let is_next = self.peek()? == Some(wanted);
        self.at += usize::from(is_next);
        Ok(is_next)
    }

    /// Walks over a byte that must come next.
    pub(crate) fn expect(&mut self, wanted: u8) -> Result<(), Fault> {
        if self.take_if(wanted)? {
            return Ok(());
        }
        Err(self.no_json(&format!("expected `{}`", char::from(wanted))))
    }

    /// Whether another item of an array or an object comes, after `count` of them; walks over what separates or closes.
    pub(crate) fn has_item(&mut self, count: usize, close: u8) -> Result<bool, Fault> {
        if self.take_if(close)? {
            return Ok(false);
        }
        if count > 0 {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// Reads a string.
    pub(crate) fn string(&mut self) -> Result<String, Fault> {
        if self.peek()? != Some(b'"') {
            return Err(self.no_json("expected a string"));
        }
        let end = self.string_end()?;
        let raw = &self.window()[..end];
        let inner = &raw[1..end - 1];
        let is_plain = !inner.iter().any(|byte| *byte == b'\\' || *byte < 0x20);
        let text = if is_plain && let Ok(text) = std::str::from_utf8(inner) {
            text.to_owned()
        } else {
            match serde_json::from_slice::<String>(raw) {
                Ok(text) => text,
                Err(error) => {
                    let message = error.to_string();
                    let message = message.split(" at line ").next().unwrap_or_default();
                    return Err(self.no_json(&plain(message)));
                }
            }
        };
        self.at += end;
        Ok(text)
    }

    /// The bytes of the string at the beginning of the window, quotes included.
    fn string_end(&mut self) -> Result<usize, Fault> {
        let mut from = 1;
        loop {
            let window = self.window();
            let found = window
                .get(from..)
                .and_then(|rest| memchr::memchr2(b'"', b'\\', rest));
            match found {
                Some(at) if window[from + at] == b'"' => return Ok(from + at + 1),
                // Whatever follows a backslash is no closing quote.
                Some(at) => from += at + 2,
                None => {
                    from = from.max(window.len());
                    if !self.fetch()? {
                        self.at = self.blocks.pending().len();
                        return Err(self.no_json(""));
                    }
                }
            }
        }
    }

    /// Reads a number, `true`, `false` or `null` as text.
    pub(crate) fn bare_word(&mut self) -> Result<String, Fault> {
        self.peek()?;
        loop {
            let window = self.window();
            let end = window
                .iter()
                .position(|byte| b",]}:\"[{".contains(byte) || byte.is_ascii_whitespace());
            if let Some(end) = end {
                if end == 0 {
                    return Err(self.no_json("expected a value"));
                }
                let word = String::from_utf8_lossy(&window[..end]).into_owned();
                self.at += end;
                return Ok(word);
            }
            if !self.fetch()? {
                self.at = self.blocks.pending().len();
                return Err(self.no_json(""));
            }
        }
    }

    /// Reads a number that stands bare or as a string; `null` is NaN.
    pub(crate) fn number(&mut self) -> Result<f64, Fault> {
        let text = if self.peek()? == Some(b'"') {
            self.string()?
        } else {
            self.bare_word()?
        };
        if text == "null" {
            return Ok(f64::NAN);
        }
        text.parse().map_err(|_| {
            let text = quoted_bytes(text.as_bytes());
            self.no_json(&format!("{text} is not a number"))
        })
    }

    /// Walks over a value of any kind.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            match self.peek()? {
                Some(b'"') => {
                    let end = self.string_end()?;
                    self.at += end;
                }
                Some(byte @ (b'[' | b'{')) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(self.no_json("recursion limit exceeded"));
                    }
                    open.push(byte);
                    self.at += 1;
                    continue;
                }
                Some(b']') if open.last() == Some(&b'[') => {
                    open.pop();
                    self.at += 1;
                }
                Some(b'}') if open.last() == Some(&b'{') => {
                    open.pop();
                    self.at += 1;
                }
                Some(b',' | b':') if !open.is_empty() => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    self.bare_word()?;
                }
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }

    /// The end of the document: nothing but blanks may come.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        match self.peek()? {
            None => Ok(()),
            Some(_) => Err(self.no_json("trailing characters")),
        }
    }
}

/// As deep as a document may be nested.
const MAX_DEPTH: usize = 128;
