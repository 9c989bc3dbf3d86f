//! `RequestTimes`: when each request of an event log arrives, in one run.

use rand::RngExt;
use rand_distr::{Binomial, Distribution as _, Exp1};

use crate::stats::{Purpose, Stream, stream};
use crate::trace::ArrivalTrace;
use crate::units::{SimDuration, SimTime};

/// Walks through the requests of an event log, ascending in time.
///
/// Each event is one request at its own time; where the log rounds times down, somewhere within what was rounded off.
/// Where the trace's rate was multiplied by k, each event stands for k requests: floor(k), and with the probability
/// that is left one more. Of these the first comes at the event's time, the others anywhere within the event's step.
/// So below 1 events are left out at random, and above 1 every step keeps its requests while bursts shorter than a step
/// do not grow with k. Nothing is stored: requests that are spread over a span are drawn in order.
pub(super) struct RequestTimes<'a> {
    trace: &'a ArrivalTrace,
    events: &'a [SimTime],
    resolution: SimDuration,
    /// Requests that each event surely stands for.
    whole: u64,
    /// The probability of one more.
    rest: f64,
    seed: u64,
    run: u32,
    draws: Stream,
    /// The first event that is not in `own` yet.
    next_event: usize,
    /// The first event after the present step.
    step_last: usize,
    step_end: SimTime,
    /// Requests at an event's time.
    own: Spread,
    /// Requests anywhere in the present step.
    others: Spread,
    buffer: Vec<SimTime>,
}

/// Requests each of which is equally likely anywhere in a span, in order.
struct Spread {
    /// The next one.
    head: Option<SimTime>,
    /// Those after it.
    left: u64,
    from: SimTime,
    until: SimTime,
}

impl<'a> RequestTimes<'a> {
    /// The requests of one run; `None` where the trace is of rates and not of events.
    pub(super) fn of(trace: &'a ArrivalTrace, seed: u64, run: u32) -> Option<Self> {
        let events = trace.events()?;
        let requests = trace.requests_per_event();
        Some(Self {
            trace,
            events: events.times(),
            resolution: events.resolution(),
            whole: whole(requests),
            rest: requests.fract(),
            seed,
            run,
            draws: stream(seed, run, Purpose::RequestTimes, 0),
            next_event: 0,
            step_last: 0,
            step_end: SimTime::ZERO,
            own: Spread::over(0, SimTime::ZERO, SimTime::ZERO),
            others: Spread::over(0, SimTime::ZERO, SimTime::ZERO),
            buffer: Vec::new(),
        })
    }

    /// The next request, if it comes before `to`.
    pub(super) fn next_before(&mut self, to: SimTime) -> Option<SimTime> {
        while !self.find_heads() {
            if self.next_event >= self.events.len() {
                return None;
            }
            self.enter_step();
        }
        let is_own = match (self.own.head, self.others.head) {
            (Some(own), Some(other)) => own <= other,
            (own, _) => own.is_some(),
        };
        let head = if is_own {
            &mut self.own.head
        } else {
            &mut self.others.head
        };
        head.take_if(|next| *next < to)
    }

    /// All requests before `to` that were not asked for yet. Their memory is that of one span's requests.
    pub(super) fn before(&mut self, to: SimTime) -> &[SimTime] {
        self.buffer.clear();
        while let Some(time) = self.next_before(to) {
            self.buffer.push(time);
        }
        &self.buffer
    }

    /// Draws the next of both kinds within the present step; whether there is any.
    fn find_heads(&mut self) -> bool {
        self.own.refill(&mut self.draws);
        while self.own.head.is_none() && self.next_event < self.step_last {
            self.take_event();
            self.own.refill(&mut self.draws);
        }
        self.others.refill(&mut self.draws);
        self.own.head.is_some() || self.others.head.is_some()
    }

    /// Goes on to the step of the next event.
    fn enter_step(&mut self) {
        let starts = self.trace.starts();
        let at = self.events[self.next_event];
        let after = starts.partition_point(|start| *start <= at);
        let start = starts[after - 1];
        self.step_end = starts.get(after).copied().unwrap_or(self.trace.end());
        let rest = &self.events[self.next_event..];
        let events = rest.partition_point(|event| *event < self.step_end);
        self.step_last = self.next_event + events;
        // A stream for each step: what one step draws is no matter of the steps before it.
        self.draws = stream(self.seed, self.run, Purpose::RequestTimes, after as u64 - 1);
        let copies = match self.whole {
            0 => 0,
            whole => (events as u64)
                .saturating_mul(whole - 1)
                .saturating_add(self.chosen(events as u64)),
        };
        self.others = Spread::over(copies, start, self.step_end);
    }

    /// Takes the events of the next time.
    fn take_event(&mut self) {
        let at = self.events[self.next_event];
        let same = self.events[self.next_event..self.step_last].iter();
        let count = same.take_while(|event| **event == at).count();
        self.next_event += count;
        let kept = match self.whole {
            0 => self.chosen(count as u64),
            _ => count as u64,
        };
        self.own = Spread::over(kept, at, (at + self.resolution).min(self.step_end));
    }

    /// How many of so many events have one request more.
    fn chosen(&mut self, events: u64) -> u64 {
        match events {
            _ if self.rest <= 0.0 => 0,
            1 => u64::from(self.draws.random::<f64>() < self.rest),
            _ => {
                Binomial::new(events, self.rest).map_or(0, |counts| counts.sample(&mut self.draws))
            }
        }
    }
}

impl Spread {
    fn over(count: u64, from: SimTime, until: SimTime) -> Self {
        Self {
            head: None,
            left: count,
            from,
            until,
        }
    }

    /// Draws the next one if there is none: the least of n uniform times is a share 1 - v^(1 / n) into the span that is
    /// left, with v uniform, whose logarithm is exponential.
    fn refill(&mut self, draws: &mut Stream) {
        if self.head.is_some() || self.left == 0 {
            return;
        }
        let span = self.until - self.from;
        if span.is_positive() {
            let exponential: f64 = draws.sample(Exp1);
            let share = -(-exponential / self.left as f64).exp_m1();
            let passed = SimDuration::from_seconds_rounded(span.as_seconds() * share);
            let last = self.until - SimDuration::from_nanos(1);
            self.from = (self.from + passed).min(last);
        }
        self.left -= 1;
        self.head = Some(self.from);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a factor is not negative; a float cast saturates"
)]
fn whole(requests: f64) -> u64 {
    requests.trunc() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{CpuConversion, ReadOptions, TraceUnit, arrivals, read};
    use proptest::prelude::*;

    /// A log with one row at each time, in seconds, counted per 10 s and multiplied.
    fn log(rows: &[f64], factor: f64) -> ArrivalTrace {
        let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
        let options = ReadOptions {
            unit: Some(TraceUnit::Events),
            event_bin: SimDuration::from_seconds(10),
            ..ReadOptions::infer()
        };
        let trace = read(
            "log.csv",
            format!("time\n{}\n", rows.join("\n")).as_bytes(),
            &options,
        );
        let no_cpu = CpuConversion {
            cpu_per_request: None,
            share_of_milli: None,
        };
        let counted = arrivals(trace.expect("a log"), &no_cpu).expect("events need no cpu");
        counted.scaled(factor).expect("a sensible factor")
    }

    fn played(trace: &ArrivalTrace, run: u32) -> Vec<f64> {
        let mut times = RequestTimes::of(trace, 1, run).expect("a log");
        let all = times.before(SimTime::MAX).iter();
        all.map(|time| time.as_seconds()).collect()
    }

    /// Every 30 ms or so, none twice.
    fn steady(count: u32) -> Vec<f64> {
        (0..count)
            .map(|row| f64::from(row) * 0.03 + f64::from(row % 3) * 1e-4)
            .collect()
    }

    #[test]
    fn the_very_times_of_the_log_are_played() {
        let rows = [100.25, 103.5, 103.625, 131.0];
        let expected = vec![0.0, 3.25, 3.375, 30.75];
        assert_eq!(played(&log(&rows, 1.0), 0), expected);
        assert_eq!(played(&log(&rows, 1.0), 7), expected);
    }

    #[test]
    fn a_trace_of_rates_has_no_times() {
        let series = crate::trace::Series::from_notation(SimDuration::from_seconds(10), "1 2");
        let trace = ArrivalTrace::from_rates(series.expect("valid notation"));
        assert!(RequestTimes::of(&trace, 1, 0).is_none());
    }

    #[test]
    fn below_one_events_are_left_out_at_random() {
        let rows = steady(10_000);
        let kept = played(&log(&rows, 0.3), 0);
        // Binomial: a standard deviation of 46.
        assert!((2800..3200).contains(&kept.len()), "{}", kept.len());
        let original = played(&log(&rows, 1.0), 0);
        let is_event = |time: &f64| original.binary_search_by(|at| at.total_cmp(time)).is_ok();
        assert!(kept.iter().all(is_event));
        assert_ne!(kept, played(&log(&rows, 0.3), 1));
    }

    #[test]
    fn above_one_every_step_gets_its_requests() {
        let rows = steady(3334);
        let original = played(&log(&rows, 1.0), 0);
        let scaled = played(&log(&rows, 2.5), 0);
        for step in 0..10 {
            let within = |times: &[f64]| {
                let (begin, end) = (f64::from(step) * 10.0, f64::from(step + 1) * 10.0);
                times.iter().filter(|at| (begin..end).contains(*at)).count()
            };
            let (events, requests) = (within(&original), within(&scaled));
            // Half of them have a third request: a standard deviation of 9 of 833.
            assert!(
                (events * 5 / 2).abs_diff(requests) < 50,
                "{events} {requests}"
            );
        }
        let is_played = |at: &f64| scaled.binary_search_by(|time| time.total_cmp(at)).is_ok();
        assert!(original.iter().all(is_played));
    }

    #[test]
    fn requests_of_one_whole_second_are_spread_over_it() {
        let rows: Vec<f64> = (0..1000).map(|row| f64::from(row / 100)).collect();
        let times = played(&log(&rows, 1.0), 0);
        let first_second: Vec<f64> = times.iter().copied().filter(|at| *at < 1.0).collect();
        assert_eq!(first_second.len(), 100);
        let mean = first_second.iter().sum::<f64>() / 100.0;
        // A uniform mean of 100 has a standard deviation of 0.029.
        assert!((mean - 0.5).abs() < 0.12, "{mean}");
        assert_eq!(times.len(), 1000);
    }

    proptest! {
        #[test]
        fn the_spans_asked_for_change_nothing(
            rows in prop::collection::vec(0..600_u32, 1..80), factor in 0.0..4.0_f64,
            spans in prop::collection::vec(0..20_000_i64, 1..40)
        ) {
            let rows: Vec<f64> = rows.iter().map(|row| f64::from(*row) / 8.0).collect();
            let trace = log(&rows, factor);
            let mut times = RequestTimes::of(&trace, 1, 0).expect("a log");
            let (mut to, mut taken) = (SimTime::ZERO, Vec::new());
            for span in spans {
                let from = to;
                to += SimDuration::from_millis(span);
                let within = times.before(to);
                prop_assert!(within.iter().all(|at| (from..to).contains(at)));
                taken.extend(within.iter().map(|at| at.as_seconds()));
            }
            taken.extend(times.before(SimTime::MAX).iter().map(|at| at.as_seconds()));
            prop_assert!(taken.is_sorted());
            prop_assert!(taken.last().is_none_or(|last| *last < trace.end().as_seconds()));
            prop_assert_eq!(taken, played(&trace, 0));
        }
    }
}
