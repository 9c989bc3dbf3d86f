//! An autoscaler asked of a cluster, by running the user's own kubectl: its rights, its context, its plugins.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use anyhow::{Result, anyhow, bail};
use serde::Deserialize;

use super::live_args::ClusterArgs;
use crate::cli::output::printable;
use crate::manifest::Source;

/// What kubectl is told of its patience.
const REQUEST_TIMEOUT: &str = "--request-timeout=30s";

/// The manifests of the autoscaler that the flags name: itself, its target and the Services of its namespace. `None`
/// if they name none.
///
/// # Errors
/// When kubectl is not there, or cannot bring the autoscaler. A target that cannot be had is left out, as from files.
pub(in crate::cli) fn manifests(args: &ClusterArgs) -> Result<Option<Vec<Source>>> {
    let Some(wanted) = &args.from_kubectl else {
        return Ok(None);
    };
    let (namespace, name) = parted(wanted)?;
    let cluster = Cluster {
        context: args.context.as_deref(),
        namespace,
    };
    let autoscaler = cluster.get(&["horizontalpodautoscalers.autoscaling", name])?;
    let target = target_of(&autoscaler);
    let mut sources = vec![autoscaler];
    if let Some(target) = target {
        match cluster.get(&[&target.resource(), &target.name]) {
            Ok(source) => sources.push(source),
            Err(error) => crate::cli::output::warning(&format!("{error:#}")),
        }
    }
    // Many may see no Services; then the defaults stand.
    if let Ok(services) = cluster.get(&["services"]) {
        sources.push(services);
    }
    Ok(Some(sources))
}

struct Cluster<'a> {
    context: Option<&'a str>,
    namespace: &'a str,
}

impl Cluster<'_> {
    /// What `kubectl get` brings, as JSON.
    fn get(&self, what: &[&str]) -> Result<Source> {
        let mut command = Command::new("kubectl");
        command.args(["get", "--output=json", REQUEST_TIMEOUT]);
        command.arg(format!("--namespace={}", self.namespace));
        if let Some(context) = self.context {
            command.arg(format!("--context={context}"));
        }
        command.arg("--").args(what).stdin(Stdio::null());
        let shown = format!("kubectl get {} -n {}", what.join(" "), self.namespace);
        let shown = printable(&shown);
        let output = command.output().map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                anyhow!("kubectl was not found on the PATH, expected it for --from-kubectl")
            }
            _ => anyhow!("{shown}: cannot be run: {error}"),
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().rev().find(|line| !line.trim().is_empty());
            bail!(
                "{shown}: {}",
                printable(last.unwrap_or("failed without a word"))
            );
        }
        Ok(Source {
            name: shown,
            bytes: output.stdout,
        })
    }
}

/// What the autoscaler scales; `None` where it does not say, of which the reader of manifests will complain.
fn target_of(autoscaler: &Source) -> Option<Target> {
    #[derive(Deserialize)]
    struct Scaler {
        spec: Spec,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Spec {
        scale_target_ref: Target,
    }
    let scaler: Option<Scaler> = serde_json::from_slice(&autoscaler.bytes).ok();
    scaler.map(|scaler| scaler.spec.scale_target_ref)
}

/// A `scaleTargetRef`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    #[serde(default)]
    api_version: String,
    kind: String,
    name: String,
}

impl Target {
    /// The resource as kubectl takes it, `KIND.VERSION.GROUP`: several groups may have a kind of one name.
    fn resource(&self) -> String {
        let kind = &self.kind;
        match self.api_version.split_once('/') {
            Some((group, version)) => format!("{kind}.{version}.{group}"),
            None => kind.clone(),
        }
    }
}

fn parted(wanted: &str) -> Result<(&str, &str)> {
    let is_name = |part: &str| {
        let letters = part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        !part.is_empty() && letters && !part.starts_with('-')
    };
    match wanted.split_once('/') {
        Some((namespace, name)) if is_name(namespace) && is_name(name) => Ok((namespace, name)),
        _ => bail!(
            "--from-kubectl: `{}` names no autoscaler, expected NAMESPACE/NAME",
            printable(wanted)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_autoscaler_is_named_with_its_namespace() {
        assert_eq!(parted("shop/web").expect("valid"), ("shop", "web"));
        for wrong in [
            "web",
            "/web",
            "shop/",
            "shop/a/b",
            "--all/web",
            "shop/-w",
            "sh op/web",
        ] {
            let error = parted(wrong).expect_err(wrong).to_string();
            assert!(error.ends_with("expected NAMESPACE/NAME"), "{error}");
        }
    }

    #[test]
    fn a_target_is_asked_for_in_its_own_group() {
        let asked = |api_version: Option<&str>, kind: &str| {
            let target = Target {
                api_version: api_version.unwrap_or_default().to_owned(),
                kind: kind.to_owned(),
                name: "web".to_owned(),
            };
            target.resource()
        };
        assert_eq!(asked(Some("apps/v1"), "Deployment"), "Deployment.v1.apps");
        assert_eq!(
            asked(Some("pool.kubevirt.io/v1alpha1"), "VirtualMachinePool"),
            "VirtualMachinePool.v1alpha1.pool.kubevirt.io"
        );
        assert_eq!(
            asked(Some("v1"), "ReplicationController"),
            "ReplicationController"
        );
        assert_eq!(asked(None, "Deployment"), "Deployment");
    }
}
