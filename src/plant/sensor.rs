//! `Sensor`: what a scraper would have said by now of a counter and a gauge.

use crate::units::{SimDuration, SimTime};

/// A counter and a gauge, read at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When they were read.
    pub at: SimTime,
    /// The counter: grows with use.
    pub counter: f64,
    /// The gauge: the value of the moment.
    pub gauge: f64,
    /// A second gauge: how much of the first one waits.
    pub waiting: f64,
}

/// A rate over the span between two points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The later point's time.
    pub at: SimTime,
    /// From the earlier point to it.
    pub window: SimDuration,
    /// Growth of the counter per second.
    pub rate: f64,
}

/// Points pass through it as through cAdvisor and metrics-server: read on the usage grid, then kept by a scrape if they
/// are new. A rate is the growth between the last two *distinct* points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sensor {
    read: Option<Point>,
    last: Option<Point>,
    previous: Option<Point>,
}

impl Sensor {
    /// A sensor that has seen a constant rate for long: its points lie one grid step apart, the later one at `at`.
    #[must_use]
    pub fn settled(at: SimTime, step: SimDuration, rate: f64, gauge: f64) -> Self {
        let last = Point {
            at,
            counter: 0.0,
            gauge,
            waiting: 0.0,
        };
        let previous = Point {
            at: at - step,
            counter: -rate * step.as_seconds(),
            gauge,
            waiting: 0.0,
        };
        Self {
            read: Some(last),
            last: Some(last),
            previous: Some(previous),
        }
    }

    /// The source is read.
    pub fn read(&mut self, point: Point) {
        self.read = Some(point);
    }

    /// The scraper keeps what was read last, if it is new.
    pub fn keep(&mut self) {
        if let Some(read) = self.read
            && self.last.is_none_or(|last| last.at < read.at)
        {
            self.previous = self.last;
            self.last = Some(read);
        }
    }

    /// metrics-server keeps what was read last: a container with only one point counts from its start if it is older
    /// than 10 s and younger than a scrape interval (`pkg/storage/pod.go`).
    pub fn scrape(&mut self, started: SimTime, interval: SimDuration) {
        const YOUNGEST: SimDuration = SimDuration::from_seconds(10);
        let is_first = self.last.is_none();
        self.keep();
        if let Some(last) = self.last.filter(|_| is_first) {
            let age = last.at - started;
            if age >= YOUNGEST && age < interval {
                self.previous = Some(Point {
                    at: started,
                    counter: 0.0,
                    gauge: 0.0,
                    waiting: 0.0,
                });
            }
        }
    }

    /// The last point that the scraper kept: what it says of gauges.
    #[must_use]
    pub const fn last(&self) -> Option<Point> {
        self.last
    }

    /// What the scraper would say now; `None` before two points are known.
    #[must_use]
    pub fn sample(&self) -> Option<Sample> {
        let (last, previous) = (self.last?, self.previous?);
        let window = last.at - previous.at;
        Some(Sample {
            at: last.at,
            window,
            rate: (last.counter - previous.counter) / window.as_seconds(),
        })
    }

    /// Whether two sensors will say the same from now on, given each one's counter of now.
    #[must_use]
    pub fn agrees_with(&self, own_counter: f64, other: &Self, other_counter: f64) -> bool {
        let growth = |sensor: &Self, counter: f64| {
            let (read, last, previous) = (sensor.read?, sensor.last?, sensor.previous?);
            Some([
                (previous.at, last.counter - previous.counter),
                (last.at, read.counter - last.counter),
                (read.at, counter - read.counter),
            ])
        };
        match (growth(self, own_counter), growth(other, other_counter)) {
            (Some(own), Some(others)) => own.iter().zip(&others).all(|(a, b)| {
                a.0 == b.0 && (a.1 - b.1).abs() <= 1e-9 * (1.0 + a.1.abs().max(b.1.abs()))
            }),
            _ => false,
        }
    }
}
