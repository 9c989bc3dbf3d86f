//! Unpacks gzip and zstd, seen by their first bytes.

use std::fmt;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

/// How an input was packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    /// How an input with these first bytes is packed.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(&[0x1f, 0x8b]) {
            Some(Self::Gzip)
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || is_skippable_zstd(head) {
            Some(Self::Zstd)
        } else {
            None
        }
    }

    /// The input unpacked; whatever is wrong with the packing is an error that carries the packing itself, of the kind
    /// `UnexpectedEof` if the input ends early and `InvalidData` otherwise.
    pub(super) fn unpack<'a>(self, input: impl Read + 'a) -> Box<dyn Read + 'a> {
        match self {
            Self::Gzip => Box::new(Gzip(MultiGzDecoder::new(input))),
            Self::Zstd => Box::new(Zstd::new(input)),
        }
    }

    fn truncated(self) -> io::Error {
        io::Error::new(io::ErrorKind::UnexpectedEof, self)
    }

    fn damaged(self) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, self)
    }
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

impl std::error::Error for Packing {}

fn is_skippable_zstd(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

struct Gzip<R>(MultiGzDecoder<R>);

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Packing::Gzip.truncated(),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Packing::Gzip.damaged(),
            _ => error,
        })
    }
}

/// One zstd frame after another, as parallel packers and `cat` make them.
struct Zstd<R> {
    source: Source<R>,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl<R: Read> Zstd<R> {
    fn new(input: R) -> Self {
        Self {
            source: Source {
                input,
                next: None,
                has_ended: false,
                error: None,
            },
            decoder: FrameDecoder::new(),
            is_in_frame: false,
        }
    }

    /// Begins the next frame; whether there is one.
    fn begin_frame(&mut self) -> io::Result<bool> {
        loop {
            if !self.source.has_more()? {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.source) {
                Ok(()) => {
                    self.is_in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    let mut skipped = (&mut self.source).take(length);
                    if io::copy(&mut skipped, &mut io::sink())? < length {
                        return Err(Packing::Zstd.truncated());
                    }
                }
                Err(_) => return Err(self.source.fault()),
            }
        }
    }

    fn has_wrong_checksum(&self) -> bool {
        let written = self.decoder.get_checksum_from_data();
        written.is_some() && written != self.decoder.get_calculated_checksum()
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_in_frame && !self.begin_frame()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let one_block = ruzstd::decoding::BlockDecodingStrategy::UptoBlocks(1);
                if self
                    .decoder
                    .decode_blocks(&mut self.source, one_block)
                    .is_err()
                {
                    return Err(self.source.fault());
                }
            }
            let bytes = self.decoder.read(buffer)?;
            if bytes > 0 {
                return Ok(bytes);
            }
            if self.has_wrong_checksum() {
                return Err(Packing::Zstd.damaged());
            }
            self.is_in_frame = false;
        }
    }
}

/// The packed bytes; remembers whether they ended, or could not be read, while the decoder wanted more.
struct Source<R> {
    input: R,
    /// A byte that was read to see whether there is one.
    next: Option<u8>,
    has_ended: bool,
    error: Option<io::Error>,
}

impl<R: Read> Source<R> {
    fn has_more(&mut self) -> io::Result<bool> {
        let mut byte = [0];
        if self.next.is_none() && self.input.read(&mut byte)? == 1 {
            self.next = Some(byte[0]);
        }
        Ok(self.next.is_some())
    }

    /// What the decoder's failure comes from.
    fn fault(&mut self) -> io::Error {
        match self.error.take() {
            Some(error) => error,
            None if self.has_ended => Packing::Zstd.truncated(),
            None => Packing::Zstd.damaged(),
        }
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let (Some(first), Some(next)) = (buffer.first_mut(), self.next.take()) {
            *first = next;
            return Ok(1);
        }
        match self.input.read(buffer) {
            Ok(bytes) => {
                self.has_ended |= bytes == 0 && !buffer.is_empty();
                Ok(bytes)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.error = Some(error);
                Err(kind.into())
            }
        }
    }
}
