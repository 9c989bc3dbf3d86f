//! The worst violation episodes of the first run, as text.

use super::format::{self, Unit};
use crate::analysis::BackendCard;

/// When an episode began, how long it took and what it cost; `None` where a backend has fewer episodes.
pub(crate) fn worst_episode(card: &BackendCard, rank: usize) -> Option<String> {
    let episode = card.slo.worst.get(rank)?;
    Some(format!(
        "at {}, {}, {} bad",
        format::moment(episode.begin),
        format::duration(episode.end - episode.begin),
        format::number(episode.bad_requests.round(), Unit::Count),
    ))
}
