//! Ctrl-C: the first one asks for what there is, the second one ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of a process that SIGINT ended, as shells have it.
const ENDED_BY_SIGINT: i32 = 130;

/// Whether somebody asked to stop.
static ASKED: AtomicBool = AtomicBool::new(false);

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
