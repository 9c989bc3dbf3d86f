//! What the tests of this folder share.

use super::edits;
use crate::hpa::{Behavior, HpaSpec};
use crate::manifest::{Autoscaler, Source, read};

/// The lines before `spec` of an autoscaler of v2.
pub(super) const HEAD: &str =
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n";

/// The only autoscaler of a file.
#[track_caller]
pub(super) fn autoscaler(text: &str) -> Autoscaler {
    let mut manifests = read(vec![Source {
        name: "hpa.yaml".to_owned(),
        bytes: text.as_bytes().to_vec(),
    }]);
    assert_eq!(manifests.errors, []);
    manifests.autoscalers.remove(0)
}

/// Checks what a file becomes when something else is wanted of its autoscaler.
#[track_caller]
pub(super) fn check(before: &str, change: impl FnOnce(&mut HpaSpec), after: &str) {
    let autoscaler = autoscaler(before);
    let mut wanted = autoscaler.spec.clone();
    change(&mut wanted);
    match edits(&autoscaler, &wanted) {
        Ok(patch) => assert_eq!(String::from_utf8_lossy(&patch.after), after),
        Err(error) => panic!("{error}"),
    }
}

/// The wanted behavior, the defaults of the API where there is none.
pub(super) fn behavior(wanted: &mut HpaSpec) -> &mut Behavior {
    wanted.behavior.get_or_insert_with(Behavior::api_default)
}
