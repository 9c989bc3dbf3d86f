//! A progress bar on standard error, for work over a second.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts steps of work; appears only if they take long and somebody watches.
pub(super) struct Progress {
    bar: ProgressBar,
    began: Instant,
}

impl Progress {
    /// For so many steps, which are called so.
    pub(super) fn new(steps: u64, called: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template(&format!(
            "{{bar:30}} {{pos}}/{{len}} {called}, {{eta}} left"
        ));
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            began: Instant::now(),
        }
    }

    pub(super) fn step(&self) {
        self.steps(1);
    }

    /// Counts several steps at once.
    pub(super) fn steps(&self, done: u64) {
        if self.bar.is_hidden() && self.began.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.inc(done);
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
