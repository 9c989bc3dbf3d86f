//! What a pod requests of a resource, from its shape.

use super::config::ControllerConfig;
use super::spec::Resource;

/// What the controller looks at in a pod's spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodShape {
    /// `spec.containers`.
    pub containers: Vec<ContainerShape>,
    /// `spec.initContainers`, in order.
    pub init_containers: Vec<InitContainerShape>,
    /// `spec.resources.requests`, thousandths; empty without.
    pub pod_level_requests: Vec<(Resource, i64)>,
}

/// What the controller looks at in a container's spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerShape {
    /// `name`.
    pub name: String,
    /// `resources.requests`, thousandths.
    pub requests: Vec<(Resource, i64)>,
}

/// What the controller looks at in an init container's spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitContainerShape {
    /// The container.
    pub container: ContainerShape,
    /// Whether it runs along with the others, or before them.
    pub kind: InitContainerKind,
}

/// How long an init container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitContainerKind {
    /// To its end, before the next begins.
    Plain,
    /// As long as the pod: `restartPolicy: Always`.
    Sidecar,
}

impl PodShape {
    /// What the controller takes a pod to request of a resource, in thousandths (`calculateRequests`): the named
    /// container's request, else the pod-level one, else the sum over containers and sidecars. `None` where a container
    /// that counts states none, which fails the metric.
    #[must_use]
    pub fn request(
        &self,
        config: &ControllerConfig,
        resource: &Resource,
        container: Option<&str>,
    ) -> Option<i64> {
        if let Some(name) = container {
            return self
                .lasting_containers()
                .find(|container| container.name == name)?
                .request(resource);
        }
        let has_pod_level = self
            .pod_level_requests
            .iter()
            .any(|(resource, _)| may_be_pod_level(resource));
        if config.pod_level_resources && has_pod_level {
            return self.pod_level_request(resource);
        }
        self.lasting_containers()
            .map(|container| container.request(resource))
            .try_fold(0_i64, |sum, request| Some(sum.wrapping_add(request?)))
    }

    /// The containers that run as long as the pod.
    fn lasting_containers(&self) -> impl Iterator<Item = &ContainerShape> {
        let sidecars = self
            .init_containers
            .iter()
            .filter(|init| init.kind == InitContainerKind::Sidecar)
            .map(|init| &init.container);
        self.containers.iter().chain(sidecars)
    }

    /// The request that the scheduler sees for a pod with pod-level requests: those where stated, else the most that
    /// the containers request at any time of the pod's life (`PodRequests` of k8s.io/component-helpers).
    fn pod_level_request(&self, resource: &Resource) -> Option<i64> {
        if may_be_pod_level(resource)
            && let Some(request) = find(&self.pod_level_requests, resource)
        {
            return Some(request);
        }
        let mut stated = false;
        let mut of = |container: &ContainerShape| {
            let request = container.request(resource);
            stated |= request.is_some();
            request.unwrap_or(0)
        };
        let containers: i64 = self.containers.iter().map(&mut of).sum();
        let mut sidecars = 0;
        let mut most_at_start = 0;
        for init in &self.init_containers {
            let request = of(&init.container);
            let at_this_step = match init.kind {
                InitContainerKind::Sidecar => {
                    sidecars += request;
                    sidecars
                }
                InitContainerKind::Plain => sidecars + request,
            };
            most_at_start = most_at_start.max(at_this_step);
        }
        stated.then_some(most_at_start.max(containers + sidecars))
    }
}

impl ContainerShape {
    fn request(&self, resource: &Resource) -> Option<i64> {
        find(&self.requests, resource)
    }
}

fn find(requests: &[(Resource, i64)], wanted: &Resource) -> Option<i64> {
    requests
        .iter()
        .find(|(resource, _)| resource == wanted)
        .map(|&(_, request)| request)
}

/// Which resources a pod may request as a whole (`IsSupportedPodLevelResource`).
fn may_be_pod_level(resource: &Resource) -> bool {
    match resource {
        Resource::Cpu | Resource::Memory => true,
        Resource::Other(name) => name.starts_with("hugepages-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(name: &str, cpu: Option<i64>) -> ContainerShape {
        ContainerShape {
            name: name.to_owned(),
            requests: cpu.map(|cpu| (Resource::Cpu, cpu)).into_iter().collect(),
        }
    }

    fn init(kind: InitContainerKind, name: &str, cpu: Option<i64>) -> InitContainerShape {
        InitContainerShape {
            container: container(name, cpu),
            kind,
        }
    }

    #[track_caller]
    fn check(shape: &PodShape, named: Option<&str>, expected: Option<i64>) {
        let config = ControllerConfig::KUBERNETES_1_36;
        assert_eq!(shape.request(&config, &Resource::Cpu, named), expected);
    }

    #[test]
    fn containers_and_sidecars_count_and_plain_init_containers_do_not() {
        let shape = PodShape {
            containers: vec![container("app", Some(200)), container("log", Some(50))],
            init_containers: vec![
                init(InitContainerKind::Sidecar, "proxy", Some(30)),
                init(InitContainerKind::Plain, "setup", Some(5000)),
            ],
            pod_level_requests: vec![],
        };
        check(&shape, None, Some(280));
        check(&shape, Some("app"), Some(200));
        check(&shape, Some("proxy"), Some(30));
        check(&shape, Some("setup"), None);
        check(&shape, Some("nobody"), None);
    }

    #[test]
    fn one_container_without_a_request_leaves_the_pod_without() {
        let shape = PodShape {
            containers: vec![container("app", Some(200)), container("log", None)],
            ..PodShape::default()
        };
        check(&shape, None, None);
        check(&shape, Some("app"), Some(200));
        check(&shape, Some("log"), None);
    }

    #[test]
    fn a_pod_level_request_wins_unless_a_container_is_named() {
        let shape = PodShape {
            containers: vec![container("app", Some(200)), container("log", None)],
            init_containers: vec![],
            pod_level_requests: vec![(Resource::Cpu, 1000)],
        };
        check(&shape, None, Some(1000));
        check(&shape, Some("app"), Some(200));
        let without_gate = ControllerConfig {
            pod_level_resources: false,
            ..ControllerConfig::KUBERNETES_1_36
        };
        assert_eq!(shape.request(&without_gate, &Resource::Cpu, None), None);
    }

    #[test]
    fn a_pod_level_request_for_another_resource_takes_the_schedulers_sum() {
        let shape = PodShape {
            containers: vec![container("app", Some(200)), container("log", None)],
            init_containers: vec![
                init(InitContainerKind::Sidecar, "proxy", Some(30)),
                init(InitContainerKind::Plain, "setup", Some(500)),
            ],
            pod_level_requests: vec![(Resource::Memory, 1000)],
        };
        check(&shape, None, Some(530));
    }
}
