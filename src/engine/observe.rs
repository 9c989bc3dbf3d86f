//! What the controller sees of the plant: the plant's sensors as the controller's observation.

use super::activation::IsActive;
use crate::hpa::{
    ConditionStatus, HpaSpec, MetricFailure, MetricReading, MetricSpec, Observation, PodGroup,
    PodPhase, PodSample, ReadyCondition, ScaleReading, ScaleUpdate, Selection,
};
use crate::plant::{Cohort, Point, Sample, Sensor, Workload};
use crate::scenario::{MetricSource, Scenario};
use crate::units::{SimDuration, SimTime};

/// Turns the plant's sensors into observations, in buffers that it keeps.
pub(super) struct Observer<'a> {
    scenario: &'a Scenario,
    metrics: &'a [MetricSpec],
    groups: Vec<PodGroup>,
    /// One column of samples for each metric.
    samples: Vec<Vec<Option<PodSample>>>,
    /// One column of requests for each metric.
    requests: Vec<Vec<Option<i64>>>,
    /// Values of Object and External metrics.
    totals: Vec<Option<[i64; 1]>>,
    /// What a scraper outside the pods would say: requests that arrived, requests inside, requests waiting.
    entrance: Sensor,
    /// Requests that came while no replica took any, at the last look.
    untaken: f64,
    /// When it last looked.
    looked: SimTime,
    /// Until when the metrics APIs answer with errors.
    outage_until: SimTime,
    readings: Vec<MetricReading<'static>>,
}

impl<'a> Observer<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        hpa: &'a HpaSpec,
        first_rate: f64,
        workload: &Workload<'_>,
    ) -> Self {
        let metrics = hpa.metrics.len();
        Self {
            scenario,
            metrics: &hpa.metrics,
            groups: Vec::with_capacity(16),
            samples: vec![Vec::with_capacity(16); metrics],
            requests: vec![Vec::with_capacity(16); metrics],
            totals: vec![None; metrics],
            entrance: Sensor::settled(
                SimTime::ZERO,
                scenario.intervals.custom,
                first_rate,
                workload.in_flight(),
            ),
            untaken: 0.0,
            looked: SimTime::ZERO,
            outage_until: SimTime::ZERO,
            readings: Vec::with_capacity(metrics),
        }
    }

    /// The custom-metrics scraper looks at the entrance and at the trace's columns.
    ///
    /// Of the requests that have `arrived`, the last `untaken` ones came while no replica took any.
    pub(super) fn scrape_entrance(
        &mut self,
        now: SimTime,
        arrived: f64,
        untaken: f64,
        workload: &Workload<'_>,
    ) {
        self.looked = now;
        self.untaken = untaken;
        self.entrance.read(Point {
            at: now,
            counter: arrived,
            gauge: workload.in_flight(),
            waiting: workload.waiting(),
        });
        self.entrance.keep();
    }

    /// The metrics APIs answer with errors until a time: what the controller gets while nobody serves them. Scrapes go
    /// on behind them.
    pub(super) fn fail_until(&mut self, time: SimTime) {
        self.outage_until = self.outage_until.max(time);
    }

    /// Has `decide` look at the plant as it is now.
    pub(super) fn observe<T>(
        &mut self,
        now: SimTime,
        spec_replicas: u32,
        workload: &Workload<'_>,
        decide: impl FnOnce(&Observation<'_>) -> T,
    ) -> T {
        self.fill(workload.cohorts(), now);
        let mut readings = recycle(std::mem::take(&mut self.readings));
        for (index, metric) in self.metrics.iter().enumerate() {
            readings.push(if now < self.outage_until {
                outage(metric)
            } else {
                self.reading(index, metric)
            });
        }
        let count = |replicas| i32::try_from(replicas).unwrap_or(i32::MAX);
        let decided = decide(&Observation {
            now,
            scale: ScaleReading::Found {
                spec_replicas: count(spec_replicas),
                status_replicas: count(workload.active()),
            },
            selection: Selection::Valid,
            pods: &self.groups,
            metrics: &readings,
            update: ScaleUpdate::Accepted,
        });
        self.readings = recycle(readings);
        decided
    }

    /// Whether any metric of the entrance or of the trace is above a value, thousandths; those without one are not
    /// looked at.
    pub(super) fn is_active(&self, above: &[Option<i64>]) -> IsActive {
        let is_active = above.iter().enumerate().any(|(index, above)| {
            above.is_some_and(|above| self.total(index).is_some_and(|total| total > above))
        });
        if is_active {
            IsActive::Yes
        } else {
            IsActive::No
        }
    }

    fn fill(&mut self, cohorts: &[Cohort], now: SimTime) {
        // Requests may still be sent to pods that are gone; the API no longer knows those.
        let pods = || cohorts.iter().filter(|cohort| !cohort.is_gone(now));
        self.groups.clear();
        self.groups.extend(pods().map(group));
        let sources = &self.scenario.metric_sources;
        for (index, source) in sources.iter().enumerate() {
            let column = &mut self.samples[index];
            column.clear();
            column.extend(pods().map(|cohort| pod_sample(source, cohort)));
            let requests = &mut self.requests[index];
            if requests.len() != self.groups.len() {
                requests.resize(self.groups.len(), self.scenario.metric_requests[index]);
            }
            self.totals[index] = self.total(index).map(|total| [total]);
        }
    }

    /// The value of the metric of an index, where it is one of the entrance or of the trace.
    fn total(&self, index: usize) -> Option<i64> {
        match &self.scenario.metric_sources[index] {
            MetricSource::Column(name) => {
                let column = self
                    .scenario
                    .columns
                    .iter()
                    .find(|(known, _)| known == name)?;
                column.1.value_at(self.looked).map(milli)
            }
            MetricSource::Rate => self.entrance.sample().map(|sample| milli(sample.rate)),
            MetricSource::InFlight => self.entrance.last().map(|point| milli(point.gauge)),
            MetricSource::Backlog => {
                // The queue of a broker fills without anyone to take from it; one that replicas hold is gone with them.
                let is_outside = matches!(self.metrics[index], MetricSpec::External { .. });
                let untaken = if is_outside { self.untaken } else { 0.0 };
                let last = self.entrance.last();
                last.map(|point| milli(point.waiting + untaken))
            }
            MetricSource::Cpu | MetricSource::Memory => None,
        }
    }

    fn reading(&self, index: usize, metric: &MetricSpec) -> MetricReading<'_> {
        let column = self.samples[index].as_slice();
        let samples = if column.iter().any(Option::is_some) {
            Ok(column)
        } else {
            Err(MetricFailure::Empty)
        };
        let total = self.totals[index].as_ref().ok_or(MetricFailure::Empty);
        match metric {
            MetricSpec::Resource { .. } | MetricSpec::ContainerResource { .. } => {
                MetricReading::PodResource {
                    samples,
                    strays: &[],
                    requests: &self.requests[index],
                }
            }
            MetricSpec::Pods { .. } => MetricReading::PodCustom {
                samples,
                strays: &[],
            },
            MetricSpec::Object { .. } => MetricReading::Object(total.map(|[value]| *value)),
            MetricSpec::External { .. } => MetricReading::External(total.map(<[i64; 1]>::as_slice)),
        }
    }
}

/// The emptied vector, with its room kept for readings that live elsewhere.
fn recycle<'b>(mut readings: Vec<MetricReading<'_>>) -> Vec<MetricReading<'b>> {
    readings.clear();
    readings
        .into_iter()
        .map(|_| -> MetricReading<'b> { unreachable!("it was emptied") })
        .collect()
}

/// What the controller gets of a metric while its API does not answer.
fn outage(metric: &MetricSpec) -> MetricReading<'static> {
    let failure = MetricFailure::ApiError;
    match metric {
        MetricSpec::Resource { .. } | MetricSpec::ContainerResource { .. } => {
            MetricReading::PodResource {
                samples: Err(failure),
                strays: &[],
                requests: &[],
            }
        }
        MetricSpec::Pods { .. } => MetricReading::PodCustom {
            samples: Err(failure),
            strays: &[],
        },
        MetricSpec::Object { .. } => MetricReading::Object(Err(failure)),
        MetricSpec::External { .. } => MetricReading::External(Err(failure)),
    }
}

/// A pod without a node has neither start time nor Ready condition; on a node the condition is False until a probe finds
/// it ready, and again from when it is seen dead.
fn group(cohort: &Cohort) -> PodGroup {
    let scheduled = !cohort.is_without_room();
    PodGroup {
        count: cohort.count(),
        phase: if cohort.has_ever_started() {
            PodPhase::Running
        } else {
            PodPhase::Pending
        },
        ready: scheduled.then(|| ReadyCondition {
            status: if cohort.is_ready() {
                ConditionStatus::True
            } else {
                ConditionStatus::False
            },
            last_transition: cohort.ready_changed(),
        }),
        start_time: scheduled.then(|| cohort.startup().scheduled),
        being_deleted: cohort.is_leaving(),
    }
}

fn pod_sample(source: &MetricSource, cohort: &Cohort) -> Option<PodSample> {
    let rate = |sample: Sample| PodSample {
        timestamp: sample.at,
        window: sample.window,
        value: milli(sample.rate),
    };
    let gauge = |point: Point, value: f64| PodSample {
        timestamp: point.at,
        window: SimDuration::ZERO,
        value: milli(value),
    };
    match source {
        MetricSource::Cpu => cohort.usage().sample().map(rate),
        // metrics-server leaves out a pod whose cpu it cannot tell yet.
        MetricSource::Memory => {
            let window = cohort.usage().sample()?.window;
            let sample = |point: Point| PodSample {
                window,
                ..gauge(point, point.gauge)
            };
            cohort.usage().last().map(sample)
        }
        MetricSource::Rate => cohort.custom().sample().map(rate),
        MetricSource::InFlight => cohort
            .custom()
            .last()
            .map(|point| gauge(point, point.gauge)),
        MetricSource::Backlog => cohort
            .custom()
            .last()
            .map(|point| gauge(point, point.waiting)),
        MetricSource::Column(_) => None,
    }
}

/// Thousandths, as `Quantity.MilliValue` rounds a value that the API carries with nine digits.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn milli(value: f64) -> i64 {
    /// Beyond this a thousandth is below what a float tells apart from rounding.
    const LARGE: f64 = 1e6;
    if value.abs() > LARGE {
        return (value * 1e3).ceil() as i64;
    }
    // Not `f64::round`: without a special target that is a call. Below 2^53 the rest is exact.
    let scaled = value * 1e9;
    let whole = scaled as i64;
    let rest = scaled - whole as f64;
    let nano = whole + i64::from(rest >= 0.5) - i64::from(rest <= -0.5);
    nano.div_euclid(1_000_000) + i64::from(nano.rem_euclid(1_000_000) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_rounds_up_to_whole_thousandths() {
        for (value, expected) in [
            (0.35, 350),
            (0.350_000_000_2, 350),
            (0.350_1, 351),
            (0.0, 0),
            (2e9, 2_000_000_000_000),
        ] {
            assert_eq!(milli(value), expected, "{value}");
        }
    }
}
