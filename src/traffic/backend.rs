//! `Backend`: one backend as its requests meet it: door, connections, link and server.

use super::answers::Answers;
use super::connections::Connections;
use super::fifo_server::FifoServer;
use super::link::Link;
use super::shared_server::SharedServer;

/// One backend.
#[derive(Clone, Debug)]
pub(super) struct Backend {
    pub door: Door,
    pub connections: Connections,
    pub link: Link,
    pub server: Server,
    /// The answers that are certain to come.
    pub answers: Answers,
    /// Attempts under way that went here.
    pub under_way: usize,
    /// Attempts that it ever took in.
    pub taken_in: u64,
    /// Of those, in the present slice.
    pub taken_in_slice: u64,
    pub in_rotation: bool,
    /// Whether it has been in rotation since the slice began.
    pub whole_slice: bool,
}

/// What a request meets at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// Taken in.
    Open,
    /// Refused: it takes no more, but serves what it has.
    Closed,
    /// Refused: the process is dead.
    Crashed,
    /// Nothing: whoever comes hangs.
    Silent,
    /// There is no backend here.
    Gone,
}

/// What serves the requests.
#[derive(Clone, Debug)]
pub(super) enum Server {
    Fifo(FifoServer),
    Shared(SharedServer),
    /// Dead, after so many worker-seconds of service.
    Dead(f64),
}

impl Backend {
    pub(super) fn new(connections: Connections, link: Link, server: Server) -> Self {
        Self {
            door: Door::Open,
            connections,
            link,
            server,
            answers: Answers::new(),
            under_way: 0,
            taken_in: 0,
            taken_in_slice: 0,
            in_rotation: false,
            whole_slice: false,
        }
    }

    /// When something happens here by itself; infinite for never.
    #[inline]
    pub(super) fn next_event(&self) -> f64 {
        let answer = self.answers.next();
        match &self.server {
            Server::Shared(server) => answer.min(server.next_event()),
            Server::Fifo(_) | Server::Dead(_) => answer,
        }
    }

    /// Requests waiting for a worker, or on the path to it, also those that will give up there.
    pub(super) fn waiting_at(&self, now: f64) -> usize {
        self.server.waiting_at(now) + self.link.hanging_at(now)
    }
}

impl Server {
    /// Requests waiting for a worker, or on their way to one.
    fn waiting_at(&self, now: f64) -> usize {
        match self {
            Self::Fifo(server) => server.waiting_at(now) + server.on_their_way_at(now),
            Self::Shared(server) => server.waiting(),
            Self::Dead(_) => 0,
        }
    }

    /// Requests being served, also for clients that have given up.
    pub(super) fn serving_at(&self, now: f64) -> usize {
        match self {
            Self::Fifo(server) => server.busy_at(now),
            Self::Shared(server) => server.serving(),
            Self::Dead(_) => 0,
        }
    }

    /// Service done so far, worker-seconds.
    pub(super) fn done_by(&self, now: f64) -> f64 {
        match self {
            Self::Fifo(server) => server.done_by(now),
            Self::Shared(server) => server.done(),
            Self::Dead(done) => *done,
        }
    }
}
