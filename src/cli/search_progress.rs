//! A line on standard error that says how far a search is, and what it has.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::advice::PartProgress;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Work longer than this says how long it took.
const LONG: Duration = Duration::from_secs(10);

/// Shows the best so far; appears only if the search takes long and somebody watches.
pub(super) struct SearchProgress {
    bar: ProgressBar,
    began: Instant,
    /// How long it may take, where time is what bounds it.
    time: Option<Duration>,
}

impl SearchProgress {
    /// Of a search that may take so long, or so many candidates.
    pub(super) fn new(time: Option<Duration>) -> Self {
        let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("{bar:20} {pos}/{len} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            began: Instant::now(),
            time,
        }
    }

    pub(super) fn tell(&self, told: &PartProgress<'_>) {
        if self.bar.is_hidden() && self.began.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        let of_time = |time: Duration| {
            let seconds = |time: Duration| time.as_secs().max(1);
            let passed = self.began.elapsed().as_secs();
            (passed.min(seconds(time)), seconds(time))
        };
        let (position, length) = self.time.map_or((told.tried, told.at_most), of_time);
        self.bar.set_length(length);
        self.bar.set_position(position);
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
        let tried = match self.time {
            Some(_) => format!("{} tried, ", told.tried),
            None => String::new(),
        };
        let backends = super::output::printable(&told.backends.join(" and "));
        self.bar
            .set_message(format!("settings for {backends}: {tried}{best}"));
    }

    /// Ends; says how long it took, if that was long.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
        let took = self.began.elapsed();
        if took > LONG {
            super::output::note(&format!("searched for {} s", took.as_secs()));
        }
    }
}
