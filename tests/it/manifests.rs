//! Real manifests of many authors: what each loads to, or how its error begins.

use std::fs;
use std::path::Path;

use scaleplan::hpa::{ControllerConfig, MetricSpec, MetricTarget, Resource};
use scaleplan::manifest::{Autoscaler, Manifests, Source, Workload, read};

/// Each file of `tests/manifests` with what comes of it, a line each: autoscalers, workloads, kinds passed over, errors,
/// warnings. Errors and warnings are given by their beginnings.
const CASES: &[(&str, &[&str])] = &[
    (
        "accelerated-platforms-patch-hpa.yaml",
        &["error 21:3 spec.scaleTargetRef is missing"],
    ),
    (
        "accelerated-platforms-patch-resources.yaml",
        &["error 21:3 spec.selector is missing"],
    ),
    (
        "ai-on-gke-cpu.yaml.tftpl",
        &["error 5:14 `${...}` is a template's variable"],
    ),
    (
        "bank-of-anthos-frontend.yaml",
        &[
            "autoscaler frontend scales Deployment frontend 5..25 by External loadbalancing.googleapis.com|https|request_count 5000m each, behavior",
        ],
    ),
    (
        "cdi-vm-dv.yaml",
        &["workload VirtualMachine vm-cirros-datavolume x?, 100m cpu, 1 vCPUs, 1 disks"],
    ),
    (
        "eks-workshop-v1.yaml",
        &["autoscaler ui/ui scales Deployment ui 1..4 by cpu 80%, no behavior"],
    ),
    (
        "engine-samples-chart-hpa.yaml",
        &["error 18:9 this is a Go template"],
    ),
    (
        "experiment-v2beta2.yaml",
        &[
            "autoscaler default/experiment-autoscaler scales Deployment experiment-deployment 1..20 by cpu 50%, no behavior",
            "workload Deployment experiment-deployment x1, 200m cpu",
            "workload Deployment load-test x1, no cpu request",
            "skipped 1 rbac.authorization.k8s.io/v1/ClusterRole",
            "skipped 1 rbac.authorization.k8s.io/v1/ClusterRoleBinding",
            "skipped 1 v1/Service",
            "skipped 1 v1/ServiceAccount",
        ],
    ),
    (
        "istio-gateway-chart-hpa.yaml",
        &["error 1:1 this is a Go template"],
    ),
    (
        "istio-istiod.yaml",
        &[
            "autoscaler istio-control/istiod scales Deployment istiod 2..8 by cpu 80%, no behavior",
            "workload Deployment istio-control/istiod x?, 222m cpu, ready by HttpGet every 3s",
        ],
    ),
    (
        "keda-external.yaml",
        &[
            "error 14:5 spec.triggers: the metric and target of `external` are settled by a scaler outside",
        ],
    ),
    (
        "keda-kafka.yaml",
        &[
            "autoscaler default/keda-hpa-kafka-scaledobject scales Deployment azure-functions-deployment 1..100 by External s0-kafka-test-topic 50000m each, no behavior",
            "skipped 1 keda.sh/v1alpha1/TriggerAuthentication",
            "skipped 1 v1/Secret",
        ],
    ),
    (
        "keda-memory-container.yaml",
        &[
            "autoscaler default/keda-hpa-memory-scaledobject scales Deployment my-deployment 1..100 by memory of foo 50%, no behavior",
        ],
    ),
    (
        "keda-vllm-prometheus.yaml",
        &[
            "autoscaler default/keda-hpa-vllm-scaledobject scales Deployment vllm-llama3-deployment-vllm 1..2 by External s0-prometheus 5000m each, no behavior",
        ],
    ),
    (
        "kep-1610-draft.yaml",
        &[
            "error 15:7 spec.metrics[0].resource: another source than `type: ContainerResource` says",
            "warning 16:7 `spec.metrics[0].resource.container` is no field here",
        ],
    ),
    (
        "kep-4951-tolerance.yaml",
        &[
            "autoscaler cpu-stress-hpa scales Deployment cpu-stress-deployment 1..5 by cpu 10%, behavior",
            "workload Deployment cpu-stress-deployment x1, 20m cpu",
        ],
    ),
    (
        "knative-activator.yaml",
        &[
            "workload Deployment knative-serving/activator x?, 300m cpu, ready by HttpGet every 5s",
            "skipped 1 v1/Service",
        ],
    ),
    (
        "knative-autoscaler-hpa.yaml",
        &[
            "workload Deployment knative-serving/autoscaler-hpa x?, 30m cpu, ready by HttpGet every 5s",
            "skipped 1 v1/Service",
        ],
    ),
    (
        "kompose-web.yaml",
        &[
            "autoscaler web scales Deployment web 1..10 by cpu 50% and memory 70%, no behavior",
            "workload Deployment web x1, no cpu request",
        ],
    ),
    (
        "kube-linter-dangling.yaml",
        &[
            "autoscaler RELEASE-NAME-mychart scales Deployment dont-fire 1..100 by cpu 80%, no behavior",
            "autoscaler hpa1 scales Deployment app2 1..100 by cpu 80%, no behavior",
            "error 7:3 spec.selector is missing",
            "error 34:3 spec.selector is missing",
            "warning 15:9 metadata.name: `RELEASE-NAME-mychart` is refused as a name",
        ],
    ),
    (
        "kube-linter-sorted-keys.yaml",
        &[
            "autoscaler production/api-hpa scales Deployment api-deployment 2..10 by cpu 70% and memory 80%, behavior",
            "workload Deployment sorted-deployment x3, no cpu request",
            "workload Deployment unsorted-spec-keys x2, no cpu request",
            "workload StatefulSet database/postgres-statefulset x3, 1000m cpu",
            "workload Deployment production/web-app-deployment x5, 500m cpu, ready by HttpGet every 5s",
            "skipped 1 apps/v1/DaemonSet",
            "skipped 1 batch/v1/CronJob",
            "skipped 1 batch/v1/Job",
            "skipped 1 networking.k8s.io/v1/Ingress",
            "skipped 1 networking.k8s.io/v1/NetworkPolicy",
            "skipped 1 v1/ConfigMap",
            "skipped 1 v1/Service",
            "error 27:3 spec.selector is missing",
            "error 36:3 spec.selector is missing",
        ],
    ),
    (
        "kubernetes-api-v2beta1.json",
        &[
            "error 72:29 spec.metrics[0].object.selector.matchExpressions[0].operator: `operatorValue` is no operator",
            "error 91:29 spec.metrics[0].pods.selector.matchExpressions[0].operator: `operatorValue` is no operator",
            "error 119:29 spec.metrics[0].external.metricSelector.matchExpressions[0].operator: `operatorValue` is no operator",
            "warning 5:13 metadata.name: `nameValue` is refused as a name",
            "warning 7:18 metadata.namespace: `namespaceValue` is refused as a name",
        ],
    ),
    (
        "kubevirt-pool-hpa.yaml",
        &[
            "autoscaler vm-pool-cirros scales VirtualMachinePool vm-pool-cirros 3..10 by cpu 50%, no behavior",
        ],
    ),
    (
        "kubevirt-vmi-go-template.yaml",
        &["error 7:14 this is a Go template"],
    ),
    (
        "kubevirt-vmi-list.yaml",
        &["workload VirtualMachineInstance default/myvm x?, 600m cpu, 6 vCPUs, 0 disks"],
    ),
    (
        "kubevirt-vmi-windows.yaml",
        &["workload VirtualMachineInstance vmi-windows x?, 200m cpu, 2 vCPUs, 1 disks"],
    ),
    (
        "kyverno-instancetypes.yaml",
        &[
            "workload VirtualMachine vm-invalid x?, 100m cpu, 1 vCPUs, 2 disks",
            "error 19:7 spec.template.spec.domain is missing",
        ],
    ),
    (
        "llm-d-scale-to-zero.yaml",
        &[
            "autoscaler llm-d-sim/vllme-deployment-hpa scales Deployment vllme-deployment 0..10 by External inferno_desired_replicas 1000m each, behavior",
        ],
    ),
    (
        "otel-assert.yaml",
        &[
            "autoscaler simplest-collector scales OpenTelemetryCollector simplest 1..2 by cpu 90%, behavior",
            "error 1:1 spec is missing",
            "error 8:1 spec is missing",
            "error 70:7 spec.metrics[1].type is missing",
        ],
    ),
    (
        "own-anchors.yaml",
        &[
            "autoscaler team/app scales Deployment app 1..10 by cpu of app 70% and memory of app 104857600000m each, behavior",
            "workload Deployment team/app x8, 300m cpu",
            "warning 36:3 `spec.minReplica` is no field here, the API server ignores it; did you mean `minReplicas`?",
        ],
    ),
    (
        "own-dump.json",
        &[
            "autoscaler default/app scales Deployment app 2..10 by Pods requests 10000m each and cpu 50%, behavior",
            "workload Deployment app x?, no cpu request",
            "skipped 1 v1/Service",
        ],
    ),
    (
        "own-vm-pool.yaml",
        &[
            "autoscaler shop/web scales VirtualMachinePool web 2..8 by cpu 60%, no behavior",
            "workload VirtualMachinePool shop/web x3, 400m cpu, ready by GuestAgentPing every 20s, 4 vCPUs, 2 disks",
        ],
    ),
    (
        "own-vmi-replicaset.yaml",
        &["workload VirtualMachineInstanceReplicaSet pinned x2, 5000m cpu, 4 vCPUs, 1 disks"],
    ),
    (
        "popeye-list.yaml",
        &[
            "autoscaler default/hpa1 scales Deployment dp1 1..10 by cpu 50%, no behavior",
            "autoscaler default/hpa2 scales Deployment dp-toast 1..10 by cpu 50%, no behavior",
            "autoscaler default/hpa3 scales ReplicaSet rs-toast 1..10 by cpu 50%, no behavior",
            "autoscaler default/hpa4 scales StatefulSet sts-toast 1..10 by cpu 50%, no behavior",
            "autoscaler default/hpa5 scales StatefulSet sts1 1..10 by cpu 50%, no behavior",
            "autoscaler default/hpa6 scales ReplicaSet rs1 1..10 by cpu 50%, no behavior",
        ],
    ),
    (
        "vllm-object-metric.yaml",
        &[
            "autoscaler default/vllm-hpa scales Deployment vllm-llama3-deployment-vllm 1..2 by Object vllm_num_requests_waiting 1000m, no behavior",
        ],
    ),
];

fn load(name: &str) -> Manifests {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests");
    let bytes = fs::read(folder.join(name)).expect("the file is there");
    read(vec![Source {
        name: name.to_owned(),
        bytes,
    }])
}

fn describe(manifests: &Manifests) -> Vec<String> {
    let autoscalers = manifests.autoscalers.iter().map(describe_autoscaler);
    let workloads = manifests.workloads.iter().map(describe_workload);
    let skipped = manifests
        .skipped
        .iter()
        .map(|(kind, number)| format!("skipped {number} {kind}"));
    let problems = |label: &'static str, list: &[_]| -> Vec<String> {
        let place = |it: &scaleplan::manifest::ManifestError| {
            format!("{label} {}:{} {}", it.line, it.column, it.message)
        };
        list.iter().map(place).collect()
    };
    autoscalers
        .chain(workloads)
        .chain(skipped)
        .chain(problems("error", &manifests.errors))
        .chain(problems("warning", &manifests.warnings))
        .collect()
}

fn describe_autoscaler(it: &Autoscaler) -> String {
    let metrics: Vec<_> = it.spec.metrics.iter().map(describe_metric).collect();
    let behavior = match &it.spec.behavior {
        None => "no behavior",
        Some(_) => "behavior",
    };
    format!(
        "autoscaler {} scales {} {} {}..{} by {}, {behavior}",
        full_name(it.namespace.as_deref(), &it.name),
        it.scale_target.kind,
        it.scale_target.name,
        it.spec.min_replicas,
        it.spec.max_replicas,
        metrics.join(" and ")
    )
}

fn describe_metric(metric: &MetricSpec) -> String {
    let target = |target: &MetricTarget| match target {
        MetricTarget::Utilization(percent) => format!("{percent}%"),
        MetricTarget::AverageValue(milli) => format!("{milli}m each"),
        MetricTarget::Value(milli) => format!("{milli}m"),
    };
    let resource = |resource: &Resource| match resource {
        Resource::Cpu => "cpu".to_owned(),
        Resource::Memory => "memory".to_owned(),
        Resource::Other(name) => name.clone(),
    };
    match metric {
        MetricSpec::Resource {
            resource: of,
            target: at,
        } => format!("{} {}", resource(of), target(at)),
        MetricSpec::ContainerResource {
            resource: of,
            container,
            target: at,
        } => format!("{} of {container} {}", resource(of), target(at)),
        MetricSpec::Pods { name, target: at } => format!("Pods {name} {}", target(at)),
        MetricSpec::Object { name, target: at } => format!("Object {name} {}", target(at)),
        MetricSpec::External { name, target: at } => format!("External {name} {}", target(at)),
    }
}

fn describe_workload(it: &Workload) -> String {
    let shape = it.pod.shape();
    let cpu = shape.request(&ControllerConfig::KUBERNETES_1_36, &Resource::Cpu, None);
    let cpu = cpu.map_or("no cpu request".to_owned(), |milli| format!("{milli}m cpu"));
    let replicas = it
        .replicas
        .map_or("?".to_owned(), |number| number.to_string());
    let name = full_name(it.namespace.as_deref(), &it.name);
    let probe = it
        .pod
        .containers
        .iter()
        .find_map(|container| container.readiness.as_ref());
    let ready = probe.map_or(String::new(), |probe| {
        format!(", ready by {:?} every {}", probe.kind, probe.probe_period)
    });
    let vm = it.pod.vm.as_ref().map_or(String::new(), |vm| {
        format!(
            ", {} vCPUs, {} disks",
            vm.vcpus.unwrap_or(0),
            vm.disks.len()
        )
    });
    format!("workload {} {name} x{replicas}, {cpu}{ready}{vm}", it.kind)
}

fn full_name(namespace: Option<&str>, name: &str) -> String {
    namespace.map_or(name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

#[test]
fn every_manifest_loads_or_says_why_not() {
    for (name, expected) in CASES {
        let found = describe(&load(name));
        let agrees = found.len() == expected.len()
            && found.iter().zip(*expected).all(|(found, expected)| {
                let is_problem = expected.starts_with("error") || expected.starts_with("warning");
                found == expected || is_problem && found.starts_with(expected)
            });
        assert!(
            agrees,
            "{name}\nfound    {found:#?}\nexpected {expected:#?}"
        );
    }
}

#[test]
fn every_file_of_the_folder_has_its_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests");
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let name = entry.expect("it can be listed").file_name();
        let name = name.to_string_lossy();
        let is_about_others = matches!(&*name, "NOTICE.md" | "PROVENANCE.tsv");
        let has_case = CASES.iter().any(|(known, _)| *known == name);
        assert!(is_about_others || has_case, "{name} has no case");
    }
}

#[test]
fn a_workload_is_found_for_its_autoscaler() {
    for name in [
        "istio-istiod.yaml",
        "own-vm-pool.yaml",
        "own-anchors.yaml",
        "own-dump.json",
        "kompose-web.yaml",
    ] {
        let manifests = load(name);
        let autoscaler = &manifests.autoscalers[0];
        let workload = manifests.workload_for(autoscaler);
        let found = workload.map(|workload| workload.name.as_str());
        assert_eq!(found, Some(autoscaler.scale_target.name.as_str()), "{name}");
    }
}

#[test]
fn every_cut_of_every_file_is_read_without_a_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests");
    for (name, _) in CASES {
        let bytes = fs::read(folder.join(name)).expect("the file is there");
        for cut in (0..bytes.len()).step_by(37) {
            let manifests = read(vec![Source {
                name: (*name).to_owned(),
                bytes: bytes[..cut].to_vec(),
            }]);
            for error in &manifests.errors {
                let lines = bytes[..cut].split(|byte| *byte == b'\n').count();
                let line = usize::try_from(error.line).expect("a line number fits");
                assert!(line <= lines, "{error}");
            }
        }
    }
}
