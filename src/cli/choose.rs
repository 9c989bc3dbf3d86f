//! Which autoscaler of the manifests is replayed.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::output::printable;
use crate::manifest::{Autoscaler, Manifests};

/// The most names that a message lists.
const MOST_NAMES: usize = 10;

/// The autoscaler asked for, or the only one.
///
/// # Errors
/// When there is none, or several and no name tells them apart.
pub(super) fn choose<'a>(manifests: &'a Manifests, wanted: Option<&str>) -> Result<&'a Autoscaler> {
    let all = &manifests.autoscalers;
    let matching = wanted.map_or_else(|| all.iter().collect(), |name| named(manifests, name));
    match (matching.as_slice(), wanted) {
        ([one], _) => Ok(one),
        ([], Some(name)) if !all.is_empty() => {
            bail!(
                "--hpa: no HorizontalPodAutoscaler is named `{name}`, expected {}",
                listed(&names(all))
            )
        }
        ([], _) => bail!(
            "the manifests hold no HorizontalPodAutoscaler, expected one to replay; {}",
            found(manifests)
        ),
        (several, _) => {
            let names = names(several.iter().copied());
            if names.len() > 1 {
                bail!(
                    "there are {} autoscalers, choose one with --hpa: {}",
                    several.len(),
                    listed(&names)
                )
            }
            let places = several
                .iter()
                .map(|autoscaler| autoscaler.origin.to_string());
            bail!(
                "there are {} autoscalers named {}, expected one: {}",
                several.len(),
                listed(&names),
                first_of(places.collect())
            )
        }
    }
}

/// The autoscalers of a name, alone or after its namespace (`default` where the manifest says none); where there is none,
/// those that are made from a ScaledObject of that name.
pub(super) fn named<'a>(manifests: &'a Manifests, name: &str) -> Vec<&'a Autoscaler> {
    let is_meant = |autoscaler: &Autoscaler, own: &str| {
        let namespace = autoscaler.namespace.as_deref().unwrap_or("default");
        name == own || name.split_once('/') == Some((namespace, own))
    };
    let all = manifests.autoscalers.iter();
    let own: Vec<&Autoscaler> = all.clone().filter(|it| is_meant(it, &it.name)).collect();
    if !own.is_empty() {
        return own;
    }
    let scaled_object = |it: &Autoscaler| {
        let keda = it.keda.as_deref();
        keda.is_some_and(|keda| is_meant(it, &keda.scaled_object))
    };
    all.filter(|it| scaled_object(it)).collect()
}

/// `NAMESPACE/NAME`, or the name alone where no namespace is given.
pub(super) fn full_name(autoscaler: &Autoscaler) -> String {
    match &autoscaler.namespace {
        Some(namespace) => format!("{namespace}/{}", autoscaler.name),
        None => autoscaler.name.clone(),
    }
}

fn names<'a>(autoscalers: impl IntoIterator<Item = &'a Autoscaler>) -> BTreeSet<String> {
    autoscalers.into_iter().map(full_name).collect()
}

fn listed(names: &BTreeSet<String>) -> String {
    first_of(names.iter().map(|name| format!("`{name}`")).collect())
}

fn first_of(mut texts: Vec<String>) -> String {
    let rest = texts.len().saturating_sub(MOST_NAMES);
    texts.truncate(MOST_NAMES);
    let listed = texts.join(", ");
    if rest > 0 {
        format!("{listed} and {rest} more")
    } else {
        listed
    }
}

/// What there is instead of an autoscaler.
fn found(manifests: &Manifests) -> String {
    let workloads: BTreeSet<&str> = manifests
        .workloads
        .iter()
        .map(|workload| workload.kind.name())
        .collect();
    let kinds: Vec<String> = workloads
        .into_iter()
        .chain(manifests.skipped.keys().map(String::as_str))
        .map(printable)
        .collect();
    if kinds.is_empty() {
        "nothing else was found".to_owned()
    } else {
        format!("found {}", first_of(kinds))
    }
}
