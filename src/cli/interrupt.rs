//! Ctrl-C: the first one asks for what there is, the second one ends the process.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The exit code of a process that SIGINT ended, as shells have it.
const ENDED_BY_SIGINT: i32 = 130;

/// Whether somebody asked to stop.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Since when that is known.
static SINCE: OnceLock<Instant> = OnceLock::new();

/// Listens from now on. Where the system does not let us, Ctrl-C ends the process at once, as it does without this.
pub(super) fn listen() {
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(ENDED_BY_SIGINT);
        }
    });
}

/// Whether somebody asked to stop.
pub(super) fn was_asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// Whether somebody asked to stop so long ago.
pub(super) fn was_asked_for(time: Duration) -> bool {
    was_asked() && SINCE.get_or_init(Instant::now).elapsed() >= time
}
