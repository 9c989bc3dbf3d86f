//! `Discipline`: in which order a backend serves what it has taken in.

/// In which order a backend serves what it has taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// A worker takes the request that has waited longest, and serves it alone.
    Fifo,
    /// All requests are served at once and share the workers equally.
    ProcessorSharing,
}
