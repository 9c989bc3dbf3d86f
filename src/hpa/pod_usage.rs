//! From what the resource metrics API says of each container to a pod's sample.

use super::observation::{MetricFailure, PodSample};
use crate::units::{SimDuration, SimTime};

/// What the resource metrics API says of one pod and one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodUsage<'a> {
    /// The end of its window.
    pub timestamp: SimTime,
    /// The span it averages over.
    pub window: SimDuration,
    /// Each container that reports anything at all.
    pub containers: &'a [ContainerUsage<'a>],
}

/// Usage of one resource by one container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerUsage<'a> {
    /// The container's name.
    pub name: &'a str,
    /// Thousandths of the resource's unit; `None` where it is not reported.
    pub usage: Option<i64>,
}

impl PodUsage<'_> {
    /// The pod's sample for a Resource metric (`getPodMetrics`): the sum over containers, if there is one and every one
    /// of them reports the resource.
    #[must_use]
    pub fn resource_sample(&self) -> Option<PodSample> {
        let (first, rest) = self.containers.split_first()?;
        let value = rest.iter().try_fold(first.usage?, |sum, container| {
            Some(sum.wrapping_add(container.usage?))
        })?;
        Some(self.sample(value))
    }

    /// The pod's sample for a ContainerResource metric (`getContainerMetrics`): `None` where the container does not
    /// report the resource.
    ///
    /// # Errors
    /// When the container is not there: then the whole metric fails, for all pods.
    pub fn container_sample(&self, name: &str) -> Result<Option<PodSample>, MetricFailure> {
        self.containers
            .iter()
            .find(|container| container.name == name)
            .map(|container| container.usage.map(|usage| self.sample(usage)))
            .ok_or(MetricFailure::ContainerMissing)
    }

    const fn sample(&self, value: i64) -> PodSample {
        PodSample {
            timestamp: self.timestamp,
            window: self.window,
            value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage<'a>(containers: &'a [ContainerUsage<'a>]) -> PodUsage<'a> {
        PodUsage {
            timestamp: SimTime::ZERO,
            window: SimDuration::ZERO,
            containers,
        }
    }

    const APP: ContainerUsage<'static> = ContainerUsage {
        name: "app",
        usage: Some(40),
    };
    const LOG: ContainerUsage<'static> = ContainerUsage {
        name: "log",
        usage: Some(2),
    };
    const SILENT: ContainerUsage<'static> = ContainerUsage {
        name: "proxy",
        usage: None,
    };

    #[test]
    fn a_pod_counts_only_if_every_container_reports() {
        let value = |containers| {
            usage(containers)
                .resource_sample()
                .map(|sample| sample.value)
        };
        assert_eq!(value(&[APP, LOG]), Some(42));
        assert_eq!(value(&[APP, SILENT]), None);
        assert_eq!(value(&[SILENT, APP]), None);
        assert_eq!(value(&[]), None);
    }

    #[test]
    fn a_container_that_is_not_there_fails_the_metric() {
        let containers = [APP, SILENT];
        let pod = usage(&containers);
        assert_eq!(
            pod.container_sample("app")
                .map(|sample| sample.map(|sample| sample.value)),
            Ok(Some(40))
        );
        assert_eq!(pod.container_sample("proxy"), Ok(None));
        assert_eq!(
            pod.container_sample("log"),
            Err(MetricFailure::ContainerMissing)
        );
    }
}
