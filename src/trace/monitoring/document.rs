//! One JSON document after another, each of bounded length.

use std::io::{self, BufReader, Read};

use serde::de::DeserializeOwned;

use crate::trace::TraceProblem;
use crate::trace::error::{Fault, plain};
use crate::trace::read::unreadable;

/// As long as a document may be, in MiB; its numbers stay, its text does not.
const MAX_MIB: u64 = 1024;

/// Reads documents until the input ends; `expected` says what they should be, for messages.
///
/// # Errors
/// When there is none, when one is no JSON or of another shape, or when `take` says so.
pub(super) fn for_each_document<T: DeserializeOwned>(
    input: &mut dyn Read,
    expected: &'static str,
    mut take: impl FnMut(T) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let limited = Limited {
        input,
        left: MAX_MIB << 20,
    };
    let mut input = BufReader::with_capacity(1 << 16, limited);
    skip_byte_order_mark(&mut input)?;
    let documents = serde_json::Deserializer::from_reader(input).into_iter::<T>();
    let mut count = 0_usize;
    for document in documents {
        count += 1;
        take(document.map_err(|error| fault_of(error, expected))?)?;
    }
    if count == 0 {
        return Err(TraceProblem::Empty.into());
    }
    Ok(())
}

fn skip_byte_order_mark(input: &mut BufReader<Limited>) -> Result<(), Fault> {
    use std::io::BufRead;
    let head = input.fill_buf().map_err(|error| unreadable(&error))?;
    if head.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
    }
    Ok(())
}

fn fault_of(error: serde_json::Error, expected: &'static str) -> Fault {
    if error.is_io() {
        let error = io::Error::from(error);
        return if error.kind() == io::ErrorKind::FileTooLarge {
            TraceProblem::DocumentTooLong(MAX_MIB).into()
        } else {
            unreadable(&error)
        };
    }
    let line = Some(error.line() as u64).filter(|line| *line > 0);
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let problem = if error.is_data() {
        TraceProblem::NotOfFormat {
            expected,
            lack: plain(message),
        }
    } else if error.is_eof() {
        TraceProblem::Json("it ends early, expected a complete document".to_owned())
    } else {
        TraceProblem::Json(plain(message))
    };
    Fault { line, problem }
}

/// An input that may not be endless.
struct Limited<'a> {
    input: &'a mut dyn Read,
    left: u64,
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.input.read(buffer)?;
        self.left = self
            .left
            .checked_sub(bytes as u64)
            .ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes)
    }
}
