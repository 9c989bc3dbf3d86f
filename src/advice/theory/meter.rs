//! The metric that the loop stands on: what a replica's load makes it show.

use super::detection::{LoadStep, MetricPath};
use super::figure::Unit;
use crate::hpa::{MetricSpec, MetricTarget, Resource};
use crate::plant::{PlantSpec, Server};
use crate::scenario::{ControlLoop, MetricSource};

/// How the controller turns a metric into a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Averaging {
    /// About ceil(total / target): a measured total, or a usage whose unready pods count as idle. Nothing is fed back.
    Consistent,
    /// The average over pods of a time ago, multiplied by today's count.
    Stale,
}

/// A metric whose value is a straight line over a replica's load: `idle + per_request * load`.
#[derive(Clone, Debug, PartialEq)]
pub struct Meter {
    /// Its place in `HpaSpec::metrics`.
    pub index: usize,
    /// What it measures, for people.
    pub name: String,
    /// What its values count.
    pub unit: Unit,
    /// Its target.
    pub target: f64,
    /// Its value of an idle replica.
    pub idle: f64,
    /// How much a request/s adds to it.
    pub per_request: f64,
    /// Its value of a saturated replica; infinite where it goes on growing.
    pub ceiling: f64,
    /// How it comes to the controller.
    pub path: MetricPath,
    /// How the controller uses it.
    pub averaging: Averaging,
}

impl Meter {
    /// The metric of a loop that asks for the most replicas, of those that grow with the load in a straight line: cpu,
    /// requests/s and requests in flight. `None` where there is none of them, or none whose target a load can meet.
    #[must_use]
    pub fn of(control: &ControlLoop, plant: &PlantSpec, server: &Server) -> Option<Self> {
        let metrics = control.hpa.metrics.iter().zip(&control.metric_sources);
        let meters = metrics.enumerate().filter_map(|(index, (metric, source))| {
            Self::of_one(control, plant, server, (index, metric, source.as_ref()?))
        });
        let usable = meters.filter(|meter| {
            let load = meter.load(meter.target);
            load.is_finite() && load > 0.0
        });
        usable.min_by(|a, b| a.load(a.target).total_cmp(&b.load(b.target)))
    }

    fn of_one(
        control: &ControlLoop,
        plant: &PlantSpec,
        server: &Server,
        (index, metric, source): (usize, &MetricSpec, &MetricSource),
    ) -> Option<Self> {
        let intervals = control.intervals;
        let custom = intervals.custom.as_seconds();
        let averaging = match metric {
            MetricSpec::Pods { .. } => Averaging::Stale,
            _ => Averaging::Consistent,
        };
        let line = match (source, metric.target()) {
            (MetricSource::Cpu, target) => {
                let (unit, worth, target) = match target {
                    MetricTarget::Utilization(percent) => {
                        let request = control.metric_requests.get(index).copied()??;
                        let request = request as f64 / 1e3;
                        (Unit::Percent, 100.0 / request, f64::from(percent))
                    }
                    MetricTarget::AverageValue(milli) => (Unit::Cores, 1.0, milli as f64 / 1e3),
                    MetricTarget::Value(_) => return None,
                };
                let (idle, cost) = (plant.pod.cpu_idle, plant.serving.cpu_per_request);
                Self {
                    index,
                    name: cpu_name(metric),
                    unit,
                    target,
                    idle: idle * worth,
                    per_request: cost * worth,
                    ceiling: (idle + cost * server.capacity()) * worth,
                    path: MetricPath::Resource {
                        usage: intervals.usage.as_seconds(),
                        scrape: intervals.resource.as_seconds(),
                    },
                    averaging,
                }
            }
            (MetricSource::Rate, MetricTarget::AverageValue(milli)) => Self {
                index,
                name: custom_name(metric, "requests/s"),
                unit: Unit::RequestsPerSecond,
                target: milli as f64 / 1e3,
                idle: 0.0,
                per_request: 1.0,
                ceiling: f64::INFINITY,
                path: MetricPath::Rate { scrape: custom },
                averaging,
            },
            (MetricSource::InFlight, MetricTarget::AverageValue(milli)) => Self {
                index,
                name: custom_name(metric, "requests in flight"),
                unit: Unit::Requests,
                target: milli as f64 / 1e3,
                idle: 0.0,
                // Little's law, without waiting.
                per_request: plant.serving.service_time(),
                ceiling: f64::INFINITY,
                path: MetricPath::Gauge { scrape: custom },
                averaging,
            },
            _ => return None,
        };
        Some(line)
    }

    /// Its target, where it is a utilization: the controller counts those in whole percent, rounding down.
    #[must_use]
    pub fn whole_percent(&self) -> Option<f64> {
        (self.unit == Unit::Percent).then_some(self.target)
    }

    /// The load of a replica at which it shows a value, requests/s; not positive where an idle one shows more.
    #[must_use]
    pub fn load(&self, value: f64) -> f64 {
        (value - self.idle) / self.per_request
    }

    /// Its value of a replica at a load, requests/s.
    #[must_use]
    pub fn value(&self, load: f64) -> f64 {
        self.idle + self.per_request * load
    }

    /// The step that dead times are told for: a load that doubles what the target is, or fills the replica.
    #[must_use]
    pub fn doubling(&self, tolerance: f64) -> LoadStep {
        LoadStep {
            before: self.target,
            after: (2.0 * self.target).min(self.ceiling),
            threshold: self.target * (1.0 + tolerance),
        }
    }
}

fn cpu_name(metric: &MetricSpec) -> String {
    match metric {
        MetricSpec::ContainerResource {
            resource: Resource::Cpu,
            container,
            ..
        } => format!("cpu of container {container}"),
        _ => "cpu".to_owned(),
    }
}

fn custom_name(metric: &MetricSpec, reads: &str) -> String {
    match metric {
        MetricSpec::Pods { name, .. }
        | MetricSpec::Object { name, .. }
        | MetricSpec::External { name, .. } => format!("{name} ({reads})"),
        MetricSpec::Resource { .. } | MetricSpec::ContainerResource { .. } => reads.to_owned(),
    }
}
