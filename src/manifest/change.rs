//! Two versions of manifests side by side: which autoscalers came, went and changed, setting by setting.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::in_force::{InForce, Role, in_force, object_name};
use super::manifests::Manifests;
use super::object::Autoscaler;

/// One autoscaler in two versions of the manifests; in at least one of them it is there.
#[derive(Clone, Debug)]
pub struct AutoscalerChange<'a> {
    /// `HorizontalPodAutoscaler` or `ScaledObject`, with `namespace/name`.
    pub object: String,
    /// In the first version.
    pub base: Option<&'a Autoscaler>,
    /// In the second version.
    pub head: Option<&'a Autoscaler>,
    /// The settings in which the two differ, its own before its workload's; none where it is only in one of them.
    pub settings: Vec<SettingChange>,
}

/// A setting that differs. What a file leaves out counts as the API's default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange {
    /// Which object it is of.
    pub role: Role,
    /// The object, `Kind namespace/name`, as the second version has it.
    pub object: String,
    /// Its path, such as `spec.minReplicas`; `None` where it is the object itself that came or went.
    pub path: Option<String>,
    /// Its value in the first version, if it is there.
    pub base: Option<String>,
    /// Its value in the second version, if it is there.
    pub head: Option<String>,
}

impl AutoscalerChange<'_> {
    /// Whether the autoscaler and what it is played with are the same in both versions.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.base.is_some() && self.head.is_some() && self.settings.is_empty()
    }
}

/// Pairs the autoscalers of two versions by kind, namespace and name, sorted by these; of several equal ones those of one
/// file are a pair, then the rest in order. No namespace is `default`.
#[must_use]
pub fn autoscaler_changes<'a>(
    base: &'a Manifests,
    head: &'a Manifests,
) -> Vec<AutoscalerChange<'a>> {
    let (mut before, mut after) = (by_identity(base), by_identity(head));
    let identities: BTreeSet<Identity> = before.keys().chain(after.keys()).copied().collect();
    let mut changes = Vec::new();
    for identity in identities {
        let of_base = before.remove(&identity).unwrap_or_default();
        let of_head = after.remove(&identity).unwrap_or_default();
        for (in_base, in_head) in paired(of_base, of_head) {
            let settings = match (in_base, in_head) {
                (Some(one), Some(other)) => {
                    setting_changes(&in_force(base, one), &in_force(head, other))
                }
                _ => Vec::new(),
            };
            let Some(shown) = in_head.or(in_base) else {
                continue;
            };
            let (kind, name) = shown.kind_and_name();
            changes.push(AutoscalerChange {
                object: object_name(kind, shown.namespace.as_deref(), name),
                base: in_base,
                head: in_head,
                settings,
            });
        }
    }
    changes
}

/// Namespace, name and kind.
type Identity<'a> = (&'a str, &'a str, &'a str);

fn by_identity(manifests: &Manifests) -> BTreeMap<Identity<'_>, VecDeque<&Autoscaler>> {
    let mut found: BTreeMap<Identity<'_>, VecDeque<&Autoscaler>> = BTreeMap::new();
    for autoscaler in &manifests.autoscalers {
        let namespace = autoscaler.namespace.as_deref().unwrap_or("default");
        let (kind, name) = autoscaler.kind_and_name();
        found
            .entry((namespace, name, kind))
            .or_default()
            .push_back(autoscaler);
    }
    found
}

/// Pairs equal ones: first those of one file, then the rest in order.
fn paired<'a>(
    base: VecDeque<&'a Autoscaler>,
    mut head: VecDeque<&'a Autoscaler>,
) -> Vec<(Option<&'a Autoscaler>, Option<&'a Autoscaler>)> {
    let mut pairs = Vec::new();
    let mut left = VecDeque::new();
    for one in base {
        let same = |other: &&Autoscaler| other.origin.source == one.origin.source;
        match head.iter().position(same) {
            Some(at) => pairs.push((Some(one), head.remove(at))),
            None => left.push_back(one),
        }
    }
    while let (Some(one), Some(other)) = (left.front().copied(), head.front().copied()) {
        left.pop_front();
        head.pop_front();
        pairs.push((Some(one), Some(other)));
    }
    pairs.extend(left.into_iter().map(|one| (Some(one), None)));
    pairs.extend(head.into_iter().map(|other| (None, Some(other))));
    pairs
}

fn setting_changes(base: &[InForce], head: &[InForce]) -> Vec<SettingChange> {
    let mut changes = Vec::new();
    for role in [Role::Autoscaler, Role::Workload, Role::Service] {
        let of_role = |all: &[InForce]| all.iter().position(|it| it.role == role);
        let before = of_role(base).map(|at| &base[at]);
        let after = of_role(head).map(|at| &head[at]);
        match (before, after) {
            (Some(before), Some(after)) => changes.extend(differing(before, after)),
            (Some(gone), None) => changes.push(whole(gone, Some("there"), None)),
            (None, Some(new)) => changes.push(whole(new, None, Some("there"))),
            (None, None) => {}
        }
    }
    changes
}

fn whole(object: &InForce, base: Option<&str>, head: Option<&str>) -> SettingChange {
    SettingChange {
        role: object.role,
        object: object.object.clone(),
        path: None,
        base: base.map(ToOwned::to_owned),
        head: head.map(ToOwned::to_owned),
    }
}

/// What differs, in the order of the first version; what is only in the second comes last.
fn differing(before: &InForce, after: &InForce) -> Vec<SettingChange> {
    let old: BTreeMap<&str, &str> = by_path(before);
    let new: BTreeMap<&str, &str> = by_path(after);
    let paths = before.settings.iter().map(|(path, _)| path.as_str());
    let added = after.settings.iter().map(|(path, _)| path.as_str());
    paths
        .chain(added.filter(|path| !old.contains_key(path)))
        .filter(|path| old.get(path) != new.get(path))
        .map(|path| SettingChange {
            role: after.role,
            object: after.object.clone(),
            path: Some(path.to_owned()),
            base: old.get(path).map(|value| (*value).to_owned()),
            head: new.get(path).map(|value| (*value).to_owned()),
        })
        .collect()
}

fn by_path(object: &InForce) -> BTreeMap<&str, &str> {
    let settings = object.settings.iter();
    settings
        .map(|(path, value)| (path.as_str(), value.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Source, read};

    const HPA: &str = "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 10
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
";

    const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: registry.example/web:1
        resources: {requests: {cpu: 200m, memory: 1Gi}}
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
";

    fn manifests(files: &[(&str, &str)]) -> Manifests {
        let sources = files.iter().map(|(name, text)| Source {
            name: (*name).to_owned(),
            bytes: text.as_bytes().to_vec(),
        });
        let read = read(sources.collect());
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        read
    }

    fn both() -> String {
        format!("{HPA}---\n{DEPLOYMENT}")
    }

    /// Each change as `path: old -> new`.
    #[track_caller]
    fn check(base: &str, head: &str, expected: &[&str]) {
        let (base, head) = (
            manifests(&[("a.yaml", base)]),
            manifests(&[("b.yaml", head)]),
        );
        let changes = autoscaler_changes(&base, &head);
        assert_eq!(changes.len(), 1);
        let told = |change: &SettingChange| {
            let value = |value: &Option<String>| value.clone().unwrap_or("-".to_owned());
            format!(
                "{}: {} -> {}",
                change.path.as_ref().unwrap_or(&change.object),
                value(&change.base),
                value(&change.head)
            )
        };
        let found: Vec<String> = changes[0].settings.iter().map(told).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_the_api_would_fill_in_is_no_change() {
        let base = both();
        check(&base, &base, &[]);
        check(
            &base,
            &base.replace("  maxReplicas", "  minReplicas: 1\n  maxReplicas"),
            &[],
        );
        check(&base, &base.replace("web:1", "web:2"), &[]);
    }

    #[test]
    fn each_setting_that_a_replay_reads_is_told() {
        let base = both();
        check(
            &base,
            &base
                .replace("averageUtilization: 50", "averageUtilization: 80")
                .replace("10", "20"),
            &[
                "spec.maxReplicas: 10 -> 20",
                "spec.metrics[cpu]: averageUtilization 50 -> averageUtilization 80",
            ],
        );
        check(
            &base,
            &base
                .replace("cpu: 200m", "cpu: 500m")
                .replace("periodSeconds: 5", "periodSeconds: 15"),
            &[
                "containers[app].requests.cpu: 200m -> 500m",
                "containers[app].readinessProbe.periodSeconds: 5 -> 15",
            ],
        );
        check(
            &base,
            &base.replace(
                "  maxReplicas",
                "  behavior: {scaleDown: {selectPolicy: Disabled}}\n  maxReplicas",
            ),
            &[
                "spec.behavior.scaleUp.stabilizationWindowSeconds: - -> 0",
                "spec.behavior.scaleUp.selectPolicy: - -> Max",
                "spec.behavior.scaleUp.policies: - -> 4 Pods in 15 s, 100 Percent in 15 s",
                "spec.behavior.scaleDown.stabilizationWindowSeconds: - -> as the controller's flag says",
                "spec.behavior.scaleDown.selectPolicy: - -> Disabled",
                "spec.behavior.scaleDown.policies: - -> 100 Percent in 15 s",
            ],
        );
        check(&base, HPA, &["Deployment web: there -> -"]);
    }

    #[test]
    fn equal_names_are_paired_by_their_files() {
        let other = HPA.replace("maxReplicas: 10", "maxReplicas: 30");
        let base = manifests(&[("prod/hpa.yaml", HPA), ("test/hpa.yaml", &other)]);
        let head = manifests(&[("test/hpa.yaml", &other), ("prod/hpa.yaml", HPA)]);
        let changes = autoscaler_changes(&base, &head);
        assert_eq!(changes.len(), 2);
        assert!(changes.iter().all(AutoscalerChange::is_none));
    }

    #[test]
    fn what_is_on_one_side_only_came_or_went() {
        let renamed = HPA.replace(
            "metadata: {name: web}",
            "metadata: {name: web, namespace: shop}",
        );
        let (base, head) = (
            manifests(&[("a.yaml", HPA)]),
            manifests(&[("a.yaml", &renamed)]),
        );
        let changes = autoscaler_changes(&base, &head);
        let told: Vec<(&str, bool, bool)> = changes
            .iter()
            .map(|change| {
                (
                    change.object.as_str(),
                    change.base.is_some(),
                    change.head.is_some(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("HorizontalPodAutoscaler web", true, false),
                ("HorizontalPodAutoscaler shop/web", false, true),
            ]
        );
        // No namespace is the default one.
        let default = HPA.replace(
            "metadata: {name: web}",
            "metadata: {name: web, namespace: default}",
        );
        let head = manifests(&[("a.yaml", &default)]);
        assert!(autoscaler_changes(&base, &head)[0].is_none());
    }
}
