//! Files that a kustomization names as patches: parts of objects, which no rule has to be told of.

use std::collections::BTreeSet;

use serde_yaml::Value;

use super::nearness::folder_of;
use crate::manifest::Objects;

/// What a kustomization is called; one without an extension is not read.
const NAMES: [&str; 2] = ["kustomization.yaml", "kustomization.yml"];
/// The longest that is looked at, bytes.
const LONGEST: usize = 1 << 20;

/// The files, by the names that they have among the objects.
pub(crate) fn patch_files(objects: &Objects) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for (source, text) in objects.sources() {
        let folder = folder_of(source);
        if !NAMES.contains(&&source[folder.len()..]) || text.len() > LONGEST {
            continue;
        }
        // What is wrong with it is kustomize's business.
        let Ok(read) = serde_yaml::from_slice::<Value>(text) else {
            continue;
        };
        let paths = paths_in(&read);
        files.extend(paths.filter_map(|path| joined(folder, path)));
    }
    files
}

/// What it names under `patches`, `patchesJson6902` and `patchesStrategicMerge`; the last may hold a patch itself, which
/// names no file.
fn paths_in(kustomization: &Value) -> impl Iterator<Item = &str> {
    let list = |key: &str| kustomization.get(key).and_then(Value::as_sequence);
    let with_path = [list("patches"), list("patchesJson6902")];
    let paths = with_path.into_iter().flatten().flatten();
    let paths = paths.filter_map(|patch| patch.get("path")?.as_str());
    let bare = list("patchesStrategicMerge").into_iter().flatten();
    paths.chain(bare.filter_map(Value::as_str))
}

/// A path from a folder, without `.` and `..`; `None` if it leads out of what is known.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split_terminator('/').collect();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Source, read_objects};

    #[track_caller]
    fn check(source: &str, text: &str, expected: &[&str]) {
        let source = Source {
            name: source.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let found = patch_files(&read_objects(vec![source]));
        assert_eq!(
            found.iter().map(String::as_str).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn patches_are_found_under_all_three_keys() {
        check(
            "k8s/prod/kustomization.yaml",
            "resources: [../base]\npatches:\n- path: hpa.yaml\n- {path: ./p/web.yaml, target: {kind: Deployment}}\n\
             - patch: \"- {op: remove, path: /spec/replicas}\"\npatchesJson6902: [{path: ../json.yaml}]\n\
             patchesStrategicMerge:\n- cpu.yaml\n",
            &[
                "k8s/json.yaml",
                "k8s/prod/cpu.yaml",
                "k8s/prod/hpa.yaml",
                "k8s/prod/p/web.yaml",
            ],
        );
        check(
            "kustomization.yml",
            "patches: [{path: a.yaml}]",
            &["a.yaml"],
        );
        check(
            "/srv/kustomization.yml",
            "patches: [{path: a.yaml}]",
            &["/srv/a.yaml"],
        );
    }

    #[test]
    fn other_files_and_broken_ones_name_none() {
        check("web.yaml", "patches: [{path: a.yaml}]", &[]);
        check("kustomization.yaml", "patches: [", &[]);
        check("kustomization.yaml", "patches: {path: a.yaml}", &[]);
        check("kustomization.yaml", "patches: [{path: ../../a.yaml}]", &[]);
    }
}
