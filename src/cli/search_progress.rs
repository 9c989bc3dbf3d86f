//! A line on standard error that says how far a search is, and what it has.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::advice::PartProgress;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows the best so far; appears only if the search takes long and somebody watches.
pub(super) struct SearchProgress {
    bar: ProgressBar,
    began: Instant,
}

impl SearchProgress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:20} {pos}/{len} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            began: Instant::now(),
        }
    }

    pub(super) fn tell(&self, told: &PartProgress<'_>) {
        if self.bar.is_hidden() && self.began.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_length(told.at_most);
        self.bar.set_position(told.tried);
        let best = match &told.best {
            Some(best) if best.holds() => {
                format!("holds for {:.1} replica-hours a day", best.cost)
            }
            Some(best) => format!(
                "nearest spends {:.1} times its error budget",
                best.budget_spent
            ),
            None => "nothing yet".to_owned(),
        };
        let backends = super::output::printable(&told.backends.join(" and "));
        self.bar
            .set_message(format!("settings for {backends}: {best}"));
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
