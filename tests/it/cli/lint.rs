//! `scaleplan lint` and `scaleplan explain`.

use std::fs;

use serde_json::{Value, json};

use super::{Ran, Sandbox, WEB};
use crate::reports::schema;

/// A workload whose count is at odds with its autoscaler (SP204), and nothing else.
fn faulty() -> String {
    WEB.replace("\nspec:\n  selector", "\nspec:\n  replicas: 3\n  selector")
        .replace("minReplicas: 1", "minReplicas: 2")
}

/// Nothing to find.
fn good() -> String {
    faulty().replace("  replicas: 3\n", "")
}

/// With a comment behind the count.
fn commented(comment: &str) -> String {
    faulty().replace("replicas: 3\n", &format!("replicas: 3 # {comment}\n"))
}

/// A folder with `k8s/web.yaml` in it.
fn sandbox(manifest: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("k8s/web.yaml", manifest);
    sandbox
}

/// The codes in a JSON report's list.
fn codes(report: &Value, list: &str) -> Vec<String> {
    let findings = report[list].as_array().expect("a list");
    let code = |it: &Value| {
        it["code"]
            .as_str()
            .or(it["finding"]["code"].as_str())
            .map(str::to_owned)
    };
    findings.iter().filter_map(code).collect()
}

fn json_of(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
}

#[test]
fn a_finding_is_shown_with_its_line_and_help() {
    let ran = sandbox(&faulty()).run("lint k8s --select SP204");
    assert_eq!(ran.code, 1);
    let expected = "\
warning[SP204 static-replicas]: replicas is set to `3` here, while HorizontalPodAutoscaler `web` scales this Deployment
  --> k8s/web.yaml:17:13
   |
17 |   replicas: 3
   |             ^
   = help: remove replicas and leave the count to the autoscaler
   = see: k8s/web.yaml:4:9 the autoscaler

1 warning in 1 file
";
    assert_eq!(ran.stdout, expected);
}

#[test]
fn nothing_found_is_said_in_a_line() {
    let ran = sandbox(&good()).run("lint k8s --select SP204");
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "no findings in 1 file with 2 objects\n")
    );
    let ran = sandbox(&good()).run("lint k8s --select SP204 --quiet");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
}

#[test]
fn hostile_text_is_spelled_out() {
    let hostile = faulty().replace("replicas: 3", "replicas: \"3\\u001b[2J\" # \u{202e}x");
    let ran = sandbox(&hostile).run("lint k8s");
    let strays = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
    assert!(!ran.stdout.contains(strays), "{:?}", ran.stdout);
    assert!(ran.stdout.contains("\\u{202e}x"), "{}", ran.stdout);
}

#[test]
fn severities_decide_how_it_ends() {
    let sandbox = sandbox(&faulty());
    for (arguments, code) in [
        ("", 1),
        ("--fail-on error", 0),
        ("--fail-on info", 1),
        ("--fail-on never", 0),
        ("--severity SP204=info", 0),
        ("--severity SP204=error --fail-on error", 1),
        ("--ignore static-replicas", 0),
        ("--exclude k8s/web.yaml", 0),
    ] {
        let ran = sandbox.run(&format!("lint k8s {arguments} --select SP204"));
        // Of equal codes the one that is ignored wins.
        assert_eq!(ran.code, code, "{arguments}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn what_cannot_be_read_ends_with_2_and_the_rest_is_told() {
    let sandbox = sandbox(&faulty());
    let ran = sandbox.run("lint k8s missing.yaml --select SP204");
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.contains("SP204"), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("error: missing.yaml: cannot be read"),
        "{}",
        ran.stderr
    );
    sandbox
        .run("lint k8s -o xml")
        .refused("invalid value 'xml'");
    sandbox
        .run("lint k8s -o json -o text")
        .refused("--output names two forms");
    sandbox
        .run("lint k8s --select SP999")
        .refused("invalid value 'SP999'");
    sandbox.run("lint --fix -").refused("--fix edits files");
    sandbox
        .run("lint - -")
        .refused("standard input (-) was named twice");
    sandbox
        .run("explain statik-replicas")
        .refused("`statik-replicas` is no rule, did you mean");
}

#[test]
fn standard_input_is_read() {
    let ran = sandbox("").run_with("lint - --select SP204", faulty());
    assert!(ran.stdout.contains("--> <stdin>:17:13"), "{}", ran.stdout);
}

#[test]
fn every_form_goes_to_its_place() {
    let sandbox = sandbox(&faulty());
    let ran = sandbox.run(
        "lint k8s --select SP204 -o text -o json=a.json -o sarif=a.sarif -o junit=a.xml -o github=a.txt -o gitlab=b.json",
    );
    assert!(ran.stdout.starts_with("warning[SP204"), "{}", ran.stdout);
    for (name, part) in [
        ("a.json", "\"code\": \"SP204\""),
        ("a.sarif", "\"ruleId\": \"SP204\""),
        ("a.xml", "<failure type=\"warning\""),
        (
            "a.txt",
            "::warning file=k8s/web.yaml,line=17,col=13,endLine=17,endColumn=14,title=SP204 static-replicas::",
        ),
        ("b.json", "\"check_name\": \"SP204 static-replicas\""),
    ] {
        let text = fs::read_to_string(sandbox.path(name)).expect("the file was written");
        assert!(text.contains(part), "{name}: {text}");
    }
    let again = sandbox.run("lint k8s --select SP204 -o gitlab -q");
    let first = fs::read_to_string(sandbox.path("b.json")).expect("the file was written");
    assert_eq!(again.stdout, first);
}

#[test]
fn json_keeps_the_published_schema() {
    let schema = include_str!("../../../docs/lint-schema.json");
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    for manifest in [
        faulty(),
        commented("scaleplan: ignore SP204 Argo CD"),
        commented("scaleplan: ignore SP211 nothing"),
        "a: [".to_owned(),
    ] {
        let report = json_of(&sandbox(&manifest).run("lint k8s -o json"));
        assert_eq!(schema::breaches(&schema, &report), Vec::<String>::new());
    }
}

#[test]
fn sarif_has_the_shape_that_code_scanning_takes() {
    let sandbox = sandbox(&commented("scaleplan: ignore SP204 Argo CD"));
    sandbox.write(
        "k8s/b c.yaml",
        commented("scaleplan: ignore SP211 nothing").replace("web", "api"),
    );
    sandbox.run("lint k8s --write-baseline known.json");
    let sarif = json_of(&sandbox.run("lint k8s -o sarif --baseline known.json"));
    assert_eq!(
        schema::breaches(&sarif_shape(), &sarif),
        Vec::<String>::new()
    );
    let results = sarif["runs"][0]["results"].as_array().expect("a list");
    let of = |code: &str| {
        let result = results.iter().filter(|it| it["ruleId"] == code);
        result.cloned().collect::<Vec<Value>>()
    };
    let known = &of("SP002")[0];
    assert_eq!(known["baselineState"], "unchanged");
    let uri = &known["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(*uri, "k8s/b%20c.yaml");
    let change = &known["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["insertedContent"]["text"], "");
    let silenced = of("SP204")
        .into_iter()
        .find(|it| !it["suppressions"].is_null());
    let silenced = silenced.expect("one is silenced");
    assert_eq!(
        silenced["suppressions"],
        json!([{"kind": "inSource", "justification": "Argo CD"}])
    );
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .expect("a list");
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("a number");
        let rule = &rules[usize::try_from(index).expect("a small number")];
        assert_eq!(rule["id"], result["ruleId"]);
    }
}

/// What of SARIF 2.1.0 we use, after its schema; keys that it does not name are refused.
fn sarif_shape() -> Value {
    let text = json!({"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}, "markdown": {"type": "string"}}});
    let level = json!({"enum": ["none", "note", "warning", "error"]});
    let number = json!({"type": "integer", "minimum": 1});
    let count = json!({"type": "integer", "minimum": 0});
    let artifact = json!({"type": "object", "properties": {"uri": {"type": "string"}, "uriBaseId": {"const": "%SRCROOT%"}}});
    let physical = json!({"type": "object", "properties": {"artifactLocation": artifact, "region": {"type": "object", "properties": {
        "startLine": number, "startColumn": number, "endLine": number, "endColumn": number,
    }}}});
    let logical = json!({"type": "array", "items": {"type": "object", "properties": {"kind": {"const": "object"}, "fullyQualifiedName": {"type": "string"}}}});
    let rule = json!({"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string"}, "name": {"type": "string"}, "shortDescription": text, "fullDescription": text, "help": text,
        "defaultConfiguration": {"type": "object", "properties": {"level": level}},
        "properties": {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string"}}}},
    }});
    let replacement = json!({"type": "object", "required": ["deletedRegion"], "properties": {
        "deletedRegion": {"type": "object", "properties": {"byteOffset": count, "byteLength": count}}, "insertedContent": text,
    }});
    let fix = json!({"type": "object", "required": ["artifactChanges"], "properties": {"description": text, "artifactChanges": {"type": "array", "items": {
        "type": "object", "required": ["artifactLocation", "replacements"],
        "properties": {"artifactLocation": artifact, "replacements": {"type": "array", "items": replacement}},
    }}}});
    let result = json!({"type": "object", "required": ["message", "ruleId", "ruleIndex", "level", "locations"], "properties": {
        "ruleId": {"type": "string"}, "ruleIndex": count, "level": level, "message": text,
        "locations": {"type": "array", "items": {"type": "object", "properties": {"physicalLocation": physical, "logicalLocations": logical}}},
        "relatedLocations": {"type": "array", "items": {"type": "object", "properties": {"physicalLocation": physical, "message": text}}},
        "partialFingerprints": {"type": "object", "properties": {"scaleplan/v1": {"type": "string"}}},
        "fixes": {"type": "array", "items": fix},
        "baselineState": {"enum": ["new", "unchanged", "updated", "absent"]},
        "suppressions": {"type": "array", "items": {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["inSource", "external"]}, "justification": {"type": "string"}}}},
    }});
    json!({"type": "object", "required": ["version", "runs"], "properties": {
        "$schema": {"type": "string"}, "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"type": "object", "required": ["tool", "results"], "properties": {
            "tool": {"type": "object", "required": ["driver"], "properties": {"driver": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "semanticVersion": {"type": "string"}, "rules": {"type": "array", "items": rule},
            }}}},
            "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            "results": {"type": "array", "items": result},
        }}},
    }})
}

#[test]
fn settings_are_found_upward_as_far_as_the_repository() {
    let sandbox = sandbox(&faulty());
    let ignoring = "lint: {ignore: [SP204]}\n";
    sandbox.write(".scaleplan.yaml", ignoring);
    let inside = |arguments: &str| {
        let mut command = sandbox.command();
        command.current_dir(sandbox.path("k8s"));
        Ran::of(command.args(arguments.split_whitespace()))
    };
    assert_eq!(inside("lint --select SP2").code, 0);
    assert_eq!(inside("lint --select SP2 --no-config").code, 1);
    sandbox.write("k8s/.git/HEAD", "");
    assert_eq!(inside("lint --select SP2").code, 1);
    assert_eq!(
        inside("lint --select SP2 --config ../.scaleplan.yaml").code,
        0
    );
}

#[test]
fn settings_are_refused_with_what_was_meant() {
    let sandbox = sandbox(&faulty());
    for (text, message) in [
        (
            "lint: {igmore: [SP204]}",
            "s.yaml: lint: `igmore` is no key, did you mean `ignore`?",
        ),
        (
            "lint: {fail-on: sometimes}",
            "s.yaml: lint.fail-on: `sometimes` is no level",
        ),
        ("lint: [", "s.yaml: "),
    ] {
        sandbox.write("s.yaml", text);
        sandbox.run("lint k8s --config s.yaml").refused(message);
    }
    sandbox
        .run("lint k8s --config none.yaml")
        .refused("none.yaml: cannot be read");
}

#[test]
fn settings_leave_out_files_and_name_a_baseline_beside_them() {
    let sandbox = sandbox(&faulty());
    sandbox.write("k8s/charts/x.yaml", "a: {{ x }}\n");
    sandbox.write(
        ".scaleplan.yaml",
        "lint: {exclude: [charts], baseline: known.json, select: [SP0, SP204]}\n",
    );
    let ran = sandbox.run("lint k8s --no-config --select SP0,SP204 --write-baseline known.json");
    assert_eq!(ran.code, 0);
    let report = json_of(&sandbox.run("lint k8s -o json"));
    assert_eq!(codes(&report, "findings"), Vec::<String>::new());
    assert_eq!(codes(&report, "known"), ["SP204"]);
}

#[test]
fn a_baseline_hides_what_it_knows_and_nothing_new() {
    let sandbox = sandbox(&faulty());
    let ran = sandbox.run("lint k8s --select SP204 --write-baseline known.json");
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    sandbox.write("k8s/web.yaml", format!("# licence\n{}", faulty()));
    let ran = sandbox.run("lint k8s --select SP204 --baseline known.json");
    assert_eq!(ran.code, 0);
    assert_eq!(
        ran.stdout,
        "no findings in 1 file with 2 objects; 1 in the baseline\n"
    );
    sandbox.write("k8s/api.yaml", faulty().replace("web", "api"));
    let ran = sandbox.run("lint k8s --select SP204 --baseline known.json");
    assert_eq!(ran.code, 1);
    assert!(
        ran.stdout
            .contains("1 warning in 1 of 2 files; 1 in the baseline"),
        "{}",
        ran.stdout
    );
}

#[test]
fn fixes_are_written_and_what_is_left_is_told() {
    let sandbox = sandbox(&commented("scaleplan: ignore SP211 nothing"));
    let ran = sandbox.run("lint k8s --fix --select SP0,SP204,SP211");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("note: mended 1 finding"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stdout.contains("SP002"), "{}", ran.stdout);
    let text = fs::read_to_string(sandbox.path("k8s/web.yaml")).expect("the file is there");
    assert_eq!(text, faulty());
}

#[test]
fn a_compressed_file_is_not_mended() {
    use std::io::Write as _;
    let sandbox = Sandbox::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let text = commented("scaleplan: ignore SP211 nothing");
    packed
        .write_all(text.as_bytes())
        .expect("memory can be written");
    let packed = packed.finish().expect("memory can be written");
    sandbox.write("k8s/web.yaml.gz", &packed);
    sandbox.run("lint k8s --fix");
    assert_eq!(
        fs::read(sandbox.path("k8s/web.yaml.gz")).expect("the file is there"),
        packed
    );
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_come_to_an_end() {
    let sandbox = sandbox(&faulty());
    std::os::unix::fs::symlink(sandbox.path("k8s"), sandbox.path("k8s/again")).expect("a link");
    let report = json_of(&sandbox.run("lint k8s --select SP204 -o json"));
    assert_eq!(report["summary"]["files"], 1);
}

#[test]
fn many_findings_and_many_suppressions_take_no_longer_each() {
    let one = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: a-NUMBER\n  namespace: n-NUMBER\nspec:\n  \
               scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}\n  # scaleplan: ignore SP204 nothing\n  maxReplicas: 10\n";
    let many: String = (0..20_000)
        .map(|number| one.replace("NUMBER", &number.to_string()))
        .collect();
    let sandbox = sandbox(&many);
    let ran = sandbox.run("lint k8s --select SP110,SP204,SP002 --statistics");
    assert!(ran.stdout.contains("20000  SP110"), "{}", ran.stdout);
    assert!(ran.stdout.contains("20000  SP002"), "{}", ran.stdout);
}

#[test]
fn rules_are_listed_and_explained() {
    let sandbox = Sandbox::new();
    let list = sandbox.run("lint --list-rules").stdout;
    assert!(
        list.lines()
            .any(|line| line.starts_with("SP204  static-replicas ")),
        "{list}"
    );
    let by_code = sandbox.run("explain sp204");
    assert!(
        by_code
            .stdout
            .starts_with("SP204 static-replicas (warning)\n\n"),
        "{}",
        by_code.stdout
    );
    assert!(
        by_code.stdout.contains("\nWhy is this bad\n"),
        "{}",
        by_code.stdout
    );
    assert_eq!(
        sandbox.run("explain static-replicas").stdout,
        by_code.stdout
    );
}

#[test]
fn a_baseline_holds_wherever_lint_is_started() {
    let sandbox = sandbox(&faulty());
    sandbox.run("lint k8s --select SP204 --write-baseline known.json");
    let mut command = sandbox.command();
    let command = command.current_dir(sandbox.path("k8s"));
    let elsewhere =
        Ran::of(command.args("lint . --select SP204 --baseline ../known.json".split(' ')));
    assert_eq!(
        elsewhere.stdout,
        "no findings in 1 file with 2 objects; 1 in the baseline\n"
    );
}

#[test]
fn nothing_on_standard_input_is_no_clean_bill() {
    let sandbox = sandbox(&faulty());
    for piped in ["", "# a chart without templates\n---\n"] {
        let ran = sandbox.run_with("lint -", piped);
        assert_eq!(ran.code, 2);
        assert!(
            ran.stderr
                .contains("<stdin>: no Kubernetes object in it, expected manifests"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn statistics_count_each_severity_of_a_rule() {
    let sandbox = sandbox(&faulty());
    let missing = |target: &str, name: &str| {
        format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: {name}}}\nspec:\n  \
             scaleTargetRef: {{apiVersion: {target}, name: {name}}}\n  maxReplicas: 3\n---\n"
        )
    };
    let both =
        missing("apps/v1, kind: StatefulSet", "a") + &missing("example.com/v1, kind: Thing", "b");
    sandbox.write("k8s/web.yaml", both);
    let ran = sandbox.run("lint k8s --select SP201 --statistics -q");
    assert_eq!(
        ran.stdout,
        "1  SP201  dangling-target  warning  The scale target is not there\n\
         1  SP201  dangling-target  info     The scale target is not there\n"
    );
}

#[test]
fn the_beginning_of_codes_is_explained_by_their_list() {
    let sandbox = sandbox(&faulty());
    let ran = sandbox.run("explain sp50");
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout.lines().all(|line| line.starts_with("SP50")),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.lines().count() >= 9);
    assert_eq!(sandbox.run("explain SP7").code, 2);
}
