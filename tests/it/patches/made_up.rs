//! Manifests in many styles of writing.

use proptest::prelude::*;

/// A value to be written down.
#[derive(Clone, Debug)]
enum Value {
    Scalar(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// How values are written down.
#[derive(Clone, Debug)]
struct Style {
    notation: Notation,
    step: usize,
    dash: usize,
    /// How deep objects and lists still stand in lines; those below stand in brackets.
    block_depth: usize,
    comments: bool,
    sorted: bool,
    line_break: &'static str,
    starts: &'static str,
    ends: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Notation {
    Yaml,
    PrettyJson,
    TabbedJson,
    TightJson,
}

/// An autoscaler of any version, written in any style, between other documents or alone.
pub(crate) fn manifest() -> impl Strategy<Value = String> {
    (object(), style()).prop_map(|(object, style)| style.write(&object))
}

fn style() -> impl Strategy<Value = Style> {
    let notation = prop::sample::select(vec![
        Notation::Yaml,
        Notation::Yaml,
        Notation::Yaml,
        Notation::PrettyJson,
        Notation::TabbedJson,
        Notation::TightJson,
    ]);
    (
        notation,
        2_usize..5,
        any::<bool>(),
        0_usize..9,
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(vec!["\n", "\r\n"]),
        prop::sample::select(vec!["", "\u{feff}", "---\n", "# head\n\na: [1]\n---\n"]),
        prop::sample::select(vec!["", "\n", "\n# tail\n", "\n---\n# next\nb: {c: 1}\n"]),
    )
        .prop_map(
            |(
                notation,
                step,
                indents_lists,
                block_depth,
                comments,
                sorted,
                line_break,
                starts,
                ends,
            )| Style {
                notation,
                step,
                dash: if indents_lists { step } else { 0 },
                block_depth: block_depth + 1,
                comments,
                sorted,
                line_break,
                starts,
                ends: if ends.is_empty() && block_depth == 0 {
                    "\n"
                } else {
                    ends
                },
            },
        )
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it takes numbers and texts alike"
)]
fn scalar(text: impl ToString) -> Value {
    Value::Scalar(text.to_string())
}

fn members(members: Vec<Option<(&str, Value)>>) -> Value {
    let members = members.into_iter().flatten();
    Value::Object(
        members
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn object() -> impl Strategy<Value = Value> {
    let version = prop::sample::select(vec!["v2", "v2", "v2", "v2", "v2beta2", "v2beta1", "v1"]);
    version.prop_flat_map(|version| {
        let behavior = if version == "v2" || version == "v2beta2" {
            behavior().boxed()
        } else {
            Just(None).boxed()
        };
        (
            proptest::option::of(1..4),
            4..40,
            metrics(version),
            behavior,
        )
            .prop_map(move |(min, max, metrics, behavior)| {
                let target = members(vec![
                    Some(("apiVersion", scalar("apps/v1"))),
                    Some(("kind", scalar("Deployment"))),
                    Some(("name", scalar("web"))),
                ]);
                let metrics_key = if version == "v1" {
                    "targetCPUUtilizationPercentage"
                } else {
                    "metrics"
                };
                let spec = members(vec![
                    Some(("scaleTargetRef", target)),
                    min.map(|min| ("minReplicas", scalar(min))),
                    Some(("maxReplicas", scalar(max))),
                    metrics.map(|metrics| (metrics_key, metrics)),
                    behavior.map(|behavior| ("behavior", behavior)),
                ]);
                members(vec![
                    Some(("apiVersion", scalar(format!("autoscaling/{version}")))),
                    Some(("kind", scalar("HorizontalPodAutoscaler"))),
                    Some(("metadata", members(vec![Some(("name", scalar("wéb")))]))),
                    Some(("spec", spec)),
                ])
            })
    })
}

fn metrics(version: &'static str) -> BoxedStrategy<Option<Value>> {
    if version == "v1" {
        return proptest::option::of((1..100).prop_map(scalar)).boxed();
    }
    let target = move |kind: &'static str, key: &'static str, old: &'static str, number: String| {
        if version == "v2beta1" {
            (old, scalar(number))
        } else {
            let target = members(vec![
                Some(("type", scalar(kind))),
                Some((key, scalar(number))),
            ]);
            ("target", target)
        }
    };
    let metric = (0..4, 1..100).prop_map(move |(kind, number): (i32, i32)| {
        let named = |name: &str| {
            if version == "v2beta1" {
                ("metricName", scalar(name))
            } else {
                ("metric", members(vec![Some(("name", scalar(name)))]))
            }
        };
        let of = |kind: &str, key: &'static str, source: Vec<Option<(&str, Value)>>| {
            members(vec![
                Some(("type", scalar(kind))),
                Some((key, members(source))),
            ])
        };
        match kind {
            0 => {
                let target = target(
                    "Utilization",
                    "averageUtilization",
                    "targetAverageUtilization",
                    number.to_string(),
                );
                of(
                    "Resource",
                    "resource",
                    vec![Some(("name", scalar("cpu"))), Some(target)],
                )
            }
            1 => {
                let target = target(
                    "AverageValue",
                    "averageValue",
                    "targetAverageValue",
                    format!("{number}Mi"),
                );
                of(
                    "Resource",
                    "resource",
                    vec![Some(("name", scalar("memory"))), Some(target)],
                )
            }
            2 => {
                let target = target(
                    "AverageValue",
                    "averageValue",
                    "targetAverageValue",
                    format!("{number}m"),
                );
                of("Pods", "pods", vec![Some(named("rps")), Some(target)])
            }
            _ => {
                let target = target("Value", "value", "targetValue", number.to_string());
                of(
                    "External",
                    "external",
                    vec![Some(named("queue")), Some(target)],
                )
            }
        }
    });
    proptest::option::of(prop::collection::vec(metric, 0..4).prop_map(Value::List)).boxed()
}

fn behavior() -> impl Strategy<Value = Option<Value>> {
    let rules = || {
        let policy = (1..100, 1..100).prop_map(|(value, period)| {
            members(vec![
                Some(("type", scalar("Pods"))),
                Some(("value", scalar(value))),
                Some(("periodSeconds", scalar(period))),
            ])
        });
        let policies = prop::collection::vec(policy, 1..4).prop_map(Value::List);
        (
            proptest::option::of(0..1000),
            proptest::option::of(prop::sample::select(vec!["Max", "Min", "Disabled", "null"])),
            proptest::option::of(policies),
        )
            .prop_map(|(window, select, policies)| {
                members(vec![
                    window.map(|window| ("stabilizationWindowSeconds", scalar(window))),
                    select.map(|select| ("selectPolicy", scalar(select))),
                    policies.map(|policies| ("policies", policies)),
                ])
            })
    };
    let direction = || prop_oneof![4 => rules(), 1 => Just(scalar("null"))];
    let both = (
        proptest::option::of(direction()),
        proptest::option::of(direction()),
    );
    let both = both.prop_map(|(up, down)| {
        members(vec![
            up.map(|up| ("scaleUp", up)),
            down.map(|down| ("scaleDown", down)),
        ])
    });
    proptest::option::of(prop_oneof![5 => both, 1 => Just(scalar("null"))])
}

impl Style {
    fn write(&self, object: &Value) -> String {
        let mut object = object.clone();
        if self.sorted {
            sort(&mut object);
        }
        let (starts, ends) = match self.notation {
            Notation::Yaml => (self.starts, self.ends),
            _ => (
                "",
                self.ends
                    .split('#')
                    .next()
                    .unwrap_or_default()
                    .trim_end_matches("---\n"),
            ),
        };
        let text = match self.notation {
            Notation::Yaml => self.block(&object, 0, 0).join("\n"),
            _ => self.json(&object, 0),
        };
        format!("{starts}{text}{ends}").replace('\n', self.line_break)
    }

    fn block(&self, value: &Value, column: usize, depth: usize) -> Vec<String> {
        let blanks = " ".repeat(column);
        let mut lines = Vec::new();
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    if self.comments && key.len() % 3 == 0 {
                        lines.push(format!("{blanks}# of {key}"));
                    }
                    let note = if self.comments && key.len() % 2 == 0 {
                        "  # why"
                    } else {
                        ""
                    };
                    if self.is_block(value, depth) {
                        lines.push(format!("{blanks}{key}:{note}"));
                        let step = if matches!(value, Value::List(_)) {
                            self.dash
                        } else {
                            self.step
                        };
                        lines.extend(self.block(value, column + step, depth + 1));
                    } else {
                        lines.push(format!("{blanks}{key}: {}{note}", self.flow(value)));
                    }
                }
            }
            Value::List(items) => {
                for item in items {
                    if self.is_block(item, depth) {
                        let mut inner = self.block(item, column + 2, depth + 1);
                        let first = inner
                            .iter()
                            .position(|line| !line.trim_start().starts_with('#'))
                            .unwrap_or(0);
                        inner[first].replace_range(column..=column, "-");
                        lines.extend(inner);
                    } else {
                        lines.push(format!("{blanks}- {}", self.flow(item)));
                    }
                }
            }
            Value::Scalar(text) => lines.push(format!("{blanks}{text}")),
        }
        lines
    }

    fn is_block(&self, value: &Value, depth: usize) -> bool {
        let has_parts = match value {
            Value::Scalar(_) => false,
            Value::List(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
        };
        has_parts && depth < self.block_depth
    }

    fn flow(&self, value: &Value) -> String {
        match value {
            Value::Scalar(text) if text == "null" && self.dash > 0 => String::new(),
            Value::Scalar(text) => text.clone(),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(members) => {
                let members = members
                    .iter()
                    .map(|(key, value)| format!("{key}: {}", self.flow(value)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn json(&self, value: &Value, depth: usize) -> String {
        let (parts, [open, close]): (Vec<String>, _) = match value {
            Value::Scalar(text) if text == "null" || text.parse::<i64>().is_ok() => {
                return text.clone();
            }
            Value::Scalar(text) => return format!("\"{text}\""),
            Value::List(items) => (
                items
                    .iter()
                    .map(|item| self.json(item, depth + 1))
                    .collect(),
                ["[", "]"],
            ),
            Value::Object(members) => {
                let blank = if self.notation == Notation::TightJson {
                    ""
                } else {
                    " "
                };
                let members = members.iter();
                let members = members.map(|(key, value)| {
                    format!("\"{key}\":{blank}{}", self.json(value, depth + 1))
                });
                (members.collect(), ["{", "}"])
            }
        };
        let unit = match self.notation {
            Notation::TabbedJson => "\t".to_owned(),
            _ => " ".repeat(self.step),
        };
        if parts.is_empty() || self.notation == Notation::TightJson {
            return format!("{open}{}{close}", parts.join(","));
        }
        let inner = unit.repeat(depth + 1);
        let parts = parts.join(&format!(",\n{inner}"));
        format!("{open}\n{inner}{parts}\n{}{close}", unit.repeat(depth))
    }
}

fn sort(value: &mut Value) {
    match value {
        Value::Scalar(_) => {}
        Value::List(items) => items.iter_mut().for_each(sort),
        Value::Object(members) => {
            members.sort_by(|a, b| a.0.cmp(&b.0));
            for (_, value) in members {
                sort(value);
            }
        }
    }
}
