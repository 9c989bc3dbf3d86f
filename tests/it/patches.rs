//! Edits of real and made-up manifests, read again; the diffs, by git.

mod made_up;
mod wishes;

use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use scaleplan::advice::patch::{Patch, PatchError, Plan, edits};
use scaleplan::hpa::{Behavior, HpaSpec, MetricSpec, MetricTarget};
use scaleplan::manifest::{Autoscaler, Manifests, Node, Scalar, Source, read};
use scaleplan::units::SimDuration;
use serde_json::Value;

use self::wishes::{Wish, wanted, wish};

fn read_bytes(bytes: &[u8]) -> Manifests {
    read(vec![Source {
        name: "some dir/hpa.yaml".to_owned(),
        bytes: bytes.to_vec(),
    }])
}

/// All manifests of `tests/manifests` that have an autoscaler.
fn real_manifests() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        let bytes = fs::read(&path).expect("it can be read");
        let autoscalers = read_bytes(&bytes).autoscalers;
        if !autoscalers.is_empty() {
            files.push((path.display().to_string(), bytes));
        }
    }
    files.sort();
    assert!(files.len() > 10);
    files
}

/// Patches each autoscaler of a file, and checks what comes out in every form.
#[track_caller]
fn check_round_trip(name: &str, bytes: &[u8], wish: &Wish) {
    for (number, autoscaler) in read_bytes(bytes).autoscalers.iter().enumerate() {
        let at = |what: &str| format!("{name}, autoscaler {number}: {what}");
        let same = edits(autoscaler, &autoscaler.spec).expect("no change is always possible");
        assert!(same.edits.is_empty(), "{}", at("nothing was to change"));
        assert!(same.plan.is_empty() && same.unified_diff().is_empty());

        let wanted = wanted(autoscaler, wish);
        let patch = match edits(autoscaler, &wanted) {
            Ok(patch) => patch,
            // A refusal that is right, since only that manifest has anchors.
            Err(PatchError::Shared { .. }) if name.ends_with("own-anchors.yaml") => continue,
            Err(error) => panic!("{}", at(&error.to_string())),
        };
        let changed = read_bytes(&patch.after).autoscalers.remove(number);
        assert_eq!(changed.spec, patch.plan.reached, "{}", at("after"));
        if autoscaler.api_version == "autoscaling/v2" {
            assert_eq!(
                (&changed.spec, &*patch.plan.left_out),
                (&wanted, &[][..]),
                "{name}"
            );
        }
        check_surroundings(autoscaler, &patch);
        check_other_forms(autoscaler, &patch.plan, &patch.plan.reached);

        let back = edits(&changed, &autoscaler.spec)
            .unwrap_or_else(|error| panic!("{}", at(&error.to_string())));
        assert_eq!(
            read_bytes(&back.after).autoscalers[number].spec,
            autoscaler.spec,
            "{}",
            at("and back")
        );
    }
}

/// What stands before and behind the object is untouched.
#[track_caller]
fn check_surroundings(autoscaler: &Autoscaler, patch: &Patch) {
    let span = autoscaler.document.root().span();
    let before = patch.before();
    let line_end = before[span.end..].iter().position(|byte| *byte == b'\n');
    let behind = line_end.map_or(before.len(), |length| span.end + length + 1);
    assert!(patch.after.starts_with(&before[..span.start.offset]));
    assert!(patch.after.ends_with(&before[behind..]));
}

/// The strategic-merge patch and the JSON patch, applied to the object, give the same.
#[track_caller]
fn check_other_forms(autoscaler: &Autoscaler, plan: &Plan, reached: &HpaSpec) {
    let object = json(autoscaler.document.root());
    if object.get("kind").is_none() || plan.is_empty() {
        return;
    }
    let mut patched = object.clone();
    let operations: Value = serde_json::from_str(&plan.json_patch()).expect("it is JSON");
    for operation in operations.as_array().expect("a list of operations") {
        apply_operation(&mut patched, operation);
    }
    let spec = |object: &Value| {
        read_bytes(object.to_string().as_bytes())
            .autoscalers
            .remove(0)
            .spec
    };
    assert_eq!(spec(&patched), *reached);

    let strategic: Value = serde_yaml::from_str(&plan.strategic_merge()).expect("it is YAML");
    let mut patched = object;
    merge(&mut patched, strategic);
    assert_eq!(spec(&patched), *reached);
}

fn json(node: Node<'_>) -> Value {
    if node.is_mapping() {
        return node
            .entries()
            .map(|(key, value)| (key.to_owned(), json(value)))
            .collect();
    }
    if node.is_sequence() {
        return node.items().map(json).collect();
    }
    match node.scalar() {
        Some(Scalar::Bool(value)) => value.into(),
        Some(Scalar::Int(value)) => i64::try_from(value).expect("a small number").into(),
        Some(Scalar::Float(value)) => value.into(),
        Some(Scalar::Text(text)) => text.into(),
        Some(Scalar::Null) | None => Value::Null,
    }
}

fn apply_operation(object: &mut Value, operation: &Value) {
    let text = |key: &str| operation[key].as_str().expect("a text");
    let (parent, key) = text("path").rsplit_once('/').expect("a pointer");
    let parent = object.pointer_mut(parent).expect("the parent is there");
    let value = operation["value"].clone();
    match (text("op"), parent) {
        ("test", parent) => {
            let old = match parent {
                Value::Array(items) => &items[key.parse::<usize>().expect("an index")],
                parent => &parent[key],
            };
            assert_eq!(*old, value);
        }
        ("add", Value::Object(members)) => {
            let old = members.insert(key.to_owned(), value);
            assert!(old.is_none_or(|old| old.is_null()));
        }
        ("replace", Value::Object(members)) => {
            assert!(members.insert(key.to_owned(), value).is_some());
        }
        ("remove", Value::Object(members)) => assert!(members.remove(key).is_some()),
        (other, _) => panic!("an operation that was not expected: {other}"),
    }
}

fn merge(object: &mut Value, patch: Value) {
    match (object, patch) {
        (Value::Object(members), Value::Object(changes)) => {
            for (key, change) in changes {
                if change.is_null() {
                    members.remove(&key);
                } else {
                    merge(members.entry(key).or_insert(Value::Null), change);
                }
            }
        }
        (object, patch) => *object = patch,
    }
}

#[test]
fn real_manifests_read_as_wanted_after_the_edit() {
    let files = real_manifests();
    let mut runner = TestRunner::new(Config::with_cases(48));
    let check = |wish: Wish| {
        for (name, bytes) in &files {
            check_round_trip(name, bytes, &wish);
        }
        Ok(())
    };
    runner.run(&wish(), check).expect("every wish comes true");
}

#[test]
fn manifests_of_any_style_read_as_wanted_after_the_edit() {
    let mut runner = TestRunner::new(Config::with_cases(1500));
    let check = |(text, wish): (String, Wish)| {
        check_round_trip(&text, text.as_bytes(), &wish);
        Ok(())
    };
    let cases = (made_up::manifest(), wish());
    runner.run(&cases, check).expect("every wish comes true");
}

#[test]
fn git_applies_the_diffs() {
    let folder = tempfile::tempdir().expect("a folder");
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .current_dir(folder.path())
            .args(["-c", "core.autocrlf=false"])
            .args(arguments)
            .env(
                "GIT_CEILING_DIRECTORIES",
                folder.path().parent().expect("it has a parent"),
            )
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git is there");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    fs::create_dir(folder.path().join("some dir")).expect("it can be made");
    let file = folder.path().join("some dir/hpa.yaml");
    let mut runner = TestRunner::deterministic();
    let crlf = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .replace('\n', "\r\n")
            .into_bytes()
    };
    for (name, bytes) in real_manifests() {
        let is_yaml = !name.ends_with("json");
        let trimmed = bytes.trim_ascii_end().to_vec();
        for bytes in [
            bytes.clone(),
            if is_yaml { crlf(&bytes) } else { bytes },
            trimmed,
        ] {
            let wish = wish().new_tree(&mut runner).expect("a wish").current();
            let autoscaler = read_bytes(&bytes).autoscalers.pop().expect("there is one");
            let Ok(patch) = edits(&autoscaler, &wanted(&autoscaler, &wish)) else {
                assert!(name.ends_with("own-anchors.yaml"), "{name}");
                continue;
            };
            if patch.edits.is_empty() {
                continue;
            }
            fs::write(&file, &bytes).expect("it can be written");
            fs::write(folder.path().join("a.diff"), patch.unified_diff())
                .expect("it can be written");
            git(&["apply", "--check", "a.diff"]);
            git(&["apply", "--whitespace=nowarn", "a.diff"]);
            let applied = fs::read(&file).expect("it can be read");
            assert_eq!(
                String::from_utf8_lossy(&applied),
                String::from_utf8_lossy(&patch.after),
                "{name}"
            );
        }
    }
}

const ONE: &str = "apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: a}
spec:
  scaleTargetRef: {kind: Deployment, name: a, apiVersion: apps/v1}
  maxReplicas: 5
";

fn one(text: &str) -> Autoscaler {
    let mut manifests = read_bytes(text.as_bytes());
    assert_eq!(manifests.errors, []);
    manifests.autoscalers.remove(0)
}

#[test]
fn files_that_are_not_the_text_that_was_read_are_refused() {
    let from_pipe = read(vec![Source {
        name: "<stdin>".to_owned(),
        bytes: ONE.as_bytes().to_vec(),
    }]);
    let refused = edits(&from_pipe.autoscalers[0], &from_pipe.autoscalers[0].spec);
    assert!(matches!(refused, Err(PatchError::NoFile { .. })));
    let utf16: Vec<u8> = format!("\u{feff}{ONE}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let autoscaler = &read_bytes(&utf16).autoscalers[0];
    let refused = edits(autoscaler, &autoscaler.spec).expect_err("it is refused");
    assert_eq!(
        refused.to_string(),
        "`some dir/hpa.yaml` is in UTF-16, expected a manifest in plain UTF-8 to patch it in place"
    );
}

#[test]
fn a_value_that_others_share_is_refused_by_its_name() {
    let text = ONE.replace("maxReplicas: 5", "maxReplicas: &max 5") + "---\nmax: 1\nx: *max\n";
    let autoscaler = read_bytes(text.as_bytes()).autoscalers.remove(0);
    let mut wanted = autoscaler.spec.clone();
    wanted.max_replicas = 9;
    let refused = edits(&autoscaler, &wanted).expect_err("it is refused");
    assert!(
        refused
            .to_string()
            .starts_with("line 6: spec.maxReplicas is shared through the anchor `&max`")
    );
    // Without the alias the anchor hinders nothing.
    let autoscaler = one(&ONE.replace("maxReplicas: 5", "maxReplicas: &max 5"));
    let patch = edits(&autoscaler, &wanted).expect("it can be patched");
    assert!(String::from_utf8_lossy(&patch.after).contains("maxReplicas: &max 9\n"));
}

#[test]
fn what_the_api_server_refuses_is_not_written() {
    let autoscaler = one(ONE);
    let mut wanted = autoscaler.spec.clone();
    wanted.min_replicas = 9;
    let refused = edits(&autoscaler, &wanted).expect_err("it is refused");
    assert!(
        refused.to_string().contains("below minReplicas"),
        "{refused}"
    );
    wanted.metrics.clear();
    assert_eq!(
        edits(&autoscaler, &wanted).err(),
        Some(PatchError::OtherMetrics)
    );
}

#[test]
fn an_old_version_gets_what_it_has_fields_for_and_the_rest_is_told() {
    let text = ONE.replace("/v2", "/v1") + "  targetCPUUtilizationPercentage: 50 # percent\n";
    let autoscaler = one(&text);
    let wish = Wish::plain(2, 9, 70);
    let patch = edits(&autoscaler, &wanted(&autoscaler, &wish)).expect("it can be patched");
    assert_eq!(
        String::from_utf8_lossy(&patch.after),
        text.replace("  maxReplicas: 5", "  minReplicas: 2\n  maxReplicas: 9")
            .replace("50 #", "70 #")
    );
    assert_eq!(
        patch.plan.left_out,
        [
            "autoscaling/v1 has no behavior: spec.behavior.scaleDown.stabilizationWindowSeconds (60) needs autoscaling/v2"
        ]
    );
}

#[test]
fn several_autoscalers_of_a_file_are_patched_together() {
    let text = format!("{ONE}---\n{}", ONE.replace("name: a}", "name: b}"));
    let autoscalers = read_bytes(text.as_bytes()).autoscalers;
    let patches: Vec<Patch> = autoscalers
        .iter()
        .map(|autoscaler| {
            let mut wanted = autoscaler.spec.clone();
            wanted.max_replicas = 7;
            edits(autoscaler, &wanted).expect("it can be patched")
        })
        .collect();
    let joined = Patch::join(&patches).expect("they don't overlap");
    let after = Patch::apply(text.as_bytes(), &joined);
    assert_eq!(
        String::from_utf8_lossy(&after),
        text.replace("maxReplicas: 5", "maxReplicas: 7")
    );
    assert_eq!(Patch::join(&[patches[0].clone(), patches[0].clone()]), None);
}

const SCALED: &str = "apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: orders, namespace: shop}
spec:
  scaleTargetRef: {name: orders} # the consumers
  maxReplicaCount: 20
  triggers:
  - type: prometheus
    metadata:
      query: sum(rate(orders[1m]))
      threshold: '12.5'
  - type: kafka
    metadata: {topic: t}
";

#[test]
fn a_scaled_object_is_patched_in_its_own_fields() {
    let autoscaler = one(SCALED);
    let mut wanted = autoscaler.spec.clone();
    wanted.min_replicas = 2;
    wanted.max_replicas = 30;
    for (metric, milli) in wanted.metrics.iter_mut().zip([7_250, 15_000]) {
        let MetricSpec::External { target, .. } = metric else {
            panic!("it is External");
        };
        *target = MetricTarget::AverageValue(milli);
    }
    let mut behavior = Behavior::api_default();
    behavior.scale_down.stabilization_window = Some(SimDuration::from_seconds(60));
    wanted.behavior = Some(behavior);
    let patch = edits(&autoscaler, &wanted).expect("it can be patched");
    // It goes to zero as before: with a floor above zero that has to be said.
    assert_eq!(
        String::from_utf8_lossy(&patch.after),
        SCALED
            .replace(
                "  maxReplicaCount: 20\n",
                "  idleReplicaCount: 0\n  minReplicaCount: 2\n  maxReplicaCount: 30\n"
            )
            .replace("'12.5'", "'7.25'")
            .replace("{topic: t}", "{topic: t, lagThreshold: \"15\"}")
            + "  advanced:\n    horizontalPodAutoscalerConfig:\n      behavior:\n        scaleDown:\n          \
               stabilizationWindowSeconds: 60\n"
    );
    assert_eq!(patch.plan.left_out, [""; 0]);
    assert!(
        patch
            .plan
            .strategic_merge()
            .starts_with("apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata:\n  name: orders\n  namespace: shop\nspec:\n"),
    );
}

#[test]
fn what_a_trigger_cannot_say_is_left_out() {
    let autoscaler = one(SCALED);
    let mut wanted = autoscaler.spec.clone();
    if let MetricSpec::External { target, .. } = &mut wanted.metrics[1] {
        *target = MetricTarget::AverageValue(12_500);
    }
    let plan = edits(&autoscaler, &wanted).expect("nothing changes").plan;
    assert!(plan.is_empty());
    assert_eq!(
        plan.left_out,
        ["the target of s1-kafka-t: this trigger takes whole numbers only"]
    );
    wanted.min_replicas = 0;
    let refused = edits(&autoscaler, &wanted).expect_err("KEDA's autoscaler never has 0");
    assert!(
        refused.to_string().contains("activity of triggers"),
        "{refused}"
    );
}
