//! Fetches input in blocks and keeps what is not used up yet.

use std::io::{self, Read};

const BLOCK: usize = 1 << 18;

/// As long as a row may be.
pub(crate) const MAX_ROW: usize = 1 << 20;

/// A window onto an input.
pub(crate) struct Blocks<'a> {
    input: &'a mut dyn Read,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    is_finished: bool,
}

impl<'a> Blocks<'a> {
    pub(crate) fn new(input: &'a mut dyn Read) -> Self {
        Self {
            input,
            buffer: vec![0; BLOCK],
            start: 0,
            end: 0,
            is_finished: false,
        }
    }

    /// What has been fetched and not consumed.
    pub(crate) fn pending(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        debug_assert!(self.start <= self.end);
    }

    /// Whether the input has ended, so that `pending` is all there is.
    pub(crate) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Fetches until the window is full or the input ends, which a newline then marks if the last row lacks one.
    ///
    /// The window grows when nothing has been consumed since the last call.
    pub(crate) fn fetch(&mut self) -> io::Result<()> {
        if self.is_finished {
            return Ok(());
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        // A carriage return that was the last byte may turn out to stand alone.
        let unseen = self.end.saturating_sub(1);
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        while self.end < self.buffer.len() {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.is_finished = true;
                    self.end_with_newline();
                    break;
                }
                Ok(bytes) => self.end += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.mend_line_ends(unseen);
        Ok(())
    }

    /// Makes a newline of each carriage return from `from` on that stands alone, as old line ends do.
    fn mend_line_ends(&mut self, from: usize) {
        let mut at = from;
        while let Some(next) = memchr::memchr(b'\r', &self.buffer[at..self.end]) {
            at += next + 1;
            if at < self.end && self.buffer[at] != b'\n' {
                self.buffer[at - 1] = b'\n';
            }
        }
    }

    fn end_with_newline(&mut self) {
        if self.end > 0 && self.buffer[self.end - 1] != b'\n' {
            self.buffer.truncate(self.end);
            self.buffer.push(b'\n');
            self.end += 1;
        }
    }
}
