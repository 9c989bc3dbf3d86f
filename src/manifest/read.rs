//! Reads files into autoscalers and workloads, going on past what is wrong.

use std::sync::Arc;

use super::builder::Builder;
use super::error::{ErrorKind, Fault, ManifestError};
use super::field_path::FieldPath;
use super::gather::{Collector, Purpose};
use super::json::{self, JsonFault};
use super::manifests::Manifests;
use super::objects::Objects;
use super::source::{Chunk, Source, SourceText};
use super::{template, yaml};

/// Longer text is read document by document, so that one that is wrong does not make the whole be read again.
const SHORT: usize = 256 << 10;

/// Reads files for rules one after another, with what they share made once. For many files there may be one on each thread.
#[derive(Debug)]
pub struct ObjectReader {
    paths: FieldPath,
}

/// Reads files. What is wrong is in `Manifests::errors`; everything else is read all the same.
#[must_use]
pub fn read(sources: Vec<Source>) -> Manifests {
    let mut manifests = Manifests::default();
    for source in sources {
        read_source(source, &mut manifests);
    }
    manifests
}

/// Reads files for rules: every object with its places, also of kinds that are not replayed, and also autoscalers that
/// the API server refuses.
#[must_use]
pub fn read_objects(sources: Vec<Source>) -> Objects {
    let mut objects = Objects::default();
    let reader = ObjectReader::new();
    for source in sources {
        reader.read_into(source, &mut objects);
    }
    objects
}

impl ObjectReader {
    /// One that has read nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            paths: FieldPath::root(),
        }
    }

    /// Reads a file as [`read_objects`] does.
    #[must_use]
    pub fn read(&self, source: Source) -> Objects {
        let mut objects = Objects::default();
        self.read_into(source, &mut objects);
        objects
    }

    fn read_into(&self, source: Source, objects: &mut Objects) {
        match collect(source, Purpose::Rules, &self.paths) {
            Ok(collector) => collector.move_into_objects(objects),
            Err(error) => objects.errors.push(error),
        }
    }
}

impl Default for ObjectReader {
    fn default() -> Self {
        Self::new()
    }
}

fn read_source(source: Source, manifests: &mut Manifests) {
    match collect(source, Purpose::Replay, &FieldPath::root()) {
        Ok(collector) => collector.move_into(manifests),
        Err(error) => manifests.errors.push(error),
    }
}

fn collect(
    source: Source,
    purpose: Purpose,
    paths: &FieldPath,
) -> Result<Collector, ManifestError> {
    let text = match SourceText::open(source) {
        Ok(text) => Arc::new(text),
        Err((name, fault)) => return Err(fault.in_source(&name.into())),
    };
    let whole = (text.len() <= SHORT).then(|| text.as_one()).flatten();
    if let Some(whole) = whole {
        let mut collector = Collector::new(&text, purpose, paths);
        if read_at_once(&whole, &mut collector).is_ok() {
            return Ok(collector);
        }
    }
    Ok(read_chunks(&text, Collector::new(&text, purpose, paths)))
}

/// Reads all documents with one parser, as nearly every file can be. Where something is wrong, each has to be read by itself.
fn read_at_once(whole: &Chunk<'_>, collector: &mut Collector) -> Result<(), Fault> {
    yaml::parse(whole, whole.text()?, &mut Builder::new(collector))
}

fn read_chunks(text: &SourceText, mut collector: Collector) -> Collector {
    let mut builder = Builder::new(&mut collector);
    for chunk in text.chunks() {
        if let Err(fault) = read_chunk(&chunk, &mut builder) {
            builder.sink().put_error(fault);
        }
        builder.start_afresh();
        builder.sink().end_list();
    }
    collector
}

fn read_chunk(chunk: &Chunk<'_>, builder: &mut Builder<'_, Collector>) -> Result<(), Fault> {
    let text = chunk.text()?;
    let mut json_fault = None;
    if json::looks_like(text) {
        match json::parse(chunk, text, builder) {
            Ok(()) => return Ok(()),
            Err(JsonFault::Refused(fault)) => return Err(fault),
            Err(JsonFault::NotJson { fault, read }) if read > 0 => return Err(fault),
            // YAML has a notation with braces too.
            Err(JsonFault::NotJson { fault, .. }) => {
                builder.start_afresh();
                builder.sink().end_list();
                json_fault = Some(fault);
            }
        }
    }
    yaml::parse(chunk, text, builder).map_err(|fault| {
        match template::explains(chunk, text, fault.at.line) {
            Some(unrendered) if fault.kind == ErrorKind::Syntax => unrendered,
            _ => json_fault.filter(|_| json::is_meant(text)).unwrap_or(fault),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::manifest::testing::{check_told, deployment_text, hpa_text, read_bytes, read_text};

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n";

    fn hpa() -> String {
        hpa_text("v2", "  maxReplicas: 3\n")
    }

    #[track_caller]
    fn check_errors(text: &str, expected: &[&str]) {
        check_told(&read_text(text).errors, expected);
    }

    #[test]
    fn reading_goes_on_past_a_bad_document() {
        let text = format!("{}---\na: [\n---\n{POD}---\nkind: 5\n---\n{}", hpa(), hpa());
        let manifests = read_text(&text);
        assert_eq!(manifests.autoscalers.len(), 2);
        assert_eq!(
            manifests.skipped,
            BTreeMap::from([("v1/Pod".to_owned(), 1)])
        );
        check_told(
            &manifests.errors,
            &[
                "9:1 not YAML: ",
                "14:7 kind: `5` is a number, expected a string",
            ],
        );
        assert_eq!(manifests.autoscalers[1].origin.line, 16);
    }

    #[track_caller]
    fn check_read_at_once(text: &str, expected: bool) {
        let source = Source {
            name: "a.yaml".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let source = Arc::new(SourceText::open(source).expect("it is text"));
        let new = || Collector::new(&source, Purpose::Rules, &FieldPath::root());
        let mut at_once = new();
        let whole = source.as_one();
        let is_read = whole.is_some_and(|whole| read_at_once(&whole, &mut at_once).is_ok());
        assert_eq!(is_read, expected, "{text}");
        if is_read {
            let objects = |collector: Collector| {
                let mut objects = Objects::default();
                collector.move_into_objects(&mut objects);
                format!("{objects:?}")
            };
            assert_eq!(objects(at_once), objects(read_chunks(&source, new())));
        }
    }

    #[test]
    fn all_documents_at_once_give_what_each_by_itself_does() {
        for text in [
            String::new(),
            format!("# head\n---\n\n{}--- # two\n{POD}...\n# end\n---\n", hpa()),
            format!("{POD}labels:\n---\n{POD}data: |\n  --- x\n  y\n---\n{POD}x: &a 1\ny: *a\n"),
            format!("{POD}\n\n---\n---\n{}metrics:\n- type:\n---\n{POD}", hpa()),
            "a: 1\n---\n- b\n---\ntext\n".to_owned(),
        ] {
            check_read_at_once(&text, true);
            check_read_at_once(&text.replace('\n', "\r\n"), true);
            check_read_at_once(&format!("# é\n{text}"), true);
        }
        for text in [
            format!("{POD}---\n{{\"kind\": \"Pod\"}}\n"),
            format!("{POD}---\n%TAG ! tag:a,2000:\n---\n{POD}"),
            format!("{POD}---\na: [\n---\n{POD}"),
            "a: &x 1\n---\nb: *x\n".to_owned(),
        ] {
            check_read_at_once(&text, false);
        }
    }

    #[test]
    fn lists_give_their_items_wherever_their_kind_stands() {
        let item = hpa().replace('\n', "\n  ");
        let bare = "- metadata: {name: b}\n  spec: {maxReplicas: 1, scaleTargetRef: {apiVersion: a/v1, kind: K, name: t}}\n";
        let nested = "- {kind: List, apiVersion: v1, items: [{kind: Pod, apiVersion: v1}]}\n";
        for text in [
            format!("apiVersion: v1\nitems:\n- {item}\nkind: List\n"),
            format!("apiVersion: v1\nkind: List\nitems:\n{nested}- {item}\n"),
            format!(
                "apiVersion: autoscaling/v2\nitems:\n{bare}kind: HorizontalPodAutoscalerList\n"
            ),
        ] {
            let manifests = read_text(&text);
            check_told(&manifests.errors, &[]);
            assert_eq!(manifests.autoscalers.len(), 1, "{text}");
        }
    }

    #[test]
    fn items_of_what_is_no_list_are_no_objects() {
        let text = format!(
            "apiVersion: v1\nkind: Bag\nitems:\n- {}",
            hpa().replace('\n', "\n  ")
        );
        let manifests = read_text(&text);
        assert_eq!(manifests.autoscalers.len(), 0);
        assert_eq!(
            manifests.skipped,
            BTreeMap::from([("v1/Bag".to_owned(), 1)])
        );
    }

    #[test]
    fn a_list_that_breaks_off_gives_nothing_but_its_error() {
        let manifests = read_text(&format!("items:\n- {}- [", hpa().replace('\n', "\n  ")));
        assert_eq!(manifests.autoscalers.len(), 0);
        assert_eq!(manifests.errors.len(), 1);
    }

    #[test]
    fn what_is_no_manifest_is_said_to_be_none() {
        check_errors("", &["1:1 nothing in it"]);
        check_errors("# only\n---\n# comments\n", &["1:1 nothing in it"]);
        check_errors("a: 1\n", &["1:1 kind is missing"]);
        check_errors(
            "\n- a\n",
            &["2:1 found a list, expected a Kubernetes object"],
        );
        check_errors("text", &["1:1 found a single value"]);
        check_errors("{\"kind\": \"Pod\"}", &["1:1 apiVersion is missing"]);
        check_errors(
            "apiVersion: autoscaling/v3\nkind: HorizontalPodAutoscaler\n",
            &["1:1 apiVersion: `autoscaling/v3` is no version"],
        );
    }

    #[test]
    fn templates_are_to_be_rendered_first() {
        let start = "1:1 this is a Go template";
        check_errors(
            "{{- if .Values.on }}\nkind: Pod\n---\n{{ x }}: y\n{{- end }}\n",
            &[start],
        );
        let text = hpa().replace("maxReplicas: 3", "maxReplicas: \"{{ .Values.max }}\"");
        check_errors(&text, &["6:16 this is a Go template"]);
        check_errors(
            &hpa().replace("maxReplicas: 3", "maxReplicas: {{ max }}"),
            &["6:16 this is a Go template"],
        );
        check_errors(
            &hpa().replace("maxReplicas: 3", "maxReplicas: ${max}"),
            &["6:16 `${...}` is a template's variable"],
        );
        check_errors("%{ if x }\na: b\n", &["1:1 this is a Terraform template"]);
        check_errors(
            "apiVersion: template.openshift.io/v1\nkind: Template\n",
            &["1:1 this is an OpenShift template"],
        );
    }

    #[test]
    fn braces_inside_a_text_make_no_template() {
        let rule = "kind: Rule\napiVersion: v1\nsummary: \"{{ $labels.pod }} is down\"\n";
        check_errors(rule, &[]);
        let broken = format!("{rule}a: [\n");
        check_errors(&broken, &["5:1 not YAML"]);
    }

    #[test]
    fn json_may_be_looser_than_json() {
        check_errors("{apiVersion: v1, kind: Pod}", &[]);
        check_errors("{\"apiVersion\": \"v1\", \"kind\": \"Pod\",}", &[]);
        check_errors(
            "{\"apiVersion\": \"v1\", \"kind\" \"Pod\"}",
            &["1:29 not JSON: found `\"`, expected `:`"],
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let noise: Vec<u8> = (0..4096_u32)
            .map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0])
            .collect();
        assert_eq!(read_bytes(&noise).errors[0].kind, ErrorKind::Encoding);
        let utf16: Vec<u8> = std::iter::once('\u{feff}')
            .chain(hpa().chars())
            .flat_map(|letter| (letter as u16).to_le_bytes())
            .collect();
        assert_eq!(read_bytes(&utf16).autoscalers.len(), 1);
        assert_eq!(read_text(&hpa().replace('\n', "\r\n")).autoscalers.len(), 1);
    }

    #[test]
    fn names_can_not_write_to_the_terminal() {
        let manifests = read_text(&hpa().replace("{name: a}", "{name: \"a\\e[31m\"}"));
        let shown = manifests.errors[0].to_string();
        assert!(
            shown.contains(r"`a\u{1b}[31m` is refused as a name"),
            "{shown}"
        );
        let skipped = read_text("apiVersion: v1\nkind: \"K\\e[2J\"\n").skipped;
        assert_eq!(skipped, BTreeMap::from([(r"v1/K\u{1b}[2J".to_owned(), 1)]));
    }

    #[test]
    fn aliases_can_not_make_a_small_file_a_large_object() {
        let long = "x".repeat(100_000);
        let metric = "  - {type: Pods, pods: {metric: {name: *x}, target: {type: AverageValue, averageValue: 1}}}\n";
        let text = hpa_text(
            "v2",
            &format!(
                "  maxReplicas: 3\n  x: &x {long}\n  metrics:\n{}",
                metric.repeat(1000)
            ),
        );
        let manifests = read_text(&text);
        assert!(
            manifests
                .errors
                .iter()
                .any(|error| error.kind == ErrorKind::TooLarge)
        );
        assert_eq!(manifests.autoscalers.len(), 0);

        let containers = "{name: c},".repeat(1000);
        let object = deployment_text("a", "x").replace("{name: c}", &containers);
        let text = format!(
            "apiVersion: v1\nkind: List\nx: &x {object}items: [{}]\n",
            "*x,".repeat(40_000)
        );
        let manifests = read_text(&text);
        assert_eq!(manifests.errors[0].kind, ErrorKind::TooLarge);
        assert!(manifests.workloads.len() < 1000);
    }

    #[test]
    fn lists_of_lists_of_lists_come_to_an_end() {
        let first = "l0: &l0 {kind: List, apiVersion: v1, items: []}\n".to_owned();
        let others = (1..30).map(|level| {
            let below = format!("*l{},", level - 1).repeat(9);
            format!("l{level}: &l{level} {{kind: List, apiVersion: v1, items: [{below}]}}\n")
        });
        let lists: Vec<String> = std::iter::once(first).chain(others).collect();
        let text = format!(
            "apiVersion: v1\nkind: List\n{}items: [*l29]\n",
            lists.concat()
        );
        assert_eq!(read_text(&text).errors[0].kind, ErrorKind::TooLarge);
    }

    #[test]
    fn an_object_that_outgrows_the_bounds_is_passed_over_or_refused() {
        let many = "- 1\n".repeat(400_000);
        let skipped = read_text(&format!("apiVersion: v1\ndata:\n{many}kind: ConfigMap\n"));
        assert_eq!(
            skipped.skipped,
            BTreeMap::from([("v1/ConfigMap".to_owned(), 1)])
        );
        assert_eq!(skipped.errors, []);
        let refused = read_text(&format!(
            "{}  metrics:\n{}",
            hpa(),
            many.replace('-', "  -")
        ));
        check_told(
            &refused.errors,
            &["1:1 the HorizontalPodAutoscaler is too large"],
        );
        let brackets = format!(
            "{{apiVersion: v1, kind: ConfigMap, data: [{}]}}\n",
            "1,".repeat(400_000)
        );
        check_errors(
            &brackets,
            &["1:1 a list or mapping in brackets, or a text, that is too long"],
        );
    }

    #[test]
    fn many_errors_are_summed_up() {
        let manifests = read_text(&"---\na: [\n".repeat(70));
        assert_eq!(manifests.errors.len(), 51);
        assert_eq!(
            manifests.errors[50].message,
            "20 further errors in this file"
        );
    }

    #[test]
    fn an_autoscaler_can_be_traced_back_to_its_bytes() {
        let text = format!("# é\n---\n{}", hpa());
        let manifests = read_text(&text);
        let autoscaler = &manifests.autoscalers[0];
        let max = autoscaler
            .written
            .max_replicas
            .as_ref()
            .expect("it is written");
        assert_eq!(&text[max.span.start.offset..max.span.end], "3");
        assert_eq!(max.path, "spec.maxReplicas");
        let spec = autoscaler
            .document
            .root()
            .get("spec")
            .expect("it has a spec");
        assert_eq!(
            spec.get("maxReplicas").map(|node| node.span()),
            Some(max.span)
        );
        assert_eq!(autoscaler.document.source_bytes(), text.as_bytes());
    }

    #[test]
    fn what_is_hardly_meant_is_warned_of() {
        let text = hpa_text(
            "v2",
            "  maxReplicas: 3\n  minReplica: 2\n  metrics:\n  - {type: Pods, pods: {metric: {name: m}, target: {type: Value, averageValue: 1}}}\n",
        );
        let manifests = read_text(&text.replace("apiVersion: apps/v1, ", ""));
        check_told(
            &manifests.warnings,
            &[
                "5:19 spec.scaleTargetRef: no apiVersion",
                "7:3 `spec.minReplica` is no field here, the API server ignores it; did you mean `minReplicas`?",
                "9:59 spec.metrics[0].pods.target.type: `Value` beside a target that is a `AverageValue`",
            ],
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "[-:{}&*<|>'\"\\[\\] \n\ta-c0-9#?!%@,~.\\\\]{0,200}") {
            let manifests = read_text(&text);
            prop_assert!(!manifests.errors.is_empty());
        }

        #[test]
        fn any_text_is_read_alike_at_once(text in "(---|[-:&*<|>'\"\\[\\] \n\ta-c#?!%@,~]){0,60}") {
            let text = format!("{POD}x:\n{text}\n---\n{POD}");
            let source = Source { name: String::new(), bytes: text.into_bytes() };
            let source = Arc::new(SourceText::open(source).expect("it is text"));
            let new = || Collector::new(&source, Purpose::Rules, &FieldPath::root());
            let mut at_once = new();
            let whole = source.as_one();
            if whole.is_some_and(|whole| read_at_once(&whole, &mut at_once).is_ok()) {
                let objects = |collector: Collector| {
                    let mut objects = Objects::default();
                    collector.move_into_objects(&mut objects);
                    format!("{objects:?}")
                };
                prop_assert_eq!(objects(at_once), objects(read_chunks(&source, new())));
            }
        }

        #[test]
        fn any_line_may_stand_in_an_autoscaler(line in "[-:{}&*<|>'\"\\[\\] a-c0-9#?!,~.]{0,40}") {
            let manifests = read_text(&hpa_text("v2", &format!("  maxReplicas: 3\n  {line}\n")));
            let is_read = manifests.autoscalers.len() == 1;
            prop_assert!(is_read == manifests.errors.is_empty());
        }
    }
}
